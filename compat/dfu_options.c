/* SPDX-License-Identifier: MIT */
/* dfu-util's options, in all their spellings. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/dfu_util.h"

void dfu_warn(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("dfu-util: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void help(FILE *out)
{
	fputs("Usage: dfu-util [options] ...\n"
	      "  -h --help                   this text\n"
	      "  -V --version                the version\n"
	      "  -v --verbose                say more; repeatable\n"
	      "  -l --list                   list devices with DFU\n"
	      "  -e --detach                 put a device into DFU mode\n"
	      "  -E --detach-delay SECONDS   taken: the wait ends when it is "
	      "back\n"
	      "  -d --device VID:PID[,VID:PID]  of the device, [and in DFU "
	      "mode]\n"
	      "  -n --devnum NUMBER          its number on the bus\n"
	      "  -p --path BUS-PORT.PORT     where it is plugged in\n"
	      "  -c --cfg NUMBER             its configuration\n"
	      "  -i --intf NUMBER            its interface\n"
	      "  -S --serial SERIAL[,SERIAL] its serial number\n"
	      "  -a --alt ALT                alternate setting, by name or "
	      "number\n"
	      "  -t --transfer-size BYTES    taken; the device's own is used\n"
	      "  -U --upload FILE            read memory into a file\n"
	      "  -Z --upload-size BYTES      how much is expected; taken\n"
	      "  -D --download FILE          program a file, '-': standard "
	      "input\n"
	      "  -R --reset                  reset the USB device at the end\n"
	      "  -w --wait                   wait for the device\n"
	      "  -Q                          without bars\n"
	      "  -s --dfuse-address ADDRESS[:MODIFIER...]  leave force "
	      "mass-erase unprotect will-reset LENGTH\n"
	      "     --strict-compat          dfu-util's exit status where it "
	      "differs\n",
	      out);
}

static bool number(const char *text, int base, uint32_t *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, base);

	if (end == text || *end != '\0' || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

enum { LONG_WAIT = 256 };

static const struct option known[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "list", no_argument, NULL, 'l' },
	{ "detach", no_argument, NULL, 'e' },
	{ "detach-delay", required_argument, NULL, 'E' },
	{ "device", required_argument, NULL, 'd' },
	{ "devnum", required_argument, NULL, 'n' },
	{ "path", required_argument, NULL, 'p' },
	{ "cfg", required_argument, NULL, 'c' },
	{ "configuration", required_argument, NULL, 'c' },
	{ "intf", required_argument, NULL, 'i' },
	{ "interface", required_argument, NULL, 'i' },
	{ "alt", required_argument, NULL, 'a' },
	{ "altsetting", required_argument, NULL, 'a' },
	{ "serial", required_argument, NULL, 'S' },
	{ "transfer-size", required_argument, NULL, 't' },
	{ "upload", required_argument, NULL, 'U' },
	{ "upload-size", required_argument, NULL, 'Z' },
	{ "download", required_argument, NULL, 'D' },
	{ "reset", no_argument, NULL, 'R' },
	{ "dfuse-address", required_argument, NULL, 's' },
	{ "wait", optional_argument, NULL, LONG_WAIT },
	{ NULL, 0, NULL, 0 },
};

/* A word with a number; -1 stays where it cannot be read. */
static bool small(const char *text, int *ret)
{
	uint32_t value;

	if (!number(text, 0, &value) || value > 0xffff)
		return false;
	*ret = (int)value;
	return true;
}

/* What is to be done; the last one counts. */
static void choose_mode(struct dfu_util *dfu, int option, const char *file)
{
	dfu->dropped = dfu->dropped || dfu->download || dfu->upload;
	dfu->version = option == 'V';
	dfu->list = option == 'l';
	dfu->detach = option == 'e';
	dfu->upload = option == 'U' ? file : NULL;
	dfu->download = option == 'D' ? file : NULL;
}

static bool take_flag(struct dfu_util *dfu, int option)
{
	switch (option) {
	case 'v':
		dfu->verbose++;
		return true;
	case 'R':
		dfu->reset = true;
		return true;
	case 'Q':
		dfu->quiet = true;
		return true;
	case 'w':
	case LONG_WAIT:
		dfu->wait = true;
		return true;
	default:
		return false;
	}
}

static bool take_number(struct dfu_util *dfu, int option, const char *value)
{
	uint32_t seconds;

	switch (option) {
	case 'n':
		return small(value, &dfu->number);
	case 'c':
		return small(value, &dfu->configuration);
	case 'i':
		return small(value, &dfu->interface);
	case 't':
		return number(value, 0, &dfu->transfer_size);
	case 'Z':
		return number(value, 0, &dfu->upload_size);
	case 'E':
		return number(value, 0, &seconds);
	default:
		return false;
	}
}

static bool take_word(struct dfu_util *dfu, int option, const char *value)
{
	switch (option) {
	case 'd':
		dfu->device = value;
		return true;
	case 'S':
		dfu->serial = value;
		return true;
	case 'p':
		dfu->path = value;
		return true;
	case 'a':
		dfu->alt = value;
		return true;
	case 's':
		dfu->dfuse = value;
		return true;
	default:
		return false;
	}
}

static bool is_mode(int option)
{
	return option < 256 && strchr("VleUD", option);
}

static const char *long_name(int option)
{
	for (const struct option *one = known; one->name; one++)
		if (one->val == option)
			return one->name;
	return "?";
}

/* 0.11 declares --wait with an argument, which means nothing: there is nothing
 * else that a word alone could be. */
static void skip_word(int argc, char **argv)
{
	if (optind < argc && argv[optind][0] != '-')
		optind++;
}

static bool take(struct dfu_util *dfu, int option, int argc, char **argv)
{
	if (option == LONG_WAIT && !optarg)
		skip_word(argc, argv);
	if (is_mode(option)) {
		choose_mode(dfu, option, optarg);
		return true;
	}
	if (take_flag(dfu, option) || take_word(dfu, option, optarg) ||
	    take_number(dfu, option, optarg))
		return true;
	dfu_warn("Something went wrong with the argument of --%s",
		 long_name(option));
	return false;
}

/* Not one of its own, so that no shortened spelling of those gets lost. */
static int take_strict(struct dfu_util *dfu, int argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < argc; i++)
		if (i && strcmp(argv[i], "--strict-compat") == 0)
			dfu->strict = true;
		else
			argv[kept++] = argv[i];
	argv[kept] = NULL;
	return kept;
}

bool dfu_options_parse(struct dfu_util *dfu, int argc, char **argv,
		       int *ret_status)
{
	int option;

	dfu->number = dfu->configuration = dfu->interface = -1;
	argc = take_strict(dfu, argc, argv);
	optind = 1;
	*ret_status = DFU_USAGE;
	while ((option = getopt_long(argc, argv,
				     "hVvleE:d:n:p:c:i:a:S:t:U:Z:D:Rs:wQ",
				     known, NULL)) != -1) {
		if (option == '?' || option == 'h') {
			help(stderr);
			*ret_status = option == 'h' ? DFU_OK : DFU_USAGE;
			return false;
		}
		if (!take(dfu, option, argc, argv))
			return false;
	}
	if (optind != argc) {
		fprintf(stderr, "Error: Unexpected argument: %s\n\n",
			argv[optind]);
		help(stderr);
		return false;
	}
	return true;
}

static bool modifier(struct dfuse_options *to, const char *word)
{
	if (*word == '\0') /* a variable of a script that is empty */
		return true;
	if (strcmp(word, "leave") == 0)
		to->leave = true;
	else if (strcmp(word, "force") == 0)
		to->force = true;
	else if (strcmp(word, "mass-erase") == 0)
		to->mass_erase = true;
	else if (strcmp(word, "unprotect") == 0)
		to->unprotect = true;
	else if (strcmp(word, "will-reset") == 0)
		to->will_reset = true;
	else if (strcmp(word, "fast") != 0) /* it always is */
		return number(word, 0, &to->length);
	return true;
}

/* ADDRESS[:MODIFIER...], the address may be missing. */
bool dfu_options_dfuse(struct dfu_util *dfu)
{
	char words[256], *at = words, *next;

	if (!dfu->dfuse)
		return true;
	dfu->to.given = true;
	(void)snprintf(words, sizeof words, "%s", dfu->dfuse);
	for (unsigned i = 0; at; i++, at = next) {
		next = strchr(at, ':');
		if (next)
			*next++ = '\0';
		if (i == 0 && *at == '\0')
			continue;
		if (i == 0) {
			dfu->to.placed = number(at, 0, &dfu->to.address);
			if (!dfu->to.placed) {
				dfu_warn("Invalid dfuse address: %s", at);
				return false;
			}
		} else if (!modifier(&dfu->to, at)) {
			dfu_warn("Invalid dfuse modifier: %s", at);
			return false;
		}
	}
	if (dfu->to.force || (!dfu->to.mass_erase && !dfu->to.unprotect))
		return true;
	dfu_warn("The %s can only be used with force",
		 dfu->to.unprotect ? "read unprotect command will erase the "
				     "flash memory and"
				   : "mass erase command");
	return false;
}
