/* SPDX-License-Identifier: MIT */

/*
 * A session on a virtual chip, on its virtual clock: the same to the
 * microsecond wherever it runs.
 *
 *	bench_session SELECTOR BYTES [JOB [DIRECTORY]]
 *
 * prints a line of JSON for each job (or that one): what it took, the floor,
 * where the time went. "alone" is the flash of the image's last sector by
 * itself, to which "one-byte" is compared; "read" is the image read once;
 * "over" and "keep" find the whole chip full of another firmware. The image of
 * "sparse…" is pieces with gaps between them. Whatever was
 * done before, the job finds a device that was opened anew, and a new session;
 * the host's records of the time before are in DIRECTORY, and without one there
 * are none.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/sector0.h>

#include "measure.h"

#define SIM   "sim:"
#define FLASH 0x08000000u
#define PIECE 3000u

struct work {
	const char *selector;
	uint8_t *bytes;
	uint32_t from, length; /* the part of them that is the image */
	bool sparse;	       /* in pieces */
	struct s0_policy policy;
	struct s0_sim *sim;
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

/* Gaps that are written along, read along, or neither; far below a sector's
 * size, near it, above it. */
static bool add_pieces(struct work *work, struct s0_image *image)
{
	static const uint32_t gaps[] = { 300, 700, 1500, 2048, 20480, 102400 };
	uint32_t at = 0, length;

	for (size_t i = 0; at < work->length; i++) {
		length = work->length - at < PIECE ? work->length - at : PIECE;
		if (!good(work,
			  s0_image_add(image, "piece", FLASH + at,
				       work->bytes + at, length, &work->err)))
			return false;
		at += length + gaps[i % (sizeof gaps / sizeof *gaps)];
	}
	return true;
}

static bool add_bytes(struct work *work, struct s0_image *image)
{
	if (work->sparse)
		return add_pieces(work, image);
	return good(work, s0_image_add(image, "bench", FLASH + work->from,
				       work->bytes + work->from, work->length,
				       &work->err));
}

static bool flash(void *payload)
{
	struct work *work = payload;
	struct s0_image *image = NULL;
	struct s0_plan *plan = NULL;
	bool done;

	done = good(work, s0_image_new(&image, &work->err)) &&
	       add_bytes(work, image) &&
	       good(work, s0_session_plan(work->session, image, &work->policy,
					  &plan, &work->err)) &&
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

static bool open_chip(struct work *work, const char *records)
{
	return good(work, s0_context_new(&work->context, &work->err)) &&
	       good(work, s0_context_set_state_dir(work->context, records,
						   &work->err)) &&
	       good(work, s0_device_open_sim(work->context, work->sim,
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

/* Another firmware, in all of the flash. */
static bool fill_chip(void *payload)
{
	struct work *work = payload;
	uint32_t length = s0_map_flash_size(s0_device_map(work->device));
	uint8_t *bytes = malloc(length);
	bool done;

	if (!bytes)
		return give_up(work->selector, "out of memory");
	measure_random(bytes, length, 2);
	done = s0_sim_poke(work->sim, FLASH, bytes, length) == length;
	free(bytes);
	return done || give_up(work->selector, "cannot be filled");
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
		"\"wait_us\": %llu, \"proof_us\": %llu, \"host_us\": %llu, "
		"\"mass_erased\": %s, "
		"\"seconds\": %.6f, \"heap\": %zu, \"rests\": %ld}\n",
		work->selector, size, job, (unsigned long long)r->time_us,
		(unsigned long long)r->floor_us,
		(unsigned long long)r->transfers,
		(unsigned long long)r->times.erase_us,
		(unsigned long long)r->times.program_us,
		(unsigned long long)r->times.wire_us,
		(unsigned long long)r->times.wait_us,
		(unsigned long long)r->times.proof_us,
		(unsigned long long)r->times.host_us,
		r->mass_erased ? "true" : "false", cost->seconds, cost->heap,
		cost->rests);
}

struct job {
	const char *name;
	measure_job run;
	measure_job before; /* NULL: the chip is erased */
	bool change;	    /* one byte of what is there */
	bool alone;	    /* only the sector of that byte */
	bool keep;
	bool known; /* the host has its records of the time before */
	bool trust; /* and goes by them */
	bool sparse;
};

static const struct job jobs[] = {
	{ "program", .run = flash },
	{ "over", .run = flash, .before = fill_chip },
	{ "keep", .run = flash, .before = fill_chip, .keep = true },
	{ "nothing", .run = flash, .before = flash },
	{ "one-byte", .run = flash, .before = flash, .change = true },
	{ "one-byte-known", .run = flash, .before = flash, .change = true,
	  .known = true },
	{ "trusted", .run = flash, .before = flash, .known = true,
	  .trust = true },
	{ "sparse", .run = flash, .sparse = true },
	{ "sparse-over", .run = flash, .before = fill_chip, .sparse = true },
	{ "sparse-nothing", .run = flash, .before = flash, .sparse = true },
	{ "alone", .run = flash, .before = flash, .change = true,
	  .alone = true },
	{ "read", .run = read_once, .before = flash },
};

/* What is measured begins with a device that was just opened. */
static bool prepare(struct work *work, const struct job *job,
		    const char *records)
{
	uint32_t size = work->length;
	bool done =
		open_chip(work, records) && (!job->before || job->before(work));

	close_chip(work);
	if (job->change)
		work->bytes[size - 1] ^= 0x55;
	done = done && open_chip(work, records) &&
	       (!job->alone || last_sector(work, size));
	work->policy.keep = job->keep;
	work->policy.trust_last_run = job->trust;
	return done;
}

static bool run_job(const char *selector, const struct job *job, uint32_t size,
		    const char *records)
{
	struct work work = { .selector = selector,
			     .length = size,
			     .sparse = job->sparse,
			     .err = S0_ERROR_INIT };
	struct measured cost = { 0 };
	bool done;

	work.bytes = malloc(size);
	if (!work.bytes)
		return give_up(selector, "out of memory");
	measure_random(work.bytes, size, 1);
	done = good(&work,
		    s0_sim_new(selector + strlen(SIM), &work.sim, &work.err)) &&
	       prepare(&work, job, job->known ? records : NULL) &&
	       measure(1, job->run, &work, &cost);
	if (done)
		print(&work, job->name, size, &cost);
	close_chip(&work);
	s0_sim_free(work.sim);
	free(work.bytes);
	return done;
}

/* Is it asked for, and can it be done? */
static bool is_wanted(const struct job *job, int argc, char **argv)
{
	if (job->known && argc < 5)
		return false;
	return argc < 4 || strcmp(argv[3], "all") == 0 ||
	       strcmp(argv[3], job->name) == 0;
}

int main(int argc, char **argv)
{
	unsigned done = 0;

	if (argc < 3 || argc > 5 || strncmp(argv[1], SIM, strlen(SIM)) != 0) {
		(void)fprintf(stderr, "usage: bench_session sim:PROFILE BYTES "
				      "[JOB|all [DIRECTORY]]\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
		if (!is_wanted(&jobs[i], argc, argv))
			continue;
		if (!run_job(argv[1], &jobs[i],
			     (uint32_t)strtoul(argv[2], NULL, 0),
			     argc > 4 ? argv[4] : NULL))
			return 1;
		done++;
	}
	return done ? 0 : 2;
}
