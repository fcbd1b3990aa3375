/* SPDX-License-Identifier: MIT */
/*
 * What people have published of real chips, played against the model: each
 * request with the answer that the log shows. Only what is in the log is
 * asked of the model; times where the log has a time stamp.
 */
#include "sim_bench.h"

#include <string.h>

#include "base/bytes.h"

enum what {
	END,
	STATUS,	   /* GETSTATUS: status, state; poll in argument, or ANY */
	STATUS_IN, /* GETSTATUS after that many ms of NAK, within 5 */
	STATE,	   /* GETSTATE */
	ERASE,	   /* DNLOAD of an erase */
	ADDRESS,   /* DNLOAD of Set Address */
	MASS,	   /* DNLOAD of a mass erase */
	WRITE,	   /* DNLOAD of that many bytes, block 2 */
	READ,	   /* UPLOAD of that many bytes, block 2 */
	ABORT,
	CLEAR,		 /* CLRSTATUS */
	LEAVE,		 /* DNLOAD of nothing */
	SLEEP,		 /* the host sleeps, ms */
	REFUSED = 0x100, /* the request stalls */
	GONE = 0x200	 /* the device is gone */
};

#define ANY 0xffffffffu

struct step {
	unsigned what;
	uint32_t argument;
	unsigned status, state;
};

struct trace {
	const char *source;
	const char *chip;
	struct step steps[40];
};

static s0_sim_handshake command(struct bench *bench, uint8_t opcode,
				uint32_t address)
{
	uint8_t bytes[5] = { opcode };

	put_le32(bytes + 1, address);
	return bench_dnload(bench, 0, bytes, 5);
}

static s0_sim_handshake request(struct bench *bench, const struct step *step)
{
	static const uint8_t block[2048] = { 0 };

	switch (step->what & 0xff) {
	case STATUS:
	case STATUS_IN:
		return bench_getstatus(bench);
	case STATE:
		return bench_control(bench, 0xa1, 5, 0, 0, 1);
	case ERASE:
		return command(bench, 0x41, step->argument);
	case ADDRESS:
		return command(bench, 0x21, step->argument);
	case MASS:
		return bench_dnload(bench, 0, "\x41", 1);
	case WRITE:
		return bench_dnload(bench, 2, block, (uint16_t)step->argument);
	case READ:
		return bench_upload(bench, 2, (uint16_t)step->argument);
	case ABORT:
		return bench_abort(bench);
	case CLEAR:
		return bench_clrstatus(bench);
	case LEAVE:
		return bench_dnload(bench, 0, NULL, 0);
	default:
		s0_sim_advance_us(bench->sim, step->argument * 1000ull);
		return S0_SIM_ACK;
	}
}

static void check_status(struct bench *bench, const struct trace *trace,
			 unsigned nth)
{
	const struct step *step = &trace->steps[nth];
	unsigned poll = get_le16(bench->data + 1);
	unsigned busy_ms = (unsigned)(bench->reply.busy_us / 1000);

	if (bench->data[0] != step->status || bench->data[4] != step->state)
		fail_msg("%s, step %u: status %u, state %u", trace->source, nth,
			 bench->data[0], bench->data[4]);
	if (step->what == STATUS && step->argument != ANY &&
	    poll != step->argument)
		fail_msg("%s, step %u: poll %u", trace->source, nth, poll);
	if (step->what == STATUS_IN &&
	    (busy_ms + 5 < step->argument || busy_ms > step->argument + 5))
		fail_msg("%s, step %u: after %u ms", trace->source, nth,
			 busy_ms);
}

static void play(void **state, const struct trace *trace)
{
	struct bench *bench = bench_make(state, trace->chip);

	for (unsigned i = 0; trace->steps[i].what != END; i++) {
		const struct step *step = &trace->steps[i];
		unsigned what = step->what & 0xff;
		s0_sim_handshake wanted = S0_SIM_ACK, found;

		if (step->what & REFUSED)
			wanted = S0_SIM_STALL;
		if (step->what & GONE)
			wanted = S0_SIM_GONE;
		found = request(bench, step);
		if (found != wanted)
			fail_msg("%s, step %u: %d, not %d", trace->source, i,
				 (int)found, (int)wanted);
		if (found == S0_SIM_ACK &&
		    (what == STATUS || what == STATUS_IN))
			check_status(bench, trace, i);
		if (found == S0_SIM_ACK && what == STATE)
			assert_int_equal(bench->data[0], step->state);
	}
}

/* STM32CubeProgrammer on a Nucleo-H743ZI2, revision V; time-stamped. */
/* rows: A-05 F-01 L-01 L-02 */
static void the_cubeprogrammer_log_of_a_rev_v(void **state)
{
	static const struct trace trace = {
		"community.st.com td-p/234209",
		"stm32h743,rom=0x91",
		{ { READ, 1024, 0, 0 },	       { STATUS, ANY, 0, 9 },
		  { ABORT, 0, 0, 0 },	       { STATUS, ANY, 0, 2 },
		  { ERASE, 0x08000000, 0, 0 }, { STATUS_IN, 903, 0, 4 },
		  { STATUS_IN, 0, 0, 5 },      { STATUS_IN, 0, 0, 5 },
		  { ERASE, 0x08020000, 0, 0 }, { STATUS_IN, 905, 0, 4 },
		  { STATUS_IN, 0, 0, 5 },      { STATUS_IN, 0, 0, 5 },
		  { ERASE, 0x08100000, 0, 0 }, { STATUS_IN, 16, 0, 4 },
		  { STATUS_IN, 0, 0, 4 },      { SLEEP, 2005, 0, 0 },
		  { CLEAR, 0, 0, 0 },	       { STATUS, ANY, 14, 10 },
		  { CLEAR, 0, 0, 0 },	       { STATUS, ANY, 0, 2 },
		  { ERASE, 0x08120000, 0, 0 }, { STATUS_IN, 16, 0, 4 } }
	};
	struct bench *bench = *state;

	play(state, &trace);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_ERASED);
}

/* dfu-util -v prints each bwPollTimeout: 1000 and 0 in bank 1, then 1000
 * without end. */
/* rows: D-06 D-23 L-02 */
static void the_poll_times_that_dfu_util_printed(void **state)
{
	static const struct trace trace = {
		"dfu-util ticket 88; forums.openmv.io/t/5565",
		"stm32h743,rom=0x91",
		{ { ERASE, 0x080c0000, 0, 0 },
		  { STATUS, 1000, 0, 4 },
		  { STATUS, 0, 0, 5 },
		  { ERASE, 0x080e0000, 0, 0 },
		  { STATUS, 1000, 0, 4 },
		  { STATUS, 0, 0, 5 },
		  { ERASE, 0x08100000, 0, 0 },
		  { STATUS, 1000, 0, 4 },
		  { SLEEP, 1000, 0, 0 },
		  { STATUS, 1000, 0, 4 },
		  { SLEEP, 1000, 0, 0 },
		  { STATUS, 1000, 0, 4 },
		  { SLEEP, 60000, 0, 0 },
		  { STATUS, 1000, 0, 4 } }
	};

	play(state, &trace);
}

/* A configurator that polls and aborts a hundred times stays in state 4; the
 * pair of CLRSTATUS helps. */
/* rows: A-05 D-16 L-03 */
static void only_the_pair_of_clrstatus_frees_it(void **state)
{
	static const struct trace trace = {
		"betaflight-configurator pulls 1861 and 5348, dfu-buddy pull 3",
		"stm32h743,rom=0x91",
		{ { ERASE, 0x08100000, 0, 0 },
		  { STATUS, ANY, 0, 4 },
		  { SLEEP, 1000, 0, 0 },
		  { STATUS, ANY, 0, 4 },
		  { ABORT, 0, 0, 0 },
		  { STATUS, ANY, 0, 4 },
		  { ABORT, 0, 0, 0 },
		  { STATUS, ANY, 0, 4 },
		  { CLEAR, 0, 0, 0 },
		  { STATUS, ANY, 14, 10 },
		  { CLEAR, 0, 0, 0 },
		  { STATUS, ANY, 0, 2 } }
	};

	play(state, &trace);
}

/* fwupd on an STM32F745, whose ROM is of the F405's age: the first GETSTATUS
 * at once, the second late. */
/* rows: A-02 L-07 */
static void the_fwupd_log_of_an_f745(void **state)
{
	static const struct trace trace = {
		"fwupd issue 2696",
		"stm32f405,first_status=ok",
		{ { ERASE, 0x08008000, 0, 0 },
		  { STATUS, 100, 0, 4 },
		  { SLEEP, 100, 0, 0 },
		  { STATUS_IN, 300, 0, 5 }, /* 16 KiB here, 32 there: 250 */
		  { STATUS, 0, 0, 5 },
		  { ADDRESS, 0x08008000, 0, 0 },
		  { STATUS, ANY, 0, 4 },
		  { STATUS, 0, 0, 5 },
		  { WRITE, 2048, 0, 0 },
		  { STATUS, 104, 0, 4 },
		  { SLEEP, 104, 0, 0 },
		  { STATUS_IN, 0, 0, 5 },
		  { STATUS, 0, 0, 5 } }
	};

	play(state, &trace);
}

/* A write of 1832 bytes: dfuDNBUSY within 2 ms, dfuDNLOAD-IDLE 12 ms later.
 * F7: words of 32 bits. */
/* rows: L-07 */
static void the_other_fwupd_log_of_an_f745(void **state)
{
	static const struct trace trace = {
		"fwupd pull 1944",
		"stm32f405,first_status=ok,psize=x32",
		{ { ADDRESS, 0x08000000, 0, 0 },
		  { STATUS_IN, 0, 0, 4 },
		  { SLEEP, 5, 0, 0 },
		  { STATUS_IN, 0, 0, 5 },
		  { WRITE, 1832, 0, 0 },
		  { STATUS_IN, 0, 0, 4 },
		  { SLEEP, 5, 0, 0 },
		  { STATUS_IN, 7, 0, 5 },
		  { STATUS_IN, 0, 0, 5 } }
	};

	play(state, &trace);
}

/* dfu-util: "state = dfuERROR, status = 10; clearing status; state = dfuIDLE,
 * status = 0", then a download. */
/* rows: D-25 M-14 */
static void an_f407_as_dfu_util_first_sees_it(void **state)
{
	static const struct trace trace = {
		"acassis.wordpress.com 2015/12 (F407); dfu-util ticket 231",
		"stm32f405",
		{ { STATUS, ANY, 10, 10 },
		  { CLEAR, 0, 0, 0 },
		  { STATUS, ANY, 0, 2 },
		  { ERASE, 0x08000000, 0, 0 },
		  { STATUS, 100, 0, 4 },
		  { STATUS, 0, 0, 5 } }
	};

	play(state, &trace);
}

/* A tool that always sent CLRSTATUS first worked with an F2 and failed with a
 * pipe error on newer chips; one that never did, the other way round. */
/* rows: D-14 */
static void clearing_first_is_right_for_one_and_wrong_for_the_other(
	void **state)
{
	static const struct trace traces[] = {
		{ "pyfu-usb pull 10, new",
		  "stm32h743",
		  { { CLEAR, 0, 0, 0 }, { ADDRESS | REFUSED, BANK_1, 0, 0 } } },
		{ "pyfu-usb pull 10, new, mended",
		  "stm32h743",
		  { { ADDRESS, BANK_1, 0, 0 }, { STATUS, ANY, 0, 4 } } },
		{ "pyfu-usb pull 10, F2",
		  "stm32f405",
		  { { CLEAR, 0, 0, 0 },
		    { ADDRESS, BANK_1, 0, 0 },
		    { STATUS, ANY, 0, 4 } } },
		{ "pyfu-usb pull 10, F2, not cleared",
		  "stm32f405",
		  { { ADDRESS | REFUSED, BANK_1, 0, 0 } } },
	};

	for (unsigned i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		play(state, &traces[i]);
}

/* It claims 100 ms; dfu-util allows it 35 s since. */
/* rows: L-08 */
static void the_mass_erase_of_an_f405_takes_longer_than_it_says(void **state)
{
	static const struct trace trace = { "dfu-util ticket 3",
					    "stm32f405,first_status=ok",
					    { { MASS, 0, 0, 0 },
					      { STATUS, 100, 0, 4 },
					      { SLEEP, 100, 0, 0 },
					      { STATUS_IN, 15900, 0, 5 } } };

	play(state, &trace);
}

/* A bench with an H743 that was sent 2048 bytes: CLRSTATUS refused until a
 * power cycle; another report has errFILE. */
/* rows: A-03 D-26 */
static void too_long_a_block_as_two_saw_it(void **state)
{
	static const struct trace traces[] = {
		{ "a ground station's flasher, bench notes",
		  "stm32h743",
		  { { WRITE | REFUSED, 2048, 0, 0 },
		    { STATUS, ANY, 15, 10 },
		    { CLEAR | REFUSED, 0, 0, 0 },
		    { STATUS, ANY, 15, 10 } } },
		{ "betaflight-configurator issue 1249",
		  "stm32h743,overlong=errFILE",
		  { { WRITE | REFUSED, 2048, 0, 0 },
		    { STATUS, ANY, 2, 10 },
		    { CLEAR, 0, 0, 0 },
		    { STATUS, ANY, 0, 2 } } },
	};

	play(state, &traces[0]);
	play(state, &traces[1]);
}

/* The same bench: CLRSTATUS in dfuDNLOAD-IDLE, and a command in
 * dfuUPLOAD-IDLE, broke what followed; ABORT first does not. */
/* rows: D-12 D-27 F-03 */
static void only_abort_leads_from_idle_to_idle(void **state)
{
	static const struct trace traces[] = {
		{ "a ground station's flasher, CLRSTATUS",
		  "stm32h743",
		  { { ADDRESS, BANK_1, 0, 0 },
		    { STATUS, ANY, 0, 4 },
		    { STATUS, ANY, 0, 5 },
		    { CLEAR, 0, 0, 0 },
		    { STATUS, ANY, 14, 10 },
		    { READ | REFUSED, 1024, 0, 0 } } },
		{ "a ground station's flasher, command",
		  "stm32h743",
		  { { READ, 1024, 0, 0 },
		    { STATUS, ANY, 0, 9 },
		    { ADDRESS | REFUSED, BANK_1, 0, 0 } } },
		{ "a ground station's flasher, ABORT",
		  "stm32h743",
		  { { ADDRESS, BANK_1, 0, 0 },
		    { STATUS, ANY, 0, 4 },
		    { STATUS, ANY, 0, 5 },
		    { ABORT, 0, 0, 0 },
		    { READ, 1024, 0, 0 },
		    { ABORT, 0, 0, 0 },
		    { ADDRESS, BANK_1, 0, 0 },
		    { STATUS, ANY, 0, 4 } } },
	};

	for (unsigned i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		play(state, &traces[i]);
}

/* "Error during download get_status": the device is gone before it answers. */
/* rows: D-07 F-06 */
static void leaving_takes_the_device_before_the_answer(void **state)
{
	static const struct trace trace = {
		"klipper issue 5596, device-os issue 599",
		"stm32h743",
		{ { ADDRESS, BANK_1, 0, 0 },
		  { STATUS, ANY, 0, 4 },
		  { STATUS, ANY, 0, 5 },
		  { LEAVE, 0, 0, 0 },
		  { STATUS | GONE, ANY, 0, 0 } }
	};

	play(state, &trace);
}

/* Logs of a revision Y: serial number, 308 bytes of option bytes, and reads
 * of 1024 bytes. */
/* rows: A-04 G-03 */
static void a_rev_y_as_cubeprogrammer_lists_it(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,rev=Y,rom=0xD3");
	static const char serial[] = "100364500000";

	bench_control(bench, 0x80, 6, 0x0303, 0x0409, 255);
	for (unsigned i = 0; i < 12; i++)
		assert_int_equal(bench->data[2 + 2 * i], serial[i]);
	assert_int_equal(bench_read(bench, WINDOW, 308), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 308);
	assert_int_equal(bench_read(bench, BANK_1, 1024), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 1024);
}

/* The sectors that CubeProgrammer lists for an F405, and dfu-util's names. */
/* rows: M-03 */
static void an_f405_as_cubeprogrammer_lists_it(void **state)
{
	static const struct {
		uint32_t address, kib;
	} listed[] = {
		{ 0x08000000, 16 },  { 0x08004000, 16 },  { 0x08008000, 16 },
		{ 0x0800c000, 16 },  { 0x08010000, 64 },  { 0x08020000, 128 },
		{ 0x08040000, 128 }, { 0x08060000, 128 }, { 0x08080000, 128 },
		{ 0x080a0000, 128 }, { 0x080c0000, 128 }, { 0x080e0000, 128 },
	};
	static const uint8_t one[4] = { 0 };

	for (unsigned i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
		uint32_t last = listed[i].address + listed[i].kib * 1024 - 4;
		struct bench *bench =
			bench_make(state, "stm32f405,first_status=ok");

		s0_sim_poke(bench->sim, listed[i].address, one, 4);
		s0_sim_poke(bench->sim, last, one, 4);
		bench_erase(bench, last);
		assert_int_equal(
			s0_sim_word_state(bench->sim, listed[i].address),
			S0_SIM_WORD_ERASED);
		assert_int_equal(s0_sim_word_state(bench->sim, last),
				 S0_SIM_WORD_ERASED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cubeprogrammer_log_of_a_rev_v),
		cmocka_unit_test(the_poll_times_that_dfu_util_printed),
		cmocka_unit_test(only_the_pair_of_clrstatus_frees_it),
		cmocka_unit_test(the_fwupd_log_of_an_f745),
		cmocka_unit_test(the_other_fwupd_log_of_an_f745),
		cmocka_unit_test(an_f407_as_dfu_util_first_sees_it),
		cmocka_unit_test(
			clearing_first_is_right_for_one_and_wrong_for_the_other),
		cmocka_unit_test(
			the_mass_erase_of_an_f405_takes_longer_than_it_says),
		cmocka_unit_test(too_long_a_block_as_two_saw_it),
		cmocka_unit_test(only_abort_leads_from_idle_to_idle),
		cmocka_unit_test(leaving_takes_the_device_before_the_answer),
		cmocka_unit_test(a_rev_y_as_cubeprogrammer_lists_it),
		cmocka_unit_test(an_f405_as_cubeprogrammer_lists_it),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
