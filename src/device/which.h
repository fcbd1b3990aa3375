/* SPDX-License-Identifier: MIT */
#ifndef DEVICE_WHICH_H
#define DEVICE_WHICH_H

/* Which chip an open device is (docs/design.md, "Identification"): decides what
 * is asked next, and what the answers mean. Asks nothing itself. */

#include "chip/candidates.h"
#include "device/open.h"

struct which {
	struct candidates c;	    /* that are left */
	struct candidates all;	    /* by the descriptors alone */
	struct chip_told said;	    /* by the descriptors */
	const struct s0_chip *told; /* by the caller, or NULL */
	size_t next;		    /* of .all, to be asked for its version */
	uint32_t address;	    /* of the version that is asked for now */
	struct told_version version;
	unsigned rom; /* 0: not told */
	bool known;   /* a version that one has at that place */
	/* What is to be said about it. */
	s0_remark_kind kind;
	char remark[320];
};

/*
 * By the descriptors, and by what the caller says.
 * @retval S0_E_UNSUPPORTED  It cannot be what the caller says.
 */
s0_code which_begin(const struct s0_device *device, struct which *which,
		    struct s0_error *err);

/* The size register, as read where that chip has it. */
void which_take_size(struct which *which, const struct s0_chip *at,
		     unsigned kib);

/* Is there another address to be asked for a version? Each is asked once, in
 * the order of the table, until one answers with what a chip has there. */
bool which_next_version(struct which *which);
void which_take_version(struct which *which);

/* No further version is asked for. */
void which_prefer(struct which *which);

/* Have all that are left their unique ID and size where that one has them? */
bool which_asks_alike(const struct which *which, const struct s0_chip *chip);

/* What came of it; .rom and .flash_kib of info are there. */
void which_end(struct which *which, struct s0_device_info *info);

#endif
