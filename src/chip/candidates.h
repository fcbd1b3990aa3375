/* SPDX-License-Identifier: MIT */
#ifndef CHIP_CANDIDATES_H
#define CHIP_CANDIDATES_H

/*
 * Which chips a device may be, by what it says of itself (docs/design.md,
 * "Identification"). Several have the same strings; what their registers say
 * narrows it down. Values only: nothing here talks to a device.
 */

#include <sector0/chip.h>

/* What the descriptors say. 0: not told. */
struct chip_told {
	const struct s0_map *map;
	uint16_t vendor, product, bcd_device;
	uint32_t transfer_size;
	const char *first; /* name of alternate setting 0, verbatim; NULL */
};

/* As many as a device tells of (S0_CANDIDATES). */
#define CHIP_CANDIDATES 16

/* Does the chip's bootloader name this memory, under these USB IDs? */
enum chip_fit {
	CHIP_NOT,
	/* A smaller part would, if its bootloader knew that it is one, which is
	 * not known: it takes a bootloader version to say so. */
	CHIP_PERHAPS,
	CHIP_FITS
};
enum chip_fit chip_fits(const struct s0_chip *chip,
			const struct chip_told *told);

/* Those that fit come first; in the order of the table. */
struct candidates {
	const struct s0_chip *chips[CHIP_CANDIDATES];
	size_t count;
	size_t fit; /* so many of them fit */
};

/* Consider one more chip. */
void candidates_add(struct candidates *c, const struct s0_chip *chip,
		    const struct chip_told *told);

/* Among those that were added: where some have its transfer size, or are of its
 * generation of bootloaders, the others are out. */
void candidates_compare(struct candidates *c, const struct chip_told *told);

/* The size register at an address says so. Out are those that would tell
 * theirs there and are not sold with that much, unless nothing is left. */
void candidates_take_size(struct candidates *c, uint32_t address, unsigned kib);

/* The bootloader version at an address. Where some have such a version there,
 * they are what is left, and true is returned. */
bool candidates_take_version(struct candidates *c, uint32_t address,
			     unsigned version);

/* There is nothing more to say for those that may fit: they are out where some
 * do, but for those that have no version which could speak for them. */
void candidates_doubt(struct candidates *c);

/* Where no version says which it is: those that were seen with this very name,
 * blanks and zeros included; and those that name option bytes where it does. */
void candidates_prefer(struct candidates *c, const struct chip_told *told);

/* Is the chip sold with so much flash, as far as is known? */
bool chip_has_size(const struct s0_chip *chip, unsigned kib);

bool candidates_have(const struct candidates *c, const struct s0_chip *chip);

/* "stm32f405, stm32f411 or stm32f412" */
void candidates_print(const struct candidates *c, char *buffer, size_t size);

#endif
