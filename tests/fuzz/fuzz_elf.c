/* SPDX-License-Identifier: MIT */
#include "fuzz_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	fuzz_image(S0_FORMAT_ELF, bytes, length);
	return 0;
}
