/* SPDX-License-Identifier: MIT */
#include "sim/serve/console.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/serve/order.h"

struct console *console_new(int fd)
{
	struct console *console = calloc(1, sizeof(*console));

	if (console)
		console->fd = fd;
	return console;
}

void console_free(struct console *console)
{
	fifo_free(&console->in);
	fifo_free(&console->out);
	free(console);
}

static void put_line(struct console *console, const char *line)
{
	if (console->answer) {
		console->answer(console->payload, line);
		return;
	}
	fifo_add(&console->out, line, strlen(line));
	fifo_add(&console->out, "\n", 1);
}

/* An answer of several lines. */
static void put_lines(struct console *console, char *lines)
{
	while (*lines) {
		char *end = strchr(lines, '\n');

		if (!end) {
			put_line(console, lines);
			return;
		}
		*end = '\0';
		put_line(console, lines);
		lines = end + 1;
	}
}

static void put_end(struct console *console, const struct s0_error *err)
{
	char line[sizeof(err->message) + 16];

	if (err->code == S0_OK) {
		put_line(console, "ok");
		return;
	}
	snprintf(line, sizeof(line), "error: %s", err->message);
	put_line(console, line);
}

static void begin_log(struct console *console, const struct order_log *log)
{
	const struct ring *ring = &log->device->log;
	uint64_t first = ring_first(ring);

	console->log = log->device;
	console->log_end = ring->end;
	console->log_next = first;
	if (ring->end - first > log->lines)
		console->log_next = ring->end - log->lines;
	console->follow = log->follow;
}

static void carry_out(struct console *console, struct s0_sim_server *server)
{
	struct s0_error err = S0_ERROR_INIT;
	struct order_log log = { 0 };
	struct text lines = { 0 };

	log.may_follow = !console->answer;
	(void)order_run(server, console->line, &lines, &log, &err);
	if (lines.chars)
		put_lines(console, lines.chars);
	text_free(&lines);
	if (log.device)
		begin_log(console, &log);
	else
		put_end(console, &err);
}

static void end_line(struct console *console, struct s0_sim_server *server)
{
	console->line[console->used] = '\0';
	if (console->too_long)
		put_line(console, "error: the line is too long");
	else if (console->line[strspn(console->line, " \t\r")] != '\0')
		carry_out(console, server);
	console->used = 0;
	console->too_long = false;
}

static void take_byte(struct console *console, uint8_t byte,
		      struct s0_sim_server *server)
{
	if (byte == '\n')
		end_line(console, server);
	else if (console->used + 1 < sizeof(console->line))
		console->line[console->used++] = (char)byte;
	else
		console->too_long = true;
}

static bool has_room(const struct console *console)
{
	return console->answer || console->out.length < CONSOLE_UNSENT;
}

/* Lines may have fallen out while nobody took them. */
static void skip_lost(struct console *console)
{
	uint64_t first = ring_first(&console->log->log);
	char line[64];

	if (console->log_next >= first)
		return;
	snprintf(line, sizeof(line), "(%" PRIu64 " requests lost)",
		 first - console->log_next);
	put_line(console, line);
	console->log_next = first;
}

static void hand_out_log(struct console *console)
{
	const struct s0_error ok = S0_ERROR_INIT;
	const struct ring *ring = &console->log->log;

	if (console->follow)
		console->log_end = ring->end;
	while (console->log_next < console->log_end && has_room(console)) {
		skip_lost(console);
		if (console->log_next < console->log_end)
			put_line(console, ring_line(ring, console->log_next++));
	}
	if (console->follow || console->log_next < console->log_end)
		return;
	console->log = NULL;
	put_end(console, &ok);
}

void console_receive(struct console *console, const uint8_t *bytes,
		     size_t length)
{
	fifo_add(&console->in, bytes, length);
}

/* A last line may lack its end. */
void console_finish(struct console *console)
{
	console->ended = true;
	if (console->used > 0 || console->in.length > 0)
		fifo_add(&console->in, "\n", 1);
}

void console_step(struct console *console, struct s0_sim_server *server)
{
	for (;;) {
		if (console->log)
			hand_out_log(console);
		if (console->log || console->in.length == 0 ||
		    !has_room(console))
			return;
		take_byte(console, fifo_bytes(&console->in)[0], server);
		fifo_drop(&console->in, 1);
	}
}

bool console_wants(const struct console *console)
{
	return !console->ended && console->in.length < CONSOLE_LINE;
}

bool console_over(const struct console *console)
{
	if (console->in.failed || console->out.failed)
		return true;
	return console->ended && (console->follow || !console->log) &&
	       console->in.length == 0 && console->out.length == 0;
}
