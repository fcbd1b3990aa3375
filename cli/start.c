/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "app.h"
#include "failure.h"
#include "job.h"
#include "json.h"
#include "text.h"

static void tell(struct app *app, uint32_t address,
		 const struct s0_result *result)
{
	progress_interrupt(&app->progress);
	if (app->json) {
		json_t *object = json_result(result);

		if (object)
			(void)json_object_set_new(
				object, "address",
				json_integer((json_int_t)address));
		json_event("result", object);
	} else {
		printf("started the firmware at 0x%08x\n", (unsigned)address);
	}
}

s0_code start_run(struct app *app, struct s0_error *err)
{
	uint32_t address = 0;
	struct s0_result result = { 0 };
	s0_code code = S0_OK;

	if (app->args.word_count > 0)
		code = text_address(app->args.words[0], &address, err);
	/* The library takes 0 for "not told": no vector table is there. */
	if (code == S0_OK && app->args.word_count > 0 && address == 0)
		code = fail_usage(err, "firmware does not start at 0x00000000");
	if (code == S0_OK)
		code = app_open_session(app, err);
	if (code == S0_OK)
		code = s0_session_start(app->session, address, &result, err);
	if (code == S0_E_EMPTY)
		add_hint(err, "'sector0 flash FILE --start' programs it first");
	if (code != S0_OK)
		return code;
	if (address == 0)
		(void)s0_map_flash_start(s0_device_map(app->device), &address);
	tell(app, address, &result);
	return job_told(app, err);
}
