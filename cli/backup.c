/* SPDX-License-Identifier: MIT */
#include "backup.h"

#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "inputs.h"
#include "os.h"
#include "say.h"
#include "text.h"

static const char *asked_for(const struct app *app)
{
	return app->args.values[OPTION_BACKUP];
}

/* --format of `flash` is the format of the files that it reads. */
static s0_code find_format(struct app *app, s0_format *ret_format,
			   struct s0_error *err)
{
	s0_format format = s0_format_of_name(asked_for(app));

	if (strcmp(app->command->name, "flash") != 0)
		return output_format(app, asked_for(app), ret_format, err);
	if (format == S0_FORMAT_ELF)
		return fail_usage(err, "an ELF file cannot be written");
	*ret_format = format == S0_FORMAT_AUTO ? S0_FORMAT_BIN : format;
	return S0_OK;
}

s0_code backup_check(struct app *app, struct s0_error *err)
{
	const char *path = asked_for(app);
	s0_format format;

	if (!path) {
		if (app->args.values[OPTION_FORMAT] &&
		    strcmp(app->command->name, "flash") != 0 &&
		    strcmp(app->command->name, "plan") != 0)
			return fail_usage(err, "'--format' needs a --backup");
		return S0_OK;
	}
	if (strcmp(path, "-") == 0)
		return fail_usage(err, "a backup needs a file of its own");
	/* A second run after one that failed would write what is left over
	   what was good. */
	if (!app->replay && os_exists(path)) {
		fail(err, S0_E_FILE, "'%s' exists already", path);
		add_hint(err, "name another file for the backup; after a run "
			      "that failed this one holds what was there "
			      "before");
		return S0_E_FILE;
	}
	return find_format(app, &format, err);
}

/* Raw binary does not say where its bytes belong. */
static s0_code check_gaps(const struct s0_image *image, s0_format format,
			  struct s0_error *err)
{
	for (size_t i = 1;
	     format == S0_FORMAT_BIN && i < s0_image_piece_count(image); i++) {
		struct s0_piece last = s0_image_piece(image, i - 1);
		struct s0_piece next = s0_image_piece(image, i);

		if (last.address + last.length == next.address)
			continue;
		fail(err, S0_E_UNSUPPORTED,
		     "there is a gap behind 0x%08x in what will be erased, "
		     "which a raw binary cannot show",
		     (unsigned)(last.address + last.length));
		add_hint(err, "name the backup .hex, .s19, .dfu or .uf2");
		return S0_E_UNSUPPORTED;
	}
	return S0_OK;
}

static s0_code write_file(struct app *app, const struct s0_image *image,
			  struct s0_error *err)
{
	s0_format format = S0_FORMAT_BIN;
	s0_code code = find_format(app, &format, err);

	if (code == S0_OK)
		code = check_gaps(image, format, err);
	if (code == S0_OK)
		code = output_safe_image(app, image, format, asked_for(app),
					 err);
	if (code != S0_OK)
		return code;
	app->backup_bytes = s0_image_size(image);
	if (app->json)
		return S0_OK;
	progress_interrupt(&app->progress);
	printf("%-9s %llu bytes at 0x%08x", "saved",
	       (unsigned long long)app->backup_bytes,
	       (unsigned)s0_image_piece(image, 0).address);
	text_destination(stdout, asked_for(app));
	putchar('\n');
	return S0_OK;
}

static s0_code save(struct app *app, uint32_t address, uint32_t length,
		    struct s0_image *image, struct s0_error *err)
{
	s0_code code = s0_session_save(app->session, address, length, image,
				       NULL, err);

	if (code == S0_E_UNREADABLE && err->cause != S0_CAUSE_UNREADABLE)
		add_hint(err, "the same command without --backup goes on; "
			      "'sector0 recover' puts back what was saved "
			      "then");
	return code;
}

s0_code backup_range(struct app *app, uint32_t address, uint32_t length,
		     struct s0_error *err)
{
	struct s0_image *image = NULL;
	s0_code code;

	if (!asked_for(app))
		return S0_OK;
	code = s0_image_new(&image, err);
	if (code == S0_OK)
		code = save(app, address, length, image, err);
	if (code == S0_OK)
		code = write_file(app, image, err);
	s0_image_free(image);
	return code;
}

static bool erases_all(const struct s0_plan *plan)
{
	for (size_t i = 0; i < s0_plan_step_count(plan); i++)
		if (s0_plan_step(plan, i)->kind == S0_STEP_MASS_ERASE)
			return true;
	return false;
}

/* Sectors that adjoin are read as one. */
static s0_code save_sectors(struct app *app, const struct s0_plan *plan,
			    struct s0_image *image, struct s0_error *err)
{
	size_t count = s0_plan_sector_count(plan);
	uint32_t start = 0, length = 0;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i <= count; i++) {
		const struct s0_plan_sector *s = s0_plan_sector(plan, i);

		if (s && !s->erase)
			continue;
		if (s && length && s->address == start + length) {
			length += s->length;
			continue;
		}
		if (length)
			code = save(app, start, length, image, err);
		start = s ? s->address : 0;
		length = s ? s->length : 0;
	}
	return code;
}

s0_code backup_plan(struct app *app, const struct s0_plan *plan,
		    struct s0_error *err)
{
	struct s0_image *image = NULL;
	s0_code code;

	if (!asked_for(app))
		return S0_OK;
	if (erases_all(plan))
		return backup_range(app, 0, 0, err);
	code = s0_image_new(&image, err);
	if (code == S0_OK)
		code = save_sectors(app, plan, image, err);
	if (code == S0_OK && s0_image_piece_count(image))
		code = write_file(app, image, err);
	else if (code == S0_OK)
		say_note(app, "nothing is erased, so '%s' is not written",
			 asked_for(app));
	s0_image_free(image);
	return code;
}
