/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "app.h"
#include "failure.h"
#include "inputs.h"
#include "os.h"
#include "say.h"

const char *app_selector(const struct app *app)
{
	const char *selector = app->args.values[OPTION_DEVICE];

	if (selector)
		return selector;
	return app->replay ? app->recorded_selector : getenv("SECTOR0_DEVICE");
}

/* What is done on an assumption is said each time; info shows it itself. */
static void warn_remarks(struct app *app)
{
	const struct s0_device_info *info = s0_device_info(app->device);

	for (unsigned i = 0; i < info->remark_count; i++)
		if (info->remarks[i].kind == S0_REMARK_WARNING)
			say_warning(app, info->remarks[i].text);
}

s0_code app_open_device(struct app *app, struct s0_error *err)
{
	const struct s0_chip *chip;
	s0_code code = chip_asked_for(app, NULL, &chip, err);

	if (code == S0_OK && chip)
		code = s0_context_set_chip(app->context, chip->name, err);
	if (code == S0_OK)
		code = s0_device_open(app->context, app_selector(app),
				      &app->device, err);
	return code;
}

static enum progress_style progress_style(const struct app *app)
{
	if (app->quiet)
		return PROGRESS_NONE;
	if (app->json)
		return PROGRESS_EVENTS;
	return os_is_terminal(stderr) ? PROGRESS_BAR : PROGRESS_LINES;
}

s0_code app_open_session(struct app *app, struct s0_error *err)
{
	s0_code code = app_open_device(app, err);

	if (code == S0_OK)
		code = s0_session_new(app->device, &app->session, err);
	if (code != S0_OK)
		return code;
	warn_remarks(app);
	app->progress.style = progress_style(app);
	s0_session_set_progress(app->session, progress_report, &app->progress);
	s0_session_set_warning(app->session, say_warning, app);
	s0_session_lift_protection(app->session,
				   app->args.seen[OPTION_LIFT_PROTECTION] > 0);
	os_set_session(app->session);
	return s0_session_check_cancel(app->session, err);
}

static void close_device(struct app *app)
{
	os_set_session(NULL);
	s0_session_free(app->session);
	s0_device_close(app->device);
	app->session = NULL;
	app->device = NULL;
}

s0_code app_reopen_session(struct app *app, const char *chip,
			   struct s0_error *err)
{
	s0_code code;

	close_device(app);
	code = s0_context_set_chip(app->context, chip, err);
	return code == S0_OK ? app_open_session(app, err) : code;
}

const char *app_hidden_chip(const struct app *app)
{
	const struct s0_device_info *info = s0_device_info(app->device);

	return !info->chip && info->candidate_count && info->rdp == 1
		       ? info->candidates[0]->name
		       : NULL;
}

void app_close(struct app *app)
{
	progress_interrupt(&app->progress);
	close_device(app);
	s0_context_free(app->context);
	arguments_free(&app->args);
	app->context = NULL;
}
