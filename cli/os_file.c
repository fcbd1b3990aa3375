/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* realpath() */
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
#define WRITE_BUFFER ((size_t)1 << 20)

static s0_code cannot(const char *what, const char *path, struct s0_error *err)
{
	return fail(err, S0_E_FILE, "cannot %s '%s': %s", what, path,
		    strerror(errno));
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
			return cannot("read", path, err);
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
		return cannot("read", path, err);
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return cannot("read", path, err);
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
		return cannot("read", path, err);
	code = map_or_read(fd, standard ? "standard input" : path, &blob, err);
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
	int fd;

	output->final = final_path(path);
	size = output->final ? strlen(output->final) + sizeof ".XXXXXX" : 0;
	output->temporary = size ? malloc(size) : NULL;
	if (!output->temporary)
		return fail_memory(err);
	(void)snprintf(output->temporary, size, "%s.XXXXXX", output->final);
	fd = mkstemp(output->temporary);
	if (fd < 0) {
		free(output->temporary);
		output->temporary = NULL;
		return cannot("write", path, err);
	}
	(void)fchmod(fd, mode);
	output->file = fdopen(fd, "wb");
	if (!output->file) {
		(void)close(fd);
		return fail_memory(err);
	}
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
		return cannot("write", path, err);
	}
	if (exists && access(path, W_OK) != 0)
		return cannot("write", path, err);
	if (!exists || S_ISREG(status.st_mode))
		return open_temporary(
			output, path,
			exists ? status.st_mode & 0777 : default_mode(), err);
	output->file = fopen(path, "wb");
	return output->file ? S0_OK : cannot("write", path, err);
}

s0_code os_begin_output(const char *path, struct output *ret_output,
			struct s0_error *err)
{
	bool standard = strcmp(path, "-") == 0;
	struct output output = { .file = standard ? stdout : NULL,
				 .path = standard ? "standard output" : path };

	if (!standard && open_output(&output, path, err) != S0_OK) {
		struct s0_error ignored = S0_ERROR_INIT;

		(void)os_end_output(&output, false, &ignored);
		return err->code;
	}
	(void)setvbuf(output.file, NULL, _IOFBF, WRITE_BUFFER);
	*ret_output = output;
	return S0_OK;
}

bool os_write(void *payload, const void *bytes, size_t length)
{
	struct output *output = payload;

	if (os_stopped())
		return false;
	if (fwrite(bytes, 1, length, output->file) == length)
		return true;
	output->reason = errno;
	return false;
}

/* Get the last bytes out and close it; standard output stays open. */
static bool finish(struct output *output)
{
	bool good = os_flush(output->file);
	int reason = output->reason ? output->reason : errno;

	if (output->file != stdout && fclose(output->file) != 0 && good) {
		good = false;
		reason = errno;
	}
	output->file = NULL;
	errno = reason;
	return good;
}

s0_code os_end_output(struct output *output, bool good, struct s0_error *err)
{
	s0_code code = S0_OK;

	if (output->file && !finish(output) && good)
		code = cannot("write", output->path, err);
	if (good && code == S0_OK && output->temporary &&
	    rename(output->temporary, output->final) != 0)
		code = cannot("write", output->path, err);
	if (output->temporary && (!good || code != S0_OK))
		(void)unlink(output->temporary);
	free(output->temporary);
	free(output->final);
	*output = (struct output){ 0 };
	return code;
}
