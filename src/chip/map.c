/* SPDX-License-Identifier: MIT */
#include "chip/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"

s0_code s0_map_new(struct s0_map **ret_map, struct s0_error *err)
{
	struct s0_map *map = calloc(1, sizeof *map);

	if (!map)
		return error_memory(err);
	*ret_map = map;
	return S0_OK;
}

void map_clear(struct s0_map *map)
{
	for (size_t i = 0; i < map->count; i++)
		free(map->names[i]);
	free(map->areas);
	free(map->names);
	*map = (struct s0_map){ 0 };
}

void s0_map_free(struct s0_map *map)
{
	if (!map)
		return;
	map_clear(map);
	free(map);
}

size_t s0_map_area_count(const struct s0_map *map)
{
	return map->count;
}

const struct s0_area *s0_map_area(const struct s0_map *map, size_t index)
{
	return index < map->count ? &map->areas[index] : NULL;
}

const struct s0_area *s0_map_find(const struct s0_map *map, uint32_t address)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct s0_area *area = &map->areas[i];

		if (range_within(address, 1, area->address, area->length))
			return area;
	}
	return NULL;
}

bool s0_map_sector(const struct s0_map *map, uint32_t address,
		   uint32_t *ret_address, uint32_t *ret_length)
{
	const struct s0_area *area = s0_map_find(map, address);

	if (!area)
		return false;
	*ret_address = address - (address - area->address) % area->sector_size;
	*ret_length = area->sector_size;
	return true;
}

bool s0_map_flash_start(const struct s0_map *map, uint32_t *ret_address)
{
	for (size_t i = 0; i < map->count; i++) {
		if (map->areas[i].kind == S0_AREA_FLASH) {
			*ret_address = map->areas[i].address;
			return true;
		}
	}
	return false;
}

uint32_t s0_map_flash_size(const struct s0_map *map)
{
	uint32_t size = 0;

	for (size_t i = 0; i < map->count; i++)
		if (map->areas[i].kind == S0_AREA_FLASH)
			size += map->areas[i].length;
	return size;
}

static bool reserve(struct s0_map *map)
{
	size_t more = map->count + 1;
	struct s0_area *areas = realloc(map->areas, more * sizeof *areas);
	char **names;

	if (!areas)
		return false;
	map->areas = areas;
	names = realloc(map->names, more * sizeof *names);
	if (!names)
		return false;
	map->names = names;
	return true;
}

/* Put an area, known to overlap none, in its place. */
static s0_code insert(struct s0_map *map, const struct s0_area *area,
		      struct s0_error *err)
{
	size_t at = map->count;
	char *name;

	if (!reserve(map))
		return error_memory(err);
	name = malloc(strlen(area->name) + 1);
	if (!name)
		return error_memory(err);
	strcpy(name, area->name);
	while (at > 0 && map->areas[at - 1].address > area->address)
		at--;
	memmove(map->areas + at + 1, map->areas + at,
		(map->count - at) * sizeof *map->areas);
	memmove(map->names + at + 1, map->names + at,
		(map->count - at) * sizeof *map->names);
	map->areas[at] = *area;
	map->areas[at].name = name;
	map->names[at] = name;
	map->count++;
	return S0_OK;
}

const struct s0_area *map_overlap(const struct s0_map *map, uint32_t address,
				  uint32_t length)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct s0_area *area = &map->areas[i];

		if (range_overlap(address, length, area->address, area->length))
			return area;
	}
	return NULL;
}

static s0_code check(const struct s0_area *area, struct s0_error *err)
{
	if (area->length && area->sector_size &&
	    area->length % area->sector_size == 0 &&
	    range_end(area->address, area->length) <= UINT64_C(1) << 32)
		return S0_OK;
	return error_set_at(err, S0_E_BUG, area->address, area->length,
			    "memory '%s' of %u bytes at 0x%08x in sectors of "
			    "%u bytes cannot be",
			    area->name, area->length, area->address,
			    area->sector_size);
}

s0_code s0_map_add(struct s0_map *map, const struct s0_area *area,
		   struct s0_error *err)
{
	uint64_t at = area->address;
	uint64_t end = range_end(area->address, area->length);
	s0_code code = check(area, err);

	while (code == S0_OK && at < end) {
		const struct s0_area *known;
		struct s0_area part = *area;

		known = map_overlap(map, (uint32_t)at, (uint32_t)(end - at));
		if (known && known->address <= at) {
			at = range_end(known->address, known->length);
			continue;
		}
		part.address = (uint32_t)at;
		part.length = (uint32_t)((known ? known->address : end) - at);
		if (part.length % part.sector_size)
			part.sector_size = part.length;
		code = insert(map, &part, err);
		at += part.length;
	}
	return code;
}

s0_code map_join(struct s0_map *map, const struct s0_map *more,
		 struct s0_error *err)
{
	s0_code code = S0_OK;
	size_t i;

	for (i = 0; code == S0_OK && i < more->count; i++)
		code = insert(map, &more->areas[i], err);
	if (code == S0_OK)
		return code;
	while (i-- > 0)
		map_cut(map, more->areas[i].address, more->areas[i].length);
	return code;
}

void map_cut(struct s0_map *map, uint32_t address, uint32_t length)
{
	size_t kept = 0;

	for (size_t i = 0; i < map->count; i++) {
		struct s0_area *area = &map->areas[i];

		if (range_within(area->address, area->length, address,
				 length)) {
			free(map->names[i]);
			continue;
		}
		if (range_overlap(area->address, area->length, address,
				  length) &&
		    area->address < address)
			area->length = address - area->address;
		map->areas[kept] = *area;
		map->names[kept++] = map->names[i];
	}
	map->count = kept;
}

s0_code map_split(struct s0_map *map, uint32_t address, struct s0_error *err)
{
	struct s0_area upper;

	for (size_t i = 0; i < map->count; i++) {
		struct s0_area *area = &map->areas[i];
		uint32_t lower = address - area->address;

		if (area->address >= address ||
		    range_end(area->address, area->length) <= address)
			continue;
		upper = *area;
		upper.address = address;
		upper.length = area->length - lower;
		area->length = lower;
		return insert(map, &upper, err);
	}
	return S0_OK;
}
