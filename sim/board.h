/* SPDX-License-Identifier: MIT */
#ifndef SIM_BOARD_H
#define SIM_BOARD_H

/*
 * What is wrong with the board around the chip: its supply (supply.c), and the
 * hardware watchdog that somebody has switched on (watchdog.c).
 */

#include <stdbool.h>
#include <stdint.h>

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

#endif
