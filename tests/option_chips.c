/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "option_chips.h"

#include <string.h>

#include "base/bytes.h"

static const char *const no_alias[] = { NULL };
static const struct s0_option_value off_on[] = {
	{ 0, "off", "is off", 0 },
	{ 1, "on", "is on", 0 },
};

#define FIELD(n, k, g, b, o, s, w)                                             \
	.name = n, .aliases = no_alias, .about = "a field", .kind = k,         \
	.group = g, .bank = b, .offset = o, .program = o, .shift = s,          \
	.width = w

static const struct s0_option_window windows[] = {
	{ 0x1fffc000, 16, 0 },
	{ 0x1ffec000, 16, 16 },
};
static const struct s0_option_field fields[] = {
	{ FIELD("RDP", S0_OPTION_RDP, S0_OPTION_READ_PROTECTION, 0, 0, 8, 8),
	  .factory = 0xaa },
	{ FIELD("SPRMOD", S0_OPTION_CHOICE, S0_OPTION_PCROP, 0, 8, 15, 1),
	  .values = off_on, .value_count = 2 },
	{ FIELD("nWRP", S0_OPTION_SECTORS, S0_OPTION_WRITE_PROTECTION, 1, 8, 0,
		2),
	  .per = 2, .when = "SPRMOD", .when_value = 0 },
	{ FIELD("nPCROP", S0_OPTION_SECTORS, S0_OPTION_PCROP, 1, 8, 0, 2),
	  .per = 2, .ones_protect = true, .when = "SPRMOD", .when_value = 1 },
	{ FIELD("WRP2", S0_OPTION_SECTORS, S0_OPTION_WRITE_PROTECTION, 1, 24, 0,
		2),
	  .first = 4, .rest = true, .ones_protect = true },
};
static const struct s0_option_word words[] = {
	{ "USER", 0, 0, 0, S0_OPTION_MIRROR_COPY, 0xff00 },
	{ "WRP", 8, 8, 0, S0_OPTION_MIRROR_COPY, 0x8003 },
	{ "WRP2", 24, 24, 0, S0_OPTION_MIRROR_COPY, 0x3 },
};
static const struct s0_chip two = {
	.name = "twowindows",
	.flash_address = 0x08000000,
	.flash_bytes = 0x8000,
	.option_windows = windows,
	.option_window_count = 2,
	.options = fields,
	.option_count = sizeof fields / sizeof fields[0],
	.option_words = words,
	.option_word_count = 3,
};

static const struct s0_option_window one_window[] = { { 0x1fff7800, 32, 0 } };
#define PAGES(n, k, b, o, s) FIELD(n, k, S0_OPTION_WRITE_PROTECTION, b, o, s, 7)
static const struct s0_option_value half[] = {
	{ 0x55, "half", "level 0.5", 0 },
};
static const struct s0_option_field pages[] = {
	{ FIELD("RDP", S0_OPTION_RDP, S0_OPTION_READ_PROTECTION, 0, 0, 0, 8),
	  .factory = 0xaa, .values = half, .value_count = 1 },
	{ FIELD("DBANK", S0_OPTION_CHOICE, S0_OPTION_USER, 0, 0, 22, 1),
	  .role = S0_OPTION_BANK_MODE, .values = off_on, .value_count = 2 },
	{ PAGES("WRP1A_STRT", S0_OPTION_AREA_START, 1, 8, 0) },
	{ PAGES("WRP1A_END", S0_OPTION_AREA_END, 1, 8, 16) },
	{ PAGES("WRP1B_STRT", S0_OPTION_AREA_START, 1, 8, 8) },
	{ PAGES("WRP1B_END", S0_OPTION_AREA_END, 1, 8, 24) },
	{ PAGES("WRP2A_STRT", S0_OPTION_AREA_START, 2, 16, 0) },
	{ PAGES("WRP2A_END", S0_OPTION_AREA_END, 2, 16, 16) },
	{ FIELD("BYTE", S0_OPTION_NUMBER, S0_OPTION_USER, 0, 24, 0, 8) },
	{ FIELD("HALF", S0_OPTION_NUMBER, S0_OPTION_USER, 0, 28, 0, 16) },
};
static const struct s0_option_word inverted[] = {
	{ "OPTR", 0, 0, 4, S0_OPTION_MIRROR_COMPLEMENT, 0x004000ff },
	{ "WRP1", 8, 8, 12, S0_OPTION_MIRROR_COMPLEMENT, 0x7f7f7f7f },
	{ "WRP2", 16, 16, 20, S0_OPTION_MIRROR_COMPLEMENT, 0x007f007f },
	{ "BYTES", 24, 24, 0, S0_OPTION_MIRROR_BYTES, 0xff },
	{ "HALVES", 28, 28, 0, S0_OPTION_MIRROR_HALVES, 0xffff },
};
static const struct s0_sectors halves[] = { { 0x08000000, 16, 0x800 } };
static const struct s0_sectors wide[] = { { 0x08000000, 8, 0x1000 } };
static const struct s0_geometry geometries[] = {
	{ "DBANK", 1, 0, 2, "", halves, 1 },
	{ "DBANK", 0, 0, 1, "", wide, 1 },
};
static const struct s0_chip inverting = {
	.name = "complements",
	.flash_address = 0x08000000,
	.flash_bytes = 0x8000,
	.banks = S0_BANKS_HALF,
	.geometries = geometries,
	.geometry_count = 2,
	.option_windows = one_window,
	.option_window_count = 1,
	.options = pages,
	.option_count = sizeof pages / sizeof pages[0],
	.option_words = inverted,
	.option_word_count = sizeof inverted / sizeof inverted[0],
};

static const struct s0_option_word half_known[] = {
	{ "USER", 0, 0, 0, S0_OPTION_MIRROR_BYTES, 0xff },
};
static const struct s0_chip bare = {
	.name = "barelyknown",
	.flash_address = 0x08000000,
	.flash_bytes = 0x8000,
	.option_address = 0x1ffff800,
	.option_length = 24,
	.options = pages,
	.option_count = 1,
	.option_words = half_known,
	.option_word_count = 1,
};

const struct s0_chip *two_windows(void)
{
	return &two;
}

const struct s0_chip *complements(void)
{
	return &inverting;
}

const struct s0_chip *barely_known(void)
{
	return &bare;
}

void complements_window(uint8_t window[32])
{
	static const uint32_t values[] = { 0x004000aa,
					   ~0x004000aau,
					   0x00007f7f,
					   ~0x00007f7fu,
					   0x0000007f,
					   ~0x0000007fu,
					   0x00ff00ffu ^ 0x00a500a5,
					   0 };

	for (size_t i = 0; i < 8; i++)
		put_le32(window + 4 * i, values[i]);
	for (size_t i = 3; i < 5; i++)
		s0_option_word_mirror(&inverted[i], window, 32);
}

struct s0_map *option_chip_map(uint32_t sector, uint32_t count)
{
	const struct s0_area area = {
		.address = 0x08000000,
		.length = sector * count,
		.sector_size = sector,
		.can = S0_CAN_READ | S0_CAN_ERASE | S0_CAN_WRITE,
		.kind = S0_AREA_FLASH,
		.name = "flash",
	};
	struct s0_map *map;

	assert_int_equal(s0_map_new(&map, NULL), S0_OK);
	assert_int_equal(s0_map_add(map, &area, NULL), S0_OK);
	return map;
}
