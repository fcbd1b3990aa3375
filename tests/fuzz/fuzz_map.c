/* SPDX-License-Identifier: MIT */

/* Layouts, one a line, into one map; then an area around all of it. A map must
 * stay sorted, without overlaps, and as it was when a layout is refused. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/chip.h>

#include "chip/candidates.h"
#include "chip/geometry.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(const struct s0_map *map)
{
	uint64_t end = 0;

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *a = s0_map_area(map, i);
		uint32_t address, size;

		if (a->address < end || !a->length || !a->sector_size ||
		    a->length % a->sector_size || !a->name)
			abort();
		end = (uint64_t)a->address + a->length;
		if (end > UINT64_C(1) << 32 ||
		    s0_map_find(map, a->address) != a ||
		    s0_map_find(map, (uint32_t)(end - 1)) != a ||
		    !s0_map_sector(map, (uint32_t)(end - 1), &address, &size) ||
		    address + (uint64_t)size != end)
			abort();
	}
}

static uint64_t sum(const struct s0_map *map)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < s0_map_area_count(map); i++)
		bytes += s0_map_area(map, i)->length;
	return bytes;
}

static void add_layout(struct s0_map *map, const char *layout, uint8_t alt)
{
	struct s0_error err = S0_ERROR_INIT;
	size_t count = s0_map_area_count(map);
	uint64_t bytes = sum(map);
	s0_code code = s0_map_parse(map, layout, alt, &err);

	check(map);
	if (code == S0_OK)
		return;
	if (code != err.code || !err.message[0] || sum(map) != bytes ||
	    s0_map_area_count(map) != count)
		abort();
}

static void add_all(struct s0_map *map)
{
	static const struct s0_area areas[] = {
		{ "all", S0_AREA_RAM, 0, UINT32_C(0xffffff00), 256, 5, 0,
		  false },
		{ "top", S0_AREA_RAM, UINT32_C(0xfffffff0), 16, 16, 5, 0,
		  false },
	};

	for (size_t i = 0; i < 2; i++) {
		if (s0_map_add(map, &areas[i], NULL) != S0_OK)
			abort();
		check(map);
	}
	if (sum(map) < UINT32_C(0xffffff00))
		abort();
}

/* As the flash of a chip that has such a bootloader, with so much of it. */
static void give_sizes(struct s0_map *map, unsigned kib)
{
	const struct chip_told told = { .map = map };
	struct geometry_verdict verdict;
	struct geometry_facts facts = { .flash_kib = kib };

	for (size_t i = 0; (facts.chip = s0_chip_at(i)); i++) {
		if (!chip_fits(facts.chip, &told))
			continue;
		if (geometry_apply(&facts, map, &verdict, NULL) != S0_OK)
			abort();
		check(map);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct s0_map *map;
	char layout[256];
	uint8_t alt = 0;

	if (s0_map_new(&map, NULL) != S0_OK)
		abort();
	for (size_t at = 0; at < length && alt < 8; alt++) {
		const uint8_t *end = memchr(bytes + at, '\n', length - at);
		size_t size = end ? (size_t)(end - bytes) - at : length - at;

		(void)snprintf(layout, sizeof layout, "%.*s", (int)size,
			       (const char *)bytes + at);
		add_layout(map, layout, alt);
		at += size + 1;
	}
	give_sizes(map, length ? bytes[0] * 16u + bytes[length / 2] : 0);
	add_all(map);
	s0_map_free(map);
	return 0;
}
