/* SPDX-License-Identifier: MIT */
/* What a failure and the device that it happened on say together. */
#include <string.h>

#include "base/range.h"
#include "diag/diag.h"

/* Sections whose content is wanted at start, by the names that linker scripts
 * of STM32 give them; all others in RAM hold nothing worth loading. */
bool diag_moved(const char *section)
{
	static const char *const names[] = { ".data",	  ".ramfunc",
					     ".RamFunc",  ".fast",
					     ".itcm",	  ".ram_text",
					     ".ram_code", ".tcm_code" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strncmp(section, names[i], strlen(names[i])))
			return true;
	return false;
}

/* The name of the section that the failure is about, "" if none. */
static const char *section_of(const struct s0_error *err)
{
	static const char words[] = ", section ";
	const char *at = strstr(err->segment, words);

	return at ? at + strlen(words) : "";
}

bool when_moved_section(const struct s0_facts *facts, struct text *evidence)
{
	const char *section = section_of(facts->error);

	if (!diag_moved(section))
		return false;
	text_add(evidence, "%s is a section with content from the start",
		 section);
	return true;
}

bool when_noload_section(const struct s0_facts *facts, struct text *evidence)
{
	(void)evidence;
	return !diag_moved(section_of(facts->error));
}

bool when_protected_there(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->error->length ||
	    !diag_protected(facts, facts->error->address))
		return false;
	text_add(evidence,
		 "the option bytes write-protect the sector at 0x%08x",
		 facts->error->address);
	return true;
}

bool when_unprotected_there(const struct s0_facts *facts, struct text *evidence)
{
	if (!facts->device || !facts->device->option_length ||
	    diag_protected(facts, facts->error->address))
		return false;
	text_add(evidence, "the option bytes protect nothing at 0x%08x",
		 facts->error->address);
	return true;
}

bool when_pcrop_there(const struct s0_facts *facts, struct text *evidence)
{
	uint32_t address, length;

	for (unsigned bank = 1; bank <= 2; bank++) {
		if (!diag_area(facts, S0_OPTION_PCROP, bank, &address,
			       &length) ||
		    !range_overlap(address, length, facts->error->address, 1))
			continue;
		text_add(evidence, "the PCROP area from 0x%08x has %u bytes",
			 address, length);
		return true;
	}
	return false;
}

bool when_blind_bank(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_rom *rom = diag_rom(facts);

	if (!rom || !rom->blind_erase_from || !facts->error->length ||
	    facts->error->address < rom->blind_erase_from)
		return false;
	text_add(evidence,
		 "bootloader %s cannot see the end of an erase from 0x%08x on",
		 rom->name, rom->blind_erase_from);
	return true;
}

bool when_no_mass_erase(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_rom *rom = diag_rom(facts);

	if (!rom || !rom->no_mass_erase)
		return false;
	text_add(evidence, "bootloader %s has no mass erase that works",
		 rom->name);
	return true;
}

bool when_usb_code(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_error *err = facts->error;

	if (err->dfu_status > 0 ||
	    (!err->usb_code && err->request == S0_NO_FACT))
		return false;
	text_add(evidence, "USB code %d, and no DFU status behind it",
		 err->usb_code);
	return true;
}

bool when_watchdog_on(const struct s0_facts *facts, struct text *evidence)
{
	return when_watchdog(facts, evidence);
}

bool when_changing(const struct s0_facts *facts, struct text *evidence)
{
	if (facts->error->aftermath == S0_UNTOUCHED)
		return false;
	text_add(evidence, "flash was being changed");
	return true;
}
