/* SPDX-License-Identifier: MIT */
/* Links and records that are not the simulator's: what they say is what the
 * trace says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "trace_help.h"

struct odd_link {
	struct usb_link link;
	uint64_t now_us;
};

static void odd_run(struct usb_link *link, struct usb_transfer *transfers,
		    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		transfers[i].code = S0_E_PROTOCOL;
		transfers[i].usb_code = -7;
		transfers[i].moved = 0;
		transfers[i].start_us = ((struct odd_link *)link)->now_us;
		transfers[i].end_us = transfers[i].start_us;
	}
}

static uint64_t odd_now_us(struct usb_link *link)
{
	return ((struct odd_link *)link)->now_us += 12345;
}

static void odd_close(struct usb_link *link)
{
	(void)link;
}

static void the_clock_and_the_usb_code_are_as_they_were_seen(void **state)
{
	static const struct usb_link_ops ops = { .run = odd_run,
						 .now_us = odd_now_us,
						 .close = odd_close };
	static const struct trace_opened told = { "usb:1-1", false };
	struct odd_link odd = { .link = { .ops = &ops } };
	struct usb_link *link = &odd.link;
	struct s0_recorder *recorder;
	struct text text = { 0 };
	struct s0_trace *trace;
	struct s0_replay *again;
	struct usb_transfer transfer = { .request_type = 0x21, .request = 6 };
	uint64_t times[3];

	(void)state;
	recorder = recorder_on(&text);
	recorder_wrap_link(recorder, &told, &link);
	for (int i = 0; i < 3; i++)
		times[i] = link->ops->now_us(link);
	link->ops->run(link, &transfer, 1);
	link->ops->close(link);
	s0_recorder_free(recorder);
	trace = parse(&text);
	assert_int_equal(s0_replay_new(trace, &again, NULL), S0_OK);
	assert_int_equal(replay_link_new(again,
					 replay_take(again, TRACE_OPEN, "open"),
					 &link, NULL),
			 S0_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(link->ops->now_us(link), times[i] - 12345);
	link->ops->run(link, &transfer, 1);
	assert_int_equal(transfer.code, S0_E_PROTOCOL);
	assert_int_equal(transfer.usb_code, -7);
	link->ops->close(link);
	s0_replay_free(again);
	s0_trace_free(trace);
	text_free(&text);
}

struct bad_store {
	struct store store;
	unsigned uses, bad; /* the bad-th write fails */
};

static s0_code bad_read(struct store *store, uint64_t offset, void *to,
			size_t length, size_t *ret_length, struct s0_error *err)
{
	static const char held[] = "held before";
	size_t left = offset < sizeof held ? sizeof held - (size_t)offset : 0;

	(void)store;
	(void)err;
	*ret_length = left < length ? left : length;
	memcpy(to, held + sizeof held - left, *ret_length);
	return S0_OK;
}

static s0_code bad_write(struct store *store, uint64_t offset, const void *from,
			 size_t length, struct s0_error *err)
{
	struct bad_store *bad = (struct bad_store *)store;

	(void)offset;
	(void)from;
	(void)length;
	if (++bad->uses != bad->bad)
		return S0_OK;
	err->code = S0_E_FILE;
	(void)snprintf(err->message, sizeof err->message, "no space");
	return S0_E_FILE;
}

static s0_code bad_nothing(struct store *store, struct s0_error *err)
{
	(void)store;
	(void)err;
	return S0_OK;
}

static void bad_close(struct store *store)
{
	(void)store;
}

static void use_store(struct store *store, struct text *seen)
{
	struct s0_error err = S0_ERROR_INIT;
	char held[64] = "";
	size_t length = 0;

	text_add(seen, "%d ", store->ops->lock(store, NULL));
	text_add(seen, "%d ",
		 store->ops->read(store, 0, held, 64, &length, NULL));
	text_add(seen, "%zu '%s' ", length, held);
	for (int i = 0; i < 5; i++)
		text_add(seen, "%d ",
			 store->ops->write(store, 0, "x", 1, &err));
	text_add(seen, "%d %s", store->ops->sync(store, NULL), err.message);
	store->ops->close(store);
}

static void records_fail_where_they_failed(void **state)
{
	static const struct store_ops ops = { .read = bad_read,
					      .write = bad_write,
					      .sync = bad_nothing,
					      .lock = bad_nothing,
					      .close = bad_close };
	struct bad_store bad = { .store = { .ops = &ops }, .bad = 3 };
	struct text seen = { 0 }, again_seen = { 0 };
	struct store *store = &bad.store;
	struct s0_replay *again;
	struct s0_recorder *recorder;
	struct text text = { 0 };
	struct s0_trace *trace;

	(void)state;
	recorder = recorder_on(&text);
	recorder_wrap_records(recorder, &store);
	use_store(store, &seen);
	s0_recorder_free(recorder);
	trace = parse(&text);
	assert_string_equal(seen.chars,
			    "0 0 12 'held before' 0 0 13 0 0 0 no space");
	assert_int_equal(s0_replay_new(trace, &again, NULL), S0_OK);
	assert_int_equal(replay_records(again, &store, NULL), S0_OK);
	use_store(store, &again_seen);
	assert_string_equal(again_seen.chars, seen.chars);
	s0_replay_free(again);
	text_free(&seen);
	text_free(&again_seen);
	s0_trace_free(trace);
	text_free(&text);
}

/* Use the records as a session would: at is where it writes. */
static void write_some(struct store *store, uint64_t at, const char *what,
		       uint64_t left)
{
	struct s0_error err = S0_ERROR_INIT;

	assert_int_equal(store->ops->lock(store, &err), S0_OK);
	assert_int_equal(store->ops->write(store, at, what, strlen(what), &err),
			 S0_OK);
	assert_int_equal(store->ops->resize(store, left, &err), S0_OK);
	assert_int_equal(store->ops->sync(store, &err), S0_OK);
	assert_int_equal(store->ops->resize(store, 0, &err), S0_OK);
	store->ops->close(store);
}

static void check_rewritten(const struct s0_trace *trace, uint64_t at,
			    const char *what, uint64_t left, const char *found)
{
	struct s0_replay *again;
	struct store *store;

	assert_int_equal(s0_replay_new(trace, &again, NULL), S0_OK);
	assert_int_equal(replay_records(again, &store, NULL), S0_OK);
	write_some(store, at, what, left);
	if (found) {
		assert_non_null(s0_replay_difference(again));
		assert_string_equal(s0_replay_difference(again)->field,
				    "records");
		assert_non_null(
			strstr(s0_replay_difference(again)->found, found));
	} else {
		assert_null(s0_replay_difference(again));
	}
	s0_replay_free(again);
}

static void each_byte_and_place_in_the_records_counts(void **state)
{
	struct s0_recorder *recorder;
	struct text text = { 0 };
	struct s0_trace *trace;
	struct store *store;

	(void)state;
	recorder = recorder_on(&text);
	assert_int_equal(memory_store_new(&store, NULL), S0_OK);
	recorder_wrap_records(recorder, &store);
	write_some(store, 5, "abc", 7);
	s0_recorder_free(recorder);
	trace = parse(&text);
	check_rewritten(trace, 5, "abc", 7, NULL);
	check_rewritten(trace, 5, "abd", 7, "2 writes to the records, 3 bytes");
	check_rewritten(trace, 5, "ab", 7, "2 writes to the records, 2 bytes");
	check_rewritten(trace, 6, "abc", 7, "2 writes");
	check_rewritten(trace, 5, "abc", 8, "2 writes");
	s0_trace_free(trace);
	text_free(&text);
}

/* The second session on a device finds what the first has left. */
static void each_session_finds_its_own_records(void **state)
{
	static const char lines[] =
		"{\"event\":\"trace\",\"format\":1,\"command\":[]}\n"
		"{\"event\":\"records\",\"link\":0,\"held\":\"414243\"}\n"
		"{\"event\":\"records\",\"link\":0,\"held\":\"44\"}\n";
	struct s0_replay *again;
	struct s0_trace *trace;
	struct store *store;
	char held[4];
	size_t length;

	(void)state;
	assert_int_equal(
		s0_trace_parse("t", lines, sizeof lines - 1, &trace, NULL),
		S0_OK);
	assert_int_equal(s0_replay_new(trace, &again, NULL), S0_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(replay_records(again, &store, NULL), S0_OK);
		assert_int_equal(
			store->ops->read(store, 0, held, 4, &length, NULL),
			S0_OK);
		assert_int_equal(length, i == 0 ? 3 : i == 1 ? 1 : 0);
		if (i < 2)
			assert_int_equal(held[0], i == 0 ? 'A' : 'D');
		store->ops->close(store);
	}
	s0_replay_free(again);
	s0_trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_clock_and_the_usb_code_are_as_they_were_seen),
		cmocka_unit_test(records_fail_where_they_failed),
		cmocka_unit_test(each_byte_and_place_in_the_records_counts),
		cmocka_unit_test(each_session_finds_its_own_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
