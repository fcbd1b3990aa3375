/* SPDX-License-Identifier: MIT */
/* What a stress test makes of boards with one thing wrong: never the wrong
 * finding first, over many seeds. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/diag.h>
#include <sector0/sim.h>

#include "board.h"

#define SEEDS 10

struct kind {
	const char *name;
	const char *board;
	bool revive;	   /* does somebody power it off and on where asked? */
	const char *right; /* the finding */
	const char *vague; /* or one that leaves it open; NULL */
};

struct outcome {
	const char *code; /* of the first finding; "none" */
	s0_confidence confidence;
	unsigned failures;
	bool opened;
	s0_code end;
};

static bool revive_it;
static struct s0_sim *reviving;

/* Somebody at the board, who does what is asked on the screen. */
static bool at_hand(void *payload, const char *what)
{
	(void)payload;
	if (revive_it && strstr(what, "powered off and on"))
		s0_sim_power_cycle(reviving);
	return true;
}

static unsigned failures_of(const struct s0_stress *stress)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < S0_LOADS; i++) {
		const struct s0_stress_load *l = &stress->loads[i];

		sum += l->dropped + l->silent + l->stopped + l->link +
		       l->refused + l->wrong;
	}
	return sum;
}

static void judge(struct board *board, const struct s0_stress *stress,
		  const struct s0_error *err, struct outcome *outcome)
{
	struct s0_facts facts = { .device = s0_device_info(board->device),
				  .map = s0_device_map(board->device),
				  .stress = stress };
	struct s0_findings *findings;
	const struct s0_finding *first;

	if (stress->first.code == S0_OK && err->code != S0_OK)
		facts.error = err;
	assert_int_equal(s0_findings_new(&findings, NULL), S0_OK);
	assert_int_equal(s0_findings_add(findings, &facts, NULL), S0_OK);
	first = s0_findings_at(findings, 0);
	if (first && !first->note) {
		outcome->code = first->code;
		outcome->confidence = first->confidence;
	}
	outcome->failures = failures_of(stress);
	s0_findings_free(findings);
}

static struct outcome examine(const char *description)
{
	static const struct s0_patience patience = { .reconnect_ms =
							     S0_RECONNECT_MS,
						     .waiting = at_hand };
	struct outcome outcome = { .code = "none" };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_stress *stress = NULL;
	struct board board;

	board_make(&board, description);
	board.patience = &patience;
	reviving = board.sim;
	outcome.end = board_open(&board, &err);
	outcome.opened = outcome.end == S0_OK;
	if (outcome.opened)
		outcome.end = s0_session_stress(board.session, NULL, 3, &stress,
						&err);
	if (stress) {
		judge(&board, stress, &err, &outcome);
	} else {
		s0_error_explain(&err);
		outcome.code = err.finding;
		outcome.failures = 1;
	}
	s0_stress_free(stress);
	board_close(&board);
	board_free(&board);
	return outcome;
}

/* clang-format off */
static const struct kind kinds[] = {
#define BOTH(name, keys, revive, right, vague)                                 \
	{ "H743, " name, "sim:stm32h743,rom=0x92" keys, revive, right,         \
	  vague },                                                             \
	{                                                                      \
		"F405, " name, "sim:stm32f405" keys, revive, right, vague      \
	}
	BOTH("nothing wrong", "", false, "none", NULL),
	BOTH("weak VCAP", ",supply=weak-vcap", false, "D_SUPPLY", "D_CELLS"),
	BOTH("weak VCAP, power-cycled", ",supply=weak-vcap", true, "D_SUPPLY",
	     NULL),
	BOTH("weak VCAP, resets", ",supply=weak-vcap,vcap_fault=reset", false,
	     "D_SUPPLY", "D_DROPPED_OFF"),
	BOTH("weak VCAP, seldom", ",vcap_permille=20", true, "D_SUPPLY",
	     "D_DROPPED_OFF"),
	BOTH("sagging VDD", ",supply=sagging-vdd", false, "D_SUPPLY",
	     "D_CELLS"),
	BOTH("sagging VDD, bits", ",supply=sagging-vdd,incomplete=bits", false,
	     "D_SUPPLY", "D_CELLS"),
	BOTH("sagging VDD, no drop, words",
	     ",dips_mv=1600,bor=0,incomplete=words", false, "D_SUPPLY",
	     "D_CELLS"),
	BOTH("sagging VDD, no drop, bits",
	     ",dips_mv=1600,bor=0,incomplete=bits", false, "D_SUPPLY",
	     "D_CELLS"),
	{ "H743, sagging VDD, no drop, words, power-cycled",
	  "sim:stm32h743,rom=0x92,dips_mv=1600,bor=0,incomplete=words", true,
	  "D_SUPPLY", "D_CELLS" },
	{ "H743, sagging VDD, no drop, bits, power-cycled",
	  "sim:stm32h743,rom=0x92,dips_mv=1600,bor=0,incomplete=bits", true,
	  "D_SUPPLY", "D_CELLS" },
	BOTH("worn sector", ",worn=3", false, "D_WORN_FLASH", NULL),
	BOTH("worn sectors", ",worn=1+9:8", false, "D_WORN_FLASH", NULL),
	BOTH("all worn", ",erase_ms=worn", false, "D_WORN_FLASH", NULL),
	BOTH("cells stuck at 1", ",cells=stuck-1@sector1:4", false,
	     "D_WORN_FLASH", "D_CELLS"),
	BOTH("cells stuck at 0", ",cells=stuck-0@sector2:4", false,
	     "D_WORN_FLASH", "D_DAMAGED_FLASH"),
	BOTH("weak cells", ",cells=weak@sector1:4", false, "D_WORN_FLASH",
	     "D_CELLS"),
	BOTH("one weak cell", ",cells=weak@sector3:1", false, "D_WORN_FLASH",
	     "D_CELLS"),
	{ "H743, cells stuck at 1, one word",
	  "sim:stm32h743,rom=0x92,cells=stuck-1@0x08020010:3", false, "D_CELLS",
	  NULL },
	{ "H743, cells stuck at 1, one word, power-cycled",
	  "sim:stm32h743,rom=0x92,cells=stuck-1@0x08020010:3", true,
	  "D_WORN_FLASH", "D_CELLS" },
	{ "H743, cells stuck at 0, one word",
	  "sim:stm32h743,rom=0x92,cells=stuck-0@0x08020010:3", false,
	  "D_DAMAGED_FLASH", NULL },
	{ "H743, word unreadable",
	  "sim:stm32h743,rom=0x92,cells=ecc@0x08021000", true, "D_WORN_FLASH",
	  "D_CELLS" },
	{ "H743, write protection", "sim:stm32h743,rom=0x92,wrp=0xffff", false,
	  "D_WRITE_PROTECTED", NULL },
	{ "F405, write protection", "sim:stm32f405,wrp=0xfff", false,
	  "D_WRITE_PROTECTED", NULL },
	{ "H743, some write protection", "sim:stm32h743,rom=0x92,wrp=0x0006",
	  false, "D_WRITE_PROTECTED", NULL },
	BOTH("watchdog that bites", ",watchdog=hardware,watchdog_rom=ignore",
	     false, "D_WATCHDOG", NULL),
	BOTH("watchdog that is fed", ",watchdog=hardware", false, "none", NULL),
#define LINK(kind)                                                             \
	BOTH("link, " kind ", 0.1 %", ",link=" kind "@1", false, "D_USB_LINK", \
	     "D_DROPPED_OFF"),                                                 \
		BOTH("link, " kind ", 0.3 %", ",link=" kind "@3", false,       \
		     "D_USB_LINK", NULL),                                      \
		BOTH("link, " kind ", 2 %", ",link=" kind "@20", false,        \
		     "D_USB_LINK", NULL)
	LINK("proto"),
	LINK("pipe"),
	LINK("babble"),
	LINK("short"),
	LINK("silent"),
	LINK("reset"),
	BOTH("link, bits mended", ",link=retry@100", false, "none", NULL),
	{ "H743, bootloader V9.1", "sim:stm32h743", false, "none", NULL },
};

/* clang-format on */

#define KINDS (sizeof kinds / sizeof kinds[0])

/* How often which finding came first. */
struct row {
	unsigned right, vague, nothing, wrong, possible, closed;
	const char *example; /* of a wrong one */
};

static void count(struct row *row, const struct kind *kind,
		  const struct outcome *o)
{
	if (!o->opened) {
		/* The commands' own tests look at that. */
		row->closed++;
		return;
	}
	if (o->confidence == S0_POSSIBLE && strcmp(o->code, "none") != 0)
		row->possible++;
	if (!strcmp(o->code, kind->right))
		row->right++;
	else if (!strcmp(o->code, "none") && !o->failures)
		row->nothing++;
	else if (kind->vague && !strcmp(o->code, kind->vague) &&
		 o->confidence == S0_POSSIBLE)
		row->vague++;
	else {
		row->example = o->code;
		row->wrong++;
	}
}

static void no_board_gets_a_wrong_finding(void **state)
{
	unsigned wrong = 0, boards = 0;

	(void)state;
	print_message("# board | right | open | nothing failed | not opened | "
		      "wrong\n");
	for (size_t i = 0; i < KINDS; i++) {
		struct row row = { 0 };

		for (unsigned seed = 1; seed <= SEEDS; seed++) {
			char text[256];
			struct outcome outcome;

			(void)snprintf(text, sizeof text, "%s,seed=%u",
				       kinds[i].board, seed);
			revive_it = kinds[i].revive;
			outcome = examine(text);
			count(&row, &kinds[i], &outcome);
			boards++;
		}
		print_message(
			"# %s | %s %u (%u possible) | %u | %u | %u | %u %s\n",
			kinds[i].name, kinds[i].right, row.right, row.possible,
			row.vague, row.nothing, row.closed, row.wrong,
			row.example ? row.example : "");
		wrong += row.wrong;
	}
	print_message("# %u boards, %u wrong\n", boards, wrong);
	assert_int_equal(wrong, 0);
}

/* The first finding of a look at the connection alone; NULL: none. */
static const char *look(const char *description)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_findings *findings;
	const struct s0_finding *first;
	struct s0_link_check check;
	struct s0_facts facts = { .link = &check };
	const char *code = NULL;
	struct board board;

	board_make(&board, description);
	assert_int_equal(s0_findings_new(&findings, NULL), S0_OK);
	if (board_open(&board, &err) == S0_OK) {
		(void)!s0_session_check_link(board.session, &check, &err);
		assert_int_equal(s0_findings_add(findings, &facts, NULL),
				 S0_OK);
		first = s0_findings_at(findings, 0);
		code = first ? first->code : "none";
	}
	s0_findings_free(findings);
	board_close(&board);
	board_free(&board);
	return code;
}

static void a_look_blames_no_good_cable_and_finds_a_bad_one(void **state)
{
	unsigned bad = 0, found = 0;

	(void)state;
	for (size_t i = 0; i < KINDS * SEEDS; i++) {
		const struct kind *kind = &kinds[i / SEEDS];
		bool cable = !strcmp(kind->right, "D_USB_LINK");
		const char *code;
		char text[256];

		(void)snprintf(text, sizeof text, "%s,seed=%zu", kind->board,
			       1 + i % SEEDS);
		code = look(text);
		/* A watchdog's bite is no cable's fault, and not called so. */
		if (!cable && code && strcmp(code, "D_DROPPED_OFF") != 0)
			assert_string_equal(code, "none");
		if (!cable || !code || !strstr(kind->board, "@20"))
			continue;
		bad++;
		found += strcmp(code, "none") != 0;
	}
	print_message("# a look found %u of %u bad cables\n", found, bad);
	assert_true(bad >= 100 && found * 100 >= bad * 98);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_look_blames_no_good_cable_and_finds_a_bad_one),
		cmocka_unit_test(no_board_gets_a_wrong_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
