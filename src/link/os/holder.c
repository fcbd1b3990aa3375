/* SPDX-License-Identifier: MIT */
#include "link/os/holder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* By name first: to look at a file can hang, as on a lost network drive. */
static bool leads_to(const char *link, const char *path,
		     const struct stat *wanted)
{
	char target[4096];
	ssize_t length = readlink(link, target, sizeof target - 1);
	struct stat found;

	if (length < 0)
		return false;
	target[length] = '\0';
	return !strcmp(last_part(target), last_part(path)) &&
	       stat(link, &found) == 0 && found.st_dev == wanted->st_dev &&
	       found.st_ino == wanted->st_ino;
}

/* proc(5): one "lock:" line for each lock on an open file. */
static bool has_lock(const char *process, const char *number)
{
	char path[64], line[256];
	bool found = false;
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%.20s/fdinfo/%.20s", process,
		       number);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof line, file))
		found = !strncmp(line, "lock:", strlen("lock:"));
	if (file)
		(void)fclose(file);
	return found;
}

static bool has(const char *process, const char *path, bool locked,
		const struct stat *wanted)
{
	char name[64];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	(void)snprintf(name, sizeof name, "/proc/%.20s/fd", process);
	folder = opendir(name);
	while (folder && !found && (entry = readdir(folder))) {
		(void)snprintf(name, sizeof name, "/proc/%.20s/fd/%.20s",
			       process, entry->d_name);
		found = leads_to(name, path, wanted) &&
			(!locked || has_lock(process, entry->d_name));
	}
	if (folder)
		(void)closedir(folder);
	return found;
}

static void name_process(const char *process, char ret_holder[HOLDER_SIZE])
{
	char path[64], name[32] = "another program";
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%.20s/comm", process);
	file = fopen(path, "re");
	if (file && fgets(name, sizeof name, file))
		name[strcspn(name, "\n")] = '\0';
	if (file)
		(void)fclose(file);
	(void)snprintf(ret_holder, HOLDER_SIZE, "%s (process %.20s)", name,
		       process);
}

void holder_find(const char *path, bool locked, char ret_holder[HOLDER_SIZE])
{
	struct stat wanted;
	struct dirent *entry;
	DIR *folder;

	ret_holder[0] = '\0';
	if (stat(path, &wanted) != 0)
		return;
	folder = opendir("/proc");
	while (folder && !ret_holder[0] && (entry = readdir(folder))) {
		long process = strtol(entry->d_name, NULL, 10);

		if (process > 0 && process != (long)getpid() &&
		    has(entry->d_name, path, locked, &wanted))
			name_process(entry->d_name, ret_holder);
	}
	if (folder)
		(void)closedir(folder);
}
