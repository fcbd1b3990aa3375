/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"

struct option {
	const char *name;     /* without the dashes */
	char letter;	      /* 0: none */
	const char *value;    /* what its value is called; NULL: takes none */
	const char *commands; /* that have it, NULL: all */
	const char *help;     /* NULL: those of all commands need none */
};

static const struct option options[OPTION_COUNT] = {
	[OPTION_DEVICE] = { "device", 'd', "SELECTOR",
			    "list info flash plan verify read write fill blank "
			    "checksum erase start recover option unprotect sim "
			    "doctor",
			    "usb:1-4.2, usb:VID:PID, serial:…, sim:PROFILE" },
	[OPTION_ADDRESS] = { "address", 0, "ADDRESS",
			     "flash plan verify convert doctor",
			     "where raw binary begins" },
	[OPTION_FORMAT] = { "format", 0, "NAME",
			    "flash plan verify read convert doctor erase write "
			    "fill",
			    "bin, hex, s19, elf, dfu or uf2" },
	[OPTION_CHIP] = { "chip", 0, "NAME",
			  "info flash plan verify read write fill blank "
			  "checksum erase start recover option unprotect "
			  "convert doctor",
			  "which chip it is, stm32f405 for example" },
	[OPTION_ERASE] = { "erase", 0, "WHAT", "flash plan",
			   "needed (the default), all or none" },
	[OPTION_KEEP] = { "keep", 0, NULL, "flash plan write fill",
			  "keep the sectors' other bytes" },
	[OPTION_BACKUP] = { "backup", 0, "FILE", "flash write fill erase",
			    "save what will be erased first" },
	[OPTION_ROLLBACK] = { "rollback", 0, NULL, "flash plan write fill",
			      "if it fails, put back what was there" },
	[OPTION_LIFT_PROTECTION] = { "lift-protection", 0, NULL,
				     "flash plan write fill erase recover",
				     "write-protected sectors too" },
	[OPTION_FULL] = { "full", 0, NULL, "flash plan",
			  "rewrite what is already right" },
	[OPTION_SKIP_NON_FLASH] = { "skip-non-flash", 0, NULL,
				    "flash plan verify",
				    "leave out what is not in flash" },
	[OPTION_NO_VERIFY] = { "no-verify", 0, NULL, "flash plan write fill",
			       "do not read back" },
	[OPTION_TRUST_LAST_RUN] = { "trust-last-run", 0, NULL, "flash",
				    "only sample what it verified" },
	[OPTION_START] = { "start", 0, NULL, "flash plan",
			   "run the firmware afterwards" },
	[OPTION_PLAN] = { "plan", 0, NULL, "flash recover option",
			  "print what would be done, and stop" },
	[OPTION_STATS] = { "stats", 0, NULL, "flash", "where the time went" },
	[OPTION_IGNORE_CHECKSUMS] = { "ignore-checksums", 0, NULL,
				      "flash plan verify convert",
				      "take a .dfu with a wrong CRC" },
	[OPTION_WAIT] = { "wait", 0, NULL,
			  "info flash verify read write fill blank checksum "
			  "erase recover start option unprotect",
			  "wait for a device to be plugged in" },
	[OPTION_RECONNECT] = { "reconnect", 0, "SECONDS",
			       "info flash verify read write fill blank "
			       "checksum erase recover start option unprotect",
			       "wait for one that drops off the bus (10)" },
	[OPTION_PORT] = { "port", 0, "PORT", "sim",
			  "TCP port of the server (3240)" },
	[OPTION_LISTEN] = { "listen", 0, "ADDRESS", "sim",
			    "network address to serve (127.0.0.1)" },
	[OPTION_COUNT_OF] = { "count", 0, "N", "sim",
			      "that many of each chip (1)" },
	[OPTION_TIME_SCALE] = { "time-scale", 0, "FACTOR", "sim",
				"scale the chips' times; 0: at once" },
	[OPTION_CONTROL] = { "control", 0, "PATH", "sim",
			     "the server's control socket" },
	[OPTION_ATTACH] = { "attach", 0, NULL, "sim",
			    "attach the chips to this machine (Linux)" },
	[OPTION_LOG] = { "log", 0, "FILE", "sim", "write all requests to it" },
	[OPTION_FOLLOW] = { "follow", 0, NULL, "sim",
			    "go on as requests come" },
	[OPTION_TIMES] = { "times", 0, "PERCENT", "trace",
			   "compare durations too, within that much" },
	[OPTION_STRESS] = { "stress", 0, NULL, "doctor",
			    "erase, program and read free sectors" },
	[OPTION_ROUNDS] = { "rounds", 0, "N", "doctor",
			    "how often each sector is exercised (3)" },
	[OPTION_PLOT] = { "plot", 0, "FILE", "doctor",
			  "the measurements as a picture (SVG)" },
	[OPTION_OVERWRITE] = { "overwrite", 0, NULL, "recover",
			       "what others have written since, too" },
	[OPTION_FORGET] = { "forget", 0, NULL, "recover",
			    "give up what was saved instead" },
	[OPTION_YES] = { "yes", 0, NULL, "doctor recover option unprotect",
			 "do not ask" },
	[OPTION_ALLOW] = { "allow", 0, "WHAT", "option",
			   "erase, pcrop, secure, boot, low-voltage, part, "
			   "raw" },
	[OPTION_PERMANENT] = { "permanent", 0, NULL, "option",
			       "allow what nothing takes back" },
	[OPTION_SOURCES] = { "sources", 0, NULL, "chips",
			     "how many values have which kind of source" },
	[OPTION_RECORD] = { "record", 0, "FILE", NULL, NULL },
	[OPTION_CHIP_FILE] = { "chip-file", 0, "FILE", NULL, NULL },
	[OPTION_JSON] = { "json", 0, NULL, NULL, NULL },
	[OPTION_QUIET] = { "quiet", 'q', NULL, NULL, NULL },
	[OPTION_VERBOSE] = { "verbose", 'v', NULL, NULL, NULL },
	[OPTION_NO_COLOR] = { "no-color", 0, NULL, NULL, NULL },
	[OPTION_HELP] = { "help", 'h', NULL, NULL, NULL },
	[OPTION_VERSION] = { "version", 0, NULL, NULL, NULL },
};

/* Is @word one of the words of @list? */
static bool listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length) {
		bool begins = at == list || at[-1] == ' ';

		if (begins && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

static enum option_id find_long(const char *name, size_t length)
{
	unsigned id = 0;

	while (id < OPTION_COUNT &&
	       (strlen(options[id].name) != length ||
		memcmp(options[id].name, name, length) != 0))
		id++;
	return (enum option_id)id;
}

static enum option_id find_letter(char letter)
{
	unsigned id = 0;

	while (id < OPTION_COUNT && options[id].letter != letter)
		id++;
	return (enum option_id)id;
}

static void unknown(struct s0_error *err, const char *word, size_t length)
{
	char name[64] = "";
	struct nearest nearest = { .typed = name };

	if (err->code != S0_OK)
		return;
	fail_usage(err, "unknown option '%.*s'", (int)length, word);
	if (word[1] == '-' && length - 2 < sizeof name) {
		memcpy(name, word + 2, length - 2);
		name[length - 2] = '\0';
		for (size_t i = 0; i < OPTION_COUNT; i++)
			nearest_offer(&nearest, options[i].name);
	}
	if (nearest.best)
		add_hint(err, "did you mean '--%s'?", nearest.best);
	else
		add_hint(err, "'sector0 COMMAND --help' lists the options");
}

/* What is left of a command line while it is taken apart. */
struct cursor {
	char **at, **end;
};

/* The value of an option: what is attached to it, or the next word. */
static void take_value(struct arguments *args, enum option_id id,
		       const char *attached, struct cursor *cursor,
		       struct s0_error *err)
{
	const char *value = attached;

	if (!value && cursor->at < cursor->end &&
	    (cursor->at[0][0] != '-' || cursor->at[0][1] == '\0' ||
	     (cursor->at[0][1] >= '0' && cursor->at[0][1] <= '9')))
		value = *cursor->at++;
	if (!value || value[0] == '\0')
		fail_usage(err, "'--%s' needs a value", options[id].name);
	if (id == OPTION_CHIP_FILE)
		args->chip_files[args->seen[id]] = value;
	args->seen[id]++;
	args->values[id] = value;
}

static void take_long(struct arguments *args, const char *word,
		      struct cursor *cursor, struct s0_error *err)
{
	size_t length = strcspn(word, "=");
	const char *attached = word[length] == '=' ? word + length + 1 : NULL;
	enum option_id id = find_long(word + 2, length - 2);

	if (id == OPTION_COUNT) {
		unknown(err, word, length);
	} else if (options[id].value) {
		take_value(args, id, attached, cursor, err);
	} else {
		if (attached)
			fail_usage(err, "'--%s' takes no value",
				   options[id].name);
		args->seen[id]++;
	}
}

/* Letters may be joined: -qv, -dsim:stm32h743. */
static void take_letters(struct arguments *args, const char *word,
			 struct cursor *cursor, struct s0_error *err)
{
	for (const char *letter = word + 1; *letter; letter++) {
		enum option_id id = find_letter(*letter);

		if (id == OPTION_COUNT) {
			unknown(err, word, strlen(word));
			return;
		}
		if (options[id].value) {
			const char *rest = letter + 1;

			if (*rest == '=')
				rest++;
			take_value(args, id, *rest ? rest : NULL, cursor, err);
			return;
		}
		args->seen[id]++;
	}
}

static void take_word(struct arguments *args, const char *word)
{
	if (!args->command)
		args->command = word;
	else
		args->words[args->word_count++] = word;
}

s0_code arguments_parse(struct arguments *args, int argc, char **argv,
			struct s0_error *err)
{
	struct cursor cursor = { argv + (argc > 0), argv + argc };
	bool ended = false;

	args->words = calloc((size_t)argc + 1, sizeof *args->words);
	args->chip_files = calloc((size_t)argc + 1, sizeof *args->chip_files);
	if (!args->words || !args->chip_files)
		return fail_memory(err);
	while (cursor.at < cursor.end) {
		const char *word = *cursor.at++;

		if (ended || word[0] != '-' || word[1] == '\0')
			take_word(args, word);
		else if (word[1] != '-')
			take_letters(args, word, &cursor, err);
		else if (word[2] == '\0')
			ended = true;
		else
			take_long(args, word, &cursor, err);
	}
	return err->code;
}

const char *option_name(enum option_id id)
{
	return options[id].name;
}

void arguments_free(struct arguments *args)
{
	free(args->words);
	free(args->chip_files);
	args->words = args->chip_files = NULL;
}

s0_code arguments_check(const struct arguments *args, const char *command,
			struct s0_error *err)
{
	for (size_t id = 0; id < OPTION_COUNT; id++) {
		const char *commands = options[id].commands;

		if (!args->seen[id] || !commands || listed(commands, command))
			continue;
		fail_usage(err, "'%s' has no option '--%s'", command,
			   options[id].name);
		add_hint(err, "'sector0 %s --help' lists its options", command);
		return S0_E_USAGE;
	}
	return S0_OK;
}

static void print_option(FILE *out, const struct option *option)
{
	char left[32];

	(void)snprintf(left, sizeof left, "--%s%s%s", option->name,
		       option->value ? " " : "",
		       option->value ? option->value : "");
	if (option->letter)
		fprintf(out, "  -%c, ", option->letter);
	else
		fprintf(out, "      ");
	fprintf(out, "%-20s  %s\n", left, option->help);
}

void options_print(FILE *out, const char *command)
{
	for (size_t id = 0; id < OPTION_COUNT; id++)
		if (options[id].commands &&
		    listed(options[id].commands, command))
			print_option(out, &options[id]);
	fputs("Everywhere:", out);
	for (size_t id = OPTION_COMMON; id < OPTION_HELP; id++)
		if (!options[id].commands)
			fprintf(out, " --%s%s%s", options[id].name,
				options[id].value ? " " : "",
				options[id].value ? options[id].value : "");
	fputc('\n', out);
}
