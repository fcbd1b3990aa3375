/* SPDX-License-Identifier: MIT */
/* Virtual chips for other programs: options, and what is told. */
#include "sim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "json.h"
#include "os.h"
#include "say.h"
#include "text.h"

#define LOCAL "127.0.0.1"

/* Where lines go, and how many it did not take. */
struct outlet {
	FILE *file;
	unsigned long lost;
};

struct serving {
	struct app *app;
	struct s0_sim_server *server;
	struct outlet out, err, log;
	const char *log_path;
	bool prompt; /* a person types */
};

/* ---- descriptions -------------------------------------------------------- */

/* A key's value in PROFILE,key=value…, the last one; NULL if it is not there. */
static const char *find_key(const char *description, const char *key)
{
	size_t length = strlen(key);
	const char *value = NULL;

	for (const char *at = strchr(description, ','); at;
	     at = strchr(at + 1, ','))
		if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '=')
			value = at + length + 2;
	return value;
}

/* chip.sim -> chip-2.sim: where the number goes. */
static size_t number_place(const char *path, size_t length)
{
	for (size_t i = length; i > 0 && path[i - 1] != '/'; i--)
		if (path[i - 1] == '.' && i > 1 && path[i - 2] != '/')
			return i - 1;
	return length;
}

/* A copy of a description that is a chip of its own: another seed, another
 * file. The file comes last, for who wants to tell its name. */
static void print_copy(FILE *out, const struct serving *serving,
		       const char *given, unsigned copy, unsigned count)
{
	const char *scale = serving->app->args.values[OPTION_TIME_SCALE];
	const char *seed = find_key(given, "seed");
	const char *file = find_key(given, "file");

	fputs(given, out);
	if (seed)
		fprintf(out, ",seed=%llu", strtoull(seed, NULL, 0) + copy);
	else
		fprintf(out, ",seed=%zu",
			s0_sim_server_device_count(serving->server) + 1);
	/* what is said of one device goes before what is said of all */
	if (scale && !find_key(given, "time_scale"))
		fprintf(out, ",time_scale=%s", scale);
	if (file && count > 1) {
		size_t length = strcspn(file, ",");
		size_t place = number_place(file, length);

		fprintf(out, ",file=%.*s-%u%.*s", (int)place, file, copy + 1,
			(int)(length - place), file + place);
	}
}

static s0_code add_copy(const struct serving *serving, const char *given,
			unsigned copy, unsigned count, struct s0_error *err)
{
	char *description = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&description, &size);
	s0_code code;

	if (!out)
		return fail_memory(err);
	print_copy(out, serving, given, copy, count);
	if (fclose(out) != 0) {
		free(description);
		return fail_memory(err);
	}
	code = s0_sim_server_add(serving->server, description, err);
	if (code == S0_OK && count > 1 && find_key(given, "file"))
		say_note(serving->app, "1-%zu is kept in %s",
			 s0_sim_server_device_count(serving->server),
			 find_key(description, "file"));
	free(description);
	return code;
}

static s0_code add_copies(const struct serving *serving, const char *given,
			  unsigned count, struct s0_error *err)
{
	if (count > 1 && find_key(given, "uid"))
		return fail_usage(err,
				  "with uid= all %u would be the same "
				  "chip: leave it out, or --count",
				  count);
	for (unsigned copy = 0; copy < count; copy++)
		if (add_copy(serving, given, copy, count, err) != S0_OK)
			return err->code;
	return S0_OK;
}

static s0_code add_devices(const struct serving *serving, struct s0_error *err)
{
	const struct arguments *args = &serving->app->args;
	const char *word = args->values[OPTION_COUNT_OF];
	uint32_t count = 1;

	if (word && (!text_number(word, false, &count) || count < 1 ||
		     count > S0_SIM_SERVER_DEVICES))
		return fail_usage(err, "'%s' is no number of devices: 1 to %d",
				  word, S0_SIM_SERVER_DEVICES);
	if (args->word_count == 1)
		return add_copies(serving, "stm32h743", count, err);
	for (size_t i = 1; i < args->word_count; i++)
		if (add_copies(serving, args->words[i], count, err) != S0_OK)
			return err->code;
	return S0_OK;
}

/* ---- what is told -------------------------------------------------------- */

/* The devices must not stop because nobody reads along: what is not taken at
 * once is left out, and that is told as soon as there is room. */
static bool takes(struct outlet *outlet, bool json)
{
	if (!os_takes_line(outlet->file)) {
		outlet->lost++;
		return false;
	}
	if (outlet->lost > 0) {
		fprintf(outlet->file,
			json ? "{\"event\":\"lost\",\"lines\":%lu}\n"
			     : "(%lu lines lost)\n",
			outlet->lost);
		(void)fflush(outlet->file);
	}
	outlet->lost = 0;
	return true;
}

static void on_status(void *payload, s0_sim_server_event event,
		      const char *bus_id, const char *text)
{
	static const char *const words[] = {
		[S0_SIM_SERVER_IMPORTED] = "used by ",
		[S0_SIM_SERVER_RELEASED] = "no longer used by ",
		[S0_SIM_SERVER_LEFT] = "",
		[S0_SIM_SERVER_BACK] = "",
		[S0_SIM_SERVER_REFUSED] = "",
		[S0_SIM_SERVER_NOT_ATTACHED] = "cannot be attached again: ",
	};
	struct serving *serving = payload;
	const char *colon = bus_id[0] != '\0' ? ": " : "";
	char line[512];
	bool warns = event == S0_SIM_SERVER_REFUSED ||
		     event == S0_SIM_SERVER_NOT_ATTACHED;
	bool json = warns && serving->app->json;

	(void)snprintf(line, sizeof line, "%s%s%s%s", bus_id, colon,
		       words[event], text);
	if (!takes(json ? &serving->out : &serving->err, json))
		return;
	if (warns)
		say_warning(serving->app, line);
	else
		say_note(serving->app, "%s", line);
}

static void on_log(void *payload, const char *bus_id, const char *line)
{
	struct serving *serving = payload;

	if (!serving->log.file || !takes(&serving->log, false))
		return;
	fprintf(serving->log.file, "%s %s\n", bus_id, line);
	(void)fflush(serving->log.file);
}

static void put_prompt(const struct serving *serving)
{
	if (serving->prompt)
		fputs("> ", stdout);
	(void)fflush(stdout);
}

static void on_answer(void *payload, const char *line)
{
	struct serving *serving = payload;

	if (!takes(&serving->out, serving->app->json))
		return;
	if (serving->app->json) {
		json_event("answer",
			   json_pack("{s:o}", "line", json_text(line)));
		return;
	}
	text_print(stdout, line);
	putchar('\n');
	(void)fflush(stdout);
	if (strcmp(line, "ok") == 0 || strncmp(line, "error: ", 7) == 0)
		put_prompt(serving);
}

static void print_uid(char *text, const uint8_t uid[12])
{
	for (unsigned i = 0; i < 12; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", uid[i]);
}

static void tell_device(const struct serving *serving, size_t index)
{
	struct s0_sim_server_device device;
	char uid[25];

	if (!s0_sim_server_device(serving->server, index, &device))
		return;
	print_uid(uid, device.uid);
	if (serving->app->json)
		json_event("served",
			   json_pack("{s:s, s:s, s:o, s:s}", "bus_id",
				     device.bus_id, "profile", device.profile,
				     "serial", json_text(device.serial), "uid",
				     uid));
	else
		printf("%s  %s  serial %s  unique id %s\n", device.bus_id,
		       device.profile, device.serial, uid);
}

/* Scripts wait for the first line. */
static void tell_ready(const struct serving *serving, const char *address,
		       const char *control)
{
	bool attached = serving->app->args.seen[OPTION_ATTACH] > 0;
	unsigned port = s0_sim_server_port(serving->server);
	bool v6 = strchr(address, ':') != NULL;

	if (serving->app->json)
		json_event(
			"listening",
			json_pack("{s:b, s:o, s:o, s:s}", "attached", attached,
				  "address",
				  attached ? json_null() : json_text(address),
				  "port", json_number_if(!attached, port),
				  "control", control));
	else if (attached)
		printf("attached to this machine\n");
	else
		printf("listening on %s%s%s:%u\n", v6 ? "[" : "", address,
		       v6 ? "]" : "", port);
	for (size_t i = 0; i < s0_sim_server_device_count(serving->server); i++)
		tell_device(serving, i);
	(void)fflush(stdout);
	say_note(serving->app, "commands: sector0 sim control --control %s",
		 control);
	if (!serving->app->json)
		put_prompt(serving);
}

/* ---- opening ------------------------------------------------------------- */

static s0_code listen_at(const struct serving *serving, const char *address,
			 struct s0_error *err)
{
	uint16_t port;

	if (sim_port(serving->app, &port, err) != S0_OK)
		return err->code;
	if (s0_sim_server_listen(serving->server, address, port, err) ==
	    S0_E_BUSY)
		add_hint(err, "choose another port with --port (0: any that is "
			      "free), or end the other server");
	else if (err->code == S0_E_ACCESS)
		add_hint(err, "ports below 1024 are root's; choose another "
			      "with --port");
	else if (err->code == S0_OK && strncmp(address, "127.", 4) != 0 &&
		 strcmp(address, "::1") != 0)
		say_warning(serving->app,
			    "anybody who reaches this address over the network "
			    "can use the devices");
	return err->code;
}

static s0_code attach(const struct serving *serving, struct s0_error *err)
{
	switch (s0_sim_server_attach(serving->server, err)) {
	case S0_E_NO_USB:
		add_hint(err, "'modprobe vhci-hcd' as root; without it, serve "
			      "over the network and attach elsewhere");
		break;
	case S0_E_ACCESS:
		add_hint(err, "only root can attach virtual devices");
		break;
	case S0_E_BUSY:
		add_hint(err, "'usbip port' shows who has them");
		break;
	default:
		break;
	}
	return err->code;
}

static s0_code open_doors(const struct serving *serving, const char *address,
			  char *control, size_t size, struct s0_error *err)
{
	bool attached = serving->app->args.seen[OPTION_ATTACH] > 0;
	uint16_t port;

	if (attached && serving->app->args.values[OPTION_LISTEN])
		return fail_usage(err, "--attach and --listen exclude each "
				       "other");
	if (!attached && listen_at(serving, address, err) != S0_OK)
		return err->code;
	port = s0_sim_server_port(serving->server);
	if (attached && sim_port(serving->app, &port, err) != S0_OK)
		return err->code;
	if (sim_control_path(serving->app, port, control, size, err) != S0_OK)
		return err->code;
	if (s0_sim_server_control(serving->server, control, err) == S0_E_BUSY)
		add_hint(err, "choose another place with --control, or end the "
			      "other server");
	if (err->code == S0_OK && attached)
		return attach(serving, err);
	return err->code;
}

static s0_code open_log(struct serving *serving, struct s0_error *err)
{
	serving->log_path = serving->app->args.values[OPTION_LOG];
	if (!serving->log_path)
		return S0_OK;
	serving->log.file = fopen(serving->log_path, "w");
	return serving->log.file
		       ? S0_OK
		       : os_fail_file(err, "write", serving->log_path);
}

static s0_code close_log(struct serving *serving, struct s0_error *err)
{
	FILE *log = serving->log.file;

	serving->log.file = NULL;
	if (log && !os_flush(log))
		os_fail_file(err, "write", serving->log_path);
	if (log)
		(void)fclose(log);
	return err->code;
}

static s0_code serve(struct serving *serving, struct s0_error *err)
{
	const char *address = serving->app->args.values[OPTION_LISTEN];
	char control[4096];
	s0_code code;

	address = address ? address : LOCAL;
	if (add_devices(serving, err) != S0_OK ||
	    open_log(serving, err) != S0_OK ||
	    open_doors(serving, address, control, sizeof control, err) !=
		    S0_OK ||
	    s0_sim_server_set_input(serving->server, 0, on_answer, serving,
				    err) != S0_OK)
		return err->code;
	tell_ready(serving, address, control);
	os_set_server(serving->server);
	code = s0_sim_server_run(serving->server, err);
	os_set_server(NULL);
	return code;
}

s0_code sim_serve_run(struct app *app, struct s0_error *err)
{
	struct serving serving = {
		.app = app,
		.out = { .file = stdout },
		.err = { .file = stderr },
	};
	struct s0_sim_server_options options = {
		.status = on_status,
		.log = on_log,
		.payload = &serving,
	};

	serving.prompt =
		!app->json && os_is_terminal(stdin) && os_is_terminal(stdout);
	if (s0_sim_server_new(&options, &serving.server, err) != S0_OK)
		return err->code;
	if (serve(&serving, err) == S0_OK && app->json &&
	    takes(&serving.out, true))
		json_event("result", json_pack("{s:b}", "ok", 1));
	s0_sim_server_free(serving.server);
	return close_log(&serving, err);
}
