/* SPDX-License-Identifier: MIT */
#ifndef SERVE_HOST_H
#define SERVE_HOST_H

/* What only some operating systems have: host_linux.c, host_other.c. */

#include <stdint.h>

#include <sector0/error.h>

/*
 * Give a connected socket with a USB/IP device behind it to the kernel, which
 * then owns it: the caller's descriptor can be closed.
 */
s0_code host_attach(int fd, uint32_t device_id, unsigned *ret_port,
		    struct s0_error *err);
/* Can it be done at all? */
s0_code host_can_attach(struct s0_error *err);

/* The same in another place than the kernel's, for tests (Linux). */
s0_code host_attach_at(const char *vhci, int fd, uint32_t device_id,
		       unsigned *ret_port, struct s0_error *err);

/* A TCP client that vanished without a word (its cable, its power) is lost after
 * some 25 s. Elsewhere it is when the system's own keepalive says so, which is
 * some two hours. */
void host_notice_loss(int fd);

/* Wake this thread up when its time has come, not some 50 us later; returns
 * what to hand back to undo it. */
long host_be_punctual(long slack);

#endif
