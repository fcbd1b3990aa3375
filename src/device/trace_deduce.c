/* SPDX-License-Identifier: MIT */
/* Which virtual chip is like a recorded device. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "chip/candidates.h"
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

/* A key and its value, unless that profile does not take it: then its own
 * value stays, and what the device tells differs there. */
static void add_if_taken(struct wanted *wanted, const struct s0_chip *chip,
			 const char *key, const char *value)
{
	char pair[64];
	struct s0_sim *sim = NULL;

	(void)snprintf(pair, sizeof pair, "%s,%s=%s", chip->name, key, value);
	if (s0_sim_new(pair, &sim, NULL) == S0_OK)
		add(wanted, ",%s=%s", key, value);
	s0_sim_free(sim);
}

static void add_number_if_taken(struct wanted *wanted,
				const struct s0_chip *chip, const char *key,
				const char *format, unsigned number)
{
	char value[16];

	(void)snprintf(value, sizeof value, format, number);
	add_if_taken(wanted, chip, key, value);
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
	const struct s0_option_field *field;
	uint32_t value, protected = 0, length = s0_option_length(chip);
	struct s0_option_window part;
	unsigned shift = 0;

	if (length > sizeof window)
		return;
	for (size_t i = 0; s0_option_window(chip, i, &part); i++)
		if (!trace_past_held(past, part.address, window + part.at,
				     part.length))
			return;
	field = s0_option_at(chip, S0_OPTION_READ_PROTECTION, S0_OPTION_RDP, 0);
	if (!has_key(wanted, "rdp") && field &&
	    s0_option_get(field, window, length, false, &value) &&
	    s0_option_level(value) > 0)
		add_if_taken(wanted, chip, "rdp", "1");
	/* The bits are of sectors that may be written. */
	for (unsigned bank = 1; bank <= 2; bank++) {
		field = s0_option_at(chip, S0_OPTION_WRITE_PROTECTION,
				     S0_OPTION_SECTORS, bank);
		if (!field ||
		    !s0_option_get(field, window, length, false, &value))
			continue;
		protected |= (~value & ((1u << field->width) - 1)) << shift;
		shift += field->width;
	}
	if (protected && !has_key(wanted, "wrp"))
		add_number_if_taken(wanted, chip, "wrp", "0x%04x", protected);
}

static void add_identity(struct wanted *wanted, const struct s0_chip *chip,
			 const struct trace_past *past)
{
	static const uint8_t revision_y[] = { '1', 0, '0', 0, '0', 0, '3', 0 };
	uint8_t word[4];

	if (!has_key(wanted, "rom") &&
	    trace_past_held(past, chip->version_address, word, 1))
		add_number_if_taken(wanted, chip, "rom", "0x%02X", word[0]);
	if (!has_key(wanted, "flash_kb") &&
	    trace_past_held(past, chip->flash_size_address, word, 2))
		add_number_if_taken(wanted, chip, "flash_kb", "%u",
				    get_le16(word));
	/* The serial number begins with the silicon revision. */
	if (!has_key(wanted, "rev") && past->serial_length >= 10 &&
	    memcmp(past->serial + 2, revision_y, sizeof revision_y) == 0)
		add_if_taken(wanted, chip, "rev", "Y");
}

/* A descriptor as a virtual chip gives it; its length. */
static size_t descriptor_of(struct s0_sim *sim, uint8_t type, uint8_t index,
			    uint8_t *bytes, uint16_t size)
{
	struct s0_sim_setup setup = {
		.request_type = 0x80,
		.request = 6, /* GET_DESCRIPTOR */
		.value = (uint16_t)(type << 8 | index),
		.index = type == 3 ? 0x0409 : 0,
		.length = size,
	};
	struct s0_sim_reply reply;

	s0_sim_control(sim, &setup, bytes, &reply);
	return reply.handshake == S0_SIM_ACK ? reply.length : 0;
}

/* Has an alternate setting of that virtual chip the recorded layout? The
 * interface descriptors name its string. */
static bool has_layout(struct s0_sim *sim, const char *layout)
{
	uint8_t config[255], raw[255];
	size_t length = descriptor_of(sim, 2, 0, config, sizeof config);
	size_t chars = strlen(layout), got, i = 0;

	if (length < 18 || chars == 0)
		return false;
	got = descriptor_of(sim, 3, config[9 + 8], raw, sizeof raw);
	while (i < chars && 2 * i + 3 < got &&
	       raw[2 * i + 2] == (uint8_t)layout[i] && raw[2 * i + 3] == 0)
		i++;
	return i == chars && got == 2 * chars + 2;
}

/* The chips whose layout is not the one that all of their kind have. */
static const char *match_profile(const char *layout)
{
	static const char *const profiles[] = {
		"stm32h743",
		"stm32f405",
		"stm32h743,flash_kb=1024",
		"stm32h743,flash_kb=128",
		"stm32f405,flash_kb=512",
	};
	const char *found = NULL;

	for (size_t i = 0; !found && i < sizeof profiles / sizeof *profiles;
	     i++) {
		struct s0_sim *sim = NULL;

		if (s0_sim_new(profiles[i], &sim, NULL) == S0_OK &&
		    has_layout(sim, layout))
			found = profiles[i];
		s0_sim_free(sim);
	}
	return found;
}

static const struct s0_chip *chip_of(const char *profile)
{
	char name[16];

	(void)snprintf(name, sizeof name, "%.*s", (int)strcspn(profile, ","),
		       profile);
	return s0_chip_find(name);
}

static s0_code begin(struct wanted *wanted, const struct trace_event *open,
		     const char *profile, const char *given,
		     struct s0_error *err)
{
	const char *selector = trace_text(open, "selector");

	if (!selector)
		selector = trace_text(open, "path");
	if (given)
		add(wanted, "%s",
		    given + (strncmp(given, "sim:", 4) == 0 ? 4 : 0));
	else if (selector && strncmp(selector, "sim:", 4) == 0 && selector[4])
		take_selector(wanted, selector + 4);
	else if (profile)
		add(wanted, "%s", profile);
	else
		return error_set(
			err, S0_E_UNSUPPORTED,
			"the layout of the recorded device is no known "
			"chip's: name a profile");
	return S0_OK;
}

/* The chip that the recorded device is, by its strings and what was read. */
static const struct s0_chip *match_chip(const struct trace_past *past)
{
	const struct chip_told told = { .map = past->map };
	struct candidates c = { .count = 0 };
	const struct s0_chip *chip;
	uint8_t word[2];

	for (size_t i = 0; (chip = s0_chip_at(i)); i++)
		candidates_add(&c, chip, &told);
	for (size_t i = 0; (chip = s0_chip_at(i)); i++)
		if (candidates_have(&c, chip) &&
		    trace_past_held(past, chip->version_address, word, 1) &&
		    candidates_take_version(&c, chip->version_address, word[0]))
			return c.count == 1 ? c.chips[0] : NULL;
	candidates_doubt(&c);
	return c.count == 1 && c.fit ? c.chips[0] : NULL;
}

s0_code trace_deduce(const struct trace_event *open,
		     const struct trace_past *past, const char *given,
		     char *description, size_t size, struct s0_error *err)
{
	struct wanted wanted = { .chars = description, .size = size };
	const struct s0_chip *chip = match_chip(past);
	const char *profile = chip ? chip->name : match_profile(past->layout);
	s0_code code;

	if (!chip && profile)
		chip = chip_of(profile);
	description[0] = '\0';
	code = begin(&wanted, open, profile, given, err);
	/* Another chip's profile was asked for: nothing of this one fits it. */
	if (code != S0_OK || wanted.whole || !chip ||
	    strncmp(description, chip->name, strlen(chip->name)) != 0)
		return code;
	add_identity(&wanted, chip, past);
	add_uid(&wanted, chip, past);
	add_options(&wanted, chip, past);
	return S0_OK;
}
