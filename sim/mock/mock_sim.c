/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <glib.h>

#include "mock_sim.h"
#include "sim/sim.h"

struct mock_sim {
	struct s0_sim *chip;
	GMutex lock;  /* of the chip */
	double scale; /* wall time for a time of the chip's */
	bool at_once; /* nothing that it does is waited for */
	uint32_t turnaround_us;
	double origin_us; /* wall time at which the chip's clock is 0 */
	struct mock_device *device;
};

/* Wall time at which the chip's clock has its present value. */
static gint64 chip_time(const struct mock_sim *sim)
{
	return (gint64)(sim->origin_us +
			(double)s0_sim_now_us(sim->chip) * sim->scale);
}

/* The lock is held. */
static void catch_up(struct mock_sim *sim)
{
	gint64 ahead = g_get_monotonic_time() - chip_time(sim);

	if (ahead > 0)
		s0_sim_advance_us(sim->chip,
				  (uint64_t)((double)ahead / sim->scale));
}

/* What the chip's clock is ahead by is not waited for. */
static void forget_lead(struct mock_sim *sim)
{
	gint64 lead = chip_time(sim) - g_get_monotonic_time();

	if (lead > 0)
		sim->origin_us -= (double)lead;
}

/* A chip that is ahead of the host has answered only when the host is there. */
static void control(void *user, const struct s0_sim_setup *setup, uint8_t *data,
		    struct s0_sim_reply *reply)
{
	struct mock_sim *sim = user;
	gint64 left;

	g_mutex_lock(&sim->lock);
	catch_up(sim);
	if (sim->turnaround_us > 0)
		s0_sim_advance_us(sim->chip, sim->turnaround_us);
	s0_sim_control(sim->chip, setup, data, reply);
	if (sim->at_once)
		forget_lead(sim);
	left = chip_time(sim) - g_get_monotonic_time();
	reply->busy_us = left > 0 ? (uint64_t)left : 0;
	g_mutex_unlock(&sim->lock);
}

/* The chip stays what it was. */
static bool reset(void *user)
{
	struct mock_sim *sim = user;

	g_mutex_lock(&sim->lock);
	catch_up(sim);
	sim_usb_reset(sim->chip);
	g_mutex_unlock(&sim->lock);
	return true;
}

/* The clock is kept here; the chip itself is not to wait for it. */
static void set_clock(struct mock_sim *sim, const char *description)
{
	double *real_scale = &sim->chip->config.real_scale;
	struct s0_sim_times times;

	sim->scale = *real_scale > 0 ? *real_scale : 1;
	sim->at_once =
		*real_scale <= 0 && strstr(description, ",clock=virtual");
	*real_scale = 0;
	/* The host's own time passes by itself; more only if asked for. */
	s0_sim_get_times(sim->chip, &times);
	if (strstr(description, ",turnaround_us="))
		sim->turnaround_us = times.turnaround_us;
	sim->origin_us = (double)g_get_monotonic_time() -
			 (double)s0_sim_now_us(sim->chip) * sim->scale;
}

struct mock_sim *mock_sim_plug(struct mock_usb *usb, const char *port,
			       const char *description,
			       struct mock_answers answers,
			       struct s0_error *err)
{
	struct mock_sim *sim = g_new0(struct mock_sim, 1);

	if (s0_sim_new(description, &sim->chip, err) != S0_OK) {
		g_free(sim);
		return NULL;
	}
	g_mutex_init(&sim->lock);
	set_clock(sim, description);
	answers.control = control;
	answers.reset = reset;
	answers.user = sim;
	sim->device = mock_usb_plug(usb, port, &answers);
	return sim;
}

void mock_sim_free(struct mock_sim *sim)
{
	if (!sim)
		return;
	s0_sim_free(sim->chip);
	g_mutex_clear(&sim->lock);
	g_free(sim);
}

static void show(struct mock_sim *sim, bool attached)
{
	/* It may have left and come back since the last look: then a program
	 * has been told that it is gone. */
	if (!attached || !mock_usb_attached(sim->device))
		mock_usb_unplug(sim->device);
	if (attached)
		mock_usb_replug(sim->device);
}

void mock_sim_tick(struct mock_sim *sim)
{
	bool attached, ahead;

	g_mutex_lock(&sim->lock);
	catch_up(sim);
	attached = s0_sim_attached(sim->chip);
	ahead = chip_time(sim) > g_get_monotonic_time();
	g_mutex_unlock(&sim->lock);
	/* What it does in a transfer is seen when that has taken its time. */
	if (!ahead)
		show(sim, attached);
}

void mock_sim_set_plugged(struct mock_sim *sim, bool plugged)
{
	bool attached;

	g_mutex_lock(&sim->lock);
	catch_up(sim);
	if (plugged)
		s0_sim_replug(sim->chip);
	else
		s0_sim_unplug(sim->chip);
	/* A hand does not wait for what the chip is doing. */
	forget_lead(sim);
	attached = s0_sim_attached(sim->chip);
	g_mutex_unlock(&sim->lock);
	show(sim, attached);
}

void mock_sim_fail(struct mock_sim *sim, unsigned nth, s0_sim_fault fault)
{
	g_mutex_lock(&sim->lock);
	s0_sim_fail_at(sim->chip, s0_sim_transfers(sim->chip) + nth, fault);
	g_mutex_unlock(&sim->lock);
}
