/* SPDX-License-Identifier: MIT */
#ifndef SIM_KEYS_H
#define SIM_KEYS_H

/*
 * Every key of a description: KEY(name, traits, kind, values, lowest, highest,
 * default, meaning, source). Both the parser's table and the help text come from here.
 *
 * A key whose values or default differ by what the ROM is or has (profile.h)
 * has several rows; the first that fits a profile counts.
 *
 *  WORD    one of the words in values, the first by default; stored as index
 *  CHOICE  one of the numbers in values, the first by default
 *  NUMBER  lowest..highest
 *  OWN     parsed by a function of its own
 *
 * Sources: D documented by ST or USB-IF, C seen in code, R reported by users,
 * I inferred, K general knowledge; details in docs/virtual-stm32.md.
 */
/* The board, the chip and its times. */
#define SIM_KEYS_CHIP(KEY)                                                     \
	KEY(rom, H743, CHOICE, "0x91|0xD2|0xD3|0x90|0x92", 0, 0, 0,            \
	    "version of the ROM bootloader", "D AN2606")                       \
	KEY(rom, F405, CHOICE, "0x91|0x31", 0, 0, 0,                           \
	    "version of the ROM bootloader", "D AN2606")                       \
	KEY(rev, H743, WORD, "V|Y", 0, 0, 0, "silicon revision", "D, R")       \
	KEY(rom, DATA, OWN, "a version that the chip's data has", 0, 0, 0,     \
	    "the last by default", "D AN2606")                                 \
	KEY(flash_kb, H743, CHOICE, "2048|1024|128", 0, 0, 0, "flash size",    \
	    "C")                                                               \
	KEY(flash_kb, F405, CHOICE, "1024|512", 0, 0, 0, "flash size", "C")    \
	KEY(flash_kb, DATA, OWN, "a size that the chip is sold with", 0, 0, 0, \
	    "the largest by default", "D")                                     \
	KEY(answer, NEW, WORD, "before|after|poll", 0, 0, 0,                   \
	    "when the first GETSTATUS is answered: when the operation is "     \
	    "over; at once, and the next request is NAKed until then; at "     \
	    "once, and dfuDNBUSY is told until then",                          \
	    "C usbd_dfu.c, R log of a rev V part")                             \
	KEY(answer, OLD, WORD, "before|after|poll [after]", 0, 0, 1,           \
	    "as above", "R log of an F745, whose ROM is of the same age")      \
	KEY(appears, ALL, NUMBER, "0..3600000 [0]", 0, 3600000, 0,             \
	    "ms until it is plugged in", "-")                                  \
	KEY(file, ALL, OWN, "PATH", 0, 0, 0,                                   \
	    "keeps the chip's memory; no comma in it", "-")                    \
	KEY(seed, ALL, OWN, "0..2^64-1 [1]", 0, 0, 0,                          \
	    "where everything random comes from", "-")                         \
	KEY(clock, ALL, OWN, "virtual|real|real*FACTOR", 0, 0, 0,              \
	    "does time pass, and how fast", "-")                               \
	KEY(fault, ALL, OWN, "KIND@WHERE[:ARGUMENT][+...]", 0, 0, 0,           \
	    "faults: KIND is stall silent lost-reply unplug lie torn "         \
	    "brown-out hang nak:MS short:BYTES replug:MS cut:BYTES "           \
	    "bit-error:BIT any; WHERE counts DFU class requests (12), erases " \
	    "(erase3), writes (program3), changes of option bytes (option1), " \
	    "or is any, any200: by seed",                                      \
	    "-")                                                               \
	KEY(uid, ALL, OWN, "24 hex digits", 0, 0, 0,                           \
	    "unique ID of a new chip; else from the seed, or each new "        \
	    "file its own",                                                    \
	    "-")                                                               \
	KEY(rdp, ALL, NUMBER, "0|1|2", 0, 2, 0,                                \
	    "read protection of a new chip; at 2 it is never on the bus", "D") \
	KEY(wrp, H743, NUMBER, "0..0xffff", 0, 0xffff, 0,                      \
	    "write-protected sectors of a new chip, a bit a sector", "D")      \
	KEY(wrp, F405, NUMBER, "0..0xfff", 0, 0xfff, 0, "as above", "D")       \
	KEY(wrp, DATA, NUMBER, "0..0xffffffff", 0, 0xffffffff, 0,              \
	    "as above, a bit for each bit of the option bytes", "D")           \
	KEY(wrp_reports, ALL, WORD, "silent|error", 0, 0, 0,                   \
	    "what a write to a protected sector reports", "D AN3156")          \
	KEY(erase_ms, H743, OWN, "905|typ|max|worn|1..60000", 0, 0, 0,         \
	    "time of a sector erase; worn: 6000-10000 by seed",                \
	    "R 905, D DS12110 typ, max")                                       \
	KEY(erase_ms, ALL, OWN, "typ|max|worn|1..60000", 0, 0, 0,              \
	    "as above; a number is for every size of sector", "D DS8626")      \
	KEY(word_us, ALL, OWN, "typ|max|1..60000", 0, 0, 0,                    \
	    "time of programming a flash word, or what goes at once at the "   \
	    "parallelism",                                                     \
	    "D DS12110, DS8626")                                               \
	KEY(psize, H743, WORD, "x64|x32|x16|x8", 0, 0, 0,                      \
	    "programming parallelism: sets the typical times", "D, I")         \
	KEY(psize, PARALLEL, WORD, "x64|x32|x16|x8 [x8]", 0, 0, 3,             \
	    "as above, from a reset on; @Device Feature changes it",           \
	    "D AN3156")                                                        \
	KEY(time_scale, ALL, OWN, "0..1000 [1]", 0, 0, 0,                      \
	    "scales all times of the chip and its poll times; 0: at once",     \
	    "-")                                                               \
	KEY(turnaround_us, ALL, NUMBER, "0..1000000 [250; 0 with clock=real]", \
	    0, 1000000, 250, "host time between two transfers", "-")           \
	KEY(queue, ALL, WORD, "yes|stall|lost|wrong", 0, 0, 0,                 \
	    "a transfer handed over before the last has ended is taken; "      \
	    "refused; not answered; answered with what the last brought. In "  \
	    "the program's own process",                                       \
	    "I")                                                               \
	KEY(usb_us_per_packet, ALL, NUMBER, "51..1000", 51, 1000, 51,          \
	    "time of a 64-byte packet; 51 stands for 51.3", "D, R")

/* What the ROM makes of it. */
#define SIM_KEYS_ROM(KEY)                                                      \
	KEY(poll_erase_ms, NEW, NUMBER, "0..16777215 [1000]", 0, 0xffffff,     \
	    1000, "bwPollTimeout of an erase", "R")                            \
	KEY(poll_erase_ms, OLD, NUMBER, "0..16777215 [100]", 0, 0xffffff, 100, \
	    "as above; far too short for a mass erase", "R dfu-util, F7 log")  \
	KEY(poll_program_ms, NEW, NUMBER, "0..16777215 [50]", 0, 0xffffff, 50, \
	    "bwPollTimeout of a write", "I")                                   \
	KEY(poll_program_ms, OLD, NUMBER, "0..16777215 [104]", 0, 0xffffff,    \
	    104, "as above", "R F745 log")                                     \
	KEY(poll_address_ms, NEW, NUMBER, "0..16777215 [50]", 0, 0xffffff, 50, \
	    "bwPollTimeout of Set Address", "I")                               \
	KEY(poll_address_ms, OLD, NUMBER, "0..16777215 [100]", 0, 0xffffff,    \
	    100, "as above", "R log of a clone, GD32VF103")                    \
	KEY(early_poll, EARLY, WORD, "ok|stall|busy [stall]", 0, 0, 1,         \
	    "as below", "R dfu-util, openmv")                                  \
	KEY(early_poll, ALL, WORD, "ok|stall|busy", 0, 0, 0,                   \
	    "a GETSTATUS that asks after an operation before the reported "    \
	    "time is over (stall), or while it runs (busy), is stalled",       \
	    "R dfu-util, fwupd")                                               \
	KEY(fail_mode, STRICT, WORD, "stuck-busy|errVENDOR [errVENDOR]", 0, 0, \
	    1, "as below", "C usbd_dfu.c from v2.11.2 on")                     \
	KEY(fail_mode, NEW, WORD, "stuck-busy|errVENDOR", 0, 0, 0,             \
	    "after an operation that failed", "C")                             \
	KEY(fail_mode, OLD, WORD, "stuck-busy|errVENDOR [errVENDOR]", 0, 0, 1, \
	    "as above", "D AN3156")                                            \
	KEY(target_error, ALL, WORD, "error|openbl", 0, 0, 0,                  \
	    "after a bad address: dfuERROR, or dfuERROR in words only, which " \
	    "takes two CLRSTATUS",                                             \
	    "D AN3156, C OPENBL")                                              \
	KEY(addr_rule, ALL, WORD, "constant|request-length", 0, 0, 0,          \
	    "what a block number is multiplied with", "C, D")                  \
	KEY(addr_check, ALL, WORD, "set-address|operation", 0, 0, 0,           \
	    "when a bad address is noticed", "D, I")                           \
	KEY(erase_moves_pointer, ALL, WORD, "no|yes", 0, 0, 1,                 \
	    "does an erase move the address pointer [yes]", "C")               \
	KEY(upload_error, ALL, WORD, "status|state15|empty", 0, 0, 0,          \
	    "after a read that was refused: STALL and a status (AN3156), "     \
	    "STALL and state 15 (usbd_dfu.c), no data and a status",           \
	    "D, C, I")                                                         \
	KEY(clrstatus_outside_error, STRICT, WORD, "to-error|stall [stall]",   \
	    0, 0, 1, "as below", "R C562")                                     \
	KEY(clrstatus_outside_error, ALL, WORD, "to-error|stall", 0, 0, 0,     \
	    "CLRSTATUS outside dfuERROR", "C, R")                              \
	KEY(first_status, NEW, WORD, "ok|errFIRMWARE", 0, 0, 0,                \
	    "state after power on: errFIRMWARE as old ROMs", "R")              \
	KEY(first_status, OLD, WORD, "ok|errFIRMWARE [errFIRMWARE]", 0, 0, 1,  \
	    "as above", "R")                                                   \
	KEY(overlong, ALL, WORD, "latch|silent|errFILE", 0, 0, 0,              \
	    "after a DNLOAD beyond wTransferSize: dfuERROR that only a power " \
	    "cycle ends, silence, or plain errFILE",                           \
	    "R, R")

/* Of some chips' ROMs only, and how they leave. */
#define SIM_KEYS_SOME(KEY)                                                     \
	KEY(busy_bank2, H743, WORD, "hang|wait", 0, 0, 0,                      \
	    "a flash command while bank 2 is still erasing", "I")              \
	KEY(bank2_read, H743, WORD, "wait|hang", 0, 0, 0,                      \
	    "a read of bank 2 while it is still erasing", "D RM0399")          \
	KEY(mass_erase_bug, H743, WORD, "works|stall", 0, 0, 0,                \
	    "mass erase on ROM 0x90 and 0x91", "R")                            \
	KEY(ecc_read, ECC, WORD, "hang|reset", 0, 0, 0,                        \
	    "what the bus error of a damaged word leads to", "I")              \
	KEY(optsr, H743, CHOICE, "0x1bc6aaf0|0x17c6aaf0", 0, 0, 0,             \
	    "option register of a new chip", "R two parts, D RM0399")          \
	KEY(ram_rule, H743, WORD, "by-rom|as-0x92", 0, 0, 0,                   \
	    "RAM of the host on ROMs before V9.1: from 0x24034000, or from "   \
	    "0x24005000 as on the later ones",                                 \
	    "I")                                                               \
	KEY(sram4, H743, WORD, "no|yes", 0, 0, 0,                              \
	    "may the host use SRAM4 and backup SRAM", "I")                     \
	KEY(rdp_set_address, NEW, WORD, "allowed|errVENDOR", 0, 0, 0,          \
	    "Set Address at read protection level 1", "D AN3156")              \
	KEY(rdp_set_address, OLD, WORD, "allowed|errVENDOR [errVENDOR]", 0, 0, \
	    1, "as above", "C betaflight-configurator")                        \
	KEY(jump_sp, H743, WORD, "strict|free", 0, 0, 0,                       \
	    "does a jump fail when the stack pointer is less than 16 bytes "   \
	    "below the end of a RAM (ROM 0x90 to 0x92)",                       \
	    "D AN2606")                                                        \
	KEY(crystal, ALL, WORD, "yes|no", 0, 0, 0,                             \
	    "is there one; ROM 0xD2 and the F405 are not on USB without",      \
	    "D AN2606")                                                        \
	KEY(extra_reset, H743, WORD, "no|yes", 0, 0, 0,                        \
	    "does ROM 0x90 need a reset after power on", "D AN2606")           \
	KEY(pb15, H743, WORD, "high|low", 0, 0, 0,                             \
	    "level of PB15; low keeps ROM 0x90 to 0x92 off USB", "D AN2606")   \
	KEY(leave, DIES, WORD, "jump|vanish|re-enter [vanish]", 0, 0, 1,       \
	    "as below", "R GD32VF103")                                         \
	KEY(leave, ALL, WORD, "jump|vanish|re-enter", 0, 0, 0,                 \
	    "what leaving DFU mode leads to", "D, R")                          \
	KEY(ob_write_reset, RESETS, WORD, "no|yes [yes]", 0, 0, 1, "as below", \
	    "D AN3156")                                                        \
	KEY(ob_write_reset, ALL, WORD, "no|yes", 0, 0, 0,                      \
	    "does writing option bytes reset the chip", "D")                   \
	KEY(serial, H743, WORD, "uid|idcode [idcode]", 0, 0, 1,                \
	    "what the serial number is made of", "R, C")                       \
	KEY(serial, ONE_SERIAL, WORD, "uid|same [same]", 0, 0, 1, "as below",  \
	    "R")                                                               \
	KEY(serial, ALL, WORD, "uid|same", 0, 0, 0,                            \
	    "made of the unique ID, or the same on all, as STM32FxSTM32", "R") \
	KEY(string_length, LONG_STRING, WORD, "true|long [long]", 0, 0, 1,     \
	    "as below", "R F427, F429")                                        \
	KEY(string_length, DATA, WORD, "true|long", 0, 0, 0,                   \
	    "bLength of the alternate settings' names: what is sent, or more", \
	    "C dfu-util")                                                      \
	KEY(layout, ALL, OWN, "TEXT", 0, 0, 0,                                 \
	    "string of alternate setting 0; ';' stands for a comma", "-")

/* A number that depends on supply= where it is not given. */
#define SIM_BY_SUPPLY UINT32_MAX

/* What is wrong with the board. */
#define SIM_KEYS_BOARD(KEY)                                                    \
	KEY(supply, ALL, WORD, "ok|sagging-vdd|weak-vcap", 0, 0, 0,            \
	    "sets source_mohm and dips_mv, or vcap_permille, to those of a "   \
	    "board that fails now and then",                                   \
	    "I")                                                               \
	KEY(vdd_mv, ALL, NUMBER, "1500..3600 [3300]", 1500, 3600, 3300,        \
	    "VDD at the chip while the flash rests", "-")                      \
	KEY(source_mohm, H743, NUMBER,                                         \
	    "0..1000000 [0; 40000 with sagging-vdd]", 0, 1000000,              \
	    SIM_BY_SUPPLY,                                                     \
	    "by how much VDD sags under the flash's current (35 mA at x64, "   \
	    "6.5 mA at x8), some 20 ms after the load",                        \
	    "D DS12110 currents, I")                                           \
	KEY(source_mohm, ALL, NUMBER,                                          \
	    "0..1000000 [0; 280000 with sagging-vdd]", 0, 1000000,             \
	    SIM_BY_SUPPLY, "as above (12 mA at x32, 5 mA at x8)",              \
	    "K DS8626 currents, I")                                            \
	KEY(dips_mv, ALL, NUMBER, "0..3600 [0; 500 with sagging-vdd]", 0,      \
	    3600, SIM_BY_SUPPLY,                                               \
	    "deepest dip of VDD; under load there is one in a second, by "     \
	    "seed",                                                            \
	    "I")                                                               \
	KEY(bor, HAND_MADE, NUMBER, "0..3 [0]", 0, 3, 0,                       \
	    "brown-out level of a new chip: off (1.62 V on the H743, 1.68 V "  \
	    "on the F405), 2.0, 2.31, 2.61 V (2.19, 2.5, 2.83 V)",             \
	    "D DS12110, K DS8626")                                             \
	KEY(incomplete, ALL, WORD, "words|bits", 0, 0, 0,                      \
	    "what is missing after an operation below the flash's least "      \
	    "voltage: whole words, or bits (with ECC a damaged word)",         \
	    "I")                                                               \
	KEY(vcap_permille, ALL, NUMBER, "0..1000 [0; 125 with weak-vcap]", 0,  \
	    1000, SIM_BY_SUPPLY,                                               \
	    "chance that the start of an erase upsets the core; a 64th of it " \
	    "for a write, and for a wrong bit in a read under load",           \
	    "I")                                                               \
	KEY(vcap_fault, ALL, WORD, "mixed|hang|reset", 0, 0, 0,                \
	    "an upset core is silent until a reset, or resets; mixed: one in " \
	    "three resets",                                                    \
	    "I")                                                               \
	KEY(boot0, ALL, WORD, "held|tapped", 0, 0, 0,                          \
	    "tapped: held at the first power on only; a reset or brown-out "   \
	    "then starts what the boot option names",                          \
	    "D")                                                               \
	KEY(back_ms, ALL, NUMBER, "1..600000 [100]", 1, 600000, 100,           \
	    "off the bus after a reset or a brown-out",                        \
	    "D AN2606 54 ms start-up, I")                                      \
	KEY(worn, H743, OWN, "SECTOR[:TIMES][+...], 0..15, 1..100 [4]", 0, 0,  \
	    0,                                                                 \
	    "sectors whose erase takes that many times as long, and a write "  \
	    "twice as long",                                                   \
	    "D DS12110 twice, R 6 to 10 s")                                    \
	KEY(worn, F405, OWN, "SECTOR[:TIMES][+...], 0..11, 1..100 [4]", 0, 0,  \
	    0, "as above", "D DS8626, I")                                      \
	KEY(worn, DATA, OWN, "SECTOR[:TIMES][+...]", 0, 0, 0, "as above",      \
	    "D, I")                                                            \
	KEY(cells, ECC, OWN, "KIND@WHERE[:COUNT][+...]", 0, 0, 0,              \
	    "cells that do not keep what they are given: KIND is stuck-0 "     \
	    "(not erased) stuck-1 (not programmed) weak (reads one or the "    \
	    "other) ecc (no read once programmed); WHERE is an address or "    \
	    "sectorK; COUNT bits from there on, or in the sector by seed",     \
	    "D ECC, I")                                                        \
	KEY(cells, PLAIN, OWN, "KIND@WHERE[:COUNT][+...]", 0, 0, 0,            \
	    "as above; no ecc", "I")                                           \
	KEY(link, ALL, OWN, "ok|KIND@PERMILLE[+...]", 0, 0, 0,                 \
	    "bit errors on the cable, by seed: in PERMILLE of all transfers "  \
	    "KIND retry (time only) proto (EPROTO) babble (EOVERFLOW) pipe "   \
	    "(EPIPE) silent short reset (the port)",                           \
	    "D USB 2.0, R")                                                    \
	KEY(watchdog, ALL, WORD, "software|hardware", 0, 0, 0,                 \
	    "option bit of a new chip; hardware: it runs from each reset on",  \
	    "D")                                                               \
	KEY(watchdog_rom, ALL, WORD, "refresh|ignore", 0, 0, 0,                \
	    "does the ROM refresh it, with the prescaler at its maximum, or "  \
	    "leave it as it is",                                               \
	    "D AN2606, I")                                                     \
	KEY(watchdog_ms, ALL, NUMBER, "0..600000 [0]", 0, 600000, 0,           \
	    "its time; 0: 32768, or 512 with watchdog_rom=ignore", "D RM0090")

/* Option bytes: of a new chip, and what happens to them. */
#define SIM_KEYS_OPTION(KEY)                                                   \
	KEY(pcrop, H743, OWN, "ADDRESS+LENGTH[:erase][/...]", 0, 0, 0,         \
	    "PCROP areas of a new chip, one a bank, of whole 256 bytes; "      \
	    "erase: DMEP is set",                                              \
	    "D RM0399")                                                        \
	KEY(secure, H743, OWN, "ADDRESS+LENGTH[:erase][/...]", 0, 0, 0,        \
	    "secure-only areas of a new chip, which count with security=on; "  \
	    "erase: DMES is set",                                              \
	    "D RM0399")                                                        \
	KEY(security, H743, WORD, "none|off|on", 0, 0, 0,                      \
	    "option bit of a new chip; none: a part without secure mode, as "  \
	    "the H743 is",                                                     \
	    "D RM0399")                                                        \
	KEY(swap, H743, CHOICE, "0|1", 0, 0, 0,                                \
	    "SWAP_BANK_OPT of a new chip; wrp, pcrop and secure name banks "   \
	    "as "                                                              \
	    "they are without",                                                \
	    "D RM0399")                                                        \
	KEY(boot_add0, H743, NUMBER, "0..0xffff [0x0800]", 0, 0xffff, 0x0800,  \
	    "boot address of a new chip with BOOT0 low, upper half",           \
	    "D RM0399")                                                        \
	KEY(boot_add1, H743, NUMBER, "0..0xffff [0x1ff0]", 0, 0xffff, 0x1ff0,  \
	    "with BOOT0 high", "D RM0399")                                     \
	KEY(boot_nowhere, H743, WORD, "default|dead", 0, 0, 0,                 \
	    "a boot address where there is nothing: the factory's counts, or " \
	    "nothing starts",                                                  \
	    "K RM0433")                                                        \
	KEY(bank_erase, ALL, WORD, "refused|partial", 0, 0, 0,                 \
	    "mass erase of a bank with a protected sector: nothing in it is "  \
	    "erased, or all but what is protected",                            \
	    "D RM0399 says both")                                              \
	KEY(overwrite, REFUSES, WORD, "damage|silent|error [silent]", 0, 0, 1, \
	    "as below", "D RM0351, RM0440, PM0075; I silent")                  \
	KEY(overwrite, ECC, WORD, "damage|silent|error", 0, 0, 0,              \
	    "programming a flash word that holds something: it is done, and "  \
	    "ECC does not fit; it is not done, and nobody hears of it; it is " \
	    "not done, and the operation fails",                               \
	    "D RM0399, I")                                                     \
	KEY(ob_complement, DATA, WORD, "old|made", 0, 0, 0,                    \
	    "an option word whose complement does not fit: the old value "     \
	    "stays, or the complement is made for it",                         \
	    "I")                                                               \
	KEY(ob_torn, ALL, WORD, "old|erased|mixed", 0, 0, 0,                   \
	    "after a reset or power cut while option bytes are programmed: "   \
	    "the old values; a new chip's at read protection level 1; some "   \
	    "bytes old and some new",                                          \
	    "D RM0399 old, I")                                                 \
	KEY(ob_error, H743, WORD, "flag|cleared", 0, 0, 0,                     \
	    "after an illegal change: OPTCHANGEERR is to be seen, or the ROM " \
	    "has cleared it, as ST's HAL does",                                \
	    "D RM0399, C")

#define SIM_KEYS(KEY)                                                          \
	SIM_KEYS_CHIP(KEY)                                                     \
	SIM_KEYS_ROM(KEY)                                                      \
	SIM_KEYS_SOME(KEY) SIM_KEYS_OPTION(KEY) SIM_KEYS_BOARD(KEY)

#endif
