/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "measure.h"

#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

double measure_now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static long rests(void)
{
	struct rusage used;

	return getrusage(RUSAGE_SELF, &used) == 0 ? used.ru_nvcsw : 0;
}

/* Every allocation of the program passes here, on its way to glibc; so the
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

size_t measure_heap(void)
{
	return heap_size;
}

size_t measure_heap_peak(void)
{
	return heap_peak;
}

void measure_peak_reset(void)
{
	heap_peak = heap_size;
}

__attribute__((noinline)) bool measure_run(measure_job job, void *payload)
{
	bool good = job(payload);

	__asm__ volatile("" ::: "memory"); /* no tail call: it returns here */
	return good;
}

bool measure(unsigned runs, measure_job job, void *payload,
	     struct measured *ret)
{
	*ret = (struct measured){ .seconds = 1e9, .rests = LONG_MAX };
	for (unsigned i = 0; i < runs; i++) {
		size_t before = measure_heap(), heap;
		long rest;
		double start, time;

		/* Each run gets its memory from the kernel, as a process of its
		 * own does; glibc would keep small blocks and not large ones. */
		(void)malloc_trim(0);
		measure_peak_reset();
		rest = rests();
		start = measure_now();
		if (!measure_run(job, payload))
			return false;
		time = measure_now() - start;
		rest = rests() - rest;
		heap = measure_heap_peak() - before;
		ret->seconds = time < ret->seconds ? time : ret->seconds;
		ret->rests = rest < ret->rests ? rest : ret->rests;
		ret->heap = heap > ret->heap ? heap : ret->heap;
	}
	return true;
}

void measure_random(uint8_t *bytes, size_t length, uint64_t seed)
{
	uint64_t state = 88172645463325252u ^ seed << 20;

	for (size_t i = 0; i < length; i++) {
		state ^= state << 13; /* xorshift64, Marsaglia 2003 */
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = (uint8_t)(state >> 32);
	}
}

bool blob_add(void *payload, const void *bytes, size_t length)
{
	struct blob *blob = payload;

	while (blob->capacity - blob->length < length) {
		size_t capacity = blob->capacity ? 2 * blob->capacity : 65536;
		void *more = realloc(blob->bytes, capacity);

		if (!more)
			return false;
		blob->bytes = more;
		blob->capacity = capacity;
	}
	memcpy(blob->bytes + blob->length, bytes, length);
	blob->length += length;
	return true;
}

bool give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s\n", what, why);
	return false;
}
