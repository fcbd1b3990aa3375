/* SPDX-License-Identifier: MIT */
#include "app.h"
#include "failure.h"
#include "inputs.h"
#include "job.h"
#include "json.h"
#include "say.h"

/* What is planned for where no chip is named. */
#define DEFAULT_CHIP "stm32h743"

static void tell_chip(struct app *app, const struct s0_chip *chip,
		      const struct s0_map *map)
{
	if (!app->args.values[OPTION_CHIP])
		say_note(app,
			 "planning for %s with %u KiB of flash; --chip names "
			 "another chip, -d a device",
			 chip->name, (unsigned)(s0_map_flash_size(map) / 1024));
}

static s0_code make_plan(struct app *app, struct inputs *inputs,
			 const struct s0_chip *chip, const struct s0_map *map,
			 struct s0_error *err)
{
	struct s0_image *image = NULL;
	struct s0_plan *plan = NULL;
	struct s0_policy policy;
	s0_code code = job_policy(app, &policy, err);

	if (code == S0_OK)
		code = inputs_place(app, inputs, map, err);
	if (code == S0_OK)
		code = inputs_read(app, inputs, &image, err);
	if (code == S0_OK)
		code = s0_plan_new(image, map, chip, &policy, &plan, err);
	if (code == S0_OK)
		code = job_show_plan(app, plan, map, true, err);
	if (code == S0_OK && app->json)
		json_event("result", json_pack("{s:b}", "ok", 1));
	s0_plan_free(plan);
	s0_image_free(image);
	return code;
}

static s0_code plan_without_device(struct app *app, struct s0_error *err)
{
	struct inputs inputs = { 0 };
	const struct s0_chip *chip = NULL;
	struct s0_map *map = NULL;
	s0_code code = chip_asked_for(app, DEFAULT_CHIP, &chip, err);

	if (code == S0_OK)
		code = format_asked_for(app, &inputs.asked, err);
	if (code == S0_OK)
		code = inputs_open(app, app->args.words, app->args.word_count,
				   &inputs, err);
	if (code == S0_OK)
		code = s0_chip_map(chip, &map, err);
	if (code == S0_OK) {
		tell_chip(app, chip, map);
		code = make_plan(app, &inputs, chip, map, err);
	}
	inputs_close(&inputs);
	s0_map_free(map);
	return code;
}

s0_code plan_run(struct app *app, struct s0_error *err)
{
	/* Only -d: SECTOR0_DEVICE is the device to use where one is needed. */
	if (!app->args.values[OPTION_DEVICE])
		return plan_without_device(app, err);
	return job_files(app, true, err);
}
