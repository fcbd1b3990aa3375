/* SPDX-License-Identifier: MIT */
/*
 * How long a plan takes, and how long it could take at the least. Both in
 * tenths of a microsecond while adding up, from the chip's times and the wire
 * times of base/wire.h; docs/performance.md has the formulas in words.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/range.h"
#include "base/wire.h"
#include "plan/plan.h"

/* Transfers that a session hands over together when reading: one turn-around
 * for all of them (session/session.h). */
#define READ_BATCH 16u

/* Bytes of pages that are read together, about. */
#define PAGE_ROW 16384u

/* An erase whose end the bootloader cannot see (proto/dfuse_erase.c): twice
 * what an erase took just now, but not less than the maximum; without one to
 * go by twice the maximum. */
#define BLIND_ERASE_FACTOR 2u

static uint64_t turn(const struct s0_plan *plan)
{
	return (uint64_t)plan->timing.turnaround_us * 10;
}

/* A command or a block: DNLOAD and two GETSTATUS, handed over together. */
static uint64_t command(const struct s0_plan *plan, uint32_t length)
{
	return turn(plan) + wire_data_us10(length) + 2 * wire_status_us10();
}

static uint64_t read_time(const struct s0_plan *plan, uint64_t length)
{
	uint32_t block = plan->policy.block;
	uint64_t blocks = (length + block - 1) / block;
	uint64_t tail = length % block;
	uint64_t wire = length / block * wire_data_us10(block) +
			(tail ? wire_data_us10((uint32_t)tail) : 0);
	uint64_t idle = turn(plan) + wire_data_us10(0);

	if (!length)
		return 0;
	return command(plan, 5) + 2 * idle + wire +
	       (blocks + READ_BATCH - 1) / READ_BATCH * turn(plan);
}

static uint64_t write_time(const struct s0_plan *plan, uint32_t length,
			   uint32_t word, uint32_t word_us)
{
	uint32_t block = plan->policy.block, tail = length % block;
	uint64_t time =
		command(plan, 5) + length / block * command(plan, block);

	if (tail)
		time += (length > block ? command(plan, 5) : 0) +
			command(plan, tail);
	return time + (uint64_t)(length + word - 1) / word * word_us * 10;
}

static bool is_blind(const struct s0_plan *plan, const struct s0_step *step)
{
	const struct s0_rom *rom = s0_chip_rom(plan->chip, plan->policy.rom);

	return rom && rom->blind_erase_from &&
	       step->address >= rom->blind_erase_from;
}

static uint64_t erase_time(const struct s0_plan *plan,
			   const struct s0_step *step)
{
	const struct s0_erase_time *known =
		s0_timing_erase(&plan->timing, step->length);
	uint64_t erase_us;
	bool seen = plan->survey && plan->survey->erase_seen;

	if (!is_blind(plan, step))
		return command(plan, 5) + 10 * (uint64_t)known->typical_us;
	for (const struct s0_step *s = plan->steps; s < step; s++)
		seen |= s->kind == S0_STEP_ERASE && !is_blind(plan, s);
	erase_us =
		BLIND_ERASE_FACTOR * (seen ? known->typical_us : known->max_us);
	if (erase_us < known->max_us)
		erase_us = known->max_us;
	return command(plan, 5) + 10 * erase_us + read_time(plan, step->length);
}

uint64_t plan_blank_us10(const struct s0_plan *plan, uint32_t length)
{
	/* Pages are read as rows. */
	if (length <= plan->policy.block)
		return read_time(plan, PAGE_ROW) * length / PAGE_ROW;
	return 2 * read_time(plan, plan->policy.block) +
	       read_time(plan, length);
}

/* After a mass erase: a word of each sector that will be verified, nothing of
 * those that were blank, all of the others. */
static uint64_t mass_check_time(const struct s0_plan *plan, uint32_t length)
{
	uint64_t time = 0;

	for (size_t i = 0; i < plan->sector_count; i++) {
		const struct s0_plan_sector *s = &plan->sectors[i];

		const struct survey_sector *known =
			survey_find(plan->survey, s->address);

		if (s->content != S0_CONTENT_DIFFERENT &&
		    !(known && known->blank))
			continue;
		if (known && known->evidence && s->length <= plan->policy.block)
			continue;
		if (known && known->evidence)
			time += read_time(plan, plan->chip->flash_word);
		length -= s->length;
	}
	return time + read_time(plan, length);
}

static uint64_t step_time(const struct s0_plan *plan,
			  const struct s0_step *step)
{
	switch (step->kind) {
	case S0_STEP_ERASE:
		return erase_time(plan, step);
	case S0_STEP_MASS_ERASE:
		return command(plan, 1) + 10 * plan->timing.mass_erase_us +
		       mass_check_time(plan, step->length);
	case S0_STEP_WRITE:
		if (s0_map_find(plan->map, step->address)->kind == S0_AREA_RAM)
			return write_time(plan, step->length, 1, 0);
		return write_time(plan, step->length, plan->chip->flash_word,
				  plan->timing.word_us);
	case S0_STEP_VERIFY:
		return read_time(plan, step->length);
	case S0_STEP_START:
		return command(plan, 5) + command(plan, 0);
	}
	return 0;
}

/* What looking at the device costs before anything is changed. Where that was
 * done already, it took what it took; else of each sector the first block
 * differs, and the samples find nothing. */
static uint64_t survey_time(const struct s0_plan *plan)
{
	uint32_t block = plan->policy.block;
	uint64_t time = 0, pages = 0;

	if (plan->survey)
		return 10 * plan->survey->time_us;
	for (size_t i = 0; i < plan->sector_count; i++) {
		const struct s0_plan_sector *s = &plan->sectors[i];
		uint32_t rest = s->length - s->image_bytes;

		/* Pages are read in one stream: session/survey.c. */
		if (!plan->policy.full && s->length <= block)
			pages += s->image_bytes;
		else if (!plan->policy.full)
			time += read_time(plan, s->image_bytes < block
							? s->image_bytes
							: block);
		if (s->erase && plan->policy.keep)
			time += 2 * read_time(plan, rest);
		else if (s->erase)
			time += read_time(plan, rest < block ? rest : block) +
				read_time(plan, rest > block ? block : 0);
	}
	return time + read_time(plan, pages);
}

/* Flash words of a sector that must be programmed, in blocks. */
static uint64_t sector_floor(const struct s0_plan *plan,
			     const struct s0_plan_sector *sector)
{
	uint32_t word = plan->chip->flash_word, block = plan->policy.block;
	uint64_t time = 0;

	plan_fill(plan, sector->address, sector->length, plan->scratch);
	for (uint32_t at = 0; at < sector->length; at += block) {
		uint32_t words = 0;

		for (uint32_t w = at; w < at + block && w < sector->length;
		     w += word)
			words += !bytes_all(plan->scratch + w, word,
					    plan->chip->erased);
		if (words)
			time += (uint64_t)words * plan->timing.word_us * 10 +
				wire_data_us10(words * word) +
				2 * wire_status_us10();
	}
	return time;
}

/* What is written of data EEPROM. */
static uint64_t eeprom_floor(const struct s0_plan *plan)
{
	uint32_t word = plan->chip->flash_word, block = plan->policy.block;
	uint64_t time = 0;

	for (size_t i = 0; i < plan->run_count; i++) {
		uint32_t bytes = plan->runs[i].length;

		if (plan->runs[i].kind != S0_AREA_EEPROM)
			continue;
		time += (uint64_t)bytes / word * plan->timing.word_us * 10;
		for (; bytes; bytes -= bytes < block ? bytes : block)
			time += wire_data_us10(bytes < block ? bytes : block) +
				2 * wire_status_us10();
	}
	return time;
}

static uint64_t read_floor(const struct s0_plan *plan)
{
	uint32_t block = plan->policy.block;
	uint64_t bytes = plan->summary.image_bytes;

	if (plan->policy.no_verify)
		bytes = plan->summary.skipped_bytes;
	bytes -= plan->summary.trusted_bytes;
	return bytes / block * wire_data_us10(block) +
	       (bytes % block ? wire_data_us10((uint32_t)(bytes % block)) : 0);
}

static uint64_t floor_time(const struct s0_plan *plan)
{
	bool mass = plan->mass_erase;
	uint64_t time = read_floor(plan) + eeprom_floor(plan);

	for (size_t i = 0; i < plan->sector_count; i++) {
		const struct s0_plan_sector *sector = &plan->sectors[i];

		if (sector->erase && !mass)
			time += 10 * (uint64_t)s0_timing_erase(&plan->timing,
							       sector->length)
					     ->typical_us;
		if (sector->write)
			time += sector_floor(plan, sector);
	}
	if (mass)
		time += 10 * (uint64_t)plan->timing.mass_erase_us;
	return time;
}

void plan_estimate(struct s0_plan *plan)
{
	uint64_t total = 0;

	if (!plan->chip)
		return;
	for (size_t i = 0; i < plan->step_count; i++) {
		uint64_t time = step_time(plan, &plan->steps[i]);

		plan->steps[i].estimate_us = time / 10 > UINT32_MAX
						     ? UINT32_MAX
						     : (uint32_t)(time / 10);
		total += time;
	}
	plan->summary.estimate_us = (total + survey_time(plan)) / 10;
	plan->summary.floor_us = floor_time(plan) / 10;
}
