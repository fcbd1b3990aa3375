/* SPDX-License-Identifier: MIT */
#include "chip/candidates.h"

#include <stdio.h>
#include <string.h>

#include "base/range.h"
#include "chip/map.h"
#include "chip/shape.h"

/* Is the area one that this chip could have: flash of smaller parts ends
 * sooner? */
static bool flash_area_fits(const struct s0_area *area,
			    const struct s0_map *own, bool shorter)
{
	const struct s0_area *a = s0_map_find(own, area->address);

	if (!a || a->kind != area->kind || a->can != area->can)
		return false;
	if (!shorter)
		return area->address == a->address &&
		       area->length == a->length &&
		       area->sector_size == a->sector_size;
	return area->sector_size == a->sector_size &&
	       (area->address - a->address) % a->sector_size == 0 &&
	       range_within(area->address, area->length, a->address, a->length);
}

/* What the bootloader of the largest part names, or of a smaller one. */
static bool fits_layout(const struct s0_chip *chip, const struct s0_map *map,
			const struct s0_map *own)
{
	for (size_t i = 0; i < own->count; i++) {
		const struct s0_area *a = &own->areas[i];
		const struct s0_area *b = s0_map_find(map, a->address);

		if (a->kind == S0_AREA_FLASH && !chip->shorter_layout &&
		    (!b || b->address != a->address))
			return false;
	}
	for (size_t i = 0; i < map->count; i++)
		if (map->areas[i].kind == S0_AREA_FLASH &&
		    !flash_area_fits(&map->areas[i], own, chip->shorter_layout))
			return false;
	return true;
}

/* Flash that cannot be changed is in no geometry. */
static bool all_can_change(const struct s0_map *map)
{
	const unsigned all = S0_CAN_READ | S0_CAN_ERASE | S0_CAN_WRITE;

	for (size_t i = 0; i < map->count; i++)
		if (map->areas[i].kind == S0_AREA_FLASH &&
		    map->areas[i].can != all)
			return false;
	return true;
}

/* Is it how a part of this chip is cut into sectors, in one of its modes? */
static enum chip_fit fits_geometry(const struct s0_chip *chip,
				   const struct s0_map *map)
{
	enum chip_fit fit = CHIP_NOT;
	struct shape named, whole, part;

	shape_of_map(map, &named);
	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *g = &chip->geometries[i];
		const uint16_t *kib = chip->sizes_kib;

		shape_of_geometry(g, &whole);
		if (shape_same(&named, &whole))
			return CHIP_FITS;
		for (; kib && *kib; kib++) {
			shape_cut(&whole, chip, g->banks, *kib, &part);
			if (shape_same(&named, &part))
				fit = chip->shorter_layout ? CHIP_FITS
							   : CHIP_PERHAPS;
		}
	}
	return fit;
}

static enum chip_fit flash_fits(const struct s0_chip *chip,
				const struct s0_map *map,
				const struct s0_map *own)
{
	uint32_t is, should;

	if (!s0_map_flash_start(map, &is) ||
	    !s0_map_flash_start(own, &should) || is != should)
		return CHIP_NOT;
	if (fits_layout(chip, map, own))
		return CHIP_FITS;
	return all_can_change(map) ? fits_geometry(chip, map) : CHIP_NOT;
}

static const struct s0_area *first_of(const struct s0_map *map,
				      s0_area_kind kind)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->areas[i].kind == kind && map->areas[i].from_device)
			return &map->areas[i];
	return NULL;
}

/* All areas of that kind are in the other map, as long as there. */
static bool has_all(const struct s0_map *of, const struct s0_map *in,
		    s0_area_kind kind)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct s0_area *a = &of->areas[i];
		const struct s0_area *b = s0_map_find(in, a->address);

		if (a->kind == kind && a->from_device &&
		    (!b || b->kind != kind || b->address != a->address ||
		     b->length != a->length))
			return false;
	}
	return true;
}

/* An H723 differs from an H743 in the length of its option bytes alone. Type
 * letters differ between versions of one bootloader. */
static bool options_fit(const struct s0_chip *chip, const struct s0_map *map,
			const struct s0_map *own)
{
	const struct s0_area *a = first_of(map, S0_AREA_OPTION);
	const struct s0_area *b = first_of(own, S0_AREA_OPTION);

	if (chip->dumped)
		return has_all(map, own, S0_AREA_OPTION) &&
		       has_all(own, map, S0_AREA_OPTION);
	/* Lines that were made up are not held against a device. */
	return !a || !b || a->address == b->address;
}

/* What not every version names is looked at where both do. */
static bool others_fit(const struct s0_chip *chip, const struct s0_map *map,
		       const struct s0_map *own)
{
	static const s0_area_kind kinds[] = { S0_AREA_OTP, S0_AREA_EEPROM };

	for (size_t i = 0; chip->dumped && i < 2; i++) {
		const struct s0_area *a = first_of(map, kinds[i]);
		const struct s0_area *b = first_of(own, kinds[i]);

		if (a && b && a->address != b->address)
			return false;
	}
	return true;
}

/* Are its first sectors as long as those of some geometry, or named as twice
 * that? A quick look, without which opening a device would parse the names of
 * all chips. */
static bool may_fit(const struct s0_chip *chip, const struct s0_map *map)
{
	uint32_t start, bytes;

	if (!s0_map_flash_start(map, &start) ||
	    !s0_map_sector(map, start, &start, &bytes))
		return false;
	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_sectors *first = chip->geometries[i].sectors;

		if (first->address == start &&
		    (first->bytes == bytes || 2 * first->bytes == bytes))
			return true;
	}
	return chip->geometry_count == 0;
}

enum chip_fit chip_fits(const struct s0_chip *chip,
			const struct chip_told *told)
{
	enum chip_fit fit = CHIP_NOT;
	struct s0_map *own = NULL;

	if (chip->vendor && told->vendor &&
	    (chip->vendor != told->vendor || chip->product != told->product))
		return CHIP_NOT;
	if (may_fit(chip, told->map) &&
	    s0_chip_map(chip, &own, NULL) == S0_OK &&
	    options_fit(chip, told->map, own) &&
	    others_fit(chip, told->map, own))
		fit = flash_fits(chip, told->map, own);
	s0_map_free(own);
	return fit;
}

void candidates_add(struct candidates *c, const struct s0_chip *chip,
		    const struct chip_told *told)
{
	enum chip_fit fit = chip_fits(chip, told);
	size_t at = c->count;

	if (c->count >= CHIP_CANDIDATES || fit == CHIP_NOT)
		return;
	if (fit == CHIP_FITS) {
		at = c->fit++;
		for (size_t i = c->count; i > at; i--)
			c->chips[i] = c->chips[i - 1];
	}
	c->chips[at] = chip;
	c->count++;
}

/* Those that pass a test, where some do. */
typedef bool (*test_fn)(const struct s0_chip *chip, uint32_t at,
			uint32_t value);

static bool keep(struct candidates *c, test_fn test, uint32_t at,
		 uint32_t value)
{
	struct candidates kept = { .count = 0 };

	for (size_t i = 0; i < c->count; i++)
		if (test(c->chips[i], at, value)) {
			kept.fit += i < c->fit;
			kept.chips[kept.count++] = c->chips[i];
		}
	if (!kept.count)
		return false;
	*c = kept;
	return true;
}

static bool has_transfer_size(const struct s0_chip *chip, uint32_t at,
			      uint32_t value)
{
	(void)at;
	return !chip->transfer_size || chip->transfer_size == value;
}

/* ST's older bootloaders have 0x2000 and above, the newer ones 0x0200. The
 * digits behind differ between versions. */
static bool has_generation(const struct s0_chip *chip, uint32_t at,
			   uint32_t value)
{
	(void)at;
	return !chip->bcd_device || (chip->bcd_device >= 0x2000) == value;
}

/* Digits of the number of the last of several sizes of sectors in a name,
 * "04*016Kg,01*064Kg,011*128Kg": 3. 0: none. */
static size_t digits(const char *name)
{
	const char *comma = name ? strrchr(name, ',') : NULL;

	return comma ? strspn(comma + 1, "0123456789") : 0;
}

/* One that may fit and spells its sectors as the device does, where none that
 * fits does, is as likely: an STM32F413 of 1 MiB and an F412. */
static void take_spelling(struct candidates *c, size_t width)
{
	for (size_t i = 0; i < c->fit; i++)
		if (digits(c->chips[i]->layouts[0]) == width)
			return;
	for (size_t i = c->fit; width && i < c->count; i++) {
		const struct s0_chip *chip = c->chips[i];

		if (digits(chip->layouts[0]) != width)
			continue;
		memmove(&c->chips[c->fit + 1], &c->chips[c->fit],
			(i - c->fit) * sizeof(const struct s0_chip *));
		c->chips[c->fit++] = chip;
	}
}

void candidates_compare(struct candidates *c, const struct chip_told *told)
{
	if (told->transfer_size)
		(void)keep(c, has_transfer_size, 0, told->transfer_size);
	if (told->bcd_device)
		(void)keep(c, has_generation, 0, told->bcd_device >= 0x2000);
	take_spelling(c, digits(told->first));
}

bool chip_has_size(const struct s0_chip *chip, unsigned kib)
{
	const uint16_t *size = chip->sizes_kib;

	if (!size || !*size || !kib || kib >= 0xffff)
		return true;
	while (*size && *size != kib)
		size++;
	return *size != 0;
}

static bool size_is_possible(const struct s0_chip *chip, uint32_t at,
			     uint32_t value)
{
	return chip->flash_size_address != at || chip_has_size(chip, value);
}

void candidates_take_size(struct candidates *c, uint32_t address, unsigned kib)
{
	(void)keep(c, size_is_possible, address, kib);
}

static bool has_version(const struct s0_chip *chip, uint32_t at, uint32_t value)
{
	return chip->version_address == at && s0_chip_rom(chip, value);
}

void candidates_doubt(struct candidates *c)
{
	struct candidates fit = *c;

	if (!c->fit)
		return;
	fit.count = fit.fit;
	/* No version would ever speak for those that have none to tell. */
	for (size_t i = c->fit; i < c->count; i++)
		if (!c->chips[i]->version_address)
			fit.chips[fit.count++] = c->chips[i];
	*c = fit;
}

bool candidates_take_version(struct candidates *c, uint32_t address,
			     unsigned version)
{
	bool known = keep(c, has_version, address, version);

	if (known)
		candidates_doubt(c);
	return known;
}

static bool names_options(const struct s0_chip *chip, uint32_t at,
			  uint32_t value)
{
	struct s0_map *own = NULL;
	bool names = s0_chip_map(chip, &own, NULL) == S0_OK &&
		     first_of(own, S0_AREA_OPTION);

	(void)at;
	s0_map_free(own);
	return names == value;
}

void candidates_prefer(struct candidates *c, const struct chip_told *told)
{
	struct candidates same = { .count = 0 };

	candidates_doubt(c);
	if (c->count < 2)
		return;
	for (size_t i = 0; told->first && i < c->count; i++)
		if (c->chips[i]->dumped && c->chips[i]->layouts[0] &&
		    strcmp(c->chips[i]->layouts[0], told->first) == 0)
			same.chips[same.count++] = c->chips[i];
	same.fit = same.count;
	if (same.count && c->fit)
		*c = same;
	(void)keep(c, names_options, 0,
		   first_of(told->map, S0_AREA_OPTION) != NULL);
}

bool candidates_have(const struct candidates *c, const struct s0_chip *chip)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->chips[i] == chip)
			return true;
	return false;
}

void candidates_print(const struct candidates *c, char *buffer, size_t size)
{
	size_t used = 0;

	buffer[0] = '\0';
	for (size_t i = 0; i < c->count && used < size; i++) {
		int n = snprintf(buffer + used, size - used, "%s%s",
				 i == 0		     ? ""
				 : i + 1 == c->count ? " or "
						     : ", ",
				 c->chips[i]->name);

		used += n > 0 ? (size_t)n : 0;
	}
}
