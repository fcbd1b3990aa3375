/* SPDX-License-Identifier: MIT */
/* Bit errors on the cable, as a host gets to see them. */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>

static struct s0_sim_counters counters(struct bench *bench)
{
	struct s0_sim_counters counters;

	s0_sim_get_counters(bench->sim, &counters);
	return counters;
}

static struct bench *make(void **state, const char *link, unsigned seed)
{
	char text[96];

	snprintf(text, sizeof(text), "stm32h743,link=%s,seed=%u", link, seed);
	return bench_make(state, text);
}

static void make_noise(struct bench *bench, enum sim_noise kind,
		       uint32_t permille)
{
	bench->sim->config.noise[kind] = permille;
	sim_noise_start(bench->sim);
}

/* How many of 1000 GETSTATUS end so; @ret_sum tells one such run from others.
 */
static unsigned count(struct bench *bench, s0_sim_handshake handshake,
		      uint64_t *ret_sum)
{
	unsigned number = 0;

	*ret_sum = 0;
	for (unsigned i = 0; i < 1000; i++)
		if (bench_getstatus(bench) == handshake) {
			number++;
			*ret_sum = *ret_sum * 31 + i;
		}
	return number;
}

/* rows: Q-13 */
static void so_many_of_a_thousand_transfers_fail(void **state)
{
	uint64_t sum, again, other;
	struct bench *bench = make(state, "proto@100", 1);

	assert_in_range(count(bench, S0_SIM_ERROR, &sum), 70, 130);
	/* also the SET_CONFIGURATION that made it ready may have failed */
	assert_in_range(counters(bench).link_errors, 70, 131);
	count(make(state, "proto@100", 1), S0_SIM_ERROR, &again);
	assert_true(sum == again);
	count(make(state, "proto@100", 2), S0_SIM_ERROR, &other);
	assert_true(sum != other);
	bench = make(state, "proto@300+silent@300", 1);
	assert_in_range(count(bench, S0_SIM_SILENT, &sum), 240, 360);
	bench = make(state, "ok", 1);
	assert_int_equal(count(bench, S0_SIM_ACK, &sum), 1000);
}

/* rows: Q-14 */
static void what_failed_was_done_or_not(void **state)
{
	static const char *const links[] = { "proto@1000", "pipe@1000",
					     "silent@1000" };
	static const s0_sim_handshake ends[] = { S0_SIM_ERROR, S0_SIM_STALL,
						 S0_SIM_SILENT };

	for (unsigned i = 0; i < 3; i++) {
		unsigned done = 0;

		for (unsigned seed = 1; seed <= 40; seed++) {
			struct bench *bench = make(state, links[i], seed);

			assert_int_equal(bench_dnload(bench, 2, "12345678", 8),
					 ends[i]);
			assert_int_equal(bench->reply.length, 0);
			done += bench->sim->dfu.state == 3;
			assert_int_equal(bench->sim->dfu.status, 0);
		}
		assert_in_range(done, 10, 30);
	}
}

/* rows: Q-13 */
static void an_error_that_is_tried_again_costs_time_alone(void **state)
{
	struct bench *bench = make(state, "ok", 1);
	uint64_t clean, slow;

	bench_expect(bench, 0, 2);
	clean = bench->reply.wire_us;
	bench = make(state, "retry@1000", 1);
	bench_expect(bench, 0, 2);
	slow = bench->reply.wire_us - clean;
	assert_in_range(slow, 51, 104);
	assert_true(counters(bench).link_retries >= 1);
	assert_int_equal(counters(bench).link_errors, 0);
}

/* rows: Q-13 */
static void babble_and_short_data_need_data_to_the_host(void **state)
{
	struct bench *bench = make(state, "babble@1000", 1);

	assert_int_equal(bench_dnload(bench, 2, "12345678", 8), S0_SIM_ACK);
	assert_int_equal(bench_abort(bench), S0_SIM_ACK);
	assert_int_equal(bench_upload(bench, 2, 64), S0_SIM_OVERFLOW);
	assert_int_equal(bench->reply.length, 0);
	bench = make(state, "short@1000", 1);
	assert_int_equal(bench_abort(bench), S0_SIM_ACK);
	assert_int_equal(bench_upload(bench, 2, 64), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 32);
	/* descriptors and strings too */
	bench_control(bench, 0x80, 6, 0x0100, 0, 18);
	assert_int_equal(bench->reply.length, 9);
	bench_control(bench, 0x80, 6, 0x0301, 0x0409, 255);
	assert_int_equal(bench->reply.length, bench->data[0] / 2);
}

/* rows: Q-13 */
static void a_hub_that_resets_the_port_leaves_the_flash_alone(void **state)
{
	struct bench *bench = make(state, "ok", 1);
	uint8_t back[8];

	bench_write(bench, BANK_1, "12345678", 8);
	bench_dnload(bench, 0, "\x21\0\0\x10\x08", 5);
	make_noise(bench, SIM_NOISE_RESET, 1000);
	assert_int_equal(bench_getstatus(bench), S0_SIM_GONE);
	make_noise(bench, SIM_NOISE_RESET, 0);
	assert_false(s0_sim_attached(bench->sim));
	s0_sim_advance_us(bench->sim, 100000);
	bench_expect(bench, 0, 2); /* the state machine starts anew */
	bench_peek(bench, BANK_1, back, sizeof(back));
	assert_memory_equal(back, "12345678", 8);
	assert_int_equal(counters(bench).brown_outs, 0);
}

static void an_injected_fault_comes_before_noise(void **state)
{
	struct bench *bench =
		bench_make(state, "stm32h743,link=proto@1000,fault=stall@1");

	assert_int_equal(bench_getstatus(bench), S0_SIM_STALL);
	assert_int_equal(bench_getstatus(bench), S0_SIM_ERROR);
}

static void keep_line(void *payload, const struct s0_sim_record *record)
{
	s0_sim_record_print(record, payload, 200);
}

static void the_log_names_it(void **state)
{
	struct bench *bench = make(state, "proto@1000", 1);
	char line[200];

	s0_sim_set_log(bench->sim, keep_line, line);
	bench_getstatus(bench);
	assert_non_null(strstr(line, "-> error "));
	bench = make(state, "babble@1000", 1);
	s0_sim_set_log(bench->sim, keep_line, line);
	bench_getstatus(bench);
	assert_non_null(strstr(line, "-> overflow "));
}

/* --- as a link --- */

static s0_code open_link(void **state, const char *noise,
			 struct usb_link **ret_link)
{
	struct s0_error err = S0_ERROR_INIT;
	struct bench *bench = make(state, noise, 1);

	return sim_link_new(bench->sim, false, "sim", ret_link, &err);
}

static void run_getstatus(struct bench *bench, struct usb_link *link,
			  struct usb_transfer *transfer)
{
	*transfer = (struct usb_transfer){ .request_type = 0xa1,
					   .request = SIM_GETSTATUS,
					   .length = 6,
					   .data = bench->data,
					   .timeout_ms = 1000 };
	link->ops->run(link, transfer, 1);
}

/* rows: Q-13 */
static void a_link_tells_what_libusb_would(void **state)
{
	struct bench *bench;
	struct usb_transfer transfer;
	struct usb_link *link;

	assert_int_equal(open_link(state, "ok", &link), S0_OK);
	bench = *state;
	make_noise(bench, SIM_NOISE_PROTO, 1000);
	run_getstatus(bench, link, &transfer);
	assert_int_equal(transfer.code, S0_E_PROTOCOL);
	assert_int_equal(transfer.usb_code, -1); /* LIBUSB_ERROR_IO */
	make_noise(bench, SIM_NOISE_PROTO, 0);
	make_noise(bench, SIM_NOISE_BABBLE, 1000);
	run_getstatus(bench, link, &transfer);
	assert_int_equal(transfer.code, S0_E_PROTOCOL);
	assert_int_equal(transfer.usb_code, -8); /* LIBUSB_ERROR_OVERFLOW */
	make_noise(bench, SIM_NOISE_BABBLE, 0);
	run_getstatus(bench, link, &transfer);
	assert_int_equal(transfer.code, S0_OK);
	assert_int_equal(transfer.usb_code, 0);
	link->ops->close(link);
}

/* rows: Q-15 */
static void a_bad_cable_shows_when_it_is_plugged_in(void **state)
{
	struct usb_link *link;

	assert_int_equal(open_link(state, "ok", &link), S0_OK);
	assert_int_equal(link->facts.config_length, 36);
	link->ops->close(link);
	assert_int_equal(open_link(state, "short@1000", &link), S0_OK);
	assert_int_equal(link->facts.config_length, 18);
	link->ops->close(link);
	assert_int_equal(open_link(state, "proto@1000", &link), S0_E_PROTOCOL);
	assert_int_equal(open_link(state, "reset@1000", &link), S0_E_GONE);
	/* three tries are enough for one in ten */
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct bench *bench = make(state, "proto@100", seed);

		assert_int_equal(
			sim_link_new(bench->sim, false, "sim", &link, NULL),
			S0_OK);
		assert_int_equal(link->facts.config_length, 36);
		link->ops->close(link);
	}
}

static void noises_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		"",	    "proto",	  "hum@1",
		"ok@1",	    "proto@0",	  "proto@1001",
		"proto@1+", "ok+proto@1", "proto@600+pipe@401"
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[64] = "stm32h743,link=";
		struct s0_error err = S0_ERROR_INIT;
		struct s0_sim *sim;

		strcat(text, bad[i]);
		if (s0_sim_new(text, &sim, &err) != S0_E_USAGE)
			fail_msg("%s: taken", bad[i]);
		assert_non_null(strstr(err.message, "ok|KIND@PERMILLE"));
	}
	make(state, "proto@600+pipe@400", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_of_a_thousand_transfers_fail),
		cmocka_unit_test(what_failed_was_done_or_not),
		cmocka_unit_test(an_error_that_is_tried_again_costs_time_alone),
		cmocka_unit_test(babble_and_short_data_need_data_to_the_host),
		cmocka_unit_test(
			a_hub_that_resets_the_port_leaves_the_flash_alone),
		cmocka_unit_test(an_injected_fault_comes_before_noise),
		cmocka_unit_test(the_log_names_it),
		cmocka_unit_test(a_link_tells_what_libusb_would),
		cmocka_unit_test(a_bad_cable_shows_when_it_is_plugged_in),
		cmocka_unit_test(noises_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
