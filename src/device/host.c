/* SPDX-License-Identifier: MIT */
/* What this host says of itself and of the boards on it. */
#include <stdlib.h>
#include <string.h>

#include <sector0/diag.h>

#include "base/error.h"
#include "device/context.h"
#include "link/os/usb_node.h"

#define RULE "70-sector0.rules"

static void look_at(struct s0_host_device *device)
{
	struct usb_node node;

	usb_node_look(device->board.path, &node);
	memcpy(device->node, node.node, sizeof device->node);
	memcpy(device->driver, node.driver, sizeof device->driver);
	memcpy(device->holder, node.holder, sizeof device->holder);
	device->node_missing = node.missing;
}

s0_code s0_host_look(struct s0_context *context, struct s0_host **ret_host,
		     struct s0_error *err)
{
	struct s0_host *host = calloc(1, sizeof *host);
	struct s0_candidate *list = NULL;
	s0_code code;

	if (!host)
		return error_memory(err);
	error_clear(&host->error);
	code = s0_device_find(context, &list, &host->count, &host->error);
	if (code == S0_OK && host->count)
		host->devices = calloc(host->count, sizeof *host->devices);
	if (code == S0_OK && host->count && !host->devices) {
		s0_candidates_free(list);
		free(host);
		return error_memory(err);
	}
	for (size_t i = 0; i < host->count; i++) {
		host->devices[i].board = list[i];
		/* A trace is of another host, maybe. */
		if (!context->replay)
			look_at(&host->devices[i]);
	}
	if (!context->replay)
		host->udev = usb_node_udev(RULE, &host->rule);
	s0_candidates_free(list);
	*ret_host = host;
	return S0_OK;
}

void s0_host_free(struct s0_host *host)
{
	if (host)
		free(host->devices);
	free(host);
}
