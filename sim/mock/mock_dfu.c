/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <glib.h>

#include "mock_dfu.h"
#include "mock_dfu_model.h"

/* How long it is away between its two modes. */
#define AWAY_US 100000

struct mock_dfu {
	struct dfu_model model;
	GMutex lock;
	struct mock_device *device;
	char port[8];
	bool away; /* until returns_us */
	gint64 returns_us;
	bool replaced, told;
};

static void control(void *user, const struct s0_sim_setup *setup, uint8_t *data,
		    struct s0_sim_reply *reply)
{
	struct mock_dfu *dfu = user;

	g_mutex_lock(&dfu->lock);
	dfu->model.now_us = (uint64_t)g_get_monotonic_time();
	dfu_model_control(&dfu->model, setup, data, reply);
	g_mutex_unlock(&dfu->lock);
}

/* The lock is held. */
static void leave(struct mock_dfu *dfu)
{
	dfu->away = true;
	dfu->returns_us = g_get_monotonic_time() + AWAY_US;
	dfu->replaced =
		dfu->model.in_dfu_mode && dfu->model.keys.becomes[0] != '\0';
}

static bool reset(void *user)
{
	struct mock_dfu *dfu = user;
	bool stays;

	g_mutex_lock(&dfu->lock);
	dfu->model.now_us = (uint64_t)g_get_monotonic_time();
	stays = dfu_model_reset(&dfu->model);
	if (!stays)
		leave(dfu);
	g_mutex_unlock(&dfu->lock);
	return stays;
}

struct mock_dfu *mock_dfu_plug(struct mock_usb *usb, const char *port,
			       const char *kind, char ret_wrong[256])
{
	struct mock_dfu *dfu = g_new0(struct mock_dfu, 1);
	struct mock_answers answers = { .control = control,
					.reset = reset,
					.user = dfu };
	struct dfu_keys keys;

	if (!dfu_keys_parse(kind, &keys)) {
		g_strlcpy(ret_wrong, keys.wrong, 256);
		g_free(dfu);
		return NULL;
	}
	dfu_model_make(&dfu->model, &keys, !strncmp(kind, "dfu-runtime", 11));
	g_mutex_init(&dfu->lock);
	g_strlcpy(dfu->port, port, sizeof(dfu->port));
	dfu->device = mock_usb_plug(usb, port, &answers);
	return dfu;
}

void mock_dfu_free(struct mock_dfu *dfu)
{
	if (!dfu)
		return;
	dfu_model_free(&dfu->model);
	g_mutex_clear(&dfu->lock);
	g_free(dfu);
}

void mock_dfu_tick(struct mock_dfu *dfu)
{
	bool returns;

	g_mutex_lock(&dfu->lock);
	dfu->model.now_us = (uint64_t)g_get_monotonic_time();
	if (!dfu->away && dfu_model_leaves(&dfu->model))
		leave(dfu);
	returns = dfu->away && !dfu->replaced &&
		  g_get_monotonic_time() >= dfu->returns_us;
	if (returns)
		dfu->away = false;
	g_mutex_unlock(&dfu->lock);
	if (dfu->away || !mock_usb_attached(dfu->device))
		mock_usb_unplug(dfu->device);
	if (returns)
		mock_usb_replug(dfu->device);
}

const char *mock_dfu_becomes(struct mock_dfu *dfu)
{
	if (!dfu->replaced || dfu->told || mock_usb_attached(dfu->device) ||
	    g_get_monotonic_time() < dfu->returns_us)
		return NULL;
	dfu->told = true;
	return dfu->model.keys.becomes;
}

const char *mock_dfu_port(const struct mock_dfu *dfu)
{
	return dfu->port;
}
