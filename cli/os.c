/* SPDX-License-Identifier: MIT */
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>

#include <sector0/session.h>

#include "failure.h"

/*
 * A signal handler is handed nothing but the signal's number, so what it has to
 * reach must be here: the wish to stop, and the session to pass it to.
 */
static volatile sig_atomic_t stop_wanted;
static struct s0_session *volatile running;

static void on_signal(int number)
{
	(void)number;
	stop_wanted = 1;
	if (running)
		s0_session_cancel(running);
}

void os_catch_signals(void)
{
	/* SA_RESETHAND: the second Ctrl-C ends the program. */
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = (int)SA_RESETHAND };

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

void os_set_session(struct s0_session *session)
{
	running = session;
	if (session && stop_wanted)
		s0_session_cancel(session);
}

bool os_stopped(void)
{
	return stop_wanted != 0;
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
	if (!base || base[0] == '\0') {
		const struct passwd *user = getpwuid(getuid());

		base = user ? user->pw_dir : NULL;
	}
#endif
	if (!base || base[0] == '\0')
		return false;
	return (size_t)snprintf(buffer, size, "%s%s/sector0", base, below) <
	       size;
}

bool os_exists(const char *path)
{
	return access(path, F_OK) == 0;
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
