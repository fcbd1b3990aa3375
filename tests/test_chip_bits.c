/* SPDX-License-Identifier: MIT */
/* Which sectors the bits of the chips' option bytes close. */
#include <stdio.h>

#include <sector0/chip.h>
#include <sector0/option.h>

#include "test.h"

struct set {
	const char *field;
	uint32_t value;
};

/* The option bytes of a new chip, but for some fields. */
static void fill(const struct s0_chip *chip, const struct set *sets,
		 uint8_t *window, size_t length)
{
	for (size_t i = 0; i < chip->option_count; i++)
		assert_true(s0_option_put(&chip->options[i], window, length,
					  chip->options[i].factory));
	for (; sets->field; sets++)
		assert_true(s0_option_put(s0_option_find(chip, sets->field),
					  window, length, sets->value));
}

static struct s0_map *cut(const struct s0_chip *chip, size_t geometry)
{
	struct s0_map *map;
	char layout[128];

	(void)snprintf(layout, sizeof layout, "@Internal Flash  %s",
		       chip->geometries[geometry].layout);
	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	assert_int_equal(s0_map_parse(map, layout, 0, NULL), S0_OK);
	return map;
}

/* The first byte that is closed, and the one behind the last; all between are.
 */
static void find(const struct s0_chip *chip, const struct s0_map *map,
		 const uint8_t *window, size_t length, bool pcrop,
		 uint32_t *first, uint32_t *end)
{
	uint32_t at = 0x08000000, to = at + s0_map_flash_size(map);
	struct s0_sector_protection s;

	for (*first = *end = 0; at < to; at = s.address + s.length) {
		assert_true(
			s0_option_sector(chip, map, window, length, at, &s));
		if (pcrop ? s.area != S0_OPTION_PCROP : !s.write_protected)
			continue;
		if (*end && *end != s.address)
			fail_msg("%s: closed to %#x and from %#x on",
				 chip->name, *end, s.address);
		*first = *first ? *first : s.address;
		*end = s.address + s.length;
	}
}

/* RM0091 4.1, RM0316, PM0075: a bit is 4 pages of 1 KiB or 2 of 2 KiB, the last
 * one all behind. RM0430: the last one is of two sectors. RM0410: with two banks
 * each is of two. RM0090: with SPRMOD a 1 protects. */
static void the_bits_close_the_sectors_that_the_manuals_say(void **state)
{
	static const struct {
		const char *chip;
		struct set sets[4];
		size_t geometry;
		bool pcrop;
		uint32_t first, end;
	} known[] = {
		{ "f042", { { "WRP0", 0x7f } }, 0, false, 0x7000, 0x8000 },
		{ "f072", { { "WRP0", 0xfe } }, 0, false, 0, 0x1000 },
		{ "f072", { { "WRP1", 0xfe } }, 0, false, 0x8000, 0x9000 },
		{ "f072", { { "WRP3", 0x7f } }, 0, false, 0x1f000, 0x20000 },
		{ "f105", { { "WRP2", 0x7f } }, 0, false, 0x17000, 0x18000 },
		{ "f105", { { "WRP3", 0x7f } }, 0, false, 0x1f000, 0x40000 },
		{ "f302x8", { { "WRP1", 0x7f } }, 0, false, 0xf000, 0x10000 },
		{ "f303xc", { { "WRP3", 0xbf } }, 0, false, 0x1e000, 0x1f000 },
		{ "f303xe", { { "WRP3", 0x7f } }, 0, false, 0x1f000, 0x80000 },
		{ "f373", { { "WRP3", 0x7f } }, 0, false, 0x1f000, 0x40000 },
		{ "f401xc", { { "nWRP", 0x1f } }, 0, false, 0x20000, 0x40000 },
		{ "f413",
		  { { "nWRP", 0x3fff } },
		  0,
		  false,
		  0x140000,
		  0x180000 },
		{ "f429", { { "nWRP", 0xffe } }, 0, false, 0, 0x4000 },
		{ "f429",
		  { { "nWRP2", 0xffe } },
		  0,
		  false,
		  0x100000,
		  0x104000 },
		{ "f429", { { "nWRP", 0x7ff } }, 1, false, 0xe0000, 0x100000 },
		{ "f429",
		  { { "DB1M", 1 }, { "nWRP2", 0xf7f } },
		  2,
		  false,
		  0xe0000,
		  0x100000 },
		{ "f469",
		  { { "SPRMOD", 1 }, { "PCROP", 1 }, { "PCROP2", 0 } },
		  0,
		  true,
		  0,
		  0x4000 },
		{ "f411",
		  { { "SPRMOD", 1 }, { "PCROP", 0x80 } },
		  0,
		  true,
		  0x60000,
		  0x80000 },
		{ "f722", { { "nWRP", 0xef } }, 0, false, 0x10000, 0x20000 },
		{ "f722", { { "PCROP", 0x20 } }, 0, true, 0x20000, 0x40000 },
		{ "f746", { { "nWRP", 0xef } }, 0, false, 0x20000, 0x40000 },
		{ "f767", { { "nWRP", 0x7ff } }, 0, false, 0x1c0000, 0x200000 },
		{ "f767",
		  { { "nDBANK", 0 }, { "nWRP_BANK1", 0x3d } },
		  1,
		  false,
		  0x8000,
		  0x10000 },
		{ "f767",
		  { { "nDBANK", 0 }, { "nWRP_BANK2", 0x1f } },
		  1,
		  false,
		  0x1c0000,
		  0x200000 },
		{ "f767",
		  { { "nDBANK", 0 }, { "nWRP_BANK2", 0x3e } },
		  2,
		  false,
		  0x80000,
		  0x88000 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		const struct s0_chip *chip = s0_chip_find(known[i].chip);
		uint8_t window[64] = { 0 };
		struct s0_map *map;
		uint32_t first, end;

		assert_non_null(chip);
		fill(chip, known[i].sets, window, sizeof window);
		map = cut(chip, known[i].geometry);
		find(chip, map, window, sizeof window, known[i].pcrop, &first,
		     &end);
		s0_map_free(map);
		if (first != 0x08000000 + known[i].first ||
		    end != 0x08000000 + known[i].end)
			fail_msg("row %zu, %s: %#x to %#x", i, known[i].chip,
				 first, end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_bits_close_the_sectors_that_the_manuals_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
