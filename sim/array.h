/* SPDX-License-Identifier: MIT */
#ifndef SIM_ARRAY_H
#define SIM_ARRAY_H

/* Between array.c, whose operations end well, and array_torn.c. */

#include "sim/sim.h"

static inline uint32_t word_size(const struct s0_sim *sim)
{
	return sim->chip->word;
}

/* Words are counted through the array. */
void sim_array_damage_word(struct s0_sim *sim, uint32_t word);
void sim_array_program_word(struct s0_sim *sim, uint32_t word,
			    const uint8_t *data);
/* Nothing runs in this bank any more. */
void sim_array_forget(struct s0_sim *sim, unsigned bank);

/* array_torn.c: what runs reaches its end, but not everywhere. */
void sim_array_erase_incompletely(struct s0_sim *sim, unsigned bank);
void sim_array_program_incompletely(struct s0_sim *sim, unsigned bank);

#endif
