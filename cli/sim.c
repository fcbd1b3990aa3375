/* SPDX-License-Identifier: MIT */
#include "sim.h"

#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "json.h"
#include "os.h"
#include "text.h"

static s0_code run_help(struct app *app, struct s0_error *err)
{
	(void)err;
	if (app->json) {
		json_event("result",
			   json_pack("{s:b, s:o, s:o}", "ok", 1, "text",
				     json_text(s0_sim_help()), "profiles",
				     sim_profiles_json()));
	} else {
		fputs(s0_sim_help(), stdout);
		sim_profiles_print(stdout);
	}
	return S0_OK;
}

#define BIT(option) (1ull << (option))

struct part {
	const char *name;
	size_t least, most; /* words after it */
	unsigned long long options;
	s0_code (*run)(struct app *app, struct s0_error *err);
};

static const struct part parts[] = {
	{ "help", 0, 0, 0, run_help },
	{ "serve", 0, ANY_NUMBER,
	  BIT(OPTION_PORT) | BIT(OPTION_LISTEN) | BIT(OPTION_COUNT_OF) |
		  BIT(OPTION_TIME_SCALE) | BIT(OPTION_CONTROL) |
		  BIT(OPTION_ATTACH) | BIT(OPTION_LOG),
	  sim_serve_run },
	{ "control", 1, ANY_NUMBER, BIT(OPTION_PORT) | BIT(OPTION_CONTROL),
	  sim_control_run },
	{ "log", 0, 1,
	  BIT(OPTION_PORT) | BIT(OPTION_CONTROL) | BIT(OPTION_DEVICE) |
		  BIT(OPTION_FOLLOW),
	  sim_log_run },
};

#define PARTS (sizeof parts / sizeof parts[0])

/* Options of the other parts; those of all commands come last. */
static s0_code check_options(const struct app *app, const struct part *part,
			     struct s0_error *err)
{
	for (unsigned id = 0; id < OPTION_COMMON; id++)
		if (app->args.seen[id] && !(part->options & BIT(id))) {
			fail_usage(err, "'sim %s' has no option '--%s'",
				   part->name, option_name(id));
			add_hint(err, "'sector0 sim --help' lists them");
			return S0_E_USAGE;
		}
	return S0_OK;
}

static s0_code check_count(const struct app *app, const struct part *part,
			   struct s0_error *err)
{
	size_t count = app->args.word_count - 1;

	if (count < part->least)
		fail_usage(err, "'sim %s' is missing an argument", part->name);
	else if (count > part->most)
		fail_usage(err, "'sim %s' does not know what to do with '%s'",
			   part->name, app->args.words[part->most + 1]);
	return err->code;
}

s0_code sim_run(struct app *app, struct s0_error *err)
{
	const char *name = app->args.words[0];
	struct nearest nearest = { .typed = name };

	for (size_t i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];

		nearest_offer(&nearest, part->name);
		if (strcmp(name, part->name) != 0)
			continue;
		if (check_count(app, part, err) != S0_OK ||
		    check_options(app, part, err) != S0_OK)
			return err->code;
		return part->run(app, err);
	}
	fail_usage(err, "'sim' does not know '%s'", name);
	if (nearest.best)
		add_hint(err, "did you mean 'sim %s'?", nearest.best);
	else
		add_hint(err, "'sector0 sim --help' lists what there is");
	return S0_E_USAGE;
}

s0_code sim_port(const struct app *app, uint16_t *ret_port,
		 struct s0_error *err)
{
	const char *word = app->args.values[OPTION_PORT];
	uint32_t port = SIM_PORT;

	if (word && (!text_number(word, false, &port) || port > UINT16_MAX))
		return fail_usage(err, "'%s' is no port: 0 to 65535", word);
	*ret_port = (uint16_t)port;
	return S0_OK;
}

s0_code sim_control_path(const struct app *app, uint16_t port, char *path,
			 size_t size, struct s0_error *err)
{
	const char *word = app->args.values[OPTION_CONTROL];

	if (word ? (size_t)snprintf(path, size, "%s", word) < size
		 : os_control_path(port, path, size))
		return S0_OK;
	fail(err, S0_E_FILE, "there is no place for a control socket");
	add_hint(err, "name one with --control, or set XDG_RUNTIME_DIR");
	return err->code;
}
