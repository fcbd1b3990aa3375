/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"
#include "sweep_disk.h"
#include "sweep_job.h"

/* Two sectors in each bank, two segments that share a flash word, a short
 * tail; beside them bytes in the same sectors, in a word of the image's, at the
 * very end of a sector, and in a sector that nobody touches. */
#define TWO_BANKS_IMAGE                                                        \
	{                                                                      \
		{ 0x08000000, 3000 }, { 0x08020010, 20 },                      \
			{ 0x08020024, 1200 }, { 0x08100400, 2048 },            \
		{                                                              \
			0x0812ff9c, 100                                        \
		}                                                              \
	}
#define TWO_BANKS_BESIDE                                                       \
	{                                                                      \
		{ 0x08010000, 64 }, { 0x08020000, 16 }, { 0x0803ffe0, 32 },    \
			{ 0x08100000, 100 }, { 0x08120000, 2000 },             \
		{                                                              \
			0x08040000, 512                                        \
		}                                                              \
	}

#define TWO_MIB                                                                \
	{                                                                      \
		{                                                              \
			0x08000000, 16, 0x20000                                \
		}                                                              \
	}
#define ONE_MIB                                                                \
	{                                                                      \
		{ 0x08000000, 4, 0x20000 },                                    \
		{                                                              \
			0x08100000, 4, 0x20000                                 \
		}                                                              \
	}
#define F405_MIB                                                               \
	{                                                                      \
		{ 0x08000000, 4, 0x4000 }, { 0x08010000, 1, 0x10000 },         \
		{                                                              \
			0x08020000, 3, 0x20000                                 \
		}                                                              \
	}
#define F405_IMAGE                                                             \
	{                                                                      \
		{ 0x08000000, 3000 }, { 0x08004010, 18 },                      \
			{ 0x08004023, 1200 },                                  \
		{                                                              \
			0x08010400, 2048                                       \
		}                                                              \
	}
#define F405_BESIDE                                                            \
	{                                                                      \
		{ 0x08003000, 64 }, { 0x08004000, 16 }, { 0x08007fe0, 32 },    \
			{ 0x08010000, 100 }, { 0x0801f000, 2000 },             \
		{                                                              \
			0x08020000, 512                                        \
		}                                                              \
	}

static const struct sweep_chip chips[] = {
	{ "0x91", "stm32h743,rom=0x91", TWO_MIB, TWO_BANKS_IMAGE,
	  TWO_BANKS_BESIDE },
	{ "0x92", "stm32h743,rom=0x92", TWO_MIB, TWO_BANKS_IMAGE,
	  TWO_BANKS_BESIDE },
	{ "1mib", "stm32h743,rom=0x92,flash_kb=1024", ONE_MIB, TWO_BANKS_IMAGE,
	  TWO_BANKS_BESIDE },
	{ "128k",
	  "stm32h743,rom=0x92,flash_kb=128",
	  { { 0x08000000, 1, 0x20000 } },
	  { { 0x08000000, 3000 }, { 0x08002010, 20 }, { 0x08002024, 1200 } },
	  { { 0x08002000, 16 }, { 0x08010000, 64 }, { 0x0801ffe0, 32 } } },
	{ "f405", "stm32f405", F405_MIB, F405_IMAGE, F405_BESIDE },
	{ "f405-poll", "stm32f405,answer=poll", F405_MIB, F405_IMAGE,
	  F405_BESIDE },
};

const struct sweep_chip *sweep_chip_find(const char *name)
{
	for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++)
		if (strcmp(chips[i].name, name) == 0)
			return &chips[i];
	return NULL;
}

struct sweep_piece sweep_sector(const struct sweep_chip *chip, size_t index)
{
	for (const struct sweep_area *area = chip->areas; area->count; area++) {
		if (index < area->count)
			return (struct sweep_piece){
				area->address + (uint32_t)index * area->sector,
				area->sector
			};
		index -= area->count;
	}
	return (struct sweep_piece){ 0, 0 };
}

static struct sweep_piece sector_of(const struct sweep_chip *chip,
				    uint32_t address)
{
	struct sweep_piece s = sweep_sector(chip, 0);

	for (size_t i = 1; address - s.address >= s.length; i++) {
		s = sweep_sector(chip, i);
		assert_true(s.length);
	}
	return s;
}

static void add(struct s0_image *image, struct sweep_piece piece, uint32_t seed)
{
	uint8_t bytes[4096];

	assert_true(piece.length <= sizeof bytes);
	board_random(bytes, piece.length, seed);
	assert_int_equal(s0_image_add(image, "t", piece.address, bytes,
				      piece.length, NULL),
			 S0_OK);
}

static void fill_images(struct sweep_job *job)
{
	const struct sweep_chip *chip = job->chip;

	for (size_t i = 0; job->mass && sweep_sector(chip, i).length; i++) {
		struct sweep_piece few = sweep_sector(chip, i);

		few.length = 300;
		if (!job->most || i != 3)
			add(job->image, few, 20 + (uint32_t)i);
	}
	if (job->mass)
		return;
	for (size_t i = 0; chip->image[i].length; i++)
		add(job->image, chip->image[i], 1 + (uint32_t)i);
	for (size_t i = 0; !job->blank && chip->beside[i].length; i++)
		add(job->beside, chip->beside[i], 6 + (uint32_t)i);
}

/* Worked out here, and not by a run. */
static void expect(struct sweep_job *job)
{
	memcpy(job->after, job->before, job->size);
	for (size_t i = 0; i < s0_image_piece_count(job->image); i++) {
		struct s0_piece p = s0_image_piece(job->image, i);
		struct sweep_piece s = sector_of(job->chip, p.address);

		if (!job->policy.keep)
			memset(job->after + (s.address - SWEEP_FLASH), 0xff,
			       s.length);
	}
	for (size_t i = 0; i < s0_image_piece_count(job->image); i++) {
		struct s0_piece p = s0_image_piece(job->image, i);

		memcpy(job->after + (p.address - SWEEP_FLASH), p.bytes,
		       p.length);
	}
}

void sweep_job_make(struct sweep_job *job)
{
	struct board board;

	assert_int_equal(s0_image_new(&job->image, NULL), S0_OK);
	assert_int_equal(s0_image_new(&job->beside, NULL), S0_OK);
	fill_images(job);
	for (size_t i = 0; sweep_sector(job->chip, i).length; i++) {
		struct sweep_piece s = sweep_sector(job->chip, i);

		job->size = s.address + s.length - SWEEP_FLASH;
	}
	job->before = malloc(job->size);
	job->after = malloc(job->size);
	assert_true(job->before && job->after);
	sweep_job_board(job, &board);
	sweep_job_peek(job, &board, job->before);
	board_free(&board);
	expect(job);
}

static bool lies_in(const struct s0_image *image, struct sweep_piece sector)
{
	size_t i = s0_image_find(image, sector.address);

	return i < s0_image_piece_count(image) &&
	       s0_image_piece(image, i).address - sector.address <
		       sector.length;
}

bool sweep_concerns(const struct sweep_job *job, struct sweep_piece sector)
{
	return lies_in(job->image, sector) || lies_in(job->beside, sector);
}

static uint32_t place_of(const struct board *board, struct sweep_piece sector)
{
	return sim_array_place(board->sim, sector.address - SWEEP_FLASH);
}

bool sweep_damaged(const struct board *board, struct sweep_piece sector)
{
	return sim_array_damaged(board->sim, place_of(board, sector),
				 sector.length);
}

/* From the array itself: most of the time goes here. */
static void peek(const struct sweep_job *job, const struct board *board,
		 bool all, uint8_t *bytes)
{
	struct sweep_piece s;

	for (size_t i = 0; (s = sweep_sector(job->chip, i)).length; i++)
		if (all || sweep_concerns(job, s))
			sim_array_read(board->sim, place_of(board, s),
				       bytes + (s.address - SWEEP_FLASH),
				       s.length);
}

void sweep_job_peek(const struct sweep_job *job, const struct board *board,
		    uint8_t *bytes)
{
	memset(bytes, 0xff, job->size);
	peek(job, board, true, bytes);
}

void sweep_job_glance(const struct sweep_job *job, const struct board *board,
		      uint8_t *bytes)
{
	memcpy(bytes, job->before, job->size);
	peek(job, board, false, bytes);
}

void sweep_job_free(struct sweep_job *job)
{
	s0_image_free(job->image);
	s0_image_free(job->beside);
	free(job->before);
	free(job->after);
}

void sweep_job_board(const struct sweep_job *job, struct board *board)
{
	uint8_t old[4096];

	board_make(board, job->chip->description);
	board->records->ops->close(board->records);
	board->records = sweep_disk_new();
	board_random(old, sizeof old, 99);
	for (size_t i = 0; !job->blank && i < s0_image_piece_count(job->image);
	     i++) {
		struct s0_piece p = s0_image_piece(job->image, i);

		(void)s0_sim_poke(board->sim, p.address, old,
				  p.length - p.length / 8);
	}
	for (size_t i = 0; i < s0_image_piece_count(job->beside); i++) {
		struct s0_piece p = s0_image_piece(job->beside, i);

		(void)s0_sim_poke(board->sim, p.address, p.bytes, p.length);
	}
}
