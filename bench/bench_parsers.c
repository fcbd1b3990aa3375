/* SPDX-License-Identifier: MIT */

/*
 * How fast firmware files are read.
 *
 *	bench_parsers make SIZE FILE     random bytes, the same every time
 *	bench_parsers parse FILE RUNS    in memory
 *
 * `parse` prints: seconds of the best run, bytes of payload, peak of the heap
 * (the text itself is mapped, not counted).
 */

#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

/* Mapped, as the text is not ours to count, and as it is the fastest. */
static bool map_file(const char *name, struct s0_image_file *ret)
{
	int file = open(name, O_RDONLY);
	struct stat stat;
	void *bytes = MAP_FAILED;

	if (file >= 0 && fstat(file, &stat) == 0 && stat.st_size > 0)
		bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ,
			     MAP_PRIVATE | MAP_POPULATE, file, 0);
	if (file >= 0)
		(void)close(file);
	if (bytes == MAP_FAILED)
		return give_up(name, "cannot be read");
	*ret = (struct s0_image_file){ .name = name,
				       .bytes = bytes,
				       .length = (size_t)stat.st_size,
				       .address = 0x08000000 };
	return true;
}

static bool make(size_t size, const char *name)
{
	uint8_t *bytes = malloc(size);
	FILE *file = fopen(name, "wb");
	bool good = bytes && file;

	if (good) {
		measure_random(bytes, size, 0);
		good = fwrite(bytes, 1, size, file) == size;
	}
	if (file && fclose(file) != 0)
		good = false;
	free(bytes);
	return good || give_up(name, "cannot be written");
}

struct work {
	struct s0_image_file file;
	struct s0_image *image;
};

static bool parse(void *payload)
{
	struct work *work = payload;
	struct s0_error err = S0_ERROR_INIT;

	return (s0_image_new(&work->image, &err) == S0_OK &&
		s0_image_read(work->image, &work->file, NULL, &err) == S0_OK) ||
	       give_up(work->file.name, err.message);
}

static bool parse_often(const char *name, unsigned runs)
{
	struct measured best = { .seconds = 1e9 };
	struct work work = { 0 };
	uint64_t size = 0;

	if (!map_file(name, &work.file))
		return false;
	for (unsigned i = 0; i < runs; i++) {
		struct measured one;

		if (!measure(1, parse, &work, &one))
			return false;
		size = s0_image_size(work.image);
		s0_image_free(work.image);
		best.heap = one.heap;
		if (one.seconds < best.seconds)
			best.seconds = one.seconds;
	}
	(void)printf("%.6f %llu %zu\n", best.seconds, (unsigned long long)size,
		     best.heap);
	return true;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "make") == 0)
		return make(strtoul(argv[2], NULL, 0), argv[3]) ? 0 : 1;
	if (argc == 4 && strcmp(argv[1], "parse") == 0)
		return parse_often(argv[2], (unsigned)atoi(argv[3])) ? 0 : 1;
	(void)give_up("usage", "bench_parsers make|parse …");
	return 2;
}
