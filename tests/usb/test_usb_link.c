/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "usb_bench.h"

static void the_facts_are_the_device_s(void **state)
{
	struct usb_bench *b = *state;
	const struct usb_link_facts *facts = &b->link->facts;

	assert_string_equal(facts->path, "usb:1-4");
	assert_string_equal(facts->speed, "Full Speed (12MBit/s)");
	assert_memory_equal(facts->device_descriptor, b->chip.device, 18);
	assert_int_equal(facts->config_length, 36);
	assert_memory_equal(facts->config_descriptor, b->chip.config, 36);
	assert_int_equal(facts->interface, 0);
	assert_int_equal(facts->erase[0].us, 0);
}

static void bytes_arrive_both_ways(void **state)
{
	struct usb_bench *b = *state;
	uint8_t sent[1024], got[1024] = { 0 };
	struct usb_transfer t = usb_bench_out(0x42, sent, sizeof(sent));

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (uint8_t)(i * 7);
	assert_int_equal(usb_bench_run(b, &t), S0_OK);
	assert_int_equal(t.moved, sizeof(sent));
	assert_int_equal(t.usb_code, 0);
	assert_int_equal(b->chip.data_length, sizeof(sent));
	assert_memory_equal(b->chip.data, sent, sizeof(sent));
	t = usb_bench_in(0x42, got, sizeof(got));
	assert_int_equal(usb_bench_run(b, &t), S0_OK);
	assert_int_equal(t.moved, sizeof(got));
	for (size_t i = 0; i < sizeof(got); i++)
		assert_int_equal(got[i], 0x42);
	t = usb_bench_out(0, NULL, 0);
	assert_int_equal(usb_bench_run(b, &t), S0_OK);
	assert_int_equal(t.moved, 0);
}

static void a_stall_is_a_refusal_and_the_next_one_works(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[6];
	struct usb_transfer t = usb_bench_in(CHIP_STALL, data, sizeof(data));

	assert_int_equal(usb_bench_run(b, &t), S0_E_REFUSED);
	assert_int_equal(t.usb_code, -9); /* LIBUSB_ERROR_PIPE */
	assert_int_equal(t.moved, 0);
	t = usb_bench_in(CHIP_ACK, data, sizeof(data));
	assert_int_equal(usb_bench_run(b, &t), S0_OK);
}

static void a_short_packet_is_told_by_moved(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[6] = { [5] = 0xee };
	struct usb_transfer t =
		usb_bench_in(CHIP_SHORT | 0x11, data, sizeof(data));

	assert_int_equal(usb_bench_run(b, &t), S0_OK);
	assert_int_equal(t.moved, 5);
	assert_memory_equal(data, "\x11\x11\x11\x11\x11\xee", 6);
}

static void silence_is_a_timeout_after_its_time(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[6];
	struct usb_transfer t = usb_bench_in(CHIP_SILENT, data, sizeof(data));
	uint64_t before = b->link->ops->now_us(b->link);

	t.timeout_ms = 80;
	assert_int_equal(usb_bench_run(b, &t), S0_E_TIMEOUT);
	assert_int_equal(t.usb_code, -7); /* LIBUSB_ERROR_TIMEOUT */
	assert_true(t.start_us >= before);
	assert_in_range(t.end_us - t.start_us, 79000, 400000);
	t = usb_bench_in(CHIP_ACK, data, sizeof(data));
	assert_int_equal(usb_bench_run(b, &t), S0_OK);
}

static void a_batch_reports_each_transfer_for_itself(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[3][6];
	struct usb_transfer t[3] = { usb_bench_in(CHIP_ACK | 1, data[0], 6),
				     usb_bench_in(CHIP_STALL | 2, data[1], 6),
				     usb_bench_in(CHIP_SHORT | 3, data[2], 6) };

	b->link->ops->run(b->link, t, 3);
	assert_int_equal(t[0].code, S0_OK);
	assert_int_equal(t[1].code, S0_E_REFUSED);
	assert_int_equal(t[2].code, S0_OK);
	assert_int_equal(t[0].moved, 6);
	assert_int_equal(t[2].moved, 5);
	assert_int_equal(data[0][0], 1);
	assert_int_equal(data[2][0], 3);
	for (int i = 1; i < 3; i++) {
		assert_true(t[i].start_us >= t[i - 1].end_us);
		assert_true(t[i].end_us >= t[i].start_us);
	}
}

static void a_timeout_counts_from_the_head_of_the_queue(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[6];
	struct usb_transfer t[4];

	/* 240 ms in all: each has 150 ms for its own 60. */
	for (unsigned i = 0; i < 4; i++) {
		t[i] = usb_bench_in((uint16_t)(CHIP_SLOW | i), data, 6);
		t[i].timeout_ms = 150;
	}
	b->link->ops->run(b->link, t, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(t[i].code, S0_OK);
		assert_in_range(t[i].end_us - t[i].start_us,
				CHIP_SLOW_US - 20000, 149000);
	}
	/* And a silent one does not live on the time of those before it. */
	t[1] = usb_bench_in(CHIP_SILENT, data, 6);
	t[1].timeout_ms = 50;
	t[0].timeout_ms = 5000;
	b->link->ops->run(b->link, t, 2);
	assert_int_equal(t[0].code, S0_OK);
	assert_int_equal(t[1].code, S0_E_TIMEOUT);
	assert_in_range(t[1].end_us - t[1].start_us, 49000, 1000000);
}

static void what_stands_behind_a_silent_one_is_withdrawn(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[6];
	struct usb_transfer t[40];

	for (unsigned i = 0; i < 40; i++) {
		t[i] = usb_bench_in(CHIP_ACK, data, 6);
		t[i].timeout_ms = 5000;
	}
	t[2] = usb_bench_in(CHIP_SILENT, data, 6);
	t[2].timeout_ms = 50;
	b->link->ops->run(b->link, t, 40);
	assert_int_equal(t[1].code, S0_OK);
	for (unsigned i = 2; i < 40; i++) {
		assert_int_equal(t[i].code, S0_E_TIMEOUT);
		assert_int_equal(t[i].moved, 0);
		assert_true(t[i].start_us >= t[i - 1].end_us);
	}
	assert_in_range(t[39].end_us - t[2].start_us, 49000, 2000000);
	assert_int_equal(b->chip.count, 3);
	b->link->ops->run(b->link, t, 1);
	assert_int_equal(t[0].code, S0_OK);
}

static void batches_of_32_and_more_keep_their_order(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[40][2];
	struct usb_transfer t[40];

	for (unsigned i = 0; i < 40; i++)
		t[i] = usb_bench_in((uint16_t)i, data[i], 2);
	b->link->ops->run(b->link, t, USB_LINK_BATCH);
	assert_int_equal(b->chip.count, USB_LINK_BATCH);
	b->link->ops->run(b->link, t, 40);
	assert_int_equal(b->chip.count, USB_LINK_BATCH + 40);
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(t[i].code, S0_OK);
		assert_int_equal(data[i][0], i);
		assert_int_equal(b->chip.values[USB_LINK_BATCH + i], i);
	}
}

static void a_batch_goes_out_before_its_first_answer(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[3][6];
	struct usb_transfer t[3] = { usb_bench_in(CHIP_SLOW, data[0], 6),
				     usb_bench_in(CHIP_ACK, data[1], 6),
				     usb_bench_in(CHIP_ACK, data[2], 6) };

	b->link->ops->run(b->link, t, 3);
	/* No turn-around: the device's own time is all there is. */
	assert_in_range(t[0].end_us - t[0].start_us, CHIP_SLOW_US - 20000,
			1000000);
	assert_in_range(t[2].end_us - t[0].end_us, 0, CHIP_SLOW_US / 2);
}

static void more_than_usb_can_carry_is_refused(void **state)
{
	struct usb_bench *b = *state;
	static uint8_t data[4097];
	struct usb_transfer t = usb_bench_out(0, data, sizeof(data));

	assert_int_equal(usb_bench_run(b, &t), S0_E_PROTOCOL);
	assert_int_equal(b->chip.count, 0);
	t = usb_bench_out(0, data, 4096);
	assert_int_equal(usb_bench_run(b, &t), S0_OK);
	assert_int_equal(b->chip.data_length, 4096);
}

static void an_alternate_setting_is_selected_once(void **state)
{
	struct usb_bench *b = *state;
	struct s0_error err = S0_ERROR_INIT;

	assert_int_equal(b->link->ops->set_alt(b->link, 1, NULL), S0_OK);
	assert_int_equal(b->chip.alt, 1);
	assert_int_equal(b->link->ops->set_alt(b->link, 1, NULL), S0_OK);
	assert_int_equal(b->chip.interface_sets, 1);
	assert_int_equal(b->link->ops->set_alt(b->link, 0, NULL), S0_OK);
	assert_int_equal(b->chip.alt, 0);
	assert_int_equal(b->link->ops->set_alt(b->link, 9, &err),
			 S0_E_PROTOCOL);
	assert_int_equal(b->chip.interface_sets, 3);
	/* What is selected is not known now, so it is said again. */
	assert_int_equal(b->link->ops->set_alt(b->link, 0, NULL), S0_OK);
	assert_int_equal(b->chip.interface_sets, 4);
	/* A reset takes it back. */
	assert_int_equal(usb_link_reset(b->link, NULL), S0_OK);
	assert_int_equal(b->link->ops->set_alt(b->link, 0, NULL), S0_OK);
	assert_int_equal(b->chip.interface_sets, 5);
}

static void strings_come_raw_in_the_device_s_language(void **state)
{
	struct usb_bench *b = *state;
	struct s0_error err = S0_ERROR_INIT;
	uint8_t raw[255];
	char text[64];
	uint16_t length = 0;

	assert_int_equal(b->link->ops->string(b->link, 3, raw, &length, NULL),
			 S0_OK);
	assert_int_equal(length, 26);
	assert_memory_equal(raw,
			    "\x1a\x03"
			    "2\0000\0",
			    6);
	usb_link_string(b->link, 6, text, sizeof(text));
	assert_string_equal(text, "@Internal Flash   /0x08000000/16*128Kg");
	assert_int_equal(b->link->ops->string(b->link, 5, raw, &length, &err),
			 S0_E_REFUSED);
	assert_string_equal(err.message,
			    "cannot read descriptor 0x0305 of the device at "
			    "usb 1-4: it refused");
}

static void waiting_takes_real_time(void **state)
{
	struct usb_bench *b = *state;
	uint64_t before = b->link->ops->now_us(b->link);

	b->link->ops->wait_ms(b->link, 30);
	assert_in_range(b->link->ops->now_us(b->link) - before, 30000, 1000000);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, usb_bench_open, usb_bench_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_facts_are_the_device_s),
		TEST(bytes_arrive_both_ways),
		TEST(a_stall_is_a_refusal_and_the_next_one_works),
		TEST(a_short_packet_is_told_by_moved),
		TEST(silence_is_a_timeout_after_its_time),
		TEST(a_batch_reports_each_transfer_for_itself),
		TEST(a_timeout_counts_from_the_head_of_the_queue),
		TEST(what_stands_behind_a_silent_one_is_withdrawn),
		TEST(batches_of_32_and_more_keep_their_order),
		TEST(a_batch_goes_out_before_its_first_answer),
		TEST(more_than_usb_can_carry_is_refused),
		TEST(an_alternate_setting_is_selected_once),
		TEST(strings_come_raw_in_the_device_s_language),
		TEST(waiting_takes_real_time),
	};

	(void)argc;
	mock_usb_enter(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
