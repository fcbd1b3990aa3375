/* SPDX-License-Identifier: MIT */
/* What is asked next to tell chips apart, and what the answers mean. */
#include "test.h"

#include "device/which.h"

/* Chips of which the first two have their versions at one place. */
static struct which which_of(struct s0_chip chips[3])
{
	static const uint32_t places[] = { 0x100, 0x100, 0x200 };
	struct which which = { .c = { .count = 3, .fit = 3 } };

	for (size_t i = 0; i < 3; i++) {
		chips[i] = (struct s0_chip){ .version_address = places[i] };
		which.c.chips[i] = &chips[i];
	}
	which.all = which.c;
	return which;
}

static void each_place_is_asked_once_for_a_version(void **state)
{
	static const struct s0_rom rom = { .version = 0x91 };
	struct s0_chip chips[3];
	struct which which = which_of(chips);
	(void)state;

	assert_true(which_next_version(&which));
	assert_int_equal(which.address, 0x100);
	which.version = (struct told_version){ .told = true, .version = 0x44 };
	which_take_version(&which);
	assert_true(which_next_version(&which));
	assert_int_equal(which.address, 0x200);
	assert_false(which_next_version(&which));
	assert_int_equal(which.rom, 0x44);
	/* It ends where one is known, */
	which = which_of(chips);
	chips[1].roms = &rom;
	chips[1].rom_count = 1;
	assert_true(which_next_version(&which));
	which.version.version = 0x91;
	which.version.told = true;
	which_take_version(&which);
	assert_false(which_next_version(&which));
	assert_int_equal(which.c.count, 1);
	/* or where read-out protection refuses. */
	which = which_of(chips);
	assert_true(which_next_version(&which));
	which.version = (struct told_version){ .protected = true };
	which_take_version(&which);
	assert_false(which_next_version(&which));
	assert_int_equal(which.rom, 0);
}

static void what_may_fit_alone_is_not_enough(void **state)
{
	struct s0_device_info info = { .flash_kib = 512 };
	struct s0_chip chips[3];
	struct which which = which_of(chips);
	(void)state;

	which.c.count = 1;
	which.c.fit = 0;
	which_prefer(&which);
	which_end(&which, &info);
	assert_null(info.chip);
	assert_int_equal(info.sureness, S0_SURENESS_SEVERAL);
	assert_int_equal(info.candidate_count, 1);
	info = (struct s0_device_info){ .flash_kib = 512 };
	which.known = true;
	which_end(&which, &info);
	assert_ptr_equal(info.chip, &chips[0]);
	assert_int_equal(info.sureness, S0_SURENESS_CERTAIN);
	info = (struct s0_device_info){ .flash_kib = 512 };
	which.known = false;
	which.c.fit = 1;
	which_end(&which, &info);
	assert_ptr_equal(info.chip, &chips[0]);
	assert_int_equal(info.sureness, S0_SURENESS_LIKELY);
	assert_string_equal(info.identified_by, "memory layout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_is_asked_once_for_a_version),
		cmocka_unit_test(what_may_fit_alone_is_not_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
