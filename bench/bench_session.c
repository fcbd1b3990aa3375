/* SPDX-License-Identifier: MIT */

/*
 * A session on a virtual chip, on its virtual clock: the same to the
 * microsecond wherever it runs.
 *
 *	bench_session SELECTOR BYTES [JOB]
 *
 * prints a line of JSON for each job (or that one): what it took, the floor,
 * where the time went. "alone" is the flash of the image's last sector by
 * itself, to which "one-byte" is compared; "read" is the image read once.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/sector0.h>

#include "measure.h"

#define FLASH 0x08000000u

struct work {
	const char *selector;
	uint8_t *bytes;
	uint32_t from, length; /* the part of them that is the image */
	struct s0_context *context;
	struct s0_device *device;
	struct s0_session *session;
	struct s0_result result;
	struct s0_error err;
};

static bool good(struct work *work, s0_code code)
{
	return code == S0_OK || give_up(work->selector, work->err.message);
}

static bool take(void *payload, const void *bytes, size_t length)
{
	(void)payload;
	(void)bytes;
	(void)length;
	return true;
}

static bool flash(void *payload)
{
	struct work *work = payload;
	struct s0_image *image = NULL;
	struct s0_plan *plan = NULL;
	bool done;

	done = good(work, s0_image_new(&image, &work->err)) &&
	       good(work, s0_image_add(image, "bench", FLASH + work->from,
				       work->bytes + work->from, work->length,
				       &work->err)) &&
	       good(work, s0_session_plan(work->session, image, NULL, &plan,
					  &work->err)) &&
	       good(work, s0_session_run(work->session, plan, &work->result,
					 &work->err));
	s0_plan_free(plan);
	s0_image_free(image);
	return done;
}

static bool read_once(void *payload)
{
	struct work *work = payload;

	return good(work, s0_session_read(work->session, FLASH + work->from,
					  work->length, take, NULL,
					  &work->result, &work->err));
}

static bool open_chip(struct work *work)
{
	return good(work, s0_context_new(&work->context, &work->err)) &&
	       good(work, s0_device_open(work->context, work->selector,
					 &work->device, &work->err)) &&
	       good(work,
		    s0_session_new(work->device, &work->session, &work->err));
}

static void close_chip(struct work *work)
{
	s0_session_free(work->session);
	s0_device_close(work->device);
	s0_context_free(work->context);
	work->session = NULL;
	work->device = NULL;
	work->context = NULL;
}

/* The sector that holds the last byte. */
static bool last_sector(struct work *work, uint32_t size)
{
	uint32_t address, length;

	if (!s0_map_sector(s0_device_map(work->device), FLASH + size - 1,
			   &address, &length))
		return give_up(work->selector, "has not so much flash");
	work->from = address - FLASH;
	work->length = size - work->from;
	return true;
}

static void print(const struct work *work, const char *job, uint32_t size,
		  const struct measured *cost)
{
	const struct s0_result *r = &work->result;

	(void)printf(
		"{\"selector\": \"%s\", \"bytes\": %u, \"job\": \"%s\", "
		"\"time_us\": %llu, \"floor_us\": %llu, \"transfers\": %llu, "
		"\"erase_us\": %llu, \"program_us\": %llu, \"wire_us\": %llu, "
		"\"wait_us\": %llu, \"host_us\": %llu, \"mass_erased\": %s, "
		"\"seconds\": %.6f, \"heap\": %zu}\n",
		work->selector, size, job, (unsigned long long)r->time_us,
		(unsigned long long)r->floor_us,
		(unsigned long long)r->transfers,
		(unsigned long long)r->times.erase_us,
		(unsigned long long)r->times.program_us,
		(unsigned long long)r->times.wire_us,
		(unsigned long long)r->times.wait_us,
		(unsigned long long)r->times.host_us,
		r->mass_erased ? "true" : "false", cost->seconds, cost->heap);
}

/* Flash it first, then do the job: what is measured is the job alone. */
static bool run_job(const char *selector, const char *job, uint32_t size)
{
	struct work work = { .selector = selector,
			     .length = size,
			     .err = S0_ERROR_INIT };
	bool erased = strcmp(job, "program") == 0;
	measure_job what = strcmp(job, "read") == 0 ? read_once : flash;
	struct measured cost = { 0 };
	bool done;

	work.bytes = malloc(size);
	if (!work.bytes)
		return give_up(selector, "out of memory");
	measure_random(work.bytes, size, 1);
	done = open_chip(&work) && (erased || flash(&work));
	if (strcmp(job, "one-byte") == 0 || strcmp(job, "alone") == 0)
		work.bytes[size - 1] ^= 0x55;
	if (done && strcmp(job, "alone") == 0)
		done = last_sector(&work, size);
	done = done && measure(1, what, &work, &cost);
	if (done)
		print(&work, job, size, &cost);
	close_chip(&work);
	free(work.bytes);
	return done;
}

int main(int argc, char **argv)
{
	static const char *const jobs[] = { "program", "nothing", "one-byte",
					    "alone", "read" };
	unsigned count = sizeof jobs / sizeof *jobs, done = 0;

	if (argc != 3 && argc != 4) {
		(void)fprintf(stderr,
			      "usage: bench_session SELECTOR BYTES [JOB]\n");
		return 2;
	}
	for (unsigned i = 0; i < count; i++) {
		if (argc == 4 && strcmp(argv[3], jobs[i]) != 0)
			continue;
		if (!run_job(argv[1], jobs[i],
			     (uint32_t)strtoul(argv[2], NULL, 0)))
			return 1;
		done++;
	}
	return done ? 0 : 2;
}
