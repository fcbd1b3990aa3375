/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/* What the benchmark programs share: a clock, the heap, made-up bytes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/image.h>

/* Seconds that the processor has worked for this process: on a machine that
 * others use too, what the clock says is theirs as well. */
double measure_now(void);

/* Bytes that malloc has given out now, and the most since measure_peak_reset().
 * A program that uses these counts every allocation: measure.c wraps malloc. */
size_t measure_heap(void);
size_t measure_heap_peak(void);
void measure_peak_reset(void);

struct measured {
	double seconds; /* of the best run */
	size_t heap;	/* peak, above what was there before */
	long rests;	/* how often it gave up the processor to wait for
			   something, in the run with the fewest */
};

/* A job returns false when it failed, having said why. */
typedef bool (*measure_job)(void *payload);

/* Run a job some times. callgrind can be told to count in this function alone:
 * --toggle-collect=measure_run. */
bool measure_run(measure_job job, void *payload);
bool measure(unsigned runs, measure_job job, void *payload,
	     struct measured *ret);

/* Bytes that look random, the same every time. */
void measure_random(uint8_t *bytes, size_t length, uint64_t seed);

/* A growing piece of memory; takes what s0_image_write() gives. */
struct blob {
	uint8_t *bytes;
	size_t length, capacity;
};
bool blob_add(void *blob, const void *bytes, size_t length);

/* Says what and why on standard error; false. */
bool give_up(const char *what, const char *why);

#endif
