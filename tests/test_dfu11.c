/* SPDX-License-Identifier: MIT */
/* Plain DFU against a device that takes the standard at its word. */
#include <stdio.h>
#include <string.h>

#include "dfu11_bench.h"
#include "test.h"

#define SIZE 1000u

static uint8_t firmware[SIZE];

static int fill(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SIZE; i++)
		firmware[i] = (uint8_t)(i * 7 + i / 256);
	return 0;
}

static s0_code download(struct dfu11_bench *bench, enum dfu11_end *ret_end,
			struct s0_error *err)
{
	uint64_t done = 0;
	s0_code code;

	*err = (struct s0_error)S0_ERROR_INIT;
	code = dfu11_settle(&bench->proto, err);
	if (code == S0_OK)
		code = dfu11_download(&bench->proto, firmware, SIZE, ret_end,
				      &done, err);
	if (code == S0_OK)
		assert_int_equal(done, SIZE);
	return code;
}

static void assert_holds_firmware(const struct dfu11_bench *bench)
{
	assert_int_equal(bench->model.memory[0].length, SIZE);
	assert_memory_equal(bench->model.memory[0].bytes, firmware, SIZE);
}

static void goes_in(const char *kind)
{
	enum dfu11_end end = DFU11_LEFT;
	struct s0_error err;
	struct dfu11_bench bench;

	dfu11_bench_make(&bench, kind);
	assert_int_equal(download(&bench, &end, &err), S0_OK);
	assert_int_equal(end, DFU11_IDLE);
	assert_holds_firmware(&bench);
	assert_int_equal(bench.model.state, DFU_IDLE);
	dfu11_bench_free(&bench);
}

static void a_firmware_goes_in_whatever_its_blocks(void **state)
{
	(void)state;
	goes_in("dfu");
	goes_in("dfu,xfer=1000");
	goes_in("dfu,xfer=250");
	goes_in("dfu,xfer=4096");
	goes_in("dfu,xfer=1");
	goes_in("dfu,poll_ms=0");
	goes_in("dfu,poll_ms=400,busy=5");
	goes_in("dfu,manifest_ms=9000");
	goes_in("dfu,manifest_ms=0");
}

/* 65536 blocks and more: the number wraps. */
static void block_numbers_wrap(void **state)
{
	static uint8_t large[70000];
	enum dfu11_end end;
	struct dfu11_bench bench;
	uint64_t done = 0;

	(void)state;
	dfu11_bench_make(&bench, "dfu,xfer=1,size=70000,poll_ms=0");
	large[69999] = 0x5a;
	assert_int_equal(dfu11_download(&bench.proto, large, sizeof large, &end,
					&done, NULL),
			 S0_OK);
	assert_int_equal(done, 70000);
	assert_int_equal(bench.model.memory[0].length, 70000);
	assert_int_equal(bench.model.memory[0].bytes[69999], 0x5a);
	dfu11_bench_free(&bench);
}

static void the_end_of_a_download_is_told(void **state)
{
	static const struct {
		const char *kind;
		enum dfu11_end end;
	} ends[] = {
		{ "dfu,tolerant=0", DFU11_WAITS },
		{ "dfu,tolerant=0,mute=1", DFU11_WAITS },
		{ "dfu,tolerant=0,app=1", DFU11_WAITS },
		{ "dfu,tolerant=0,app=1,will_detach=1,mute=1", DFU11_WAITS },
		{ "maple", DFU11_WAITS },
		{ "dfu,tolerant=0,fault=unplug@16", DFU11_LEFT },
		{ "dfu,tolerant=0,fault=silent@16", DFU11_WAITS },
		{ "dfu,fault=unplug@16", DFU11_LEFT },
	};
	struct s0_error err;

	(void)state;
	for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
		enum dfu11_end end = DFU11_IDLE;
		struct dfu11_bench bench;

		dfu11_bench_make(&bench, ends[i].kind);
		assert_int_equal(download(&bench, &end, &err), S0_OK);
		assert_int_equal(end, ends[i].end);
		assert_holds_firmware(&bench);
		dfu11_bench_free(&bench);
	}
}

static void a_tolerant_device_that_falls_silent_at_the_end_has_failed(
	void **state)
{
	enum dfu11_end end;
	struct s0_error err;
	struct dfu11_bench bench;

	(void)state;
	dfu11_bench_make(&bench, "dfu,fault=silent@16");
	assert_int_equal(download(&bench, &end, &err), S0_E_TIMEOUT);
	dfu11_bench_free(&bench);
	dfu11_bench_make(&bench, "dfu,fault=stall@16");
	assert_int_equal(download(&bench, &end, &err), S0_E_REFUSED);
	dfu11_bench_free(&bench);
}

static void a_status_that_is_a_failure_names_it_and_is_cleared(void **state)
{
	enum dfu11_end end;
	struct s0_error err;
	struct dfu11_bench bench;

	(void)state;
	dfu11_bench_make(&bench, "dfu,error=3@2");
	assert_int_equal(download(&bench, &end, &err), S0_E_REFUSED);
	assert_int_equal(err.dfu_status, 3);
	assert_int_equal(err.dfu_state, 10);
	assert_int_equal(err.block, 1);
	assert_non_null(strstr(err.message, "errWRITE"));
	assert_int_equal(bench.model.state, DFU_IDLE);
	assert_int_equal(bench.last_state, 10);
	assert_true(bench.proto.begun);
	dfu11_bench_free(&bench);
}

static void a_firmware_that_is_refused_at_its_end_is_told(void **state)
{
	enum dfu11_end end;
	struct s0_error err;
	struct dfu11_bench bench;

	(void)state;
	dfu11_bench_make(&bench, "dfu,error=10@0");
	assert_int_equal(download(&bench, &end, &err), S0_E_REFUSED);
	assert_int_equal(err.dfu_status, 10);
	assert_non_null(strstr(err.message, "refused the firmware"));
	dfu11_bench_free(&bench);
	dfu11_bench_make(&bench, "dfu,fault=short@1");
	assert_int_equal(download(&bench, &end, &err), S0_E_PROTOCOL);
	assert_non_null(strstr(err.message, "5 bytes instead of 6"));
	dfu11_bench_free(&bench);
}

static void what_is_refused_at_once_has_changed_nothing(void **state)
{
	enum dfu11_end end;
	struct s0_error err = S0_ERROR_INIT;
	struct dfu11_bench bench;
	uint64_t done = 7;

	(void)state;
	dfu11_bench_make(&bench, "dfu,download=0");
	assert_int_equal(download(&bench, &end, &err), S0_E_REFUSED);
	assert_false(bench.proto.begun);
	assert_int_equal(err.dfu_status, 15);
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(
		dfu11_download(&bench.proto, firmware, 0, &end, &done, &err),
		S0_E_EMPTY);
	assert_int_equal(done, 0);
	dfu11_bench_free(&bench);
}

static void a_device_that_is_busy_for_ever_is_given_up(void **state)
{
	enum dfu11_end end;
	struct s0_error err;
	struct dfu11_bench bench;

	(void)state;
	dfu11_bench_make(&bench, "dfu,busy=1000000000");
	assert_int_equal(download(&bench, &end, &err), S0_E_TIMEOUT);
	assert_int_equal(err.cause, S0_CAUSE_WEDGED);
	assert_true(bench.now_us >= DFU11_BUSY_MS * UINT64_C(1000));
	assert_true(bench.now_us < 2 * DFU11_BUSY_MS * UINT64_C(1000));
	dfu11_bench_free(&bench);
	/* One that names no time, and one that names hours. */
	dfu11_bench_make(&bench, "dfu,poll_ms=0,busy=1000000000");
	assert_int_equal(download(&bench, &end, &err), S0_E_TIMEOUT);
	dfu11_bench_free(&bench);
	dfu11_bench_make(&bench, "dfu,poll_ms=16000000");
	assert_int_equal(download(&bench, &end, &err), S0_E_TIMEOUT);
	assert_true(bench.now_us < 2 * DFU11_BUSY_MS * UINT64_C(1000));
	dfu11_bench_free(&bench);
	dfu11_bench_make(&bench, "dfu,manifest_ms=16000000");
	assert_int_equal(download(&bench, &end, &err), S0_E_TIMEOUT);
	dfu11_bench_free(&bench);
}

static void a_stop_leaves_it_idle(void **state)
{
	enum dfu11_end end;
	struct s0_error err;
	struct dfu11_bench bench;

	(void)state;
	for (uint64_t at = 0; at <= 1000; at += 125) {
		dfu11_bench_make(&bench, "dfu,poll_ms=300");
		bench.stop_at = at;
		assert_int_equal(download(&bench, &end, &err), S0_E_CANCELLED);
		assert_int_equal(bench.model.state, DFU_IDLE);
		assert_int_equal(bench.proto.begun, at > 0);
		dfu11_bench_free(&bench);
	}
}

/* Whatever an earlier program left. */
static void every_state_but_one_is_brought_to_idle(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct dfu11_bench bench;

	(void)state;
	for (int from = DFU_IDLE; from <= DFU_ERROR; from++) {
		s0_code code;

		dfu11_bench_make(&bench, "dfu");
		bench.model.state = (enum dfu_state)from;
		bench.model.status = from == DFU_ERROR ? 3 : 0;
		bench.model.until_us = 50000;
		code = dfu11_settle(&bench.proto, &err);
		assert_int_equal(code, from == DFU_MANIFEST_WAIT_RESET
					       ? S0_E_PROTOCOL
					       : S0_OK);
		if (code == S0_OK)
			assert_int_equal(bench.model.state, DFU_IDLE);
		dfu11_bench_free(&bench);
	}
	assert_int_equal(err.dfu_state, 8);
	dfu11_bench_make(&bench, "dfu-runtime");
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(dfu11_settle(&bench.proto, &err), S0_E_PROTOCOL);
	assert_int_equal(err.cause, S0_CAUSE_NOT_DFU);
	dfu11_bench_free(&bench);
}

/* At each request, by each fault: it ends, and success is success. */
static void every_fault_at_every_request_ends_honestly(void **state)
{
	static const char *const faults[] = { "stall", "silent", "unplug",
					      "short" };
	static const char *const kinds[] = { "dfu", "dfu,tolerant=0" };
	unsigned failures = 0, in_vain = 0;

	(void)state;
	for (unsigned k = 0; k < 2; k++)
		for (unsigned f = 0; f < 4; f++)
			for (unsigned at = 1; at <= 20; at++) {
				enum dfu11_end end = DFU11_IDLE;
				struct dfu11_bench bench;
				struct s0_error err;
				char kind[64];
				s0_code code;

				snprintf(kind, sizeof kind, "%s,fault=%s@%u",
					 kinds[k], faults[f], at);
				dfu11_bench_make(&bench, kind);
				code = download(&bench, &end, &err);
				assert_int_equal(code, err.code);
				if (code == S0_OK) {
					assert_holds_firmware(&bench);
				} else {
					failures++;
					assert_true(err.message[0] != '\0');
					in_vain += !bench.proto.begun;
				}
				assert_true(bench.transfers < 60);
				assert_true(bench.now_us < 300000000);
				dfu11_bench_free(&bench);
			}
	assert_true(failures > 60);
	assert_true(in_vain > 5);
}

static s0_code detach(struct dfu11_bench *bench, const char *kind)
{
	dfu11_bench_make(bench, kind);
	return dfu11_detach(&bench->proto, 1000, NULL);
}
static void an_application_is_sent_to_dfu_mode(void **state)
{
	struct dfu11_bench bench;

	(void)state;
	assert_int_equal(detach(&bench, "dfu-runtime"), S0_OK);
	assert_true(bench.model.in_dfu_mode);
	dfu11_bench_free(&bench);
	/* It goes by itself: no reset. */
	assert_int_equal(detach(&bench, "dfu-runtime,will_detach=1"), S0_OK);
	assert_false(bench.model.in_dfu_mode);
	bench.model.now_us = 1000000;
	assert_true(dfu_model_leaves(&bench.model));
	assert_true(bench.model.in_dfu_mode);
	dfu11_bench_free(&bench);
	assert_int_equal(detach(&bench, "dfu-runtime,fault=unplug@1"), S0_OK);
	dfu11_bench_free(&bench);
	assert_int_equal(detach(&bench, "dfu-runtime,fault=stall@1"),
			 S0_E_REFUSED);
	dfu11_bench_free(&bench);
	assert_int_equal(detach(&bench, "dfu-runtime,fault=silent@1"),
			 S0_E_TIMEOUT);
	dfu11_bench_free(&bench);
}

static void a_link_without_a_reset_says_so(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct dfu11_bench bench;

	(void)state;
	dfu11_bench_make(&bench, "dfu-runtime");
	bench.resets = false;
	(void)dfu11_detach(&bench.proto, 1000, &err);
	assert_int_equal(err.code, S0_E_UNSUPPORTED);
	dfu11_bench_free(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_firmware_goes_in_whatever_its_blocks),
		cmocka_unit_test(block_numbers_wrap),
		cmocka_unit_test(the_end_of_a_download_is_told),
		cmocka_unit_test(
			a_tolerant_device_that_falls_silent_at_the_end_has_failed),
		cmocka_unit_test(
			a_status_that_is_a_failure_names_it_and_is_cleared),
		cmocka_unit_test(a_firmware_that_is_refused_at_its_end_is_told),
		cmocka_unit_test(what_is_refused_at_once_has_changed_nothing),
		cmocka_unit_test(a_device_that_is_busy_for_ever_is_given_up),
		cmocka_unit_test(a_stop_leaves_it_idle),
		cmocka_unit_test(every_state_but_one_is_brought_to_idle),
		cmocka_unit_test(every_fault_at_every_request_ends_honestly),
		cmocka_unit_test(an_application_is_sent_to_dfu_mode),
		cmocka_unit_test(a_link_without_a_reset_says_so),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
