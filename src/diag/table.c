/* SPDX-License-Identifier: MIT */
/*
 * The one table of what can be wrong. A failure's hint is the next step of the
 * first row that fits it, so within one failure the surest row comes first. A
 * next step must be likely right, possible now, and honest about data loss;
 * where there is none it is "". docs/errors.md explains each name.
 */
#include "diag/diag.h"

#define FAULT false
#define NOTE  true

/* A row about a failure; about whatever else the facts tell. */
#define ON(error, cause, aftermath) FAULT, error, cause, aftermath
#define FACT			    FAULT, NONE, ANY, ANY
#define REMARK			    NOTE, NONE, ANY, ANY

#define NOLOAD_NEXT                                                            \
	"mark the section NOLOAD in the linker script, or flash the rest "     \
	"with "                                                                \
	"--skip-non-flash"
#define NOLOAD_MEANS                                                           \
	"The linker put bytes into the file that belong into RAM. The "        \
	"bootloader writes flash only, and RAM would not keep them; the rest " \
	"of the file is fine."
#define MOVED_NEXT                                                             \
	"give the section a load address in flash ('> RAM AT> FLASH' in the "  \
	"linker script), or flash the rest with --skip-non-flash"
#define MOVED_MEANS                                                            \
	"Initialised data or code that runs in RAM must be stored in flash "   \
	"and copied by the start-up code. Here its load address is its "       \
	"address in RAM (LMA = VMA), so it would be lost."
#define WRP_NEXT                                                               \
	"add --lift-protection, which takes it off for the run; or 'sector0 "  \
	"option set' takes it off for good, or link the firmware elsewhere"
#define WRP_MEANS                                                              \
	"Write-protected sectors are neither erased nor written, and this "    \
	"bootloader says nothing about it: only reading back shows it."
#define PCROP_NEXT                                                             \
	"link the firmware around the area; only one 'sector0 option set' "    \
	"that takes RDP from 1 to 0 with DMEP=erase lifts it, and erases all " \
	"flash"
#define PCROP_MEANS                                                            \
	"Code in a PCROP area can be run but neither read nor changed; reads " \
	"of it give zeros."
#define SECURE_NEXT                                                            \
	"link the firmware around the area; only one 'sector0 option set' "    \
	"that takes RDP from 1 to 0 with DMES=erase lifts it, and erases all " \
	"flash"
#define SECURE_MEANS                                                           \
	"A secure area is closed to everything but the code in it once that "  \
	"has run."
#define NO_ERASE_NEXT                                                          \
	"run the same command again; 'sector0 doctor --stress ADDRESS' tells " \
	"worn cells from a weak supply"
#define NO_ERASE_MEANS                                                         \
	"The option bytes protect nothing there, and yet the erase left "      \
	"bytes: cells that are worn out, or a supply that fails under load."
#define CELLS_NEXT                                                             \
	"run the same command again; if it stays, 'sector0 doctor --stress "   \
	"ADDRESS' tells worn cells from a weak supply"
#define CELLS_MEANS                                                            \
	"The write was accepted, nothing is protected there, and flash holds " \
	"something else: a supply that fails under load, or cells that are "   \
	"worn out."
#define RDP_NEXT                                                               \
	"'sector0 unprotect' takes read-out protection off, which erases the " \
	"whole chip"
#define RDP_MEANS                                                              \
	"At read-out protection level 1 the bootloader neither reads, erases " \
	"nor writes flash."
#define RIGHTS_NEXT                                                            \
	"install the udev rule 70-sector0.rules and plug the board in again, " \
	"or run as root"
#define RIGHTS_MEANS "This user may not open USB devices of this kind."
#define HELD_NEXT    "end the other program that uses the device, and try again"
#define HELD_MEANS   "Only one program at a time can use a device."
#define NODE_NEXT                                                              \
	"the system lists the device but gives no way to it: in a container, " \
	"pass /dev/bus/usb through"
#define NODE_MEANS                                                             \
	"The device is on the bus, but there is no file in /dev/bus/usb to "   \
	"open it by."
#define BOOT_NEXT                                                              \
	"hold BOOT0 high, press reset (or power the board off and on), and "   \
	"try again"
#define NO_BOARD_NEXT                                                          \
	BOOT_NEXT "; at read-out protection level 2 a chip never starts its "  \
		  "bootloader"
#define WATCHDOG_NEXT                                                          \
	"set the option byte of the independent watchdog back to software "    \
	"(IWDG1_SW or WDG_SW = 1) with a debug probe"
#define WATCHDOG_MEANS                                                         \
	"A hardware watchdog runs from reset on and the bootloader does not "  \
	"feed it: the chip resets in the middle of long operations."
#define LINK_NEXT                                                              \
	"run the same command again; if it stays, try another cable or port, " \
	"without a hub or with one"
#define LINK_MEANS                                                             \
	"The USB connection itself fails: bad cable or plug, a hub, noise, "   \
	"or a crystal that is off."
#define SUPPLY_NEXT                                                            \
	"connect the board in DFU mode again and run the same command again; " \
	"if it goes again, check its supply and cable"
#define SUPPLY_MEANS                                                           \
	"The chip vanished or fell silent while its flash was at work, which " \
	"draws the most current: a supply that sags, or a bad VCAP capacitor."
#define STRESS_SUPPLY_NEXT                                                     \
	"measure VDD at the chip while it erases, check the VCAP capacitors "  \
	"(2.2 uF each, low ESR) and their solder, and try a short cable"
#define STRESS_SUPPLY_MEANS                                                    \
	"The chip fails while its flash is erased or programmed, which draws " \
	"the most current: its supply voltage sags, or a capacitor at a VCAP " \
	"pin (the chip's own core voltage) is missing, bad or badly soldered."
#define STRESS_LINK_NEXT                                                       \
	"try another cable, then another USB port, without a hub or with "     \
	"one; look at the USB plug's solder, and run the same command again"
#define STRESS_AGAIN_NEXT                                                      \
	"power the board off and on with BOOT0 high and run the same command " \
	"again with more rounds (--rounds 20): once may "                      \
	"be chance; if it fails again, try another cable and port first, "     \
	"then measure VDD at the chip while it erases, and check its VCAP "    \
	"capacitors and their solder"
#define STRESS_CELLS_MEANS                                                     \
	"What was programmed just now cannot be read back: cells of the "      \
	"flash that are worn out, or a supply that sagged meanwhile."
#define STRESS_CELLS_NEXT                                                      \
	"power the board off and on with BOOT0 high and exercise that sector " \
	"again ('sector0 doctor --stress ADDRESS'): the same address again "   \
	"is "                                                                  \
	"worn flash, another one tells of the supply"
#define WORN_MEANS                                                             \
	"The flash cells are at the end of their life: erasing takes longer "  \
	"and longer, or single cells no longer change."
#define WORN_NEXT                                                              \
	"keep firmware out of this sector, or use another chip; it gets "      \
	"worse "                                                               \
	"with every erase"
#define SEVERAL_CHIPS_MEANS                                                    \
	"Several chips have a bootloader that says the same of itself, and "   \
	"nothing of it is changed before it is known which one this is."
#define SEVERAL_CHIPS_NEXT                                                     \
	"read what is printed on the chip and name it: --chip NAME"
#define CONFLICT_MEANS                                                         \
	"How its flash is cut into sectors decides what an erase takes, and "  \
	"what the bootloader names and what the chip says do not agree."
#define CONFLICT_NEXT                                                          \
	"power the board off and on with BOOT0 high and run the same command " \
	"again; if it stays, 'sector0 info' shows both readings"
#define BLIND_NEXT                                                             \
	"power the board off and on with BOOT0 high and run the same command " \
	"again; below 0x08100000 this bootloader has no such limit"
#define DAMAGED_MEANS                                                          \
	"A flash word was torn by a cut write or erase. Reading it is a bus "  \
	"error, which stops the bootloader; erasing its sector heals it."

/* clang-format off */
const struct rule diag_rules[] = {
	/* What was there is not lost: that comes first. */
	{ "D_UNDO_WAITS", S0_CERTAIN, ON(S0_E_CANCELLED, S0_CAUSE_SAVED, ANY), NULL,
	  "What these sectors held before is in this host's records.",
	  "run the same command again to finish, or 'sector0 recover' to put back what was there before" },
	{ "D_UNDO_WAITS", S0_CERTAIN, ON(ANY, S0_CAUSE_SAVED, ANY), NULL,
	  "What these sectors held before is in this host's records.",
	  "connect the board in DFU mode again; 'sector0 recover' puts back what was there before, which this host has recorded" },
	{ "D_UNDO_WAITS", S0_CERTAIN, ON(ANY, S0_CAUSE_KEPT, ANY), NULL,
	  "What these sectors are to keep is in this host's records.",
	  "connect the board in DFU mode again; the bytes to be kept are saved on this host: the same command, or 'sector0 recover', puts them back" },
	{ "D_PROTECTION_OFF", S0_CERTAIN, ON(ANY, S0_CAUSE_LIFTED, ANY), NULL,
	  "The run had taken the write protection off sectors, and could not put it back.",
	  "connect the board in DFU mode again; 'sector0 recover', or the same command again, puts the write protection back" },
	{ "D_CUT_RUN", S0_CERTAIN, ON(S0_E_UNREADABLE, S0_CAUSE_CUT_BEFORE, ANY), NULL,
	  "An earlier run was cut while it changed these sectors: what it saved of them waits in this host's records, and is nowhere else.",
	  "'sector0 recover' puts back what the earlier run had saved; the same command works then" },
	{ "D_CHANGED_SINCE", S0_LIKELY, ON(S0_E_DIFFERENT, S0_CAUSE_CHANGED_SINCE, ANY), NULL,
	  "Another tool, another computer or the firmware has written to the chip after a run was cut in it, and what that run saved is older than what is there; or the device lost a write that it had acknowledged.",
	  "'sector0 recover --forget' gives up what was saved, and leaves the chip as it is; 'sector0 recover --overwrite' puts it back over what is there" },
	{ "D_BANKS_SWAPPED_SINCE", S0_CERTAIN, ON(S0_E_DIFFERENT, S0_CAUSE_SWAPPED, ANY), NULL,
	  "What was saved is recorded by address, and with swapped banks an address is another place.",
	  "set SWAP_BANK_OPT back to what it was, then 'sector0 recover' puts back what was saved; 'sector0 recover --forget' gives it up" },
	{ "D_RECORDS_DAMAGED", S0_CERTAIN, ON(ANY, S0_CAUSE_RECORDS_DAMAGED, ANY), NULL,
	  "What runs that were cut have saved of this chip, and where they were cut, can no longer be told; nothing is changed as long as that file may still be put right.",
	  "put the file UID.s0j in sector0/journal of $XDG_STATE_HOME (or ~/.local/state) back from a copy; or delete it, which gives up what it saved, and flash the firmware again without --keep" },
	{ "D_RECORDS_OTHER", S0_CERTAIN, ON(ANY, S0_CAUSE_RECORDS_OTHER, ANY), NULL,
	  "The file with this chip's unique ID in its name was copied or renamed from that of another chip: what it saved are the other one's bytes.",
	  "in sector0/journal of $XDG_STATE_HOME (or ~/.local/state), give the file the name that goes with the unique ID it tells, or move it away, and run the same command again" },
	{ "D_NO_IDENTITY", S0_LIKELY, ON(S0_E_UNSUPPORTED, S0_CAUSE_NO_IDENTITY, ANY), NULL,
	  "The host's records of a chip are found by its unique ID, and the bootloader refused to tell it, or the answers got lost each time.",
	  "connect the board in DFU mode again and run the same command again; if it goes again, 'sector0 doctor' tells what the bootloader refuses" },
	{ "D_NO_RECORDS", S0_CERTAIN, ON(ANY, S0_CAUSE_NO_RECORDS, ANY), NULL,
	  "What must not get lost is recorded on the host before the first erase, and that is not possible.",
	  "make room there, or name another directory that can be written to: XDG_STATE_HOME=/some/where" },

	/* Option bytes: what is known of them comes before why it failed. */
	{ "D_OPTIONS_SENT", S0_CERTAIN, ON(ANY, S0_CAUSE_OPTIONS_SENT, ANY), NULL,
	  "Option bytes were sent, and the chip went to load them: which of them it has now, nobody has seen.",
	  "power the board off and on with BOOT0 high; 'sector0 option' shows what it has, and tells whether the change was made" },
	{ "D_OPTIONS_MIXED", S0_CERTAIN, ON(ANY, S0_CAUSE_OPTIONS_MIXED, ANY), NULL,
	  "The option bytes are neither what they were nor what was asked for.",
	  "power the board off and on with BOOT0 high, look with 'sector0 option', and set what is wrong" },
	{ "D_OPTIONS_REJECTED", S0_CERTAIN, ON(ANY, S0_CAUSE_OPTIONS_REJECTED, ANY), NULL,
	  "The chip takes a change of its option bytes as a whole or not at all, and has rules that it does not tell.",
	  "set the fields one by one to find which it rejects; protected areas only grow, but for a regression of the read-out protection" },
	{ "D_OPTION_REJECTED", S0_CERTAIN, ON(ANY, S0_CAUSE_OPTION_REJECTED, ANY), NULL,
	  "The chip has rules for its option bytes that it does not tell, and this change is against one.",
	  "look in the reference manual what the field may become; protected areas only grow, but for a regression of the read-out protection" },
	{ "D_OPTIONS_NO_EFFECT", S0_CERTAIN, ON(ANY, S0_CAUSE_OPTIONS_NO_EFFECT, ANY), NULL,
	  "It was taken without a word, and nothing came of it: the bootloader cannot do it, or the chip rejected it and the bootloader does not tell.",
	  "power the board off and on with BOOT0 high and try again; if it stays, look in the reference manual whether the chip has a rule against it (protected areas only grow), or use a debug probe" },

	/* The file. */
	{ "D_SECTION_NOT_MOVED", S0_CERTAIN, ON(S0_E_OUTSIDE, S0_CAUSE_RAM, ANY), when_moved_section, MOVED_MEANS, MOVED_NEXT },
	{ "D_SECTION_NOT_MOVED", S0_CERTAIN, ON(S0_E_OUTSIDE, S0_CAUSE_BOOTLOADER_RAM, ANY), when_moved_section, MOVED_MEANS, MOVED_NEXT },
	{ "D_NOLOAD_MISSING", S0_CERTAIN, ON(S0_E_OUTSIDE, S0_CAUSE_RAM, ANY), when_noload_section, NOLOAD_MEANS, NOLOAD_NEXT },
	{ "D_NOLOAD_MISSING", S0_CERTAIN, ON(S0_E_OUTSIDE, S0_CAUSE_BOOTLOADER_RAM, ANY), when_noload_section, NOLOAD_MEANS, NOLOAD_NEXT },
	{ "D_SECTION_NOT_MOVED", S0_CERTAIN, FACT, when_file_data, MOVED_MEANS, MOVED_NEXT },
	{ "D_NOLOAD_MISSING", S0_CERTAIN, FACT, when_file_noload, NOLOAD_MEANS, NOLOAD_NEXT },
	{ "D_OPTION_BYTES_IN_FILE", S0_CERTAIN, ON(S0_E_OUTSIDE, S0_CAUSE_OPTION_BYTES, ANY), NULL,
	  "The file would change the option bytes, which are no firmware and can lock the chip.",
	  "take the option bytes out of the file, or flash the rest with --skip-non-flash" },
	{ "D_OPTION_BYTES_IN_FILE", S0_CERTAIN, FACT, when_file_options,
	  "The file would change the option bytes, which are no firmware and can lock the chip.",
	  "take the option bytes out of the file, or flash the rest with --skip-non-flash" },
	{ "D_ADDRESS_ZERO", S0_CERTAIN, ON(S0_E_OUTSIDE, S0_CAUSE_ADDRESS_ZERO, ANY), NULL,
	  "The image is linked for address 0, where flash appears when it boots; it is programmed at its own address.",
	  "set the flash origin in the linker script to 0x08000000; a raw binary takes --address 0x08000000" },
	{ "D_PAST_FLASH", S0_CERTAIN, ON(S0_E_OUTSIDE, S0_CAUSE_PAST_FLASH, ANY), NULL,
	  "The image is linked for a chip with more flash, or for another layout of its banks.",
	  "check the flash size in the linker script; 'sector0 info' shows what this chip has" },
	{ "D_PAST_FLASH", S0_CERTAIN, FACT, when_file_past,
	  "The image is linked for a chip with more flash, or for another layout of its banks.",
	  "check the flash size in the linker script; 'sector0 info' shows what this chip has" },
	{ "D_NO_MEMORY_THERE", S0_CERTAIN, ON(S0_E_OUTSIDE, ANY, ANY), NULL,
	  "This bootloader reaches no memory at these addresses: external memory, another chip's map, or none at all.",
	  "'sector0 info' lists the memory that this chip has" },
	{ "D_NO_MEMORY_THERE", S0_CERTAIN, FACT, when_file_nowhere,
	  "This bootloader reaches no memory at these addresses: external memory, another chip's map, or none at all.",
	  "'sector0 info' lists the memory that this chip has" },
	{ "D_LOADED_HEADERS", S0_CERTAIN, ON(S0_E_FORMAT, S0_CAUSE_LOADED_HEADERS, ANY), NULL,
	  "The linker put the ELF file's own headers into the first load segment; written to flash they would stand where the vector table belongs.",
	  "align the first section with the start of flash, or link with -n (--nmagic)" },
	{ "D_OTHER_CHIP_FILE", S0_CERTAIN, ON(S0_E_UNSUPPORTED, S0_CAUSE_OTHER_CHIP, ANY), NULL,
	  "The file was built for another processor or another family of chips.",
	  "build for this chip, or choose the file that was" },
	{ "D_EMPTY_FILE", S0_CERTAIN, ON(S0_E_EMPTY, ANY, ANY), NULL,
	  "There is nothing in the file that could be programmed.",
	  "check that the right file was built, and that its sections are loaded at flash addresses" },
	{ "D_BROKEN_FILE", S0_CERTAIN, ON(S0_E_FORMAT, S0_CAUSE_BROKEN_FILE, ANY), NULL,
	  "The file is cut short or damaged, or is not of the format that it is read as.",
	  "build or copy the file again; --format names its format where it is not recognised" },
	{ "D_FILE_OVERLAP", S0_CERTAIN, ON(S0_E_OVERLAP, ANY, ANY), NULL,
	  "Two places give one address different bytes; only one of them could be in flash.",
	  "check the load addresses of the sections or files; none may cover another" },
	{ "D_VECTORS_STACK", S0_LIKELY, FACT, when_stack,
	  "The first word of the vector table is the stack pointer at start, and must point into the chip's RAM or to its end, at a multiple of 4: the firmware will crash at once.",
	  "check that the vector table is placed first in flash, and that the file was built for this chip" },
	{ "D_VECTORS_PLACE", S0_LIKELY, FACT, when_misplaced,
	  "A processor takes its vector table only at a multiple of 128 bytes, or more where it has more vectors: firmware that is a few bytes off does not run.",
	  "check the address that the file is given, and the linker script's flash origin" },
	{ "D_VECTORS_THUMB", S0_LIKELY, FACT, when_thumb,
	  "These processors run Thumb code only: an even reset vector is a fault at once.",
	  "check that the vector table is placed first in flash, and that the reset handler is declared as a function" },
	{ "D_VECTORS_RESET", S0_LIKELY, FACT, when_reset,
	  "The second word of the vector table is where execution begins, and the file has no code there.",
	  "check that the file is whole, and that the vector table and the code were linked together" },

	/* The host. */
	{ "D_NO_USB", S0_CERTAIN, ON(S0_E_NO_USB, ANY, ANY), NULL,
	  "No USB controller can be used here: a container, a virtual machine, or a machine without USB.",
	  "run where USB is available; 'sim:stm32h743' is a virtual board that needs none" },
	{ "D_NO_NODE", S0_CERTAIN, ON(S0_E_NO_DEVICE, S0_CAUSE_NO_NODE, ANY), NULL, NODE_MEANS, NODE_NEXT },
	{ "D_NO_NODE", S0_CERTAIN, FACT, when_no_node, NODE_MEANS, NODE_NEXT },
	{ "D_NO_RIGHTS", S0_CERTAIN, ON(S0_E_ACCESS, ANY, ANY), when_rule_missing, RIGHTS_MEANS, RIGHTS_NEXT },
	{ "D_NO_RIGHTS", S0_CERTAIN, ON(S0_E_ACCESS, ANY, ANY), NULL, RIGHTS_MEANS, RIGHTS_NEXT },
	{ "D_NO_RIGHTS", S0_CERTAIN, FACT, when_no_rights, RIGHTS_MEANS, RIGHTS_NEXT },
	{ "D_OTHER_DRIVER", S0_LIKELY, FACT, when_driver,
	  "A kernel driver is bound to the device's DFU interface, or one that does not belong there.",
	  "unplug the board and plug it in again; keep that driver from it (a modprobe blacklist) if it comes back" },
	{ "D_HELD_BY_PROGRAM", S0_CERTAIN, FACT, when_holder, HELD_MEANS, HELD_NEXT },
	{ "D_HELD_BY_PROGRAM", S0_CERTAIN, ON(S0_E_BUSY, ANY, ANY), NULL, HELD_MEANS, HELD_NEXT },
	{ "D_SAME_SERIAL", S0_CERTAIN, ON(S0_E_SEVERAL, S0_CAUSE_SAME_SERIAL, ANY), NULL,
	  "Many STM32 report one and the same serial number; only the USB path tells these boards apart.",
	  "choose one by its USB path, as in -d usb:1-4; 'sector0 list' shows them" },
	{ "D_SEVERAL_BOARDS", S0_CERTAIN, ON(S0_E_SEVERAL, ANY, ANY), NULL,
	  "Several boards are in DFU mode, and which one is meant is not known.",
	  "choose one by its USB path, as in -d usb:1-4; 'sector0 list' shows them" },
	{ "D_NOT_IN_DFU_MODE", S0_CERTAIN, ON(S0_E_NO_DEVICE, S0_CAUSE_NOT_DFU, ANY), NULL,
	  "The board runs its firmware; the bootloader starts only with BOOT0 high at reset.", BOOT_NEXT },
	{ "D_WRONG_SELECTOR", S0_CERTAIN, ON(S0_E_NO_DEVICE, S0_CAUSE_OTHER_DEVICE, ANY), NULL,
	  "Boards are there, but not the one that was asked for.",
	  "'sector0 list' shows the devices that are there" },
	{ "D_NO_BOARD", S0_LIKELY, ON(S0_E_NO_DEVICE, ANY, ANY), NULL,
	  "No bootloader answers on USB: the board is not in DFU mode, not powered, or its cable has no data lines.",
	  NO_BOARD_NEXT },
	{ "D_NOT_IN_DFU_MODE", S0_LIKELY, REMARK, when_running,
	  "The board runs its firmware; the bootloader starts only with BOOT0 high at reset.", BOOT_NEXT },
	{ "D_SAME_SERIAL", S0_CERTAIN, REMARK, when_same_serial,
	  "Many STM32 report one and the same serial number; only the USB path tells these boards apart.",
	  "choose one by its USB path, as in -d usb:1-4; 'sector0 list' shows them" },

	/* Protections. */
	{ "D_READ_PROTECTED_FOR_EVER", S0_CERTAIN, FACT, when_rdp2,
	  "At read-out protection level 2 nothing can be changed any more, by anything.",
	  "use another chip" },
	{ "D_READ_PROTECTED", S0_LIKELY, ON(S0_E_PROTECTED, S0_CAUSE_READ_OUT, ANY), NULL, RDP_MEANS, RDP_NEXT },
	{ "D_READ_PROTECTED", S0_CERTAIN, FACT, when_rdp1, RDP_MEANS, RDP_NEXT },
	{ "D_READ_PROTECTED", S0_LIKELY, FACT, when_rdp_refuses, RDP_MEANS, RDP_NEXT },
	{ "D_WRITE_PROTECTED", S0_CERTAIN, ON(S0_E_PROTECTED, S0_CAUSE_WRITE_PROTECTED, ANY), NULL, WRP_MEANS,
	  "take it off for this run with --lift-protection, which puts it back at the end" },
	{ "D_PCROP", S0_CERTAIN, ON(S0_E_PROTECTED, S0_CAUSE_PCROP, ANY), NULL, PCROP_MEANS, PCROP_NEXT },
	{ "D_SECURE_AREA", S0_CERTAIN, ON(S0_E_PROTECTED, S0_CAUSE_SECURE_AREA, ANY), NULL, SECURE_MEANS, SECURE_NEXT },
	{ "D_ERASE_NO_EFFECT", S0_LIKELY, ON(S0_E_NOT_ERASED, S0_CAUSE_OPEN, ANY), NULL, NO_ERASE_MEANS, NO_ERASE_NEXT },
	{ "D_CELLS", S0_LIKELY, ON(S0_E_MISMATCH, S0_CAUSE_OPEN, ANY), NULL, CELLS_MEANS, CELLS_NEXT },
	{ "D_WRITE_PROTECTED", S0_CERTAIN, ON(S0_E_NOT_ERASED, ANY, ANY), when_protected_there, WRP_MEANS, WRP_NEXT },
	{ "D_WRITE_PROTECTED", S0_CERTAIN, ON(S0_E_MISMATCH, ANY, ANY), when_protected_there, WRP_MEANS, WRP_NEXT },
	{ "D_WRITE_PROTECTED", S0_CERTAIN, ON(S0_E_REFUSED, ANY, ANY), when_protected_there, WRP_MEANS, WRP_NEXT },
	{ "D_PCROP", S0_LIKELY, ON(S0_E_NOT_ERASED, ANY, ANY), when_pcrop_there, PCROP_MEANS, PCROP_NEXT },
	{ "D_PCROP", S0_LIKELY, ON(S0_E_MISMATCH, ANY, ANY), when_pcrop_there, PCROP_MEANS, PCROP_NEXT },
	{ "D_WRITE_PROTECTED", S0_CERTAIN, FACT, when_wrp_touched, WRP_MEANS, WRP_NEXT },
	{ "D_WRITE_PROTECTED", S0_LIKELY, FACT, when_wrp_alone, WRP_MEANS, WRP_NEXT },
	{ "D_WRITE_PROTECTED", S0_CERTAIN, REMARK, when_wrp, WRP_MEANS, "" },
	{ "D_PCROP", S0_LIKELY, FACT, when_pcrop, PCROP_MEANS, PCROP_NEXT },
	{ "D_SECURE_AREA", S0_LIKELY, FACT, when_secure, SECURE_MEANS, SECURE_NEXT },

	/* A device that resets, vanishes or does not answer. */
	{ "D_OTHER_BOARD", S0_POSSIBLE, ON(S0_E_GONE, S0_CAUSE_OTHER_DEVICE, ANY), NULL,
	  "What came back on this USB path says other things of itself than before: another board, or a bad cable that garbles them.",
	  "if the board was changed, run the command for the new one; if not, try another cable or port and run the same command again" },
	{ "D_WATCHDOG", S0_LIKELY, ON(S0_E_GONE, ANY, ANY), when_watchdog_on, WATCHDOG_MEANS, WATCHDOG_NEXT },
	{ "D_WATCHDOG", S0_LIKELY, ON(S0_E_TIMEOUT, ANY, ANY), when_watchdog_on, WATCHDOG_MEANS, WATCHDOG_NEXT },
	{ "D_WATCHDOG", S0_LIKELY, FACT, when_watchdog, WATCHDOG_MEANS, WATCHDOG_NEXT },
	{ "D_BANK_2_ERASE", S0_LIKELY, ON(S0_E_TIMEOUT, ANY, ANY), when_blind_bank,
	  "This bootloader version watches the wrong busy flag of bank 2: it cannot tell when an erase there is over, and a command that comes too early hangs it.", BLIND_NEXT },
	{ "D_BANK_2_ERASE", S0_LIKELY, ON(S0_E_PROTOCOL, ANY, ANY), when_blind_bank,
	  "This bootloader version watches the wrong busy flag of bank 2: it cannot tell when an erase there is over, and a command that comes too early hangs it.", BLIND_NEXT },
	{ "D_MASS_ERASE", S0_LIKELY, ON(S0_E_NOT_ERASED, ANY, ANY), when_no_mass_erase,
	  "The mass erase of this bootloader version does nothing.",
	  "leave out --erase all, so that it is erased sector by sector" },
	{ "D_DAMAGED_FLASH", S0_CERTAIN, ON(S0_E_UNREADABLE, S0_CAUSE_UNREADABLE, ANY), when_changing,
	  "A flash word that cannot be read even after its sector was erased: cells that are worn out, or a supply that fails while they are written.",
	  "'sector0 doctor --stress ADDRESS' tells worn cells from a weak supply; if they are worn, keep firmware out of it, or use another chip" },
	{ "D_DAMAGED_FLASH", S0_CERTAIN, ON(S0_E_UNREADABLE, ANY, ANY), NULL, DAMAGED_MEANS,
	  "flash the whole firmware without --keep and --rollback, which erases the sector first; if the chip has been put right since, 'sector0 read all FILE' shows it" },
	{ "D_DAMAGED_FLASH", S0_LIKELY, ON(S0_E_TIMEOUT, S0_CAUSE_UNREADABLE, S0_UNTOUCHED), NULL, DAMAGED_MEANS,
	  "power the board off and on with BOOT0 high; a flash word there may be damaged: the next flash erases its sector first" },
	{ "D_UNDO_WAITS", S0_CERTAIN, FACT, when_saved,
	  "An earlier run was cut while it changed these sectors; what they held, or were to keep, is in this host's records.",
	  "'sector0 recover' puts it back" },
	{ "D_CUT_RUN", S0_LIKELY, FACT, when_noted,
	  "An earlier run was cut while it changed these sectors: they may hold damaged words, and no whole firmware.",
	  "flash the firmware again: the sectors are erased first" },
	{ "D_STOPPED", S0_LIKELY, FACT, when_left_open,
	  "An earlier run was stopped as asked, part of it is done: what these sectors hold is no whole firmware.",
	  "flash the firmware again, or run the command that was stopped again to finish" },
	{ "D_DAMAGED_FLASH", S0_LIKELY, FACT, when_noted_unreadable, DAMAGED_MEANS,
	  "flash the whole firmware without --keep and --rollback, which erases the sector first; if the chip has been put right since, 'sector0 read all FILE' shows it" },
	{ "D_CELLS", S0_LIKELY, ON(S0_E_TIMEOUT, S0_CAUSE_UNREADABLE, ANY), when_changing,
	  "It stopped answering when flash was read that had just been changed: a word that cannot be read, by worn cells or a supply that sags; or a transfer that USB lost.",
	  "power the board off and on with BOOT0 high and run the same command again; if it stops again, 'sector0 doctor --stress ADDRESS' tells worn cells, supply and cable apart" },
	{ "D_SUPPLY", S0_POSSIBLE, ON(S0_E_TIMEOUT, ANY, ANY), when_changing,
	  "It stopped answering while its flash was at work, which draws the most current: a bad VCAP capacitor, a supply that sags, or a transfer that USB lost.",
	  "power the board off and on with BOOT0 high and run the same command again; if it stops again, 'sector0 doctor --stress' tells its supply from its cable" },
	{ "D_HANGS", S0_POSSIBLE, ON(S0_E_TIMEOUT, ANY, ANY), NULL,
	  "The bootloader has stopped answering, and a reset brings it back; or the cable lost what was said.",
	  "power the board off and on with BOOT0 high, and run the same command again; if it stays, try another cable or port" },
	{ "D_SUPPLY", S0_POSSIBLE, ON(S0_E_GONE, ANY, ANY), when_changing,
	  "The board left the USB bus while its flash was at work, which draws the most current: most often a supply that sags or a bad VCAP capacitor, else the cable.",
	  "connect the board in DFU mode again and run the same command again; if it goes again, 'sector0 doctor --stress' tells its supply from its cable" },
	{ "D_DROPPED_OFF", S0_POSSIBLE, ON(S0_E_GONE, ANY, ANY), NULL,
	  "The device left the bus: unplugged, reset, or its cable or supply failed.", SUPPLY_NEXT },
	{ "D_WEDGED", S0_LIKELY, ON(S0_E_PROTOCOL, S0_CAUSE_WEDGED, ANY), NULL,
	  "The bootloader does not come back to its idle state, mostly after a transfer that it could not take.",
	  "power the board off and on with BOOT0 high, and try again" },
	{ "D_STAYED_IN_BOOTLOADER", S0_LIKELY, ON(S0_E_REFUSED, S0_CAUSE_NEEDS_RESET, ANY), NULL,
	  "The firmware is in flash, but this bootloader did not start it; some versions do not.",
	  "set BOOT0 low and press reset: the firmware is in flash" },

	/* The link. */
	{ "D_USB_LINK", S0_LIKELY, ON(S0_E_REFUSED, S0_CAUSE_NONE, ANY), when_usb_code, LINK_MEANS, LINK_NEXT },
	{ "D_USB_LINK", S0_LIKELY, ON(S0_E_PROTOCOL, ANY, ANY), NULL, LINK_MEANS,
	  "run the same command again; if it stays, try another cable or port" },
	{ "D_DESCRIPTORS", S0_LIKELY, ON(S0_E_FORMAT, S0_CAUSE_DESCRIPTORS, ANY), NULL,
	  "What the device says of itself came cut short or is rubbish: a bad cable, hub or clock, or no ST bootloader.",
	  "plug it in elsewhere (another port, another cable, through a hub), and try again" },
	{ "D_DESCRIPTORS", S0_LIKELY, ON(S0_E_UNSUPPORTED, S0_CAUSE_NO_CHIP, ANY), when_descriptors,
	  "What the device says of itself came cut short or is rubbish: a bad cable, hub or clock, or no ST bootloader.",
	  "plug it in elsewhere (another port, another cable, through a hub), and try again" },
	{ "D_DESCRIPTORS", S0_LIKELY, ON(S0_E_UNSUPPORTED, S0_CAUSE_DESCRIPTORS, ANY), NULL,
	  "What the device says of itself came cut short or is rubbish: a bad cable, hub or clock, or no ST bootloader.",
	  "plug it in elsewhere (another port, another cable, through a hub), and try again" },
	{ "D_NOT_DFUSE", S0_CERTAIN, ON(S0_E_UNSUPPORTED, S0_CAUSE_NOT_DFUSE, ANY), NULL,
	  "It speaks plain DFU, not ST's extension of it: another maker's bootloader.",
	  "use the program that came with that bootloader (dfu-util, mostly)" },
	{ "D_DESCRIPTORS", S0_LIKELY, FACT, when_descriptors,
	  "What the device says of itself came cut short or is rubbish: a bad cable, hub or clock, or no ST bootloader.",
	  "plug it in elsewhere (another port, another cable, through a hub), and try again" },
	{ "D_TRANSFER_SIZE", S0_CERTAIN, ON(S0_E_UNSUPPORTED, S0_CAUSE_TRANSFER_SIZE, ANY), NULL,
	  "A flash word that comes in two transfers would be programmed twice, which damages it.",
	  "check the board's bootloader: ST's takes 1024 or 2048 bytes a transfer" },
	{ "D_TRANSFER_SIZE", S0_LIKELY, FACT, when_transfer_size,
	  "A flash word that comes in two transfers would be programmed twice, which damages it.",
	  "check the board's bootloader: ST's takes 1024 or 2048 bytes a transfer" },
	{ "D_SEVERAL_CHIPS", S0_CERTAIN, ON(S0_E_UNSUPPORTED, S0_CAUSE_SEVERAL_CHIPS, ANY), NULL, SEVERAL_CHIPS_MEANS, SEVERAL_CHIPS_NEXT },
	{ "D_SEVERAL_CHIPS", S0_CERTAIN, ON(S0_E_PROTECTED, S0_CAUSE_SEVERAL_CHIPS, ANY), NULL, SEVERAL_CHIPS_MEANS, SEVERAL_CHIPS_NEXT },
	{ "D_SEVERAL_CHIPS", S0_CERTAIN, FACT, when_several_chips, SEVERAL_CHIPS_MEANS, SEVERAL_CHIPS_NEXT },
	{ "D_OTHER_LAYOUT", S0_CERTAIN, ON(S0_E_UNSUPPORTED, S0_CAUSE_OTHER_LAYOUT, ANY), NULL,
	  "Its memory is not laid out as that of the chip which --chip names.",
	  "leave out --chip: 'sector0 info' says which chip it is" },
	{ "D_PARTITIONS", S0_CERTAIN, ON(S0_E_UNSUPPORTED, S0_CAUSE_PARTITIONS, ANY), NULL,
	  "An STM32MP1 or MP2 has no flash of its own: its loaders take partitions by their number.",
	  "use STM32CubeProgrammer or dfu-util with the flash layout of your board" },
	{ "D_CONFLICT", S0_CERTAIN, ON(S0_E_CONFLICT, ANY, ANY), NULL, CONFLICT_MEANS, CONFLICT_NEXT },
	{ "D_CONFLICT", S0_CERTAIN, FACT, when_conflict, CONFLICT_MEANS, CONFLICT_NEXT },
	{ "D_UNKNOWN_CHIP", S0_CERTAIN, ON(S0_E_UNSUPPORTED, S0_CAUSE_NO_CHIP, ANY), when_whole_layout,
	  "Its memory layout is of no chip that is described here, so nothing of it is changed.",
	  "'sector0 info' shows the layout; docs/adding-a-chip.md tells how to describe a chip" },
	{ "D_UNKNOWN_CHIP", S0_CERTAIN, FACT, when_unknown_chip,
	  "Its memory layout is of no chip that is described here, so nothing of it is changed.",
	  "'sector0 info' shows the layout; docs/adding-a-chip.md tells how to describe a chip" },

	/* The link, looked at. */
	{ "D_USB_LINK", S0_CERTAIN, FACT, when_link_fails, LINK_MEANS, STRESS_LINK_NEXT },
	{ "D_USB_LINK", S0_LIKELY, FACT, when_link_failed_twice, LINK_MEANS, STRESS_LINK_NEXT },
	{ "D_USB_LINK", S0_POSSIBLE, FACT, when_link_failed_once, LINK_MEANS,
	  "run the same command again; 'sector0 doctor --stress' looks longer" },
	{ "D_DROPPED_OFF", S0_POSSIBLE, FACT, when_dropped_idle,
	  "The board left the USB bus although it had nothing to do: its cable or plug, a hub, or its supply.",
	  "run the same command again; if it goes again, try another cable and port, then look at its supply" },

	/* Flash under stress: what was counted for each load. The surest first. */
	{ "D_WATCHDOG", S0_LIKELY, FACT, when_regular, WATCHDOG_MEANS, WATCHDOG_NEXT },
	{ "D_WORN_FLASH", S0_CERTAIN, FACT, when_stuck, WORN_MEANS, WORN_NEXT },
	{ "D_USB_LINK", S0_CERTAIN, FACT, when_link_idle, LINK_MEANS, STRESS_LINK_NEXT },
	{ "D_WRITE_PROTECTED", S0_LIKELY, FACT, when_unchanged, WRP_MEANS, WRP_NEXT },
	{ "D_WORN_FLASH", S0_LIKELY, FACT, when_stuck_twice, WORN_MEANS, WORN_NEXT },
	{ "D_WORN_FLASH", S0_LIKELY, FACT, when_slow, WORN_MEANS, WORN_NEXT },
	{ "D_SUPPLY", S0_LIKELY, FACT, when_supply, STRESS_SUPPLY_MEANS, STRESS_SUPPLY_NEXT },
	{ "D_USB_LINK", S0_LIKELY, FACT, when_link, LINK_MEANS, STRESS_LINK_NEXT },
	{ "D_CELLS", S0_POSSIBLE, FACT, when_unreadable, STRESS_CELLS_MEANS, STRESS_CELLS_NEXT },
	{ "D_DAMAGED_FLASH", S0_POSSIBLE, FACT, when_unreadable_idle, DAMAGED_MEANS,
	  "power the board off and on with BOOT0 high; flash the whole firmware, which erases the sector first; if it stops there again, the sector is worn" },
	{ "D_SUPPLY", S0_POSSIBLE, FACT, when_supply_once, STRESS_SUPPLY_MEANS, STRESS_AGAIN_NEXT },
	{ "D_WORN_FLASH", S0_POSSIBLE, FACT, when_slow_once, WORN_MEANS, STRESS_CELLS_NEXT },
	{ "D_CELLS", S0_POSSIBLE, FACT, when_wrong_once, STRESS_CELLS_MEANS, STRESS_CELLS_NEXT },
	{ "D_USB_LINK", S0_POSSIBLE, FACT, when_link_once, LINK_MEANS, STRESS_AGAIN_NEXT },
	{ "D_DROPPED_OFF", S0_POSSIBLE, FACT, when_dropped,
	  "The board left the USB bus, and what was being done does not tell why: its cable or plug, a hub, or its supply.", STRESS_AGAIN_NEXT },
	{ "D_HANGS", S0_POSSIBLE, FACT, when_hung_idle,
	  "The bootloader stopped answering while flash was only read.",
	  "power the board off and on with BOOT0 high, and run the same command again" },
	{ "D_REFUSED", S0_POSSIBLE, FACT, when_refused,
	  "The bootloader refused a command that it should take.",
	  "'sector0 info' shows what this bootloader cannot do and what is protected" },

	/* Flash. */
	{ "D_NOT_ERASED", S0_CERTAIN, ON(S0_E_NOT_ERASED, S0_CAUSE_NONE, S0_UNTOUCHED), NULL,
	  "Bits can only be cleared by writing: what is not erased cannot be written.",
	  "leave out --erase none, so that the sector is erased first" },
	{ "D_ERASE_NO_EFFECT", S0_LIKELY, ON(S0_E_NOT_ERASED, S0_CAUSE_NO_EFFECT, ANY), when_unprotected_there, NO_ERASE_MEANS, NO_ERASE_NEXT },
	{ "D_WRITE_PROTECTED", S0_POSSIBLE, ON(S0_E_NOT_ERASED, S0_CAUSE_NO_EFFECT, ANY), NULL, WRP_MEANS,
	  "the sector may be write-protected: 'sector0 info' shows it" },
	{ "D_CELLS", S0_POSSIBLE, ON(S0_E_MISMATCH, S0_CAUSE_NO_EFFECT, ANY), when_unprotected_there, CELLS_MEANS, CELLS_NEXT },
	{ "D_WRITE_PROTECTED", S0_POSSIBLE, ON(S0_E_MISMATCH, S0_CAUSE_NO_EFFECT, ANY), NULL, WRP_MEANS,
	  "run the same command again; if it stays, the sector may be write-protected: 'sector0 info' shows it" },
	{ "D_CELLS", S0_POSSIBLE, ON(S0_E_MISMATCH, ANY, ANY), NULL,
	  "Flash does not hold what was written: a supply that fails under load, or cells that are worn out.",
	  "run the same command again; if it stays, 'sector0 doctor --stress ADDRESS' tells worn cells from a weak supply" },
	{ "D_WRITE_PROTECTED", S0_POSSIBLE, ON(S0_E_REFUSED, S0_CAUSE_NO_EFFECT, ANY), NULL, WRP_MEANS,
	  "the sector may be write-protected: 'sector0 info' shows it" },
	{ "D_REFUSED", S0_POSSIBLE, ON(S0_E_REFUSED, ANY, ANY), NULL,
	  "The bootloader refused a command that it should take.",
	  "run the same command again; 'sector0 info' shows what this bootloader cannot do" },
	{ "D_STOPPED", S0_CERTAIN, ON(S0_E_CANCELLED, ANY, S0_PARTIAL), NULL,
	  "The run was stopped as asked, part of it is done.",
	  "run the same command again to finish" },
	{ "D_STOPPED", S0_CERTAIN, ON(S0_E_CANCELLED, ANY, S0_UNKNOWN), NULL,
	  "The run was stopped as asked, part of it is done.",
	  "run the same command again to finish" },

	/* Nothing wrong, but worth knowing. */
	{ "D_BOOT_ADDRESS", S0_LIKELY, REMARK, when_boot_address,
	  "With BOOT0 low the chip starts there, and not the firmware at the start of flash.",
	  "set BOOT_ADD0 to 0x0800 in the option bytes if the firmware is to start" },
	{ "D_BANKS_SWAPPED", S0_CERTAIN, REMARK, when_swapped,
	  "The two banks have changed places: what is written at the start of flash is in bank 2's cells.",
	  "" },
	{ "D_CLONE", S0_LIKELY, REMARK, when_clone,
	  "It is not ST's bootloader, and may differ in page sizes, times and protections.",
	  "" },
	{ "D_LAYOUT_OVERRULED", S0_CERTAIN, REMARK, when_overruled,
	  "Something else has been believed than the bootloader says of itself.",
	  "" },
	{ "D_SMALLER_FLASH", S0_CERTAIN, REMARK, when_smaller,
	  "The bootloader's layout is that of the largest part; the chip's own register has been believed.",
	  "" },
	{ "D_NOT_TOLD", S0_LIKELY, REMARK, when_not_told,
	  "The bootloader refused to say; what hangs on it is not known.",
	  "" },
	{ "D_BOOTLOADER_LIMITS", S0_CERTAIN, REMARK, when_rom_limits,
	  "Known limits of this bootloader version; they are worked around where that is possible.",
	  "" },
	{ "D_SHARED_SERIAL", S0_CERTAIN, REMARK, when_shared_serial,
	  "Many boards report this serial number: choose boards by USB path.",
	  "" },
};
/* clang-format on */

const size_t diag_rule_count = sizeof diag_rules / sizeof diag_rules[0];
