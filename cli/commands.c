/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <string.h>

#include "failure.h"
#include "sim.h"

/* clang-format off */
static const struct command commands[] = {
	{ "list", "", "the devices in DFU mode",
	  "List the devices in DFU mode: USB path, serial number, name and\n"
	  "memories. The path selects a device: -d usb:1-4.2\n",
	  0, 0, false, list_run },
	{ "info", "", "everything that a device tells about itself",
	  "Show what a device tells: identity, bootloader and its known limits,\n"
	  "memory map, protections, option bytes. Nothing is changed.\n",
	  0, 0, false, info_run },
	{ "flash", "FILE[@ADDRESS]…",
	  "program firmware: plan, erase, write, verify",
	  "  sector0 flash boot.bin@0x08000000 app.elf --start  # erase, write, verify\n",
	  1, ANY_NUMBER, true, flash_run },
	{ "plan", "FILE[@ADDRESS]…", "what flash would do, without a device",
	  "  sector0 plan app.elf\n"
	  "  sector0 plan app.elf -d usb:1-4.2\n"
	  "\n"
	  "Show what flash would do: which parts of the file go where, which\n"
	  "sectors are erased, how long it takes. With -d a device is looked at.\n",
	  1, ANY_NUMBER, false, plan_run },
	{ "read", "ADDRESS LENGTH [FILE] | all FILE", "save or show memory",
	  "  sector0 read all backup.bin\n"
	  "  sector0 read 0x08000000 64K boot.hex\n"
	  "  sector0 read 0x08000000 64\n"
	  "\n"
	  "Read memory to a file, in the format of its name (.bin .hex .s19 .dfu\n"
	  ".uf2) or of --format; '-' is standard output. Without FILE a dump is\n"
	  "shown. 'all' is the whole flash.\n",
	  2, 3, false, read_run },
	{ "write", "ADDRESS BYTES…", "write a few bytes by hand",
	  "  sector0 write 0x0801fff0 DEADBEEF 0x12 text:hello\n"
	  "\n"
	  "Write bytes, given in hexadecimal or as text:STRING. The other bytes\n"
	  "of the touched sectors are kept.\n",
	  2, ANY_NUMBER, true, write_run },
	{ "fill", "ADDRESS LENGTH VALUE", "fill a range with a byte or word",
	  "  sector0 fill 0x08040000 4K 0xA5\n"
	  "  sector0 fill 0x08040000 4K 0xDEADBEEF\n"
	  "\n"
	  "Fill a range with a byte of 2 hexadecimal digits, or a word of 4, 8 or\n"
	  "16, lowest byte first. The other bytes of the touched sectors are kept.\n",
	  3, 3, true, fill_run },
	{ "blank", "[ADDRESS LENGTH]", "is memory erased?",
	  "  sector0 blank\n"
	  "  sector0 blank 0x08020000 128K\n"
	  "\n"
	  "Succeed if the range, or the whole flash, is erased; otherwise name\n"
	  "the first byte that is not.\n",
	  0, 2, false, blank_run },
	{ "checksum", "[ADDRESS LENGTH]", "CRC-32, SHA-256, sum of memory",
	  "  sector0 checksum\n"
	  "  sector0 checksum 0x08000000 64K\n"
	  "\n"
	  "Print CRC-32, SHA-256 and the sum of all bytes (ST's checksum) of a\n"
	  "range, or of the whole flash.\n",
	  0, 2, false, checksum_run },
	{ "erase", "all | ADDRESS LENGTH", "erase the whole flash or sectors",
	  "  sector0 erase all\n"
	  "  sector0 erase 0x08020000 128K\n"
	  "\n"
	  "Erase the whole flash, or every sector that holds a byte of the range.\n",
	  1, 2, true, erase_run },
	{ "verify", "FILE[@ADDRESS]…", "compare a device with a file",
	  "  sector0 verify app.elf\n"
	  "\n"
	  "Compare memory with firmware files and show every range that differs.\n"
	  "Nothing is changed.\n",
	  1, ANY_NUMBER, false, verify_run },
	{ "recover", "", "put back what a run that was cut had saved",
	  "  sector0 recover\n"
	  "  sector0 recover --plan\n"
	  "\n"
	  "Put back what a run with --keep or --rollback that was cut had saved of\n"
	  "this chip, and verify it. Sectors of which nothing was saved are named.\n"
	  "So are other chips for which something waits. Refuses where something\n"
	  "else has written to the chip since: --overwrite puts the saved bytes over\n"
	  "that, --forget gives them up.\n",
	  0, 0, true, recover_run },
	{ "start", "[ADDRESS]", "leave the bootloader, run the firmware",
	  "  sector0 start\n"
	  "  sector0 start 0x08020000\n"
	  "\n"
	  "Start the firmware whose vector table is at ADDRESS, or at the start\n"
	  "of flash.\n",
	  0, 1, true, start_run },
	{ "option", "[show] | set NAME=VALUE… | save FILE | load FILE",
	  "the option bytes by name",
	  "  sector0 option\n"
	  "  sector0 option set BOR_LEV=3 WRP1=0-1\n"
	  "  sector0 option set --plan SWAP_BANK=on\n"
	  "  sector0 option save board.options\n"
	  "  sector0 option load board.options --yes\n"
	  "\n"
	  "show: every field of the option bytes by the reference manual's name,\n"
	  "its value, and what that means. save: the same as a text file, '-' is\n"
	  "standard output. set: show what changes and what follows from it, ask,\n"
	  "write, and prove it by reading back. load: the same from such a file.\n",
	  0, ANY_NUMBER, true, option_run },
	{ "unprotect", "", "take read-out protection off; erases all",
	  "  sector0 unprotect\n"
	  "  sector0 unprotect --yes\n"
	  "\n"
	  "Read-out protection from level 1 to level 0: the chip erases its whole\n"
	  "flash and comes back open. It asks before. Level 2 is for ever.\n",
	  0, 0, true, unprotect_run },
	{ "doctor", "[FILE[@ADDRESS]… | --stress [ADDRESS]]",
	  "what is wrong, and how to mend it",
	  "  sector0 doctor\n"
	  "  sector0 doctor app.elf\n"
	  "  sector0 doctor --stress 0x081e0000 --plot sector.svg\n"
	  "\n"
	  "Look at the host, the device and the firmware files, and say what is\n"
	  "wrong with each: evidence, what it means, what to do next. Nothing is\n"
	  "changed. --stress exercises flash: the free sectors, or the one at\n"
	  "ADDRESS, whose content is saved first and put back. It asks before.\n",
	  0, ANY_NUMBER, true, doctor_run },
	{ "convert", "IN OUT", "turn one firmware format into another",
	  "  sector0 convert app.elf app.hex\n"
	  "  sector0 convert app.bin app.dfu --address 0x08000000\n"
	  "\n"
	  "Write a firmware file in another format, by the name of OUT or by\n"
	  "--format. '-' is standard input or output.\n",
	  2, 2, false, convert_run },
	{ "chips", "[NAME | --sources]",
	  "what is known about which chip, and from where",
	  "  sector0 chips\n"
	  "  sector0 chips f767\n"
	  "  sector0 chips --sources\n"
	  "  sector0 chips --chip-file my.chip\n"
	  "\n"
	  "List the chips: name, device ID, flash sizes in KiB, banks, bootloader\n"
	  "versions, parts. With NAME all that is known about one, each value with\n"
	  "its source. --sources counts what kind of sources the values have.\n",
	  0, 1, false, chips_run },
	{ "sim", "serve [PROFILE[,KEY=VALUE…]]… | control COMMAND… | log [N] | help",
	  "virtual chips, also for other programs",
	  "  sector0 flash app.elf -d sim:stm32h743\n"
	  "  sector0 sim serve              # then: usbip attach -r 127.0.0.1 -b 1-1\n"
	  "  sector0 sim serve --attach --count 2       # as USB devices, here\n"
	  "  sector0 sim control unplug\n"
	  "  sector0 sim log --follow\n"
	  "\n"
	  "serve: give virtual chips to other programs as USB devices (USB/IP).\n"
	  "control: one command for a running server; 'sim control help' lists\n"
	  "them, and the server takes them on its standard input too.\n"
	  "log: the last requests (all, or N) that a running server has served.\n"
	  "help: what PROFILE and KEY can be.\n",
	  1, ANY_NUMBER, false, sim_run },
	{ "trace", "show|replay|check FILE …",
	  "look at a recorded session, live through it again",
	  "  sector0 flash app.elf --record bug.trace\n"
	  "  sector0 trace show bug.trace\n"
	  "  sector0 trace replay bug.trace\n"
	  "  sector0 trace replay bug.trace -- flash app.elf --keep\n"
	  "  sector0 trace check bug.trace stm32h743,rom=0x92\n"
	  "\n"
	  "show: what passed between program and device, in words, with times\n"
	  "and sums. replay: run the recorded command line against the recorded\n"
	  "answers; says where it does something else than then, and ends with\n"
	  "the recorded exit status where it does not. check: make the recorded\n"
	  "requests to a virtual chip and compare its answers; the profile is\n"
	  "deduced from the recording where it is not given.\n",
	  2, ANY_NUMBER, false, trace_run },
};
/* clang-format on */

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

s0_code command_unknown(const char *name, struct s0_error *err)
{
	struct nearest nearest = { .typed = name };

	if (err->code != S0_OK)
		return err->code;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		nearest_offer(&nearest, commands[i].name);
	fail_usage(err, "unknown command '%s'", name);
	if (nearest.best)
		add_hint(err, "did you mean '%s'?", nearest.best);
	else
		add_hint(err, "'sector0 --help' lists the commands");
	return S0_E_USAGE;
}

void commands_help(FILE *out)
{
	fputs("  sector0 flash app.elf --start            program, verify and "
	      "run\n"
	      "  sector0 read all backup.bin              save the whole "
	      "flash\n"
	      "  sector0 flash app.elf -d sim:stm32h743   try it on a virtual "
	      "chip\n",
	      out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name,
			commands[i].summary);
	fputs("-d usb:…|serial:…|sim:… is the device; COMMAND --help tells "
	      "more; "
	      "as TOOL ARGS…\n",
	      out);
}

void command_help(FILE *out, const struct command *command)
{
	fprintf(out, "usage: sector0 %s %s%s[OPTIONS]\n\n%s\n", command->name,
		command->args, command->args[0] != '\0' ? " " : "",
		command->help);
	options_print(out, command->name);
	if (command->run == sim_run) {
		fprintf(out, "\n%s", s0_sim_help());
		sim_profiles_print(out);
	}
}
