/* SPDX-License-Identifier: MIT */
/* What a host says of itself. */
#include <string.h>

#include "diag/diag.h"

/* Add each board for which add() says so. */
static bool boards(const struct s0_facts *facts, struct text *evidence,
		   bool (*add)(const struct s0_host_device *device,
			       struct text *evidence))
{
	bool any = false;

	for (size_t i = 0; facts->host && i < facts->host->count; i++) {
		struct text words = { 0 };

		if (add(&facts->host->devices[i], &words)) {
			text_add(evidence, "%s%s%s", any ? ", " : "",
				 facts->host->devices[i].board.path,
				 text_chars(&words));
			any = true;
		}
		text_free(&words);
	}
	return any;
}

static bool forbidden(const struct s0_host_device *device, struct text *words)
{
	text_add(words, " (%04x:%04x) may not be opened", device->board.vendor,
		 device->board.product);
	if (device->node[0])
		text_add(words, " (%s)", device->node);
	return device->board.forbidden && !device->node_missing;
}

static void add_rule(const struct s0_facts *facts, struct text *evidence)
{
	if (facts->host && facts->host->udev)
		text_add(evidence, "%s%s", evidence->length ? "; " : "",
			 facts->host->rule
				 ? "the udev rule is installed, but the board "
				   "was not plugged in since, or you are not "
				   "at the machine"
				 : "the udev rule 70-sector0.rules is not "
				   "installed");
}

bool when_no_rights(const struct s0_facts *facts, struct text *evidence)
{
	bool any = boards(facts, evidence, forbidden);

	if (any)
		add_rule(facts, evidence);
	return any;
}

bool when_rule_missing(const struct s0_facts *facts, struct text *evidence)
{
	add_rule(facts, evidence);
	return evidence->length > 0;
}

static bool no_node(const struct s0_host_device *device, struct text *words)
{
	text_add(words, " is listed, and %s is missing",
		 device->node[0] ? device->node : "its device node");
	return device->node_missing;
}

bool when_no_node(const struct s0_facts *facts, struct text *evidence)
{
	return boards(facts, evidence, no_node);
}

/* usbfs is how programs claim a device: that is when_holder()'s. */
static bool driver(const struct s0_host_device *device, struct text *words)
{
	text_add(words, " is bound to the driver '%s'", device->driver);
	return device->board.dfu_mode && device->driver[0] &&
	       strcmp(device->driver, "usbfs") != 0;
}

bool when_driver(const struct s0_facts *facts, struct text *evidence)
{
	return boards(facts, evidence, driver);
}

static bool holder(const struct s0_host_device *device, struct text *words)
{
	const struct s0_candidate *board = &device->board;
	bool claimed = !strcmp(device->driver, "usbfs");

	text_add(words, " is held by %s",
		 device->holder[0] ? device->holder : "another program");
	return board->dfu_mode && !device->node_missing &&
	       (device->holder[0] || claimed ||
		(!board->accessible && !board->forbidden));
}

bool when_holder(const struct s0_facts *facts, struct text *evidence)
{
	return boards(facts, evidence, holder);
}

static bool running(const struct s0_host_device *device, struct text *words)
{
	if (device->board.name[0])
		text_add(words, " %s", device->board.name);
	text_add(words, " (%04x:%04x) runs its firmware", device->board.vendor,
		 device->board.product);
	return !device->board.dfu_mode;
}

bool when_running(const struct s0_facts *facts, struct text *evidence)
{
	return boards(facts, evidence, running);
}

bool when_same_serial(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_host *host = facts->host;

	for (size_t i = 0; host && i < host->count; i++) {
		const struct s0_candidate *a = &host->devices[i].board;

		for (size_t k = i + 1; a->serial[0] && k < host->count; k++) {
			const struct s0_candidate *b = &host->devices[k].board;

			if (strcmp(a->serial, b->serial) != 0)
				continue;
			text_add(evidence, "%s and %s both say %s", a->path,
				 b->path, a->serial);
			return true;
		}
	}
	return false;
}
