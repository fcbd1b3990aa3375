/* SPDX-License-Identifier: MIT */
#include "sim/sim.h"

#include "link/clock.h"

/* Sleeps shorter than this are put together (clock=real). */
#define SLEEP_US 500u

static uint64_t real_ticks(const struct s0_sim *sim)
{
	uint64_t us = clock_now_us() - sim->real_start_us;

	return (uint64_t)((double)us * SIM_TICKS_PER_US /
			  sim->config.real_scale);
}

void sim_time_start(struct s0_sim *sim)
{
	if (sim->config.real_scale > 0)
		sim->real_start_us = clock_now_us();
}

uint64_t sim_time_now(const struct s0_sim *sim)
{
	uint64_t real;

	if (sim->config.real_scale <= 0)
		return sim->now;
	real = real_ticks(sim);
	return real > sim->now ? real : sim->now;
}

static void settle(struct s0_sim *sim)
{
	if (sim->supply.trip != SIM_TRIP_NONE)
		sim_supply_settle(sim);
	sim_array_settle(sim);
	sim_job_settle(sim);
	sim_usb_settle(sim);
	sim_power_settle(sim);
	if (sim->watchdog.running)
		sim_watchdog_settle(sim);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Often asked, and mostly only about the transfer and the job. */
uint64_t sim_time_due(const struct s0_sim *sim)
{
	uint64_t due = sim_usb_due(sim);

	if (sim->job.active)
		due = earlier(due, sim->job.until);
	if (!sim->attached && sim->back_at)
		due = earlier(due, sim->back_at);
	if (sim->supply.trip != SIM_TRIP_NONE)
		due = earlier(due, sim->supply.trip_at);
	if (sim->watchdog.running)
		due = earlier(due, sim_watchdog_due(sim));
	return due;
}

/* Up to then, with a stop where the bootloader's next step is due. */
static void run_to(struct s0_sim *sim, uint64_t then)
{
	uint64_t next;

	while ((next = sim_time_due(sim)) < then) {
		if (next > sim->now)
			sim->now = next;
		settle(sim);
	}
	if (then > sim->now)
		sim->now = then;
	settle(sim);
}

/* The real clock goes on while nobody asks. */
void sim_time_catch_up(struct s0_sim *sim)
{
	run_to(sim, sim_time_now(sim));
}

/* The chip is ahead of the real clock: wait for it. */
static void wait_for_real(const struct s0_sim *sim, uint64_t then)
{
	uint64_t real = real_ticks(sim);
	double ahead_us;

	if (real >= then)
		return;
	ahead_us = (double)(then - real) * sim->config.real_scale /
		   SIM_TICKS_PER_US;
	if (ahead_us >= SLEEP_US)
		clock_sleep_us((uint64_t)ahead_us);
}

void sim_time_advance(struct s0_sim *sim, uint64_t ticks)
{
	uint64_t then = sim->now + ticks;

	if (sim->config.real_scale > 0)
		wait_for_real(sim, then);
	run_to(sim, then);
}

uint64_t sim_time_ticks(const struct s0_sim *sim, uint64_t us)
{
	double ticks = (double)us * SIM_TICKS_PER_US * sim->config.time_scale;

	return ticks < 1 ? 1 : (uint64_t)(ticks + 0.5);
}

uint32_t sim_time_poll_ms(const struct s0_sim *sim, uint32_t ms)
{
	double scaled = ms * sim->config.time_scale + 0.5;

	return scaled < 0xffffff ? (uint32_t)scaled : 0xffffff;
}

/* splitmix64 (Steele, Lea, Flood 2014): any seed will do. */
uint64_t sim_random_of(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t sim_random(struct s0_sim *sim)
{
	return sim_random_of(&sim->random);
}

uint64_t s0_sim_now_us(const struct s0_sim *sim)
{
	return sim_time_now(sim) / SIM_TICKS_PER_US;
}

uint64_t s0_sim_due_us(const struct s0_sim *sim)
{
	uint64_t due = sim_time_due(sim);

	if (due == UINT64_MAX)
		return due;
	return (due + SIM_TICKS_PER_US - 1) / SIM_TICKS_PER_US;
}

void s0_sim_advance_us(struct s0_sim *sim, uint64_t us)
{
	sim_time_catch_up(sim);
	sim_time_advance(sim, us * SIM_TICKS_PER_US);
}
