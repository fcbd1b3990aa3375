/* SPDX-License-Identifier: MIT */
/* Which board on the bus is meant. */
#include "test.h"

#include <string.h>

#include <sector0/chips.h>
#include <sector0/context.h>

#include "device/choose.h"

static const struct usb_found h743 = { .path = "usb:1-1",
				       .vendor = 0x0483,
				       .product = 0xdf11,
				       .serial = "200364500000",
				       .kind = USB_DFU_MODE };
static const struct usb_found gd32 = { .path = "usb:1-2",
				       .vendor = 0x28e9,
				       .product = 0x0189,
				       .kind = USB_DFU_MODE };
static const struct usb_found at32 = { .path = "usb:1-3",
				       .vendor = 0x2e3c,
				       .product = 0xdf11,
				       .kind = USB_DFU_MODE };
static const struct usb_found apm32 = { .path = "usb:1-4",
					.vendor = 0x314b,
					.product = 0x0106,
					.kind = USB_DFU_MODE };
static const struct usb_found maple = { .path = "usb:1-5",
					.vendor = 0x1eaf,
					.product = 0x0003,
					.kind = USB_DFU_MODE };
/* of a known maker, with another product's number */
static const struct usb_found keyboard = { .path = "usb:1-6",
					   .vendor = 0x28e9,
					   .product = 0xdf11,
					   .kind = USB_DFU_MODE };
static const struct usb_found running = { .path = "usb:1-7",
					  .vendor = 0x0483,
					  .product = 0x5740,
					  .kind = USB_RUNTIME };

struct choice {
	const char *selector;
	const struct usb_found *bus[4];
	s0_code code;
	const char *path; /* or part of the message */
};

static void check(const struct s0_context *context, const struct choice *choice)
{
	const struct usb_found *found = NULL;
	struct s0_error err = S0_ERROR_INIT;
	struct usb_found list[4];
	struct wanted wanted;
	size_t count = 0;

	for (; count < 4 && choice->bus[count]; count++)
		list[count] = *choice->bus[count];
	print_message("# %s\n", choice->selector ? choice->selector : "none");
	assert_int_equal(choose_parse(context, choice->selector, &wanted, NULL),
			 S0_OK);
	assert_int_equal(choose_found(&wanted, choice->selector, list, count,
				      &found, &err),
			 choice->code);
	if (choice->code == S0_OK)
		assert_string_equal(found->path, choice->path);
	else
		assert_non_null(strstr(err.message, choice->path));
}

static void check_all(const struct s0_context *context,
		      const struct choice *choices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(context, &choices[i]);
}

static void bootloaders_of_the_table_are_found_without_a_selector(void **state)
{
	static const struct choice choices[] = {
		{ NULL, { &h743 }, S0_OK, "usb:1-1" },
		{ "", { &h743, &running }, S0_OK, "usb:1-1" },
		{ NULL, { &gd32 }, S0_OK, "usb:1-2" },
		{ NULL, { &at32 }, S0_OK, "usb:1-3" },
		{ NULL, { &maple, &apm32 }, S0_OK, "usb:1-4" },
		{ NULL, { &h743, &gd32 }, S0_E_SEVERAL, "usb:1-1, usb:1-2" },
		{ NULL, { &maple }, S0_E_NO_DEVICE, "no device in DFU mode" },
		{ NULL, { &keyboard }, S0_E_NO_DEVICE, "no device" },
		{ NULL, { &running }, S0_E_NO_DEVICE, "could be put there" },
	};
	struct s0_context *context;
	(void)state;

	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	check_all(context, choices, sizeof choices / sizeof choices[0]);
	s0_context_free(context);
}

static void others_have_to_be_named(void **state)
{
	static const struct choice choices[] = {
		{ "usb:1eaf:0003", { &h743, &maple }, S0_OK, "usb:1-5" },
		{ "usb:1-6", { &h743, &keyboard }, S0_OK, "usb:1-6" },
		{ "serial:200364500000", { &h743, &gd32 }, S0_OK, "usb:1-1" },
		{ "usb:28e9:0189", { &h743, &gd32 }, S0_OK, "usb:1-2" },
		{ "usb:28e9:0189", { &h743 }, S0_E_NO_DEVICE, "28e9:0189" },
	};
	struct s0_context *context;
	(void)state;

	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	check_all(context, choices, sizeof choices / sizeof choices[0]);
	s0_context_free(context);
}

/* What is known of it does not matter here. */
static const char maple_file[] =
	"usb = 0x1eaf 0x0003 0 0 - # field\n"
	"flash_word = 2 # field\nalign = 2 # field\necc = 0 # field\n"
	"erased = 0xff # field\nerase = 0x400 20000 40000 # field\n"
	"mass_erase_us = 20000 # field\nmass_erase_max_us = 40000 # field\n"
	"word_us = 50 # field\nturnaround_us = 250 # own\n"
	"uid_address = 0 # field\nflash_size_address = 0 # field\n"
	"version_address = 0 # field\nuf2_family = 0x5ee21072 # field\n"
	"chip = maple\ntitle = Maple # field\ndevice_id = 0x410 # field\n"
	"layout = @Internal Flash /0x08000000/128*1Kg # field\n"
	"dumped = 0 # field\nbanks = one # field\nsizes = 128 # field\n"
	"geometry = - 0 0 1 /0x08000000/128*1Kg # field\n"
	"shorter_layout = 0 # field\n";

static void a_chip_that_was_added_brings_its_numbers(void **state)
{
	static const struct choice choice = {
		NULL, { &maple }, S0_OK, "usb:1-5"
	};
	struct s0_error err = S0_ERROR_INIT;
	struct s0_context *context;
	struct s0_chips *chips;
	(void)state;

	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	if (s0_chips_parse("maple.chip", maple_file, strlen(maple_file), &chips,
			   &err) != S0_OK)
		print_error("# %s\n", err.message);
	assert_int_equal(err.code, S0_OK);
	assert_int_equal(s0_context_add_chips(context, chips, NULL), S0_OK);
	check(context, &choice);
	s0_context_free(context);
}

static void what_is_no_selector_is_refused(void **state)
{
	static const char *const words[] = { "usb:", "usb:12",
					     "serial:", "usb:28e9:0189:1",
					     "board" };
	struct s0_context *context;
	struct wanted wanted;
	(void)state;

	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		assert_int_equal(choose_parse(context, words[i], &wanted, NULL),
				 S0_E_USAGE);
	s0_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			bootloaders_of_the_table_are_found_without_a_selector),
		cmocka_unit_test(others_have_to_be_named),
		cmocka_unit_test(a_chip_that_was_added_brings_its_numbers),
		cmocka_unit_test(what_is_no_selector_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
