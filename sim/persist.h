/* SPDX-License-Identifier: MIT */
#ifndef SIM_PERSIST_H
#define SIM_PERSIST_H

/* Between persist.c, which writes, and persist_open.c, which reads. */

#include "sim/sim.h"

#define OPTIONS_AT   128u
#define HEADER_MAX   8192u
#define OPTIONS_SIZE (4 * SIM_OPTION_WORDS + 4)

/* Where what is. */
struct persist_places {
	uint32_t header; /* its size */
	uint32_t second; /* operation that runs in bank 2 */
	uint32_t extra;
};

struct persist_places persist_places_of(const struct s0_sim *sim);
uint32_t persist_words_of(const struct s0_sim *sim);
uint32_t persist_words_at(const struct s0_sim *sim);
uint32_t persist_file_size(const struct s0_sim *sim);
uint32_t persist_operation_at(const struct s0_sim *sim, unsigned bank);
/* Words of the set of a bank's sectors. */
uint32_t persist_set_words(const struct s0_sim *sim);
uint32_t persist_check_of(const uint8_t *bytes, size_t length);
void persist_put(struct s0_sim *sim, uint64_t offset, const void *bytes,
		 size_t length);
/* The option words in force, and how many there are. */
uint32_t persist_option_words(struct s0_sim *sim,
			      uint32_t *list[SIM_OPTION_WORDS]);
/* Them and their check; how many bytes. */
size_t persist_put_options(struct s0_sim *sim, uint8_t record[OPTIONS_SIZE]);

#endif
