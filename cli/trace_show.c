/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "app.h"
#include "json.h"
#include "render.h"
#include "trace.h"

static void row(const char *name, const struct s0_trace_tally *tally)
{
	printf("%-10s %8llu %10llu %12.3f %8llu\n", name,
	       (unsigned long long)tally->transfers,
	       (unsigned long long)tally->bytes, (double)tally->time_us / 1000,
	       (unsigned long long)tally->failed);
}

static void show_sums(const struct s0_trace_summary *sum)
{
	printf("\n%-10s %8s %10s %12s %8s\n", "request", "number", "bytes",
	       "ms", "failed");
	for (unsigned i = 0; i < 7; i++)
		if (sum->requests[i].transfers > 0)
			row(s0_trace_request_name((uint8_t)i),
			    &sum->requests[i]);
	row("all", &sum->all);
	printf("%-10s %8llu %10s %12.3f\n", "waits",
	       (unsigned long long)sum->waits, "", (double)sum->wait_us / 1000);
	printf("%-10s %8s %10s %12.3f\n", "in all", "", "",
	       (double)sum->time_us / 1000);
}

static json_t *tally_object(const char *name,
			    const struct s0_trace_tally *tally)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I}", "name", name, "transfers",
			 (json_int_t)tally->transfers, "bytes",
			 (json_int_t)tally->bytes, "time_us",
			 (json_int_t)tally->time_us, "failed",
			 (json_int_t)tally->failed);
}

static void emit(const struct s0_trace *trace,
		 const struct s0_trace_summary *sum)
{
	json_t *requests = json_array();

	for (size_t i = 0; i < s0_trace_count(trace); i++) {
		size_t length = 0;
		const char *line = s0_trace_line(trace, i, &length);

		printf("%.*s\n", (int)length, line);
	}
	for (unsigned i = 0; i < 7; i++)
		if (sum->requests[i].transfers > 0)
			(void)json_array_append_new(
				requests,
				tally_object(s0_trace_request_name((uint8_t)i),
					     &sum->requests[i]));
	json_event("result",
		   json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "ok",
			     1, "transfers", (json_int_t)sum->all.transfers,
			     "bytes", (json_int_t)sum->all.bytes, "failed",
			     (json_int_t)sum->all.failed, "time_us",
			     (json_int_t)sum->time_us, "wait_us",
			     (json_int_t)sum->wait_us, "cut",
			     s0_trace_outcome(trace) == NULL, "requests",
			     requests));
}

s0_code trace_show(struct app *app, const struct s0_trace *trace,
		   struct s0_error *err)
{
	struct s0_trace_summary sum;
	s0_code code = S0_OK;

	s0_trace_summarise(trace, &sum);
	if (app->json) {
		emit(trace, &sum);
		return S0_OK;
	}
	code = s0_trace_print(trace, render_line, NULL, err);
	if (code == S0_OK)
		show_sums(&sum);
	return code;
}
