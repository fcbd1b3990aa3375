/* SPDX-License-Identifier: MIT */
/* The patterns of a stress test, and what came of them. */
#include <string.h>

#include "session/session.h"
#include "session/stress.h"

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

/* A place that is wrong again in another round is worn; one that is not, not. */
static void remember(struct stress *s, uint32_t address)
{
	for (size_t i = 0; i < s->bad_count; i++) {
		if (s->bad[i] != address)
			continue;
		if (s->bad_round[i] != s->round->number &&
		    s->bad_round[i] != MOST_ROUNDS) {
			s->all->repeated++;
			s->bad_round[i] = MOST_ROUNDS;
		}
		return;
	}
	if (s->bad_count == REMEMBERED)
		return;
	s->bad[s->bad_count] = address;
	s->bad_round[s->bad_count++] = s->round->number;
	s->all->places++;
}

void stress_judge_erased(struct stress *s)
{
	uint8_t erased = s->session->device->info.chip->erased;

	for (uint32_t i = 0; i < s->length; i++) {
		if (s->read[i] == erased)
			continue;
		s->round->left++;
		remember(s, s->address + i);
	}
}

void stress_judge_programmed(struct stress *s)
{
	struct s0_stress_round *round = s->round;

	for (uint32_t i = 0; i < s->length; i++) {
		uint8_t read = s->read[i], wanted = s->wanted[i];

		round->unstable += read != s->again[i];
		if (read == wanted)
			continue;
		round->high += bits((uint8_t)(read & ~wanted));
		round->low += bits((uint8_t)(wanted & ~read));
		remember(s, s->address + i);
	}
	round->unchanged = memcmp(s->read, s->before, s->length) == 0;
}
