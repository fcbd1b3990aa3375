/* SPDX-License-Identifier: MIT */
/* Traces that are cut, damaged, from a stranger, or cannot be written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "trace_help.h"

/* ---- a file that was cut ---- */

static void a_trace_can_be_read_up_to_its_last_whole_line(void **state)
{
	struct s0_trace_difference difference;
	struct text text;
	struct s0_trace *whole = make_trace(&text, "sim:stm32h743", 0), *cut;
	size_t lines = 0;

	(void)state;
	for (size_t at = 1; at <= text.length; at += 997) {
		struct s0_error err = S0_ERROR_INIT;
		struct job job = { 0 };
		s0_code code;

		lines = 0;
		for (size_t i = 0; i < at; i++)
			lines += text.chars[i] == '\n';
		code = s0_trace_parse("t", text.chars, at, &cut, &err);
		assert_int_equal(code, lines ? S0_OK : S0_E_FORMAT);
		if (code != S0_OK)
			continue;
		assert_int_equal(s0_trace_count(cut), lines);
		if (at % 5 == 0) {
			(void)replay(cut, &job, &difference);
			assert_string_equal(difference.recorded, "");
		}
		s0_trace_free(cut);
	}
	assert_true(lines > 300);
	s0_trace_free(whole);
	text_free(&text);
}

/* ---- what is no trace ---- */

#define HEAD "{\"event\":\"trace\",\"format\":1,\"command\":[]}\n"
#define LINK "\"link\":1,\"start_us\":1,\"end_us\":2"
#define MOVED                                                                  \
	"\"event\":\"transfer\"," LINK ",\"number\":1,\"request\":3,"          \
	"\"value\":0,\"timeout_ms\":1,\"code\":\"OK\","

#define HELD(link, length)                                                     \
	"{\"event\":\"records\",\"link\":" link ",\"held\":\"00*" length "\"}" \
	"\n"

/* The longest, and eight times the file beside it. */
static void records_may_be_long(void **state)
{
	static const char text[] = HEAD HELD("1", "67108864") HELD("2", "999");
	struct s0_trace *trace = NULL;

	(void)state;
	assert_int_equal(
		s0_trace_parse("t", text, sizeof text - 1, &trace, NULL),
		S0_OK);
	assert_int_equal(trace->events[1].data_length, 64 << 20);
	assert_int_equal(trace->events[2].data_length, 999);
	s0_trace_free(trace);
}

static void damage_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "'t' is no trace" },
		{ "hello\n", "'t' is no trace" },
		{ "[]\n", "'t' is no trace" },
		{ "{\"event\":\"outcome\"}\n", "line 1 is no beginning" },
		{ "{\"event\":\"trace\",\"format\":2}\n", "a later format" },
		{ "{\"event\":\"trace\"}\n", "t:1: 'format' is missing" },
		{ "{\"event\":\"trace\",\"format\":1,\"command\":[1]}\n",
		  "t:1: 'command' is not a list of words" },
		{ HEAD HEAD, "t:2: a second beginning" },
		{ HEAD "\n", "t:2:" },
		{ HEAD "{}\n{\n", "t:3:1:" },
		{ HEAD "{\"event\":\"now\",\"us\":1}\n",
		  "t:2: 'link' is missing" },
		{ HEAD "{\"event\":\"now\",\"link\":1,\"us\":-1}\n",
		  "t:2: 'us' is out of range" },
		{ HEAD "{\"event\":\"now\",\"link\":1,\"us\":1.5}\n",
		  "t:2: 'us' is not a whole number" },
		{ HEAD "{\"event\":\"wait\",\"link\":1,\"ms\":1,"
		       "\"start_us\":2,\"end_us\":1}\n",
		  "t:2: 'end_us' is before 'start_us'" },
		{ HEAD "{\"event\":\"find\",\"code\":\"E_OOPS\"}\n",
		  "t:2: 'code' is not known" },
		{ HEAD "{" MOVED "\"request_type\":161,\"length\":6,"
		       "\"moved\":7}\n",
		  "t:2: 'moved' is out of range" },
		{ HEAD "{" MOVED "\"request_type\":161,\"length\":6,"
		       "\"moved\":6,\"in\":\"0000\"}\n",
		  "t:2: 'in' has another length" },
		{ HEAD "{" MOVED "\"request_type\":33,\"length\":2,"
		       "\"moved\":2}\n",
		  "t:2: 'out' has another length" },
		{ HEAD "{" MOVED "\"request_type\":33,\"length\":1,"
		       "\"moved\":1,\"out\":\"0g\"}\n",
		  "t:2: 'out' is not bytes" },
		{ HEAD "{" MOVED "\"request_type\":33,\"length\":1,\"moved\":1,"
		       "\"out\":\"00\",\"batch\":[3,2]}\n",
		  "t:2: 'batch' is not" },
		{ HEAD "{\"event\":\"records\",\"link\":1,"
		       "\"held\":\"00*\"}\n",
		  "t:2: 'held' is not bytes" },
		{ HEAD "{\"event\":\"records\",\"link\":1,"
		       "\"held\":\"00*99999999999999999999\"}\n",
		  "t:2: 'held' is not bytes" },
		{ HEAD "{\"event\":\"records\",\"link\":1,"
		       "\"held\":\"00*99999999999\"}\n",
		  "t:2: 'held' makes more bytes than such a file may hold" },
		{ HEAD HELD("1", "67108864") HELD("2", "2000"),
		  "t:3: 'held' makes more bytes than such a file may hold" },
		{ HEAD "{\"event\":\"records_written\",\"link\":1,"
		       "\"count\":1,\"bytes\":1,\"sha256\":\"00\"}\n",
		  "t:2: 'sha256' is not 32 bytes" },
		{ HEAD "{\"event\":\"input\",\"name\":\"x\",\"length\":1,"
		       "\"sha256\":\"00\"}\n",
		  "t:2: 'sha256' is not 32 bytes" },
		{ HEAD "{\"event\":\"outcome\",\"status\":0,\"code\":\"OK\"}\n"
		       "{}\n",
		  "t:3: something comes after the outcome" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct s0_error err = S0_ERROR_INIT;
		struct s0_trace *trace = NULL;
		s0_code code = s0_trace_parse(
			"t", rows[i].text, strlen(rows[i].text), &trace, &err);

		if (!strstr(err.message, rows[i].message))
			print_message("# %s: %s\n", rows[i].text, err.message);
		assert_int_equal(code, i == 4 ? S0_E_UNSUPPORTED : S0_E_FORMAT);
		assert_non_null(strstr(err.message, rows[i].message));
		assert_null(trace);
	}
}

static void what_a_later_program_adds_is_left_alone(void **state)
{
	static const char text[] =
		HEAD "{\"event\":\"weather\",\"rain\":true}\n"
		     "{\"event\":\"now\",\"link\":1,\"us\":5,\"moon\":\"x\"}\n";
	struct s0_trace *trace;

	(void)state;
	assert_int_equal(
		s0_trace_parse("t", text, sizeof text - 1, &trace, NULL),
		S0_OK);
	assert_int_equal(s0_trace_count(trace), 3);
	assert_null(s0_trace_outcome(trace));
	s0_trace_free(trace);
}

/* ---- bytes ---- */

static void equal_bytes_are_written_once(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		uint8_t last;
	} rows[] = {
		{ "", 0, 0 },
		{ "00ff", 2, 0xff },
		{ "ff*33", 33, 0xff },
		{ "0102 ff*40", 42, 0xff },
		{ "ff*40 0102", 42, 2 },
		{ "aa*32 bb*32", 64, 0xbb },
		{ "f", SIZE_MAX, 0 },
		{ "ff*", SIZE_MAX, 0 },
		{ "ff*0", SIZE_MAX, 0 },
		{ "ff*3x", SIZE_MAX, 0 },
		{ "ff ", SIZE_MAX, 0 },
		{ "FF", SIZE_MAX, 0 },
		{ "ff*101", SIZE_MAX, 0 },
		{ "ff*33ff", SIZE_MAX, 0 },
	};
	uint8_t bytes[100];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t length = trace_hex(rows[i].text, bytes, sizeof bytes);

		assert_int_equal(length, rows[i].length);
		assert_int_equal(length,
				 trace_hex(rows[i].text, NULL, sizeof bytes));
		if (length > 0 && length != SIZE_MAX)
			assert_int_equal(bytes[length - 1], rows[i].last);
	}
}

/* ---- a recording that cannot go on ---- */

struct small {
	size_t left;
	unsigned calls_after;
};

static bool keep_little(void *payload, const void *bytes, size_t length)
{
	struct small *small = payload;

	(void)bytes;
	if (small->left < length) {
		small->calls_after++;
		return false;
	}
	small->left -= length;
	return true;
}

static void a_full_disk_stops_the_recording_not_the_run(void **state)
{
	struct s0_trace_head head = { "p", "d", NULL, 0, NULL };
	struct small small = { .left = 20000 };
	struct s0_recorder *recorder;
	struct s0_context *context;
	struct job job = { 0 };

	(void)state;
	assert_int_equal(
		s0_recorder_new(&head, keep_little, &small, &recorder, NULL),
		S0_OK);
	assert_int_equal(s0_context_new(&context, NULL), S0_OK);
	s0_context_set_recorder(context, recorder);
	job_run(context, "sim:stm32h743", &job);
	assert_int_equal(job.err.code, S0_OK);
	assert_false(s0_recorder_complete(recorder));
	assert_int_equal(small.calls_after, 1);
	s0_context_free(context);
	s0_recorder_free(recorder);
}

static void a_recording_that_cannot_begin_is_an_error(void **state)
{
	struct s0_trace_head head = { "p", "d", NULL, 0, NULL };
	struct small small = { .left = 5 };
	struct s0_recorder *recorder = NULL;
	struct s0_error err = S0_ERROR_INIT;

	(void)state;
	assert_int_equal(
		s0_recorder_new(&head, keep_little, &small, &recorder, &err),
		S0_E_FILE);
	assert_int_equal(err.code, S0_E_FILE);
	assert_null(recorder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_can_be_read_up_to_its_last_whole_line),
		cmocka_unit_test(damage_is_named_with_its_line),
		cmocka_unit_test(records_may_be_long),
		cmocka_unit_test(what_a_later_program_adds_is_left_alone),
		cmocka_unit_test(equal_bytes_are_written_once),
		cmocka_unit_test(a_full_disk_stops_the_recording_not_the_run),
		cmocka_unit_test(a_recording_that_cannot_begin_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
