/* SPDX-License-Identifier: MIT */
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <sector0/session.h>
#include <sector0/sim_server.h>

#include "failure.h"

/*
 * A signal handler is handed nothing but the signal's number, so what it has to
 * reach must be here: the wish to stop (the signal's number), and whom to pass
 * it to.
 */
static volatile sig_atomic_t stop_wanted;
static struct s0_session *volatile running;
static struct s0_sim_server *volatile serving;
static volatile sig_atomic_t asked = -1; /* a socket that is read */

static void on_signal(int number)
{
	stop_wanted = number;
	if (running)
		s0_session_cancel(running);
	if (serving)
		s0_sim_server_stop(serving);
	/* Whoever is about to read it finds its end, not only who reads it. */
	if (asked >= 0)
		(void)shutdown((int)asked, SHUT_RDWR);
}

void os_set_asked(int fd)
{
	asked = fd;
	if (fd >= 0 && stop_wanted)
		(void)shutdown(fd, SHUT_RDWR);
}

void os_catch_signals(void)
{
	/* SA_RESETHAND: the second Ctrl-C ends the program. */
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = (int)SA_RESETHAND };
	struct sigaction before;

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	/* A terminal that is closed can say so twice, by its shell and by the
	 * system; who started this with nohup does not want to hear it. */
	action.sa_flags = 0;
	if (sigaction(SIGHUP, NULL, &before) == 0 &&
	    before.sa_handler != SIG_IGN)
		(void)sigaction(SIGHUP, &action, NULL);
}

void os_set_session(struct s0_session *session)
{
	running = session;
	if (session && stop_wanted)
		s0_session_cancel(session);
}

void os_set_server(struct s0_sim_server *server)
{
	serving = server;
	if (server && stop_wanted)
		s0_sim_server_stop(server);
}

bool os_stopped(void)
{
	return stop_wanted != 0;
}

int os_stopped_by(void)
{
	return stop_wanted;
}

void os_prepare(void)
{
	/* Opened the wrong way round: using it must fail, not succeed. */
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", flags[fd]);
	(void)signal(SIGPIPE, SIG_IGN);
}

bool os_is_terminal(FILE *file)
{
	return isatty(fileno(file)) == 1;
}

bool os_takes_line(FILE *file)
{
	struct pollfd wait = { .fd = fileno(file), .events = POLLOUT };

	/* What is broken is not waited for either. */
	return poll(&wait, 1, 0) != 0;
}

uint64_t os_now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool os_state_dir(char *buffer, size_t size)
{
#ifdef _WIN32
	const char *base = getenv("LOCALAPPDATA");
	const char *below = "";
#else
	const char *base = getenv("XDG_STATE_HOME");
	const char *below = "";

	/* The XDG specification: relative paths are to be ignored. */
	if (!base || base[0] != '/') {
		base = getenv("HOME");
		below = "/.local/state";
	}
	/* A bare environment (cron, a container) has a home all the same. */
	if (!base || base[0] != '/') {
		const struct passwd *user = getpwuid(getuid());

		base = user ? user->pw_dir : NULL;
	}
#endif
	if (!base || base[0] == '\0')
		return false;
	return (size_t)snprintf(buffer, size, "%s%s/sector0", base, below) <
	       size;
}

bool os_home_file(const char *folder, const char *name, char *buffer,
		  size_t size)
{
	const char *base = getenv("HOME");

	if (!base || !*base ||
	    (size_t)snprintf(buffer, size, "%s/%s/%s", base, folder, name) >=
		    size)
		return false;
	buffer[strlen(buffer) - strlen(name) - 1] = '\0';
	(void)mkdir(buffer, 0777);
	buffer[strlen(buffer)] = '/';
	return true;
}

bool os_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool os_same_file(const char *path, const char *other)
{
	struct stat one, two;

	return stat(path, &one) == 0 && stat(other, &two) == 0 &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

uint32_t os_date_s(void)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");

	return fixed ? (uint32_t)strtoul(fixed, NULL, 10)
		     : (uint32_t)time(NULL);
}

void os_date(char date[32])
{
	time_t now = time(NULL);
	struct tm utc = { 0 };

	date[0] = '\0';
	if (gmtime_r(&now, &utc))
		(void)strftime(date, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static int divert(int fd)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (nowhere >= 0 && kept >= 0)
		(void)dup2(nowhere, fd);
	if (nowhere >= 0)
		(void)close(nowhere);
	return kept;
}

static void divert_back(int fd, int kept)
{
	if (kept < 0)
		return;
	(void)dup2(kept, fd);
	(void)close(kept);
}

void os_silence(struct silence *silence)
{
	(void)fflush(stdout);
	silence->out = divert(STDOUT_FILENO);
	silence->err = divert(STDERR_FILENO);
}

void os_end_silence(const struct silence *silence)
{
	(void)fflush(stdout);
	divert_back(STDOUT_FILENO, silence->out);
	divert_back(STDERR_FILENO, silence->err);
}

bool os_flush(FILE *file)
{
	if (ferror(file)) {
		if (errno == 0)
			errno = EIO;
		return false;
	}
	return fflush(file) == 0;
}
