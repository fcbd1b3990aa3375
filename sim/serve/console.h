/* SPDX-License-Identifier: MIT */
#ifndef SERVE_CONSOLE_H
#define SERVE_CONSOLE_H

/* Where commands come from, a line each: the control socket's clients, and
 * the prompt. A long answer (log) is handed out as there is room for it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/sim_server.h>

#include "sim/serve/fifo.h"
#include "sim/serve/served.h"

#define CONSOLE_LINE   256u
#define CONSOLE_UNSENT (64u << 10)

struct console {
	struct console *next;
	int fd;
	/* the prompt: answers go here, and nothing is written to fd */
	s0_sim_server_answer_fn answer;
	void *payload;
	char line[CONSOLE_LINE];
	size_t used;
	bool too_long, ended; /* ended: no more lines will come */
	struct fifo in, out;
	/* what is being handed out of a log */
	const struct served *log; /* NULL: none */
	uint64_t log_next, log_end;
	bool follow;
};

struct console *console_new(int fd);
void console_free(struct console *console);
void console_receive(struct console *console, const uint8_t *bytes,
		     size_t length);
/* No more will come. */
void console_finish(struct console *console);
/* Carry out what has been received, hand out what there is room for. */
void console_step(struct console *console, struct s0_sim_server *server);
bool console_wants(const struct console *console);
bool console_over(const struct console *console);

#endif
