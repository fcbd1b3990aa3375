/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
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

static s0_code run(struct app *app, uint32_t address,
		   const struct buffer *buffer, struct s0_error *err)
{
	struct s0_image *image = NULL;
	struct s0_policy policy;
	s0_code code = job_policy(app, &policy, err);

	policy.keep = true;
	policy.write_ram = true;
	if (code == S0_OK)
		code = s0_image_new(&image, err);
	if (code == S0_OK)
		code = s0_image_add(image, "the command line", address,
				    buffer->bytes, (uint32_t)buffer->length,
				    err);
	if (code == S0_OK)
		code = app_open_session(app, err);
	if (code == S0_OK)
		code = job_run(app, image, &policy, false, err);
	/* No linker script has a part in this. */
	if (code == S0_E_OUTSIDE)
		add_hint(err, "'sector0 info' lists the memory that can be "
			      "written");
	s0_image_free(image);
	return code;
}

s0_code write_run(struct app *app, struct s0_error *err)
{
	struct buffer buffer = { 0 };
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
		code = run(app, address, &buffer, err);
	buffer_free(&buffer);
	return code;
}

static s0_code parse_byte(const char *word, uint8_t *ret_byte,
			  struct s0_error *err)
{
	const char *digits = after_0x(word);
	int value = 0;
	size_t length = strlen(digits);

	for (size_t i = 0; i < length && length <= 2 && value >= 0; i++) {
		int digit = text_digit(digits[i]);

		value = digit < 0 ? -1 : value * 16 + digit;
	}
	if (length == 0 || length > 2 || value < 0) {
		fail_usage(err, "'%s' is not a byte", word);
		add_hint(err, "a byte is two hexadecimal digits: 0xA5 or A5");
		return S0_E_USAGE;
	}
	*ret_byte = (uint8_t)value;
	return S0_OK;
}

s0_code fill_run(struct app *app, struct s0_error *err)
{
	const char **words = app->args.words;
	struct buffer buffer = { 0 };
	uint32_t address = 0, length = 0;
	uint8_t byte = 0;
	s0_code code = text_range(words, &address, &length, err);

	if (code == S0_OK)
		code = parse_byte(words[2], &byte, err);
	if (code == S0_OK && length > FILL_LIMIT)
		code = fail_usage(err, "'%s' is more than any chip has",
				  words[1]);
	if (code != S0_OK)
		return code;
	buffer.bytes = malloc(length);
	if (!buffer.bytes)
		return fail_memory(err);
	memset(buffer.bytes, byte, length);
	buffer.length = length;
	code = run(app, address, &buffer, err);
	buffer_free(&buffer);
	return code;
}
