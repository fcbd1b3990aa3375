/* SPDX-License-Identifier: MIT */
/* What a chip is made from: files, of which the spoilt ones are refused, and
 * descriptions, good and bad. */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- files that are refused, and left as they are --- */

static void spoil(const char *file, long offset, const char *bytes,
		  size_t length)
{
	FILE *f = fopen(file, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, length, f), length);
	assert_int_equal(fclose(f), 0);
}

static void expect_refusal(const struct bench_place *place, const char *words)
{
	struct s0_sim *sim;
	struct s0_error err = S0_ERROR_INIT;
	struct stat before, after;

	assert_int_equal(stat(place->file, &before), 0);
	assert_int_equal(s0_sim_new(place->description, &sim, &err),
			 S0_E_FORMAT);
	if (!strstr(err.message, words))
		fail_msg("%s: no '%s'", err.message, words);
	assert_non_null(strstr(err.message, place->file));
	assert_int_equal(stat(place->file, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void damaged_files_are_refused(void **state)
{
	static const struct {
		long offset;
		const char *bytes;
		const char *words;
	} table[] = {
		{ 0, "X", "is not the memory of a virtual chip" },
		{ 33, "X", "damaged header" },
		{ 130, "X", "damaged option bytes" },
		{ 1024, "\7", "damaged record of an operation" },
		{ 4096 + 0x200000 + 77, "\4", "damaged word states" },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench_place place;
		struct bench *bench;

		bench_make_place(&place);
		bench = bench_make(state, place.description);
		s0_sim_free(bench->sim);
		bench->sim = NULL;
		spoil(place.file, table[i].offset, table[i].bytes, 1);
		expect_refusal(&place, table[i].words);
		bench_remove_place(&place);
	}
}

static void a_file_cut_short_is_refused(void **state)
{
	static const off_t lengths[] = { 5, 100, 5000, 0x200000 + 5000 };
	static const char *const words[] = { "is not the memory",
					     "inside its header",
					     "is cut short", "is cut short" };

	for (unsigned i = 0; i < 4; i++) {
		struct bench_place place;
		struct bench *bench;

		bench_make_place(&place);
		bench = bench_make(state, place.description);
		s0_sim_free(bench->sim);
		bench->sim = NULL;
		assert_int_equal(truncate(place.file, lengths[i]), 0);
		expect_refusal(&place, words[i]);
		bench_remove_place(&place);
	}
}

static void a_header_alone_is_a_new_chip(void **state)
{
	struct bench_place place;
	struct bench *bench;

	bench_make_place(&place);
	bench = bench_make(state, place.description);
	s0_sim_free(bench->sim);
	bench->sim = NULL;
	assert_int_equal(truncate(place.file, 4096), 0);
	bench = bench_make(state, place.description);
	bench_write(bench, BANK_1, "12345678", 8);
	bench = bench_make(state, place.description);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	bench_remove_place(&place);
}

static void a_file_of_another_size_says_what_would_fit(void **state)
{
	struct bench_place place;
	struct bench *bench;
	char description[256];

	bench_make_place(&place);
	snprintf(description, sizeof(description), "%s,flash_kb=1024",
		 place.description);
	bench = bench_make(state, description);
	s0_sim_free(bench->sim);
	bench->sim = NULL;
	expect_refusal(&place, "flash_kb=1024 would fit");
	bench_remove_place(&place);
}

static void a_file_that_cannot_be_opened_is_named(void **state)
{
	struct s0_sim *sim;
	struct s0_error err = S0_ERROR_INIT;

	(void)state;
	assert_int_equal(s0_sim_new("stm32h743,file=/dev/null/x", &sim, &err),
			 S0_E_FILE);
	assert_non_null(strstr(err.message, "/dev/null/x"));
}

/* --- descriptions --- */

static void bad_descriptions_say_what_there_is(void **state)
{
	static const struct {
		const char *description, *words;
	} table[] = {
		{ "", "there is stm32h743, stm32f405" },
		{ "stm32f499", "there is stm32h743, stm32f405" },
		{ "stm32f407", "is called 'stm32f405'" },
		{ "stm32h743,", "rom, rev, " },
		{ "stm32h743,colour=red", "no key 'colour'; it has rom, rev" },
		{ "stm32h743,rom", "needs a value: 0x91|0xD2" },
		{ "stm32h743,rom=0x93", "'0x93' is no value of 'rom'" },
		{ "stm32h743,rom=", "is no value of 'rom'" },
		{ "stm32h743,rev=W", "it takes V|Y" },
		{ "stm32h743,psize=x", "it takes x64|x32|x16|x8" },
		{ "stm32h743,rdp=3", "'3' is no value of 'rdp'" },
		{ "stm32f405,pcrop=0x08000000+512", "makes no sense" },
		{ "stm32h743,pcrop=0x08000000", "is no value of 'pcrop'" },
		{ "stm32h743,pcrop=0x08000000+256", "is no value of 'pcrop'" },
		{ "stm32h743,pcrop=0x08000080+512", "is no value of 'pcrop'" },
		{ "stm32h743,pcrop=0x08000000+600", "is no value of 'pcrop'" },
		{ "stm32h743,pcrop=0x07ffff00+512", "is no value of 'pcrop'" },
		{ "stm32h743,pcrop=0x080fff00+512", "is no value of 'pcrop'" },
		{ "stm32h743,pcrop=0x08000000+512:", "is no value of 'pcrop'" },
		{ "stm32h743,secure=0x08000000+512/",
		  "is no value of 'secure'" },
		{ "stm32h743,swap=2", "it takes 0|1" },
		{ "stm32h743,boot_add1=0x10000", "0..0xffff" },
		{ "stm32h743,seed=-1", "'-1' is no value of 'seed'" },
		{ "stm32h743,seed=1x", "'1x' is no value of 'seed'" },
		{ "stm32h743,erase_ms=0", "is no value of 'erase_ms'" },
		{ "stm32h743,word_us=worn", "is no value of 'word_us'" },
		{ "stm32h743,clock=real*", "is no value of 'clock'" },
		{ "stm32h743,clock=real*0", "is no value of 'clock'" },
		{ "stm32h743,clock=real*1.2.3", "is no value of 'clock'" },
		{ "stm32h743,clock=slow", "is no value of 'clock'" },
		{ "stm32h743,fault=stall", "is no value of 'fault'" },
		{ "stm32h743,fault=stall@0", "is no value of 'fault'" },
		{ "stm32h743,fault=stall@1+", "is no value of 'fault'" },
		{ "stm32h743,fault=boom@1", "is no value of 'fault'" },
		{ "stm32h743,fault=stall@1:3", "is no value of 'fault'" },
		{ "stm32h743,fault=stall@99999999999999999999",
		  "is no value of 'fault'" },
		{ "stm32h743,uid=12", "it takes 24 hex digits" },
		{ "stm32h743,file=", "it takes PATH" },
		{ "stm32h743,layout=", "it takes TEXT" },
		{ "stm32h743,turnaround_us=1000001", "0..1000000" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct s0_sim *sim;
		struct s0_error err = S0_ERROR_INIT;

		assert_int_equal(s0_sim_new(table[i].description, &sim, &err),
				 S0_E_USAGE);
		if (!strstr(err.message, table[i].words))
			fail_msg("%s: %s", table[i].description, err.message);
	}
}

static void good_descriptions_are_understood(void **state)
{
	static const char *const good[] = {
		"stm32h743",
		"sim:stm32h743",
		"stm32h743,rev=V,rom=0x91,seed=7",
		"stm32h743,rom=0xd2,rev=Y,flash_kb=1024",
		"stm32h743,seed=18446744073709551615",
		"stm32h743,clock=real*0.05",
		"stm32h743,wrp=0xffff",
		"stm32h743,pcrop=0x08000000+0x200/0x08100000+0x100000:erase",
	};

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		bench_expect(bench_make(state, good[i]), 0, 2);
}

static void chips_without_a_file_follow_the_seed(void **state)
{
	uint8_t uids[3][12];

	bench_peek(bench_make(state, "stm32h743,seed=5"), 0x1ff1e800, uids[0],
		   12);
	bench_peek(bench_make(state, "stm32h743,seed=5"), 0x1ff1e800, uids[1],
		   12);
	bench_peek(bench_make(state, "stm32h743,seed=6"), 0x1ff1e800, uids[2],
		   12);
	assert_memory_equal(uids[0], uids[1], 12);
	assert_true(memcmp(uids[0], uids[2], 12) != 0);
}

static void the_help_names_every_key(void **state)
{
	static const char *const names[] = {
		"rom",	     "rev",	  "flash_kb",	    "file",
		"seed",	     "clock",	  "fault",	    "uid",
		"rdp",	     "wrp",	  "wrp_reports",    "erase_ms",
		"word_us",   "psize",	  "turnaround_us",  "poll_erase_ms",
		"fail_mode", "addr_rule", "mass_erase_bug", "leave",
		"serial",    "layout",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char line[32];

		snprintf(line, sizeof(line), "\n  %s=", names[i]);
		assert_non_null(strstr(s0_sim_help(), line));
	}
}

/* Fact sheet 8, with all its values; the first is the default. */
/* rows: O-11 */
static void the_knobs_of_the_checklist_are_there(void **state)
{
	static const char *const knobs[] = {
		"rom 0x91 0xD2 0xD3 0x90 0x92",
		"rev V Y",
		"flash_kb 2048 1024 128",
		"psize x64 x32 x16 x8",
		"erase_ms 905 typ max worn",
		"usb_us_per_packet 51 100",
		"turnaround_us 250",
		"poll_erase_ms 1000",
		"poll_program_ms 50 5 75",
		"poll_address_ms 50 5 75",
		"fail_mode stuck-busy errVENDOR",
		"addr_rule constant request-length",
		"ob_write_reset no yes",
		"wrp_reports silent error",
		"security none off on",
		"bank_erase refused partial",
		"ob_torn old erased mixed",
		"ob_error flag cleared",
		"boot_nowhere default dead",
		"swap 0 1",
		"leave jump vanish re-enter",
		"addr_check set-address operation",
		"clrstatus_outside_error to-error stall",
		"erase_moves_pointer yes no",
		"serial idcode uid",
	};

	for (unsigned i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		char words[64], description[96], *key, *value, *rest;

		strcpy(words, knobs[i]);
		key = strtok_r(words, " ", &rest);
		while ((value = strtok_r(NULL, " ", &rest)) != NULL) {
			snprintf(description, sizeof(description),
				 "stm32h743,%s=%s", key, value);
			bench_expect(bench_make(state, description), 0, 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_files_are_refused),
		cmocka_unit_test(a_file_cut_short_is_refused),
		cmocka_unit_test(a_header_alone_is_a_new_chip),
		cmocka_unit_test(a_file_of_another_size_says_what_would_fit),
		cmocka_unit_test(a_file_that_cannot_be_opened_is_named),
		cmocka_unit_test(bad_descriptions_say_what_there_is),
		cmocka_unit_test(good_descriptions_are_understood),
		cmocka_unit_test(chips_without_a_file_follow_the_seed),
		cmocka_unit_test(the_help_names_every_key),
		cmocka_unit_test(the_knobs_of_the_checklist_are_there),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
