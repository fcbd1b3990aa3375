/* SPDX-License-Identifier: MIT */
/* The control socket of a server, from the other side. */
#include "os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Make a folder and those above it. */
static bool make_folder(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

bool os_control_path(unsigned port, char *buffer, size_t size)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char folder[4096];

	if (runtime && runtime[0] == '/' && access(runtime, W_OK | X_OK) == 0)
		return (size_t)snprintf(buffer, size, "%s/sector0-sim-%u.sock",
					runtime, port) < size;
	if (!os_state_dir(folder, sizeof folder) || !make_folder(folder))
		return false;
	return (size_t)snprintf(buffer, size, "%s/sim-%u.sock", folder, port) <
	       size;
}

int os_connect(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd, number;

	if (strlen(path) >= sizeof name.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) == 0)
		return fd;
	number = errno;
	(void)close(fd);
	errno = number;
	return -1;
}

static bool send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
	}
	return true;
}

FILE *os_ask(int fd, const char *line)
{
	FILE *answer = NULL;
	int number;

	if (send_all(fd, line, strlen(line)))
		answer = fdopen(fd, "r");
	if (answer) {
		os_set_asked(fd);
		return answer;
	}
	number = errno;
	(void)close(fd);
	errno = number;
	return NULL;
}

const char *os_next_line(struct lines *lines)
{
	ssize_t length = getline(&lines->line, &lines->size, lines->file);

	if (length < 0)
		return NULL;
	if (length > 0 && lines->line[length - 1] == '\n')
		lines->line[length - 1] = '\0';
	return lines->line;
}

void os_end_lines(struct lines *lines)
{
	free(lines->line);
	os_set_asked(-1);
	(void)fclose(lines->file);
}
