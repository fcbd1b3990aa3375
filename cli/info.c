/* SPDX-License-Identifier: MIT */
#include "app.h"
#include "json.h"
#include "option.h"
#include "render.h"

s0_code info_run(struct app *app, struct s0_error *err)
{
	s0_code code = app_open_device(app, err);

	if (code != S0_OK)
		return code;
	if (app->json) {
		json_device(s0_device_info(app->device),
			    s0_device_map(app->device));
		if (s0_device_info(app->device)->chip)
			json_options(s0_device_info(app->device));
		json_event("result", json_pack("{s:b}", "ok", 1));
	} else {
		render_info(app->device);
	}
	return S0_OK;
}
