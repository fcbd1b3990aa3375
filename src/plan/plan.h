/* SPDX-License-Identifier: MIT */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <sector0/plan.h>

#include "plan/survey.h"

/* A range to be sent: units of one sector, or of RAM or data EEPROM. */
struct plan_run {
	uint32_t address; /* multiple of plan_unit() (RAM: of 4) */
	uint32_t length;  /* likewise */
	s0_area_kind kind;
	bool last;   /* belongs to the sector that is written last */
	bool vector; /* holds the vector table: the last of those */
};

struct s0_plan {
	const struct s0_image *image;
	const struct s0_map *map;
	const struct s0_chip *chip;
	struct s0_survey *survey; /* owned; NULL if no device was looked at */
	struct s0_policy policy;
	struct s0_timing timing;
	struct s0_plan_segment *segments;
	size_t segment_count;
	struct s0_plan_sector *sectors; /* touched ones, sorted by address */
	size_t sector_count;
	bool mass_erase; /* all of the flash by one command */
	struct plan_run *runs;
	size_t run_count;
	struct s0_step *steps;
	size_t step_count;
	struct s0_plan_summary summary;
	uint32_t vector_address; /* lowest flash address of the image */
	uint8_t *scratch;	 /* room for the largest sector */
};

/* RAM is written in units of this many bytes (AN3156). */
#define PLAN_RAM_UNIT 4u

/* Flash is written in units of this many bytes: whole flash words, and what the
 * bootloader takes (AN2606, table 7). Both are powers of two. */
static inline uint32_t plan_unit(const struct s0_chip *chip)
{
	return chip->flash_word > chip->align ? chip->flash_word : chip->align;
}

/* segments.c: say where each segment lies, refuse what cannot be written. */
s0_code plan_place_segments(struct s0_plan *plan, struct s0_error *err);
/* The same: the part of the file in which a failure with an address lies. */
void plan_name_segment(const struct s0_plan *plan, struct s0_error *err);
/* sectors.c: which sectors are touched, and what happens to each. */
s0_code plan_touch_sectors(struct s0_plan *plan, struct s0_error *err);
/* protection.c: refuse what the option bytes keep from being changed. */
s0_code plan_check_protection(struct s0_plan *plan, struct s0_error *err);
/* runs.c: what is sent. */
s0_code plan_make_runs(struct s0_plan *plan, struct s0_error *err);
/* steps.c: the order of things. */
s0_code plan_make_steps(struct s0_plan *plan, struct s0_error *err);
/* estimate.c: how long it takes and could take. */
void plan_estimate(struct s0_plan *plan);

/* Make a growing array one element larger; false when out of memory. The
 * array is at a power of two when it is full. */
bool plan_grow(void **array, size_t count, size_t size);

/* Image bytes within a range. */
uint32_t plan_image_bytes(const struct s0_image *image, uint32_t address,
			  uint32_t length);

/*
 * What the memory shall hold in a range once the plan is done: image bytes,
 * else kept ones, else the erased value.
 */
void plan_fill(const struct s0_plan *plan, uint32_t address, uint32_t length,
	       uint8_t *bytes);

/* How long it takes to find a sector blank: its ends, then all of it. Tenths of
 * a microsecond. */
uint64_t plan_blank_us10(const struct s0_plan *plan, uint32_t length);

/* mass.c */
/* Does the bootloader's mass erase work, and take the flash alone? Nobody has
 * written down what becomes of data EEPROM. */
bool plan_mass_works(const struct s0_chip *chip, const struct s0_map *map,
		     unsigned rom);
/* Is the whole flash erased by one command? As asked for, where that works; or
 * because it pays. */
bool plan_mass_erases(const struct s0_plan *plan);
/* Is that quicker, and safe: all that it takes has to be erased anyway, or is
 * known to be blank? @open: or may turn out to be, and the reading still pays.
 * The plan need not have this survey. */
bool plan_mass_pays(const struct s0_plan *plan, const struct s0_survey *survey,
		    bool open);
/* May the sector be blank, and has to be read first? */
bool plan_mass_open(const struct s0_plan *plan, const struct s0_survey *survey,
		    const struct s0_area *area, uint32_t address);

/* Whether the plan wants bytes in this kind of place at all. */
bool plan_wants(const struct s0_plan *plan, const struct s0_area *area);

/* Memory that is written without an erase: RAM, data EEPROM. */
static inline bool plan_is_plain(const struct s0_area *area)
{
	return area->kind == S0_AREA_RAM || area->kind == S0_AREA_EEPROM;
}

/* steps.c: is it the sector that is written last? */
bool plan_is_vector(const struct s0_plan *plan,
		    const struct s0_plan_sector *sector);

/* The plan takes the survey over. NULL is allowed. */
s0_code plan_new_surveyed(const struct s0_image *image,
			  const struct s0_map *map, const struct s0_chip *chip,
			  struct s0_survey *survey,
			  const struct s0_policy *policy,
			  struct s0_plan **ret_plan, struct s0_error *err);

#endif
