/* SPDX-License-Identifier: MIT */
#ifndef SIM_MOCK_USB_H
#define SIM_MOCK_USB_H

/*
 * A USB bus that exists only for one process and its children, made with
 * umockdev: sysfs files, device nodes and uevents are umockdev's, what usbfs
 * would say to a program is said by mock_usbfs.c, and what a device would
 * answer comes from a callback. libusb is the real one.
 *
 * The program must run under umockdev's preload: call mock_usb_enter() first
 * thing in main().
 */

#include <stdbool.h>
#include <stdint.h>

#include <sector0/sim.h>

struct mock_usb;
struct mock_device;

/* One whole control transfer: reply->handshake, ->length and ->busy_us (real
 * time until the answer) are to be filled in. s0_sim_control() fits. Called
 * from another thread, one call at a time for a bus. */
typedef void (*mock_control)(void *user, const struct s0_sim_setup *setup,
			     uint8_t *data, struct s0_sim_reply *reply);

/* Its port is reset. false: it does not come back as what it was, but has left
 * the bus for now. As a mock_control. */
typedef bool (*mock_reset)(void *user);

struct mock_answers {
	mock_control control;
	mock_reset reset; /* NULL: nothing comes of one */
	void *user;
	bool no_rights; /* its node may not be opened (mock_drop_override()) */
	bool busy;	/* another program has claimed its interfaces */
	bool no_node;	/* sysfs shows it, /dev does not */
};

/* Start the program again under the preload if it is not; returns when it is. */
void mock_usb_enter(char **argv);

/* @param with_bus  Is there a bus, with its root hub? */
struct mock_usb *mock_usb_new(bool with_bus);
void mock_usb_free(struct mock_usb *usb);

/* Plug a device into a port of bus 1 ("4"), or of a hub there ("4.2"). Its
 * descriptors are asked from it. */
struct mock_device *mock_usb_plug(struct mock_usb *usb, const char *port,
				  const struct mock_answers *answers);
/* Plug in a hub for others to be plugged into. */
void mock_usb_plug_hub(struct mock_usb *usb, const char *port);
/* Off the bus: transfers under way end, uevents are sent. Does nothing when it
 * is off already. */
void mock_usb_unplug(struct mock_device *device);
/* On the bus again, on the same port with another address. */
void mock_usb_replug(struct mock_device *device);
bool mock_usb_attached(const struct mock_device *device);
/* Another program claims or lets go of the interfaces. */
void mock_usb_set_busy(struct mock_device *device, bool busy);

/* Forget that root may open everything: from then on a node without rights is
 * refused. For this thread, or for what this process executes. */
void mock_drop_override(void);
void mock_drop_override_of_children(void);
/* For this thread: be root again. */
void mock_restore_override(void);

#endif
