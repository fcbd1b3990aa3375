/* SPDX-License-Identifier: MIT */
#ifndef SIM_SETTINGS_H
#define SIM_SETTINGS_H

/* options.c: what the option bytes say to the rest of the chip. Read sim.h. */

#include <stdbool.h>
#include <stdint.h>

#include "sim/profile.h"

struct s0_sim;

void sim_options_factory(struct s0_sim *sim);
void sim_options_load(struct s0_sim *sim);	    /* at reset: PRG := CUR */
unsigned sim_options_rdp(const struct s0_sim *sim); /* level 0, 1 or 2 */
/* Does a reset with BOOT0 so lead to the bootloader; else, to which vectors? */
bool sim_options_boots(const struct s0_sim *sim, bool boot0_held,
		       uint32_t *ret_start);
bool sim_options_protected(const struct s0_sim *sim, uint32_t place);
/* Does it read as zeros? */
bool sim_options_secret(const struct s0_sim *sim, uint32_t place);
void sim_options_read(const struct s0_sim *sim, uint32_t address,
		      uint8_t *bytes, uint32_t length);
/* Takes a whole window's PRG registers in. */
void sim_options_take(struct s0_sim *sim, const struct s0_option_window *window,
		      const uint8_t *bytes);
/* Is what PRG asks allowed? Does it lead from RDP level 1 to 0? */
bool sim_options_legal(const struct s0_sim *sim);
bool sim_options_regress(const struct s0_sim *sim);
/* PRG := CUR, but at RDP level 0. */
void sim_options_ask_open(struct s0_sim *sim);
void sim_options_put(struct s0_sim *sim);    /* CUR := PRG */
void sim_options_commit(struct s0_sim *sim); /* … counted, and kept */
void sim_options_reject(struct s0_sim *sim); /* OPTCHANGEERR */
/* Does PRG ask for anything that is not so? */
bool sim_options_asked(const struct s0_sim *sim);
/* The supply fails, or a reset comes, while PRG is being programmed. */
void sim_options_tear(struct s0_sim *sim);
/* ADDRESS+LENGTH[:erase][/...] -> PRAR or SCAR of both banks */
bool sim_options_parse_areas(const char *value, const struct sim_profile *chip,
			     uint32_t regs[2]);
/* Does a regression leave that sector alone (PCROP without DMEP…)? */
bool sim_options_keeps(const struct s0_sim *sim, struct sim_sector sector);

#endif
