/* SPDX-License-Identifier: MIT */
/* dfu-util -D, and what -s does without a file. */
#include <stdio.h>
#include <string.h>

#include "cli/os.h"
#include "cli/say.h"
#include "compat/dfu_util.h"

static int status_of(const struct s0_error *err)
{
	switch (err->code) {
	case S0_E_OUTSIDE:
	case S0_E_USAGE:
	case S0_E_EMPTY:
		return DFU_USAGE;
	case S0_E_FORMAT:
	case S0_E_OVERLAP:
		return 65; /* EX_DATAERR */
	case S0_E_MEMORY:
		return DFU_SOFTWARE;
	case S0_E_PROTOCOL:
		return DFU_PROTOCOL;
	default:
		return DFU_IO;
	}
}

int dfu_failed(struct dfu_util *dfu, struct s0_error *err)
{
	dfu_bar_end(dfu);
	if (err->code == S0_E_OUTSIDE && dfu->download)
		dfu_warn("Last page at 0x%08x is not writeable", err->address);
	else if (err->code == S0_E_OUTSIDE)
		dfu_warn("Page at 0x%08x is not readable", err->address);
	(void)fflush(stdout);
	say_error(&dfu->app, err);
	return status_of(err);
}

/* The last 16 bytes of a file that was made for dfu-util ("UFD" at 8). */
static uint32_t suffix_of(const struct blob *blob)
{
	const uint8_t *bytes = blob->bytes;

	if (blob->length < 16 ||
	    memcmp(bytes + blob->length - 8, "UFD", 3) != 0)
		return 0;
	return bytes[blob->length - 5];
}

static bool is_dfuse(const struct blob *blob)
{
	return blob->length >= 11 && memcmp(blob->bytes, "DfuSe", 5) == 0;
}

static int read_image(struct dfu_util *dfu, const struct blob *blob,
		      struct s0_image *image)
{
	struct s0_image_file file = {
		.name = strcmp(dfu->download, "-") ? dfu->download
						   : "standard input",
		.bytes = blob->bytes,
		.length = blob->length,
		.address = dfu->to.address,
	};
	struct s0_image_read_options how = { .format = S0_FORMAT_AUTO };
	struct s0_error err = S0_ERROR_INIT;
	s0_format found = s0_image_recognise(&file);

	dfu->dfuse_file = is_dfuse(blob);
	if (!dfu->dfuse_file) {
		uint32_t suffix = suffix_of(blob);

		file.length -= suffix <= file.length ? suffix : 0;
		/* Nobody wants the text of a HEX file in flash. */
		if (found != S0_FORMAT_BIN && dfu->to.placed) {
			dfu_warn("%s is %s, which names its own addresses: "
				 "leave the address of -s out",
				 file.name, s0_format_name(found));
			return DFU_USAGE;
		}
		if (found == S0_FORMAT_BIN && !dfu->to.placed) {
			dfu_warn("Only DfuSe file version 1.1a is supported");
			dfu_warn("(for raw binary download, use the "
				 "--dfuse-address option)");
			return DFU_USAGE;
		}
		how.format = found;
	}
	if (s0_image_read(image, &file, &how, &err) != S0_OK)
		return dfu_failed(dfu, &err);
	dfu->image_bytes = s0_image_size(image);
	return DFU_OK;
}

/* Programs go by "Downloading element" and by "Download done.". */
static void tell_elements(const struct dfu_util *dfu,
			  const struct s0_image *image)
{
	size_t count = s0_image_piece_count(image);

	if (dfu->dfuse_file)
		printf("File contains 1 DFU images\nParsing DFU image 1\n"
		       "Image for alternate setting 0, (%zu elements, total "
		       "size = %llu)\n",
		       count,
		       (unsigned long long)dfu->image_bytes + 8ull * count);
	for (size_t i = 0; i < count; i++) {
		struct s0_piece piece = s0_image_piece(image, i);

		if (dfu->dfuse_file)
			printf("Parsing element %zu, address = 0x%08x, size = "
			       "%u\n",
			       i + 1, piece.address, piece.length);
		else
			printf("Downloading element to address = 0x%08x, size "
			       "= %u\n",
			       piece.address, piece.length);
	}
}

static int write_image(struct dfu_util *dfu, const struct s0_image *image)
{
	const struct dfuse_options *to = &dfu->to;
	struct s0_policy policy = {
		.erase = to->mass_erase ? S0_ERASE_ALL : S0_ERASE_NEEDED,
		.write_ram = to->force,
		.start = to->leave,
		.start_address = to->placed ? to->address : 0,
	};
	struct s0_result result = { 0 };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	s0_code code =
		s0_session_plan(dfu->app.session, image, &policy, &plan, &err);

	if (code == S0_OK)
		code = s0_plan_warnings(plan, say_warning, &dfu->app, &err);
	if (code == S0_OK && to->mass_erase)
		puts("Performing mass erase, this can take a moment");
	if (code == S0_OK)
		tell_elements(dfu, image);
	if (code == S0_OK)
		code = s0_session_run(dfu->app.session, plan, &result, &err);
	s0_plan_free(plan);
	if (code != S0_OK)
		return dfu_failed(dfu, &err);
	dfu_bar_end(dfu);
	if (result.skipped_bytes && !result.written_bytes) {
		puts("Nothing to write: the device holds these bytes already");
		puts("Download done.");
	}
	puts(dfu->dfuse_file ? "Done parsing DfuSe file"
			     : "File downloaded successfully");
	if (dfu->reset && !result.started)
		dfu_warn("-R: no USB reset is made; ':leave' starts the "
			 "firmware");
	if (result.started)
		puts("Submitting leave request...\n"
		     "Transitioning to dfuMANIFEST state");
	/* It calls a device that left without a word a failure. */
	if (result.started && result.start_silent && dfu->strict) {
		dfu_warn("Error during download get_status");
		return DFU_IO;
	}
	return DFU_OK;
}

static int unprotect(struct dfu_util *dfu)
{
	struct s0_unprotection done;
	struct s0_error err = S0_ERROR_INIT;

	puts("Device disconnects, erases flash and resets now");
	return s0_session_unprotect(dfu->app.session, &done, NULL, &err) ==
			       S0_OK
		       ? DFU_OK
		       : dfu_failed(dfu, &err);
}

int dfu_leave(struct dfu_util *dfu)
{
	struct s0_result result = { 0 };
	struct s0_error err = S0_ERROR_INIT;

	puts("Submitting leave request...");
	if (s0_session_start(dfu->app.session,
			     dfu->to.placed ? dfu->to.address : 0, &result,
			     &err) != S0_OK)
		return dfu_failed(dfu, &err);
	puts("Transitioning to dfuMANIFEST state");
	if (!result.start_silent || !dfu->strict)
		return DFU_OK;
	dfu_warn("Error during download get_status");
	return DFU_IO;
}

/* -s alone: its modifiers are commands. */
static int command_mode(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;

	if (dfu->to.unprotect)
		return unprotect(dfu);
	if (dfu->to.mass_erase) {
		puts("Performing mass erase, this can take a moment");
		if (s0_session_erase(dfu->app.session, 0, 0, NULL, &err) !=
		    S0_OK)
			return dfu_failed(dfu, &err);
	}
	puts("DfuSe command mode");
	return dfu->to.leave ? dfu_leave(dfu) : DFU_OK;
}

static int with_file(struct dfu_util *dfu, const struct blob *blob)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *image = NULL;
	int status = dfu_open(dfu);

	if (status == DFU_OK && dfu->to.unprotect)
		return unprotect(dfu);
	if (status == DFU_OK && s0_image_new(&image, &err) != S0_OK)
		status = dfu_failed(dfu, &err);
	if (status == DFU_OK)
		status = read_image(dfu, blob, image);
	if (status == DFU_OK)
		status = write_image(dfu, image);
	s0_image_free(image);
	return status;
}

int dfu_download(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	struct blob blob = { 0 };
	int status;

	if (!dfu->download) {
		status = dfu_open(dfu);
		return status == DFU_OK ? command_mode(dfu) : status;
	}
	if (os_read_file(dfu->download, &blob, &err) != S0_OK) {
		dfu_warn("Could not open file %s for reading", dfu->download);
		say_error(&dfu->app, &err);
		return DFU_NO_INPUT;
	}
	status = with_file(dfu, &blob);
	os_free_blob(&blob);
	return status;
}
