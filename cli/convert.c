/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "failure.h"
#include "inputs.h"
#include "json.h"
#include "text.h"

static json_t *segments(const struct s0_image *image)
{
	json_t *list = json_array();
	struct s0_segment segment;

	for (size_t i = 0; s0_image_segment(image, i, &segment); i++)
		(void)json_array_append_new(
			list, json_pack("{s:o, s:o, s:I, s:I}", "file",
					json_text(segment.file), "section",
					json_text(segment.section), "address",
					(json_int_t)segment.address, "length",
					(json_int_t)segment.length));
	return list;
}

static void tell(struct app *app, const struct s0_image *image,
		 s0_format format, const char *path)
{
	FILE *out = strcmp(path, "-") == 0 ? stderr : stdout;
	uint64_t size = s0_image_size(image);

	if (app->json) {
		json_event("result", json_pack("{s:b, s:o, s:I}", "ok", 1,
					       "segments", segments(image),
					       "bytes", (json_int_t)size));
	} else if (out == stdout || !app->quiet) {
		fprintf(out, "wrote %llu bytes as %s", (unsigned long long)size,
			s0_format_name(format));
		text_destination(out, path);
		putc('\n', out);
	}
}

static s0_code convert(struct app *app, const struct inputs *inputs,
		       struct s0_error *err)
{
	const char *path = app->args.words[1];
	const struct input *unplaced = inputs_unplaced(inputs);
	struct s0_image *image = NULL;
	s0_format format;
	s0_code code;

	if (unplaced) {
		fail_usage(err, "'%s' is raw binary: where does it belong?",
			   unplaced->shown);
		add_hint(err, "add --address 0x08000000, for example");
		return S0_E_USAGE;
	}
	code = output_format(app, path, &format, err);
	if (code == S0_OK)
		code = inputs_read(app, inputs, &image, err);
	if (code == S0_OK)
		code = output_image(app, image, format, path, err);
	if (code == S0_OK)
		tell(app, image, format, path);
	s0_image_free(image);
	return code;
}

s0_code convert_run(struct app *app, struct s0_error *err)
{
	struct inputs inputs = { 0 };
	const struct s0_chip *chip;
	s0_code code = chip_asked_for(app, NULL, &chip, err);

	if (code == S0_OK)
		code = inputs_open(app, app->args.words, 1, &inputs, err);
	if (code == S0_OK)
		code = convert(app, &inputs, err);
	inputs_close(&inputs);
	return code;
}
