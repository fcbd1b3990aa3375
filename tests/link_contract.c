/* SPDX-License-Identifier: MIT */
#include "link_contract.h"

#include <string.h>

#include "test.h"

#define DNLOAD	  1
#define UPLOAD	  2
#define GETSTATUS 3
#define CLRSTATUS 4
#define GETSTATE  5
#define ABORT	  6

#define TIMEOUT_MS 5000

static struct usb_transfer in(uint8_t request, uint16_t value, uint8_t *data,
			      uint16_t length)
{
	return (struct usb_transfer){ .request_type = 0xa1,
				      .request = request,
				      .value = value,
				      .length = length,
				      .data = data,
				      .timeout_ms = TIMEOUT_MS };
}

static struct usb_transfer out(uint8_t request, uint16_t value, uint8_t *data,
			       uint16_t length)
{
	struct usb_transfer transfer = in(request, value, data, length);

	transfer.request_type = 0x21;
	return transfer;
}

static void run(struct usb_link *link, struct usb_transfer *transfers,
		size_t count)
{
	/* What the link must fill in is spoilt before. */
	for (size_t i = 0; i < count; i++) {
		transfers[i].code = S0_E_BUG;
		transfers[i].moved = 0xdead;
		transfers[i].start_us = UINT64_MAX;
		transfers[i].end_us = 0;
	}
	link->ops->run(link, transfers, count);
}

static s0_code run_one(struct usb_link *link, struct usb_transfer transfer)
{
	run(link, &transfer, 1);
	return transfer.code;
}

static s0_code ask_state(struct usb_link *link, uint8_t *ret_state)
{
	return run_one(link, in(GETSTATE, 0, ret_state, 1));
}

static void facts_are_filled_in(void **state)
{
	const struct usb_link_facts *facts =
		&((struct link_fixture *)*state)->link->facts;
	const uint8_t *config = facts->config_descriptor;

	assert_true(strlen(facts->path) > 0);
	assert_non_null(facts->speed);
	assert_int_equal(facts->device_descriptor[0], 18);
	assert_int_equal(facts->device_descriptor[1], 1);
	assert_int_equal(facts->config_length, config[2] | config[3] << 8);
	assert_int_equal(config[1], 2);
	assert_int_equal(facts->interface, 0);
}

static void a_full_answer_moves_all(void **state)
{
	struct link_fixture *fixture = *state;
	uint8_t data[1024] = { 0 };
	struct usb_transfer transfer = in(UPLOAD, 2, data, sizeof(data));

	run(fixture->link, &transfer, 1);
	assert_int_equal(transfer.code, S0_OK);
	assert_int_equal(transfer.moved, 1024);
	assert_int_equal(data[0], 0xff);
	assert_int_equal(data[1023], 0xff);
}

static void a_short_packet_is_no_failure(void **state)
{
	struct link_fixture *fixture = *state;
	uint8_t data[64] = { 0 };
	struct usb_transfer transfer = in(UPLOAD, 0, data, sizeof(data));

	run(fixture->link, &transfer, 1);
	assert_int_equal(transfer.code, S0_OK);
	assert_int_equal(transfer.moved, 4);
	assert_int_equal(data[1], 0x21);
}

static void what_goes_out_arrives(void **state)
{
	struct link_fixture *fixture = *state;
	uint8_t address[5] = { 0x21, 0, 0x50, 0, 0x24 }, status[6];
	uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, found[8] = { 0 };
	struct usb_transfer list[] = {
		out(DNLOAD, 0, address, 5),  in(GETSTATUS, 0, status, 6),
		in(GETSTATUS, 0, status, 6), out(DNLOAD, 2, bytes, 8),
		in(GETSTATUS, 0, status, 6), in(GETSTATUS, 0, status, 6),
		out(ABORT, 0, NULL, 0),	     in(UPLOAD, 2, found, 8),
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		run(fixture->link, &list[i], 1);
		assert_int_equal(list[i].code, S0_OK);
		assert_int_equal(list[i].moved, list[i].length);
	}
	assert_memory_equal(found, bytes, 8);
}

static void a_stall_is_a_refusal_and_the_next_one_works(void **state)
{
	struct link_fixture *fixture = *state;
	uint8_t data[64], dfu_state = 0;

	assert_int_equal(run_one(fixture->link, in(UPLOAD, 1, data, 64)),
			 S0_E_REFUSED);
	assert_int_equal(ask_state(fixture->link, &dfu_state), S0_OK);
	assert_int_equal(dfu_state, 15);
}

static void each_of_a_batch_reports_for_itself(void **state)
{
	struct link_fixture *fixture = *state;
	uint8_t states[3] = { 0 }, commands[4] = { 0 }, data[64];
	struct usb_transfer batch[] = {
		in(GETSTATE, 0, &states[0], 1), in(UPLOAD, 0, commands, 4),
		in(UPLOAD, 1, data, 64),	in(GETSTATE, 0, &states[1], 1),
		out(CLRSTATUS, 0, NULL, 0),	in(GETSTATE, 0, &states[2], 1),
	};

	run(fixture->link, batch, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(batch[i].code, i == 2 ? S0_E_REFUSED : S0_OK);
	assert_int_equal(states[0], 2);
	assert_int_equal(states[1], 15);
	assert_int_equal(states[2], 10);
	assert_int_equal(commands[2], 0x41);
}

static void a_largest_batch_is_taken(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_transfer batch[USB_LINK_BATCH];
	static const uint8_t want = 2;
	uint8_t states[USB_LINK_BATCH] = { 0 };

	for (unsigned i = 0; i < USB_LINK_BATCH; i++)
		batch[i] = in(GETSTATE, 0, &states[i], 1);
	run(fixture->link, batch, USB_LINK_BATCH);
	for (unsigned i = 0; i < USB_LINK_BATCH; i++) {
		assert_int_equal(batch[i].code, S0_OK);
		assert_int_equal(states[i], want);
	}
}

static void times_follow_one_another(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	uint8_t data[4][64];
	struct usb_transfer batch[4];
	uint64_t before = link->ops->now_us(link);

	for (unsigned i = 0; i < 4; i++)
		batch[i] = in(UPLOAD, 2, data[i], 64);
	run(link, batch, 4);
	assert_true(batch[0].start_us >= before);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(batch[i].end_us >= batch[i].start_us);
		if (i > 0)
			assert_true(batch[i].start_us >= batch[i - 1].end_us);
	}
	assert_true(link->ops->now_us(link) >= batch[3].end_us);
}

static void waiting_takes_its_time(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	uint64_t before = link->ops->now_us(link);

	link->ops->wait_ms(link, 20);
	assert_true(link->ops->now_us(link) - before >= 20000);
}

static void silence_is_a_timeout_after_its_time(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	uint8_t dfu_state = 0;
	struct usb_transfer transfer = in(GETSTATE, 0, &dfu_state, 1);

	transfer.timeout_ms = fixture->patience_ms;
	fixture->ops->trouble(fixture, 1, LINK_SILENT);
	run(link, &transfer, 1);
	assert_int_equal(transfer.code, S0_E_TIMEOUT);
	assert_true(transfer.end_us - transfer.start_us >=
		    fixture->patience_ms * 1000ull);
	assert_int_equal(ask_state(link, &dfu_state), S0_OK);
	assert_int_equal(dfu_state, 2);
}

static void what_is_queued_behind_silence_times_out_too(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	uint8_t states[3] = { 0 };
	struct usb_transfer batch[3];
	uint64_t before = link->ops->now_us(link);

	for (unsigned i = 0; i < 3; i++) {
		batch[i] = in(GETSTATE, 0, &states[i], 1);
		batch[i].timeout_ms = fixture->patience_ms;
	}
	fixture->ops->trouble(fixture, 2, LINK_SILENT);
	run(link, batch, 3);
	assert_int_equal(batch[0].code, S0_OK);
	assert_int_equal(batch[1].code, S0_E_TIMEOUT);
	assert_int_equal(batch[2].code, S0_E_TIMEOUT);
	assert_true(link->ops->now_us(link) - before >=
		    fixture->patience_ms * 1000ull);
	assert_int_equal(ask_state(link, &states[0]), S0_OK);
}

static void gone_stays_gone_until_it_is_reopened(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	uint8_t states[3] = { 0 };
	struct usb_transfer batch[3];

	for (unsigned i = 0; i < 3; i++)
		batch[i] = in(GETSTATE, 0, &states[i], 1);
	fixture->ops->trouble(fixture, 2, LINK_UNPLUG);
	run(link, batch, 3);
	assert_int_equal(batch[0].code, S0_OK);
	assert_int_equal(batch[1].code, S0_E_GONE);
	assert_int_equal(batch[2].code, S0_E_GONE);
	assert_int_equal(ask_state(link, states), S0_E_GONE);
	fixture->ops->replug(fixture);
	assert_int_equal(ask_state(link, states), S0_E_GONE);
	assert_int_equal(link->ops->reopen(link, 5000, NULL), S0_OK);
	assert_int_equal(ask_state(link, states), S0_OK);
	assert_int_equal(states[0], 2);
}

static void a_device_that_stays_away_cannot_be_reopened(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	struct s0_error err = S0_ERROR_INIT;
	uint8_t dfu_state;
	uint64_t before;

	fixture->ops->trouble(fixture, 1, LINK_UNPLUG);
	assert_int_equal(ask_state(link, &dfu_state), S0_E_GONE);
	before = link->ops->now_us(link);
	assert_int_equal(link->ops->reopen(link, 100, &err), S0_E_GONE);
	assert_int_equal(err.code, S0_E_GONE);
	assert_true(strlen(err.message) > 0);
	assert_true(link->ops->now_us(link) - before >= 100000);
	assert_int_equal(ask_state(link, &dfu_state), S0_E_GONE);
	fixture->ops->replug(fixture);
	assert_int_equal(link->ops->reopen(link, 5000, NULL), S0_OK);
}

static void strings_and_settings_are_gone_with_the_device(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	uint8_t raw[255], dfu_state;
	uint16_t length = 7;

	fixture->ops->trouble(fixture, 1, LINK_UNPLUG);
	assert_int_equal(ask_state(link, &dfu_state), S0_E_GONE);
	assert_int_equal(link->ops->string(link, 6, raw, &length, NULL),
			 S0_E_GONE);
	assert_int_equal(length, 7);
	assert_int_equal(link->ops->set_alt(link, 0, NULL), S0_E_GONE);
}

static void strings_come_raw(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	uint8_t raw[255];
	uint16_t length = 0;

	assert_int_equal(link->ops->string(link, 2, raw, &length, NULL), S0_OK);
	assert_int_equal(length, 2 + 2 * 14);
	assert_int_equal(raw[0], length);
	assert_int_equal(raw[1], 3);
	assert_int_equal(raw[2], 'D');
	assert_int_equal(link->ops->string(link, 99, raw, &length, NULL),
			 S0_E_REFUSED);
}

static void strings_become_utf8(void **state)
{
	struct link_fixture *fixture = *state;
	char text[64] = "before";

	usb_link_string(fixture->link, 6, text, sizeof(text));
	assert_string_equal(text, "@Internal Flash   /0x08000000/16*128Kg");
	usb_link_string(fixture->link, 99, text, sizeof(text));
	assert_string_equal(text, "");
	usb_link_string(fixture->link, 2, text, 7);
	assert_string_equal(text, "DFU in");
}

static void alternate_settings_are_those_there_are(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	struct s0_error err = S0_ERROR_INIT;

	assert_int_equal(link->ops->set_alt(link, 1, NULL), S0_OK);
	assert_int_equal(link->ops->set_alt(link, 0, NULL), S0_OK);
	assert_int_not_equal(link->ops->set_alt(link, 7, &err), S0_OK);
	assert_true(strlen(err.message) > 0);
}

static void a_reset_leaves_it_idle_with_its_first_alternate_setting(
	void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	uint8_t data[4] = { 0 }, dfu_state = 0, options[8], flash[8];

	assert_int_equal(link->ops->set_alt(link, 1, NULL), S0_OK);
	assert_int_equal(run_one(link, in(UPLOAD, 2, options, 8)), S0_OK);
	assert_int_equal(ask_state(link, &dfu_state), S0_OK);
	assert_int_equal(dfu_state, 9); /* dfuUPLOAD-IDLE */
	assert_int_equal(usb_link_reset(link, NULL), S0_OK);
	assert_int_equal(ask_state(link, &dfu_state), S0_OK);
	assert_int_equal(dfu_state, 2);
	assert_int_equal(run_one(link, in(UPLOAD, 0, data, 4)), S0_OK);
	assert_int_equal(data[1], 0x21);
	assert_int_equal(run_one(link, in(UPLOAD, 2, flash, 8)), S0_OK);
	assert_int_equal(link->ops->set_alt(link, 1, NULL), S0_OK);
}

static void what_has_left_cannot_be_reset(void **state)
{
	struct link_fixture *fixture = *state;
	struct usb_link *link = fixture->link;
	struct s0_error err = S0_ERROR_INIT;
	uint8_t dfu_state;

	fixture->ops->trouble(fixture, 1, LINK_UNPLUG);
	assert_int_equal(ask_state(link, &dfu_state), S0_E_GONE);
	assert_int_equal(usb_link_reset(link, &err), S0_E_GONE);
	assert_true(strlen(err.message) > 0);
	fixture->ops->replug(fixture);
	assert_int_equal(usb_link_reset(link, NULL), S0_E_GONE);
	assert_int_equal(link->ops->reopen(link, 5000, NULL), S0_OK);
	assert_int_equal(usb_link_reset(link, NULL), S0_OK);
}

static int set_up(void **state)
{
	struct link_fixture *fixture = *state;

	fixture->link = fixture->ops->open(fixture);
	return fixture->link ? 0 : -1;
}

static int tear_down(void **state)
{
	struct link_fixture *fixture = *state;

	fixture->link->ops->close(fixture->link);
	fixture->link = NULL;
	fixture->ops->close(fixture);
	return 0;
}

#define RULE(test)                                                             \
	cmocka_unit_test_prestate_setup_teardown(test, set_up, tear_down,      \
						 fixture)

int link_contract_run(const char *name, struct link_fixture *fixture)
{
	const struct CMUnitTest tests[] = {
		RULE(facts_are_filled_in),
		RULE(a_full_answer_moves_all),
		RULE(a_short_packet_is_no_failure),
		RULE(what_goes_out_arrives),
		RULE(a_stall_is_a_refusal_and_the_next_one_works),
		RULE(each_of_a_batch_reports_for_itself),
		RULE(a_largest_batch_is_taken),
		RULE(times_follow_one_another),
		RULE(waiting_takes_its_time),
		RULE(silence_is_a_timeout_after_its_time),
		RULE(what_is_queued_behind_silence_times_out_too),
		RULE(gone_stays_gone_until_it_is_reopened),
		RULE(a_device_that_stays_away_cannot_be_reopened),
		RULE(strings_and_settings_are_gone_with_the_device),
		RULE(strings_come_raw),
		RULE(strings_become_utf8),
		RULE(alternate_settings_are_those_there_are),
		RULE(a_reset_leaves_it_idle_with_its_first_alternate_setting),
		RULE(what_has_left_cannot_be_reset),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
