/* SPDX-License-Identifier: MIT */
/* Devices that are not there: how long they are waited for, and saying so. */
#include "patience.h"

#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "json.h"
#include "os.h"
#include "say.h"
#include "text.h"

/* An hour: who means longer means --wait. */
#define LONGEST_S 3600u

/* Said once for each thing that is waited for. */
static bool waiting(void *payload, const char *what)
{
	struct app *app = payload;

	if (strcmp(app->waiting, what) != 0) {
		(void)snprintf(app->waiting, sizeof app->waiting, "%s", what);
		if (app->json)
			json_event("waiting", json_pack("{s:o}", "message",
							json_text(what)));
		else
			say_note(app, "%s", what);
	}
	return !os_stopped();
}

s0_code patience_set(struct app *app, struct s0_error *err)
{
	const char *word = app->args.values[OPTION_RECONNECT];
	struct s0_patience patience = {
		.appear = app->args.seen[OPTION_WAIT] > 0,
		.reconnect_ms = S0_RECONNECT_MS,
		.waiting = waiting,
		.payload = app,
	};
	uint32_t seconds;

	if (word) {
		if (!text_number(word, false, &seconds) || seconds > LONGEST_S)
			return fail_usage(err,
					  "'--reconnect' takes seconds from 0 "
					  "to %u, not '%s'",
					  LONGEST_S, word);
		patience.reconnect_ms = seconds * 1000;
	}
	s0_context_set_patience(app->context, &patience);
	return S0_OK;
}
