/* SPDX-License-Identifier: MIT */
#ifndef COMPAT_DFU_SUFFIX_H
#define COMPAT_DFU_SUFFIX_H

/* The suffix of a firmware file: "Universal Serial Bus Device Class
 * Specification for Device Firmware Upgrade", version 1.1, appendix B. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DFU_SUFFIX_SIZE 16u
#define DFU_ANY_ID	0xffffu
/* Its version number in ST's container. */
#define DFU_SUFFIX_DFUSE 0x011au

struct dfu_suffix {
	uint16_t device, product, vendor; /* DFU_ANY_ID: any */
	uint16_t version;		  /* of the specification */
	uint8_t length;			  /* of the suffix, bytes */
	uint32_t crc;
};

/* The suffix at the end of a file. NULL: it is whole and right; else what is
 * wrong with it, in dfu-util's words. */
const char *dfu_suffix_read(const void *bytes, size_t length,
			    struct dfu_suffix *ret_suffix);

/* Is there one, though its sum may be wrong? */
bool dfu_suffix_is_there(const void *bytes, size_t length);

/* The suffix for a file of these bytes; its length and sum are filled in. */
void dfu_suffix_make(struct dfu_suffix *suffix, const void *bytes,
		     size_t length, uint8_t ret_bytes[DFU_SUFFIX_SIZE]);

#endif
