/* SPDX-License-Identifier: MIT */

/* Runs a fuzz target over folders of inputs: what the fuzzers once found, and
 * the seeds they start from, stay tested where there is no fuzzer.
 *
 *	replay-NAME FOLDER...
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long length;

	if (!file || fseek(file, 0, SEEK_END) != 0 ||
	    (length = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
		goto unreadable;
	bytes = malloc((size_t)length + (length == 0));
	if (!bytes || fread(bytes, 1, (size_t)length, file) != (size_t)length)
		goto unreadable;
	(void)fclose(file);
	(void)LLVMFuzzerTestOneInput(bytes, (size_t)length);
	free(bytes);
	return 0;

unreadable:
	perror(path);
	free(bytes);
	if (file)
		(void)fclose(file);
	return 1;
}

static int replay_folder(const char *name, int *count)
{
	DIR *folder = opendir(name);
	struct dirent *entry;
	char path[4096];
	int failed = 0;

	if (!folder) {
		perror(name);
		return 1;
	}
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
		failed += replay(path);
		++*count;
	}
	(void)closedir(folder);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0, count = 0;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		failed += replay_folder(argv[i], &count);
	(void)printf("%d inputs\n", count);
	return failed || count == 0;
}
