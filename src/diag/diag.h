/* SPDX-License-Identifier: MIT */
#ifndef DIAG_DIAG_H
#define DIAG_DIAG_H

#include <sector0/diag.h>

#include "base/text.h"

/* Wildcard, and "this row is not about a failure", where a row names a
 * failure's code, cause or aftermath. */
#define ANY  (-1)
#define NONE (-2)

/* One row of the table of findings. */
struct rule {
	const char *code;
	s0_confidence confidence;
	bool note;
	int error;     /* s0_code, ANY or NONE */
	int cause;     /* s0_cause or ANY */
	int aftermath; /* s0_aftermath or ANY */
	/* Whether the facts say so; adds what speaks for it. NULL: the failure
	 * alone is enough. */
	bool (*when)(const struct s0_facts *facts, struct text *evidence);
	const char *meaning;
	const char *next; /* DIAG_PLACE in it: the address that it is about */
};

#define DIAG_PLACE " ADDRESS"

extern const struct rule diag_rules[];
extern const size_t diag_rule_count;

/* Value of an option field; false where the device did not tell. */
bool diag_option(const struct s0_facts *facts, const char *name,
		 uint32_t *ret_value);
/* The bootloader's version in the chip's data; NULL. */
const struct s0_rom *diag_rom(const struct s0_facts *facts);
/* Is the sector that holds an address write-protected by the option bytes? */
bool diag_protected(const struct s0_facts *facts, uint32_t address);

/* A protected area of a bank; false where there is none. */
bool diag_area(const struct s0_facts *facts, s0_option_group group,
	       unsigned bank, uint32_t *ret_address, uint32_t *ret_length);
/* Those of both banks as evidence; false where there is none. */
bool diag_areas(const struct s0_facts *facts, s0_option_group group,
		struct text *evidence);

/* when_error.c: of a failure */
bool when_moved_section(const struct s0_facts *facts, struct text *evidence);
bool when_noload_section(const struct s0_facts *facts, struct text *evidence);
bool when_protected_there(const struct s0_facts *facts, struct text *evidence);
bool when_unprotected_there(const struct s0_facts *facts,
			    struct text *evidence);
bool when_pcrop_there(const struct s0_facts *facts, struct text *evidence);
bool when_blind_bank(const struct s0_facts *facts, struct text *evidence);
bool when_no_mass_erase(const struct s0_facts *facts, struct text *evidence);
bool when_usb_code(const struct s0_facts *facts, struct text *evidence);
bool when_watchdog_on(const struct s0_facts *facts, struct text *evidence);
bool when_changing(const struct s0_facts *facts, struct text *evidence);

/* when_device.c: of a device */
bool when_rdp1(const struct s0_facts *facts, struct text *evidence);
bool when_rdp_refuses(const struct s0_facts *facts, struct text *evidence);
bool when_rdp2(const struct s0_facts *facts, struct text *evidence);
bool when_wrp(const struct s0_facts *facts, struct text *evidence);
bool when_wrp_touched(const struct s0_facts *facts, struct text *evidence);
bool when_wrp_alone(const struct s0_facts *facts, struct text *evidence);
bool when_pcrop(const struct s0_facts *facts, struct text *evidence);
bool when_secure(const struct s0_facts *facts, struct text *evidence);
bool when_watchdog(const struct s0_facts *facts, struct text *evidence);
bool when_boot_address(const struct s0_facts *facts, struct text *evidence);
bool when_swapped(const struct s0_facts *facts, struct text *evidence);
bool when_transfer_size(const struct s0_facts *facts, struct text *evidence);
bool when_descriptors(const struct s0_facts *facts, struct text *evidence);
bool when_whole_layout(const struct s0_facts *facts, struct text *evidence);
bool when_unknown_chip(const struct s0_facts *facts, struct text *evidence);
bool when_several_chips(const struct s0_facts *facts, struct text *evidence);
bool when_conflict(const struct s0_facts *facts, struct text *evidence);
bool when_overruled(const struct s0_facts *facts, struct text *evidence);
bool when_clone(const struct s0_facts *facts, struct text *evidence);
bool when_rom_limits(const struct s0_facts *facts, struct text *evidence);
bool when_smaller(const struct s0_facts *facts, struct text *evidence);
bool when_shared_serial(const struct s0_facts *facts, struct text *evidence);
bool when_not_told(const struct s0_facts *facts, struct text *evidence);
bool when_saved(const struct s0_facts *facts, struct text *evidence);
bool when_noted(const struct s0_facts *facts, struct text *evidence);
bool when_left_open(const struct s0_facts *facts, struct text *evidence);
bool when_noted_unreadable(const struct s0_facts *facts, struct text *evidence);

/* when_file.c: of a file */
bool when_file_noload(const struct s0_facts *facts, struct text *evidence);
bool when_file_data(const struct s0_facts *facts, struct text *evidence);
bool when_file_options(const struct s0_facts *facts, struct text *evidence);
bool when_file_past(const struct s0_facts *facts, struct text *evidence);
bool when_file_nowhere(const struct s0_facts *facts, struct text *evidence);
bool when_stack(const struct s0_facts *facts, struct text *evidence);
bool when_reset(const struct s0_facts *facts, struct text *evidence);
bool when_misplaced(const struct s0_facts *facts, struct text *evidence);
bool when_thumb(const struct s0_facts *facts, struct text *evidence);

/* Is the content of a section of that name wanted there at start? */
bool diag_moved(const char *section);

/* when_stress.c, when_content.c: of a stress test */
/* "failed: reads 0/64, single words 0/64, bursts 1/8, erases 3/8" */
void diag_add_rates(const struct s0_stress *stress, struct text *evidence);
/* Rounds with wrong content, where the places were right when the same was
 * done to them again. */
size_t diag_scattered(const struct s0_facts *facts);
/* Where the sector is that needs another look; false: nowhere. */
bool diag_wrong_at(const struct s0_facts *facts, uint32_t *ret_address);
bool when_regular(const struct s0_facts *facts, struct text *evidence);
bool when_supply(const struct s0_facts *facts, struct text *evidence);
bool when_supply_once(const struct s0_facts *facts, struct text *evidence);
bool when_link_idle(const struct s0_facts *facts, struct text *evidence);
bool when_link(const struct s0_facts *facts, struct text *evidence);
bool when_link_once(const struct s0_facts *facts, struct text *evidence);
bool when_dropped(const struct s0_facts *facts, struct text *evidence);
bool when_hung_idle(const struct s0_facts *facts, struct text *evidence);
bool when_refused(const struct s0_facts *facts, struct text *evidence);
bool when_unreadable(const struct s0_facts *facts, struct text *evidence);
bool when_unreadable_idle(const struct s0_facts *facts, struct text *evidence);
bool when_unchanged(const struct s0_facts *facts, struct text *evidence);
bool when_slow(const struct s0_facts *facts, struct text *evidence);
bool when_slow_once(const struct s0_facts *facts, struct text *evidence);
bool when_stuck(const struct s0_facts *facts, struct text *evidence);
bool when_stuck_twice(const struct s0_facts *facts, struct text *evidence);
bool when_wrong_once(const struct s0_facts *facts, struct text *evidence);

/* when_link.c: of a connection */
bool when_link_fails(const struct s0_facts *facts, struct text *evidence);
bool when_link_failed_twice(const struct s0_facts *facts,
			    struct text *evidence);
bool when_link_failed_once(const struct s0_facts *facts, struct text *evidence);
bool when_dropped_idle(const struct s0_facts *facts, struct text *evidence);

/* when_host.c: of a host */
bool when_no_rights(const struct s0_facts *facts, struct text *evidence);
bool when_rule_missing(const struct s0_facts *facts, struct text *evidence);
bool when_no_node(const struct s0_facts *facts, struct text *evidence);
bool when_driver(const struct s0_facts *facts, struct text *evidence);
bool when_holder(const struct s0_facts *facts, struct text *evidence);
bool when_running(const struct s0_facts *facts, struct text *evidence);
bool when_same_serial(const struct s0_facts *facts, struct text *evidence);

#endif
