/* SPDX-License-Identifier: MIT */
/* What a plan for an STM32H743 does with an image: printed, and checked. */
#include "test.h"

#include <string.h>

#include "plan_help.h"

#define POLICY(...) ((struct s0_policy){ __VA_ARGS__ })
#define DEFAULT	    POLICY(.full = false)

static void a_segment_becomes_whole_flash_words(void **state)
{
	(void)state;
	expect_plan("r08000000+20", DEFAULT,
		    "segment 0  0x08000000  20 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "sector  0x08000000  128 KiB  erase, write 20 bytes\n"
		    "total   erase 1 sector, write 20 bytes\n"
		    "- erase 08000000 131072\n"
		    "- write 08000000 32\n"
		    "- verify 08000000 32\n");
}

static void segments_that_share_a_flash_word_are_joined(void **state)
{
	(void)state;
	expect_steps("r08000000+20 r08000014+12 r08000030+8", DEFAULT,
		     "- erase 08000000 131072\n"
		     "- write 08000000 64\n"
		     "- verify 08000000 64\n");
	expect_steps("r08000030+8 r08000000+20", DEFAULT,
		     "- erase 08000000 131072\n"
		     "- write 08000000 64\n"
		     "- verify 08000000 64\n");
}

static void the_vector_sector_is_erased_first_and_written_last(void **state)
{
	(void)state;
	expect_plan("r08020010+20 r08040000+64 r08100000+16",
		    POLICY(.start = true),
		    "segment 0  0x08020010  20 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "segment 0  0x08040000  64 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "segment 0  0x08100000  16 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "sector  0x08020000  128 KiB  erase, write 20 bytes, last\n"
		    "sector  0x08040000  128 KiB  erase, write 64 bytes\n"
		    "sector  0x08100000  128 KiB  erase, write 16 bytes\n"
		    "total   erase 3 sectors, write 100 bytes\n"
		    "start   0x08020010\n"
		    "- erase 08020000 131072\n"
		    "- erase 08040000 131072\n"
		    "- erase 08100000 131072\n"
		    "- write 08040000 64\n"
		    "- write 08100000 32\n"
		    "- verify 08040000 64\n"
		    "- verify 08100000 32\n"
		    "- write 08020000 64\n"
		    "- verify 08020000 64\n"
		    "- start 08020010 0\n");
}

static void a_segment_may_cross_sectors_and_banks(void **state)
{
	(void)state;
	expect_steps("r0801fff0+32", DEFAULT,
		     "- erase 08000000 131072\n"
		     "- erase 08020000 131072\n"
		     "- write 08020000 32\n"
		     "- verify 08020000 32\n"
		     "- write 0801ffe0 32\n"
		     "- verify 0801ffe0 32\n");
	expect_steps("r080ffff0+32", DEFAULT,
		     "- erase 080e0000 131072\n"
		     "- erase 08100000 131072\n"
		     "- write 08100000 32\n"
		     "- verify 08100000 32\n"
		     "- write 080fffe0 32\n"
		     "- verify 080fffe0 32\n");
}

static void long_blank_stretches_are_not_sent_but_verified(void **state)
{
	(void)state;
	/* 511 blank bytes: shorter than a Set Address is worth */
	expect_steps("r08000000+4096 b08001000+511 r080011ff+97", DEFAULT,
		     "- erase 08000000 131072\n"
		     "- write 08000400 3680\n"
		     "- write 08000000 1024\n"
		     "- verify 08000000 4704\n");
	expect_steps("r08000000+4096 b08001000+512 r08001200+96", DEFAULT,
		     "- erase 08000000 131072\n"
		     "- write 08000400 3072\n"
		     "- write 08001200 96\n"
		     "- write 08000000 1024\n"
		     "- verify 08000000 4704\n");
	expect_steps("r08000000+4096 r08003000+4096 r08010000+16", DEFAULT,
		     "- erase 08000000 131072\n"
		     "- write 08000400 3072\n"
		     "- write 08003000 4096\n"
		     "- write 08010000 32\n"
		     "- write 08000000 1024\n"
		     "- verify 08000000 4096\n"
		     "- verify 08003000 4096\n"
		     "- verify 08010000 32\n");
}

static void a_blank_image_is_an_erase_and_a_proof(void **state)
{
	(void)state;
	expect_plan("b08000000+4096", DEFAULT,
		    "segment 0  0x08000000  4 KiB  Internal Flash  t.hex: "
		    "write\n"
		    "sector  0x08000000  128 KiB  erase, write 0 bytes, the "
		    "image is blank there\n"
		    "total   erase 1 sector, write 0 bytes\n"
		    "- erase 08000000 131072\n"
		    "- verify 08000000 4096\n");
}

static void the_whole_flash_is_erased_at_once(void **state)
{
	struct text text = plan_try("r08000000+20 r08040000+20",
				    &POLICY(.erase = S0_ERASE_ALL));
	(void)state;

	assert_non_null(strstr(text_chars(&text),
			       "total   erase 16 sectors, write 40 bytes\n"
			       "- mass-erase 08000000 2097152\n"
			       "- write 08040000 32\n"
			       "- verify 08040000 32\n"
			       "- write 08000000 32\n"
			       "- verify 08000000 32\n"));
	assert_non_null(strstr(text_chars(&text),
			       "sector  0x081e0000  128 KiB  erase\n"));
	text_free(&text);
}

static void nothing_is_erased_where_that_is_declined(void **state)
{
	(void)state;
	expect_plan("r08000000+20 r08040000+20", POLICY(.erase = S0_ERASE_NONE),
		    "segment 0  0x08000000  20 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "segment 0  0x08040000  20 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "sector  0x08000000  128 KiB  write without erase 20 "
		    "bytes\n"
		    "sector  0x08040000  128 KiB  write without erase 20 "
		    "bytes\n"
		    "total   erase 0 sectors, write 40 bytes\n"
		    "- write 08040000 32\n"
		    "- verify 08040000 32\n"
		    "- write 08000000 32\n"
		    "- verify 08000000 32\n");
}

static void empty_segments_are_never_data(void **state)
{
	(void)state;
	expect_plan("r08000000+20 e24000000 e08000100 e60000000", DEFAULT,
		    "segment 0  0x08000000  20 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "segment 0  0x24000000  0 bytes  AXI SRAM  t.hex: skip, "
		    "it has no bytes in the file\n"
		    "segment 0  0x08000100  0 bytes  Internal Flash  t.hex: "
		    "skip, it has no bytes in the file\n"
		    "segment 0  0x60000000  0 bytes  t.hex: skip, it has no "
		    "bytes in the file\n"
		    "sector  0x08000000  128 KiB  erase, write 20 bytes\n"
		    "total   erase 1 sector, write 20 bytes\n"
		    "- erase 08000000 131072\n"
		    "- write 08000000 32\n"
		    "- verify 08000000 32\n");
}

static void what_is_not_flash_is_left_out_when_asked(void **state)
{
	(void)state;
	expect_plan("r081ffff0+32 r20004000+512 r60000000+1",
		    POLICY(.skip_non_flash = true),
		    "segment 0  0x081ffff0  16 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "segment 0  0x08200000  16 bytes  t.hex: skip, not flash\n"
		    "segment 0  0x20004000  256 bytes  DTCM RAM  t.hex: skip, "
		    "not flash\n"
		    "segment 0  0x20004100  256 bytes  DTCM RAM  t.hex: skip, "
		    "not flash\n"
		    "segment 0  0x60000000  1 byte  t.hex: skip, not flash\n"
		    "sector  0x081e0000  128 KiB  erase, write 16 bytes\n"
		    "total   erase 1 sector, write 16 bytes\n"
		    "- erase 081e0000 131072\n"
		    "- write 081fffe0 32\n"
		    "- verify 081fffe0 32\n"
		    "! segment 0 of t.hex (16 bytes at 0x08200000) is left "
		    "out: it is not in flash\n"
		    "! segment 0 of t.hex (256 bytes at 0x20004000) is left "
		    "out: it is not in flash\n"
		    "! segment 0 of t.hex (256 bytes at 0x20004100) is left "
		    "out: it is not in flash\n"
		    "! segment 0 of t.hex (1 byte at 0x60000000) is left out: "
		    "it is not in flash\n");
}

static void an_image_may_end_at_the_top_of_the_address_space(void **state)
{
	(void)state;
	expect_steps("r08000000+4 rffffff00+256",
		     POLICY(.skip_non_flash = true),
		     "- erase 08000000 131072\n"
		     "- write 08000000 32\n"
		     "- verify 08000000 32\n"
		     "! segment 0 of t.hex (256 bytes at 0xffffff00) is left "
		     "out: it is not in flash\n");
}

static void ram_is_written_in_its_own_units_where_that_is_asked(void **state)
{
	(void)state;
	expect_plan("r08000000+20 r24006001+6", POLICY(.write_ram = true),
		    "segment 0  0x08000000  20 bytes  Internal Flash  t.hex: "
		    "write\n"
		    "segment 0  0x24006001  6 bytes  AXI SRAM  t.hex: write\n"
		    "sector  0x08000000  128 KiB  erase, write 20 bytes\n"
		    "total   erase 1 sector, write 26 bytes\n"
		    "- erase 08000000 131072\n"
		    "- write 24006000 8\n"
		    "- verify 24006000 8\n"
		    "- write 08000000 32\n"
		    "- verify 08000000 32\n");
	expect_steps("r24006001+1 r24006003+1 r24006004+1 r2400600c+1",
		     POLICY(.write_ram = true),
		     "- write 24006000 8\n"
		     "- write 2400600c 4\n"
		     "- verify 24006000 8\n"
		     "- verify 2400600c 4\n");
}

static void only_the_part_in_ram_is_written_there(void **state)
{
	struct s0_policy policy = { .write_ram = true, .skip_non_flash = true };
	(void)state;

	expect_steps("r24004ff0+32", policy,
		     "- write 24005000 16\n"
		     "- verify 24005000 16\n"
		     "! segment 0 of t.hex (16 bytes at 0x24004ff0) is left "
		     "out: it is not in flash\n");
	expect_steps("r2407fff0+32", policy,
		     "- write 2407fff0 16\n"
		     "- verify 2407fff0 16\n"
		     "! segment 0 of t.hex (16 bytes at 0x24080000) is left "
		     "out: it is not in flash\n");
}

static void the_start_address_is_the_callers_or_the_lowest(void **state)
{
	(void)state;
	expect_steps("r08020000+20",
		     POLICY(.no_verify = true, .start = true,
			    .start_address = 0x08030000),
		     "- erase 08020000 131072\n"
		     "- write 08020000 32\n"
		     "- start 08030000 0\n");
	expect_steps("r24006000+8", POLICY(.write_ram = true, .start = true),
		     "- write 24006000 8\n"
		     "- verify 24006000 8\n"
		     "- start 24006000 0\n");
}

static void a_comparison_reads_whatever_can_be_read(void **state)
{
	(void)state;
	expect_plan("r08000000+20 r24006000+16 r1ff1e800+12 e60000000",
		    POLICY(.compare = true, .start = true),
		    "segment 0  0x08000000  20 bytes  Internal Flash  t.hex: "
		    "compare\n"
		    "segment 0  0x24006000  16 bytes  AXI SRAM  t.hex: "
		    "compare\n"
		    "segment 0  0x1ff1e800  12 bytes  System memory  t.hex: "
		    "compare\n"
		    "segment 0  0x60000000  0 bytes  t.hex: skip, it has no "
		    "bytes in the file\n"
		    "total   erase 0 sectors, write 0 bytes\n"
		    "- verify 08000000 20\n"
		    "- verify 1ff1e800 12\n"
		    "- verify 24006000 16\n");
	expect_plan("r08000000+20 r60000000+16",
		    POLICY(.compare = true, .skip_non_flash = true),
		    "segment 0  0x08000000  20 bytes  Internal Flash  t.hex: "
		    "compare\n"
		    "segment 0  0x60000000  16 bytes  t.hex: skip, cannot be "
		    "read\n"
		    "total   erase 0 sectors, write 0 bytes\n"
		    "- verify 08000000 20\n"
		    "! segment 0 of t.hex (16 bytes at 0x60000000) is left "
		    "out: it cannot be read\n");
}

static void names_of_actions_and_steps_are_fixed(void **state)
{
	(void)state;
	assert_string_equal(s0_action_name(S0_ACTION_WRITE), "write");
	assert_string_equal(s0_action_name(S0_ACTION_SKIP_EMPTY), "skip-empty");
	assert_string_equal(s0_action_name(S0_ACTION_SKIP_NON_FLASH),
			    "skip-non-flash");
	assert_string_equal(s0_action_name(S0_ACTION_COMPARE), "compare");
	assert_string_equal(s0_action_name((s0_action)99), "?");
	assert_string_equal(s0_step_name((s0_step_kind)99), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_becomes_whole_flash_words),
		cmocka_unit_test(segments_that_share_a_flash_word_are_joined),
		cmocka_unit_test(
			the_vector_sector_is_erased_first_and_written_last),
		cmocka_unit_test(a_segment_may_cross_sectors_and_banks),
		cmocka_unit_test(
			long_blank_stretches_are_not_sent_but_verified),
		cmocka_unit_test(a_blank_image_is_an_erase_and_a_proof),
		cmocka_unit_test(the_whole_flash_is_erased_at_once),
		cmocka_unit_test(nothing_is_erased_where_that_is_declined),
		cmocka_unit_test(empty_segments_are_never_data),
		cmocka_unit_test(what_is_not_flash_is_left_out_when_asked),
		cmocka_unit_test(
			an_image_may_end_at_the_top_of_the_address_space),
		cmocka_unit_test(
			ram_is_written_in_its_own_units_where_that_is_asked),
		cmocka_unit_test(only_the_part_in_ram_is_written_there),
		cmocka_unit_test(
			the_start_address_is_the_callers_or_the_lowest),
		cmocka_unit_test(a_comparison_reads_whatever_can_be_read),
		cmocka_unit_test(names_of_actions_and_steps_are_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
