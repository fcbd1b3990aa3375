/* SPDX-License-Identifier: MIT */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

/* Between options.c and what it needs of each chip: options_h743.c and
 * options_f405.c, and options_data.c of all the others. */

#include "sim/sim.h"

#define SIM_OPT_SECURITY (1u << 21)
#define SIM_OPT_SWAP	 (1u << 31)
/* PRAR and SCAR: an erased chip, bounds, and erased in a regression? */
#define SIM_AREA_NONE 0x000000ffu
#define SIM_AREA_DME  (1u << 31)

/* RDP level of OPTSR. */
unsigned sim_options_level(uint32_t optsr);

/* In units of 256 bytes of a bank, both ends in it. */
struct sim_area {
	bool on;
	uint32_t first, last;
};
struct sim_area sim_area_of(uint32_t reg);

void sim_options_h743_factory(const struct s0_sim *sim,
			      struct sim_option_set *cur);
unsigned sim_options_h743_bor(uint32_t optsr);
bool sim_options_h743_watchdog(uint32_t optsr);
uint32_t sim_options_h743_register(const struct s0_sim *sim, uint32_t offset);
void sim_options_h743_take(struct s0_sim *sim, const uint8_t *window);
void sim_options_f405_factory(const struct s0_sim *sim,
			      struct sim_option_set *cur);
unsigned sim_options_f405_bor(uint32_t optsr);
bool sim_options_f405_watchdog(uint32_t optsr);
uint32_t sim_options_f405_register(const struct s0_sim *sim, uint32_t offset);
void sim_options_f405_take(struct s0_sim *sim, const uint8_t *window);

/* options_data.c: of chips that are made from data. */
void sim_options_data_factory(const struct s0_sim *sim,
			      struct sim_option_words *words);
unsigned sim_options_data_level(const struct s0_sim *sim,
				const struct sim_option_words *words);
/* Read protection off; as erased option bytes have it. */
void sim_options_data_open(const struct s0_sim *sim,
			   struct sim_option_words *words);
void sim_options_data_close(const struct s0_sim *sim,
			    struct sim_option_words *words);
/* The first field of that role; @other if there is none. */
uint32_t sim_options_data_role(const struct s0_sim *sim, s0_option_role role,
			       uint32_t other);
void sim_options_data_read(const struct s0_sim *sim, uint32_t address,
			   uint8_t *bytes, uint32_t length);
void sim_options_data_take(struct s0_sim *sim,
			   const struct s0_option_window *window,
			   const uint8_t *bytes);
/* The array, as its bank mode has it now. */
void sim_options_data_cut(struct s0_sim *sim);

/* options_fields.c */
uint32_t sim_field_get(const struct s0_chip *chip,
		       const struct s0_option_field *field,
		       const struct sim_option_words *words);
void sim_field_put(const struct s0_chip *chip,
		   const struct s0_option_field *field,
		   struct sim_option_words *words, uint32_t value);
/* In any case; NULL. */
const struct s0_option_field *sim_field_find(const struct s0_chip *chip,
					     const char *name);
/* The bit of the fields of kind `sectors` that protects a place. */
bool sim_field_protects(const struct s0_sim *sim, uint32_t place);
/* Is it in an area of that group? */
bool sim_field_area_has(const struct s0_sim *sim, s0_option_group group,
			uint32_t place, uint32_t length);

#endif
