/* SPDX-License-Identifier: MIT */
/* The rules of a stress test, each at its boundary: from counts to findings. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/diag.h>

#define SECTOR 0x20000u
#define FLASH  0x08000000u

/* Counts, and what is found by them. */
struct counts {
	struct s0_stress all;
	struct s0_stress_round rounds[8];
};

static struct s0_stress_load *load(struct counts *c, s0_load which)
{
	return &c->all.loads[which];
}

/* Rounds that went well, in one sector each. */
static struct counts healthy(size_t rounds)
{
	struct counts c = { .all = { .count = rounds } };

	c.all.first = (struct s0_error)S0_ERROR_INIT;
	for (size_t i = 0; i < rounds; i++)
		c.rounds[i] = (struct s0_stress_round){
			.address = FLASH + (uint32_t)i * SECTOR,
			.length = SECTOR,
			.erase_us = 1000000,
		};
	for (unsigned i = 0; i < S0_LOADS; i++)
		c.all.loads[i].tries = 100;
	return c;
}

/* All that is found, "CODE:confidence CODE:confidence"; notes left out. The
 * next step of the first goes to the second. */
struct found {
	char codes[200];
	char next[300];
};

static struct found find(struct counts *c)
{
	struct s0_device_info info = {
		.chip = s0_chip_find("stm32h743"),
		.vendor = 0x0483,
		.product = 0xdf11,
		.transfer_size = 1024,
		.name = "DFU in FS Mode",
		.memories = { "@Internal Flash   /0x08000000/16*128Kg" },
		.memory_count = 1
	};
	struct s0_facts facts = { .device = &info, .stress = &c->all };
	struct s0_findings *findings;
	struct found found = { "", "" };

	c->all.rounds = c->rounds;
	assert_int_equal(s0_findings_new(&findings, NULL), S0_OK);
	assert_int_equal(s0_findings_add(findings, &facts, NULL), S0_OK);
	for (size_t i = 0; i < s0_findings_count(findings); i++) {
		const struct s0_finding *f = s0_findings_at(findings, i);
		size_t used = strlen(found.codes);

		if (f->note)
			continue;
		(void)snprintf(found.codes + used, sizeof found.codes - used,
			       "%s%s:%s", used ? " " : "", f->code,
			       s0_confidence_name(f->confidence));
		if (!used)
			(void)snprintf(found.next, sizeof found.next, "%s",
				       f->next);
	}
	s0_findings_free(findings);
	return found;
}

static void assert_found(struct counts *c, const char *codes)
{
	assert_string_equal(find(c).codes, codes);
}

static void nothing_wrong_is_nothing_found(void **state)
{
	struct counts c = healthy(4);

	(void)state;
	assert_found(&c, "");
}

/* Off the bus n times in erases that are so much of the transfers and the
 * time, in thousandths. */
static struct counts dropping(unsigned n, unsigned transfers, unsigned time)
{
	struct counts c = healthy(0);

	load(&c, S0_LOAD_ERASES)->dropped = n;
	load(&c, S0_LOAD_ERASES)->transfers = transfers;
	load(&c, S0_LOAD_READS)->transfers = 1000 - transfers;
	load(&c, S0_LOAD_ERASES)->time_us = time;
	load(&c, S0_LOAD_READS)->time_us = 1000 - time;
	return c;
}

static void leaving_under_load_is_the_supply_where_chance_is_ruled_out(
	void **state)
{
	static const struct {
		unsigned n, transfers, time;
		const char *found;
	} rows[] = {
		/* Three times in a fifth of the transfers: 0.8 %. */
		{ 3, 200, 360, "D_SUPPLY:likely" },
		/* 1.1 % by transfers; 5.5 % by time; 4.9 and 5.1. */
		{ 3, 220, 360, "D_SUPPLY:possible" },
		{ 3, 200, 380, "D_SUPPLY:possible" },
		{ 3, 200, 365, "D_SUPPLY:likely" },
		{ 3, 200, 372, "D_SUPPLY:possible" },
		{ 3, 213, 360, "D_SUPPLY:likely" },
		{ 3, 217, 360, "D_SUPPLY:possible" },
		/* Twice is never sure. */
		{ 2, 10, 10, "D_SUPPLY:possible" },
		{ 1, 45, 45, "D_SUPPLY:possible" },
		{ 1, 55, 55, "D_DROPPED_OFF:possible" },
		{ 2, 230, 900, "D_DROPPED_OFF:possible" },
		{ 2, 220, 900, "D_SUPPLY:possible" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct counts c =
			dropping(rows[i].n, rows[i].transfers, rows[i].time);

		print_message("# %u drops, %u, %u\n", rows[i].n,
			      rows[i].transfers, rows[i].time);
		assert_found(&c, rows[i].found);
	}
}

static void a_drop_and_what_it_left_are_surer_than_a_drop(void **state)
{
	struct counts c = dropping(1, 45, 45);

	(void)state;
	load(&c, S0_LOAD_READS)->stopped = 1;
	c.all.count = 1;
	assert_found(&c, "D_SUPPLY:likely");
	c = dropping(1, 45, 45);
	c.all.places = 1;
	assert_found(&c, "D_SUPPLY:likely");
	c = dropping(1, 55, 55);
	c.all.places = 1;
	assert_found(&c, "D_DROPPED_OFF:possible");
}

static void regular_drops_are_a_watchdog(void **state)
{
	struct counts c = healthy(0);

	(void)state;
	load(&c, S0_LOAD_READS)->dropped = 6;
	c.all.shortest_us = 500000;
	c.all.longest_us = 599999;
	assert_found(&c, "D_WATCHDOG:likely");
	c.all.longest_us = 600000;
	assert_found(&c, "D_USB_LINK:likely");
	c.all.longest_us = 500000;
	load(&c, S0_LOAD_READS)->dropped = 5;
	assert_found(&c, "D_USB_LINK:likely");
}

static void silence_under_load_is_the_supply(void **state)
{
	struct counts c = healthy(0);

	(void)state;
	load(&c, S0_LOAD_ERASES)->silent = 1;
	assert_found(&c, "D_SUPPLY:possible");
	load(&c, S0_LOAD_BURSTS)->silent = 1;
	assert_found(&c, "D_SUPPLY:likely");
	load(&c, S0_LOAD_READS)->silent = 1;
	assert_found(&c, "D_HANGS:possible");
}

static void errors_in_plain_reads_are_the_link(void **state)
{
	struct counts c = healthy(0);

	(void)state;
	load(&c, S0_LOAD_READS)->link = 1;
	assert_found(&c, "D_USB_LINK:possible");
	load(&c, S0_LOAD_READS)->wrong = 1;
	assert_found(&c, "D_USB_LINK:likely");
	load(&c, S0_LOAD_READS)->link = 2;
	assert_found(&c, "D_USB_LINK:certain");
}

static void errors_of_usb_under_load_are_the_link(void **state)
{
	struct counts c = healthy(0);

	(void)state;
	load(&c, S0_LOAD_CYCLES)->link = 1;
	assert_found(&c, "D_USB_LINK:possible");
	load(&c, S0_LOAD_WORDS)->link = 1;
	assert_found(&c, "D_USB_LINK:likely");
	load(&c, S0_LOAD_ERASES)->link = 9;
	assert_found(&c, "D_USB_LINK:likely");
}

static void leaving_without_load_is_the_link_but_for_a_supply(void **state)
{
	struct counts c = dropping(0, 500, 500);

	(void)state;
	load(&c, S0_LOAD_READS)->dropped = 1;
	assert_found(&c, "D_DROPPED_OFF:possible");
	load(&c, S0_LOAD_READS)->dropped = 2;
	assert_found(&c, "D_USB_LINK:likely");
	c = dropping(9, 100, 100);
	load(&c, S0_LOAD_READS)->dropped = 2;
	assert_found(&c, "D_SUPPLY:likely");
}

static void erases_beyond_the_maximum_are_worn_flash(void **state)
{
	struct counts c = healthy(4);

	(void)state;
	c.rounds[2].erase_us = 2000000;
	assert_found(&c, "");
	c.rounds[2].erase_us = 2000001;
	assert_found(&c, "D_WORN_FLASH:possible");
	assert_non_null(
		strstr(find(&c).next, "'sector0 doctor --stress 0x08040000'"));
	c.rounds[3].erase_us = 2000001;
	assert_found(&c, "D_WORN_FLASH:likely");
}

static void the_same_places_again_are_worn_flash(void **state)
{
	struct counts c = healthy(4);

	(void)state;
	c.rounds[1].high = 1;
	c.all.places = 2;
	c.all.repeated = 1;
	c.all.most_repeats = 1;
	assert_found(&c, "");
	c.all.most_repeats = 2;
	assert_found(&c, "D_WORN_FLASH:likely");
	c.all.most_repeats = 3;
	assert_found(&c, "D_WORN_FLASH:certain");
	/* As many were right again: neither. */
	c.all.cleared = 1;
	assert_found(&c, "D_CELLS:possible");
	/* Nothing was wrong in the end. */
	c.all.cleared = 0;
	c.rounds[1].high = 0;
	assert_found(&c, "");
}

static void other_places_each_time_are_the_supply(void **state)
{
	struct counts c = healthy(4);

	(void)state;
	c.rounds[1].low = 1;
	c.all.places = 1;
	assert_found(&c, "D_CELLS:possible");
	assert_non_null(
		strstr(find(&c).next, "'sector0 doctor --stress 0x08020000'"));
	c.all.cleared = 1;
	assert_found(&c, "D_SUPPLY:possible");
	c.rounds[3].left = 1;
	assert_found(&c, "D_SUPPLY:likely");
	c.all.repeated = 1;
	assert_found(&c, "D_CELLS:possible");
}

static void reading_that_stops_it_leaves_cells_open(void **state)
{
	struct counts c = healthy(1);

	(void)state;
	load(&c, S0_LOAD_READS)->stopped = 1;
	c.all.first.code = S0_E_TIMEOUT;
	c.all.first.address = 0x08000400;
	c.all.first.length = 1024;
	assert_found(&c, "D_CELLS:possible");
	assert_non_null(
		strstr(find(&c).next, "'sector0 doctor --stress 0x08000400'"));
	/* Not even where: then the command without it. */
	c.all.first.length = 0;
	assert_non_null(strstr(find(&c).next, "'sector0 doctor --stress'"));
	c.all.count = 0;
	assert_found(&c, "D_DAMAGED_FLASH:possible");
	/* A supply that was seen to fail explains it. */
	c = healthy(2);
	load(&c, S0_LOAD_READS)->stopped = 1;
	c.rounds[0].low = 1;
	c.all.cleared = 1;
	assert_found(&c, "D_SUPPLY:possible");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_wrong_is_nothing_found),
		cmocka_unit_test(
			leaving_under_load_is_the_supply_where_chance_is_ruled_out),
		cmocka_unit_test(a_drop_and_what_it_left_are_surer_than_a_drop),
		cmocka_unit_test(regular_drops_are_a_watchdog),
		cmocka_unit_test(silence_under_load_is_the_supply),
		cmocka_unit_test(errors_in_plain_reads_are_the_link),
		cmocka_unit_test(errors_of_usb_under_load_are_the_link),
		cmocka_unit_test(
			leaving_without_load_is_the_link_but_for_a_supply),
		cmocka_unit_test(erases_beyond_the_maximum_are_worn_flash),
		cmocka_unit_test(the_same_places_again_are_worn_flash),
		cmocka_unit_test(other_places_each_time_are_the_supply),
		cmocka_unit_test(reading_that_stops_it_leaves_cells_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
