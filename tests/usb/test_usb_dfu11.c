/* SPDX-License-Identifier: MIT */
/* sector0/dfu11.h over libusb, with plain DFU devices on a mock bus. */
#include <stdlib.h>
#include <string.h>

#include <sector0/dfu11.h>

#include <glib.h>

#include "test.h"
#include "mock_chip.h"
#include "mock_dfu.h"

struct bench {
	struct mock_usb *usb;
	struct mock_dfu *dfu;
	struct mock_chip chip;
	struct s0_context *context;
};

static void open_bench(struct bench *b, const char *kind)
{
	char wrong[256] = "";

	memset(b, 0, sizeof(*b));
	b->usb = mock_usb_new(true);
	if (kind)
		b->dfu = mock_dfu_plug(b->usb, "3", kind, wrong);
	assert_string_equal(wrong, "");
	assert_int_equal(s0_context_new(&b->context, NULL), S0_OK);
}

static void close_bench(struct bench *b)
{
	s0_context_free(b->context);
	mock_usb_free(b->usb);
	mock_dfu_free(b->dfu);
}

static void plug(struct bench *b, const char *port,
		 void (*make)(struct mock_chip *))
{
	struct mock_answers answers = { .control = mock_chip_control,
					.user = &b->chip };

	make(&b->chip);
	mock_usb_plug(b->usb, port, &answers);
}

static void devices_with_dfu_of_any_maker_are_found(void **state)
{
	struct s0_dfu11_info *list = NULL;
	struct bench b;
	size_t count = 0;

	(void)state;
	open_bench(&b, "dfu");
	plug(&b, "1", mock_chip_camera);
	assert_int_equal(s0_dfu11_find(b.context, &list, &count, NULL), S0_OK);
	assert_int_equal(count, 2);
	assert_false(list[0].dfu_mode);
	assert_int_equal(list[0].vendor, 0x0bda);
	assert_int_equal(list[0].interface, 1);
	assert_int_equal(list[0].alternate_count, 1);
	assert_true(list[1].dfu_mode);
	assert_true(list[1].accessible);
	assert_string_equal(list[1].path, "usb:1-3");
	assert_int_equal(list[1].alternate_count, 2);
	assert_string_equal(list[1].alternates[1].name, "Configuration");
	assert_int_equal(list[1].alternates[1].number, 1);
	assert_int_equal(list[1].transfer_size, 256);
	assert_int_equal(list[1].dfu_version, 0x0110);
	assert_int_equal(list[1].attributes, 7);
	assert_int_equal(list[1].detach_ms, 1000);
	assert_int_equal(list[1].packet_size, 64);
	assert_string_equal(list[1].serial, "0001");
	s0_dfu11_free_list(list);
	close_bench(&b);
}

static void what_has_no_dfu_is_not(void **state)
{
	struct s0_dfu11_info *list = NULL;
	struct bench b;
	size_t count = 7;

	(void)state;
	open_bench(&b, NULL);
	plug(&b, "1", mock_chip_vcp);
	assert_int_equal(s0_dfu11_find(b.context, &list, &count, NULL), S0_OK);
	assert_int_equal(count, 0);
	assert_null(list);
	close_bench(&b);
}

struct seen {
	struct s0_dfu11 *dfu;
	uint64_t done, total, stop_at;
	unsigned calls;
};

static void progress(void *payload, const struct s0_progress *now)
{
	struct seen *seen = payload;

	assert_true(now->done >= seen->done);
	seen->done = now->done;
	seen->total = now->total;
	seen->calls++;
	if (now->done >= seen->stop_at)
		s0_dfu11_cancel(seen->dfu);
}

static bool take(void *payload, const void *bytes, size_t length)
{
	uint8_t **at = payload;

	memcpy(*at, bytes, length);
	*at += length;
	return true;
}

static bool refuse(void *payload, const void *bytes, size_t length)
{
	(void)payload;
	(void)bytes;
	return length == 0;
}

static void a_firmware_goes_in_and_comes_out(void **state)
{
	struct seen seen = { .stop_at = UINT64_MAX };
	uint8_t bytes[600], back[600] = { 0 }, *at = back;
	struct s0_dfu11 *dfu = NULL;
	s0_dfu11_end end = S0_DFU11_LEFT;
	struct bench b;
	uint64_t got = 0;

	(void)state;
	memset(bytes, 0x5a, sizeof(bytes));
	open_bench(&b, "dfu");
	assert_int_equal(s0_dfu11_open(b.context, "usb:1-3", &dfu, NULL),
			 S0_OK);
	s0_dfu11_set_progress(dfu, progress, &seen);
	assert_int_equal(s0_dfu11_set_alternate(dfu, 1, NULL), S0_OK);
	assert_int_equal(s0_dfu11_settle(dfu, NULL), S0_OK);
	assert_int_equal(
		s0_dfu11_download(dfu, bytes, sizeof(bytes), &end, NULL),
		S0_OK);
	assert_int_equal(end, S0_DFU11_IDLE);
	assert_int_equal(seen.done, 600);
	assert_int_equal(seen.total, 600);
	assert_int_equal(seen.calls, 4); /* 0, 256, 512, 600 */
	seen = (struct seen){ .stop_at = UINT64_MAX };
	assert_int_equal(s0_dfu11_upload(dfu, 0, take, &at, &got, NULL), S0_OK);
	assert_int_equal(got, 600);
	assert_memory_equal(bytes, back, 600);
	seen.done = 0;
	assert_int_equal(s0_dfu11_upload(dfu, 0, refuse, NULL, NULL, NULL),
			 S0_E_FILE);
	seen.done = 0;
	at = back;
	assert_int_equal(s0_dfu11_upload(dfu, 100, take, &at, &got, NULL),
			 S0_OK);
	assert_int_equal(got, 100);
	s0_dfu11_close(dfu);
	close_bench(&b);
}

static void a_stop_says_what_it_leaves(void **state)
{
	struct seen seen = { .stop_at = 256 };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_dfu11_status status;
	struct s0_dfu11 *dfu = NULL;
	uint8_t bytes[600] = { 0 };
	struct bench b;

	(void)state;
	open_bench(&b, "dfu");
	assert_int_equal(s0_dfu11_open(b.context, "usb:1-3", &dfu, NULL),
			 S0_OK);
	seen.dfu = dfu;
	s0_dfu11_set_progress(dfu, progress, &seen);
	assert_int_equal(
		s0_dfu11_download(dfu, bytes, sizeof(bytes), NULL, &err),
		S0_E_CANCELLED);
	assert_int_equal(err.aftermath, S0_PARTIAL);
	assert_int_equal(s0_dfu11_ask_status(dfu, &status, NULL), S0_OK);
	assert_int_equal(status.state, 2);
	s0_dfu11_close(dfu);
	close_bench(&b);
}

static void let_it_return(struct bench *b)
{
	for (unsigned i = 0; i < 60; i++) {
		mock_dfu_tick(b->dfu);
		g_usleep(5000);
	}
}

static void an_application_goes_to_dfu_mode_on_its_path(const char *kind)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_dfu11 *dfu = NULL;
	struct bench b;

	open_bench(&b, kind);
	assert_int_equal(s0_dfu11_open(b.context, "usb:1-3", &dfu, NULL),
			 S0_OK);
	assert_false(s0_dfu11_info(dfu)->dfu_mode);
	assert_int_equal(s0_dfu11_settle(dfu, &err), S0_E_PROTOCOL);
	assert_int_equal(err.cause, S0_CAUSE_NOT_DFU);
	assert_int_equal(s0_dfu11_detach(dfu, 0, NULL), S0_OK);
	assert_int_equal(s0_dfu11_settle(dfu, NULL), S0_E_GONE);
	s0_dfu11_close(dfu);
	let_it_return(&b);
	assert_int_equal(s0_dfu11_open(b.context, "usb:1-3", &dfu, NULL),
			 S0_OK);
	assert_true(s0_dfu11_info(dfu)->dfu_mode);
	assert_int_equal(s0_dfu11_info(dfu)->product, 2);
	assert_int_equal(s0_dfu11_settle(dfu, NULL), S0_OK);
	s0_dfu11_close(dfu);
	close_bench(&b);
}

static void an_application_is_detached_with_and_without_a_reset(void **state)
{
	(void)state;
	an_application_goes_to_dfu_mode_on_its_path("dfu-runtime");
	an_application_goes_to_dfu_mode_on_its_path(
		"dfu-runtime,will_detach=1");
}

static void what_cannot_be_opened_is_said(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_dfu11 *dfu = NULL;
	struct bench b;

	(void)state;
	open_bench(&b, "dfu,length=5");
	assert_int_equal(s0_dfu11_open(b.context, "usb:1-4", &dfu, &err),
			 S0_E_NO_DEVICE);
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(s0_dfu11_open(b.context, "serial:0001", &dfu, &err),
			 S0_E_USAGE);
	err = (struct s0_error)S0_ERROR_INIT;
	assert_int_equal(s0_dfu11_open(b.context, "usb:1-3", &dfu, &err),
			 S0_E_FORMAT);
	assert_int_equal(err.cause, S0_CAUSE_DESCRIPTORS);
	assert_null(dfu);
	close_bench(&b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_with_dfu_of_any_maker_are_found),
		cmocka_unit_test(what_has_no_dfu_is_not),
		cmocka_unit_test(a_firmware_goes_in_and_comes_out),
		cmocka_unit_test(a_stop_says_what_it_leaves),
		cmocka_unit_test(
			an_application_is_detached_with_and_without_a_reset),
		cmocka_unit_test(what_cannot_be_opened_is_said),
	};

	(void)argc;
	mock_usb_enter(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
