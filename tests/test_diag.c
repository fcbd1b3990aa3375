/* SPDX-License-Identifier: MIT */
/* From facts to findings. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/diag.h>

/* A healthy STM32H743 as it tells about itself. */
struct fixture {
	struct s0_device_info info;
	struct s0_map *map;
	struct s0_findings *findings;
	struct s0_facts facts;
};

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof f);
	f.info.chip = s0_chip_find("stm32h743");
	f.info.vendor = 0x0483;
	f.info.product = 0xdf11;
	f.info.transfer_size = 1024;
	(void)snprintf(f.info.name, sizeof f.info.name, "DFU in FS Mode");
	(void)snprintf(f.info.memories[0], sizeof f.info.memories[0],
		       "@Internal Flash   /0x08000000/16*128Kg");
	f.info.memory_count = 1;
	(void)snprintf(f.info.uid, sizeof f.info.uid, "00112233");
	f.info.flash_kib = 2048;
	f.info.rom = 0x92;
	f.info.option_length = 308;
	put32(f.info.options, 0x1bc6aaf0);
	put32(f.info.options + 0x0c, 0xff);
	put32(f.info.options + 0x14, 0xff);
	put32(f.info.options + 0x1c, 0xff);
	put32(f.info.options + 0x24, 0x1ff00800);
	put32(f.info.options + 0x10c, 0xff);
	put32(f.info.options + 0x114, 0xff);
	put32(f.info.options + 0x11c, 0xff);
	assert_int_equal(s0_chip_map(f.info.chip, &f.map, NULL), S0_OK);
	assert_int_equal(s0_findings_new(&f.findings, NULL), S0_OK);
	f.facts = (struct s0_facts){ .device = &f.info, .map = f.map };
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	s0_findings_free(f->findings);
	s0_map_free(f->map);
	return 0;
}

static void add(struct fixture *f)
{
	assert_int_equal(s0_findings_add(f->findings, &f->facts, NULL), S0_OK);
}

static const struct s0_finding *only_fault(struct fixture *f, const char *code)
{
	const struct s0_finding *finding;
	size_t faults = 0;

	add(f);
	for (size_t i = 0; i < s0_findings_count(f->findings); i++) {
		finding = s0_findings_at(f->findings, i);
		print_message("# %s: %s\n", finding->code, finding->evidence);
		faults += !finding->note;
	}
	assert_int_equal(faults, 1);
	finding = s0_findings_at(f->findings, 0);
	assert_string_equal(finding->code, code);
	return finding;
}

static void has(const struct s0_finding *finding, const char *words)
{
	assert_non_null(strstr(finding->evidence, words));
}

static void a_healthy_chip_has_no_fault(void **state)
{
	struct fixture *f = *state;

	add(f);
	assert_int_equal(s0_findings_count(f->findings), 1);
	assert_string_equal(s0_findings_at(f->findings, 0)->code,
			    "D_BOOTLOADER_LIMITS");
	assert_true(s0_findings_at(f->findings, 0)->note);
	assert_null(s0_findings_at(f->findings, 1));
}

static void write_protection_names_its_sectors(void **state)
{
	struct fixture *f = *state;
	const struct s0_finding *finding;

	put32(f->info.options + 0x1c, 0xfe);
	put32(f->info.options + 0x11c, 0x7f);
	finding = only_fault(f, "D_WRITE_PROTECTED");
	has(finding, "write-protect 2 sectors: 0x08000000, 0x081e0000");
	assert_int_equal(finding->confidence, S0_LIKELY);
}

static void a_protected_sector_is_certain_where_the_failure_was(void **state)
{
	struct fixture *f = *state;
	struct s0_error err = S0_ERROR_INIT;

	put32(f->info.options + 0x1c, 0xfd);
	err.code = S0_E_NOT_ERASED;
	err.cause = S0_CAUSE_NO_EFFECT;
	err.address = 0x08020010;
	err.length = 1;
	f->facts.error = &err;
	add(f);
	assert_string_equal(s0_findings_at(f->findings, 0)->code,
			    "D_WRITE_PROTECTED");
	assert_int_equal(s0_findings_at(f->findings, 0)->confidence,
			 S0_CERTAIN);
	s0_error_explain_with(&err, &f->facts);
	assert_non_null(strstr(err.hint, "--lift-protection"));
}

static void a_failure_beside_a_protected_sector_has_another_cause(void **state)
{
	struct fixture *f = *state;
	struct s0_error err = S0_ERROR_INIT;

	put32(f->info.options + 0x1c, 0xfd);
	err.code = S0_E_NOT_ERASED;
	err.cause = S0_CAUSE_NO_EFFECT;
	err.aftermath = S0_PARTIAL;
	err.address = 0x08040000;
	err.length = 1;
	s0_error_explain_with(&err, &f->facts);
	assert_non_null(strstr(err.hint, "doctor --stress"));
}

static void protected_areas_have_their_places(void **state)
{
	struct fixture *f = *state;
	struct s0_error err = S0_ERROR_INIT;

	put32(f->info.options + 0x10c, 0x00030002);
	has(only_fault(f, "D_PCROP"), "512 bytes from 0x08100200");
	err.code = S0_E_MISMATCH;
	err.length = 1;
	err.address = 0x081003ff;
	s0_error_explain_with(&err, &f->facts);
	assert_non_null(strstr(err.hint, "around the area"));
	err.hint[0] = '\0';
	err.address = 0x08100400;
	s0_error_explain_with(&err, &f->facts);
	assert_non_null(strstr(err.hint, "worn"));
}

static void a_secure_area_is_found(void **state)
{
	struct fixture *f = *state;

	/* Without secure mode it is none. */
	put32(f->info.options + 0x14, 0x00010000);
	add(f);
	for (size_t i = 0; i < s0_findings_count(f->findings); i++)
		assert_true(s0_findings_at(f->findings, i)->note);
	put32(f->info.options, 0x1be6aaf0);
	has(only_fault(f, "D_SECURE_AREA"), "512 bytes from 0x08000000");
}

static void a_hardware_watchdog_explains_a_device_that_goes(void **state)
{
	struct fixture *f = *state;
	struct s0_error err = S0_ERROR_INIT;

	put32(f->info.options, 0x1bc6aae0);
	has(only_fault(f, "D_WATCHDOG"), "IWDG1_SW is 0");
	err.code = S0_E_GONE;
	s0_error_explain_with(&err, &f->facts);
	assert_non_null(strstr(err.hint, "watchdog"));
}

static void read_protection_has_two_levels(void **state)
{
	struct fixture *f = *state;

	f->info.rdp = 2;
	only_fault(f, "D_READ_PROTECTED_FOR_EVER");
}

static void a_name_that_does_not_come_is_no_unknown_chip(void **state)
{
	struct fixture *f = *state;

	f->info.chip = NULL;
	f->info.memory_count = 2;
	only_fault(f, "D_DESCRIPTORS");
}

static void an_erase_in_bank_2_hangs_an_old_bootloader(void **state)
{
	struct fixture *f = *state;
	struct s0_error err = S0_ERROR_INIT;

	f->info.rom = 0x91;
	err.code = S0_E_TIMEOUT;
	err.aftermath = S0_UNKNOWN;
	err.length = 1;
	err.address = 0x080fffff;
	f->facts.error = &err;
	add(f);
	assert_string_equal(s0_findings_at(f->findings, 0)->code, "D_SUPPLY");
	err.address = 0x08100000;
	add(f);
	assert_string_equal(s0_findings_at(f->findings, 0)->code,
			    "D_BANK_2_ERASE");
	s0_error_explain_with(&err, &f->facts);
	assert_non_null(strstr(err.hint, "below 0x08100000"));
}

static void rubbish_in_descriptors_is_seen(void **state)
{
	struct fixture *f = *state;

	f->info.name[3] = (char)0xc3;
	has(only_fault(f, "D_DESCRIPTORS"), "characters");
}

static void a_transfer_size_that_splits_a_flash_word(void **state)
{
	struct fixture *f = *state;

	f->info.transfer_size = 1000;
	has(only_fault(f, "D_TRANSFER_SIZE"), "1000 bytes");
}

static void a_layout_that_is_larger_than_the_chip(void **state)
{
	struct fixture *f = *state;
	bool seen = false;

	f->info.flash_kib = 128;
	f->info.vendor = 0x2e3c;
	f->info.serial_shared = true;
	put32(f->info.options, 0x9bc6aaf0);
	put32(f->info.options + 0x24, 0x1ff01ff0);
	f->info.uid[0] = '\0';
	add(f);
	for (size_t i = 0; i < s0_findings_count(f->findings); i++) {
		assert_true(s0_findings_at(f->findings, i)->note);
		seen = seen ||
		       strstr(s0_findings_at(f->findings, i)->evidence,
			      "names 2048 KiB of flash, its size register "
			      "says 128");
	}
	assert_true(seen);
	/* those six, and the bootloader's limits */
	assert_int_equal(s0_findings_count(f->findings), 7);
}

static void notes_of_a_cut_run_are_a_fault(void **state)
{
	struct fixture *f = *state;

	f->facts.noted = 2;
	f->facts.noted_at = 0x08040000;
	has(only_fault(f, "D_CUT_RUN"), "2 sectors, the first at 0x08040000");
}

static void what_a_cut_run_saved_comes_before_the_advice_to_flash(void **state)
{
	struct fixture *f = *state;

	f->facts.noted = 2;
	f->facts.noted_at = 0x08040000;
	f->facts.saved = 2;
	f->facts.saved_at = 0x08040000;
	has(only_fault(f, "D_UNDO_WAITS"),
	    "2 sectors, the first at 0x08040000");

	s0_findings_free(f->findings);
	assert_int_equal(s0_findings_new(&f->findings, NULL), S0_OK);
	f->facts.saved = 1;
	add(f);
	assert_string_equal(s0_findings_at(f->findings, 0)->code,
			    "D_UNDO_WAITS");
	assert_string_equal(s0_findings_at(f->findings, 1)->code, "D_CUT_RUN");
}

static void the_host_tells_rights_from_drivers_and_programs(void **state)
{
	static const char *const wanted[] = { "D_NO_NODE", "D_NO_RIGHTS",
					      "D_OTHER_DRIVER",
					      "D_HELD_BY_PROGRAM" };
	struct fixture *f = *state;
	struct s0_host_device boards[4] = {
		{ .board = { .path = "usb:1-1",
			     .dfu_mode = true,
			     .forbidden = true },
		  .node = "/dev/bus/usb/001/002" },
		{ .board = { .path = "usb:1-2", .dfu_mode = true },
		  .node_missing = true },
		{ .board = { .path = "usb:1-3",
			     .dfu_mode = true,
			     .accessible = true },
		  .driver = "cdc_acm" },
		{ .board = { .path = "usb:1-4", .dfu_mode = true },
		  .driver = "usbfs",
		  .holder = "dfu-util (process 7)" },
	};
	struct s0_host host = { .udev = true, .devices = boards, .count = 4 };

	f->facts = (struct s0_facts){ .host = &host };
	add(f);
	assert_int_equal(s0_findings_count(f->findings), 4);
	for (size_t i = 0; i < 4; i++) {
		bool found = false;

		for (size_t k = 0; k < 4; k++)
			found = found ||
				!strcmp(s0_findings_at(f->findings, k)->code,
					wanted[i]);
		assert_true(found);
	}
	has(s0_findings_at(f->findings, 0), "usb:1-2 is listed");
	has(s0_findings_at(f->findings, 1), "is not installed");
	has(s0_findings_at(f->findings, 2), "held by dfu-util (process 7)");
	has(s0_findings_at(f->findings, 3), "'cdc_acm'");
}

static void the_surer_one_of_two_stays(void **state)
{
	struct fixture *f = *state;
	struct s0_error err = S0_ERROR_INIT;

	err.code = S0_E_MISMATCH;
	err.cause = S0_CAUSE_NO_EFFECT;
	f->facts = (struct s0_facts){ .error = &err };
	add(f);
	assert_int_equal(s0_findings_at(f->findings, 0)->confidence,
			 S0_POSSIBLE);
	f->facts = (struct s0_facts){ .device = &f->info, .map = f->map };
	put32(f->info.options + 0x1c, 0xfe);
	add(f);
	assert_string_equal(s0_findings_at(f->findings, 0)->code,
			    "D_WRITE_PROTECTED");
	assert_int_equal(s0_findings_at(f->findings, 0)->confidence, S0_LIKELY);
	f->facts = (struct s0_facts){ .error = &err };
	add(f);
	assert_int_equal(s0_findings_at(f->findings, 0)->confidence, S0_LIKELY);
}

/* The hint is the next step of the first row that fits: that must be the
 * surest one too. */
static void the_hint_is_the_first_findings_next_step(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i <= S0_E_UNREADABLE * (S0_CAUSE_LAST + 1) * 3; i++) {
		struct s0_error err = S0_ERROR_INIT;

		err.code = (s0_code)(i / 3 / (S0_CAUSE_LAST + 1));
		err.cause = (s0_cause)(i / 3 % (S0_CAUSE_LAST + 1));
		err.aftermath = (s0_aftermath)(i % 3);
		s0_findings_free(f->findings);
		assert_int_equal(s0_findings_new(&f->findings, NULL), S0_OK);
		f->facts = (struct s0_facts){ .error = &err };
		add(f);
		s0_error_explain(&err);
		if (s0_findings_count(f->findings))
			assert_string_equal(
				s0_findings_at(f->findings, 0)->next, err.hint);
		else
			assert_string_equal(err.hint, "");
	}
}

static void confidences_have_names(void **state)
{
	(void)state;
	assert_string_equal(s0_confidence_name(S0_CERTAIN), "certain");
	assert_string_equal(s0_confidence_name(S0_LIKELY), "likely");
	assert_string_equal(s0_confidence_name(S0_POSSIBLE), "possible");
	s0_findings_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_healthy_chip_has_no_fault),
		TEST(write_protection_names_its_sectors),
		TEST(a_protected_sector_is_certain_where_the_failure_was),
		TEST(a_failure_beside_a_protected_sector_has_another_cause),
		TEST(protected_areas_have_their_places),
		TEST(a_secure_area_is_found),
		TEST(a_hardware_watchdog_explains_a_device_that_goes),
		TEST(read_protection_has_two_levels),
		TEST(a_name_that_does_not_come_is_no_unknown_chip),
		TEST(an_erase_in_bank_2_hangs_an_old_bootloader),
		TEST(rubbish_in_descriptors_is_seen),
		TEST(a_transfer_size_that_splits_a_flash_word),
		TEST(a_layout_that_is_larger_than_the_chip),
		TEST(notes_of_a_cut_run_are_a_fault),
		TEST(what_a_cut_run_saved_comes_before_the_advice_to_flash),
		TEST(the_host_tells_rights_from_drivers_and_programs),
		TEST(the_surer_one_of_two_stays),
		TEST(the_hint_is_the_first_findings_next_step),
		TEST(confidences_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
