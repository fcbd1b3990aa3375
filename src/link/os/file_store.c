/* SPDX-License-Identifier: MIT */
#include "link/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "link/os/holder.h"

struct file_store {
	struct store store;
	int fd;
	bool made;   /* its folder's entry is not safe yet */
	char path[]; /* for messages */
};

static s0_code complain(struct s0_error *err, const char *verb,
			const char *path, int number)
{
	char why[128];

	if (strerror_r(number, why, sizeof(why)) != 0)
		why[0] = '\0';
	return error_set(err, S0_E_FILE, "cannot %s '%s': %s", verb, path, why);
}

static s0_code store_read(struct store *store, uint64_t offset, void *bytes,
			  size_t length, size_t *ret_length,
			  struct s0_error *err)
{
	struct file_store *file = (struct file_store *)store;
	size_t done = 0;

	while (done < length) {
		ssize_t n = pread(file->fd, (char *)bytes + done, length - done,
				  (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return complain(err, "read", file->path, errno);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*ret_length = done;
	return S0_OK;
}

static s0_code store_write(struct store *store, uint64_t offset,
			   const void *bytes, size_t length,
			   struct s0_error *err)
{
	struct file_store *file = (struct file_store *)store;
	size_t done = 0;

	while (done < length) {
		ssize_t n = pwrite(file->fd, (const char *)bytes + done,
				   length - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return complain(err, "write", file->path,
					n < 0 ? errno : ENOSPC);
		done += (size_t)n;
	}
	return S0_OK;
}

static s0_code store_resize(struct store *store, uint64_t length,
			    struct s0_error *err)
{
	struct file_store *file = (struct file_store *)store;

	while (ftruncate(file->fd, (off_t)length) != 0)
		if (errno != EINTR)
			return complain(err, "resize", file->path, errno);
	return S0_OK;
}

/* Make the entries of the folder that holds path survive a power cut. */
static int sync_folder_of(const char *path)
{
	char *folder = strdup(path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int fd, number = 0;

	if (!folder)
		return ENOMEM;
	if (slash)
		slash[slash == folder ? 1 : 0] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (fd < 0)
		return errno;
	/* EINVAL: this file system has no such thing */
	if (fsync(fd) != 0 && errno != EINVAL)
		number = errno;
	close(fd);
	return number;
}

static s0_code store_sync(struct store *store, struct s0_error *err)
{
	struct file_store *file = (struct file_store *)store;
	int number = 0;

	if (fsync(file->fd) != 0)
		number = errno;
	if (number == 0 && file->made)
		number = sync_folder_of(file->path);
	if (number != 0)
		return complain(err, "sync", file->path, number);
	file->made = false;
	return S0_OK;
}

static s0_code store_lock(struct store *store, struct s0_error *err)
{
	struct file_store *file = (struct file_store *)store;
	char holder[HOLDER_SIZE];

	if (flock(file->fd, LOCK_EX | LOCK_NB) == 0)
		return S0_OK;
	if (errno != EWOULDBLOCK)
		return complain(err, "lock", file->path, errno);
	holder_find(file->path, true, holder);
	return error_set(err, S0_E_BUSY, "'%s' is in use by %s", file->path,
			 holder[0] ? holder : "another program");
}

static void store_close(struct store *store)
{
	struct file_store *file = (struct file_store *)store;

	close(file->fd);
	free(file);
}

static const struct store_ops ops = {
	.read = store_read,
	.write = store_write,
	.resize = store_resize,
	.sync = store_sync,
	.lock = store_lock,
	.close = store_close,
};

/* Make the folders above path; an existing one is fine. */
static int make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		bool made;
		int number;

		*slash = '\0';
		made = mkdir(path, 0777) == 0;
		number = made || errno == EEXIST ? 0 : errno;
		if (made)
			number = sync_folder_of(path);
		*slash = '/';
		if (number != 0)
			return number;
	}
	return 0;
}

static int open_or_make(struct file_store *file)
{
	int number;

	file->fd = open(file->path, O_RDWR | O_CLOEXEC);
	if (file->fd >= 0)
		return 0;
	if (errno != ENOENT)
		return errno;
	number = make_folders(file->path);
	if (number != 0)
		return number;
	file->fd = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	file->made = true;
	return file->fd < 0 ? errno : 0;
}

s0_code file_store_open(const char *path, struct store **ret_store,
			struct s0_error *err)
{
	size_t length = strlen(path) + 1;
	struct file_store *file;
	int number;

	if (length == 1)
		return error_set(err, S0_E_FILE, "the name of a file is empty");
	file = calloc(1, sizeof(*file) + length);
	if (!file)
		return error_memory(err);
	memcpy(file->path, path, length);
	file->store.ops = &ops;
	number = open_or_make(file);
	if (number != 0) {
		complain(err, "open", path, number);
		free(file);
		return S0_E_FILE;
	}
	*ret_store = &file->store;
	return S0_OK;
}
