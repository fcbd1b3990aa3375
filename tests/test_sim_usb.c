/* SPDX-License-Identifier: MIT */
/* Descriptors and strings of fact sheet 2.1, byte for byte; standard requests;
 * the wire times of 7.1. */
#include "sim_bench.h"

#include <stdio.h>
#include <string.h>

static uint8_t hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static size_t from_hex(const char *text, uint8_t *bytes)
{
	size_t count = 0;

	for (; text[0] && text[1]; text += text[2] ? 3 : 2)
		bytes[count++] =
			(uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
	return count;
}

/* rows: G-01 */
static void descriptors_are_the_dump(void **state)
{
	/* as the fact sheet prints them */
	static const struct {
		uint16_t value, length;
		const char *bytes;
	} table[] = {
		{ 0x0100, 64,
		  "12 01 00 02 00 00 00 40 83 04 11 DF 00 02 01 02 03 01" },
		{ 0x0200, 9, "09 02 24 00 01 01 02 C0 32" },
		{ 0x0200, 255,
		  "09 02 24 00 01 01 02 C0 32 09 04 00 00 00 FE 01 02 06 "
		  "09 04 00 01 00 FE 01 02 07 09 21 0B FF 00 00 04 1A 01" },
		{ 0x2100, 9, "09 21 0B FF 00 00 04 1A 01" },
		{ 0x0300, 255, "04 03 09 04" },
	};
	struct bench *bench = bench_make(state, "stm32h743");

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint8_t bytes[64];
		size_t length = from_hex(table[i].bytes, bytes);

		assert_int_equal(bench_control(bench, 0x80, 6, table[i].value,
					       0, table[i].length),
				 S0_SIM_ACK);
		assert_int_equal(bench->reply.length, length);
		assert_memory_equal(bench->data, bytes, length);
	}
}

static void check_string(struct bench *bench, uint8_t index, const char *text)
{
	assert_int_equal(bench_control(bench, 0x80, 6,
				       (uint16_t)(0x0300 | index), 0x0409, 255),
			 S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 2 + 2 * strlen(text));
	assert_int_equal(bench->data[0], bench->reply.length);
	assert_int_equal(bench->data[1], 3);
	for (size_t i = 0; i < strlen(text); i++) {
		assert_int_equal(bench->data[2 + 2 * i], (uint8_t)text[i]);
		assert_int_equal(bench->data[3 + 2 * i], 0);
	}
}

/* rows: A-04 G-02 G-04 G-05 G-06 O-09 O-10 P-07 */
static void strings_are_the_dump(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	check_string(bench, 1, "STMicroelectronics");
	check_string(bench, 2, "DFU in FS Mode");
	check_string(bench, 3, "200364500000");
	check_string(bench, 6, "@Internal Flash   /0x08000000/16*128Kg");
	check_string(bench, 7, "@Option Bytes   /0x5200201C/01*128 e");
	bench = bench_make(state, "stm32h743,rev=Y,rom=0xD2");
	check_string(bench, 3, "100364500000");
	bench = bench_make(state, "stm32h743,flash_kb=128");
	check_string(bench, 6, "@Internal Flash   /0x08000000/01*128Kg");
	bench = bench_make(state, "stm32h743,layout=@Internal Flash  /0x0800000"
				  "0/04*016Kg;01*064Kg");
	check_string(bench, 6,
		     "@Internal Flash  /0x08000000/04*016Kg,01*064Kg");
}

/* rows: G-06 */
static void a_serial_of_the_unique_id_is_the_chips_own(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743,serial=uid,"
						"uid=01000000000034120200000A");

	/* w0 + w2 = 0x00000001 + 0x0A000002, w1 >> 16 = 0x1234 */
	check_string(bench, 3, "0A0000031234");
}

/* rows: G-02 G-07 */
static void what_does_not_exist_stalls(void **state)
{
	static const struct {
		uint8_t type, request;
		uint16_t value, index, length;
	} table[] = {
		{ 0x80, 6, 0x0304, 0x0409, 255 }, /* string 4 */
		{ 0x80, 6, 0x0201, 0, 255 },	  /* configuration 2 */
		{ 0x80, 6, 0x0600, 0, 10 },	  /* device qualifier */
		{ 0x00, 9, 2, 0, 0 },		  /* SET_CONFIGURATION 2 */
		{ 0x01, 11, 2, 0, 0 },		  /* alternate setting 2 */
		{ 0x01, 11, 0, 1, 0 },		  /* interface 1 */
		{ 0x00, 3, 1, 0, 0 },		  /* remote wake-up */
		{ 0x80, 12, 0, 0, 2 },		  /* SYNCH_FRAME */
		{ 0x00, 7, 0x0100, 0, 18 },	  /* SET_DESCRIPTOR */
	};
	struct bench *bench = bench_make(state, "stm32h743");

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(bench_control(bench, table[i].type,
					       table[i].request, table[i].value,
					       table[i].index, table[i].length),
				 S0_SIM_STALL);
}

static void expect_bytes(struct bench *bench, uint8_t type, uint8_t request,
			 uint16_t length, unsigned first)
{
	assert_int_equal(bench_control(bench, type, request, 0, 0, length),
			 S0_SIM_ACK);
	assert_int_equal(bench->reply.length, length);
	assert_int_equal(bench->data[0], first);
}

/* rows: G-07 */
static void a_host_can_enumerate_it(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	assert_int_equal(bench_control(bench, 0x00, 5, 7, 0, 0), S0_SIM_ACK);
	assert_int_equal(bench_control(bench, 0x00, 9, 0, 0, 0), S0_SIM_ACK);
	expect_bytes(bench, 0x80, 8, 1, 0);
	assert_int_equal(bench_control(bench, 0x01, 11, 1, 0, 0), S0_SIM_STALL);
	assert_int_equal(bench_control(bench, 0x00, 9, 1, 0, 0), S0_SIM_ACK);
	expect_bytes(bench, 0x80, 8, 1, 1);
	expect_bytes(bench, 0x80, 0, 2, 1); /* self powered */
	expect_bytes(bench, 0x81, 0, 2, 0);
	expect_bytes(bench, 0x82, 0, 2, 0);
	assert_int_equal(bench_control(bench, 0x01, 11, 1, 0, 0), S0_SIM_ACK);
	expect_bytes(bench, 0x81, 10, 1, 1);
	assert_int_equal(bench_control(bench, 0x02, 1, 0, 0, 0), S0_SIM_ACK);
}

static void standard_requests_are_not_counted(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");

	bench_control(bench, 0x80, 6, 0x0100, 0, 18);
	assert_int_equal(s0_sim_transfers(bench->sim), 0);
	bench_getstatus(bench);
	bench_upload(bench, 1, 64);
	assert_int_equal(s0_sim_transfers(bench->sim), 2);
}

/* rows: A-12 N-01 */
static void wire_times_are_the_formulas(void **state)
{
	static const struct {
		uint8_t type, request;
		uint16_t length;
		uint32_t us10;
	} table[] = {
		{ 0x21, 1, 1024, 140 + 16 * 513 + 86 },
		{ 0x21, 1, 2048, 140 + 32 * 513 + 86 },
		{ 0x21, 1, 1, 140 + 513 + 86 },
		{ 0x21, 1, 64, 140 + 513 + 86 },
		{ 0x21, 1, 65, 140 + 2 * 513 + 86 },
		{ 0xa1, 2, 1024, 140 + 16 * 513 + 86 },
		{ 0xa1, 3, 6, 352 },
		{ 0xa1, 5, 1, 352 },
		{ 0x21, 4, 0, 226 },
		{ 0x21, 6, 0, 226 },
		{ 0x21, 1, 0, 226 },
		{ 0x80, 6, 18, 140 + 513 + 86 },
	};
	(void)state;

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(usb_wire_us10(table[i].type, table[i].request,
					       table[i].length),
				 table[i].us10);
	}
}

/* rows: N-01 */
static void the_clock_charges_them_exactly(void **state)
{
	struct bench *bench = bench_make(state, "stm32h743");
	struct s0_sim_counters counters;

	for (unsigned i = 0; i < 10; i++)
		bench_getstatus(bench);
	assert_int_equal(s0_sim_now_us(bench->sim), 352);
	assert_int_equal(bench->reply.wire_us, 36);
	bench_upload(bench, 2, 1024);
	assert_int_equal(bench->reply.wire_us, 844);
	s0_sim_get_counters(bench->sim, &counters);
	assert_int_equal(counters.wire_us, 352 + 844);
	bench = bench_make(state, "stm32h743,usb_us_per_packet=100");
	bench_upload(bench, 2, 1024);
	assert_int_equal(bench->reply.wire_us, 1623);
}

/* rows: A-12 J-08 J-12 J-12 J-13 P-03 */
static void a_block_of_1024_takes_3_2_ms_in_the_array(void **state)
{
	static const struct {
		const char *description;
		uint64_t program_us, erase_us;
	} table[] = {
		{ "stm32h743", 3200, 905000 },
		{ "stm32h743,erase_ms=typ", 3200, 1000000 },
		{ "stm32h743,erase_ms=max,word_us=max", 6400, 2000000 },
		{ "stm32h743,erase_ms=1234", 3200, 1234000 },
		{ "stm32h743,psize=x32", 32 * 130, 1100000 },
		{ "stm32h743,psize=x16", 32 * 180, 1800000 },
		{ "stm32h743,psize=x8", 32 * 290, 2000000 },
		{ "stm32h743,psize=x8,erase_ms=max,word_us=max", 32 * 580,
		  4000000 },
	};
	uint8_t block[1024] = { 0 };

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);
		struct s0_sim_times times;

		bench_command(bench, 0x41, BANK_1);
		assert_int_equal(bench->reply.busy_us, table[i].erase_us);
		bench_expect(bench, 0, 5);
		bench_dnload(bench, 2, block, sizeof(block));
		bench_expect(bench, 0, 4);
		assert_int_equal(bench->reply.busy_us, table[i].program_us);
		s0_sim_get_times(bench->sim, &times);
		assert_int_equal(times.erase_us, table[i].erase_us);
		assert_int_equal(times.word_us * 32, table[i].program_us);
	}
}

/* rows: J-14 */
static void a_mass_erase_takes_what_the_data_sheet_says(void **state)
{
	static const struct {
		const char *description;
		uint64_t us;
	} table[] = {
		{ "stm32h743", 5000000 },
		{ "stm32h743,psize=x32", 6000000 },
		{ "stm32h743,psize=x16", 8000000 },
		{ "stm32h743,psize=x8", 13000000 },
		{ "stm32h743,erase_ms=max", 10000000 },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bench *bench = bench_make(state, table[i].description);

		bench_byte_command(bench, 0x41);
		assert_int_equal(bench->reply.busy_us, table[i].us);
	}
}

/* rows: J-15 */
static void a_worn_part_takes_six_to_ten_seconds(void **state)
{
	for (unsigned seed = 0; seed < 20; seed++) {
		char description[64];
		struct s0_sim_times times;
		struct bench *bench;

		snprintf(description, sizeof(description),
			 "stm32h743,erase_ms=worn,seed=%u", seed);
		bench = bench_make(state, description);
		s0_sim_get_times(bench->sim, &times);
		assert_in_range(times.erase_us, 6000000, 10000000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_the_dump),
		cmocka_unit_test(strings_are_the_dump),
		cmocka_unit_test(a_serial_of_the_unique_id_is_the_chips_own),
		cmocka_unit_test(what_does_not_exist_stalls),
		cmocka_unit_test(a_host_can_enumerate_it),
		cmocka_unit_test(standard_requests_are_not_counted),
		cmocka_unit_test(wire_times_are_the_formulas),
		cmocka_unit_test(the_clock_charges_them_exactly),
		cmocka_unit_test(a_block_of_1024_takes_3_2_ms_in_the_array),
		cmocka_unit_test(a_mass_erase_takes_what_the_data_sheet_says),
		cmocka_unit_test(a_worn_part_takes_six_to_ten_seconds),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
