/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "buffer.h"
#include "failure.h"
#include "inputs.h"
#include "json.h"
#include "os.h"
#include "ranges.h"
#include "render.h"
#include "text.h"

/* What `read` was asked for. */
struct request {
	struct range range; /* length 0: all flash */
	const char *path;   /* NULL: show it */
	s0_format format;
};

static s0_code parse(struct app *app, struct request *request,
		     struct s0_error *err)
{
	const char **words = app->args.words;
	bool all = strcmp(words[0], "all") == 0;
	size_t before = all ? 1 : 2;

	if (!all && text_range(words, &request->range.address,
			       &request->range.length, err) != S0_OK)
		return err->code;
	if (app->args.word_count > before + 1)
		return fail_usage(err,
				  "'read' does not know what to do with '%s'",
				  words[before + 1]);
	request->path = app->args.word_count > before ? words[before] : NULL;
	if (request->path)
		return output_format(app, request->path, &request->format, err);
	if (app->args.values[OPTION_FORMAT])
		return fail_usage(err, "'--format' needs a FILE to write");
	return S0_OK;
}

static s0_code read_range(struct app *app, struct range range,
			  struct buffer *buffer, struct s0_result *sum,
			  struct s0_error *err)
{
	struct s0_result result = { 0 };
	s0_code code =
		s0_session_read(app->session, range.address, range.length,
				buffer_add, buffer, &result, err);

	result_add(sum, &result);
	if (buffer->failed) {
		*err = (struct s0_error)S0_ERROR_INIT;
		code = fail_memory(err);
	}
	return code;
}

static void emit(const struct s0_result *result, const struct buffer *shown,
		 uint64_t length)
{
	json_t *object = json_result(result);
	json_t *bytes = NULL;

	if (shown) {
		char *digits = malloc(shown->length * 2 + 1);

		for (size_t i = 0; digits && i < shown->length; i++)
			(void)snprintf(digits + 2 * i, 3, "%02x",
				       shown->bytes[i]);
		bytes = digits ? json_string(digits) : NULL;
		free(digits);
	} else {
		bytes = json_integer((json_int_t)length);
	}
	if (object && bytes)
		(void)json_object_set_new(object, "bytes", bytes);
	json_event("result", object);
}

static void tell(struct app *app, const struct request *request,
		 const struct s0_result *result, uint64_t length)
{
	FILE *out = strcmp(request->path, "-") == 0 ? stderr : stdout;

	progress_interrupt(&app->progress);
	if (app->json) {
		emit(result, NULL, length);
	} else if (out == stdout || !app->quiet) {
		fprintf(out, "read %llu bytes to '",
			(unsigned long long)length);
		text_print(out, request->path);
		fprintf(out, "' in %llu ms\n",
			(unsigned long long)((result->time_us + 500) / 1000));
	}
}

static s0_code to_file(struct app *app, const struct request *request,
		       const struct ranges *ranges, struct s0_error *err)
{
	struct s0_image *image = NULL;
	struct s0_result sum = { 0 };
	s0_code code = s0_image_new(&image, err);

	for (size_t i = 0; i < ranges->count && code == S0_OK; i++) {
		struct buffer buffer = { 0 };

		code = read_range(app, ranges->list[i], &buffer, &sum, err);
		if (code == S0_OK)
			code = s0_image_add(
				image, "device", ranges->list[i].address,
				buffer.bytes, (uint32_t)buffer.length, err);
		buffer_free(&buffer);
	}
	if (code == S0_OK)
		code = output_image(app, image, request->format, request->path,
				    err);
	if (code == S0_OK)
		tell(app, request, &sum, s0_image_size(image));
	s0_image_free(image);
	return code;
}

static s0_code to_screen(struct app *app, const struct ranges *ranges,
			 struct s0_error *err)
{
	struct buffer buffer = { 0 };
	struct s0_result sum = { 0 };
	s0_code code = read_range(app, ranges->list[0], &buffer, &sum, err);

	progress_interrupt(&app->progress);
	if (code == S0_OK && app->json)
		emit(&sum, &buffer, 0);
	else if (code == S0_OK)
		render_dump(ranges->list[0].address, buffer.bytes,
			    buffer.length);
	buffer_free(&buffer);
	return code;
}

s0_code read_run(struct app *app, struct s0_error *err)
{
	struct request request = { 0 };
	struct ranges ranges = { 0 };
	s0_code code = parse(app, &request, err);

	if (code == S0_OK)
		code = app_open_session(app, err);
	if (code == S0_OK)
		code = ranges_of(app, request.range, &ranges, err);
	if (code == S0_OK && request.path)
		code = to_file(app, &request, &ranges, err);
	else if (code == S0_OK)
		code = to_screen(app, &ranges, err);
	ranges_free(&ranges);
	return code;
}
