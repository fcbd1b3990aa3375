/* SPDX-License-Identifier: MIT */
/* Many boards: what one of them costs does not depend on the others. */
#include <stdlib.h>

#include "test.h"
#include "link/libusb/usb_discover.h"
#include "mock_chip.h"

/* Two of them end in the same port. */
enum { BOARDS = 4 };
static const char *const ports[BOARDS] = { "1", "2", "21", "4.2" };

/* A chip that counts how often it is asked anything. */
struct counted {
	struct mock_chip chip;
	unsigned asked;
};

struct bench {
	struct mock_usb *usb;
	struct usb_host *host;
	struct usb_found *list;
	size_t count;
	struct counted counted[BOARDS];
};

static void count_and_answer(void *user, const struct s0_sim_setup *setup,
			     uint8_t *data, struct s0_sim_reply *reply)
{
	struct counted *counted = user;

	counted->asked++;
	mock_chip_control(&counted->chip, setup, data, reply);
}

static int bench_open(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	if (!b)
		return -1;
	b->usb = mock_usb_new(true);
	mock_usb_plug_hub(b->usb, "4");
	for (unsigned i = 0; i < BOARDS; i++) {
		struct mock_answers answers = { .control = count_and_answer,
						.user = &b->counted[i] };

		mock_chip_stm32h743(&b->counted[i].chip);
		mock_usb_plug(b->usb, ports[i], &answers);
		b->counted[i].asked = 0;
	}
	*state = b;
	return usb_host_new(&b->host, NULL) ? -1 : 0;
}

static int bench_close(void **state)
{
	struct bench *b = *state;

	free(b->list);
	usb_host_free(b->host);
	mock_usb_free(b->usb);
	free(b);
	return 0;
}

static void a_board_chosen_by_path_is_the_only_one_that_is_asked(void **state)
{
	struct bench *b = *state;

	assert_int_equal(
		usb_list_at(b->host, "usb:1-2", &b->list, &b->count, NULL),
		S0_OK);
	assert_int_equal(b->count, 1);
	assert_string_equal(b->list->path, "usb:1-2");
	assert_string_equal(b->list->product_name, "DFU in FS Mode");
	assert_int_equal(b->counted[0].asked, 0);
	assert_true(b->counted[1].asked > 0);
	assert_int_equal(b->counted[2].asked, 0);
	assert_int_equal(b->counted[3].asked, 0);
}

static void a_board_behind_a_hub_is_chosen_by_its_whole_path(void **state)
{
	struct bench *b = *state;
	struct usb_link *link;

	assert_int_equal(
		usb_list_at(b->host, "usb:1-4.2", &b->list, &b->count, NULL),
		S0_OK);
	assert_int_equal(b->count, 1);
	assert_string_equal(b->list->path, "usb:1-4.2");
	assert_int_equal(usb_open(b->host, b->list, 0, &link, NULL), S0_OK);
	link->ops->close(link);
	assert_int_equal(b->counted[1].asked, 0);
	assert_true(b->counted[3].asked > 0);
}

/* Whoever asked for it is told what there is instead. */
static void where_nothing_is_all_boards_are_listed(void **state)
{
	struct bench *b = *state;

	assert_int_equal(
		usb_list_at(b->host, "usb:1-3", &b->list, &b->count, NULL),
		S0_OK);
	assert_int_equal(b->count, BOARDS);
	for (unsigned i = 0; i < BOARDS; i++)
		assert_true(b->counted[i].asked > 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_board_chosen_by_path_is_the_only_one_that_is_asked,
			bench_open, bench_close),
		cmocka_unit_test_setup_teardown(
			a_board_behind_a_hub_is_chosen_by_its_whole_path,
			bench_open, bench_close),
		cmocka_unit_test_setup_teardown(
			where_nothing_is_all_boards_are_listed, bench_open,
			bench_close),
	};

	(void)argc;
	mock_usb_enter(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
