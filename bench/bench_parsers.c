/* SPDX-License-Identifier: MIT */

/*
 * How fast firmware files are read and converted.
 *
 *	bench_parsers make SIZE FILE          random bytes, the same every time
 *	bench_parsers parse FILE RUNS         in memory; prints the best run
 *	bench_parsers convert IN OUT          read, parse, format, write
 *	bench_parsers time RUNS PROGRAM…      seconds of the best whole run
 *
 * `parse` prints: seconds, bytes of payload, bytes of text, peak of the heap
 * (every malloc counted by wrapping it; the text itself is mapped, not counted).
 */

#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sector0/image.h>

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Every allocation of this program passes here, on its way to glibc; so the
 * peak is the true one, what is freed in between included. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void __libc_free(void *block);

static size_t heap_size, heap_peak;

static void *grown(void *block)
{
	heap_size += malloc_usable_size(block);
	if (heap_size > heap_peak)
		heap_peak = heap_size;
	return block;
}

void *malloc(size_t size)
{
	return grown(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return grown(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
	size_t before = malloc_usable_size(block);
	void *moved = __libc_realloc(block, size);

	if (moved || size == 0)
		heap_size -= before;
	return moved ? grown(moved) : moved;
}

void free(void *block)
{
	heap_size -= malloc_usable_size(block);
	__libc_free(block);
}

static int give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s\n", what, why);
	return 1;
}

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
	*ret = (struct s0_image_file){ .name = name,
				       .bytes = bytes,
				       .address = 0x08000000 };
	if (bytes == MAP_FAILED)
		return false;
	ret->length = (size_t)stat.st_size;
	return true;
}

static int make(size_t size, const char *name)
{
	uint64_t state = 88172645463325252u;
	FILE *file = fopen(name, "wb");

	if (!file)
		return give_up(name, "cannot be written");
	for (size_t i = 0; i < size; i++) {
		state ^= state << 13; /* xorshift64, Marsaglia 2003 */
		state ^= state >> 7;
		state ^= state << 17;
		(void)putc((int)(state >> 32 & 0xff), file);
	}
	return fclose(file) ? give_up(name, "cannot be written") : 0;
}

static int parse(const char *name, int runs)
{
	struct s0_image_file file;
	double best = 1e9;
	size_t heap = 0;
	uint64_t size = 0;

	if (!map_file(name, &file))
		return give_up(name, "cannot be read");
	for (int i = 0; i < runs; i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_image *image;
		size_t before = heap_size;
		double start = now(), time;

		heap_peak = heap_size;
		if (s0_image_new(&image, &err) != S0_OK ||
		    s0_image_read(image, &file, NULL, &err) != S0_OK)
			return give_up(name, err.message);
		time = now() - start;
		best = time < best ? time : best;
		heap = heap_peak - before;
		size = s0_image_size(image);
		s0_image_free(image);
	}
	(void)printf("%.6f %llu %zu %zu\n", best, (unsigned long long)size,
		     file.length, heap);
	return 0;
}

static bool take(void *payload, const void *bytes, size_t length)
{
	return fwrite(bytes, 1, length, payload) == length;
}

static int convert(const char *from, const char *to)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image_file file;
	struct s0_image *image;
	FILE *out;

	if (!map_file(from, &file))
		return give_up(from, "cannot be read");
	if (s0_image_new(&image, &err) != S0_OK ||
	    s0_image_read(image, &file, NULL, &err) != S0_OK)
		return give_up(from, err.message);
	out = fopen(to, "wb");
	if (!out)
		return give_up(to, "cannot be written");
	(void)setvbuf(out, NULL, _IONBF, 0); /* it comes in large blocks */
	if (s0_image_write(image, s0_format_of_name(to), NULL, take, out,
			   &err) != S0_OK)
		return give_up(to, err.message);
	s0_image_free(image);
	return fclose(out) ? give_up(to, "cannot be written") : 0;
}

static int time_program(int runs, char **program)
{
	double best = 1e9;

	for (int i = 0; i < runs; i++) {
		double start = now(), time;
		int status;
		pid_t child = fork();

		if (child == 0) {
			(void)execvp(program[0], program);
			_exit(127);
		}
		if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
			return give_up(program[0], "failed");
		time = now() - start;
		best = time < best ? time : best;
	}
	(void)printf("%.6f\n", best);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "make") == 0)
		return make(strtoul(argv[2], NULL, 0), argv[3]);
	if (argc == 4 && strcmp(argv[1], "parse") == 0)
		return parse(argv[2], atoi(argv[3]));
	if (argc == 4 && strcmp(argv[1], "convert") == 0)
		return convert(argv[2], argv[3]);
	if (argc >= 4 && strcmp(argv[1], "time") == 0)
		return time_program(atoi(argv[2]), argv + 3);
	return give_up("usage", "bench_parsers make|parse|convert|time …");
}
