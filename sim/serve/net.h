/* SPDX-License-Identifier: MIT */
#ifndef SERVE_NET_H
#define SERVE_NET_H

/* Sockets, and waiting for them: POSIX. Descriptors are -1 for none. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>

struct net_wait;

s0_code net_listen(const char *address, uint16_t port, int *ret_fd,
		   uint16_t *ret_port, struct s0_error *err);
/* A local socket that only its owner may use. */
s0_code net_listen_local(const char *path, int *ret_fd, struct s0_error *err);
/* Never blocks; -1 when nobody is there, NET_FULL when somebody is and there is
 * no descriptor left. Who it is, as text. */
#define NET_FULL -2
int net_accept(int listener, char *ret_peer, size_t size);
/* Two connected sockets; only the first does not block. */
s0_code net_pair(int ret_fds[2], struct s0_error *err);
/* A pipe to wake a waiting thread up; neither end blocks. */
s0_code net_pipe(int ret_fds[2], struct s0_error *err);
/* Make a file known to this module: it must be one that can be waited for. */
bool net_usable(int fd);

/* Bytes moved, 0 when it would block, -1 when it is over. */
long net_read(int fd, void *bytes, size_t size);
long net_write(int fd, const void *bytes, size_t length);
void net_close(int fd);
void net_remove(const char *path);
/* A terminal whose foreground is another program: reading would stop us. */
bool net_in_background(int fd);

/* One round of waiting: watch, sleep, ask. NULL when memory runs out. */
struct net_wait *net_wait_new(void);
void net_wait_free(struct net_wait *wait);
void net_clear(struct net_wait *wait);
void net_watch(struct net_wait *wait, int fd, bool read, bool write);
/* At most that long; UINT64_MAX: until something happens. */
void net_sleep(struct net_wait *wait, uint64_t us);
bool net_readable(const struct net_wait *wait, int fd);
bool net_writable(const struct net_wait *wait, int fd);

#endif
