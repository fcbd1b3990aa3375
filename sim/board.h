/* SPDX-License-Identifier: MIT */
#ifndef SIM_BOARD_H
#define SIM_BOARD_H

/*
 * What is wrong with the board: its supply (supply.c), the hardware watchdog
 * that somebody has switched on (watchdog.c), its flash (cells.c), and its cable
 * (noise.c).
 */

#include <stdbool.h>
#include <stdint.h>

#include "sim/config.h"

struct s0_sim;

/* What a load brings about in its midst. */
enum sim_trip {
	SIM_TRIP_NONE,
	SIM_TRIP_BROWN_OUT,
	SIM_TRIP_RESET, /* the core's voltage is too low for a moment */
	SIM_TRIP_HANG	/* … and only the CPU has noticed */
};

struct sim_supply {
	bool on;	 /* anything to reckon with */
	uint64_t random; /* of its own: other choices stay what they are */
	/* The sag is sag_mv at the tick `at`, and goes to load_mv until
	 * loaded_until, then back to 0. */
	double sag_mv, load_mv;
	uint64_t at, loaded_until;
	enum sim_trip trip;
	uint64_t trip_at;
};

/* options.c: what the option bytes say of both; level 0 is off. */
unsigned sim_options_bor(const struct s0_sim *sim);
bool sim_options_hardware_watchdog(const struct s0_sim *sim);

/* time.c: when the chip next does something by itself; UINT64_MAX: never. */
uint64_t sim_time_due(const struct s0_sim *sim);
uint64_t sim_random_of(uint64_t *state);

/* supply.c */
void sim_supply_start(struct s0_sim *sim);
/* An operation has begun in this bank. */
void sim_supply_load(struct s0_sim *sim, unsigned bank);
/* No operation runs any more. */
void sim_supply_rest(struct s0_sim *sim);
/* When it fails; UINT64_MAX: not as far as is known. */
uint64_t sim_supply_due(const struct s0_sim *sim);
void sim_supply_settle(struct s0_sim *sim);
/* Is there enough for a chip without load? */
bool sim_supply_suffices(const struct s0_sim *sim);
/* What the CPU makes of bytes that it reads under load. */
void sim_supply_spoil(struct s0_sim *sim, uint8_t *bytes, uint32_t length);
/* mV at the chip now. */
uint32_t sim_supply_now_mv(const struct s0_sim *sim);

/* watchdog.c */
struct sim_watchdog {
	bool running, fed;
	uint64_t fed_at; /* ticks */
};

/* After a reset. */
void sim_watchdog_start(struct s0_sim *sim);
/* UINT64_MAX: never. */
uint64_t sim_watchdog_due(const struct s0_sim *sim);
void sim_watchdog_settle(struct s0_sim *sim);

/* cells.c */
struct sim_cell {
	uint32_t place; /* byte of the array */
	uint8_t bit, kind;
};

struct sim_cells {
	unsigned count;
	uint64_t random;
	struct sim_cell list[SIM_CELL_SPECS * SIM_CELL_COUNT];
};

bool sim_cells_parse(const char *value, const struct sim_profile *chip,
		     struct sim_cell_spec *specs);
bool sim_cells_parse_worn(const char *value, const struct sim_profile *chip,
			  uint8_t *worn);
void sim_cells_start(struct s0_sim *sim);
/* What a read makes of bytes from the array; false: a bus error. */
bool sim_cells_read(struct s0_sim *sim, uint32_t place, uint8_t *bytes,
		    uint32_t length);
/* The stuck ones alone, where no ECC hides them. */
void sim_cells_show(const struct s0_sim *sim, uint32_t place, uint8_t *bytes,
		    uint32_t length);
/* More wrong bits than ECC can mend? */
bool sim_cells_fatal(const struct s0_sim *sim, uint32_t word);
/* How many times longer the erase of that sector takes; of all: the most. */
unsigned sim_cells_worn(const struct s0_sim *sim, uint32_t place);
unsigned sim_cells_most_worn(const struct s0_sim *sim);

/* noise.c */
bool sim_noise_parse(const char *value, uint32_t *permille);
/* As the configuration says, which may have changed. */
void sim_noise_start(struct s0_sim *sim);
/* Is there any in this transfer? */
void sim_noise_draw(struct s0_sim *sim);
/* Does it keep the transfer from the device? */
bool sim_noise_swallows(struct s0_sim *sim);
/* What it makes of the reply; ticks that it costs. */
uint64_t sim_noise_end(struct s0_sim *sim);

#endif
