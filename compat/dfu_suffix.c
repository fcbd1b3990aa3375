/* SPDX-License-Identifier: MIT */
/* dfu-suffix's command line: a suffix checked, added, or taken off. */
#include "compat/dfu_suffix.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/os.h"
#include "cli/say.h"
#include "compat/compat.h"

enum { OK = 0, USAGE = 64, DATA = 65, NO_INPUT = 66, SOFTWARE = 70, IO = 74 };

struct job {
	struct app app;
	int mode; /* 'c', 'a', 'D'; 0 */
	const char *path;
	struct dfu_suffix suffix;
};

static void help(void)
{
	fputs("Usage: dfu-suffix [options] ...\n"
	      "  -h --help               this text\n"
	      "  -V --version            the version\n"
	      "  -c --check FILE         show the DFU suffix of a file\n"
	      "  -a --add FILE           add one\n"
	      "  -D --delete FILE        take it off\n"
	      "  -p --pid ID             product, hexadecimal\n"
	      "  -v --vid ID             vendor\n"
	      "  -d --did ID             device\n"
	      "  -S --spec ID            DFU specification, 0100 or 011a\n",
	      stderr);
}

static void warn(const char *text)
{
	fflush(stdout);
	fprintf(stderr, "dfu-suffix: %s\n", text);
}

static int failed(struct job *job, struct s0_error *err, int status)
{
	fflush(stdout);
	say_error(&job->app, err);
	return status;
}

static int write_file(struct job *job, const void *bytes, size_t length,
		      const void *more, size_t more_length)
{
	struct s0_error err = S0_ERROR_INIT;
	struct output output;
	s0_code code = os_begin_output(job->path, &output, &err);

	if (code != S0_OK)
		return failed(job, &err, IO);
	if (!os_append(&output, bytes, length) ||
	    !os_append(&output, more, more_length))
		code = os_fail_output(&output, &err);
	if (os_end_output(&output, code == S0_OK, &err) != S0_OK)
		code = err.code;
	return code == S0_OK ? OK : failed(job, &err, IO);
}

static void show(const struct job *job, const struct dfu_suffix *suffix)
{
	printf("The file %s contains a DFU suffix with the following "
	       "properties:\n"
	       "BCD device:\t0x%04X\nProduct ID:\t0x%04X\n"
	       "Vendor ID:\t0x%04X\nBCD DFU:\t0x%04X\n"
	       "Length:\t\t%u\nCRC:\t\t0x%08X\n",
	       job->path, suffix->device, suffix->product, suffix->vendor,
	       suffix->version, suffix->length, suffix->crc);
}

static int add(struct job *job, const struct blob *blob)
{
	uint8_t bytes[DFU_SUFFIX_SIZE];
	int status;

	dfu_suffix_make(&job->suffix, blob->bytes, blob->length, bytes);
	status =
		write_file(job, blob->bytes, blob->length, bytes, sizeof bytes);
	if (status == OK)
		puts("Suffix successfully added to file");
	return status;
}

static int work_on(struct job *job, const struct blob *blob)
{
	struct dfu_suffix found;
	const char *wrong = dfu_suffix_read(blob->bytes, blob->length, &found);
	int status;

	if (job->mode == 'a') {
		if (wrong)
			return add(job, blob);
		warn("Please remove existing DFU suffix before adding a new "
		     "one.\n");
		return DATA;
	}
	if (wrong) {
		warn(wrong);
		warn("Valid DFU suffix needed");
		return DATA;
	}
	if (job->mode == 'c') {
		show(job, &found);
		return OK;
	}
	status = write_file(job, blob->bytes, blob->length - found.length, NULL,
			    0);
	if (status == OK)
		puts("Suffix successfully removed from file");
	return status;
}

static int run(struct job *job)
{
	struct s0_error err = S0_ERROR_INIT;
	struct blob blob = { 0 };
	char text[512];
	int status;

	if (!job->mode) {
		fputs("You need to specify a filename\n", stderr);
		help();
		return USAGE;
	}
	if (os_read_file(job->path, &blob, &err) != S0_OK) {
		(void)snprintf(text, sizeof text,
			       "Could not open file %s for reading", job->path);
		warn(text);
		(void)snprintf(text, sizeof text, "%s/.", job->path);
		return failed(job, &err, os_exists(text) ? SOFTWARE : NO_INPUT);
	}
	status = work_on(job, &blob);
	os_free_blob(&blob);
	return status;
}

/* In hexadecimal, with 0x or without. */
static bool take_id(const char *text, uint16_t *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, 16);

	if (end == text || *end || value > DFU_ANY_ID || *text == '-') {
		fprintf(stderr,
			"dfu-suffix: '%s' is no ID: 0 to ffff, hexadecimal\n",
			text);
		return false;
	}
	*ret = (uint16_t)value;
	return true;
}

static bool is_version(uint16_t version)
{
	if (version == 0x0100 || version == DFU_SUFFIX_DFUSE)
		return true;
	warn("Only DFU specification 0x0100 and 0x011a supported");
	return false;
}

static bool take(struct job *job, int option, char *value)
{
	switch (option) {
	case 'p':
		return take_id(value, &job->suffix.product);
	case 'v':
		return take_id(value, &job->suffix.vendor);
	case 'd':
		return take_id(value, &job->suffix.device);
	case 'S':
		return take_id(value, &job->suffix.version) &&
		       is_version(job->suffix.version);
	default:
		job->mode = option;
		job->path = value;
		return true;
	}
}

static const struct option known[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "check", required_argument, NULL, 'c' },
	{ "add", required_argument, NULL, 'a' },
	{ "delete", required_argument, NULL, 'D' },
	{ "pid", required_argument, NULL, 'p' },
	{ "vid", required_argument, NULL, 'v' },
	{ "did", required_argument, NULL, 'd' },
	{ "spec", required_argument, NULL, 'S' },
	{ NULL, 0, NULL, 0 },
};

static int take_all(struct job *job, int argc, char **argv)
{
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "hVc:a:D:p:v:d:S:", known,
				     NULL)) != -1) {
		if (option == 'h' || option == '?') {
			help();
			return option == 'h' ? OK : USAGE;
		}
		if (option == 'V')
			return OK;
		if (!take(job, option, optarg))
			return USAGE;
	}
	return run(job);
}

int dfu_suffix_main(int argc, char **argv)
{
	struct job job = { .suffix = { .device = DFU_ANY_ID,
				       .product = DFU_ANY_ID,
				       .vendor = DFU_ANY_ID,
				       .version = 0x0100 } };
	int status;

	printf("dfu-suffix 0.11\n\nThis is sector0 %s in its place\n\n",
	       s0_version());
	status = take_all(&job, argc, argv);
	app_close(&job.app);
	if (!os_flush(stdout) && status == OK)
		status = IO;
	return status;
}
