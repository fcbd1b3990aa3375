/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <glib.h>

#include "mock_sim.h"

struct mock_sim {
	struct s0_sim *chip;
	GMutex lock; /* of the chip */
	bool real;   /* its clock is the host's already */
	gint64 last_us;
	struct mock_device *device;
};

/* The lock is held. */
static void follow_clock(struct mock_sim *sim)
{
	gint64 now = g_get_monotonic_time();

	if (!sim->real)
		s0_sim_advance_us(sim->chip, (uint64_t)(now - sim->last_us));
	sim->last_us = now;
}

static void control(void *user, const struct s0_sim_setup *setup, uint8_t *data,
		    struct s0_sim_reply *reply)
{
	struct mock_sim *sim = user;

	g_mutex_lock(&sim->lock);
	follow_clock(sim);
	s0_sim_control(sim->chip, setup, data, reply);
	g_mutex_unlock(&sim->lock);
	reply->busy_us = 0;
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
	sim->real = strstr(description, "clock=real") != NULL;
	sim->last_us = g_get_monotonic_time();
	answers.control = control;
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

void mock_sim_tick(struct mock_sim *sim)
{
	bool attached;

	g_mutex_lock(&sim->lock);
	follow_clock(sim);
	attached = s0_sim_attached(sim->chip);
	g_mutex_unlock(&sim->lock);
	/* It may have left and come back since the last look: then a program
	 * has been told that it is gone. */
	if (!attached || !mock_usb_attached(sim->device))
		mock_usb_unplug(sim->device);
	if (attached)
		mock_usb_replug(sim->device);
}

void mock_sim_set_plugged(struct mock_sim *sim, bool plugged)
{
	g_mutex_lock(&sim->lock);
	if (plugged)
		s0_sim_replug(sim->chip);
	else
		s0_sim_unplug(sim->chip);
	g_mutex_unlock(&sim->lock);
	mock_sim_tick(sim);
}

void mock_sim_fail(struct mock_sim *sim, unsigned nth, s0_sim_fault fault)
{
	g_mutex_lock(&sim->lock);
	s0_sim_fail_at(sim->chip, s0_sim_transfers(sim->chip) + nth, fault);
	g_mutex_unlock(&sim->lock);
}
