/* SPDX-License-Identifier: MIT */
/* The table of hints, row by row. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/error.h>

#include "base/error.h"

#define CAUSES	   (S0_CAUSE_LAST + 1)
#define CODES	   (S0_E_CONFLICT + 1)
#define AFTERMATHS (S0_RESTORED + 1)

struct row {
	s0_code code;
	s0_cause cause;
	s0_aftermath aftermath;
	const char *word; /* that its hint has, and no other row's */
};

static struct s0_error explained(s0_code code, s0_cause cause,
				 s0_aftermath aftermath)
{
	struct s0_error err = S0_ERROR_INIT;

	err.code = code;
	err.cause = cause;
	err.aftermath = aftermath;
	err.address = 0x08001400;
	err.length = 1024;
	s0_error_explain(&err);
	return err;
}

static void every_failure_gets_the_hint_for_its_facts(void **state)
{
	static const struct row rows[] = {
		{ S0_E_OUTSIDE, S0_CAUSE_RAM, S0_UNTOUCHED, "NOLOAD" },
		{ S0_E_OUTSIDE, S0_CAUSE_BOOTLOADER_RAM, S0_UNTOUCHED,
		  "NOLOAD" },
		{ S0_E_OUTSIDE, S0_CAUSE_OPTION_BYTES, S0_UNTOUCHED,
		  "take the option bytes out" },
		{ S0_E_OUTSIDE, S0_CAUSE_ADDRESS_ZERO, S0_UNTOUCHED,
		  "--address 0x08000000" },
		{ S0_E_OUTSIDE, S0_CAUSE_PAST_FLASH, S0_UNTOUCHED,
		  "check the flash size" },
		{ S0_E_OUTSIDE, S0_CAUSE_NO_MEMORY, S0_UNTOUCHED,
		  "lists the memory" },
		{ S0_E_EMPTY, S0_CAUSE_NONE, S0_UNTOUCHED, "right file" },
		{ S0_E_FORMAT, S0_CAUSE_LOADED_HEADERS, S0_UNTOUCHED,
		  "--nmagic" },
		{ S0_E_NO_DEVICE, S0_CAUSE_NONE, S0_UNTOUCHED, "hold BOOT0" },
		{ S0_E_SEVERAL, S0_CAUSE_NONE, S0_UNTOUCHED, "usb:1-4" },
		{ S0_E_SEVERAL, S0_CAUSE_SAME_SERIAL, S0_UNTOUCHED, "usb:1-4" },
		{ S0_E_ACCESS, S0_CAUSE_NONE, S0_UNTOUCHED, "udev" },
		{ S0_E_BUSY, S0_CAUSE_NONE, S0_UNTOUCHED, "other program" },
		{ S0_E_NO_USB, S0_CAUSE_NONE, S0_UNTOUCHED, "sim:stm32h743" },
		{ S0_E_PROTECTED, S0_CAUSE_READ_OUT, S0_UNTOUCHED,
		  "read-out protection" },
		{ S0_E_NOT_ERASED, S0_CAUSE_NO_EFFECT, S0_PARTIAL,
		  "may be write-protected" },
		{ S0_E_NOT_ERASED, S0_CAUSE_NONE, S0_UNTOUCHED,
		  "leave out --erase none" },
		{ S0_E_MISMATCH, S0_CAUSE_NO_EFFECT, S0_PARTIAL,
		  "if it stays, the sector may be write-protected" },
		{ S0_E_MISMATCH, S0_CAUSE_NONE, S0_PARTIAL, "doctor --stress" },
		{ S0_E_TIMEOUT, S0_CAUSE_UNREADABLE, S0_UNTOUCHED,
		  "may be damaged" },
		{ S0_E_TIMEOUT, S0_CAUSE_UNREADABLE, S0_UNKNOWN,
		  "again; if it stops again, 'sector0 doctor --stress "
		  "0x08001400'" },
		{ S0_E_GONE, S0_CAUSE_KEPT, S0_UNKNOWN,
		  "the same command, or 'sector0 recover', puts them back" },
		{ S0_E_GONE, S0_CAUSE_OPTIONS_SENT, S0_UNKNOWN,
		  "whether the change was made" },
		{ S0_E_MISMATCH, S0_CAUSE_OPTIONS_MIXED, S0_PARTIAL,
		  "set what is wrong" },
		{ S0_E_REFUSED, S0_CAUSE_OPTIONS_REJECTED, S0_UNTOUCHED,
		  "one by one" },
		{ S0_E_REFUSED, S0_CAUSE_OPTION_REJECTED, S0_UNTOUCHED,
		  "what the field may become" },
		{ S0_E_REFUSED, S0_CAUSE_OPTIONS_NO_EFFECT, S0_UNTOUCHED,
		  "debug probe" },
		{ S0_E_TIMEOUT, S0_CAUSE_NONE, S0_UNKNOWN,
		  "BOOT0 high and run the same command" },
		{ S0_E_GONE, S0_CAUSE_NONE, S0_UNKNOWN,
		  "supply from its cable" },
		{ S0_E_PROTOCOL, S0_CAUSE_WEDGED, S0_UNKNOWN,
		  "BOOT0 high, and try again" },
		{ S0_E_PROTOCOL, S0_CAUSE_NONE, S0_UNKNOWN, "another cable" },
		{ S0_E_REFUSED, S0_CAUSE_NO_EFFECT, S0_PARTIAL,
		  "may be write-protected" },
		{ S0_E_REFUSED, S0_CAUSE_NONE, S0_PARTIAL,
		  "what this bootloader cannot do" },
		{ S0_E_CANCELLED, S0_CAUSE_NONE, S0_PARTIAL,
		  "again to finish" },
		{ S0_E_UNREADABLE, S0_CAUSE_NONE, S0_UNTOUCHED,
		  "without --keep" },
		{ S0_E_NO_DEVICE, S0_CAUSE_OTHER_DEVICE, S0_UNTOUCHED,
		  "sector0 list" },
		{ S0_E_NO_DEVICE, S0_CAUSE_NO_NODE, S0_UNTOUCHED,
		  "/dev/bus/usb" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct s0_error err = explained(rows[i].code, rows[i].cause,
						rows[i].aftermath);

		print_message("# %s, cause %d: %s\n", s0_code_name(err.code),
			      (int)err.cause, err.hint);
		assert_non_null(strstr(err.hint, rows[i].word));
	}
}

static void where_nothing_helps_there_is_no_hint(void **state)
{
	(void)state;
	assert_string_equal(explained(S0_OK, S0_CAUSE_RAM, S0_UNTOUCHED).hint,
			    "");
	assert_string_equal(
		explained(S0_E_BUG, S0_CAUSE_NONE, S0_UNTOUCHED).hint, "");
	assert_string_equal(
		explained(S0_E_USAGE, S0_CAUSE_NONE, S0_UNTOUCHED).hint, "");
	assert_string_equal(
		explained(S0_E_CANCELLED, S0_CAUSE_NONE, S0_UNTOUCHED).hint,
		"");
	assert_string_equal(
		explained(S0_E_NOT_ERASED, S0_CAUSE_NONE, S0_PARTIAL).hint, "");
	s0_error_explain(NULL);
}

static void a_hint_that_is_there_is_left(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	(void)state;

	err.code = S0_E_GONE;
	(void)snprintf(err.hint, sizeof err.hint, "mine");
	s0_error_explain(&err);
	assert_string_equal(err.hint, "mine");
	err.code = S0_E_EMPTY;
	s0_error_explain(&err);
	assert_string_equal(err.hint, "mine");
}

static void every_hint_is_one_instruction_that_fits(void **state)
{
	(void)state;

	for (int i = 0; i < CODES * CAUSES * AFTERMATHS; i++) {
		struct s0_error err =
			explained((s0_code)(i / AFTERMATHS / CAUSES),
				  (s0_cause)(i / AFTERMATHS % CAUSES),
				  (s0_aftermath)(i % AFTERMATHS));
		size_t length = strlen(err.hint);

		if (!length)
			continue;
		/* One that was cut short would fill the field. */
		assert_true(length < sizeof err.hint - 1);
		assert_int_not_equal(err.hint[length - 1], '.');
		assert_int_not_equal(err.hint[length - 1], ' ');
		assert_true(err.hint[0] == '\'' ||
			    (err.hint[0] >= 'a' && err.hint[0] <= 'z'));
		assert_null(strstr(err.hint, "  "));
		assert_null(strchr(err.hint, '\n'));
	}
}

static void every_code_and_aftermath_has_its_name(void **state)
{
	(void)state;

	for (int i = 0; i < CODES; i++) {
		const char *name = s0_code_name((s0_code)i);

		assert_true(i == 0 ? !strcmp(name, "OK")
				   : !strncmp(name, "E_", 2));
		assert_string_not_equal(name, "E_?");
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, s0_code_name((s0_code)k));
	}
	assert_string_equal(s0_code_name((s0_code)CODES), "E_?");
	assert_string_equal(s0_code_name((s0_code)-1), "E_?");
	assert_string_equal(s0_aftermath_name(S0_UNTOUCHED), "untouched");
	assert_string_equal(s0_aftermath_name(S0_PARTIAL), "partial");
	assert_string_equal(s0_aftermath_name(S0_UNKNOWN), "unknown");
	assert_string_equal(s0_aftermath_name(S0_RESTORED), "restored");
}

static void facts_are_printed_in_the_words_of_the_standard(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	char line[400];
	(void)state;

	s0_error_print_facts(&err, line, sizeof line);
	assert_string_equal(line, "");
	error_add_request(&err, 1, 7);
	error_add_request(&err, 3, 0);
	error_add_dfu(&err, 1, 10);
	error_add_usb(&err, -9);
	error_add_wait(&err, 1500000, 1);
	error_add_wait(&err, 500400, 1);
	error_add_segment(&err, 2, "app.elf", ".shared");
	error_add_segment(&err, 3, "other", "");
	s0_error_print_facts(&err, line, sizeof line);
	assert_string_equal(line,
			    "request DNLOAD, block 7, status errTARGET, state "
			    "dfuERROR, USB code -9, waited 2000 ms, 2 retries, "
			    "segment 2 of app.elf, section .shared");
	s0_error_print_facts(&err, line, 8);
	assert_string_equal(line, "request");
}

static void a_fact_without_a_name_is_a_number(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	char line[400];
	(void)state;

	error_add_request(&err, 7, S0_NO_FACT);
	error_add_dfu(&err, 16, 11);
	error_add_wait(&err, 0, 1);
	error_add_segment(&err, 0, "a.hex", "");
	s0_error_print_facts(&err, line, sizeof line);
	assert_string_equal(line, "request 7, status 16, state 11, 1 retry, "
				  "segment 0 of a.hex");
}

static void without_a_place_no_address_is_made_up(void **state)
{
	struct s0_error err = S0_ERROR_INIT;

	(void)state;
	err.code = S0_E_MISMATCH;
	err.aftermath = S0_PARTIAL;
	err.address = 0x08001400;
	s0_error_explain(&err);
	assert_non_null(strstr(err.hint, "'sector0 doctor --stress'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_place_no_address_is_made_up),
		cmocka_unit_test(every_failure_gets_the_hint_for_its_facts),
		cmocka_unit_test(where_nothing_helps_there_is_no_hint),
		cmocka_unit_test(a_hint_that_is_there_is_left),
		cmocka_unit_test(every_hint_is_one_instruction_that_fits),
		cmocka_unit_test(every_code_and_aftermath_has_its_name),
		cmocka_unit_test(
			facts_are_printed_in_the_words_of_the_standard),
		cmocka_unit_test(a_fact_without_a_name_is_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
