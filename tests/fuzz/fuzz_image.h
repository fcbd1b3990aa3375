/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_IMAGE_H
#define FUZZ_IMAGE_H

/* What the targets of the firmware formats share. */

#include <stddef.h>
#include <stdint.h>

#include <sector0/image.h>

/*
 * Read bytes as a format. If they are good, write them in every format, read
 * that back, and stop hard if a byte got lost.
 */
void fuzz_image(s0_format format, const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
