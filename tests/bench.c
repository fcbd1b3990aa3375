/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "bench.h"

#include <stdio.h>
#include <string.h>

#define FLASH 0x08000000u

static struct s0_image *two_sectors(void)
{
	struct s0_image *image = board_image(FLASH, 3000, 1);
	struct s0_image *more = board_image(FLASH + 0x20400, 2500, 2);
	struct s0_piece p = s0_image_piece(more, 0);

	assert_int_equal(
		s0_image_add(image, "t", p.address, p.bytes, p.length, NULL),
		S0_OK);
	s0_image_free(more);
	return image;
}

void bench_lay_out(struct bench *bench, const char *description)
{
	static const uint8_t old[] = "old firmware";
	struct s0_piece p;

	memset(bench, 0, sizeof *bench);
	board_make(&bench->board, description);
	bench->board.reconnect_ms = S0_RECONNECT_MS;
	bench->image = two_sectors();
	bench->neighbours = board_image(FLASH + 0x3ff00, 200, 7);
	p = s0_image_piece(bench->neighbours, 0);
	(void)s0_sim_poke(bench->board.sim, FLASH, old, sizeof old);
	(void)s0_sim_poke(bench->board.sim, FLASH + 0x20400, old, sizeof old);
	(void)s0_sim_poke(bench->board.sim, p.address, p.bytes, p.length);
}

void bench_clear_away(struct bench *bench)
{
	s0_image_free(bench->image);
	s0_image_free(bench->neighbours);
	board_free(&bench->board);
}

static void warn(void *payload, const char *line)
{
	struct bench *bench = payload;

	/* What it says of the link's speed is another matter. */
	if (strncmp(line, "it took ", 8) != 0)
		return;
	bench->warnings++;
	(void)snprintf(bench->warning, sizeof bench->warning, "%s", line);
}

static bool waiting(void *payload, const char *what)
{
	struct bench *bench = payload;

	bench->waits += strcmp(bench->waiting, what) != 0;
	(void)snprintf(bench->waiting, sizeof bench->waiting, "%s", what);
	return !bench->meanwhile || bench->meanwhile(bench);
}

s0_code bench_start(struct bench *bench, struct s0_error *err)
{
	struct s0_patience patience = { .reconnect_ms =
						bench->board.reconnect_ms,
					.waiting = waiting,
					.payload = bench };
	s0_code code;

	bench->board.patience = &patience;
	code = board_open(&bench->board, err);
	bench->board.patience = NULL;
	if (code == S0_OK)
		s0_session_set_warning(bench->board.session, warn, bench);
	return code;
}

s0_code bench_flash(struct bench *bench, const struct s0_policy *policy,
		    struct s0_result *result, struct s0_error *err)
{
	struct s0_plan *plan = NULL;
	s0_code code = bench_start(bench, err);

	if (code == S0_OK)
		code = s0_session_plan(bench->board.session, bench->image,
				       policy, &plan, err);
	if (code == S0_OK)
		code = s0_session_run(bench->board.session, plan, result, err);
	s0_plan_free(plan);
	board_close(&bench->board);
	return code;
}
