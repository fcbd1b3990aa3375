/* SPDX-License-Identifier: MIT */
/*
 * What to do next: the one table of hints, from a failure's code and facts.
 * A hint must be likely right and possible now; where none is, there is none.
 */
#include <stdio.h>

#include <sector0/error.h>

#define ANY (-1)

struct hint {
	int code;      /* s0_code, or ANY */
	int cause;     /* s0_cause, or ANY */
	int aftermath; /* s0_aftermath, or ANY */
	const char *text;
};

/* The first row that fits gives the hint. */
static const struct hint hints[] = {
	{ S0_E_OUTSIDE, S0_CAUSE_RAM, ANY,
	  "mark the section NOLOAD in the linker script, or flash the rest "
	  "with --skip-non-flash" },
	{ S0_E_OUTSIDE, S0_CAUSE_BOOTLOADER_RAM, ANY,
	  "mark the section NOLOAD in the linker script, or flash the rest "
	  "with --skip-non-flash" },
	{ S0_E_OUTSIDE, S0_CAUSE_OPTION_BYTES, ANY,
	  "take the option bytes out of the file, or flash the rest with "
	  "--skip-non-flash" },
	{ S0_E_OUTSIDE, S0_CAUSE_ADDRESS_ZERO, ANY,
	  "set the flash origin in the linker script to 0x08000000; a raw "
	  "binary takes --address 0x08000000" },
	{ S0_E_OUTSIDE, S0_CAUSE_PAST_FLASH, ANY,
	  "check the flash size in the linker script; 'sector0 info' shows "
	  "what this chip has" },
	{ S0_E_OUTSIDE, ANY, ANY,
	  "'sector0 info' lists the memory that this chip has" },
	{ S0_E_UNREADABLE, ANY, ANY,
	  "flash the whole firmware without --keep, which erases the sector "
	  "first; if the chip has been put right since, 'sector0 read all' "
	  "shows it" },
	{ S0_E_EMPTY, ANY, ANY,
	  "check that the right file was built, and that its sections are "
	  "loaded at flash addresses" },
	{ S0_E_FORMAT, S0_CAUSE_LOADED_HEADERS, ANY,
	  "align the first section with the start of flash, or link with -n "
	  "(--nmagic)" },
	{ S0_E_NO_DEVICE, S0_CAUSE_NO_NODE, ANY,
	  "the system lists the device but gives no way to it: in a container, "
	  "pass /dev/bus/usb through" },
	{ S0_E_NO_DEVICE, S0_CAUSE_OTHER_DEVICE, ANY,
	  "'sector0 list' shows the devices that are there" },
	{ S0_E_NO_DEVICE, ANY, ANY,
	  "hold BOOT0 high, press reset (or power the board off and on), and "
	  "try again" },
	{ S0_E_SEVERAL, ANY, ANY,
	  "choose one by its USB path, as in -d usb:1-4; 'sector0 list' shows "
	  "them" },
	{ S0_E_ACCESS, ANY, ANY,
	  "install the udev rule 70-sector0.rules and plug the board in "
	  "again, or run as root" },
	{ S0_E_BUSY, ANY, ANY,
	  "end the other program that uses the device, and try again" },
	{ S0_E_NO_USB, ANY, ANY,
	  "run where USB is available; 'sim:stm32h743' is a virtual board "
	  "that needs none" },
	{ ANY, S0_CAUSE_READ_OUT, ANY,
	  "'sector0 info' shows the read-out protection; taking it off erases "
	  "the whole chip" },
	{ S0_E_NOT_ERASED, S0_CAUSE_NO_EFFECT, ANY,
	  "the sector may be write-protected: 'sector0 info' shows it" },
	{ S0_E_NOT_ERASED, ANY, S0_UNTOUCHED,
	  "leave out --erase none, so that the sector is erased first" },
	{ S0_E_MISMATCH, S0_CAUSE_NO_EFFECT, ANY,
	  "run the same command again; if it stays, the sector may be "
	  "write-protected: 'sector0 info' shows it" },
	{ S0_E_MISMATCH, ANY, ANY,
	  "run the same command again; if the same address fails twice, the "
	  "sector may be worn" },
	{ S0_E_TIMEOUT, S0_CAUSE_UNREADABLE, S0_UNTOUCHED,
	  "power the board off and on with BOOT0 high; a flash word there may "
	  "be damaged: the next flash erases its sector first" },
	{ S0_E_TIMEOUT, ANY, ANY,
	  "power the board off and on with BOOT0 high, and run the same "
	  "command again" },
	{ S0_E_GONE, ANY, ANY,
	  "connect the board in DFU mode again and run the same command "
	  "again; if it goes again, check its supply and cable" },
	{ S0_E_PROTOCOL, S0_CAUSE_WEDGED, ANY,
	  "power the board off and on with BOOT0 high, and try again" },
	{ S0_E_PROTOCOL, ANY, ANY,
	  "run the same command again; if it stays, try another cable or "
	  "port" },
	{ S0_E_REFUSED, S0_CAUSE_NEEDS_RESET, ANY,
	  "set BOOT0 low and press reset: the firmware is in flash" },
	{ S0_E_REFUSED, S0_CAUSE_NO_EFFECT, ANY,
	  "the sector may be write-protected: 'sector0 info' shows it" },
	{ S0_E_REFUSED, ANY, ANY,
	  "run the same command again; 'sector0 info' shows what this "
	  "bootloader cannot do" },
	{ S0_E_CANCELLED, ANY, S0_PARTIAL,
	  "run the same command again to finish" },
};

void s0_error_explain(struct s0_error *err)
{
	if (!err || err->code == S0_OK || err->hint[0])
		return;
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
		const struct hint *h = &hints[i];

		if ((h->code == ANY || h->code == (int)err->code) &&
		    (h->cause == ANY || h->cause == (int)err->cause) &&
		    (h->aftermath == ANY ||
		     h->aftermath == (int)err->aftermath)) {
			(void)snprintf(err->hint, sizeof err->hint, "%s",
				       h->text);
			return;
		}
	}
}
