/* SPDX-License-Identifier: MIT */
#include "app.h"
#include "inputs.h"
#include "job.h"

/* The files are read before the device is opened wherever that is possible:
   a broken file is found without one. Only raw binary without an address and
   UF2 have to wait for the chip. */
s0_code job_open(struct app *app, struct inputs *inputs,
		 struct s0_image **ret_image, struct s0_error *err)
{
	bool waits = inputs_need_chip(inputs);
	s0_code code = S0_OK;

	if (!waits)
		code = inputs_read(app, inputs, ret_image, err);
	if (code == S0_OK)
		code = app_open_session(app, err);
	if (code != S0_OK || !waits)
		return code;
	code = inputs_place(app, inputs, s0_device_map(app->device), err);
	if (code == S0_OK)
		code = inputs_read(app, inputs, ret_image, err);
	return code;
}

s0_code job_files(struct app *app, bool dry, struct s0_error *err)
{
	struct inputs inputs = { 0 };
	struct s0_image *image = NULL;
	struct s0_policy policy;
	s0_code code = job_policy(app, &policy, err);

	if (code == S0_OK)
		code = format_asked_for(app, &inputs.asked, err);
	if (code == S0_OK)
		code = inputs_open(app, app->args.words, app->args.word_count,
				   &inputs, err);
	if (code == S0_OK)
		code = job_open(app, &inputs, &image, err);
	inputs_close(&inputs);
	if (code == S0_OK)
		code = job_run(app, image, &policy, dry, err);
	s0_image_free(image);
	return code;
}

s0_code flash_run(struct app *app, struct s0_error *err)
{
	return job_files(app, app->args.seen[OPTION_PLAN] > 0, err);
}
