/* SPDX-License-Identifier: MIT */
/* The device's memory as they count and show it. */
#include "compat/cube.h"

/* The number of an area's first sector: what the holes before it could hold
 * counts too, so that the second bank of a part that has half of each begins
 * where that of the largest part does. */
static uint32_t first_number(const struct s0_map *map, size_t index)
{
	const struct s0_area *before = NULL;
	uint32_t number = 0;

	for (size_t i = 0; i <= index; i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind != S0_AREA_FLASH)
			continue;
		if (before)
			number += (area->address - before->address +
				   before->sector_size - 1) /
				  before->sector_size;
		before = area;
	}
	return number;
}

bool cube_sector(const struct cube *cube, uint32_t number,
		 uint32_t *ret_address, uint32_t *ret_length)
{
	const struct s0_map *map = s0_device_map(cube->app.device);

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		uint32_t nth;

		if (area->kind != S0_AREA_FLASH)
			continue;
		nth = number - first_number(map, i);
		if (nth >= area->length / area->sector_size)
			continue;
		*ret_address = area->address + nth * area->sector_size;
		*ret_length = area->sector_size;
		return true;
	}
	return false;
}

bool cube_sector_at(const struct cube *cube, uint32_t address,
		    uint32_t *ret_number)
{
	const struct s0_map *map = s0_device_map(cube->app.device);

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind != S0_AREA_FLASH ||
		    address - area->address >= area->length)
			continue;
		*ret_number = first_number(map, i) +
			      (address - area->address) / area->sector_size;
		return true;
	}
	return false;
}

void cube_say_sectors(struct cube *cube, uint32_t first, uint32_t last)
{
	if (first == last)
		cube_say(cube, "Erasing internal memory sector %u\n", first);
	else
		cube_say(cube, "Erasing internal memory sectors [%u %u]\n",
			 first, last);
}

/* What -vb 3 shows of the last command; up to version 2.17 it was always shown.
 */
void cube_say_erased(struct cube *cube)
{
	uint32_t address, length, number;

	for (size_t i = 0;
	     cube->verbosity > 2 &&
	     s0_session_erased(cube->app.session, i, &address, &length);
	     i++)
		if (cube_sector_at(cube, address, &number))
			cube_say(cube, "erasing sector %04u @: 0x%08x done\n",
				 number, address);
}

static void say_area(struct cube *cube, const struct s0_area *area,
		     uint32_t number, bool first)
{
	uint32_t count = area->length / area->sector_size;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t size = area->sector_size;

		cube_say(cube, "  %-15s %04u      0x%08x  %04u %s     %s%s%s\n",
			 first && i == 0 ? area->name : "", number + i,
			 area->address + i * size,
			 size % 1024 ? size : size / 1024,
			 size % 1024 ? " B" : "KB",
			 area->can & S0_CAN_READ ? "R" : "",
			 area->can & S0_CAN_ERASE ? "E" : "",
			 area->can & S0_CAN_WRITE ? "W" : "");
	}
}

/* What the device itself names; the columns' widths are ours (the published
 * ones have lost theirs: community.st.com td-p/315451). */
void cube_say_areas(struct cube *cube)
{
	const struct s0_map *map = s0_device_map(cube->app.device);
	const struct s0_area *before = NULL;
	uint32_t number = 0;

	cube_say(cube, "  AREA NAME       SECT.NBR  ADDRESS     SIZE        "
		       "TYPE\n\n");
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		bool first = !before || before->alt != area->alt;

		if (!area->from_device)
			continue;
		number = area->kind == S0_AREA_FLASH ? first_number(map, i)
			 : first		     ? 0
						     : number;
		say_area(cube, area, number, first);
		number += area->length / area->sector_size;
		before = area;
	}
	cube_say(cube, "\n");
}
