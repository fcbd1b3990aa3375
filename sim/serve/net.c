/* SPDX-License-Identifier: MIT */
#include "sim/serve/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "sim/serve/host.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* Connections that wait to be accepted. */
#define BACKLOG 16

static s0_code complain(struct s0_error *err, s0_code code, const char *what,
			int number)
{
	char why[128];

	if (strerror_r(number, why, sizeof(why)) != 0)
		why[0] = '\0';
	return error_set(err, code, "%s: %s", what, why);
}

static bool set_up(int fd, bool blocks)
{
	int flags = fcntl(fd, F_GETFL);

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return blocks || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

bool net_usable(int fd)
{
	return fd >= 0 && fd < FD_SETSIZE;
}

/* ---- TCP ----------------------------------------------------------------- */

static s0_code bind_failed(const char *address, uint16_t port, int number,
			   struct s0_error *err)
{
	char what[160];
	s0_code code = S0_E_UNSUPPORTED;

	if (number == EADDRINUSE)
		return error_set(err, S0_E_BUSY,
				 "another program listens on port %u of %s",
				 port, address);
	if (number == EACCES || number == EPERM)
		code = S0_E_ACCESS;
	snprintf(what, sizeof(what), "cannot listen on port %u of %.60s", port,
		 address);
	return complain(err, code, what, number);
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &length) != 0)
		return 0;
	if (name.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&name)->sin6_port);
	return ntohs(((struct sockaddr_in *)&name)->sin_port);
}

static int open_listener(const struct addrinfo *info)
{
	int yes = 1, number;
	int fd = socket(info->ai_family, info->ai_socktype, info->ai_protocol);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (net_usable(fd) && set_up(fd, false) &&
	    bind(fd, info->ai_addr, info->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	number = errno;
	(void)close(fd);
	errno = number;
	return -1;
}

s0_code net_listen(const char *address, uint16_t port, int *ret_fd,
		   uint16_t *ret_port, struct s0_error *err)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *info;
	char service[8];
	int fd;

	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(address, service, &hints, &info) != 0)
		return error_set(err, S0_E_USAGE,
				 "'%.60s' is no numeric network address",
				 address);
	fd = open_listener(info);
	freeaddrinfo(info);
	if (fd < 0)
		return bind_failed(address, port, errno, err);
	*ret_fd = fd;
	*ret_port = port_of(fd);
	return S0_OK;
}

static void name_peer(const struct sockaddr_storage *name, socklen_t length,
		      char *peer, size_t size)
{
	char host[64], service[8];

	if ((name->ss_family != AF_INET && name->ss_family != AF_INET6) ||
	    getnameinfo((const struct sockaddr *)name, length, host,
			sizeof(host), service, sizeof(service),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(peer, size, "this machine");
	else
		snprintf(peer, size, "%s:%s", host, service);
}

static bool no_room(int number)
{
	return number == EMFILE || number == ENFILE || number == ENOBUFS ||
	       number == ENOMEM;
}

int net_accept(int listener, char *ret_peer, size_t size)
{
	struct sockaddr_storage name = { 0 };
	socklen_t length = sizeof(name);
	int yes = 1;
	int fd = accept(listener, (struct sockaddr *)&name, &length);

	if (fd < 0)
		return no_room(errno) ? NET_FULL : -1;
	if (!net_usable(fd) || !set_up(fd, false)) {
		(void)close(fd);
		return -1;
	}
	/* Of no use on a local socket, and no harm. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
	host_notice_loss(fd);
	name_peer(&name, length, ret_peer, size);
	return fd;
}

/* ---- local sockets ------------------------------------------------------- */

/* Does somebody listen there? */
static bool answers(const struct sockaddr_un *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool here = fd >= 0 && connect(fd, (const struct sockaddr *)name,
				       sizeof(*name)) == 0;

	net_close(fd);
	return here;
}

static bool is_socket(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

static int open_local(const struct sockaddr_un *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	mode_t mask;
	bool good;

	if (fd < 0)
		return -1;
	mask = umask(0177);
	good = net_usable(fd) && set_up(fd, false) &&
	       bind(fd, (const struct sockaddr *)name, sizeof(*name)) == 0;
	(void)umask(mask);
	if (good && listen(fd, BACKLOG) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

s0_code net_listen_local(const char *path, int *ret_fd, struct s0_error *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char what[160];
	int fd;

	if (strlen(path) >= sizeof(name.sun_path))
		return error_set(err, S0_E_FILE,
				 "the name of a socket may have %zu characters,"
				 " and '%.60s…' has %zu",
				 sizeof(name.sun_path) - 1, path, strlen(path));
	memcpy(name.sun_path, path, strlen(path) + 1);
	if (answers(&name))
		return error_set(err, S0_E_BUSY,
				 "another program listens on '%s'", path);
	if (is_socket(path))
		(void)unlink(path);
	fd = open_local(&name);
	snprintf(what, sizeof(what), "cannot make the socket '%.100s'", path);
	if (fd < 0)
		return complain(err, S0_E_FILE, what, errno);
	*ret_fd = fd;
	return S0_OK;
}

s0_code net_pair(int ret_fds[2], struct s0_error *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return complain(err, S0_E_UNSUPPORTED, "cannot make a socket",
				errno);
	if (!net_usable(fds[0]) || !set_up(fds[0], false) ||
	    !set_up(fds[1], true)) {
		net_close(fds[0]);
		net_close(fds[1]);
		return error_set(err, S0_E_UNSUPPORTED, "too many open files");
	}
	memcpy(ret_fds, fds, sizeof(fds));
	return S0_OK;
}

s0_code net_pipe(int ret_fds[2], struct s0_error *err)
{
	int fds[2];

	if (pipe(fds) != 0)
		return complain(err, S0_E_UNSUPPORTED, "cannot make a pipe",
				errno);
	if (!net_usable(fds[0]) || !set_up(fds[0], false) ||
	    !set_up(fds[1], false)) {
		net_close(fds[0]);
		net_close(fds[1]);
		return error_set(err, S0_E_UNSUPPORTED, "too many open files");
	}
	memcpy(ret_fds, fds, sizeof(fds));
	return S0_OK;
}

/* ---- bytes --------------------------------------------------------------- */

static bool later(int number)
{
	return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

long net_read(int fd, void *bytes, size_t size)
{
	ssize_t n = read(fd, bytes, size);

	if (n > 0)
		return (long)n;
	return n < 0 && later(errno) ? 0 : -1;
}

long net_write(int fd, const void *bytes, size_t length)
{
	ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK)
		n = write(fd, bytes, length);
	if (n >= 0)
		return (long)n;
	return later(errno) ? 0 : -1;
}

void net_close(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void net_remove(const char *path)
{
	(void)unlink(path);
}

bool net_in_background(int fd)
{
	return isatty(fd) == 1 && tcgetpgrp(fd) != getpgrp();
}

/* ---- waiting ------------------------------------------------------------- */

/* pselect() and not poll(): answers are due in microseconds. */
struct net_wait {
	fd_set read, write;
	int limit; /* one more than the largest */
};

struct net_wait *net_wait_new(void)
{
	return calloc(1, sizeof(struct net_wait));
}

void net_wait_free(struct net_wait *wait)
{
	free(wait);
}

void net_clear(struct net_wait *wait)
{
	FD_ZERO(&wait->read);
	FD_ZERO(&wait->write);
	wait->limit = 0;
}

void net_watch(struct net_wait *wait, int fd, bool read, bool write)
{
	if (!net_usable(fd))
		return;
	if (read)
		FD_SET(fd, &wait->read);
	if (write)
		FD_SET(fd, &wait->write);
	if (fd >= wait->limit)
		wait->limit = fd + 1;
}

void net_sleep(struct net_wait *wait, uint64_t us)
{
	const struct timespec time = {
		.tv_sec = (time_t)(us / 1000000u),
		.tv_nsec = (long)(us % 1000000u) * 1000,
	};

	if (pselect(wait->limit, &wait->read, &wait->write, NULL,
		    us == UINT64_MAX ? NULL : &time, NULL) < 0) {
		/* A signal: nothing is known of any of them. */
		FD_ZERO(&wait->read);
		FD_ZERO(&wait->write);
	}
}

bool net_readable(const struct net_wait *wait, int fd)
{
	return net_usable(fd) && FD_ISSET(fd, &wait->read);
}

bool net_writable(const struct net_wait *wait, int fd)
{
	return net_usable(fd) && FD_ISSET(fd, &wait->write);
}
