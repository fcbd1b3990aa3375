/* SPDX-License-Identifier: MIT */
/* The option bytes of every chip, on its virtual one: all fields that can be
 * changed without harm are, by one write of each window, and shown. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/option_session.h>

#include "board.h"
#include "session/device.h"

struct every {
	struct board board;
	const struct s0_chip *chip;
	struct s0_option_change changes[128];
	size_t count;
	struct s0_error err;
};

static bool is_harmless(const struct s0_option_field *field)
{
	return !field->only && field->kind != S0_OPTION_RDP &&
	       field->group != S0_OPTION_READ_PROTECTION &&
	       field->group != S0_OPTION_PCROP &&
	       field->group != S0_OPTION_SECURE_AREA &&
	       (field->role == S0_OPTION_NO_ROLE ||
		field->role == S0_OPTION_BOOT_LOW ||
		field->role == S0_OPTION_BOOT_HIGH) &&
	       !(field->guard & S0_ALLOW_PERMANENT);
}

/* Another value than it has; false: there is none that can be taken back. */
static bool other_value(const struct s0_option_field *field, uint32_t now,
			uint32_t *ret_value)
{
	for (size_t i = 0; i < field->value_count; i++) {
		const struct s0_option_value *v = &field->values[i];

		if (v->value == now || v->guard & S0_ALLOW_PERMANENT)
			continue;
		*ret_value = v->value;
		return true;
	}
	*ret_value = now ^ 1;
	return field->kind != S0_OPTION_CHOICE;
}

static void choose(struct every *e)
{
	const struct s0_device_info *info = &e->board.device->info;

	e->count = 0;
	for (size_t i = 0; i < e->chip->option_count; i++) {
		const struct s0_option_field *field = &e->chip->options[i];
		uint32_t now, value;

		if (!is_harmless(field) ||
		    !s0_option_applies(e->chip, field, info->options,
				       info->option_length, false))
			continue;
		assert_true(s0_option_get(field, info->options,
					  info->option_length, false, &now));
		if (other_value(field, now, &value))
			e->changes[e->count++] =
				(struct s0_option_change){ .field = field,
							   .value = value };
	}
}

static void is_shown(const struct every *e)
{
	uint8_t window[S0_OPTION_MAX];
	struct s0_option_window part;
	uint32_t length = s0_option_length(e->chip), value;

	for (size_t i = 0; s0_option_window(e->chip, i, &part); i++)
		assert_int_equal(s0_sim_peek(e->board.sim, part.address,
					     window + part.at, part.length),
				 part.length);
	for (size_t i = 0; i < e->count; i++) {
		assert_true(s0_option_get(e->changes[i].field, window, length,
					  false, &value));
		if (value != e->changes[i].value)
			fail_msg("%s: %s is %u instead of %u", e->chip->name,
				 e->changes[i].field->name, value,
				 e->changes[i].value);
	}
	for (size_t i = 0; i < e->chip->option_word_count; i++)
		if (!s0_option_word_fits(&e->chip->option_words[i], window,
					 length))
			fail_msg("%s: %s does not fit", e->chip->name,
				 e->chip->option_words[i].name);
}

static void change_all(struct every *e)
{
	struct s0_device_info *info = &e->board.device->info;
	struct s0_option_plan *plan = NULL;

	info->chip = e->chip;
	if (s0_session_read_options(e->board.session, &e->err) != S0_OK)
		fail_msg("%s: %s", e->chip->name, e->err.message);
	choose(e);
	if (s0_option_plan_new(e->chip, NULL, info->options,
			       info->option_length, e->changes, e->count, &plan,
			       &e->err) != S0_OK ||
	    s0_session_set_options(e->board.session, plan, ~0u, NULL,
				   &e->err) != S0_OK)
		fail_msg("%s: %s", e->chip->name, e->err.message);
	s0_option_plan_free(plan);
	is_shown(e);
}

/* False: its option bytes are not known by name. */
static bool open_chip(struct every *e, const struct s0_chip *chip)
{
	*e = (struct every){ .err = S0_ERROR_INIT, .chip = chip };
	if (!s0_option_length(chip) || !chip->option_count)
		return false;
	board_make(&e->board, chip->name);
	e->board.reconnect_ms = S0_RECONNECT_MS;
	if (board_open(&e->board, &e->err) != S0_OK)
		fail_msg("%s: %s", chip->name, e->err.message);
	return true;
}

static void every_chip_takes_other_option_bytes(void **state)
{
	unsigned chips = 0, fields = 0;
	(void)state;

	for (size_t i = 0; i < s0_chip_count(); i++) {
		struct every e;

		if (!open_chip(&e, s0_chip_at(i)))
			continue;
		change_all(&e);
		print_message("# %s: %zu of %zu fields\n", e.chip->name,
			      e.count, e.chip->option_count);
		chips++;
		fields += (unsigned)e.count;
		board_free(&e.board);
	}
	print_message("# %u chips, %u fields\n", chips, fields);
	assert_true(chips > 1);
}

/* Protects the first sector, or page, by the first field that can. */
static void protect_first(struct every *e)
{
	const struct s0_device_info *info = &e->board.device->info;

	e->count = 0;
	for (size_t i = 0; i < e->chip->option_count && !e->count; i++) {
		const struct s0_option_field *field = &e->chip->options[i];
		uint32_t value = s0_option_open(field) ^ 1;

		if (field->group != S0_OPTION_WRITE_PROTECTION ||
		    field->first || field->bank > 1 ||
		    !s0_option_applies(e->chip, field, info->options,
				       info->option_length, false))
			continue;
		if (field->kind == S0_OPTION_AREA_START)
			value = 0;
		else if (field->kind != S0_OPTION_SECTORS)
			continue;
		e->changes[e->count++] =
			(struct s0_option_change){ .field = field,
						   .value = value };
	}
}

static s0_code set(struct every *e)
{
	const struct s0_device_info *info = &e->board.device->info;
	struct s0_option_plan *plan = NULL;
	s0_code code = s0_session_read_options(e->board.session, &e->err);

	protect_first(e);
	if (code == S0_OK)
		code = s0_option_plan_new(e->chip,
					  s0_device_map(e->board.device),
					  info->options, info->option_length,
					  e->changes, e->count, &plan, &e->err);
	if (code == S0_OK)
		code = s0_session_set_options(e->board.session, plan, 0, NULL,
					      &e->err);
	s0_option_plan_free(plan);
	return code;
}

static s0_code flash(struct every *e, bool lift, struct s0_result *result)
{
	struct s0_image *image = board_image(e->chip->flash_address, 256, 7);
	const struct s0_policy policy = { .full = true };
	struct s0_plan *plan = NULL;
	s0_code code;

	e->err = (struct s0_error)S0_ERROR_INIT;
	s0_session_lift_protection(e->board.session, lift);
	code = s0_session_plan(e->board.session, image, &policy, &plan,
			       &e->err);
	if (code == S0_OK)
		code = s0_session_run(e->board.session, plan, result, &e->err);
	if (code == S0_OK)
		board_assert_holds(&e->board, image);
	s0_plan_free(plan);
	s0_image_free(image);
	return code;
}

static void lift_of(struct every *e)
{
	struct s0_result result = { 0 };

	if (set(e) != S0_OK)
		fail_msg("%s: %s", e->chip->name, e->err.message);
	if (!e->count)
		return;
	assert_int_equal(flash(e, false, &result), S0_E_PROTECTED);
	assert_int_equal(e->err.cause, S0_CAUSE_WRITE_PROTECTED);
	if (flash(e, true, &result) != S0_OK)
		fail_msg("%s: %s", e->chip->name, e->err.message);
	assert_true(result.lifted_sectors > 0);
	is_shown(e);
}

static void every_chip_is_protected_and_opened_for_a_run(void **state)
{
	unsigned chips = 0;
	(void)state;

	for (size_t i = 0; i < s0_chip_count(); i++) {
		struct every e;

		if (!open_chip(&e, s0_chip_at(i)))
			continue;
		if (e.board.device->info.chip == e.chip)
			lift_of(&e);
		print_message("# %s: %s\n", e.chip->name,
			      e.board.device->info.chip != e.chip
				      ? "not known by what it tells"
			      : e.count ? e.changes[0].field->name
					: "no write protection known");
		chips += e.count > 0;
		board_free(&e.board);
	}
	print_message("# %u chips\n", chips);
	assert_true(chips > 1);
}

static void describe(const struct s0_device *device, char *text, size_t size)
{
	const struct s0_map *map = s0_device_map(device);
	const struct s0_device_info *info = s0_device_info(device);
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < s0_map_area_count(map) && used < size; i++) {
		const struct s0_area *area = s0_map_area(map, i);

		used += (size_t)snprintf(text + used, size - used,
					 "%08x+%x/%x ", area->address,
					 area->length, area->sector_size);
	}
	for (unsigned i = 0; i < info->remark_count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s; ",
					 info->remarks[i].text);
	assert_true(used < size);
}

/* As who opens it anew sees it. */
static void change_banks(struct every *e, const struct s0_option_field *field)
{
	struct s0_device_info *info = &e->board.device->info;
	char before[4096], after[4096], anew[4096];
	struct s0_option_plan *plan = NULL;

	describe(e->board.device, before, sizeof before);
	assert_int_equal(s0_session_read_options(e->board.session, &e->err),
			 S0_OK);
	e->changes[0] = (struct s0_option_change){ .field = field };
	(void)s0_option_get(field, info->options, info->option_length, false,
			    &e->changes[0].value);
	e->changes[0].value ^= 1;
	assert_int_equal(s0_option_plan_new(e->chip, NULL, info->options,
					    info->option_length, e->changes, 1,
					    &plan, &e->err),
			 S0_OK);
	if (s0_session_set_options(e->board.session, plan, ~0u, NULL,
				   &e->err) != S0_OK)
		fail_msg("%s: %s", e->chip->name, e->err.message);
	s0_option_plan_free(plan);
	describe(e->board.device, after, sizeof after);
	board_close(&e->board);
	assert_int_equal(board_open(&e->board, &e->err), S0_OK);
	describe(e->board.device, anew, sizeof anew);
	assert_string_equal(after, anew);
	print_message("# %s: %s%s\n", e->chip->name, field->name,
		      strcmp(before, after) == 0 ? ", nothing else" : "");
	e->count += strcmp(before, after) != 0;
}

static size_t change_banks_of(const struct s0_chip *chip)
{
	const struct s0_option_field *field = NULL;
	size_t changed = 0;

	while ((field = s0_option_with(chip, S0_OPTION_BANK_MODE, field))) {
		struct every e = { .err = S0_ERROR_INIT, .chip = chip };
		char description[64];

		(void)snprintf(description, sizeof description,
			       "%s,ob_write_reset=yes", chip->name);
		board_make(&e.board, description);
		e.board.reconnect_ms = S0_RECONNECT_MS;
		assert_int_equal(board_open(&e.board, &e.err), S0_OK);
		if (e.board.device->info.chip == chip)
			change_banks(&e, field);
		changed += e.count;
		board_free(&e.board);
	}
	return changed;
}

static void a_change_of_the_banks_makes_the_map_anew(void **state)
{
	size_t changed = 0;
	(void)state;

	for (size_t i = 0; i < s0_chip_count(); i++)
		changed += change_banks_of(s0_chip_at(i));
	assert_true(changed > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_the_banks_makes_the_map_anew),
		cmocka_unit_test(every_chip_is_protected_and_opened_for_a_run),
		cmocka_unit_test(every_chip_takes_other_option_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
