/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LINK_CONTRACT_H
#define TESTS_LINK_CONTRACT_H

/*
 * The contract of src/link/usb_link.h as a list of tests that runs against any
 * link. The device behind it is a STM32H743 in its bootloader (the virtual one,
 * by whatever way the link reaches it), in dfuIDLE with erased flash.
 *
 *	static const struct link_fixture_ops ops = { … };
 *	struct link_fixture fixture = { .ops = &ops, .patience_ms = 1000 };
 *	return link_contract_run("link over …", &fixture);
 */

#include <stdint.h>

#include "link/usb_link.h"

enum link_trouble {
	LINK_STALL,  /* refused, nothing done */
	LINK_SILENT, /* never answered, nothing done; later ones are */
	LINK_UNPLUG  /* nothing done; off the bus until replug() */
};

struct link_fixture;

struct link_fixture_ops {
	/* A fresh device and a link to it; NULL when that failed. */
	struct usb_link *(*open)(struct link_fixture *fixture);
	/* Trouble at the nth DFU class request from now; 1 is the next. */
	void (*trouble)(struct link_fixture *fixture, unsigned nth,
			enum link_trouble trouble);
	void (*replug)(struct link_fixture *fixture);
	/* After the link was closed; takes the device away. */
	void (*close)(struct link_fixture *fixture);
};

struct link_fixture {
	const struct link_fixture_ops *ops;
	uint32_t patience_ms;  /* time-out where silence is expected */
	struct usb_link *link; /* the contract's own */
};

/* As cmocka_run_group_tests(). */
int link_contract_run(const char *name, struct link_fixture *fixture);

#endif
