/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "app.h"
#include "json.h"
#include "ranges.h"

static void tell(struct app *app, uint32_t address,
		 const struct s0_checksum *sum, const struct s0_result *result)
{
	char sha256[2 * sizeof sum->sha256 + 1];

	for (size_t i = 0; i < sizeof sum->sha256; i++)
		(void)snprintf(sha256 + 2 * i, 3, "%02x", sum->sha256[i]);
	progress_interrupt(&app->progress);
	if (app->json) {
		json_t *object = json_result(result);
		json_t *more = json_pack("{s:I, s:s, s:I, s:I, s:I}", "crc32",
					 (json_int_t)sum->crc32, "sha256",
					 sha256, "sum", (json_int_t)sum->sum,
					 "length", (json_int_t)sum->length,
					 "address", (json_int_t)address);

		(void)json_object_update(object, more);
		json_decref(more);
		json_event("result", object);
		return;
	}
	printf("%llu bytes from 0x%08x\n", (unsigned long long)sum->length,
	       (unsigned)address);
	printf("CRC-32   %08x\n", (unsigned)sum->crc32);
	printf("SHA-256  %s\n", sha256);
	printf("sum      %08x\n", (unsigned)sum->sum);
}

s0_code checksum_run(struct app *app, struct s0_error *err)
{
	struct range given;
	struct ranges ranges = { 0 };
	struct s0_checksum sum;
	struct s0_result total = { 0 };
	s0_code code = ranges_parse(app, &given, err);

	if (code == S0_OK)
		code = app_open_session(app, err);
	if (code == S0_OK)
		code = ranges_of(app, given, &ranges, err);
	s0_checksum_start(&sum);
	for (size_t i = 0; i < ranges.count && code == S0_OK; i++) {
		struct s0_result result = { 0 };

		code = s0_session_checksum(app->session, ranges.list[i].address,
					   ranges.list[i].length, &sum, &result,
					   err);
		result_add(&total, &result);
	}
	s0_checksum_end(&sum);
	if (code == S0_OK)
		tell(app, ranges.list[0].address, &sum, &total);
	ranges_free(&ranges);
	return code;
}
