/* SPDX-License-Identifier: MIT */
#ifndef SIM_KEYS_H
#define SIM_KEYS_H

/*
 * Every key of a description: KEY(name, kind, values, lowest, highest, default,
 * meaning, source). Both the parser's table and the help text come from here.
 *
 *  WORD    one of the words in values, the first by default; stored as index
 *  CHOICE  one of the numbers in values, the first by default
 *  NUMBER  lowest..highest
 *  OWN     parsed by a function of its own
 *
 * Sources: D documented by ST or USB-IF, C seen in code, R reported by users,
 * I inferred; details in docs/virtual-stm32.md.
 */
#define SIM_KEYS(KEY)                                                          \
	KEY(rom, CHOICE, "0x91|0xD2|0xD3|0x90|0x92", 0, 0, 0,                  \
	    "version of the ROM bootloader", "D AN2606")                       \
	KEY(rev, WORD, "V|Y", 0, 0, 0, "silicon revision", "D, R")             \
	KEY(flash_kb, CHOICE, "2048|1024|128", 0, 0, 0, "flash size", "C")     \
	KEY(file, OWN, "PATH", 0, 0, 0,                                        \
	    "keeps the chip's memory; no comma in it", "-")                    \
	KEY(seed, OWN, "0..2^64-1 [1]", 0, 0, 0,                               \
	    "where everything random comes from", "-")                         \
	KEY(clock, OWN, "virtual|real|real*FACTOR", 0, 0, 0,                   \
	    "does time pass, and how fast", "-")                               \
	KEY(fault, OWN, "KIND@K[+KIND@K...]", 0, 0, 0,                         \
	    "fault at the K-th DFU class request: stall silent lost-reply "    \
	    "unplug lie torn brown-out hang",                                  \
	    "-")                                                               \
	KEY(uid, OWN, "24 hex digits", 0, 0, 0,                                \
	    "unique ID of a new chip; else from the seed, or each new "        \
	    "file its own",                                                    \
	    "-")                                                               \
	KEY(rdp, NUMBER, "0|1", 0, 1, 0, "read protection of a new chip", "D") \
	KEY(wrp, NUMBER, "0..0xffff", 0, 0xffff, 0,                            \
	    "write-protected sectors of a new chip, a bit a sector", "D")      \
	KEY(wrp_reports, WORD, "silent|error", 0, 0, 0,                        \
	    "what a write to a protected sector reports", "D AN3156")          \
	KEY(erase_ms, OWN, "905|typ|max|worn|1..60000", 0, 0, 0,               \
	    "time of a sector erase; worn: 6000-10000 by seed",                \
	    "R 905, D DS12110 typ, max")                                       \
	KEY(word_us, OWN, "typ|max|1..60000", 0, 0, 0,                         \
	    "time of programming a flash word", "D DS12110")                   \
	KEY(psize, WORD, "x64|x32|x16|x8", 0, 0, 0,                            \
	    "programming parallelism: sets the typical times", "D, I")         \
	KEY(time_scale, OWN, "0..1000 [1]", 0, 0, 0,                           \
	    "scales all times of the chip and its poll times; 0: at once",     \
	    "-")                                                               \
	KEY(turnaround_us, NUMBER, "0..1000000 [250; 0 with clock=real]", 0,   \
	    1000000, 250, "host time between two transfers", "-")              \
	KEY(usb_us_per_packet, NUMBER, "51..1000", 51, 1000, 51,               \
	    "time of a 64-byte packet; 51 stands for 51.3", "D, R")            \
	KEY(poll_erase_ms, NUMBER, "0..16777215 [1000]", 0, 0xffffff, 1000,    \
	    "bwPollTimeout of an erase", "R")                                  \
	KEY(poll_program_ms, NUMBER, "0..16777215 [50]", 0, 0xffffff, 50,      \
	    "bwPollTimeout of a write", "I")                                   \
	KEY(poll_address_ms, NUMBER, "0..16777215 [50]", 0, 0xffffff, 50,      \
	    "bwPollTimeout of Set Address", "I")                               \
	KEY(fail_mode, WORD, "stuck-busy|errVENDOR", 0, 0, 0,                  \
	    "after an operation that failed", "C")                             \
	KEY(addr_rule, WORD, "constant|request-length", 0, 0, 0,               \
	    "what a block number is multiplied with", "C, D")                  \
	KEY(addr_check, WORD, "set-address|operation", 0, 0, 0,                \
	    "when a bad address is noticed", "D, I")                           \
	KEY(erase_moves_pointer, WORD, "no|yes", 0, 0, 1,                      \
	    "does an erase move the address pointer [yes]", "C")               \
	KEY(upload_error, WORD, "status|state15", 0, 0, 0,                     \
	    "after a read that was refused: AN3156 or usbd_dfu.c", "D, C")     \
	KEY(clrstatus_outside_error, WORD, "to-error|stall", 0, 0, 0,          \
	    "CLRSTATUS outside dfuERROR", "C, R")                              \
	KEY(first_status, WORD, "ok|errFIRMWARE", 0, 0, 0,                     \
	    "state after power on: errFIRMWARE as old ROMs", "R")              \
	KEY(overlong, WORD, "latch|silent", 0, 0, 0,                           \
	    "after a DNLOAD beyond wTransferSize", "R")                        \
	KEY(busy_bank2, WORD, "hang|wait", 0, 0, 0,                            \
	    "a flash command while bank 2 is still erasing", "I")              \
	KEY(bank2_read, WORD, "wait|hang", 0, 0, 0,                            \
	    "a read of bank 2 while it is still erasing", "D RM0399")          \
	KEY(mass_erase_bug, WORD, "works|stall", 0, 0, 0,                      \
	    "mass erase on ROM 0x90 and 0x91", "R")                            \
	KEY(leave, WORD, "jump|vanish|re-enter", 0, 0, 0,                      \
	    "what leaving DFU mode leads to", "D, R")                          \
	KEY(ob_write_reset, WORD, "no|yes", 0, 0, 0,                           \
	    "does writing option bytes reset the chip", "D")                   \
	KEY(serial, WORD, "idcode|uid", 0, 0, 0,                               \
	    "what the serial number is made of", "R, C")                       \
	KEY(layout, OWN, "TEXT", 0, 0, 0,                                      \
	    "string of alternate setting 0; ';' stands for a comma", "-")

#endif
