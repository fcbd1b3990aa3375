/* SPDX-License-Identifier: MIT */
#ifndef CHIP_MAP_H
#define CHIP_MAP_H

#include <stddef.h>
#include <stdint.h>

#include <sector0/map.h>

struct s0_map {
	struct s0_area *areas; /* sorted by address */
	char **names;	       /* names[i] is areas[i].name, to be freed */
	size_t count;
};

/* The first area that overlaps a range, NULL if none. */
const struct s0_area *map_overlap(const struct s0_map *map, uint32_t address,
				  uint32_t length);

/* Add all areas of a map that overlaps no area of the first: all or none. */
s0_code map_join(struct s0_map *map, const struct s0_map *more,
		 struct s0_error *err);

/* Forget all areas. */
void map_clear(struct s0_map *map);

/*
 * Take [address, address + length) out of the map: areas wholly inside go,
 * one that reaches into the range from below is cut short there.
 */
void map_cut(struct s0_map *map, uint32_t address, uint32_t length);

/* Make an area that spans an address two, which meet there. */
s0_code map_split(struct s0_map *map, uint32_t address, struct s0_error *err);

#endif
