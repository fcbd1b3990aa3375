/* SPDX-License-Identifier: MIT */
/* Before a chip is imported: the list, and the import. */
#include "sim/serve/client.h"

#include <stdio.h>
#include <string.h>

#include "sim/sim.h"

static void put_device(struct client *client, const struct served *served)
{
	uint8_t bytes[USBIP_DEVICE_LENGTH];
	char path[64];
	struct usbip_device device = {
		.path = path,
		.bus_id = served->bus_id,
		.bus = 1,
		.number = served->number,
		.descriptor = served->sim->device,
		.config = served->sim->chip->config,
	};

	snprintf(path, sizeof(path), "/sys/devices/platform/sector0/usb1/%s",
		 served->bus_id);
	usbip_put_device(bytes, &device);
	fifo_add(&client->out, bytes, sizeof(bytes));
}

/* Class, subclass and protocol of the first interface, and padding. */
static void put_interface(struct client *client, const struct served *served)
{
	const uint8_t *config = served->sim->chip->config;
	uint8_t bytes[USBIP_INTERFACE_LENGTH] = { 0 };

	memcpy(bytes, config + 9 + 5, 3);
	fifo_add(&client->out, bytes, sizeof(bytes));
}

static void put_reply(struct client *client, enum usbip_op op,
		      enum usbip_op_status status)
{
	uint8_t bytes[USBIP_OP_LENGTH];

	usbip_put_reply(bytes, op, status);
	fifo_add(&client->out, bytes, sizeof(bytes));
}

static void list_devices(struct client *client)
{
	const struct client_choice *choice = client->choice;
	uint8_t count[4];
	uint32_t here = 0;

	for (size_t i = 0; i < choice->count; i++)
		here += s0_sim_attached(choice->devices[i]->sim);
	put_reply(client, USBIP_REP_DEVLIST, USBIP_OK);
	usbip_put_count(count, here);
	fifo_add(&client->out, count, sizeof(count));
	for (size_t i = 0; i < choice->count; i++)
		if (s0_sim_attached(choice->devices[i]->sim)) {
			put_device(client, choice->devices[i]);
			put_interface(client, choice->devices[i]);
		}
	client->phase = CLIENT_ENDING;
}

void client_ask(struct client *client)
{
	struct usbip_request request = usbip_get_request(client->header);

	if (request.version != USBIP_VERSION)
		client_drop(client, "speaks another version of USB/IP");
	else if (request.code == USBIP_REQ_DEVLIST)
		list_devices(client);
	else if (request.code == USBIP_REQ_IMPORT)
		client->phase = CLIENT_NAMING;
	else
		client_drop(client, "sent a request that is not known");
}

static struct served *find(const struct client *client, const char *name)
{
	for (size_t i = 0; i < client->choice->count; i++) {
		struct served *served = client->choice->devices[i];

		if (strncmp(served->bus_id, name, USBIP_BUS_ID_LENGTH) == 0)
			return served;
	}
	return NULL;
}

void client_import(struct client *client)
{
	struct served *device = find(client, (const char *)client->header);

	if (!device || !s0_sim_attached(device->sim)) {
		put_reply(client, USBIP_REP_IMPORT, USBIP_NO_DEVICE);
		client_drop(client, "asked for a device that is not there");
	} else if (device->used) {
		put_reply(client, USBIP_REP_IMPORT, USBIP_DEVICE_BUSY);
		client_drop(client, "asked for a device that is in use");
	} else {
		put_reply(client, USBIP_REP_IMPORT, USBIP_OK);
		put_device(client, device);
		client_use(client, device);
	}
}
