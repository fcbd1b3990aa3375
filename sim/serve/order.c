/* SPDX-License-Identifier: MIT */
#include "sim/serve/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/serve/server.h"
#include "sim/sim.h"

#define WORDS 8u

struct order {
	struct s0_sim_server *server;
	struct served *device; /* the one that was named, or the only one */
	struct s0_sim *sim;    /* its chip */
	char *words[WORDS];    /* the command, and what follows it */
	size_t count;	       /* without the device */
	struct text *lines;
	struct order_log *log;
};

struct row {
	const char *name, *arguments, *help;
	size_t least, most; /* words after the name */
	bool device;	    /* needs one */
	bool acts;	    /* changes it */
	s0_code (*run)(struct order *order, struct s0_error *err);
};

static s0_code refuse(const struct order *order, struct s0_error *err)
{
	return error_set(err, S0_E_USAGE, "'%.20s' does not know '%.40s'",
			 order->words[0], order->words[1]);
}

static bool is(const struct order *order, const char *word)
{
	return strcmp(order->words[1], word) == 0;
}

/* ---- looking ------------------------------------------------------------- */

static void add_device(struct order *order, const struct served *served)
{
	struct s0_sim_server_device device;
	char state[160];

	served_describe(served, &device);
	server_say_state(order->server, served, state, sizeof(state));
	text_add(order->lines, "%s  %s  serial %s  unique id ", device.bus_id,
		 device.profile, device.serial);
	for (unsigned i = 0; i < sizeof(device.uid); i++)
		text_add(order->lines, "%02x", device.uid[i]);
	text_add(order->lines, "  %s\n", state);
}

static s0_code run_list(struct order *order, struct s0_error *err)
{
	const struct client_choice *choice = &order->server->choice;

	(void)err;
	for (size_t i = 0; i < choice->count; i++)
		add_device(order, choice->devices[i]);
	return S0_OK;
}

static s0_code run_counters(struct order *order, struct s0_error *err)
{
	struct s0_sim_counters c;

	(void)err;
	s0_sim_get_counters(order->sim, &c);
	text_add(order->lines,
		 "transfers %" PRIu64 "\nsector_erases %" PRIu64
		 "\nmass_erases %" PRIu64 "\nwords_programmed %" PRIu64
		 "\nwords_damaged %" PRIu64 "\nset_addresses %" PRIu64 "\n",
		 c.transfers, c.sector_erases, c.mass_erases,
		 c.words_programmed, c.words_damaged, c.set_addresses);
	text_add(order->lines,
		 "erase_us %" PRIu64 "\nprogram_us %" PRIu64
		 "\nwire_us %" PRIu64 "\ntime_us %" PRIu64 "\n",
		 c.erase_us, c.program_us, c.wire_us,
		 s0_sim_now_us(order->sim));
	return S0_OK;
}

static s0_code run_started(struct order *order, struct s0_error *err)
{
	uint32_t address = s0_sim_started(order->sim);

	(void)err;
	if (address == 0)
		text_add(order->lines, "no\n");
	else
		text_add(order->lines, "0x%08x\n", (unsigned)address);
	return S0_OK;
}

static bool number(const char *word, uint64_t limit, uint64_t *ret_number)
{
	char *end;

	if (word[0] < '0' || word[0] > '9')
		return false;
	*ret_number = strtoull(word, &end, 0);
	return *end == '\0' && *ret_number <= limit;
}

static s0_code run_word(struct order *order, struct s0_error *err)
{
	static const char *const names[] = {
		[S0_SIM_WORD_NONE] = "no flash",
		[S0_SIM_WORD_ERASED] = "erased",
		[S0_SIM_WORD_PROGRAMMED] = "programmed",
		[S0_SIM_WORD_DAMAGED] = "damaged",
		[S0_SIM_WORD_FLAWED] = "flawed",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == S0_SIM_WORD_COUNT,
		       "a name for each state");
	uint64_t address;

	if (!number(order->words[1], UINT32_MAX, &address))
		return refuse(order, err);
	text_add(order->lines, "%s\n",
		 names[s0_sim_word_state(order->sim, (uint32_t)address)]);
	return S0_OK;
}

static s0_code run_peek(struct order *order, struct s0_error *err)
{
	uint64_t address, length = 16;
	uint8_t bytes[4096];
	size_t got;

	if (!number(order->words[1], UINT32_MAX, &address))
		return refuse(order, err);
	if (order->count > 2 &&
	    (!number(order->words[2], sizeof(bytes), &length) || length == 0))
		return error_set(err, S0_E_USAGE,
				 "a length is 1 to %zu, not '%.40s'",
				 sizeof(bytes), order->words[2]);
	got = s0_sim_peek(order->sim, (uint32_t)address, bytes, length);
	for (size_t i = 0; i < got; i++) {
		if (i % 16 == 0)
			text_add(order->lines, "%s0x%08x ", i ? "\n" : "",
				 (unsigned)(address + i));
		text_add(order->lines, " %02x", bytes[i]);
	}
	text_add(order->lines, got ? "\n" : "no memory\n");
	return S0_OK;
}

static s0_code run_log(struct order *order, struct s0_error *err)
{
	struct order_log *log = order->log;
	size_t next = 1;

	log->lines = RING_LINES;
	if (next < order->count &&
	    number(order->words[next], RING_LINES, &log->lines))
		next++;
	if (next < order->count && strcmp(order->words[next], "follow") == 0) {
		log->follow = true;
		next++;
	}
	if (next < order->count)
		return error_set(err, S0_E_USAGE, "'log' does not know '%.40s'",
				 order->words[next]);
	if (log->follow && !log->may_follow)
		return error_set(err, S0_E_USAGE,
				 "a log is followed by 'sector0 sim log "
				 "--follow'");
	log->device = order->device;
	return S0_OK;
}

/* ---- acting -------------------------------------------------------------- */

static s0_code need_power(const struct order *order, struct s0_error *err)
{
	if (!order->device->no_power)
		return S0_OK;
	return error_set(err, S0_E_NO_DEVICE, "%s has no power",
			 order->device->bus_id);
}

static s0_code run_power(struct order *order, struct s0_error *err)
{
	bool off = is(order, "off"), on = is(order, "on");

	if (!off && !on && !is(order, "cycle"))
		return refuse(order, err);
	if (off)
		sim_power_lose(order->sim, false);
	else if (!on || order->device->no_power)
		s0_sim_power_cycle(order->sim);
	order->device->no_power = off;
	return S0_OK;
}

static s0_code run_reset(struct order *order, struct s0_error *err)
{
	if (need_power(order, err) == S0_OK)
		s0_sim_reset(order->sim);
	return err->code;
}

static s0_code run_boot0(struct order *order, struct s0_error *err)
{
	if (!is(order, "held") && !is(order, "released"))
		return refuse(order, err);
	s0_sim_set_boot0(order->sim, is(order, "held"));
	return S0_OK;
}

static s0_code run_unplug(struct order *order, struct s0_error *err)
{
	(void)err;
	s0_sim_unplug(order->sim);
	return S0_OK;
}

static s0_code run_replug(struct order *order, struct s0_error *err)
{
	if (need_power(order, err) == S0_OK)
		s0_sim_replug(order->sim);
	return err->code;
}

/* KIND@+K[:ARGUMENT] counts from now: put the number of that request in. */
static bool place_fault(const struct order *order, char *text, size_t size)
{
	uint64_t so_far = s0_sim_transfers(order->sim);
	const char *word = order->words[1];
	const char *at = strchr(word, '@');
	char *rest;
	uint64_t when;

	if (!at || at[1] != '+') {
		snprintf(text, size, "%s", word);
		return !at || at[1] < '0' || at[1] > '9' ||
		       strtoull(at + 1, NULL, 10) > so_far;
	}
	if (at[2] < '0' || at[2] > '9')
		return false;
	when = strtoull(at + 2, &rest, 10);
	snprintf(text, size, "%.*s@%" PRIu64 "%s", (int)(at - word), word,
		 so_far + when, rest);
	return when > 0 && when < UINT32_MAX;
}

static s0_code run_fault(struct order *order, struct s0_error *err)
{
	char text[CONSOLE_LINE + 32];

	if (!place_fault(order, text, sizeof(text)))
		return error_set(err, S0_E_USAGE,
				 "'%.60s' is no request to come: there were "
				 "%" PRIu64 " so far",
				 order->words[1], s0_sim_transfers(order->sim));
	if (s0_sim_inject(order->sim, text, err) == S0_OK)
		text_add(order->lines, "%s\n", text);
	return err->code;
}

static s0_code run_quit(struct order *order, struct s0_error *err)
{
	(void)err;
	order->server->quit = true;
	return S0_OK;
}

static s0_code run_help(struct order *order, struct s0_error *err);

/* clang-format off */
static const struct row rows[] = {
	{ "help", "", "this text", 0, 0, false, false, run_help },
	{ "list", "", "the devices", 0, 0, false, false, run_list },
	{ "power", "on|off|cycle", "the supply: what runs is torn", 1, 1, true, true, run_power },
	{ "reset", "", "press and release NRST", 0, 0, true, true, run_reset },
	{ "boot0", "held|released", "what the next reset or power-on starts", 1, 1, true, true, run_boot0 },
	{ "unplug", "", "pull the USB cable; the supply stays", 0, 0, true, true, run_unplug },
	{ "replug", "", "plug it in again", 0, 0, true, true, run_replug },
	{ "fault", "KIND@K|KIND@+K", "fault at the K-th DFU request; from now", 1, 1, true, true, run_fault },
	{ "counters", "", "what has happened inside", 0, 0, true, false, run_counters },
	{ "log", "[N] [follow]", "the last N requests", 0, 2, true, false, run_log },
	{ "started", "", "vector table of the firmware it started", 0, 0, true, false, run_started },
	{ "word", "ADDRESS", "state of a flash word", 1, 1, true, false, run_word },
	{ "peek", "ADDRESS [LENGTH]", "memory, as the cells have it", 1, 2, true, false, run_peek },
	{ "quit", "", "end the server", 0, 0, false, false, run_quit },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static s0_code run_help(struct order *order, struct s0_error *err)
{
	(void)err;
	for (size_t i = 0; i < ROWS; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s%s", rows[i].name,
			 rows[i].arguments, rows[i].device ? " [DEVICE]" : "");
		text_add(order->lines, "  %-33s %s\n", left, rows[i].help);
	}
	text_add(order->lines, "DEVICE is 1-1 and so on; the only one need not "
			       "be named\n");
	return S0_OK;
}

/* ---- a line -------------------------------------------------------------- */

/* Does it look like 1-1? */
static bool is_bus_id(const char *word)
{
	size_t bus = strspn(word, "0123456789");

	return bus > 0 && word[bus] == '-' && word[bus + 1] != '\0' &&
	       word[bus + 1 + strspn(word + bus + 1, "0123456789")] == '\0';
}

static s0_code choose(struct order *order, struct s0_error *err)
{
	const struct client_choice *choice = &order->server->choice;
	const char *name = order->words[order->count - 1];

	if (order->count < 2 || !is_bus_id(name)) {
		if (choice->count != 1)
			return error_set(err, S0_E_SEVERAL,
					 "there are %zu devices: name one, as "
					 "1-1",
					 choice->count);
		order->device = choice->devices[0];
	} else {
		order->count--;
		for (size_t i = 0; i < choice->count; i++)
			if (strcmp(choice->devices[i]->bus_id, name) == 0)
				order->device = choice->devices[i];
	}
	if (!order->device)
		return error_set(err, S0_E_NO_DEVICE,
				 "there is no device '%.20s'", name);
	order->sim = order->device->sim;
	return S0_OK;
}

static s0_code run_row(const struct row *row, struct order *order,
		       struct s0_error *err)
{
	uint64_t now = server_now(order->server);
	s0_code code = row->device ? choose(order, err) : S0_OK;

	if (code)
		return code;
	if (order->count - 1 < row->least || order->count - 1 > row->most)
		return error_set(err, S0_E_USAGE, "usage: %s%s%s%s", row->name,
				 row->arguments[0] ? " " : "", row->arguments,
				 row->device ? " [DEVICE]" : "");
	if (order->device)
		served_catch_up(order->device, now);
	code = row->run(order, err);
	if (row->acts)
		served_look(order->device, now);
	return code;
}

static size_t split(char *line, char **words)
{
	size_t count = 0;
	char *rest;

	for (char *word = strtok_r(line, " \t\r", &rest); word && count < WORDS;
	     word = strtok_r(NULL, " \t\r", &rest))
		words[count++] = word;
	return count;
}

s0_code order_run(struct s0_sim_server *server, const char *line,
		  struct text *lines, struct order_log *log,
		  struct s0_error *err)
{
	struct order order = { .server = server, .lines = lines, .log = log };
	char copy[CONSOLE_LINE];

	snprintf(copy, sizeof(copy), "%s", line);
	order.count = split(copy, order.words);
	for (size_t i = 0; order.count > 0 && i < ROWS; i++)
		if (strcmp(rows[i].name, order.words[0]) == 0)
			return run_row(&rows[i], &order, err);
	return error_set(err, S0_E_USAGE,
			 "'%.40s' is no command; 'help' lists them",
			 order.count > 0 ? order.words[0] : "");
}
