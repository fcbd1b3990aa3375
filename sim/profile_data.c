/* SPDX-License-Identifier: MIT */
/* A profile from a chip's data: numbers, and the names of its alternate
 * settings. What no data say has a value of its kind, as noted. */
#include "sim/profile_data.h"

#include <string.h>

#include "base/range.h"
#include "sim/layout.h"

/* Where the data has no times: datasheets of the families are near these. */
#define ERASE_US 25000u
#define WORD_US	 100u

/* A cell's read draws little, its programming some 7 mA (datasheets, from
 * general knowledge); below the power-down threshold nothing runs. */
#define WRITE_UA 7000u
#define LEAST_MV 1710u
#define DOWN_MV	 1620u
#define SAG_MOHM 280000u

const struct s0_rom *sim_profile_rom(const struct sim_profile *profile,
				     uint32_t version)
{
	const struct s0_chip *chip = profile->data;

	for (size_t i = 0; chip && i < chip->rom_count; i++)
		if (chip->roms[i].version == version)
			return &chip->roms[i];
	return NULL;
}

/* ---- times --------------------------------------------------------------- */

/* Of the smallest size known that is not smaller, else of the largest. */
static uint32_t erase_us(const struct s0_chip *chip, uint32_t size)
{
	const struct s0_erase_time *best = NULL;

	for (size_t i = 0; i < S0_ERASE_TIMES; i++) {
		const struct s0_erase_time *time = &chip->timing.erase[i];

		if (time->sector_bytes && (!best || best->sector_bytes < size))
			best = time;
	}
	return best && best->typical_us ? best->typical_us : ERASE_US;
}

/* x64, x32, x16 and x8 as parts of x8, permille: those of the F405 (DS8626). */
static void set_speeds(struct sim_profile *profile)
{
	static const uint32_t erases[] = { 440, 500, 650, 1000 };
	static const uint32_t words[] = { 125, 250, 500, 1000 };
	const struct s0_chip *chip = profile->data;
	uint32_t mass = chip->timing.mass_erase_us;
	uint32_t word = chip->timing.word_us ? chip->timing.word_us : WORD_US;

	for (unsigned i = 0; i < 4; i++) {
		struct sim_speed *speed = &profile->speeds[i];
		bool one = !sim_is(profile, SIM_PARALLEL);
		uint32_t erase = one ? 1000 : erases[i];

		for (unsigned g = 0; g < SIM_GROUPS; g++)
			speed->sector_us[g] =
				(uint32_t)((uint64_t)erase_us(
						   chip,
						   profile->groups[g].size) *
					   erase / 1000);
		speed->mass_us = (uint32_t)((uint64_t)(mass ? mass : ERASE_US) *
					    erase / 1000);
		speed->unit = profile->word;
		speed->unit_us = word * (one ? 1000 : words[i]) / 1000;
		speed->unit_us = speed->unit_us ? speed->unit_us : 1;
		speed->unit_max_us = 2 * speed->unit_us;
		profile->write_ua[i] = WRITE_UA;
		profile->write_mv[i] = LEAST_MV;
		profile->bor_mv[i] = DOWN_MV;
	}
	profile->sag_mohm = SAG_MOHM;
}

/* ---- how the array is cut ------------------------------------------------- */

static const char *bank_field_name(const struct s0_chip *chip,
				   uint32_t flash_kb)
{
	const char *any = NULL;

	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *geometry = &chip->geometries[i];

		if (geometry->flash_kib == flash_kb)
			return geometry->field;
		if (geometry->flash_kib == 0 && !any)
			any = geometry->field;
	}
	return any;
}

const struct s0_option_field *sim_profile_bank_field(const struct s0_chip *chip,
						     uint32_t flash_kb)
{
	const char *name = bank_field_name(chip, flash_kb);

	for (size_t i = 0; name && i < chip->option_count; i++)
		if (strcmp(chip->options[i].name, name) == 0)
			return &chip->options[i];
	return NULL;
}

uint32_t sim_profile_bank_mode(const struct s0_chip *chip, uint32_t flash_kb)
{
	const struct s0_option_field *field =
		sim_profile_bank_field(chip, flash_kb);

	return field ? field->factory : 0;
}

uint32_t sim_profile_largest_kb(const struct s0_chip *chip)
{
	uint32_t kb = chip->flash_bytes / 1024;

	for (const uint16_t *size = chip->sizes_kib; size && *size; size++)
		kb = *size;
	return kb;
}

/* That of this bank mode and size; of any size; of any. */
static const struct s0_geometry *choose(const struct s0_chip *chip,
					uint32_t flash_kb, uint32_t bank_mode)
{
	const struct s0_geometry *best = &chip->geometries[0];
	unsigned best_fit = 0;

	for (size_t i = 0; i < chip->geometry_count; i++) {
		const struct s0_geometry *geometry = &chip->geometries[i];
		bool mode = !geometry->field || geometry->value == bank_mode;
		unsigned fit = 1;

		if (mode && geometry->flash_kib == flash_kb)
			fit = 4;
		else if (mode && geometry->flash_kib == 0)
			fit = 3;
		else if (mode)
			fit = 2;
		if (fit > best_fit) {
			best_fit = fit;
			best = geometry;
		}
	}
	return best;
}

/* The first sectors of a geometry, as many as a bank holds. */
static void cut_bank(struct sim_profile *profile,
		     const struct s0_geometry *geometry)
{
	uint32_t left = profile->present;
	int last = -1;

	memset(profile->groups, 0, sizeof(profile->groups));
	for (size_t i = 0; i < geometry->sector_count && left > 0; i++) {
		const struct s0_sectors *run = &geometry->sectors[i];
		uint32_t count = left / run->bytes;

		if (count > run->count)
			count = run->count;
		if (last < 0 || profile->groups[last].size != run->bytes)
			last++;
		if (count == 0 || last >= SIM_GROUPS)
			break;
		profile->groups[last].count += count;
		profile->groups[last].size = run->bytes;
		left -= count * run->bytes;
	}
	profile->present -= left;
}

/* An STM32L151xD of 256 KiB has 192 in bank 1 and 64 in bank 2, which go on
 * one from the other: here they are one. */
static bool is_uneven(const struct s0_chip *chip,
		      const struct s0_geometry *geometry, uint32_t bytes)
{
	const struct s0_sectors *first = &geometry->sectors[0];

	return chip->banks == S0_BANKS_FIXED && geometry->flash_kib &&
	       bytes / 2 < chip->bank_bytes &&
	       first->count * first->bytes > bytes / 2;
}

void sim_profile_cut_data(struct sim_profile *profile, uint32_t flash_kb,
			  uint32_t bank_mode)
{
	const struct s0_chip *chip = profile->data;
	const struct s0_geometry *geometry = choose(chip, flash_kb, bank_mode);
	uint32_t bytes = flash_kb * 1024;
	bool two = geometry->banks == 2 && !is_uneven(chip, geometry, bytes);

	profile->banks_present = two ? 2 : 1;
	profile->present = two ? bytes / 2 : bytes;
	profile->bank_size = profile->present;
	profile->flash_size = bytes;
	if (chip->banks == S0_BANKS_FIXED) {
		/* With one bank as well: the array stays as large as it is. */
		profile->flash_size = 2 * chip->bank_bytes;
		profile->bank_size = profile->flash_size / (two ? 2 : 1);
	}
	cut_bank(profile, geometry);
	set_speeds(profile);
	sim_profile_name_layout(profile, flash_kb, bank_mode);
}

/* ---- memories ------------------------------------------------------------ */

static void add_ram(struct sim_profile *profile, const struct s0_area *area)
{
	for (unsigned i = 0; i < SIM_RAMS; i++)
		if (profile->rams[i].size == 0) {
			profile->rams[i] =
				(struct sim_ram){ area->address, area->length,
						  area->address };
			return;
		}
}

/* One that adjoins the last of its kind makes that longer; what is there
 * already is left. */
static void add_spot(struct sim_profile *profile, enum sim_spot_kind kind,
		     uint32_t base, uint32_t size)
{
	for (unsigned i = 0; i < SIM_SPOTS && size; i++) {
		struct sim_spot *spot = &profile->spots[i];

		if (spot->kind == kind &&
		    range_within(base, size, spot->base, spot->size))
			return;
		if (spot->kind == kind && spot->base + spot->size == base) {
			spot->size += size;
			return;
		}
		if (spot->kind == SIM_SPOT_NONE) {
			*spot = (struct sim_spot){ .kind = kind,
						   .base = base,
						   .size = size };
			return;
		}
	}
}

static void add_areas(struct sim_profile *profile)
{
	const struct s0_chip *chip = profile->data;

	for (size_t i = 0; i < chip->area_count; i++) {
		const struct s0_area *area = &chip->areas[i];

		if (area->kind == S0_AREA_RAM)
			add_ram(profile, area);
		else if (area->kind == S0_AREA_OTP)
			add_spot(profile, SIM_SPOT_OTP, area->address,
				 area->length);
		else if (area->kind == S0_AREA_EEPROM)
			add_spot(profile, SIM_SPOT_EEPROM, area->address,
				 area->length);
		else if (area->kind == S0_AREA_SYSTEM && profile->system_size)
			add_spot(profile, SIM_SPOT_SYSTEM, area->address,
				 area->length);
		else if (area->kind == S0_AREA_SYSTEM) {
			profile->system = area->address;
			profile->system_size = area->length;
		}
	}
}

/* What an alternate setting is for shows in its name. */
static enum sim_spot_kind kind_of(const char *name)
{
	if (strncmp(name, "@OTP", 4) == 0)
		return SIM_SPOT_OTP;
	if (strncmp(name, "@Device Feature", 15) == 0)
		return SIM_SPOT_FEATURE;
	if (strncmp(name, "@DATA", 5) == 0 || strstr(name, "EEPROM"))
		return SIM_SPOT_EEPROM;
	if (strncmp(name, "@ENGI", 5) == 0)
		return SIM_SPOT_SYSTEM;
	return SIM_SPOT_NONE;
}

static void add_alternates(struct sim_profile *profile)
{
	const char *const *names = profile->data->layouts;

	for (; names && *names; names++) {
		enum sim_spot_kind kind = kind_of(*names);
		struct sim_layout_entry entry;
		struct sim_layout layout;

		sim_layout_start(&layout, *names);
		while (kind && sim_layout_next(&layout, &entry))
			add_spot(profile, kind, entry.address,
				 entry.count * entry.size);
	}
}

/* Where each is kept; the OTP of the F2 and F4 ends in its lock bytes. */
static void place_spots(struct sim_profile *profile)
{
	for (unsigned i = 0; i < SIM_SPOTS; i++) {
		struct sim_spot *spot = &profile->spots[i];

		if (spot->kind != SIM_SPOT_OTP && spot->kind != SIM_SPOT_EEPROM)
			continue;
		spot->at = profile->extra_size;
		profile->extra_size += spot->size;
		if (spot->kind == SIM_SPOT_OTP && spot->size == 528)
			spot->locks = 512;
	}
}

static void add_windows(struct sim_profile *profile)
{
	const struct s0_chip *chip = profile->data;

	for (size_t i = 0; i < chip->option_window_count && i < SIM_WINDOWS;
	     i++)
		profile->windows[i] = chip->option_windows[i];
	if (chip->option_window_count == 0)
		profile->windows[0] =
			(struct s0_option_window){ chip->option_address,
						   chip->option_length, 0 };
}

/* What a string promises is answered for, also where it is more than there are
 * registers: STM32U575, H7A3. */
static void add_named(struct sim_profile *profile)
{
	const char *const *name = profile->data->layouts;
	struct sim_layout_entry entry;
	struct sim_layout layout;

	for (; name && *name; name++) {
		sim_layout_start(&layout, *name);
		while (sim_layout_next(&layout, &entry))
			for (size_t i = 0; i < SIM_WINDOWS; i++)
				if (profile->windows[i].length <
					    entry.count * entry.size &&
				    profile->windows[i].address ==
					    entry.address)
					profile->named[i] =
						entry.count * entry.size;
	}
}

/* Sectors at the start whose type has no write. */
static void find_read_only(struct sim_profile *profile)
{
	struct sim_layout_entry entry;
	struct sim_layout layout;

	if (!profile->data->layouts || !profile->data->layouts[0])
		return;
	sim_layout_start(&layout, profile->data->layouts[0]);
	while (sim_layout_next(&layout, &entry) &&
	       !sim_layout_can_write(&entry))
		profile->read_only += entry.count * entry.size;
}

void sim_profile_make(const struct s0_chip *chip, struct sim_profile *profile)
{
	memset(profile, 0, sizeof(*profile));
	profile->name = chip->name;
	profile->data = chip;
	profile->traits = sim_traits_of(chip);
	profile->word = chip->flash_word ? chip->flash_word : 4;
	profile->erased = chip->erased;
	profile->align = chip->align ? chip->align : 4;
	profile->version_at = chip->version_address;
	profile->uid_at = chip->uid_address;
	profile->size_at = chip->flash_size_address;
	add_areas(profile);
	add_alternates(profile);
	place_spots(profile);
	add_windows(profile);
	add_named(profile);
	find_read_only(profile);
	sim_profile_make_usb(profile);
	sim_profile_cut_data(
		profile, sim_profile_largest_kb(chip),
		sim_profile_bank_mode(chip, sim_profile_largest_kb(chip)));
}
