/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_DEVICE_H
#define SECTOR0_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/chip.h>
#include <sector0/context.h>
#include <sector0/error.h>
#include <sector0/map.h>
#include <sector0/sim.h>

/**
 * @file
 * Finding and opening devices, and what they tell about themselves.
 */

S0_BEGIN_DECLS

/** Something on the bus that is, or could become, an STM32 in DFU mode. */
struct s0_candidate {
	char path[64];		  /**< "usb:1-4.2": selects it. */
	uint16_t vendor, product; /**< USB IDs. */
	uint8_t number;		  /**< Of the device on its bus. */
	char manufacturer[128];
	char name[128]; /**< Product string. */
	char serial[128];
	bool serial_shared; /**< A serial number that many boards have. */
	bool dfu_mode;	    /**< In its bootloader (else running firmware). */
	bool accessible;    /**< Could it be opened just now? */
	bool forbidden;	    /**< If not: because this user may not? */
};

/**
 * Find the boards attached by USB: those in DFU mode, then those that could be
 * put there. Boards are counted, not alternate settings.
 * @param ret_list  Set to an array, to be freed with s0_candidates_free();
 *                  NULL if there are none.
 * @retval S0_E_NO_USB  No usable USB on this host.
 */
S0_API S0_MUST_CHECK s0_code s0_device_find(struct s0_context *context,
					    struct s0_candidate **ret_list,
					    size_t *ret_count,
					    struct s0_error *err);

/** Free a list of s0_device_find(). NULL is allowed. */
S0_API void s0_candidates_free(struct s0_candidate *list);

/** An open device. Opaque. Used by one thread at a time. */
struct s0_device;

/**
 * Open a device, bring its bootloader to idle, and ask it who it is. Nothing
 * in its memory is changed. What it refuses to tell is left empty.
 *
 * @param selector  NULL or "": the only STM32 in DFU mode. Otherwise
 *                  "usb:1-4.2" (path), "usb:2e3c:df11" (vendor and product),
 *                  "serial:…", "sim:PROFILE[,key=value…]".
 * @retval S0_E_NO_DEVICE, S0_E_SEVERAL, S0_E_ACCESS, S0_E_BUSY, S0_E_NO_USB
 * @retval S0_E_USAGE   A selector that cannot be understood; an unknown sim:
 *                      profile or key.
 * @retval S0_E_FORMAT  Its descriptors cannot be understood.
 * @retval S0_E_UNSUPPORTED  It does not speak DfuSe, or its memory cannot be
 *                      that of the chip that s0_context_set_chip() names.
 * @retval S0_E_TIMEOUT, S0_E_PROTOCOL, S0_E_REFUSED, S0_E_GONE
 */
S0_API S0_MUST_CHECK s0_code s0_device_open(struct s0_context *context,
					    const char *selector,
					    struct s0_device **ret_device,
					    struct s0_error *err);

/** Open a virtual chip that the caller holds and frees after the device. */
S0_API S0_MUST_CHECK s0_code s0_device_open_sim(struct s0_context *context,
						struct s0_sim *sim,
						struct s0_device **ret_device,
						struct s0_error *err);

/** Close a device, leaving it idle where it still answers. NULL is allowed. */
S0_API void s0_device_close(struct s0_device *device);

/**
 * Reset a device's USB port, as pulling the plug would, but with its power on.
 * Its bootloader starts none of its firmware for that: it is idle afterwards,
 * and whatever it was told before is forgotten. Needs an idle device: between
 * the operations of a session, or after the last.
 * @retval S0_E_GONE  It did not come back as what it was.
 * @retval S0_E_TIMEOUT, S0_E_PROTOCOL, S0_E_REFUSED, S0_E_ACCESS
 * @retval S0_E_UNSUPPORTED  Not over its link.
 */
S0_API S0_MUST_CHECK s0_code s0_device_reset(struct s0_device *device,
					     struct s0_error *err);

/** How sure it is which chip a device is (docs/design.md, "Identification"). */
typedef enum s0_sureness {
	S0_SURENESS_NONE = 0, /**< It is like no chip that is known. */
	S0_SURENESS_SEVERAL =
		1,		/**< Like several: s0_device_info.candidates. */
	S0_SURENESS_LIKELY = 2, /**< Like one, by part of what it could tell. */
	S0_SURENESS_CERTAIN = 3, /**< Its bootloader version says so too. */
	S0_SURENESS_TOLD = 4 /**< The caller says so: s0_context_set_chip(). */
} s0_sureness;

/** What a remark about a device is. */
typedef enum s0_remark_kind {
	S0_REMARK_NOTE = 0,    /**< Worth knowing. */
	S0_REMARK_WARNING = 1, /**< Something else is believed than it says. */
	/** What it says contradicts itself: its flash is not changed. */
	S0_REMARK_CONFLICT = 2
} s0_remark_kind;

/** A remark about how a device was identified, or how its flash is made. */
struct s0_remark {
	s0_remark_kind kind;
	char text[320]; /**< One sentence, no final stop. */
};

/** Most chips that a device is said to be like, and remarks about it. */
#define S0_CANDIDATES 16
#define S0_REMARKS    4

/** What an open device told. Strings are empty where it told nothing. */
struct s0_device_info {
	char path[64]; /**< "usb:1-4.2" or "sim:…". */
	bool virtual_device;
	uint16_t vendor, product, bcd_device;
	uint8_t number;		/**< On its bus; 0 if not known. */
	uint8_t configuration;	/**< bConfigurationValue. */
	uint8_t interface;	/**< bInterfaceNumber. */
	uint16_t dfu_version;	/**< bcdDFUVersion, 0x011a for DfuSe. */
	uint32_t transfer_size; /**< wTransferSize, bytes. */
	const char *speed;	/**< "Full Speed (12MBit/s)" or "". */
	char manufacturer[128];
	char name[128]; /**< Product string. */
	char serial[128];
	bool serial_shared;
	char memories[8][160]; /**< Names of the alternate settings, raw. */
	uint8_t alternates[8]; /**< Their bAlternateSetting. */
	unsigned memory_count;
	const struct s0_chip *chip; /**< NULL if it is like none, or several. */
	s0_sureness sureness;
	char identified_by[96]; /**< "memory layout and flash size"; "". */
	/** The chips that it may be, and there are several. */
	const struct s0_chip *candidates[S0_CANDIDATES];
	size_t candidate_count;
	/** How its flash is cut into sectors; NULL: as it says itself. */
	const struct s0_geometry *geometry;
	uint32_t bank_2; /**< Where its second bank starts; 0: there is none. */
	struct s0_remark remarks[S0_REMARKS];
	unsigned remark_count;
	char uid[25];	    /**< 24 hexadecimal digits, or "". */
	unsigned flash_kib; /**< Flash size register; 0 if not told. */
	unsigned rom;	    /**< Bootloader version; 0 if not told. */
	int rdp;	    /**< Read-out protection level 0, 1, 2; -1. */
	/** The option bytes and flash are refused: told as level 1. */
	bool rdp_by_refusal;
	uint8_t options[S0_OPTION_MAX]; /**< The window, as read. */
	unsigned option_length;		/**< Bytes of it; 0 if not told. */
	struct s0_timing
		timing; /**< To reckon with: the chip's, or those of the
				     virtual device. */
};

/** What the device told; owned by it, valid until it is closed. */
S0_API const struct s0_device_info *s0_device_info(
	const struct s0_device *device);

/** Its memory map; owned by it, until option bytes are set that make it
    another (::S0_OPTION_BANK_MODE). */
S0_API const struct s0_map *s0_device_map(const struct s0_device *device);

/** Name of a sureness: "none", "several", "likely", "certain", "told". Static,
    never NULL. */
S0_API const char *s0_sureness_name(s0_sureness sureness);

/** Name of a kind of remark: "note", "warning", "conflict". Static, never
    NULL. */
S0_API const char *s0_remark_name(s0_remark_kind kind);

/**
 * Value of an option field as the device has it now.
 * @param name  As in the reference manual, "RDP" for example.
 * @return false if the chip has no such field or did not tell.
 */
S0_API bool s0_device_option(const struct s0_device *device, const char *name,
			     uint32_t *ret_value);

S0_END_DECLS

#endif
