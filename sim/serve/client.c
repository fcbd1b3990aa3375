/* SPDX-License-Identifier: MIT */
#include "sim/serve/client.h"

#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

/* Largest data stage for an endpoint that is not there: usbfs' own limit. */
#define SKIP_LIMIT ((int32_t)16 << 20)
/* Linux: most packets of an isochronous transfer. */
#define PACKETS_LIMIT 1024

void client_drop(struct client *client, const char *complaint)
{
	client->phase = CLIENT_ENDING;
	if (!client->complaint)
		client->complaint = complaint;
	if (client->device)
		served_release(client->device);
	client->device = NULL;
}

static bool ready(void *payload)
{
	const struct client *client = payload;

	return client->out.length < CLIENT_UNSENT;
}

static void gone(void *payload)
{
	struct client *client = payload;

	client->device = NULL;
	client->phase = CLIENT_ENDING;
}

static void done(void *payload, const struct request *request, int32_t status,
		 const uint8_t *data, uint32_t length)
{
	struct client *client = payload;
	uint8_t header[USBIP_HEADER_LENGTH];

	usbip_put_submitted(header, request->number, status, length,
			    request->packets);
	fifo_add(&client->out, header, sizeof(header));
	if (request->in)
		fifo_add(&client->out, data, length);
}

void client_use(struct client *client, struct served *device)
{
	struct served_user user = { client, done, ready, gone };

	client->device = device;
	client->phase = CLIENT_USING;
	memcpy(client->bus_id, device->bus_id, sizeof(client->bus_id));
	served_import(device, &user);
}

/* ---- requests ------------------------------------------------------------ */

/* 0 and -1 both stand for "not isochronous"; each client gets its own back. */
static int32_t packets_back(const struct usbip_command *command)
{
	return command->packets == -1 ? -1 : 0;
}

/* An error that the device never hears of. */
static void refuse(struct client *client, const struct usbip_command *command,
		   int32_t status)
{
	uint8_t header[USBIP_HEADER_LENGTH];

	usbip_put_submitted(header, command->number, status, 0,
			    packets_back(command));
	fifo_add(&client->out, header, sizeof(header));
	if (command->direction == USBIP_OUT)
		client->skip = (uint64_t)command->length;
}

/* Is the data stage as the SETUP packet says? A control transfer without one
 * may have either direction. */
static bool matches_setup(const struct usbip_command *command)
{
	const struct s0_sim_setup *setup = &command->setup;
	bool in = (setup->request_type & 0x80) != 0;

	if (setup->length == 0)
		return command->direction == USBIP_IN || command->length == 0;
	if (in != (command->direction == USBIP_IN))
		return false;
	return in || command->length == setup->length;
}

/* Windows' and old clients' way to reset the port (Linux: stub_rx.c). */
static bool is_port_reset(const struct s0_sim_setup *setup)
{
	return setup->request_type == 0x23 && setup->request == 3 &&
	       setup->value == 4;
}

static struct request *new_request(const struct usbip_command *command)
{
	const struct s0_sim_setup *setup = &command->setup;
	bool in = command->direction == USBIP_IN;
	struct request *request =
		malloc(sizeof(*request) + (in ? 0 : setup->length));

	if (!request)
		return NULL;
	*request = (struct request){
		.number = command->number,
		.in = in && setup->length > 0,
		.short_is_error = (command->flags & USBIP_SHORT_NOT_OK) != 0,
		.packets = packets_back(command),
		.room = (uint32_t)command->length,
		.setup = *setup,
	};
	return request;
}

static void submit_control(struct client *client,
			   const struct usbip_command *command)
{
	struct request *request;

	if (!matches_setup(command)) {
		refuse(client, command, USBIP_EINVAL);
		return;
	}
	if (is_port_reset(&command->setup)) {
		served_bus_reset(client->device);
		refuse(client, command, 0);
		return;
	}
	if (!served_has_room(client->device, command->setup.length)) {
		client_drop(client, "has too many requests waiting");
		return;
	}
	request = new_request(command);
	if (!request) {
		client_drop(client, "had to go: out of memory");
	} else if (request->in || request->setup.length == 0) {
		served_submit(client->device, request);
	} else {
		client->request = request;
		client->request_have = 0;
	}
}

/* Only endpoint 0 is there. Of the others not even the type is known: packet
 * descriptors follow where there may be some. */
static void submit_elsewhere(struct client *client,
			     const struct usbip_command *command)
{
	refuse(client, command, USBIP_EPIPE);
	if (command->packets > 0)
		client->skip += (uint64_t)command->packets * USBIP_ISO_LENGTH;
}

static void submit(struct client *client, const struct usbip_command *command)
{
	if (command->direction > USBIP_IN || command->endpoint > 15 ||
	    command->length < 0 || command->packets < -1 ||
	    command->packets > PACKETS_LIMIT ||
	    (command->direction == USBIP_OUT && command->length > SKIP_LIMIT))
		client_drop(client, "sent a request that makes no sense");
	else if (command->endpoint != 0)
		submit_elsewhere(client, command);
	else
		submit_control(client, command);
}

static void unlink_request(struct client *client,
			   const struct usbip_command *command)
{
	bool found = served_unlink(client->device, command->victim);
	uint8_t header[USBIP_HEADER_LENGTH];

	usbip_put_unlinked(header, command->number,
			   found ? USBIP_ECONNRESET : 0);
	fifo_add(&client->out, header, sizeof(header));
}

static void command(struct client *client)
{
	struct usbip_command command;

	usbip_get_command(client->header, &command);
	if (command.device != served_device_id(client->device))
		client_drop(client,
			    "sent a request for a device that it has not");
	else if (command.code == USBIP_CMD_SUBMIT)
		submit(client, &command);
	else if (command.code == USBIP_CMD_UNLINK)
		unlink_request(client, &command);
	else
		client_drop(client, "sent a message that is not known");
}

/* ---- bytes --------------------------------------------------------------- */

static size_t at_most(size_t length, uint64_t wanted)
{
	return length < wanted ? length : (size_t)wanted;
}

static size_t take_data(struct client *client, const uint8_t *bytes,
			size_t length)
{
	struct request *request = client->request;
	size_t wanted = request->setup.length - client->request_have;
	size_t taken = at_most(length, wanted);

	memcpy(request->data + client->request_have, bytes, taken);
	client->request_have += taken;
	if (taken == wanted) {
		client->request = NULL;
		served_submit(client->device, request);
	}
	return taken;
}

static size_t header_length(enum client_phase phase)
{
	if (phase == CLIENT_ASKING)
		return USBIP_OP_LENGTH;
	return phase == CLIENT_NAMING ? USBIP_BUS_ID_LENGTH
				      : USBIP_HEADER_LENGTH;
}

static size_t take_header(struct client *client, const uint8_t *bytes,
			  size_t length)
{
	size_t wanted = header_length(client->phase) - client->have;
	size_t taken = at_most(length, wanted);

	memcpy(client->header + client->have, bytes, taken);
	client->have += taken;
	if (taken < wanted)
		return taken;
	client->have = 0;
	if (client->phase == CLIENT_ASKING)
		client_ask(client);
	else if (client->phase == CLIENT_NAMING)
		client_import(client);
	else
		command(client);
	return taken;
}

void client_receive(struct client *client, const uint8_t *bytes, size_t length)
{
	while (length > 0 && client->phase != CLIENT_ENDING) {
		size_t taken;

		if (client->skip > 0) {
			taken = at_most(length, client->skip);
			client->skip -= taken;
		} else if (client->request) {
			taken = take_data(client, bytes, length);
		} else {
			taken = take_header(client, bytes, length);
		}
		bytes += taken;
		length -= taken;
		if (client->out.failed)
			client_drop(client, "had to go: out of memory");
	}
}

/* Nobody takes what is left. */
void client_hang_up(struct client *client)
{
	if (client->phase != CLIENT_ENDING)
		client_drop(client, NULL);
	fifo_drop(&client->out, client->out.length);
}

void client_start(struct client *client, const struct client_choice *choice)
{
	*client = (struct client){ .choice = choice };
}

void client_start_with(struct client *client, struct served *device)
{
	*client = (struct client){ 0 };
	client_use(client, device);
}

bool client_wants(const struct client *client)
{
	return client->phase != CLIENT_ENDING &&
	       client->out.length < CLIENT_UNSENT;
}

bool client_is_inside(const struct client *client)
{
	return client_wants(client) &&
	       (client->have > 0 || client->request || client->skip > 0);
}

bool client_over(const struct client *client)
{
	return client->phase == CLIENT_ENDING && client->out.length == 0;
}

void client_end(struct client *client)
{
	if (client->device)
		served_release(client->device);
	client->device = NULL;
	free(client->request);
	client->request = NULL;
	fifo_free(&client->out);
}
