/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "app.h"
#include "buffer.h"
#include "failure.h"
#include "job.h"
#include "text.h"

/* `write` and `fill`: small changes by hand, with the plan's care. */

/* No memory of these chips is longer; a larger LENGTH is a slip. */
#define FILL_LIMIT ((uint32_t)64 << 20)

#define TEXT_PREFIX "text:"
/* What the bytes are said to come from. */
#define SOURCE "the command line"

static const char *after_0x(const char *word)
{
	return word[0] == '0' && (word[1] == 'x' || word[1] == 'X') ? word + 2
								    : word;
}

static s0_code add_hex(struct buffer *buffer, const char *word,
		       struct s0_error *err)
{
	const char *digits = after_0x(word);
	size_t length = strlen(digits);
	bool good = length > 0 && length % 2 == 0;

	for (size_t i = 0; good && i < length; i += 2) {
		int high = text_digit(digits[i]);
		int low = text_digit(digits[i + 1]);
		uint8_t byte = (uint8_t)(high * 16 + low);

		good = high >= 0 && low >= 0;
		if (good && !buffer_add(buffer, &byte, 1))
			return fail_memory(err);
	}
	if (good)
		return S0_OK;
	fail_usage(err, "'%s' is not a row of bytes", word);
	add_hint(err,
		 "bytes are pairs of hexadecimal digits, 0x12 or DEADBEEF, "
		 "or text:STRING");
	return S0_E_USAGE;
}

static s0_code add_word(struct buffer *buffer, const char *word,
			struct s0_error *err)
{
	size_t prefix = strlen(TEXT_PREFIX);

	if (strncmp(word, TEXT_PREFIX, prefix) != 0)
		return add_hex(buffer, word, err);
	if (!buffer_add(buffer, word + prefix, strlen(word + prefix)))
		return fail_memory(err);
	return S0_OK;
}

static s0_code run(struct app *app, const struct s0_image *image,
		   struct s0_error *err)
{
	struct s0_policy policy;
	s0_code code = job_policy(app, &policy, err);

	policy.keep = true;
	policy.write_ram = true;
	if (code == S0_OK)
		code = app_open_session(app, err);
	if (code == S0_OK)
		code = job_run(app, image, &policy, false, err);
	/* No linker script has a part in this. */
	if (code == S0_E_OUTSIDE)
		add_hint(err, "'sector0 info' lists the memory that can be "
			      "written");
	return code;
}

s0_code write_run(struct app *app, struct s0_error *err)
{
	struct buffer buffer = { 0 };
	struct s0_image *image = NULL;
	uint32_t address = 0;
	s0_code code = text_address(app->args.words[0], &address, err);

	for (size_t i = 1; i < app->args.word_count && code == S0_OK; i++)
		code = add_word(&buffer, app->args.words[i], err);
	if (code == S0_OK && buffer.length == 0)
		code = fail_usage(err, "there are no bytes to write");
	if (code == S0_OK && buffer.length - 1 > UINT32_MAX - address)
		code = fail_usage(err,
				  "%zu bytes from 0x%08x run past 0xffffffff",
				  buffer.length, (unsigned)address);
	if (code == S0_OK)
		code = s0_image_new(&image, err);
	if (code == S0_OK)
		code = s0_image_add(image, SOURCE, address, buffer.bytes,
				    (uint32_t)buffer.length, err);
	if (code == S0_OK)
		code = run(app, image, err);
	s0_image_free(image);
	buffer_free(&buffer);
	return code;
}

/* Its digits say how wide it is; one is a byte too. */
static s0_code parse_word(const char *word, uint64_t *ret_value,
			  unsigned *ret_width, struct s0_error *err)
{
	const char *digits = after_0x(word);
	size_t length = strlen(digits);
	size_t width = (length + 1) / 2;
	uint64_t value = 0;
	bool good = length == 1 || (length % 2 == 0 && width <= 8 && width &&
				    (width & (width - 1)) == 0);

	for (size_t i = 0; good && i < length; i++) {
		int digit = text_digit(digits[i]);

		good = digit >= 0;
		value = value << 4 | (unsigned)digit;
	}
	if (!good) {
		fail_usage(err, "'%s' is not a byte or a word", word);
		add_hint(err, "a byte is two hexadecimal digits, 0xA5 or A5; a "
			      "word 4, 8 or 16");
		return S0_E_USAGE;
	}
	*ret_value = value;
	*ret_width = (unsigned)width;
	return S0_OK;
}

s0_code fill_run(struct app *app, struct s0_error *err)
{
	const char **words = app->args.words;
	struct s0_image *image = NULL;
	uint32_t address = 0, length = 0;
	uint64_t value = 0;
	unsigned width = 1;
	s0_code code = text_range(words, &address, &length, err);

	if (code == S0_OK)
		code = parse_word(words[2], &value, &width, err);
	if (code == S0_OK && length > FILL_LIMIT)
		code = fail_usage(err, "'%s' is more than any chip has",
				  words[1]);
	if (code == S0_OK)
		code = s0_image_new(&image, err);
	if (code == S0_OK)
		code = s0_image_fill(image, SOURCE, address, length, value,
				     width, err);
	if (code == S0_OK)
		code = run(app, image, err);
	s0_image_free(image);
	return code;
}
