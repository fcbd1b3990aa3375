/* SPDX-License-Identifier: MIT */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

/* Between options.c and what it needs of each chip: options_h743.c and
 * options_f405.c. */

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

#endif
