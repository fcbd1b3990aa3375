/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <glib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "usb_bench.h"

static void gone_in_a_batch_is_gone_for_the_rest(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[6];
	struct usb_transfer t[3] = { usb_bench_in(CHIP_ACK, data, 6),
				     usb_bench_in(CHIP_UNPLUG, data, 6),
				     usb_bench_in(CHIP_ACK, data, 6) };

	b->link->ops->run(b->link, t, 3);
	assert_int_equal(t[0].code, S0_OK);
	assert_int_equal(t[1].code, S0_E_GONE);
	assert_int_equal(t[2].code, S0_E_GONE);
	assert_int_equal(t[1].usb_code, -4); /* LIBUSB_ERROR_NO_DEVICE */
	assert_int_equal(b->chip.count, 2);
}

static gpointer unplug_later(gpointer device)
{
	g_usleep(50000);
	mock_usb_unplug(device);
	return NULL;
}

static gpointer replug_later(gpointer device)
{
	g_usleep(150000);
	mock_usb_replug(device);
	return NULL;
}

static void unplugging_ends_a_transfer_under_way(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[6];
	struct usb_transfer t = usb_bench_in(CHIP_SILENT, data, 6);
	GThread *thread = g_thread_new("unplug", unplug_later, b->device);

	t.timeout_ms = 20000;
	assert_int_equal(usb_bench_run(b, &t), S0_E_GONE);
	g_thread_join(thread);
	assert_in_range(t.end_us - t.start_us, 30000, 5000000);
}

static void gone_stays_gone_until_reopened(void **state)
{
	struct usb_bench *b = *state;
	struct s0_error err = S0_ERROR_INIT;
	uint8_t data[255];
	uint16_t length;
	struct usb_transfer t = usb_bench_in(CHIP_ACK, data, 6);

	mock_usb_unplug(b->device);
	assert_int_equal(usb_bench_run(b, &t), S0_E_GONE);
	mock_usb_replug(b->device);
	assert_int_equal(usb_bench_run(b, &t), S0_E_GONE);
	assert_int_equal(b->link->ops->set_alt(b->link, 0, NULL), S0_E_GONE);
	assert_int_equal(b->link->ops->string(b->link, 2, data, &length, &err),
			 S0_E_GONE);
	assert_int_equal(err.usb_code, -4);
	assert_int_equal(b->link->ops->reopen(b->link, 1000, NULL), S0_OK);
	assert_int_equal(usb_bench_run(b, &t), S0_OK);
	assert_int_equal(b->link->facts.config_length, 36);
}

static void reopen_waits_for_the_device(void **state)
{
	struct usb_bench *b = *state;
	uint8_t data[6];
	struct usb_transfer t = usb_bench_in(CHIP_ACK, data, 6);
	uint64_t before;
	GThread *thread;

	mock_usb_unplug(b->device);
	assert_int_equal(usb_bench_run(b, &t), S0_E_GONE);
	thread = g_thread_new("replug", replug_later, b->device);
	before = b->link->ops->now_us(b->link);
	assert_int_equal(b->link->ops->reopen(b->link, 10000, NULL), S0_OK);
	g_thread_join(thread);
	assert_in_range(b->link->ops->now_us(b->link) - before, 100000,
			5000000);
	assert_int_equal(usb_bench_run(b, &t), S0_OK);
}

static void reopen_gives_up_when_the_time_is_over(void **state)
{
	struct usb_bench *b = *state;
	struct s0_error err = S0_ERROR_INIT;
	uint8_t data[6];
	struct usb_transfer t = usb_bench_in(CHIP_ACK, data, 6);

	mock_usb_unplug(b->device);
	assert_int_equal(b->link->ops->reopen(b->link, 100, &err), S0_E_GONE);
	assert_string_equal(err.message,
			    "the device did not come back within 100 ms: there "
			    "is no device at usb 1-4 any more");
	assert_int_equal(usb_bench_run(b, &t), S0_E_GONE);
}

static void reopen_does_not_take_an_application_for_the_device(void **state)
{
	struct usb_bench *b = *state;

	mock_usb_unplug(b->device);
	mock_chip_vcp(&b->chip);
	mock_usb_replug(b->device);
	assert_int_equal(b->link->ops->reopen(b->link, 60, NULL), S0_E_GONE);
	/* Some firmware keeps the bootloader's IDs. */
	mock_usb_unplug(b->device);
	memcpy(b->chip.device + 8, "\x83\x04\x11\xdf", 4);
	mock_usb_replug(b->device);
	assert_int_equal(b->link->ops->reopen(b->link, 60, NULL), S0_E_GONE);
}

static void reopen_reads_the_configuration_again(void **state)
{
	struct usb_bench *b = *state;
	const struct usb_link_facts *facts = &b->link->facts;
	struct s0_error err = S0_ERROR_INIT;

	mock_usb_unplug(b->device);
	put_le16(b->chip.config + 2, 0xffff); /* a known ROM slip */
	b->chip.config[8] = 50;
	mock_usb_replug(b->device);
	assert_int_equal(b->link->ops->reopen(b->link, 1000, NULL), S0_OK);
	assert_int_equal(facts->config_length, 36);
	assert_int_equal(facts->config_descriptor[8], 50);
	/* What the system was told once may be told otherwise now. */
	put_le16(b->chip.config + 2, 8);
	assert_int_equal(b->link->ops->reopen(b->link, 60, &err), S0_E_GONE);
	assert_non_null(strstr(err.message, "is cut short"));
}

static void reopen_tells_when_another_program_was_faster(void **state)
{
	struct usb_bench *b = *state;
	struct s0_error err = S0_ERROR_INIT;

	mock_usb_unplug(b->device);
	mock_usb_replug(b->device);
	mock_usb_set_busy(b->device, true);
	assert_int_equal(b->link->ops->reopen(b->link, 60, &err), S0_E_BUSY);
	assert_int_equal(err.usb_code, -6); /* LIBUSB_ERROR_BUSY */
	mock_usb_set_busy(b->device, false);
	assert_int_equal(b->link->ops->reopen(b->link, 60, NULL), S0_OK);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, usb_bench_open, usb_bench_close)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(gone_in_a_batch_is_gone_for_the_rest),
		TEST(unplugging_ends_a_transfer_under_way),
		TEST(gone_stays_gone_until_reopened),
		TEST(reopen_waits_for_the_device),
		TEST(reopen_gives_up_when_the_time_is_over),
		TEST(reopen_does_not_take_an_application_for_the_device),
		TEST(reopen_reads_the_configuration_again),
		TEST(reopen_tells_when_another_program_was_faster),
	};

	(void)argc;
	mock_usb_enter(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
