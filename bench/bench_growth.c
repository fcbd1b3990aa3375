/* SPDX-License-Identifier: MIT */

/*
 * What a job costs as its input grows.
 *
 *	bench_growth JOB N RUNS    prints: seconds of the best run, peak of the heap
 *
 * N is bytes for parse-… and session-…, segments for segments-…
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/sector0.h>

#include "measure.h"

#define FLASH	  0x08000000u
#define FLASH_ALL 0x200000u

/* A segment's bytes, and from one to the next: 100,000 of them fit into 2 MiB,
 * and a flash word has at most two. */
#define SEGMENT 4u
#define STRIDE	20u

struct work {
	uint32_t n;
	struct blob file;
	const char *name; /* of the file */
	uint32_t *order;  /* of addresses */
	uint8_t *bytes;
	struct s0_policy policy;
	struct s0_image *image;
	struct s0_plan *plan;
	struct s0_map *map;
	struct s0_context *context;
	struct s0_device *device;
	struct s0_session *session;
	struct s0_error err;
};

static bool good(struct work *work, s0_code code)
{
	return code == S0_OK || give_up("bench_growth", work->err.message);
}

/* ---- inputs ---------------------------------------------------------------*/

static bool random_bytes(struct work *work, uint32_t length)
{
	work->bytes = malloc(length);
	if (!work->bytes)
		return give_up("bench_growth", "out of memory");
	measure_random(work->bytes, length, 1);
	return true;
}

/* One stretch of n bytes as a file. */
static bool make_file(struct work *work, const char *name)
{
	struct s0_image *image = NULL;
	bool done =
		random_bytes(work, work->n) &&
		good(work, s0_image_new(&image, &work->err)) &&
		good(work, s0_image_add(image, "random", FLASH, work->bytes,
					work->n, &work->err)) &&
		good(work, s0_image_write(image, s0_format_of_name(name), NULL,
					  blob_add, &work->file, &work->err));

	s0_image_free(image);
	work->name = name;
	return done;
}

/* Numbers from 0, in order or shuffled (Fisher and Yates). */
static bool make_order(struct work *work, bool shuffled)
{
	work->order = malloc(work->n * sizeof *work->order);
	if (!work->order || !random_bytes(work, work->n * SEGMENT))
		return false;
	for (uint32_t i = 0; i < work->n; i++)
		work->order[i] = i;
	for (uint32_t i = work->n; shuffled && i-- > 1;) {
		uint32_t k = (uint32_t)((uint64_t)i * 2654435761u % (i + 1));
		uint32_t other = work->order[k];

		work->order[k] = work->order[i];
		work->order[i] = other;
	}
	return true;
}

/* n segments as S-records, whose addresses are whole. */
static bool make_records(struct work *work, bool shuffled)
{
	bool done = make_order(work, shuffled);

	for (uint32_t i = 0; done && i < work->n; i++) {
		uint32_t address = FLASH + STRIDE * work->order[i];
		const uint8_t *b = work->bytes + (size_t)SEGMENT * i;
		unsigned sum = 9 + (address >> 24) + (address >> 16 & 0xff) +
			       (address >> 8 & 0xff) + (address & 0xff) + b[0] +
			       b[1] + b[2] + b[3];
		char line[64];
		int length = snprintf(line, sizeof line,
				      "S309%08X%02X%02X%02X%02X%02X\n", address,
				      b[0], b[1], b[2], b[3], ~sum & 0xff);

		done = blob_add(&work->file, line, (size_t)length);
	}
	work->name = "segments.s37";
	return done && blob_add(&work->file, "S70508000000F2\n", 15);
}

static bool parse(struct work *work)
{
	struct s0_image_file file = { .name = work->name,
				      .bytes = work->file.bytes,
				      .length = work->file.length,
				      .address = FLASH };

	return good(work, s0_image_new(&work->image, &work->err)) &&
	       good(work, s0_image_read(work->image, &file, NULL, &work->err));
}

/* ---- jobs -----------------------------------------------------------------*/

static bool make_hex(struct work *work)
{
	return make_file(work, "random.hex");
}

static bool make_srec(struct work *work)
{
	return make_file(work, "random.s37");
}

static bool make_uf2(struct work *work)
{
	return make_file(work, "random.uf2");
}

static bool make_dfu(struct work *work)
{
	return make_file(work, "random.dfu");
}

static bool make_bin(struct work *work)
{
	return make_file(work, "random.bin");
}

static bool make_sorted(struct work *work)
{
	return make_records(work, false);
}

static bool make_shuffled(struct work *work)
{
	return make_records(work, true);
}

static bool add(struct work *work)
{
	bool done = good(work, s0_image_new(&work->image, &work->err));

	for (uint32_t i = 0; done && i < work->n; i++)
		done = good(work,
			    s0_image_add(work->image, "by hand",
					 FLASH + STRIDE * work->order[i],
					 work->bytes + (size_t)SEGMENT * i,
					 SEGMENT, &work->err));
	return done;
}

static bool make_plan_input(struct work *work)
{
	const struct s0_chip *chip = s0_chip_find("STM32H743");

	return make_sorted(work) && parse(work) &&
	       good(work, s0_chip_map(chip, &work->map, &work->err));
}

static void nowhere(void *payload, const char *line)
{
	(void)payload;
	(void)line;
}

static bool plan(struct work *work)
{
	const struct s0_chip *chip = s0_chip_find("STM32H743");

	return good(work, s0_plan_new(work->image, work->map, chip, NULL,
				      &work->plan, &work->err)) &&
	       good(work, s0_plan_print(work->plan, nowhere, NULL, &work->err));
}

static bool open_device(struct work *work)
{
	return good(work, s0_context_new(&work->context, &work->err)) &&
	       good(work,
		    s0_device_open(work->context, "sim:stm32h743,rom=0x92",
				   &work->device, &work->err)) &&
	       good(work,
		    s0_session_new(work->device, &work->session, &work->err));
}

static bool flash(struct work *work)
{
	s0_plan_free(work->plan);
	work->plan = NULL;
	return good(work,
		    s0_session_plan(work->session, work->image, &work->policy,
				    &work->plan, &work->err)) &&
	       good(work, s0_session_run(work->session, work->plan, NULL,
					 &work->err));
}

static bool make_session(struct work *work)
{
	return make_bin(work) && parse(work) && open_device(work);
}

static bool make_segment_session(struct work *work)
{
	return make_sorted(work) && parse(work) && open_device(work);
}

/* A chip full of other bytes, all of which are to be kept. */
static bool make_keep(struct work *work)
{
	struct s0_image *wanted;
	bool done = make_segment_session(work);

	wanted = work->image;
	work->image = NULL;
	free(work->bytes);
	done = done && random_bytes(work, FLASH_ALL) &&
	       good(work, s0_image_new(&work->image, &work->err)) &&
	       good(work, s0_image_add(work->image, "full", FLASH, work->bytes,
				       FLASH_ALL, &work->err)) &&
	       flash(work);
	s0_image_free(work->image);
	work->image = wanted;
	work->policy.keep = true;
	return done;
}

static const struct {
	const char *name;
	bool (*make)(struct work *work);
	bool (*run)(struct work *work);
} jobs[] = {
	{ "parse-hex", make_hex, parse },
	{ "parse-srec", make_srec, parse },
	{ "parse-uf2", make_uf2, parse },
	{ "parse-dfu", make_dfu, parse },
	{ "parse-bin", make_bin, parse },
	{ "segments-sorted", make_sorted, parse },
	{ "segments-shuffled", make_shuffled, parse },
	{ "segments-by-hand", NULL, add },
	{ "segments-plan", make_plan_input, plan },
	{ "segments-flash", make_segment_session, flash },
	{ "segments-keep", make_keep, flash },
	{ "session-flash", make_session, flash },
};

/* ---- the program ----------------------------------------------------------*/

static void clear(struct work *work)
{
	s0_plan_free(work->plan);
	s0_image_free(work->image);
	s0_session_free(work->session);
	s0_device_close(work->device);
	s0_context_free(work->context);
	s0_map_free(work->map);
	free(work->file.bytes);
	free(work->order);
	free(work->bytes);
}

struct call {
	struct work *work;
	bool (*run)(struct work *work);
};

static bool call(void *payload)
{
	struct call *call = payload;

	return call->run(call->work);
}

static bool run_job(size_t job, uint32_t n, unsigned runs)
{
	struct measured best = { .seconds = 1e9 };

	for (unsigned i = 0; i < runs; i++) {
		struct work work = { .n = n, .err = S0_ERROR_INIT };
		struct call its = { &work, jobs[job].run };
		struct measured one;
		bool done = jobs[job].make ? jobs[job].make(&work)
					   : make_order(&work, false);

		done = done && measure(1, call, &its, &one);
		clear(&work);
		if (!done)
			return false;
		best.heap = one.heap;
		if (one.seconds < best.seconds)
			best.seconds = one.seconds;
	}
	(void)printf("%.9f %zu\n", best.seconds, best.heap);
	return true;
}

int main(int argc, char **argv)
{
	size_t job = 0;

	while (argc == 4 && job < sizeof jobs / sizeof *jobs &&
	       strcmp(jobs[job].name, argv[1]) != 0)
		job++;
	if (argc != 4 || job == sizeof jobs / sizeof *jobs) {
		(void)fprintf(stderr, "usage: bench_growth JOB N RUNS\n");
		return 2;
	}
	return run_job(job, (uint32_t)strtoul(argv[2], NULL, 0),
		       (unsigned)strtoul(argv[3], NULL, 0))
		       ? 0
		       : 1;
}
