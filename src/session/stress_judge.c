/* SPDX-License-Identifier: MIT */
/* The patterns of a stress test, and what came of them. */
#include <string.h>

#include "session/stress.h"

/* Worn cells are fewer than one byte in that many. */
#define FEW 64u

void stress_fill(struct stress *s, unsigned number)
{
	uint32_t random = s->address ^ (number + 1) * 2654435761u;

	for (uint32_t i = 0; i < s->length; i += 4) {
		uint32_t word;

		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		switch (number % 4) {
		case 0:
			word = 0xaaaaaaaa;
			break;
		case 1:
			word = 0x55555555;
			break;
		case 2:
			word = random;
			break;
		default:
			word = s->address + i;
		}
		memcpy(s->wanted + i, &word, 4);
	}
}

static uint32_t bits(uint8_t byte)
{
	uint32_t count = 0;

	for (; byte; byte &= (uint8_t)(byte - 1))
		count++;
	return count;
}

static void remember(struct stress *s, uint32_t address, bool by_erase)
{
	address -= (address - s->address) % s->word;
	for (size_t i = 0; i < s->bad_count; i++) {
		if (s->bad[i].address != address)
			continue;
		s->bad[i].now = true;
		return;
	}
	if (s->bad_count == REMEMBERED)
		return;
	s->bad[s->bad_count++] = (struct place){ .address = address,
						 .now = true,
						 .by_erase = by_erase };
	s->all->places++;
}

bool stress_judge_erased(struct stress *s)
{
	uint8_t erased = s->session->device->info.chip->erased;
	bool few;

	for (uint32_t i = 0; i < s->length; i++)
		s->round->left += s->read[i] != erased;
	s->round->unchanged =
		s->round->left && !memcmp(s->read, s->before, s->length);
	/* Much that an erase leaves as it was is no matter of cells. */
	few = s->round->left < s->length / FEW;
	for (uint32_t i = 0; i < s->length && (few || !s->round->unchanged);
	     i++)
		if (s->read[i] != erased)
			remember(s, s->address + i, true);
	return !s->round->left;
}

bool stress_judge_programmed(struct stress *s)
{
	struct s0_stress_round *round = s->round;
	bool right = true;

	/* Without any effect it is no cell's fault. */
	round->unchanged = memcmp(s->read, s->before, s->length) == 0 &&
			   memcmp(s->read, s->wanted, s->length) != 0;
	for (uint32_t i = 0; i < s->length; i++) {
		uint8_t read = s->read[i], wanted = s->wanted[i];

		round->unstable += read != s->again[i];
		if (read == wanted && s->again[i] == wanted)
			continue;
		right = false;
		round->high += bits((uint8_t)(read & ~wanted));
		round->low += bits((uint8_t)(wanted & ~read));
		if (!round->unchanged)
			remember(s, s->address + i, false);
	}
	return right;
}

void stress_judge_stop(struct stress *s)
{
	s->round->stopped = true;
	remember(s, s->stopped_at, false);
	s->stopped_at = 0;
}

/* Was the place put to the test that it failed before? */
static bool tested(const struct stress *s, const struct place *place,
		   bool repeated)
{
	if (s->round->failed)
		return false;
	return place->by_erase || (repeated && !s->round->left);
}

void stress_judge_round(struct stress *s, bool repeated)
{
	struct s0_stress *all = s->all;
	struct place *last = s->bad_count ? &s->bad[s->bad_count - 1] : NULL;

	/* It stopped elsewhere this time: what it stopped at was right. */
	if (repeated && s->round->stopped && last && last->now && !last->rounds)
		all->cleared++;
	for (size_t i = 0; i < s->bad_count; i++) {
		struct place *place = &s->bad[i];

		if (place->now && ++place->rounds == 2)
			all->repeated++;
		if (place->rounds > all->most_repeats)
			all->most_repeats = place->rounds;
		if (!place->now && tested(s, place, repeated) &&
		    ++place->good == 2 && place->rounds <= 2)
			all->cleared++;
		place->now = false;
	}
}

bool stress_is_wrong(const struct s0_stress_round *round)
{
	return !round->unchanged &&
	       (round->left || round->high || round->low || round->unstable);
}
