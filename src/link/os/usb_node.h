/* SPDX-License-Identifier: MIT */
#ifndef LINK_OS_USB_NODE_H
#define LINK_OS_USB_NODE_H

/* What the operating system knows of a USB device beyond USB: its node, the
 * driver on its interfaces, who has it open. Linux tells (/sys, /proc); where
 * a system does not, all is left empty. */

#include <stdbool.h>

#include "link/os/holder.h"

struct usb_node {
	char node[64];		  /* "/dev/bus/usb/001/004", or "" */
	bool missing;		  /* the device is there, its node is not */
	char driver[64];	  /* bound to one of its interfaces, or "" */
	char holder[HOLDER_SIZE]; /* "NAME (process 123)", or "" */
};

/* @path: as in "usb:1-4.2". */
void usb_node_look(const char *path, struct usb_node *ret_node);

/* Does this system have udev rules, and is the one of that name among them? */
bool usb_node_udev(const char *rule, bool *ret_there);

#endif
