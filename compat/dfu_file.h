/* SPDX-License-Identifier: MIT */
#ifndef COMPAT_DFU_FILE_H
#define COMPAT_DFU_FILE_H

#include "cli/os.h"
#include "compat/dfu_suffix.h"
#include "compat/dfu_util.h"

/* A firmware file. */
struct dfu_file {
	const char *name; /* for people */
	struct blob blob;
	size_t length;	 /* of its bytes without a suffix */
	bool has_suffix; /* one that is right */
	struct dfu_suffix suffix;
	bool dfuse; /* ST's container, that names addresses */
	struct s0_image *image;
};

/* Read it, and judge its suffix; no device is needed. To be freed, failed or
 * not. */
int dfu_file_read(struct dfu_util *dfu, struct dfu_file *file);
/* Is it for a device with these IDs in DFU mode? */
int dfu_file_check_device(struct dfu_util *dfu, const struct dfu_file *file,
			  uint16_t vendor, uint16_t product);
/* Is it for the device that was opened? .image is filled. */
int dfu_file_parse(struct dfu_util *dfu, struct dfu_file *file);
void dfu_file_free(struct dfu_file *file);

#endif
