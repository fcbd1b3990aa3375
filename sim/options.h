/* SPDX-License-Identifier: MIT */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

/* Between options.c and what it needs of each chip: options_h743.c and
 * options_f405.c. */

#include "sim/sim.h"

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
