/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_event(const char *event, json_t *object)
{
	json_t *line = json_pack("{s:s}", "event", event);
	char *text = NULL;

	if (line && object && json_object_update(line, object) == 0)
		text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(6));
	/* Written at once: who reads along shall not wait for a buffer. What
	   fails here is found by os_flush() at the end. */
	if (text)
		fprintf(stdout, "%s\n", text);
	else
		fprintf(stdout, "{\"event\":\"%s\"}\n", event);
	(void)fflush(stdout);
	free(text);
	json_decref(line);
	json_decref(object);
}

json_t *json_text(const char *text)
{
	json_t *string;
	char *ascii;

	if (!text || text[0] == '\0')
		return json_null();
	string = json_string(text);
	if (string)
		return string;
	ascii = strdup(text);
	if (!ascii)
		return NULL;
	for (char *c = ascii; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	string = json_string(ascii);
	free(ascii);
	return string;
}

json_t *json_number_if(bool known, uint64_t number)
{
	return known ? json_integer((json_int_t)number) : json_null();
}

json_int_t json_ms(uint64_t us)
{
	return (json_int_t)((us + 500) / 1000);
}

json_t *json_range(uint32_t address, uint32_t length)
{
	return json_pack("{s:I, s:I}", "address", (json_int_t)address, "length",
			 (json_int_t)length);
}

void json_warning(const char *line)
{
	json_event("warning", json_pack("{s:o}", "message", json_text(line)));
}

void json_error(const struct s0_error *err, json_t *differences)
{
	bool placed = err->length > 0;
	json_t *object =
		json_pack("{s:s, s:o, s:o, s:s, s:o, s:o}", "code",
			  s0_code_name(err->code), "message",
			  json_text(err->message), "hint", json_text(err->hint),
			  "aftermath", s0_aftermath_name(err->aftermath),
			  "address", json_number_if(placed, err->address),
			  "length", json_number_if(placed, err->length));
	json_t *facts = json_pack("{s:o, s:o, s:o}", "dfu_status",
				  json_number_if(err->dfu_status != S0_NO_FACT,
						 (uint64_t)err->dfu_status),
				  "dfu_state",
				  json_number_if(err->dfu_state != S0_NO_FACT,
						 (uint64_t)err->dfu_state),
				  "usb_code",
				  err->usb_code ? json_integer(err->usb_code)
						: json_null());

	json_t *more = json_pack(
		"{s:o, s:o, s:o, s:o, s:I, s:I}", "request",
		json_text(s0_request_name(err->request)), "block",
		json_number_if(err->block != S0_NO_FACT, (uint64_t)err->block),
		"segment", json_text(err->segment), "finding",
		json_text(err->finding), "waited_ms",
		(json_int_t)err->waited_ms, "retries",
		(json_int_t)err->retries);

	(void)json_object_update(object, facts);
	(void)json_object_update(object, more);
	json_decref(facts);
	json_decref(more);
	if (differences)
		(void)json_object_set_new(object, "differences", differences);
	json_event("error", object);
}

json_t *json_result(const struct s0_result *result)
{
	json_t *object = json_pack("{s:b, s:I, s:I, s:I, s:I}", "ok", 1,
				   "transfers", (json_int_t)result->transfers,
				   "time_ms", json_ms(result->time_us),
				   "reconnects", (json_int_t)result->reconnects,
				   "retries", (json_int_t)result->retries);

	if (object && result->lifted_sectors)
		(void)json_object_set_new(
			object, "lifted_sectors",
			json_integer((json_int_t)result->lifted_sectors));
	return object;
}

json_t *json_erased(const struct s0_session *session)
{
	json_t *list = json_array();
	uint32_t address, length;

	for (size_t i = 0; i < s0_session_erased_count(session); i++)
		if (s0_session_erased(session, i, &address, &length))
			(void)json_array_append_new(
				list, json_range(address, length));
	return list;
}

static json_t *times(const struct s0_times *times)
{
	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I}", "erase_ms",
		json_ms(times->erase_us), "program_ms",
		json_ms(times->program_us), "wire_ms", json_ms(times->wire_us),
		"wait_ms", json_ms(times->wait_us), "proof_ms",
		json_ms(times->proof_us), "host_ms", json_ms(times->host_us));
}

void json_flash_result(const struct s0_session *session,
		       const struct s0_result *result, bool stats, bool trusted,
		       uint64_t backup_bytes)
{
	json_t *object =
		json_pack("{s:I, s:I, s:o, s:I, s:I}", "written_bytes",
			  (json_int_t)result->written_bytes, "verified_bytes",
			  (json_int_t)result->verified_bytes, "erased",
			  json_erased(session), "skipped_bytes",
			  (json_int_t)result->skipped_bytes, "kept_bytes",
			  (json_int_t)result->kept_bytes);
	json_t *common = json_result(result);

	(void)json_object_update(object, common);
	json_decref(common);

	if (trusted)
		(void)json_object_set_new(
			object, "trusted_bytes",
			json_integer((json_int_t)result->trusted_bytes));
	if (backup_bytes)
		(void)json_object_set_new(
			object, "backup_bytes",
			json_integer((json_int_t)backup_bytes));
	if (stats) {
		bool known = result->floor_us > 0;
		double ratio = known ? (double)result->time_us /
					       (double)result->floor_us
				     : 0;

		(void)json_object_set_new(
			object, "floor_ms",
			json_integer(json_ms(result->floor_us)));
		(void)json_object_set_new(object, "ratio",
					  known ? json_real(ratio)
						: json_null());
		(void)json_object_set_new(object, "times",
					  times(&result->times));
	}
	json_event("result", object);
}
