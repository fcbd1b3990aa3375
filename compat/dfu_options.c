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
	      "  -E --detach-delay SECONDS   taken, not needed\n"
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
	      "  -Z --upload-size BYTES      how much is expected\n"
	      "  -D --download FILE          program a file, '-': standard "
	      "input\n"
	      "  -R --reset                  reset the USB device at the end\n"
	      "  -w --wait                   wait for the device\n"
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

static bool wrong(const char *format, const char *word, int *ret_status)
{
	dfu_warn(format, word);
	*ret_status = DFU_USAGE;
	return false;
}

enum { LONG_STRICT = 256 };

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
	{ "wait", no_argument, NULL, 'w' },
	{ "strict-compat", no_argument, NULL, LONG_STRICT },
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

static bool take_flag(struct dfu_util *dfu, int option)
{
	switch (option) {
	case 'h':
		dfu->help = true;
		return true;
	case 'V':
		dfu->version = true;
		return true;
	case 'v':
		dfu->verbose++;
		return true;
	case 'l':
		dfu->list = true;
		return true;
	case 'e':
		dfu->detach = true;
		return true;
	case 'R':
		dfu->reset = true;
		return true;
	case 'w':
		dfu->wait = true;
		return true;
	case LONG_STRICT:
		dfu->strict = true;
		return true;
	default:
		return false;
	}
}

static bool take_value(struct dfu_util *dfu, int option, const char *value)
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
	case 'U':
		dfu->upload = value;
		return true;
	case 'D':
		dfu->download = value;
		return true;
	case 's':
		dfu->dfuse = value;
		return true;
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
	default: /* -E: the wait ends when the device is back */
		return true;
	}
}

bool dfu_options_parse(struct dfu_util *dfu, int argc, char **argv,
		       int *ret_status)
{
	int option;

	dfu->number = dfu->configuration = dfu->interface = -1;
	optind = 1;
	*ret_status = DFU_USAGE;
	while ((option = getopt_long(argc, argv,
				     "hVvleE:d:n:p:c:i:a:S:t:U:Z:D:Rs:w", known,
				     NULL)) != -1) {
		if (option == '?') {
			help(stderr);
			return false;
		}
		if (!take_flag(dfu, option) && !take_value(dfu, option, optarg))
			return wrong("'%s' is no number", optarg, ret_status);
	}
	if (dfu->help) {
		help(stderr);
		*ret_status = DFU_OK;
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
