/* SPDX-License-Identifier: MIT */
/* Which virtual chip is like a recorded device. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "chip/chip_internal.h"
#include "device/trace_check.h"

/* A description being put together. */
struct wanted {
	char *chars;
	size_t size, length;
	bool whole; /* as it was recorded: nothing is to be added */
};

static bool has_key(const struct wanted *wanted, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = strchr(wanted->chars, ','); at;
	     at = strchr(at + 1, ','))
		if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '=')
			return true;
	return false;
}

S0_PRINTF(2, 3)
static void add(struct wanted *wanted, const char *format, ...)
{
	size_t left = wanted->size - wanted->length;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(wanted->chars + wanted->length, left, format, args);
	va_end(args);
	/* What does not fit is refused as a description, if it matters. */
	wanted->length +=
		length > 0 && (size_t)length < left ? (size_t)length : left - 1;
}

/* Keys that are about this host, not about the chip. */
static bool is_left_out(const char *pair)
{
	return !strncmp(pair, "file=", 5) || !strncmp(pair, "clock=", 6);
}

/* A recorded selector without its file: that chip is somewhere else. */
static void take_selector(struct wanted *wanted, const char *selector)
{
	bool filed = false;

	while (*selector) {
		size_t length = strcspn(selector, ",");

		if (!is_left_out(selector))
			add(wanted, "%s%.*s", wanted->length ? "," : "",
			    (int)length, selector);
		filed = filed || !strncmp(selector, "file=", 5);
		selector += length;
		selector += *selector == ',';
	}
	wanted->whole = !filed;
}

static void add_uid(struct wanted *wanted, const struct s0_chip *chip,
		    const struct trace_past *past)
{
	uint8_t uid[12];

	if (has_key(wanted, "uid") ||
	    !trace_past_held(past, chip->uid_address, uid, sizeof uid))
		return;
	add(wanted, ",uid=");
	for (size_t i = 0; i < sizeof uid; i++)
		add(wanted, "%02x", uid[i]);
}

static void add_options(struct wanted *wanted, const struct s0_chip *chip,
			const struct trace_past *past)
{
	uint8_t window[S0_OPTION_MAX];
	uint32_t rdp, first = 0xff, second = 0xff;
	unsigned length = chip->option_length;

	if (length > sizeof window ||
	    !trace_past_held(past, chip->option_address, window, length))
		return;
	if (!has_key(wanted, "rdp") &&
	    chip_option(chip, "RDP", window, length, &rdp) && rdp != 0xaa)
		add(wanted, ",rdp=1");
	if (has_key(wanted, "wrp") ||
	    !chip_option(chip, "WRPSn1", window, length, &first))
		return;
	(void)chip_option(chip, "WRPSn2", window, length, &second);
	/* The bits are of sectors that may be written. */
	first = (~first & 0xff) | (~second & 0xff) << 8;
	if (first)
		add(wanted, ",wrp=0x%04x", (unsigned)first);
}

static void add_identity(struct wanted *wanted, const struct s0_chip *chip,
			 const struct trace_past *past)
{
	static const uint8_t revision_y[] = { '1', 0, '0', 0, '0', 0, '3', 0 };
	uint8_t word[4];

	if (!has_key(wanted, "rom") &&
	    trace_past_held(past, chip->version_address, word, 1))
		add(wanted, ",rom=0x%02X", word[0]);
	if (!has_key(wanted, "flash_kb") &&
	    trace_past_held(past, chip->flash_size_address, word, 2))
		add(wanted, ",flash_kb=%u", get_le16(word));
	/* The serial number begins with the silicon revision. */
	if (!has_key(wanted, "rev") && past->serial_length >= 10 &&
	    memcmp(past->serial + 2, revision_y, sizeof revision_y) == 0)
		add(wanted, ",rev=Y");
}

s0_code trace_deduce(const struct trace_event *open,
		     const struct trace_past *past, const char *given,
		     char *description, size_t size, struct s0_error *err)
{
	struct wanted wanted = { .chars = description, .size = size };
	const char *selector = trace_text(open, "path");
	const struct s0_chip *chip = s0_chip_match(past->map);

	if (trace_text(open, "selector"))
		selector = trace_text(open, "selector");
	description[0] = '\0';
	if (given)
		add(&wanted, "%s",
		    given + (strncmp(given, "sim:", 4) == 0 ? 4 : 0));
	else if (selector && strncmp(selector, "sim:", 4) == 0 && selector[4])
		take_selector(&wanted, selector + 4);
	else if (chip)
		add(&wanted, "%s", chip->name);
	else
		return error_set(
			err, S0_E_UNSUPPORTED,
			"the layout of the recorded device is no known "
			"chip's: name a profile");
	/* Another chip's profile was asked for: nothing of this one fits it. */
	if (wanted.whole || !chip ||
	    strncmp(description, chip->name, strlen(chip->name)) != 0)
		return S0_OK;
	add_identity(&wanted, chip, past);
	add_uid(&wanted, chip, past);
	add_options(&wanted, chip, past);
	return S0_OK;
}
