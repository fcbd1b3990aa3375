/* SPDX-License-Identifier: MIT */
#ifndef COMPAT_DFU_ELEMENT_H
#define COMPAT_DFU_ELEMENT_H

#include "compat/dfu_file.h"

/* Where a part of a file goes. */
enum dfu_way {
	DFU_SKIPPED, /* its alternate setting is not there, or not chosen */
	DFU_FLASH,
	DFU_OPTIONS
};

/* The number of the alternate setting that was chosen. */
uint8_t dfu_alternate(const struct dfu_util *dfu);
/* The alternate setting that a part of a file is for. */
uint8_t dfu_element_alternate(const struct dfu_util *dfu,
			      const struct dfu_file *file,
			      const struct s0_segment *element);
/* Can all of it go to its alternate setting? Says why not. */
int dfu_element_check(struct dfu_util *dfu, const struct dfu_file *file,
		      const struct s0_segment *element, enum dfu_way *ret_way);
/* Do all bytes of a range belong to an alternate setting and allow that? */
bool dfu_range_is_in(const struct dfu_util *dfu, uint8_t alternate,
		     unsigned can, uint32_t address, uint32_t length,
		     uint32_t *ret_bad);

/* Say what goes where, in the original's words. */
void dfu_tell_elements(const struct dfu_util *dfu, const struct dfu_file *file);

/* dfu_option.c: may these bytes be written there? */
int dfu_option_check(struct dfu_util *dfu, uint32_t address,
		     const uint8_t *bytes, uint32_t length);
/* Write them, and prove that they are there. */
int dfu_option_write(struct dfu_util *dfu, uint32_t address,
		     const uint8_t *bytes, uint32_t length);

#endif
