/* SPDX-License-Identifier: MIT */
/* Option bytes as a file for people and for `option load`: the same chip gives
 * the same file, so that two can be compared. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "json.h"
#include "option.h"
#include "os.h"
#include "say.h"
#include "text.h"

static bool put(struct output *output, const char *format, ...) S0_PRINTF(2, 3);

static bool put(struct output *output, const char *format, ...)
{
	char line[S0_OPTION_TEXT + S0_OPTION_MEANING + 64];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	return length >= 0 && (size_t)length < sizeof line &&
	       os_write(output, line, (size_t)length);
}

static bool put_field(struct output *output, const struct option_view *view)
{
	int width = 27 - (int)strlen(view->field->name);

	return put(output, "%s = %-*s # %s\n", view->field->name,
		   width > 0 ? width : 0, view->text, view->meaning);
}

/* Fields of a group that all parts have, or (@only) that not all have. */
static bool put_group(struct output *output, const struct s0_device_info *info,
		      s0_option_group group, bool only, size_t *count)
{
	struct option_view view;
	bool good = true, headed = false;

	for (size_t i = 0; good && i < info->chip->option_count; i++) {
		const struct s0_option_field *field = &info->chip->options[i];

		if (field->group != group || only != (field->only != NULL) ||
		    !option_look(info, field, &view))
			continue;
		if (!headed && only)
			good = put(output, "\n[%s, only on %s]\n",
				   s0_option_group_name(group), field->only);
		else if (!headed)
			good = put(output, "\n[%s]\n",
				   s0_option_group_name(group));
		headed = true;
		good = good && put_field(output, &view);
		(*count)++;
	}
	return good;
}

/* What fields say of a word is left out: they say it by name. */
static bool put_words(struct output *output, const struct s0_device_info *info,
		      size_t *count)
{
	bool good = true, headed = false;

	for (size_t at = 0; good && s0_option_partial(info->chip) &&
			    at + 4 <= info->option_length;
	     at += 4) {
		const uint8_t *bytes =
			info->options + s0_option_shown_at(info->chip, at);
		uint32_t bits = s0_option_raw_bits(info->chip, at), word = 0;

		for (unsigned i = 0; i < 4; i++)
			word |= (uint32_t)bytes[i] << 8 * i;
		if (!bits)
			continue;
		if (!headed)
			good = put(output, "\n[words, but for what is named "
					   "above]\n");
		headed = true;
		good = good && put(output, "0x%08x = 0x%08x\n",
				   (unsigned)s0_option_address(info->chip, at),
				   (unsigned)word);
		(*count)++;
	}
	return good;
}

static bool put_all(struct output *output, const struct s0_device_info *info,
		    size_t *count)
{
	bool good = put(output,
			"# sector0 option bytes; 'sector0 option load' reads "
			"them\nchip = %s\n",
			info->chip->name);

	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned group = 0; good && group < S0_OPTION_GROUPS;
		     group++)
			good = put_group(output, info, (s0_option_group)group,
					 pass, count);
	return good && put_words(output, info, count);
}

/* What is programmed shows up later only, or never. */
static void warn_of_pending(struct app *app, const struct s0_device_info *info)
{
	struct option_view view;
	char line[256];

	for (size_t i = 0; i < info->chip->option_count; i++) {
		if (!option_look(info, &info->chip->options[i], &view) ||
		    view.current == view.programmed)
			continue;
		(void)snprintf(line, sizeof line,
			       "%s is saved as it is now, %s; another value is "
			       "programmed",
			       view.field->name, view.text);
		say_warning(app, line);
	}
}

static void tell(struct app *app, const char *path, size_t count)
{
	if (app->json) {
		json_event("result", json_pack("{s:b, s:I}", "ok", 1, "fields",
					       (json_int_t)count));
	} else if (strcmp(path, "-") != 0) {
		printf("saved %zu fields", count);
		text_destination(stdout, path);
		putchar('\n');
	}
}

s0_code option_save(struct app *app, struct s0_error *err)
{
	const char *path = app->args.words[1];
	bool standard = strcmp(path, "-") == 0;
	const struct s0_device_info *info;
	struct output output;
	size_t count = 0;
	s0_code code;

	if (app->json && standard)
		return fail_usage(err, "'--json' and a file on standard "
				       "output exclude each other");
	code = option_open(app, err);
	if (code != S0_OK)
		return code;
	info = s0_device_info(app->device);
	warn_of_pending(app, info);
	if (app->replay && !standard)
		say_note(app, "'%s' is not written in a replay", path);
	code = os_begin_output(app->replay && !standard ? "/dev/null" : path,
			       &output, err);
	if (code != S0_OK)
		return code;
	if (!put_all(&output, info, &count)) {
		code = os_fail_output(&output, err);
		(void)os_end_output(&output, false, err);
		return code;
	}
	code = os_end_output(&output, true, err);
	if (code == S0_OK)
		tell(app, path, count);
	return code;
}
