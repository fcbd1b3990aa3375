/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_DFU11_H
#define SECTOR0_DFU11_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/context.h>
#include <sector0/error.h>
#include <sector0/image.h>
#include <sector0/session.h>

/**
 * @file
 * Plain DFU (USB Device Class Specification for Device Firmware Upgrade,
 * revision 1.1), for devices of any maker: no memory layout, no addresses, no
 * plan, and nothing that proves what was written. STM32s in their own
 * bootloader speak DfuSe, for which there are s0_device_open() and sessions.
 *
 *     s0_dfu11_find(context, &list, &count, &err);
 *     s0_dfu11_open(context, list[0].path, &dfu, &err);
 *     if (!s0_dfu11_info(dfu)->dfu_mode)                // its firmware runs
 *         s0_dfu11_detach(dfu, 5000, &err);
 *     s0_dfu11_set_alternate(dfu, 0, &err);
 *     s0_dfu11_settle(dfu, &err);
 *     s0_dfu11_download(dfu, bytes, length, &done, &err);
 */

S0_BEGIN_DECLS

/** Most alternate settings that are told of. */
#define S0_DFU11_ALTERNATES 16

/** bmAttributes of a DFU functional descriptor. */
typedef enum s0_dfu11_attribute {
	S0_DFU11_CAN_DOWNLOAD = 1,
	S0_DFU11_CAN_UPLOAD = 2,
	/** It can be talked to when it has taken a firmware. */
	S0_DFU11_TOLERANT = 4,
	/** It goes to DFU mode by itself when it is asked to, without a USB
	    reset. */
	S0_DFU11_WILL_DETACH = 8
} s0_dfu11_attribute;

/** What a device with a DFU interface tells. Strings are "" where it tells
    nothing. */
struct s0_dfu11_info {
	char path[64];	 /**< "usb:1-4.2": selects it. */
	bool dfu_mode;	 /**< Else its firmware runs. */
	bool accessible; /**< Could it be opened? Else no more is known than
			      numbers. */
	bool forbidden;	 /**< If not: because this user may not? */
	uint16_t vendor, product, bcd_device;
	uint8_t number;		/**< On its bus. */
	uint8_t configuration;	/**< bConfigurationValue. */
	uint8_t interface;	/**< bInterfaceNumber. */
	uint8_t packet_size;	/**< bMaxPacketSize0, bytes. */
	uint16_t dfu_version;	/**< bcdDFUVersion; 0x0100 where its descriptor
				     is too short for one, 0 without. */
	uint8_t attributes;	/**< ::s0_dfu11_attribute. */
	uint16_t detach_ms;	/**< wDetachTimeOut. */
	uint16_t transfer_size; /**< wTransferSize, bytes. */
	char manufacturer[128], name[128], serial[128];
	unsigned alternate_count;
	struct s0_dfu11_alternate {
		uint8_t number; /**< bAlternateSetting. */
		char name[160];
	} alternates[S0_DFU11_ALTERNATES];
};

/**
 * Find the devices with a DFU interface, in DFU mode and with their firmware
 * running, in the order of the bus.
 * @param ret_list  Set to an array, to be freed with s0_dfu11_free_list();
 *                  NULL if there are none.
 * @retval S0_E_NO_USB, S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_find(struct s0_context *context,
					   struct s0_dfu11_info **ret_list,
					   size_t *ret_count,
					   struct s0_error *err);

/** Is what was found what is looked for? */
typedef bool (*s0_dfu11_enough_fn)(void *payload,
				   const struct s0_dfu11_info *list,
				   size_t count);

/**
 * The same; where it is not enough, and the context's patience is for devices
 * that have yet to appear, the bus is looked at again until it is.
 * @retval S0_E_CANCELLED  Nobody wanted to wait any longer.
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_find_when(struct s0_context *context,
						s0_dfu11_enough_fn enough,
						void *payload,
						struct s0_dfu11_info **ret_list,
						size_t *ret_count,
						struct s0_error *err);

/** Free a list of s0_dfu11_find(). NULL is allowed. */
S0_API void s0_dfu11_free_list(struct s0_dfu11_info *list);

/** An open device. Opaque. Used by one thread at a time. */
struct s0_dfu11;

/**
 * Open a device and claim its DFU interface. No class request is sent yet.
 * @param path  "usb:1-4.2".
 * @retval S0_E_NO_DEVICE, S0_E_ACCESS, S0_E_BUSY, S0_E_NO_USB
 * @retval S0_E_USAGE   That is no path.
 * @retval S0_E_FORMAT  It has no DFU functional descriptor.
 * @retval S0_E_TIMEOUT, S0_E_PROTOCOL, S0_E_REFUSED, S0_E_GONE, S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_open(struct s0_context *context,
					   const char *path,
					   struct s0_dfu11 **ret_dfu,
					   struct s0_error *err);

/** Close a device. NULL is allowed. */
S0_API void s0_dfu11_close(struct s0_dfu11 *dfu);

/** What it told; owned by it, another after s0_dfu11_detach(). */
S0_API const struct s0_dfu11_info *s0_dfu11_info(const struct s0_dfu11 *dfu);

/** An answer to GETSTATUS. */
struct s0_dfu11_status {
	uint8_t status;	  /**< bStatus: s0_dfu_status_name(). */
	uint8_t state;	  /**< bState: s0_dfu_state_name(). */
	uint32_t poll_ms; /**< bwPollTimeout. */
};

/** Called for each status that a device tells, but for those of a block that
    goes well. */
typedef void (*s0_dfu11_status_fn)(void *payload,
				   const struct s0_dfu11_status *status);

/** Have them told. NULL: not. */
S0_API void s0_dfu11_set_told(struct s0_dfu11 *dfu, s0_dfu11_status_fn told,
			      void *payload);

/** Have progress reported: ::S0_STAGE_WRITE and ::S0_STAGE_READ; the total of
    an upload is its limit. NULL: none. */
S0_API void s0_dfu11_set_progress(struct s0_dfu11 *dfu, s0_progress_fn progress,
				  void *payload);

/** Ask what is running to stop between transfers, with S0_E_CANCELLED. May be
    called from a signal handler. */
S0_API void s0_dfu11_cancel(struct s0_dfu11 *dfu);

/**
 * Transfer so many bytes at a time instead of wTransferSize.
 * @param bytes  1 to 4096; less than wTransferSize is always allowed.
 * @retval S0_E_USAGE
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_set_transfer_size(struct s0_dfu11 *dfu,
							uint32_t bytes,
							struct s0_error *err);

/**
 * Select an alternate setting of the DFU interface.
 * @param number  bAlternateSetting.
 * @retval S0_E_REFUSED  There is none with that number.
 * @retval S0_E_GONE, S0_E_TIMEOUT, S0_E_PROTOCOL
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_set_alternate(struct s0_dfu11 *dfu,
						    uint8_t number,
						    struct s0_error *err);

/** Ask for its status. @retval S0_E_REFUSED, S0_E_GONE, S0_E_TIMEOUT,
    S0_E_PROTOCOL */
S0_API S0_MUST_CHECK s0_code
s0_dfu11_ask_status(struct s0_dfu11 *dfu, struct s0_dfu11_status *ret_status,
		    struct s0_error *err);

/**
 * Bring a device in DFU mode to dfuIDLE, whatever an earlier program left.
 * @retval S0_E_PROTOCOL  It does not come there, or its firmware runs.
 * @retval S0_E_TIMEOUT   It does not answer, or is busy for two minutes.
 * @retval S0_E_REFUSED, S0_E_GONE, S0_E_CANCELLED
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_settle(struct s0_dfu11 *dfu,
					     struct s0_error *err);

/** How a download that went well ended. */
typedef enum s0_dfu11_end {
	S0_DFU11_IDLE = 0,  /**< It is back in dfuIDLE. */
	S0_DFU11_WAITS = 1, /**< It waits for a USB reset to start the firmware
			         (s0_dfu11_reset()). */
	S0_DFU11_LEFT = 2   /**< It left the bus, to start the firmware. */
} s0_dfu11_end;

/**
 * Write a firmware, from dfuIDLE: its blocks, an empty one, and the wait until
 * the device has made it its own. That it holds what was sent is the device's
 * word: a standard that lets nothing be read back proves no more.
 * @param ret_end  May be NULL.
 * @retval S0_E_EMPTY      No bytes.
 * @retval S0_E_REFUSED    By a status or a STALL: err->dfu_status. So does a
 *                         device without ::S0_DFU11_CAN_DOWNLOAD.
 * @retval S0_E_FORMAT     It names no transfer size.
 * @retval S0_E_TIMEOUT, S0_E_GONE, S0_E_PROTOCOL, S0_E_CANCELLED
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_download(struct s0_dfu11 *dfu,
					       const void *bytes, size_t length,
					       s0_dfu11_end *ret_end,
					       struct s0_error *err);

/**
 * Read what a device gives, from dfuIDLE: until a short block, or the limit.
 * @param limit      Most bytes; 0: 4 GiB less one.
 * @param ret_bytes  How many were read, set on failure too; may be NULL.
 * @retval S0_E_FILE  The sink stopped.
 * @retval S0_E_FORMAT  It names no transfer size.
 * @retval S0_E_REFUSED, S0_E_TIMEOUT, S0_E_GONE, S0_E_PROTOCOL, S0_E_CANCELLED
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_upload(struct s0_dfu11 *dfu,
					     uint32_t limit, s0_sink_fn sink,
					     void *payload, uint64_t *ret_bytes,
					     struct s0_error *err);

/**
 * Have a firmware that runs go to DFU mode, and take up what then is on its
 * path, whatever its IDs are. It may speak DfuSe now: then it is to be closed
 * and opened with s0_device_open().
 * @param timeout_ms  How long it is waited for; 0: not at all, and it is not
 *                    open any more.
 * @retval S0_E_NO_DEVICE  It did not come in DFU mode.
 * @retval S0_E_REFUSED, S0_E_TIMEOUT, S0_E_PROTOCOL, S0_E_ACCESS, S0_E_BUSY,
 *         S0_E_CANCELLED
 */
S0_API S0_MUST_CHECK s0_code s0_dfu11_detach(struct s0_dfu11 *dfu,
					     uint32_t timeout_ms,
					     struct s0_error *err);

/** Send DFU_DETACH alone, as some programs do in DFU mode, where the standard
    has no place for it. @retval S0_E_REFUSED It was stalled, and more. */
S0_API S0_MUST_CHECK s0_code s0_dfu11_ask_detach(struct s0_dfu11 *dfu,
						 struct s0_error *err);

/** Reset its USB port. @retval S0_E_GONE It left, as it does to start its
    firmware. */
S0_API S0_MUST_CHECK s0_code s0_dfu11_reset(struct s0_dfu11 *dfu,
					    struct s0_error *err);

S0_END_DECLS

#endif
