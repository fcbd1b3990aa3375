/* SPDX-License-Identifier: MIT */
/* dfu-util -D, -U and -R of plain DFU. */
#include <stdio.h>
#include <string.h>

#include "cli/failure.h"
#include "cli/os.h"
#include "cli/say.h"
#include "compat/dfu_file.h"

/* Its statuses where a reset took the device away, as it should. */
#define STRICT_MANIFESTED DFU_IO
#define STRICT_RESET	  251

#define GETSTATUS 3

static void on_progress(void *payload, const struct s0_progress *progress)
{
	struct dfu_util *dfu = payload;

	if (os_stopped())
		s0_dfu11_cancel(dfu->plain);
	dfu_bar(dfu, progress);
}

/* Nobody knows how much will come, unless -Z says so: 99 percent until it has
 * come. */
static void on_upload(void *payload, const struct s0_progress *progress)
{
	struct dfu_util *dfu = payload;
	struct s0_progress shown = *progress;

	shown.total = dfu->upload_size;
	if (!shown.total || shown.total < shown.done)
		shown.total =
			shown.done + (shown.done < 100 ? 1 : shown.done / 100);
	on_progress(dfu, &shown);
}

/* In words that name the code as libusb does: programs look for them. */
static int transfer_failed(struct dfu_util *dfu, const char *what,
			   struct s0_error *err)
{
	char words[128];
	const char *code = err->code == S0_E_GONE ? "LIBUSB_ERROR_NO_DEVICE"
			   : err->code == S0_E_TIMEOUT ? "LIBUSB_ERROR_TIMEOUT"
			   : err->code == S0_E_REFUSED ? "LIBUSB_ERROR_PIPE"
						       : NULL;

	(void)snprintf(words, sizeof words, "%s%s%s%s", what, code ? " (" : "",
		       code ? code : "", code ? ")" : "");
	return dfu_plain_failed(dfu, words, err);
}

/* Reset it, to have it start its firmware: that it leaves is what is meant. */
static int reset(struct dfu_util *dfu, const char *why, int strict,
		 bool *ret_left)
{
	struct s0_error err = S0_ERROR_INIT;
	s0_code code;

	puts(why);
	(void)fflush(stdout);
	code = s0_dfu11_reset(dfu->plain, &err);
	*ret_left = code == S0_E_GONE;
	if (code == S0_E_GONE)
		return dfu->strict ? strict : DFU_OK;
	return code == S0_OK ? DFU_OK
			     : dfu_plain_failed(dfu,
						"error resetting after "
						"download",
						&err);
}

/* DFU mode has no place for DETACH; some bootloaders leave by it. */
int dfu_plain_stay(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	s0_code code = s0_dfu11_ask_detach(dfu->plain, &err);

	if (code != S0_OK)
		dfu_warn("can't detach");
	if (code != S0_E_REFUSED)
		return DFU_OK;
	s0_dfu11_set_told(dfu->plain, NULL, NULL);
	return s0_dfu11_settle(dfu->plain, NULL) == S0_OK ? DFU_OK : DFU_IO;
}

static int reset_if_asked(struct dfu_util *dfu)
{
	bool left;

	if (!dfu->reset)
		return DFU_OK;
	(void)dfu_plain_stay(dfu);
	return reset(dfu, "Resetting USB to switch back to Run-Time mode",
		     STRICT_RESET, &left);
}

static int end_download(struct dfu_util *dfu, s0_dfu11_end end)
{
	bool left = end == S0_DFU11_LEFT;
	int status = left && dfu->strict ? STRICT_MANIFESTED : DFU_OK;

	dfu_bar_end(dfu);
	if (end == S0_DFU11_WAITS)
		status = reset(dfu,
			       "Resetting USB to switch back to runtime mode",
			       STRICT_MANIFESTED, &left);
	if (status == DFU_OK || left)
		puts("Done!");
	return status == DFU_OK && !left ? reset_if_asked(dfu) : status;
}

/* ST's container, or what says that it has addresses. */
static int is_dfuse(struct dfu_util *dfu, const struct dfu_file *file)
{
	struct s0_error err = S0_ERROR_INIT;

	(void)fail(&err, S0_E_UNSUPPORTED,
		   "%s is a DfuSe file, and the device has no addresses",
		   file->name);
	return dfu_plain_failed(dfu, "Failed to parse memory layout", &err);
}

/* The standard wants a suffix, which would be no part of the firmware. */
static int check_file(struct dfu_util *dfu, const struct dfu_file *file)
{
	const struct s0_dfu11_info *info = s0_dfu11_info(dfu->plain);
	struct dfu_suffix suffix;

	if (file->dfuse ||
	    (file->has_suffix && file->suffix.version == DFU_SUFFIX_DFUSE))
		return is_dfuse(dfu, file);
	if (!file->has_suffix) {
		if (!dfu->strict) /* else it was said */
			dfu_warn("Warning: %s",
				 dfu_suffix_read(file->blob.bytes,
						 file->blob.length, &suffix));
		dfu_warn("A valid DFU suffix will be required in a future "
			 "dfu-util release");
	}
	return dfu_file_check_device(dfu, file, info->vendor, info->product);
}

static int send(struct dfu_util *dfu, const struct dfu_file *file)
{
	struct s0_error err = S0_ERROR_INIT;
	s0_dfu11_end end;

	puts("Copying data from PC to DFU device");
	/* Nothing is erased that could be told of. */
	dfu->bar.erased = true;
	dfu->image_bytes = dfu->write_bytes = file->length;
	s0_dfu11_set_progress(dfu->plain, on_progress, dfu);
	if (s0_dfu11_download(dfu->plain, file->blob.bytes, file->length, &end,
			      &err) == S0_OK)
		return end_download(dfu, end);
	if (!dfu->bar.open) /* the status said it */
		return dfu_plain_failed(dfu, NULL, &err);
	return transfer_failed(dfu,
			       err.request == GETSTATUS
				       ? "Error during download get_status"
				       : "Error during download",
			       &err);
}

int dfu_plain_download(struct dfu_util *dfu, const struct dfu_file *file)
{
	int status = check_file(dfu, file);

	return status == DFU_OK ? send(dfu, file) : status;
}

static int end_upload(struct dfu_util *dfu, uint64_t bytes)
{
	if (dfu->upload_size && dfu->upload_size != bytes)
		dfu_warn("Unexpected number of bytes uploaded from device");
	return reset_if_asked(dfu);
}

/* It keeps the empty file, and returns 0. */
static int nothing_came(struct dfu_util *dfu, struct output *output)
{
	struct s0_error err = S0_ERROR_INIT;
	s0_code code = os_end_output(output, dfu->strict, &err);

	if (code == S0_OK && dfu->strict)
		return end_upload(dfu, 0);
	(void)fail(&err, S0_E_UNSUPPORTED,
		   "the device gave no bytes: there is nothing to keep in %s",
		   dfu->upload);
	add_hint(&err, "'-l' shows what memories it has; -a chooses one");
	return dfu_plain_failed(dfu, NULL, &err);
}

static int receive(struct dfu_util *dfu, struct output *output)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_progress done = { .stage = S0_STAGE_READ };
	s0_code code;

	puts("Copying data from DFU device to PC");
	s0_dfu11_set_progress(dfu->plain, on_upload, dfu);
	code = s0_dfu11_upload(dfu->plain, 0, os_write, output, &done.done,
			       &err);
	if (code == S0_E_FILE) {
		err = (struct s0_error)S0_ERROR_INIT;
		code = os_fail_output(output, &err);
	}
	if (!done.done) {
		puts("\nFailed.");
		dfu->bar.open = false;
	}
	if (code == S0_OK && !done.done)
		return nothing_came(dfu, output);
	dfu->bar.total = done.done;
	if (os_end_output(output, code == S0_OK, &err) != S0_OK)
		code = err.code;
	if (code != S0_OK)
		return transfer_failed(dfu, "Error during upload", &err);
	dfu_bar_end(dfu);
	printf("Received a total of %llu bytes\n",
	       (unsigned long long)done.done);
	return end_upload(dfu, done.done);
}

int dfu_plain_upload(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	struct output output;

	if (dfu_begin_upload(dfu, &output, &err) == S0_OK)
		return receive(dfu, &output);
	dfu_warn("Cannot open file %s for writing", dfu->upload);
	say_error(&dfu->app, &err);
	return DFU_CANNOT_CREATE;
}
