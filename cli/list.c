/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "app.h"
#include "json.h"
#include "say.h"
#include "text.h"

static void show_open(struct app *app, const struct s0_device *device)
{
	const struct s0_device_info *info = s0_device_info(device);
	const struct s0_map *map = s0_device_map(device);

	if (app->json) {
		json_device(info, map);
		return;
	}
	text_print(stdout, info->path);
	printf("  %04x:%04x  serial ", info->vendor, info->product);
	text_print(stdout, info->serial[0] != '\0' ? info->serial : "none");
	printf("%s  ", info->serial_shared ? " (shared by many boards)" : "");
	text_print(stdout, info->name);
	putchar('\n');
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		char size[32];

		if (!area->from_device)
			continue;
		text_size(size, sizeof size, area->length);
		printf("    0x%08x  %-10s  ", (unsigned)area->address, size);
		text_print(stdout, area->name);
		putchar('\n');
	}
}

/* A device that could not be asked: what the bus tells, and why not more. */
static void show_closed(struct app *app, const struct s0_candidate *candidate,
			const char *reason)
{
	char line[256];

	if (app->json) {
		json_candidate(candidate);
	} else {
		text_print(stdout, candidate->path);
		printf("  %04x:%04x  serial ", candidate->vendor,
		       candidate->product);
		text_print(stdout, candidate->serial[0] != '\0'
					   ? candidate->serial
					   : "not told");
		printf("%s  ", candidate->serial_shared
				       ? " (shared by many boards)"
				       : "");
		text_print(stdout, candidate->name);
		printf("\n    ");
		text_print(stdout, reason);
		putchar('\n');
		return;
	}
	(void)snprintf(line, sizeof line, "%s: %s", candidate->path, reason);
	say_warning(app, line);
}

static void warn_shared(struct app *app, const char *path, const char *serial)
{
	char line[320];

	if (!app->json)
		return; /* the line of the device says so */
	(void)snprintf(line, sizeof line,
		       "%s: many boards have the serial number %s", path,
		       serial);
	say_warning(app, line);
}

static void show(struct app *app, const struct s0_candidate *candidate)
{
	struct s0_error why = S0_ERROR_INIT;
	struct s0_device *device = NULL;

	if (!candidate->accessible)
		show_closed(
			app, candidate,
			candidate->forbidden
				? "no permission to open it: see the udev rule"
				: "it cannot be opened; 'sector0 info' says "
				  "why");
	else if (s0_device_open(app->context, candidate->path, &device, &why) !=
		 S0_OK)
		show_closed(app, candidate, why.message);
	else
		show_open(app, device);
	s0_device_close(device);
	if (candidate->serial_shared)
		warn_shared(app, candidate->path, candidate->serial);
}

static void finish(struct app *app, size_t count)
{
	if (app->json)
		json_event("result", json_pack("{s:b, s:I}", "ok", 1, "count",
					       (json_int_t)count));
	else if (count == 0)
		say_note(app, "no device in DFU mode");
}

static s0_code list_one(struct app *app, struct s0_error *err)
{
	const struct s0_device_info *info;
	s0_code code = app_open_device(app, err);

	if (code != S0_OK)
		return code;
	info = s0_device_info(app->device);
	show_open(app, app->device);
	if (info->serial_shared)
		warn_shared(app, info->path, info->serial);
	finish(app, 1);
	return S0_OK;
}

s0_code list_run(struct app *app, struct s0_error *err)
{
	const char *selector = app_selector(app);
	struct s0_candidate *list = NULL;
	size_t count = 0, in_dfu = 0;
	s0_code code;

	if (selector && selector[0] != '\0')
		return list_one(app, err);
	code = s0_device_find(app->context, &list, &count, err);
	if (code != S0_OK)
		return code;
	for (size_t i = 0; i < count; i++) {
		if (list[i].dfu_mode) {
			show(app, &list[i]);
			in_dfu++;
		} else {
			say_note(app,
				 "%s (%s) runs its firmware; it could be put "
				 "in DFU mode",
				 list[i].path, list[i].name);
		}
	}
	s0_candidates_free(list);
	finish(app, in_dfu);
	return S0_OK;
}
