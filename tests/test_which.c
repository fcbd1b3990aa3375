/* SPDX-License-Identifier: MIT */
/* Which chip an open device is taken for, beside others of the same strings;
 * and what may then be done to it. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/chips.h>

#include "board.h"

/* A file with one chip like an STM32F405, but for what a test is about. */
struct like {
	const char *name, *flash, *option; /* strings; NULL: the F405's */
	const char *uid, *size, *version;  /* addresses; NULL: the F405's */
	const char *rom;		   /* 0x91 */
	const char *geometry[2];
};

#define SECTORS "/0x08000000/04*016Kg,01*064Kg,07*128Kg"

static void add_like(struct s0_context *context, const struct like *like)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_chips *chips;
	char text[2400], second[120] = "";

	if (like->geometry[1])
		(void)snprintf(second, sizeof second, "geometry = %s # field\n",
			       like->geometry[1]);
	(void)snprintf(
		text, sizeof text,
		"usb = 0x0483 0xdf11 0x2200 2048 STM32  BOOTLOADER # field\n"
		"flash_word = 4 # field\nalign = 4 # field\n"
		"ecc = 0 # field\nerased = 0xff # field\n"
		"erase = 0x4000 2000 4000 # field\n"
		"erase = 0x10000 2000 4000 # field\n"
		"erase = 0x20000 2000 4000 # field\n"
		"mass_erase_us = 16000 # field\n"
		"mass_erase_max_us = 32000 # field\n"
		"word_us = 64 # field\nturnaround_us = 250 # own\n"
		"uid_address = %s # field\nflash_size_address = %s # field\n"
		"version_address = %s # field\n"
		"option_window = 0x1FFFC000 16 # field\n"
		"option_set = s\n"
		"option_word = USER 0x00 0x00 0 0x0000ff20 0xffffaaef # field\n"
		"option = RDP USER 8 8 rdp read-protection 0 level # field\n"
		"option = MODE USER 5 1 choice user 0 mode # field\n"
		"role = bank-mode # field\n"
		"value = 0 two - two # field\nvalue = 1 one - one # field\n"
		"chip = %s\ntitle = A chip # field\ndevice_id = 0x%03x # "
		"field\n"
		"layout = @Internal Flash  %s # field\n"
		"layout = @Option Bytes  %s # field\ndumped = 1 # field\n"
		"geometry = %s # field\n%s"
		"banks = one # field\nsizes = 512 1024 # field\n"
		"shorter_layout = 0 # field\nuf2_family = 0x57755a57 # field\n"
		"options = s\nrom = %s V 0 - # field\n",
		like->uid ? like->uid : "0x1FFF7A10",
		like->size ? like->size : "0x1FFF7A22",
		like->version ? like->version : "0x1FFF77DE", like->name,
		0x800 + (unsigned)like->name[0],
		like->flash ? like->flash : SECTORS,
		like->option ? like->option : "/0x1FFFC000/01*016 e",
		like->geometry[0] ? like->geometry[0] : "- 0 0 1 " SECTORS,
		second, like->rom ? like->rom : "0x91");
	if (s0_chips_parse("like.chip", text, strlen(text), &chips, &err) !=
	    S0_OK)
		print_error("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	assert_int_equal(s0_context_add_chips(context, chips, NULL), S0_OK);
}

/* A board of that kind, where those chips are known too. */
static const struct s0_device_info *open_beside(struct board *board,
						const char *description,
						const struct like *likes,
						size_t count, const char *told)
{
	board_make(board, description);
	for (size_t i = 0; i < count; i++)
		add_like(board->context, &likes[i]);
	if (told)
		assert_int_equal(
			s0_context_set_chip(board->context, told, NULL), S0_OK);
	assert_int_equal(board_open(board, NULL), S0_OK);
	return s0_device_info(board->device);
}

static void expect_changes(struct board *board, s0_code expected,
			   s0_cause cause)
{
	struct s0_image *image = board_image(0x08004000, 64, 7);
	struct s0_policy compare = { .compare = true };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;

	assert_int_equal(
		s0_session_plan(board->session, image, NULL, &plan, &err),
		expected);
	assert_int_equal(err.cause, cause);
	s0_plan_free(plan);
	plan = NULL;
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(
		s0_session_check_erase(board->session, 0x08004000, 4, &err),
		expected);
	assert_int_equal(err.cause, cause);
	assert_int_equal(s0_session_check_erase(board->session, 0, 0, NULL),
			 expected);
	/* What changes nothing goes on. */
	assert_int_equal(
		s0_session_plan(board->session, image, &compare, &plan, NULL),
		S0_OK);
	s0_plan_free(plan);
	assert_int_equal(
		s0_session_blank(board->session, 0x08004000, 64, NULL, NULL),
		S0_OK);
	s0_image_free(image);
}

static void end(struct board *board)
{
	board_close(board);
	board_free(board);
}

static void one_that_is_alone_is_certain(void **state)
{
	static const struct {
		const char *description, *name;
	} cases[] = { { "stm32h743", "stm32h743" },
		      { "stm32h743,rom=0xD3", "stm32h743" },
		      { "stm32h743,flash_kb=128", "stm32h743" },
		      { "stm32f405", "stm32f405" },
		      { "stm32f405,rom=0x31", "stm32f405" },
		      /* it names an F411's sectors */
		      { "stm32f405,flash_kb=512", "stm32f405" },
		      /* the size leaves it alone, and the version says more */
		      { "stm32l4p5,flash_kb=512", "stm32l4p5" },
		      { "stm32l151xe,flash_kb=384", "stm32l151xe" } };
	struct board board;
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct s0_device_info *info = open_beside(
			&board, cases[i].description, NULL, 0, NULL);

		assert_non_null(info->chip);
		assert_string_equal(info->chip->name, cases[i].name);
		assert_int_equal(info->sureness, S0_SURENESS_CERTAIN);
		assert_string_equal(info->identified_by,
				    "memory layout, bootloader version and "
				    "flash size");
		assert_int_equal(info->candidate_count, 0);
		assert_int_equal(info->remark_count, 0);
		expect_changes(&board, S0_OK, S0_CAUSE_NONE);
		end(&board);
	}
}

static void of_several_nothing_is_changed(void **state)
{
	static const struct like twin = { .name = "twin" };
	struct board board;
	const struct s0_device_info *info =
		open_beside(&board, "stm32f405", &twin, 1, NULL);
	(void)state;

	assert_null(info->chip);
	assert_int_equal(info->sureness, S0_SURENESS_SEVERAL);
	assert_int_equal(info->candidate_count, 2);
	assert_string_equal(info->candidates[0]->name, "twin");
	assert_string_equal(info->candidates[1]->name, "stm32f405");
	assert_int_equal(info->flash_kib, 1024);
	assert_int_equal(info->rom, 0x91);
	expect_changes(&board, S0_E_UNSUPPORTED, S0_CAUSE_SEVERAL_CHIPS);
	end(&board);
}

/* An STM32F105 has no bootloader version, and its smaller parts name what an
 * F072's or an F302x8's does; an F413 of 1 MiB has the version of an F412. */
static void a_smaller_part_is_not_taken_for_another(void **state)
{
	static const struct {
		const char *description, *name;
	} parts[] = { { "stm32f105,flash_kb=128", "stm32f105" },
		      { "stm32f105,flash_kb=64", "stm32f105" },
		      { "stm32f413,flash_kb=1024", "stm32f413" } };
	struct board board;
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		const struct s0_device_info *info = open_beside(
			&board, parts[i].description, NULL, 0, NULL);

		assert_null(info->chip);
		assert_int_equal(info->sureness, S0_SURENESS_SEVERAL);
		assert_int_equal(info->candidate_count, 2);
		assert_string_equal(info->candidates[1]->name, parts[i].name);
		expect_changes(&board, S0_E_UNSUPPORTED,
			       S0_CAUSE_SEVERAL_CHIPS);
		end(&board);
	}
}

static void the_caller_chooses_among_several(void **state)
{
	static const struct like twin = { .name = "twin" };
	struct board board;
	const struct s0_device_info *info =
		open_beside(&board, "stm32f405", &twin, 1, "F407");
	(void)state;

	assert_string_equal(info->chip->name, "stm32f405");
	assert_int_equal(info->sureness, S0_SURENESS_TOLD);
	assert_int_equal(info->remark_count, 0);
	expect_changes(&board, S0_OK, S0_CAUSE_NONE);
	end(&board);
}

static void a_version_is_asked_for_at_one_place_after_the_other(void **state)
{
	/* The first of the table has all of it elsewhere, and is not it. */
	static const struct like others[] = {
		{ .name = "other",
		  .version = "0x1FFF76DE",
		  .uid = "0x1FFF7A14",
		  .size = "0x1FFF7A12" },
		{ .name = "older", .rom = "0x20" },
	};
	struct board board;
	const struct s0_device_info *info;
	char uid[25];
	(void)state;

	info = open_beside(&board, "stm32f405", NULL, 0, NULL);
	memcpy(uid, info->uid, sizeof uid);
	assert_int_equal(strlen(uid), 24);
	end(&board);
	info = open_beside(&board, "stm32f405", others, 2, NULL);
	assert_non_null(info->chip);
	assert_string_equal(info->chip->name, "stm32f405");
	assert_int_equal(info->sureness, S0_SURENESS_CERTAIN);
	assert_string_equal(info->uid, uid);
	assert_int_equal(info->flash_kib, 1024);
	assert_int_equal(info->rom, 0x91);
	end(&board);
}

static void the_caller_overrules_the_version_with_a_warning(void **state)
{
	static const struct like older = { .name = "older", .rom = "0x20" };
	struct board board;
	const struct s0_device_info *info =
		open_beside(&board, "stm32f405", &older, 1, "older");
	(void)state;

	assert_string_equal(info->chip->name, "older");
	assert_int_equal(info->sureness, S0_SURENESS_TOLD);
	assert_int_equal(info->remark_count, 1);
	assert_int_equal(info->remarks[0].kind, S0_REMARK_WARNING);
	assert_string_equal(info->remarks[0].text,
			    "the bootloader version, 0x91, is that of "
			    "stm32f405; it is taken for older, as told");
	expect_changes(&board, S0_OK, S0_CAUSE_NONE);
	end(&board);
}

static void a_device_with_other_strings_is_not_taken_for_a_chip(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct board board;
	(void)state;

	board_make(&board, "stm32f405");
	assert_int_equal(s0_context_set_chip(board.context, "nothing", NULL),
			 S0_E_USAGE);
	assert_int_equal(s0_context_set_chip(board.context, "h743", NULL),
			 S0_OK);
	assert_int_equal(board_open(&board, &err), S0_E_UNSUPPORTED);
	assert_int_equal(err.cause, S0_CAUSE_OTHER_LAYOUT);
	assert_non_null(strstr(err.message, "cannot be stm32h743"));
	assert_non_null(strstr(err.message, "stm32f405"));
	assert_int_equal(s0_context_set_chip(board.context, NULL, NULL), S0_OK);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	end(&board);
}

static void an_unknown_device_is_taken_for_what_the_caller_says(void **state)
{
	/* Now no chip is known that has an H743's option bytes there. */
	static const struct like likes[] = {
		{ .name = "stm32h743",
		  .flash = "/0x08000000/08*128Kg",
		  .geometry = { "- 0 0 1 /0x08000000/08*128Kg" } },
		{ .name = "far",
		  .flash = "/0x08020000/08*128Kg",
		  .geometry = { "- 0 0 1 /0x08020000/08*128Kg" } },
	};
	struct s0_error err = S0_ERROR_INIT;
	struct board board;
	const struct s0_device_info *info = open_beside(
		&board, "stm32h743,layout=@Internal Flash /0x08000000/08*128Kg",
		likes, 2, NULL);
	(void)state;

	assert_null(info->chip);
	assert_int_equal(info->sureness, S0_SURENESS_NONE);
	expect_changes(&board, S0_E_UNSUPPORTED, S0_CAUSE_NO_CHIP);
	board_close(&board);
	assert_int_equal(s0_context_set_chip(board.context, "stm32h743", NULL),
			 S0_OK);
	assert_int_equal(board_open(&board, NULL), S0_OK);
	info = s0_device_info(board.device);
	assert_int_equal(info->sureness, S0_SURENESS_TOLD);
	assert_int_equal(info->remarks[0].kind, S0_REMARK_WARNING);
	assert_string_equal(info->remarks[0].text,
			    "what the device says of itself is like no chip "
			    "known; it is taken for stm32h743, as told");
	expect_changes(&board, S0_OK, S0_CAUSE_NONE);
	board_close(&board);
	assert_int_equal(s0_context_set_chip(board.context, "far", NULL),
			 S0_OK);
	assert_int_equal(board_open(&board, &err), S0_E_UNSUPPORTED);
	assert_int_equal(err.cause, S0_CAUSE_OTHER_LAYOUT);
	end(&board);
}

static void what_several_have_elsewhere_is_not_told(void **state)
{
	static const struct like twin = { .name = "twin",
					  .uid = "0x1FFF7A14",
					  .size = "0x1FFF7A20" };
	struct board board;
	const struct s0_device_info *info =
		open_beside(&board, "stm32f405", &twin, 1, NULL);
	(void)state;

	assert_int_equal(info->candidate_count, 2);
	assert_string_equal(info->uid, "");
	assert_int_equal(info->flash_kib, 0);
	end(&board);
}

/* MODE is a bit that the F405 has set. */
static void an_option_field_decides_how_flash_is_made(void **state)
{
	static const struct like modes = {
		.name = "stm32f405",
		.geometry = { "MODE 0 0 1 " SECTORS,
			      "MODE 1 0 1 /0x08000000/8*128Kg" }
	};
	uint32_t address, length;
	struct board board;
	const struct s0_device_info *info =
		open_beside(&board, "stm32f405", &modes, 1, NULL);
	(void)state;

	assert_int_equal(info->sureness, S0_SURENESS_CERTAIN);
	assert_int_equal(info->remark_count, 1);
	assert_int_equal(info->remarks[0].kind, S0_REMARK_WARNING);
	assert_non_null(strstr(info->remarks[0].text, "MODE = 1"));
	assert_non_null(info->geometry);
	assert_int_equal(info->geometry->value, 1);
	assert_true(s0_map_sector(s0_device_map(board.device), 0x08004000,
				  &address, &length));
	assert_int_equal(address, 0x08000000);
	assert_int_equal(length, 0x20000);
	expect_changes(&board, S0_OK, S0_CAUSE_NONE);
	end(&board);
}

static void with_a_conflict_flash_is_not_changed(void **state)
{
	static const struct like modes = {
		.name = "stm32f405",
		.geometry = { "MODE 0 0 1 " SECTORS,
			      "MODE 0 512 1 /0x08000000/4*128Kg" }
	};
	static const char *const told[] = { NULL, "stm32f405" };
	struct s0_error err = S0_ERROR_INIT;
	struct board board;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		const struct s0_device_info *info =
			open_beside(&board, "stm32f405", &modes, 1, told[i]);

		assert_non_null(info->chip);
		assert_null(info->geometry);
		assert_int_equal(info->remark_count, 1);
		assert_int_equal(info->remarks[0].kind, S0_REMARK_CONFLICT);
		expect_changes(&board, S0_E_CONFLICT, S0_CAUSE_NONE);
		assert_int_equal(
			s0_session_check_erase(board.session, 0, 0, &err),
			S0_E_CONFLICT);
		assert_string_equal(
			err.message,
			"the bootloader names 4 x 16, 1 x 64, 7 x 128 KiB; "
			"MODE = 0 and 1024 KiB of flash would be 4 x 16, 1 x "
			"64, 7 x 128 KiB: what the chip says fits none; so its "
			"flash is not changed");
		end(&board);
	}
}

/* Nor where no bank switch is in play: H743's strings, sectors of another. */
static void strings_that_nothing_explains_are_not_changed_by(void **state)
{
	static const struct like like = { .name = "stm32h743" };
	struct board board;
	const struct s0_device_info *info =
		open_beside(&board, "stm32h743", &like, 1, "stm32h743");
	(void)state;

	assert_int_equal(info->remarks[1].kind, S0_REMARK_CONFLICT);
	expect_changes(&board, S0_E_CONFLICT, S0_CAUSE_NONE);
	end(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_is_alone_is_certain),
		cmocka_unit_test(of_several_nothing_is_changed),
		cmocka_unit_test(a_smaller_part_is_not_taken_for_another),
		cmocka_unit_test(the_caller_chooses_among_several),
		cmocka_unit_test(
			a_version_is_asked_for_at_one_place_after_the_other),
		cmocka_unit_test(
			the_caller_overrules_the_version_with_a_warning),
		cmocka_unit_test(
			a_device_with_other_strings_is_not_taken_for_a_chip),
		cmocka_unit_test(
			an_unknown_device_is_taken_for_what_the_caller_says),
		cmocka_unit_test(what_several_have_elsewhere_is_not_told),
		cmocka_unit_test(an_option_field_decides_how_flash_is_made),
		cmocka_unit_test(with_a_conflict_flash_is_not_changed),
		cmocka_unit_test(
			strings_that_nothing_explains_are_not_changed_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
