/* SPDX-License-Identifier: MIT */
/* The contract of usb_link.h for the libusb link, with the virtual STM32 on a
 * mock bus behind it. */
#include <stdlib.h>

#include "test.h"
#include "link/libusb/usb_discover.h"
#include "link_contract.h"
#include "mock_sim.h"

struct usb_fixture {
	struct link_fixture fixture;
	struct mock_usb *usb;
	struct mock_sim *sim;
	struct usb_host *host;
};

static struct usb_link *fixture_open(struct link_fixture *fixture)
{
	struct usb_fixture *me = (struct usb_fixture *)fixture;
	struct usb_found *list = NULL;
	struct usb_link *link = NULL;
	size_t count;

	me->usb = mock_usb_new(true);
	me->sim = mock_sim_plug(me->usb, "1", "stm32h743",
				(struct mock_answers){ .busy = false }, NULL);
	if (!me->sim || usb_host_new(&me->host, NULL) ||
	    usb_list(me->host, &list, &count, NULL) || count != 1 ||
	    usb_open(me->host, list, 0, &link, NULL))
		link = NULL;
	free(list);
	return link;
}

static void fixture_trouble(struct link_fixture *fixture, unsigned nth,
			    enum link_trouble trouble)
{
	static const s0_sim_fault faults[] = {
		[LINK_STALL] = S0_SIM_FAULT_STALL,
		[LINK_SILENT] = S0_SIM_FAULT_SILENT,
		[LINK_UNPLUG] = S0_SIM_FAULT_UNPLUG,
	};

	mock_sim_fail(((struct usb_fixture *)fixture)->sim, nth,
		      faults[trouble]);
}

static void fixture_replug(struct link_fixture *fixture)
{
	mock_sim_set_plugged(((struct usb_fixture *)fixture)->sim, true);
}

static void fixture_close(struct link_fixture *fixture)
{
	struct usb_fixture *me = (struct usb_fixture *)fixture;

	usb_host_free(me->host);
	mock_usb_free(me->usb);
	mock_sim_free(me->sim);
}

static const struct link_fixture_ops ops = {
	.open = fixture_open,
	.trouble = fixture_trouble,
	.replug = fixture_replug,
	.close = fixture_close,
};

int main(int argc, char **argv)
{
	struct usb_fixture fixture = {
		.fixture = { .ops = &ops, .patience_ms = 200 },
	};

	(void)argc;
	mock_usb_enter(argv);
	return link_contract_run("contract: libusb", &fixture.fixture);
}
