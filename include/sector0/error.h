/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_ERROR_H
#define SECTOR0_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include <sector0/macros.h>

/**
 * @file
 * How sector0 says what went wrong.
 *
 * Every function that can fail returns an ::s0_code and takes, as its last
 * argument, a caller-owned ::s0_error to explain it (may be NULL). The record
 * has a fixed size: nothing to free, nothing hidden in a thread, and reporting
 * a failure cannot itself fail.
 *
 *     struct s0_error err = S0_ERROR_INIT;
 *     if (s0_session_run(session, plan, &result, &err) != S0_OK)
 *         show(&err);
 *
 * The code says *which* failure, for programs. The message says *what
 * happened*, with the numbers. The hint says *what to do next*, and is empty
 * when there is nothing useful to say. The aftermath says what state the
 * device was left in.
 */

S0_BEGIN_DECLS

/** Which failure it was. Values are stable: new ones are added at the end. */
typedef enum s0_code {
	S0_OK = 0,
	S0_E_BUG = 1,	    /**< The caller broke a documented rule. */
	S0_E_MEMORY = 2,    /**< An allocation failed. */
	S0_E_NO_DEVICE = 3, /**< No matching device is attached. */
	S0_E_SEVERAL = 4,   /**< Several devices match; one must be named. */
	S0_E_ACCESS = 5,    /**< The system refused to open the device. */
	S0_E_BUSY = 6,	    /**< Another program holds the device. */
	S0_E_NO_USB = 7,    /**< This host has no usable USB. */
	S0_E_GONE = 8,	    /**< The device vanished while in use. */
	S0_E_TIMEOUT = 9,   /**< The device did not answer in time. */
	S0_E_PROTOCOL = 10, /**< The device answered out of turn. */
	S0_E_REFUSED = 11,  /**< The device reported an error or stalled. */
	S0_E_FORMAT = 12,   /**< A file or descriptor is malformed. */
	S0_E_FILE = 13,	    /**< A file cannot be read or written. */
	S0_E_OVERLAP = 14,  /**< Two places give one address different bytes. */
	S0_E_EMPTY = 15,    /**< There are no bytes to program. */
	S0_E_OUTSIDE = 16, /**< Data lies where this bootloader cannot write. */
	S0_E_PROTECTED = 17,  /**< Memory is read- or write-protected. */
	S0_E_NOT_ERASED = 18, /**< Flash that must be erased is not. */
	S0_E_MISMATCH = 19,   /**< Read-back differs from what was written. */
	S0_E_DIFFERENT = 20,  /**< A comparison asked for found a difference. */
	S0_E_NOT_BLANK = 21,  /**< A blank check asked for found bytes. */
	S0_E_CANCELLED = 22,  /**< Stopped because the caller asked. */
	S0_E_UNSUPPORTED = 23, /**< Not known or not possible on this chip. */
	S0_E_USAGE = 24,       /**< A command line that cannot be understood. */
	S0_E_UNREADABLE = 25,  /**< Memory that must not be read: an earlier run
				  was cut in it, or reading it stops the
				  bootloader each time. */
	S0_E_CONFLICT = 26     /**< What the device says of its memory
				  contradicts itself. */
} s0_code;

/** What a failed call left behind in the device's memory. */
typedef enum s0_aftermath {
	S0_UNTOUCHED = 0, /**< Nothing was erased or written. */
	S0_PARTIAL = 1,	  /**< Some of the plan was carried out. */
	S0_UNKNOWN = 2,	  /**< The device stopped answering in mid-change. */
	S0_RESTORED = 3	  /**< It was changed, and everything was put back and
			       verified (s0_policy.rollback). */
} s0_aftermath;

/**
 * What is known about why; the finer fact behind a code, from which the hint
 * is chosen. Values are stable: new ones are added at the end.
 */
typedef enum s0_cause {
	S0_CAUSE_NONE = 0,
	S0_CAUSE_RAM = 1,	     /**< Bytes for RAM, not flash. */
	S0_CAUSE_BOOTLOADER_RAM = 2, /**< … that the bootloader itself uses. */
	S0_CAUSE_OPTION_BYTES = 3,   /**< Bytes for the option bytes. */
	S0_CAUSE_ADDRESS_ZERO = 4, /**< Linked for address 0, not for flash. */
	S0_CAUSE_PAST_FLASH = 5,   /**< Linked for a chip with more flash. */
	S0_CAUSE_NO_MEMORY = 6,	   /**< Nothing at all lies there. */
	S0_CAUSE_READ_OUT = 7,	   /**< Read-out protection level 1 or 2. */
	S0_CAUSE_NO_EFFECT = 8,	   /**< Accepted, but memory did not change. */
	S0_CAUSE_UNREADABLE = 9,   /**< A read stopped the bootloader. */
	S0_CAUSE_WEDGED = 10,	   /**< Does not come back to dfuIDLE. */
	S0_CAUSE_NOT_DFU = 11,	   /**< Present, but not in DFU mode. */
	S0_CAUSE_NO_CHIP = 12,	   /**< Layout matches no chip known. */
	S0_CAUSE_SAME_SERIAL = 13, /**< Boards that share a serial number. */
	S0_CAUSE_NEEDS_RESET = 14, /**< Stayed in its bootloader on start. */
	S0_CAUSE_LOADED_HEADERS = 15, /**< ELF headers in a load segment. */
	S0_CAUSE_NO_NODE = 16,	      /**< Listed, but without a device node. */
	S0_CAUSE_OTHER_DEVICE = 17,   /**< Others are there, not this one. */
	S0_CAUSE_OTHER_CHIP = 18,     /**< A file for another processor. */
	S0_CAUSE_BROKEN_FILE = 19,    /**< A file that is cut or damaged. */
	S0_CAUSE_DESCRIPTORS = 20,   /**< Its descriptors are cut or rubbish. */
	S0_CAUSE_NOT_DFUSE = 21,     /**< Plain DFU, not ST's extension. */
	S0_CAUSE_TRANSFER_SIZE = 22, /**< No multiple of a flash word. */
	S0_CAUSE_SAVED = 23, /**< What was there is in the host's records, and
			          waits to be put back. */
	S0_CAUSE_CUT_BEFORE = 24, /**< An earlier run was cut there; what it
				       saved can be put back first. */
	S0_CAUSE_NO_RECORDS = 25, /**< The host's records cannot be written. */
	S0_CAUSE_KEPT = 26,	  /**< The bytes that were to be kept are in the
			         host's records, not all of them in flash. */
	S0_CAUSE_CHANGED_SINCE = 27, /**< Something else has written to the chip
				          since what was saved was. */
	S0_CAUSE_SWAPPED = 28,	     /**< Its banks were swapped since then. */
	S0_CAUSE_OPTIONS_SENT = 29,  /**< Option bytes were sent, and the device
					did not come back. */
	S0_CAUSE_OPTIONS_MIXED = 30, /**< They are neither as before nor as
					  asked for. */
	S0_CAUSE_OPTIONS_REJECTED = 31,	 /**< The chip refused the change. */
	S0_CAUSE_OPTIONS_NO_EFFECT = 32, /**< Taken without a word, and as
					      before. */
	S0_CAUSE_WRITE_PROTECTED = 33,	 /**< Sectors are write-protected. */
	S0_CAUSE_PCROP = 34,		 /**< A PCROP area is in the sector. */
	S0_CAUSE_SECURE_AREA = 35,	 /**< A secure area is in it. */
	S0_CAUSE_LIFTED = 36, /**< Write protection that was taken off for the
				   run is not back. */
	S0_CAUSE_NOT_ALLOWED = 37, /**< Done only where it is allowed by name
					(s0_option_plan_check()). */
	S0_CAUSE_RECORDS_DAMAGED = 38, /**< The host's records of it are. */
	S0_CAUSE_OPEN = 39, /**< Accepted, but memory did not change, though
				 its write protection was off. */
	S0_CAUSE_RECORDS_OTHER = 40,   /**< What is there are another chip's. */
	S0_CAUSE_NO_IDENTITY = 41,     /**< It did not tell its unique ID. */
	S0_CAUSE_OPTION_REJECTED = 42, /**< The chip refused the change of one
					    field. */
	S0_CAUSE_SEVERAL_CHIPS = 43,   /**< It may be one of several chips. */
	S0_CAUSE_PARTITIONS = 44,      /**< Names partitions, and no memory. */
	S0_CAUSE_OTHER_LAYOUT = 45,    /**< Its memory is not that of the chip
					 that was named. */
	S0_CAUSE_LAST = S0_CAUSE_OTHER_LAYOUT
} s0_cause;

/** Value of the raw fact fields below when there is no such fact. */
#define S0_NO_FACT (-1)

/** One failure, explained. Owned by the caller; may be copied freely. */
struct s0_error {
	s0_code code;
	s0_aftermath aftermath;
	s0_cause cause;
	uint32_t address; /**< Device address concerned; valid if length > 0. */
	uint32_t length;  /**< Bytes concerned from address on; 0 if none. */
	int dfu_status;	  /**< bStatus of the last GETSTATUS, or S0_NO_FACT. */
	int dfu_state;	  /**< bState of the last GETSTATUS, or S0_NO_FACT. */
	int usb_code;	  /**< Negative code of the USB layer, 0 if none.*/
	char message[320];  /**< One sentence, NUL-terminated, no final stop. */
	char hint[256];	    /**< One instruction, or "" if there is none. */
	int request;	    /**< bRequest that failed, or S0_NO_FACT. */
	int block;	    /**< Its block number (wValue), or S0_NO_FACT. */
	uint32_t waited_ms; /**< How long the device was waited for. */
	uint32_t retries;   /**< How often it was tried again before. */
	char segment[96];   /**< Part of the file concerned, as in "segment 2
			       of app.elf, section .shared"; "" if none. */
	const char *finding; /**< Name of what the hint belongs to
				  (docs/errors.md), static; NULL if none. */
};

/** An empty record: code S0_OK, no facts, empty strings. */
#define S0_ERROR_INIT                                                          \
	{                                                                      \
		S0_OK, S0_UNTOUCHED, S0_CAUSE_NONE, 0, 0, S0_NO_FACT,          \
			S0_NO_FACT, 0, "", "", S0_NO_FACT, S0_NO_FACT, 0, 0,   \
			"", 0                                                  \
	}

/**
 * Name of a code, for logs and machine-readable output.
 * @return Static string such as "E_GONE"; "E_?" for a value not known here.
 *         Never NULL, never to be freed.
 */
S0_API const char *s0_code_name(s0_code code);

/**
 * Name of an aftermath: "untouched", "partial", "unknown" or "restored".
 * @return Static string, never NULL, never to be freed.
 */
S0_API const char *s0_aftermath_name(s0_aftermath aftermath);

/**
 * Name of a DFU class request (DFU 1.1, table 3.2): "DNLOAD", for example.
 * @param request  bRequest.
 * @return Static string, NULL for a value that names none.
 */
S0_API const char *s0_request_name(int request);

/** Name of a DFU state (bState) as the standard spells it, "dfuIDLE"; NULL. */
S0_API const char *s0_dfu_state_name(int state);

/** Name of a DFU status (bStatus) as the standard spells it, "errTARGET";
    NULL. */
S0_API const char *s0_dfu_status_name(int status);

/**
 * Print the raw facts of a failure in words, those that there are:
 * "request DNLOAD, block 3, status errVENDOR, state dfuERROR".
 * @param buffer  At least 1 byte; always NUL-terminated, "" without facts.
 */
S0_API void s0_error_print_facts(const struct s0_error *err, char *buffer,
				 size_t size);

/**
 * Fill in the hint of a failure from its code and facts, if there is one that
 * is likely right; leaves a hint that is there already. The library's other
 * functions leave the hint empty: call this before showing an error.
 */
S0_API void s0_error_explain(struct s0_error *err);

S0_END_DECLS

#endif
