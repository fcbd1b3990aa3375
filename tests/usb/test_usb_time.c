/* SPDX-License-Identifier: MIT */
/* The time of the virtual STM32 on a mock bus: what the chip does takes its
 * time, and a host that is less patient takes its request back. Wall time is
 * compared with lower bounds only, or with times that are far away. */
#include <stdlib.h>

#include <glib.h>

#include "test.h"
#include "link/libusb/usb_discover.h"
#include "mock_sim.h"

#define CHIPS	  2
#define BUSY	  4 /* dfuDNBUSY */
#define IDLE	  5 /* dfuDNLOAD-IDLE */
#define IMPATIENT 60
#define PATIENT	  20000 /* ms; an operation of a minute is longer */

struct board {
	struct mock_usb *usb;
	struct mock_sim *sims[CHIPS];
	struct usb_host *host;
	struct usb_link *links[CHIPS];
	unsigned count;
	uint8_t status[6];
	uint64_t asked_us; /* when the last operation was */
	s0_code result;
};

static void plug(struct board *board, const char *description)
{
	char port[4];

	g_snprintf(port, sizeof(port), "%u", board->count + 1);
	if (!board->usb)
		board->usb = mock_usb_new(true);
	board->sims[board->count] =
		mock_sim_plug(board->usb, port, description,
			      (struct mock_answers){ .busy = false }, NULL);
	assert_non_null(board->sims[board->count++]);
}

static void open_all(struct board *board)
{
	struct usb_found *list = NULL;
	size_t count;

	assert_int_equal(usb_host_new(&board->host, NULL), S0_OK);
	assert_int_equal(usb_list(board->host, &list, &count, NULL), S0_OK);
	assert_int_equal(count, board->count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(usb_open(board->host, &list[i], 0,
					  &board->links[i], NULL),
				 S0_OK);
	free(list);
}

static struct board *make(void **state, const char *description)
{
	plug(*state, description);
	open_all(*state);
	return *state;
}

static s0_code run(struct usb_link *link, struct usb_transfer transfer)
{
	link->ops->run(link, &transfer, 1);
	return transfer.code;
}

static uint64_t since_asked(struct board *board)
{
	return board->links[0]->ops->now_us(board->links[0]) - board->asked_us;
}

static s0_code get_status(struct board *board, unsigned chip,
			  unsigned timeout_ms)
{
	return run(board->links[chip],
		   (struct usb_transfer){ .request_type = 0xa1,
					  .request = 3,
					  .data = board->status,
					  .length = 6,
					  .timeout_ms = timeout_ms });
}

/* The erase runs in the GETSTATUS that follows. */
static void ask_erase(struct board *board)
{
	struct usb_link *link = board->links[0];
	uint8_t erase[] = { 0x41, 0, 0, 0, 8 };
	struct usb_transfer t = { .request_type = 0x21,
				  .request = 1,
				  .data = erase,
				  .length = sizeof(erase),
				  .timeout_ms = PATIENT };

	assert_int_equal(run(link, t), S0_OK);
	board->asked_us = link->ops->now_us(link);
}

static s0_code erase(struct board *board, unsigned timeout_ms)
{
	ask_erase(board);
	return get_status(board, 0, timeout_ms);
}

static void an_erase_takes_its_time(void **state)
{
	struct board *board = make(state, "stm32h743,erase_ms=300");

	assert_int_equal(erase(board, PATIENT), S0_OK);
	assert_int_equal(board->status[4], BUSY);
	assert_true(since_asked(board) >= 300000);
	assert_int_equal(get_status(board, 0, PATIENT), S0_OK);
	assert_int_equal(board->status[4], IDLE);
}

static void time_scale_shortens_it(void **state)
{
	struct board *board =
		make(state, "stm32h743,erase_ms=60000,time_scale=0.004");

	assert_int_equal(erase(board, PATIENT), S0_OK);
	assert_true(since_asked(board) >= 240000);
}

static void a_real_clock_may_be_a_faster_one(void **state)
{
	struct board *board =
		make(state, "stm32h743,erase_ms=60000,clock=real*0.004");

	assert_int_equal(erase(board, PATIENT), S0_OK);
	assert_true(since_asked(board) >= 240000);
}

static void a_real_clock_is_what_there_is_anyway(void **state)
{
	struct board *board =
		make(state, "stm32h743,erase_ms=60000,clock=real");

	assert_int_equal(erase(board, IMPATIENT), S0_E_TIMEOUT);
}

static void with_a_virtual_clock_nothing_is_waited_for(void **state)
{
	struct board *board =
		make(state, "stm32h743,erase_ms=60000,clock=virtual");

	assert_int_equal(erase(board, PATIENT), S0_OK);
	assert_int_equal(get_status(board, 0, PATIENT), S0_OK);
	assert_int_equal(board->status[4], IDLE);
}

static void the_turn_around_is_added_where_it_is_given(void **state)
{
	struct board *board = make(state, "stm32h743,turnaround_us=50000");

	ask_erase(board);
	assert_int_equal(run(board->links[0],
			     (struct usb_transfer){ .request_type = 0xa1,
						    .request = 5,
						    .data = board->status,
						    .length = 1,
						    .timeout_ms = PATIENT }),
			 S0_OK);
	assert_true(since_asked(board) >= 50000);
}

static void an_operation_longer_than_the_patience_is_a_timeout(void **state)
{
	struct board *board = make(state, "stm32h743,erase_ms=60000");

	assert_int_equal(erase(board, IMPATIENT), S0_E_TIMEOUT);
	/* It goes on, and does not answer meanwhile. */
	assert_int_equal(get_status(board, 0, IMPATIENT), S0_E_TIMEOUT);
	assert_true(since_asked(board) >= 2 * IMPATIENT * 1000);
}

static void the_chip_goes_on_when_the_host_gave_up(void **state)
{
	struct board *board = make(state, "stm32h743,erase_ms=400");

	assert_int_equal(erase(board, IMPATIENT), S0_E_TIMEOUT);
	assert_int_equal(get_status(board, 0, PATIENT), S0_OK);
	assert_true(since_asked(board) >= 400000);
	assert_int_equal(board->status[4], IDLE);
}

static void a_long_nak_is_a_timeout(void **state)
{
	struct board *board = make(state, "stm32h743,fault=nak@1:60000");

	assert_int_equal(get_status(board, 0, 200), S0_E_TIMEOUT);
}

static void a_short_nak_is_a_late_answer(void **state)
{
	struct board *board = make(state, "stm32h743,fault=nak@1:200");
	struct usb_link *link = board->links[0];

	board->asked_us = link->ops->now_us(link);
	assert_int_equal(get_status(board, 0, PATIENT), S0_OK);
	assert_true(since_asked(board) >= 200000);
}

static void a_setting_waits_for_the_operation(void **state)
{
	struct board *board = make(state, "stm32h743,erase_ms=400");
	struct usb_link *link = board->links[0];

	assert_int_equal(erase(board, IMPATIENT), S0_E_TIMEOUT);
	assert_int_equal(link->ops->set_alt(link, 1, NULL), S0_OK);
	assert_true(since_asked(board) >= 400000);
}

/* What a chip does is seen on the bus when its time has come. */
static void power_fails_in_the_middle_of_an_erase(void **state)
{
	struct board *board =
		make(state, "stm32h743,erase_ms=400,fault=torn@erase1");
	uint64_t half_us = 200000;

	ask_erase(board);
	assert_int_equal(get_status(board, 0, IMPATIENT), S0_E_TIMEOUT);
	mock_sim_tick(board->sims[0]);
	assert_int_equal(get_status(board, 0, PATIENT), S0_E_GONE);
	assert_true(since_asked(board) >= half_us);
}

static void a_tick_in_an_operation_leaves_it_on_the_bus(void **state)
{
	struct board *board =
		make(state, "stm32h743,erase_ms=60000,fault=torn@erase1");

	assert_int_equal(erase(board, IMPATIENT), S0_E_TIMEOUT);
	mock_sim_tick(board->sims[0]);
	assert_int_equal(get_status(board, 0, IMPATIENT), S0_E_TIMEOUT);
}

static gpointer erase_patiently(gpointer payload)
{
	struct board *board = payload;

	board->result = erase(board, PATIENT);
	return NULL;
}

/* Until the chip has begun, so that what follows falls into the erase. */
static GThread *start_erase(struct board *board)
{
	GThread *thread = g_thread_new("erase", erase_patiently, board);

	g_usleep(100000);
	return thread;
}

static void a_pulled_plug_ends_what_is_under_way(void **state)
{
	struct board *board = make(state, "stm32h743,erase_ms=60000");
	GThread *thread = start_erase(board);
	struct usb_link *link = board->links[0];

	mock_sim_set_plugged(board->sims[0], false);
	g_thread_join(thread);
	assert_int_equal(board->result, S0_E_GONE);
	/* Plugged in again it does not owe the rest of that minute. */
	mock_sim_set_plugged(board->sims[0], true);
	assert_int_equal(link->ops->reopen(link, PATIENT, NULL), S0_OK);
	assert_int_equal(get_status(board, 0, PATIENT), S0_OK);
}

static void one_chip_does_not_wait_for_another(void **state)
{
	struct board *board = *state;
	GThread *thread;

	plug(board, "stm32h743,erase_ms=60000");
	plug(board, "stm32h743,seed=2");
	open_all(board);
	thread = start_erase(board);
	assert_int_equal(get_status(board, 1, PATIENT), S0_OK);
	mock_sim_set_plugged(board->sims[0], false);
	g_thread_join(thread);
	assert_int_equal(board->result, S0_E_GONE);
}

static int board_new(void **state)
{
	*state = calloc(1, sizeof(struct board));
	return *state ? 0 : -1;
}

static int board_free(void **state)
{
	struct board *board = *state;

	for (unsigned i = 0; i < board->count; i++)
		if (board->links[i])
			board->links[i]->ops->close(board->links[i]);
	usb_host_free(board->host);
	mock_usb_free(board->usb);
	for (unsigned i = 0; i < board->count; i++)
		mock_sim_free(board->sims[i]);
	free(board);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, board_new, board_free)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(an_erase_takes_its_time),
		TEST(time_scale_shortens_it),
		TEST(a_real_clock_may_be_a_faster_one),
		TEST(a_real_clock_is_what_there_is_anyway),
		TEST(with_a_virtual_clock_nothing_is_waited_for),
		TEST(the_turn_around_is_added_where_it_is_given),
		TEST(an_operation_longer_than_the_patience_is_a_timeout),
		TEST(the_chip_goes_on_when_the_host_gave_up),
		TEST(a_long_nak_is_a_timeout),
		TEST(a_short_nak_is_a_late_answer),
		TEST(a_setting_waits_for_the_operation),
		TEST(power_fails_in_the_middle_of_an_erase),
		TEST(a_tick_in_an_operation_leaves_it_on_the_bus),
		TEST(a_pulled_plug_ends_what_is_under_way),
		TEST(one_chip_does_not_wait_for_another),
	};

	(void)argc;
	mock_usb_enter(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
