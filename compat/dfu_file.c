/* SPDX-License-Identifier: MIT */
/* The file of dfu-util -D: what it is, and whether it is for this device. */
#include "compat/dfu_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/failure.h"
#include "cli/say.h"

/* Something of this kind is refused; or, with the original's statuses, said
 * and done all the same as it does. */
static bool tolerated(const struct dfu_util *dfu)
{
	return dfu->strict;
}

static bool is_dfuse(const struct blob *blob)
{
	return blob->length >= 5 && memcmp(blob->bytes, "DfuSe", 5) == 0;
}

/* The original takes a container without a right suffix for raw bytes. */
static bool strict_raw(const struct dfu_util *dfu)
{
	return dfu->strict && dfu->to.placed;
}

static int damaged(struct dfu_util *dfu, const struct dfu_file *file,
		   const char *wrong)
{
	struct s0_error err = S0_ERROR_INIT;

	(void)fail(&err, S0_E_FORMAT,
		   "%s: its DFU suffix is wrong: the file is damaged",
		   file->name);
	add_hint(&err, "get it again, or make it again");
	dfu_warn("Warning: %s", wrong);
	say_error(&dfu->app, &err);
	return DFU_DATA;
}

/* Those of -d count, where they are given. */
static void tell_ids(const struct dfu_suffix *suffix)
{
	if (suffix->vendor != DFU_ANY_ID)
		printf("Match vendor ID from file: %04x\n", suffix->vendor);
	if (suffix->product != DFU_ANY_ID)
		printf("Match product ID from file: %04x\n", suffix->product);
}

static int take_suffix(struct dfu_util *dfu, struct dfu_file *file)
{
	const struct blob *blob = &file->blob;
	const char *wrong =
		dfu_suffix_read(blob->bytes, blob->length, &file->suffix);

	file->length = blob->length;
	file->has_suffix = !wrong;
	file->dfuse = is_dfuse(blob) && (!wrong || !strict_raw(dfu));
	if (!wrong)
		file->length -= file->suffix.length;
	else if (file->dfuse || tolerated(dfu))
		dfu_warn("Warning: %s", wrong);
	else if (dfu_suffix_is_there(blob->bytes, blob->length))
		return damaged(dfu, file, wrong);
	if (!dfu->device && file->has_suffix)
		tell_ids(&file->suffix);
	return DFU_OK;
}

int dfu_file_read(struct dfu_util *dfu, struct dfu_file *file)
{
	struct s0_error err = S0_ERROR_INIT;
	char inside[4096];

	file->name =
		strcmp(dfu->download, "-") ? dfu->download : "standard input";
	if (os_read_file(dfu->download, &file->blob, &err) == S0_OK)
		return take_suffix(dfu, file);
	dfu_warn("Could not open file %s for reading", dfu->download);
	(void)fflush(stdout);
	say_error(&dfu->app, &err);
	(void)snprintf(inside, sizeof inside, "%s/.", dfu->download);
	return *dfu->download && os_exists(inside) ? DFU_SOFTWARE
						   : DFU_NO_INPUT;
}

void dfu_file_free(struct dfu_file *file)
{
	s0_image_free(file->image);
	os_free_blob(&file->blob);
}

static bool fits(uint16_t id, unsigned long device)
{
	return id == DFU_ANY_ID || id == device;
}

/* The IDs of the firmware may be in the suffix, too: those before the comma of
 * -d. */
static bool is_for(const struct dfu_util *dfu, const struct dfu_suffix *suffix,
		   uint16_t vendor, uint16_t product)
{
	const char *colon = dfu->device ? strchr(dfu->device, ':') : NULL;

	if (fits(suffix->vendor, vendor) && fits(suffix->product, product))
		return true;
	if (dfu->detached && fits(suffix->vendor, dfu->runtime_vendor) &&
	    fits(suffix->product, dfu->runtime_product))
		return true;
	return colon && *dfu->device != ',' &&
	       fits(suffix->vendor, strtoul(dfu->device, NULL, 16)) &&
	       fits(suffix->product, strtoul(colon + 1, NULL, 16));
}

int dfu_file_check_device(struct dfu_util *dfu, const struct dfu_file *file,
			  uint16_t vendor, uint16_t product)
{
	struct s0_error err = S0_ERROR_INIT;

	if (!file->has_suffix || is_for(dfu, &file->suffix, vendor, product))
		return DFU_OK;
	if (tolerated(dfu) && !dfu->device)
		return DFU_OK;
	dfu_warn("Error: File ID %04x:%04x does not match device (%04x:%04x)",
		 file->suffix.vendor, file->suffix.product, vendor, product);
	(void)fail_usage(&err, "%s is for another device, by its suffix",
			 file->name);
	add_hint(&err,
		 "where those are the IDs of the board's firmware, name them: "
		 "-d %04x:%04x,%04x:%04x",
		 file->suffix.vendor, file->suffix.product, vendor, product);
	say_error(&dfu->app, &err);
	return DFU_USAGE;
}

static int only_dfuse(void)
{
	dfu_warn("Only DfuSe file version 1.1a is supported");
	dfu_warn("(for raw binary download, use the --dfuse-address option)");
	return DFU_USAGE;
}

/* What -s says, and what the file is, go together? */
static int check_kind(struct dfu_util *dfu, struct dfu_file *file,
		      s0_format found)
{
	bool suffix_11a =
		file->has_suffix && file->suffix.version == DFU_SUFFIX_DFUSE;
	bool whole = file->dfuse && suffix_11a;

	if (file->dfuse && !file->has_suffix)
		return only_dfuse();
	if (dfu->to.placed && suffix_11a) {
		dfu_warn("This is a DfuSe file, not meant for raw download");
		return DFU_USAGE;
	}
	if (!dfu->to.placed && !whole &&
	    (found == S0_FORMAT_BIN || found == S0_FORMAT_DFUSE))
		return only_dfuse();
	if (!whole && found != S0_FORMAT_BIN && found != S0_FORMAT_DFUSE &&
	    dfu->to.placed) {
		/* Nobody wants the text of a HEX file in flash. */
		dfu_warn("%s is %s, which names its own addresses: leave the "
			 "address of -s out",
			 file->name, s0_format_name(found));
		return DFU_USAGE;
	}
	return DFU_OK;
}

static void warn_line(void *payload, const char *line)
{
	(void)payload;
	dfu_warn("%s", line);
}

static int read_image(struct dfu_util *dfu, struct dfu_file *file,
		      s0_format found)
{
	struct s0_image_file from = {
		.name = file->name,
		.bytes = file->blob.bytes,
		.length = file->dfuse ? file->blob.length : file->length,
		.address = dfu->to.address,
	};
	/* The suffix is whole, so bytes are: its tool has counted wrong. */
	struct s0_image_read_options how = { .format = found,
					     .ignore_checksums = file->dfuse,
					     .warn = warn_line };
	struct s0_error err = S0_ERROR_INIT;
	s0_code code = s0_image_new(&file->image, &err);

	if (code == S0_OK)
		code = s0_image_read(file->image, &from, &how, &err);
	if (code == S0_OK)
		return DFU_OK;
	(void)dfu_failed(dfu, &err);
	return code == S0_E_MEMORY ? DFU_SOFTWARE : DFU_DATA;
}

int dfu_file_parse(struct dfu_util *dfu, struct dfu_file *file)
{
	struct s0_image_file from = { .name = file->name,
				      .bytes = file->blob.bytes,
				      .length = file->length };
	s0_format found = s0_image_recognise(&from);
	const struct s0_device_info *info = s0_device_info(dfu->app.device);
	int status =
		dfu_file_check_device(dfu, file, info->vendor, info->product);

	if (status == DFU_OK)
		status = check_kind(dfu, file, found);
	if (status != DFU_OK)
		return status;
	file->dfuse &= file->suffix.version == DFU_SUFFIX_DFUSE;
	if (file->dfuse)
		found = S0_FORMAT_DFUSE;
	else if (found == S0_FORMAT_DFUSE)
		found = S0_FORMAT_BIN;
	status = read_image(dfu, file, found);
	if (status == DFU_OK && file->dfuse &&
	    s0_image_segment_count(file->image) == 0) {
		dfu_warn("File too small for a DfuSe file");
		return DFU_DATA;
	}
	return status;
}
