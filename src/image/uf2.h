/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_UF2_H
#define IMAGE_UF2_H

/* UF2 blocks (microsoft/uf2, README.md): 512 bytes, little-endian. */

#define UF2_MAGIC_0   0x0a324655u /* "UF2\n" */
#define UF2_MAGIC_1   0x9e5d5157u
#define UF2_MAGIC_END 0x0ab16f30u

enum { UF2_BLOCK = 512, UF2_PAYLOAD_MAXIMUM = 476, UF2_PAYLOAD = 256 };

enum {
	UF2_AT_MAGIC_1 = 4,
	UF2_AT_FLAGS = 8,
	UF2_AT_ADDRESS = 12,
	UF2_AT_SIZE = 16,
	UF2_AT_NUMBER = 20,
	UF2_AT_TOTAL = 24,
	UF2_AT_FAMILY = 28,
	UF2_AT_DATA = 32,
	UF2_AT_MAGIC_END = 508
};

enum {
	UF2_NOT_MAIN_FLASH = 0x0001,
	UF2_FILE_CONTAINER = 0x1000,
	UF2_HAS_FAMILY = 0x2000
};

#endif
