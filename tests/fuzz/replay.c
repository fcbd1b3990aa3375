/* SPDX-License-Identifier: MIT */

/* Runs a fuzz target over a folder of inputs: what the fuzzers once found, and
 * the seeds they start from, stay tested where there is no fuzzer.
 *
 *	replay-NAME FOLDER
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

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	char path[4096];
	int failed = 0, count = 0;

	if (!folder) {
		(void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", argv[1],
			       entry->d_name);
		failed += replay(path);
		count++;
	}
	(void)closedir(folder);
	(void)printf("%d inputs\n", count);
	return failed || count == 0;
}
