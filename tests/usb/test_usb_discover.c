/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "base/error.h"
#include "link/libusb/usb_discover.h"
#include "mock_chip.h"

struct bench {
	struct mock_usb *usb;
	struct usb_host *host;
	struct usb_found *list;
	size_t count;
	struct mock_chip chips[4];
	unsigned plugged;
};

static void bench_open(struct bench *bench, bool with_bus)
{
	memset(bench, 0, sizeof(*bench));
	bench->usb = mock_usb_new(with_bus);
}

static void bench_close(struct bench *bench)
{
	free(bench->list);
	usb_host_free(bench->host);
	mock_usb_free(bench->usb);
}

static struct mock_chip *add(struct bench *bench,
			     void (*make)(struct mock_chip *))
{
	struct mock_chip *chip = &bench->chips[bench->plugged++];

	make(chip);
	return chip;
}

static struct mock_device *plug(struct bench *bench, const char *port,
				struct mock_chip *chip,
				struct mock_answers answers)
{
	answers.control = mock_chip_control;
	answers.user = chip;
	return mock_usb_plug(bench->usb, port, &answers);
}

static const struct mock_answers plain;

static void list(struct bench *bench)
{
	free(bench->list);
	usb_host_free(bench->host);
	assert_int_equal(usb_host_new(&bench->host, NULL), S0_OK);
	assert_int_equal(
		usb_list(bench->host, &bench->list, &bench->count, NULL),
		S0_OK);
}

static void an_empty_bus_has_no_boards(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, true);
	list(&b);
	assert_int_equal(b.count, 0);
	assert_null(b.list);
	bench_close(&b);
}

static void a_host_without_a_bus_is_told_from_an_empty_one(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct bench b;

	(void)state;
	bench_open(&b, false);
	assert_int_equal(usb_host_new(&b.host, &err), S0_OK);
	assert_int_equal(usb_list(b.host, &b.list, &b.count, &err),
			 S0_E_NO_USB);
	assert_string_equal(err.message, "this host has no USB bus");
	bench_close(&b);
}

static void a_board_tells_who_it_is(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "4", add(&b, mock_chip_stm32h743), plain);
	list(&b);
	assert_int_equal(b.count, 1);
	assert_string_equal(b.list->path, "usb:1-4");
	assert_int_equal(b.list->kind, USB_DFU_MODE);
	assert_int_equal(b.list->vendor, 0x0483);
	assert_int_equal(b.list->product, 0xdf11);
	assert_int_equal(b.list->bcd_device, 0x0200);
	assert_int_equal(b.list->config, 1);
	assert_int_equal(b.list->interface, 0);
	assert_true(b.list->accessible);
	assert_int_equal(b.list->open_code, 0);
	assert_string_equal(b.list->product_name, "DFU in FS Mode");
	assert_string_equal(b.list->manufacturer, "STMicroelectronics");
	assert_string_equal(b.list->serial, "200364500000");
	assert_int_equal(b.list->alt_count, 2);
	assert_string_equal(b.list->speed, "Full Speed (12MBit/s)");
	bench_close(&b);
}

static void a_board_behind_a_hub_has_a_path_of_ports(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, true);
	mock_usb_plug_hub(b.usb, "4");
	plug(&b, "4.2", add(&b, mock_chip_stm32h743), plain);
	list(&b);
	assert_int_equal(b.count, 1);
	assert_string_equal(b.list->path, "usb:1-4.2");
	bench_close(&b);
}

static void two_boards_with_one_serial_are_two(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "1", add(&b, mock_chip_stm32h743), plain);
	plug(&b, "2", add(&b, mock_chip_stm32h743), plain);
	list(&b);
	assert_int_equal(b.count, 2);
	assert_string_equal(b.list[0].path, "usb:1-1");
	assert_string_equal(b.list[1].path, "usb:1-2");
	assert_string_equal(b.list[0].serial, b.list[1].serial);
	bench_close(&b);
}

static void boards_come_in_the_order_of_their_ports(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, true);
	mock_usb_plug_hub(b.usb, "2");
	plug(&b, "10", add(&b, mock_chip_stm32h743), plain);
	plug(&b, "2.11", add(&b, mock_chip_stm32h743), plain);
	plug(&b, "2.3", add(&b, mock_chip_stm32h743), plain);
	plug(&b, "1", add(&b, mock_chip_stm32h743), plain);
	list(&b);
	assert_int_equal(b.count, 4);
	assert_string_equal(b.list[0].path, "usb:1-1");
	assert_string_equal(b.list[1].path, "usb:1-2.3");
	assert_string_equal(b.list[2].path, "usb:1-2.11");
	assert_string_equal(b.list[3].path, "usb:1-10");
	bench_close(&b);
}

static void a_board_without_rights_is_listed_and_refused(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct usb_link *link = NULL;
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "4", add(&b, mock_chip_stm32h743),
	     (struct mock_answers){ .no_rights = true });
	mock_drop_override();
	list(&b);
	assert_int_equal(b.count, 1);
	assert_int_equal(b.list->kind, USB_DFU_MODE);
	assert_false(b.list->accessible);
	assert_int_equal(b.list->open_code, -3); /* LIBUSB_ERROR_ACCESS */
	assert_string_equal(b.list->serial, "");
	assert_int_equal(usb_open(b.host, b.list, 0, &link, &err), S0_E_ACCESS);
	mock_restore_override();
	assert_string_equal(err.message,
			    "cannot open the device at usb 1-4 (0483:df11): "
			    "permission denied");
	assert_int_equal(err.usb_code, -3);
	assert_null(link);
	bench_close(&b);
}

static void a_board_without_a_node_is_listed_and_refused(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct usb_link *link = NULL;
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "4", add(&b, mock_chip_stm32h743),
	     (struct mock_answers){ .no_node = true });
	list(&b);
	assert_int_equal(b.count, 1);
	assert_false(b.list->accessible);
	assert_int_equal(usb_open(b.host, b.list, 0, &link, &err),
			 S0_E_NO_DEVICE);
	assert_int_equal(err.usb_code, -4); /* LIBUSB_ERROR_NO_DEVICE */
	bench_close(&b);
}

static void st_s_other_devices_are_not_in_dfu_mode(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct usb_link *link = NULL;
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "4", add(&b, mock_chip_vcp), plain);
	list(&b);
	assert_int_equal(b.count, 1);
	assert_int_equal(b.list->kind, USB_RUNTIME);
	assert_string_equal(b.list->product_name, "STM32 Virtual ComPort");
	assert_int_equal(b.list->alt_count, 0);
	assert_int_equal(usb_open(b.host, b.list, 0, &link, &err),
			 S0_E_NO_DEVICE);
	assert_string_equal(err.message, "the device at usb 1-4 (0483:5740) is "
					 "not in DFU mode");
	bench_close(&b);
}

static void a_run_time_dfu_interface_of_st_s_is_listed(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "4", add(&b, mock_chip_runtime), plain);
	list(&b);
	assert_int_equal(b.count, 1);
	assert_int_equal(b.list->kind, USB_RUNTIME);
	assert_int_equal(b.list->interface, 1);
	assert_int_equal(b.list->alt_count, 1);
	bench_close(&b);
}

static void a_camera_with_run_time_dfu_is_ignored(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "1", add(&b, mock_chip_camera), plain);
	plug(&b, "2", add(&b, mock_chip_stm32h743), plain);
	list(&b);
	assert_int_equal(b.count, 1);
	assert_string_equal(b.list->path, "usb:1-2");
	bench_close(&b);
}

static void other_makers_boards_in_dfu_mode_are_listed(void **state)
{
	struct mock_chip *gd32, *stranger;
	struct bench b;

	(void)state;
	bench_open(&b, true);
	gd32 = add(&b, mock_chip_stm32h743);
	memcpy(gd32->device + 8, "\xe9\x28\x89\x01", 4);
	stranger = add(&b, mock_chip_stm32h743);
	memcpy(stranger->device + 8, "\xaf\x1e\x03\x00", 4);
	plug(&b, "1", gd32, plain);
	plug(&b, "2", stranger, plain);
	list(&b);
	assert_int_equal(b.count, 2);
	assert_int_equal(b.list[0].vendor, 0x28e9);
	assert_int_equal(b.list[0].kind, USB_DFU_MODE);
	assert_int_equal(b.list[1].kind, USB_DFU_MODE);
	bench_close(&b);
}

static void a_debug_probe_is_no_board(void **state)
{
	struct mock_chip *probe;
	struct bench b;

	(void)state;
	bench_open(&b, true);
	probe = add(&b, mock_chip_vcp);
	memcpy(probe->device + 8, "\x83\x04\x4b\x37", 4); /* ST-LINK/V2-1 */
	plug(&b, "1", probe, plain);
	list(&b);
	assert_int_equal(b.count, 0);
	bench_close(&b);
}

static void a_claimed_interface_is_busy(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct usb_link *first = NULL, *second = NULL;
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "4", add(&b, mock_chip_stm32h743), plain);
	list(&b);
	assert_int_equal(usb_open(b.host, b.list, 0, &first, NULL), S0_OK);
	assert_int_equal(usb_open(b.host, b.list, 0, &second, &err), S0_E_BUSY);
	assert_string_equal(err.message,
			    "cannot claim the device at usb 1-4 (0483:df11): "
			    "another program holds it");
	first->ops->close(first);
	assert_int_equal(usb_open(b.host, b.list, 0, &second, NULL), S0_OK);
	second->ops->close(second);
	bench_close(&b);
}

static void a_board_that_left_or_became_another_is_not_opened(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct usb_link *link = NULL;
	struct mock_device *device;
	struct bench b;

	(void)state;
	bench_open(&b, true);
	device = plug(&b, "4", add(&b, mock_chip_stm32h743), plain);
	list(&b);
	mock_usb_unplug(device);
	assert_int_equal(usb_open(b.host, b.list, 0, &link, &err),
			 S0_E_NO_DEVICE);
	assert_string_equal(err.message,
			    "there is no device at usb 1-4 any more");
	error_clear(&err);
	mock_chip_vcp(&b.chips[0]);
	mock_usb_replug(device);
	assert_int_equal(usb_open(b.host, b.list, 0, &link, &err),
			 S0_E_NO_DEVICE);
	assert_string_equal(err.message, "the device at usb 1-4 is not "
					 "0483:df11 in DFU mode any more");
	assert_null(link);
	bench_close(&b);
}

static void boards_that_come_later_are_seen_by_the_same_host(void **state)
{
	struct bench b;
	struct mock_device *device;

	(void)state;
	bench_open(&b, true);
	list(&b);
	assert_int_equal(b.count, 0);
	device = plug(&b, "4", add(&b, mock_chip_stm32h743), plain);
	assert_int_equal(usb_list(b.host, &b.list, &b.count, NULL), S0_OK);
	assert_int_equal(b.count, 1);
	mock_usb_unplug(device);
	free(b.list);
	assert_int_equal(usb_list(b.host, &b.list, &b.count, NULL), S0_OK);
	assert_int_equal(b.count, 0);
	bench_close(&b);
}

static void a_string_that_lies_about_its_length_is_read(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, true);
	plug(&b, "4", add(&b, mock_chip_stm32h743), plain);
	b.chips[0].string_length = 30;
	b.chips[0].langid = 0x0407;
	list(&b);
	assert_string_equal(b.list->serial, "200364500000");
	assert_string_equal(b.list->product_name, "DFU in FS Mode");
	bench_close(&b);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_bus_has_no_boards),
		cmocka_unit_test(
			a_host_without_a_bus_is_told_from_an_empty_one),
		cmocka_unit_test(a_board_tells_who_it_is),
		cmocka_unit_test(a_board_behind_a_hub_has_a_path_of_ports),
		cmocka_unit_test(two_boards_with_one_serial_are_two),
		cmocka_unit_test(boards_come_in_the_order_of_their_ports),
		cmocka_unit_test(a_board_without_rights_is_listed_and_refused),
		cmocka_unit_test(a_board_without_a_node_is_listed_and_refused),
		cmocka_unit_test(st_s_other_devices_are_not_in_dfu_mode),
		cmocka_unit_test(a_run_time_dfu_interface_of_st_s_is_listed),
		cmocka_unit_test(a_camera_with_run_time_dfu_is_ignored),
		cmocka_unit_test(other_makers_boards_in_dfu_mode_are_listed),
		cmocka_unit_test(a_debug_probe_is_no_board),
		cmocka_unit_test(a_claimed_interface_is_busy),
		cmocka_unit_test(
			a_board_that_left_or_became_another_is_not_opened),
		cmocka_unit_test(
			boards_that_come_later_are_seen_by_the_same_host),
		cmocka_unit_test(a_string_that_lies_about_its_length_is_read),
	};

	(void)argc;
	mock_usb_enter(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
