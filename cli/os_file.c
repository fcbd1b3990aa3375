/* SPDX-License-Identifier: MIT */
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "failure.h"

/* Below this size reading is as fast as mapping. */
#define MAP_FROM ((off_t)1 << 16)
/* Converting is mostly writing: as few calls as possible. */
#define WRITE_BUFFER ((size_t)1 << 18)

s0_code os_fail_file(struct s0_error *err, const char *verb, const char *path)
{
	const char *reason = strerror(errno);

	if (strcmp(path, "-") != 0)
		return fail(err, S0_E_FILE, "cannot %s '%s': %s", verb, path,
			    reason);
	return fail(err, S0_E_FILE, "cannot %s standard %s: %s", verb,
		    strcmp(verb, "read") ? "output" : "input", reason);
}

/* Read a descriptor to its end: pipes, standard input, small files. */
static s0_code read_all(int fd, const char *path, struct blob *blob,
			struct s0_error *err)
{
	size_t capacity = 0;

	for (;;) {
		ssize_t got;

		if (blob->length == capacity) {
			void *bigger;

			if (capacity >= BLOB_LIMIT)
				return fail(err, S0_E_FILE,
					    "'%s' is larger than 1 GiB", path);
			capacity = capacity ? capacity * 2 : (size_t)1 << 17;
			bigger = realloc(blob->bytes, capacity);
			if (!bigger)
				return fail_memory(err);
			blob->bytes = bigger;
		}
		got = read(fd, (char *)blob->bytes + blob->length,
			   capacity - blob->length);
		if (got == 0)
			return S0_OK;
		if (got < 0 && errno != EINTR)
			return os_fail_file(err, "read", path);
		if (got < 0 && os_stopped())
			return fail(err, S0_E_CANCELLED, "stopped as asked");
		blob->length += got > 0 ? (size_t)got : 0;
	}
}

static s0_code map_or_read(int fd, const char *path, struct blob *blob,
			   struct s0_error *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return os_fail_file(err, "read", path);
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return os_fail_file(err, "read", path);
	}
	if (S_ISREG(status.st_mode) && status.st_size > (off_t)BLOB_LIMIT)
		return fail(err, S0_E_FILE, "'%s' is larger than 1 GiB", path);
	if (S_ISREG(status.st_mode) && status.st_size >= MAP_FROM &&
	    lseek(fd, 0, SEEK_CUR) == 0) {
		void *map = mmap(NULL, (size_t)status.st_size, PROT_READ,
				 MAP_PRIVATE, fd, 0);

		if (map != MAP_FAILED) {
			*blob = (struct blob){ map, (size_t)status.st_size,
					       true };
			return S0_OK;
		}
	}
	return read_all(fd, path, blob, err);
}

s0_code os_read_file(const char *path, struct blob *ret_blob,
		     struct s0_error *err)
{
	bool standard = strcmp(path, "-") == 0;
	struct blob blob = { 0 };
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	s0_code code;

	if (fd < 0)
		return os_fail_file(err, "read", path);
	code = map_or_read(fd, path, &blob, err);
	if (!standard)
		(void)close(fd);
	if (code == S0_OK)
		*ret_blob = blob;
	else
		os_free_blob(&blob);
	return code;
}

void os_free_blob(struct blob *blob)
{
	if (blob->mapped)
		(void)munmap(blob->bytes, blob->length);
	else
		free(blob->bytes);
	*blob = (struct blob){ 0 };
}

/* Where a file will be in the end: behind symbolic links, if it exists. */
static char *final_path(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : strdup(path);
}

/* Open a file beside the final one, with the rights it would have got. */
static s0_code open_temporary(struct output *output, const char *path,
			      mode_t mode, struct s0_error *err)
{
	size_t size;

	output->final = final_path(path);
	size = output->final ? strlen(output->final) + sizeof ".XXXXXX" : 0;
	output->temporary = size ? malloc(size) : NULL;
	if (!output->temporary)
		return fail_memory(err);
	(void)snprintf(output->temporary, size, "%s.XXXXXX", output->final);
	output->fd = mkstemp(output->temporary);
	if (output->fd < 0) {
		free(output->temporary);
		output->temporary = NULL;
		return os_fail_file(err, "write", path);
	}
	(void)fchmod(output->fd, mode);
	return S0_OK;
}

static mode_t default_mode(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return 0666 & ~mask;
}

/* Devices and pipes are written in place, files beside their old content. */
static s0_code open_output(struct output *output, const char *path,
			   struct s0_error *err)
{
	struct stat status;
	bool exists = stat(path, &status) == 0;

	if (exists && S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return os_fail_file(err, "write", path);
	}
	if (exists && access(path, W_OK) != 0)
		return os_fail_file(err, "write", path);
	if (!exists || S_ISREG(status.st_mode))
		return open_temporary(
			output, path,
			exists ? status.st_mode & 0777 : default_mode(), err);
	output->fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	return output->fd >= 0 ? S0_OK : os_fail_file(err, "write", path);
}

s0_code os_begin_output(const char *path, struct output *ret_output,
			struct s0_error *err)
{
	struct output output = { .fd = -1, .path = path };
	s0_code code = S0_OK;

	if (strcmp(path, "-") != 0)
		code = open_output(&output, path, err);
	else if (fflush(stdout) == 0)
		output.fd = STDOUT_FILENO;
	else
		code = os_fail_file(err, "write", path);
	if (code == S0_OK) {
		output.buffer = malloc(WRITE_BUFFER);
		code = output.buffer ? S0_OK : fail_memory(err);
	}
	if (code == S0_OK)
		*ret_output = output;
	else
		(void)os_end_output(&output, false, err);
	return code;
}

static bool write_all(struct output *output, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(output->fd, bytes, length);

		if (written < 0 && errno == EINTR && !os_stopped())
			continue;
		if (written <= 0) {
			output->reason = os_stopped() ? 0 : errno;
			return false;
		}
		bytes += written;
		length -= (size_t)written;
	}
	return true;
}

static bool flush(struct output *output)
{
	size_t used = output->used;

	output->used = 0;
	return write_all(output, output->buffer, used);
}

bool os_write(void *payload, const void *bytes, size_t length)
{
	struct output *output = payload;

	if (os_stopped())
		return false;
	if (length > WRITE_BUFFER - output->used && !flush(output))
		return false;
	if (length > WRITE_BUFFER)
		return write_all(output, bytes, length);
	memcpy(output->buffer + output->used, bytes, length);
	output->used += length;
	return true;
}

bool os_append(void *payload, const void *bytes, size_t length)
{
	struct output *output = payload;
	const char *at = bytes;

	while (length > 0) {
		ssize_t written = write(output->fd, at, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			output->reason = written < 0 ? errno : ENOSPC;
			return false;
		}
		at += written;
		length -= (size_t)written;
	}
	return true;
}

s0_code os_place_output(struct output *output, struct s0_error *err)
{
	if (output->temporary && rename(output->temporary, output->final) != 0)
		return os_fail_file(err, "write", output->path);
	free(output->temporary);
	output->temporary = NULL;
	return S0_OK;
}

s0_code os_fail_output(const struct output *output, struct s0_error *err)
{
	errno = output->reason;
	if (output->reason == 0)
		return fail(err, S0_E_CANCELLED, "stopped as asked");
	return os_fail_file(err, "write", output->path);
}

/* Get the last bytes out and close it; standard output stays open. */
static bool finish(struct output *output)
{
	bool good = output->reason == 0 && flush(output);

	if (output->fd == STDOUT_FILENO || output->fd < 0)
		return good;
	if (good && output->safe && fsync(output->fd) != 0) {
		output->reason = errno;
		good = false;
	}
	if (close(output->fd) != 0 && good) {
		output->reason = errno;
		good = false;
	}
	return good;
}

/* Have a file's name on disk, too, where the file system can do that. */
static void sync_folder(const char *path)
{
	char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int fd;

	if (slash)
		slash[slash == folder ? 1 : 0] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	free(folder);
}

s0_code os_end_output(struct output *output, bool good, struct s0_error *err)
{
	s0_code code = S0_OK;

	/* A file that failed is removed; what it lacks is of no interest. */
	if (!good)
		output->used = 0;
	if (!finish(output) && good) {
		code = os_fail_output(output, err);
	}
	if (good && code == S0_OK && output->temporary &&
	    rename(output->temporary, output->final) != 0)
		code = os_fail_file(err, "write", output->path);
	else if (good && code == S0_OK && output->safe && output->final)
		sync_folder(output->final);
	if (output->temporary && (!good || code != S0_OK))
		(void)unlink(output->temporary);
	free(output->buffer);
	free(output->temporary);
	free(output->final);
	*output = (struct output){ .fd = -1 };
	return code;
}
