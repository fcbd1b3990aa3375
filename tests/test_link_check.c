/* SPDX-License-Identifier: MIT */
/* A look at the connection: what it counts, and what is made of that. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/diag.h>
#include <sector0/sim.h>

#include "board.h"
#include "session/session.h"

#define SEEDS 10

static const char *const profiles[] = { "sim:stm32h743", "sim:stm32f405" };

static bool at_hand(void *payload, const char *what)
{
	(void)payload, (void)what;
	return true;
}

static const struct s0_patience patience = { .reconnect_ms = S0_RECONNECT_MS,
					     .waiting = at_hand };

/* Look at a board; how many errors the cable made, those in names included. */
static s0_code look(const char *profile, const char *keys, unsigned seed,
		    struct s0_link_check *check, uint64_t *ret_made)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sim_counters counters;
	struct board board;
	char text[128];
	s0_code code;

	(void)snprintf(text, sizeof text, "%s%s,seed=%u", profile, keys, seed);
	memset(check, 0, sizeof *check);
	board_make(&board, text);
	board.patience = &patience;
	code = board_open(&board, &err);
	if (code == S0_OK)
		code = s0_session_check_link(board.session, check, &err);
	s0_sim_get_counters(board.sim, &counters);
	*ret_made = counters.link_errors;
	board_close(&board);
	board_free(&board);
	return code;
}

static uint32_t sum(const struct s0_link_check *check)
{
	return check->errors + check->cut_short + check->lost + check->refused +
	       check->dropped;
}

static void a_good_cable_loses_nothing(void **state)
{
	static const char *const keys[] = { "",
					    ",link=retry@200",
					    ",early_poll=stall",
					    ",rdp=1",
					    ",queue=stall",
					    ",queue=lost",
					    ",watchdog=hardware" };

	(void)state;
	for (size_t p = 0; p < 2; p++)
		for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
			struct s0_link_check check;
			uint64_t made;

			print_message("# %s%s\n", profiles[p], keys[i]);
			assert_int_equal(
				look(profiles[p], keys[i], 1, &check, &made),
				S0_OK);
			assert_int_equal(sum(&check), 0);
			assert_int_equal(check.transfers, 400);
		}
}

static void each_kind_of_error_is_counted_as_what_it_is(void **state)
{
	static const struct {
		const char *key;
		size_t counter;
	} kinds[] = {
		{ ",link=proto@20", offsetof(struct s0_link_check, errors) },
		{ ",link=babble@20", offsetof(struct s0_link_check, errors) },
		{ ",link=pipe@20", offsetof(struct s0_link_check, refused) },
		{ ",link=short@20", offsetof(struct s0_link_check, cut_short) },
		{ ",link=silent@20", offsetof(struct s0_link_check, lost) },
		{ ",link=reset@20", offsetof(struct s0_link_check, dropped) },
	};

	(void)state;
	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		unsigned looks = 0;

		for (unsigned seed = 1; seed <= SEEDS; seed++) {
			struct s0_link_check check;
			uint64_t made;
			uint32_t count;

			if (look(profiles[seed % 2], kinds[k].key, seed, &check,
				 &made) != S0_OK)
				continue;
			memcpy(&count, (char *)&check + kinds[k].counter,
			       sizeof count);
			print_message("# %s seed %u: %u of %u\n", kinds[k].key,
				      seed, count, (unsigned)made);
			assert_int_equal(count, sum(&check));
			assert_true(count > 0 && count <= made);
			/* A few hit the names, or a refusal that is one. */
			assert_in_range(count, made / 3, made);
			looks++;
		}
		assert_true(looks >= SEEDS / 2);
	}
}

static void each_look_counts_its_own(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_link_check first, second;
	struct s0_sim_counters counters;
	struct board board;

	(void)state;
	board_make(&board, "sim:stm32h743,link=proto@20");
	assert_int_equal(board_open(&board, &err), S0_OK);
	assert_int_equal(s0_session_check_link(board.session, &first, &err),
			 S0_OK);
	assert_int_equal(s0_session_check_link(board.session, &second, &err),
			 S0_OK);
	s0_sim_get_counters(board.sim, &counters);
	assert_true(first.errors && second.errors);
	assert_true(first.errors + second.errors <= counters.link_errors);
	board_close(&board);
	board_free(&board);
}

static void what_hangs_or_is_gone_ends_it(void **state)
{
	static const struct {
		s0_sim_fault fault;
		s0_code end;
	} faults[] = { { S0_SIM_FAULT_HANG, S0_E_TIMEOUT },
		       { S0_SIM_FAULT_UNPLUG, S0_E_GONE } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_link_check check;
		struct board board;

		board_make(&board, "sim:stm32h743");
		assert_int_equal(board_open(&board, &err), S0_OK);
		s0_sim_fail_at(board.sim, s0_sim_transfers(board.sim) + 20,
			       faults[i].fault);
		assert_int_equal(
			s0_session_check_link(board.session, &check, &err),
			faults[i].end);
		assert_int_equal(err.aftermath, S0_UNTOUCHED);
		assert_int_equal(check.lost, 0);
		assert_int_equal(check.dropped, faults[i].end == S0_E_GONE);
		board_close(&board);
		board_free(&board);
	}
}

/* Stalls each ABORT in dfuIDLE. */
static const struct target_ops *real_ops;
static unsigned stall_each;

static s0_code stalling_settle(struct target *target, struct s0_error *err)
{
	s0_code code = real_ops->settle(target, err);
	static unsigned count;

	target->stats.refused += ++count % stall_each == 0;
	return code;
}

static uint32_t refused_of(unsigned each)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_link_check check;
	struct target_ops ops;
	struct board board;

	board_make(&board, "sim:stm32h743");
	assert_int_equal(board_open(&board, &err), S0_OK);
	real_ops = board.session->target->ops;
	ops = *real_ops;
	ops.settle = stalling_settle;
	stall_each = each;
	board.session->target->ops = &ops;
	assert_int_equal(s0_session_check_link(board.session, &check, &err),
			 S0_OK);
	board.session->target->ops = real_ops;
	board_close(&board);
	board_free(&board);
	return check.refused;
}

static void a_device_that_stalls_each_abort_does_so_by_habit(void **state)
{
	(void)state;
	assert_int_equal(refused_of(1), 0);
	assert_int_equal(refused_of(4), 50);
}

static void it_ends_when_it_has_seen_enough(void **state)
{
	struct s0_link_check check;
	uint64_t made;

	(void)state;
	/* Each of them is waited for ten seconds long. */
	for (unsigned seed = 1; seed <= SEEDS; seed++)
		if (look(profiles[0], ",link=silent@40", seed, &check, &made) ==
		    S0_OK)
			assert_in_range(check.transfers, 1, 350);
}

struct verdict {
	const char *code; /* of the first fault; "none" */
	s0_confidence confidence;
	size_t faults;
	char evidence[300];
};

static struct verdict judge(struct s0_link_check check, uint32_t watchdog)
{
	struct s0_device_info info = { .chip = s0_chip_find("stm32h743"),
				       .option_length = 308 };
	struct s0_facts facts = { .device = &info, .link = &check };
	struct verdict verdict = { .code = "none" };
	struct s0_findings *findings;

	check.transfers = 440;
	memset(info.options, 0xff, sizeof info.options);
	info.options[0] = watchdog ? 0xe0 : 0xf0; /* IWDG1_SW is bit 4 */
	info.options[1] = 0xaa;
	assert_int_equal(s0_findings_new(&findings, NULL), S0_OK);
	assert_int_equal(s0_findings_add(findings, &facts, NULL), S0_OK);
	for (size_t i = 0; i < s0_findings_count(findings); i++) {
		const struct s0_finding *f = s0_findings_at(findings, i);

		if (strcmp(f->code, "D_USB_LINK") != 0 &&
		    strcmp(f->code, "D_DROPPED_OFF") != 0)
			continue;
		verdict.code = !strcmp(f->code, "D_USB_LINK") ? "D_USB_LINK"
							      : "D_DROPPED_OFF";
		verdict.confidence = f->confidence;
		(void)snprintf(verdict.evidence, sizeof verdict.evidence, "%s",
			       f->evidence);
		verdict.faults++;
	}
	s0_findings_free(findings);
	return verdict;
}

#define LOOKED(...) judge((struct s0_link_check){ __VA_ARGS__ }, 0)

static void assert_verdict(struct verdict v, const char *code,
			   s0_confidence confidence)
{
	print_message("# %s, %s\n", v.code, v.evidence);
	assert_string_equal(v.code, code);
	assert_int_equal(v.confidence, confidence);
	assert_int_equal(v.faults, strcmp(code, "none") != 0);
}

static void the_more_fails_the_surer_it_is(void **state)
{
	(void)state;
	assert_verdict(LOOKED(0), "none", S0_CERTAIN);
	assert_verdict(LOOKED(.errors = 1), "D_USB_LINK", S0_POSSIBLE);
	assert_verdict(LOOKED(.cut_short = 1), "D_USB_LINK", S0_POSSIBLE);
	assert_verdict(LOOKED(.lost = 1), "D_USB_LINK", S0_POSSIBLE);
	assert_verdict(LOOKED(.refused = 1), "D_USB_LINK", S0_POSSIBLE);
	assert_verdict(LOOKED(.errors = 1, .lost = 1), "D_USB_LINK", S0_LIKELY);
	assert_verdict(LOOKED(.errors = 1, .cut_short = 1, .refused = 1),
		       "D_USB_LINK", S0_CERTAIN);
}

static void leaving_the_bus_alone_is_less_sure(void **state)
{
	(void)state;
	assert_verdict(LOOKED(.dropped = 1), "D_DROPPED_OFF", S0_POSSIBLE);
	assert_verdict(LOOKED(.dropped = 2), "D_DROPPED_OFF", S0_POSSIBLE);
	assert_verdict(LOOKED(.dropped = 3), "D_USB_LINK", S0_LIKELY);
	assert_verdict(judge((struct s0_link_check){ .dropped = 3 }, 1),
		       "D_DROPPED_OFF", S0_POSSIBLE);
	assert_verdict(LOOKED(.dropped = 1, .errors = 1), "D_USB_LINK",
		       S0_POSSIBLE);
}

static void the_evidence_has_the_numbers(void **state)
{
	struct verdict v = LOOKED(.errors = 3, .cut_short = 2, .lost = 1,
				  .refused = 4, .dropped = 1);

	(void)state;
	assert_string_equal(v.evidence,
			    "10 of 440 transfers failed while the device had "
			    "nothing to do, and it was well right after: 3 "
			    "ended with an error of USB, 2 cut short, 1 lost, "
			    "4 refused without a reason; and it left the bus "
			    "1 time");
	v = LOOKED(.dropped = 2);
	assert_string_equal(v.evidence, "it left the bus 2 times in 440 "
					"transfers, while it had nothing to "
					"do");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_cable_loses_nothing),
		cmocka_unit_test(each_kind_of_error_is_counted_as_what_it_is),
		cmocka_unit_test(each_look_counts_its_own),
		cmocka_unit_test(what_hangs_or_is_gone_ends_it),
		cmocka_unit_test(
			a_device_that_stalls_each_abort_does_so_by_habit),
		cmocka_unit_test(it_ends_when_it_has_seen_enough),
		cmocka_unit_test(the_more_fails_the_surer_it_is),
		cmocka_unit_test(leaving_the_bus_alone_is_less_sure),
		cmocka_unit_test(the_evidence_has_the_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
