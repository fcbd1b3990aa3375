/* SPDX-License-Identifier: MIT */
#ifndef DEVICE_OPEN_H
#define DEVICE_OPEN_H

#include "link/usb_link.h"
#include "session/device.h"

struct s0_replay;

/* Where the records of a chip lie, below the state directory. */
#define RECORDS_FOLDER "journal"
#define RECORDS_SUFFIX ".s0j"

/* descriptors.c: what they say, before any DFU transfer. */
s0_code device_read_descriptors(struct s0_device *device, struct usb_link *link,
				struct s0_error *err);
/* identify.c: ask the bootloader, where the chip is known. What it refuses is
 * left empty; only a device that stops answering is a failure. */
s0_code device_identify(struct s0_device *device, struct usb_link *link,
			struct s0_error *err);
/* A bootloader version, as it was asked for. */
struct told_version {
	bool told;
	uint8_t version;
	bool protected; /* read-out protection refused it, and would others */
};

/* identify.c: how the flash of the chip is made, by what is known in info. */
s0_code device_take_memory(struct s0_device *device, struct s0_error *err);
/* identify.c: the chip's unique ID and flash size; as above. */
s0_code device_ask_identity(struct s0_device *device, struct s0_error *err);
/* identify.c: the bootloader version at an address. */
s0_code device_ask_version(struct s0_device *device, uint32_t address,
			   struct told_version *ret, struct s0_error *err);
/* again.c: reopen() of struct s0_device. */
s0_code device_reopen(struct s0_device *device, s0_code why,
		      uint32_t timeout_ms, bool (*go_on)(void *), void *payload,
		      struct s0_error *err);
/* again.c: what brings a device back, in struct s0_device. */
void device_set_return(struct s0_device *device);
/* Is it a serial number that many boards are known to have? */
bool device_shared_serial(const struct s0_context *context, const char *serial);

/* open.c: a device on a link, which is taken over, on failure too. */
s0_code device_open_link(struct s0_context *context, struct usb_link *link,
			 bool persistent, struct s0_device **ret_device,
			 struct s0_error *err);

/* replay.c: what a recorded session found on the bus. */
s0_code device_find_replay(struct s0_replay *replay,
			   struct s0_candidate **ret_list, size_t *ret_count,
			   struct s0_error *err);

#endif
