/* SPDX-License-Identifier: MIT */
/* dfu-util -a 1 -D: option bytes from a file. */
#include <stdlib.h>
#include <string.h>

#include "cli/failure.h"
#include "cli/say.h"
#include "compat/dfu_element.h"

/* A file of bytes is leave for what they mean; 'force' for what takes more
 * than the next write to undo. Nothing is leave for what cannot be undone. */
static unsigned leave(const struct dfu_util *dfu)
{
	unsigned some = S0_ALLOW_RAW | S0_ALLOW_PART | S0_ALLOW_BOOT;

	if (dfu->to.force)
		some |= S0_ALLOW_ERASE | S0_ALLOW_PCROP | S0_ALLOW_SECURE |
			S0_ALLOW_LOW_VOLTAGE | S0_ALLOW_COMPLEMENT;
	return some;
}

struct taken {
	uint8_t *bytes;
	size_t length;
};

static bool take(void *payload, const void *bytes, size_t length)
{
	struct taken *taken = payload;

	memcpy(taken->bytes + taken->length, bytes, length);
	taken->length += length;
	return true;
}

/* Some bootloaders name more bytes than have a meaning: those can only be
 * written back as they are. */
static s0_code check_rest(struct dfu_util *dfu, uint32_t address,
			  const uint8_t *bytes, uint32_t length,
			  struct s0_error *err)
{
	struct taken now = { .bytes = malloc(length) };
	s0_code code = now.bytes ? S0_OK : fail_memory(err);

	if (code == S0_OK)
		code = s0_session_read(dfu->app.session, address, length, take,
				       &now, NULL, err);
	if (code == S0_OK && memcmp(now.bytes, bytes, length) != 0)
		code = fail(err, S0_E_UNSUPPORTED,
			    "nothing is known of the bytes from 0x%08x on, and "
			    "they are others than now",
			    address);
	free(now.bytes);
	return code;
}

/* How many of the bytes lie in the window that the first is in. */
static uint32_t known_part(const struct s0_chip *chip, uint32_t address,
			   uint32_t length)
{
	struct s0_option_window window;

	for (size_t i = 0; chip && s0_option_window(chip, i, &window); i++)
		if (address >= window.address &&
		    address - window.address < window.length &&
		    length > window.length - (address - window.address))
			return window.length - (address - window.address);
	return length;
}

static s0_code plan(struct dfu_util *dfu, uint32_t address,
		    const uint8_t *bytes, uint32_t length,
		    struct s0_option_plan **ret_plan, struct s0_error *err)
{
	const struct s0_device_info *info = s0_device_info(dfu->app.device);
	s0_code code = s0_session_read_options(dfu->app.session, err);
	uint32_t known;

	if (code != S0_OK)
		return code;
	known = known_part(info->chip, address, length);
	if (known < length)
		code = check_rest(dfu, address + known, bytes + known,
				  length - known, err);
	if (code == S0_OK)
		code = s0_option_plan_bytes(
			info->chip, s0_device_map(dfu->app.device),
			info->options, info->option_length, address, bytes,
			known, ret_plan, err);
	return code;
}

/* Behind a higher level flash can only be had back empty. */
static bool closes(const struct s0_option_plan *plan)
{
	const struct s0_option_step *step;

	for (size_t i = 0; (step = s0_option_plan_step(plan, i)); i++)
		if (step->field->kind == S0_OPTION_RDP &&
		    s0_option_level(step->to) > s0_option_level(step->from))
			return true;
	return false;
}

static s0_code check(struct dfu_util *dfu, const struct s0_option_plan *plan,
		     struct s0_error *err)
{
	s0_code code = s0_option_plan_check(plan, leave(dfu), err);

	if (code == S0_OK && !dfu->to.force && closes(plan))
		code = fail(err, S0_E_PROTECTED,
			    "these bytes turn read-out protection on, which "
			    "only comes off with all that flash holds");
	if (code == S0_OK)
		return S0_OK;
	if (dfu->to.force)
		add_hint(err, "what nothing takes back is not done under this "
			      "name: 'sector0 option set' can");
	else
		add_hint(err, "':force' behind the address of -s allows what "
			      "can be undone");
	return code;
}

int dfu_option_check(struct dfu_util *dfu, uint32_t address,
		     const uint8_t *bytes, uint32_t length)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_option_plan *made = NULL;
	s0_code code = plan(dfu, address, bytes, length, &made, &err);

	if (code == S0_OK)
		code = check(dfu, made, &err);
	s0_option_plan_free(made);
	return code == S0_OK ? DFU_OK : dfu_failed(dfu, &err);
}

/* Bytes do not look like what follows from them. */
static void tell_steps(const struct s0_option_plan *plan)
{
	const struct s0_option_step *step;

	for (size_t i = 0; (step = s0_option_plan_step(plan, i)); i++)
		if (step->consequence[0])
			dfu_warn("Warning: %s changes: %s", step->field->name,
				 step->consequence);
}

int dfu_option_write(struct dfu_util *dfu, uint32_t address,
		     const uint8_t *bytes, uint32_t length)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_option_plan *made = NULL;
	struct s0_result result = { 0 };
	s0_code code = plan(dfu, address, bytes, length, &made, &err);
	bool same = code == S0_OK && s0_option_plan_count(made) == 0;

	if (code == S0_OK)
		tell_steps(made);
	if (code == S0_OK && !same)
		code = s0_session_set_options(dfu->app.session, made,
					      leave(dfu), &result, &err);
	s0_option_plan_free(made);
	if (code != S0_OK)
		return dfu_failed(dfu, &err);
	dfu_bar_whole(dfu, length, same);
	return DFU_OK;
}
