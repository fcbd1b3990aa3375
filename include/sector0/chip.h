/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_CHIP_H
#define SECTOR0_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>
#include <sector0/map.h>
#include <sector0/option.h>

/**
 * @file
 * What is known about a chip without asking it. All of it is const data,
 * compiled from the text files in chips/, where every value names its source.
 */

S0_BEGIN_DECLS

/** How long the erase of one sector takes. */
struct s0_erase_time {
	uint32_t sector_bytes; /**< Size of the sector; 0: no entry. */
	uint32_t typical_us;   /**< By this bootloader. */
	uint32_t max_us;       /**< The datasheet's maximum. */
};

/** Sector sizes that a chip can have. */
#define S0_ERASE_TIMES 4

/** How long things take. Microseconds. */
struct s0_timing {
	/** By rising size of the sector; s0_timing_erase() finds one. */
	struct s0_erase_time erase[S0_ERASE_TIMES];
	uint32_t mass_erase_us; /**< The whole array, typical. */
	uint32_t mass_erase_max_us;
	uint32_t word_us;	/**< One flash word, typical. */
	uint32_t turnaround_us; /**< Host, between two transfers. */
};

/** A known limit of a bootloader version. */
struct s0_rom {
	uint8_t version;    /**< Bootloader ID, 0x91 for example. */
	const char *name;   /**< "V9.1". */
	const char *limits; /**< Sentences, or "" . */
	/** Wait that each erase beyond this address costs, because the version
	    cannot tell when it is done; 0: none. Only for the estimate: what is
	    done is decided by what the device does. */
	uint32_t blind_erase_from;
	bool no_mass_erase; /**< Its mass erase does not work. */
	/** It may not start a firmware whose initial stack pointer lies less
	    than that many bytes below the end of a RAM; 0: any. */
	uint8_t stack_gap;
};

/** A chip, or several that cannot be told apart over USB. */
struct s0_chip {
	const char *name;    /**< "stm32h743". */
	const char *title;   /**< "STM32H742/743/…". */
	uint16_t device_id;  /**< DBGMCU DEV_ID. */
	bool shorter_layout; /**< May a smaller part name fewer sectors? Not
				where another family's layout would match. */
	uint32_t flash_word; /**< Bytes programmed together. */
	uint8_t erased;	     /**< Value of an erased byte. */
	struct s0_timing timing;
	const char *const
		*layouts; /**< Alternate settings' names of the largest
				     part, NULL-terminated. */
	const struct s0_area *areas; /**< Memory that those leave out. */
	size_t area_count;
	uint32_t flash_address, flash_bytes; /**< Of the largest part. */
	uint32_t bank_bytes; /**< Bank 2 starts that far above bank 1 on
				     every part; 0: one bank. */
	const uint32_t *uf2_families; /**< Of microsoft/uf2, 0 behind the last;
				     the first is the one to write. */
	uint32_t uid_address;	      /**< 12 bytes; 0 if not known. */
	uint32_t flash_size_address;  /**< 2 bytes, KiB. */
	uint32_t version_address;     /**< 1 byte, bootloader ID. */
	uint32_t option_address;      /**< Window of the option bytes. */
	uint16_t option_length;	      /**< Bytes, read as a whole. */
	const struct s0_option_field *options;
	size_t option_count;
	const struct s0_option_word *option_words;
	size_t option_word_count;
	struct s0_option_bit option_busy;  /**< A change is going on. */
	struct s0_option_bit option_error; /**< The last was refused. */
	struct s0_option_bit option_clear; /**< To program, clears that. */
	const struct s0_rom *roms;
	size_t rom_count;
	const char *const *shared_serials; /**< Serial numbers that many boards
				     have, NULL-terminated. */
};

/** Times of erasing a sector of that size: of the smallest size known that is
    not smaller, else of the largest. Never NULL; all zeros where nothing is
    known. */
S0_API const struct s0_erase_time *s0_timing_erase(
	const struct s0_timing *timing, uint32_t sector_bytes);

/** Number of chips known. */
S0_API size_t s0_chip_count(void);

/** One chip; NULL if index is too big. Static. */
S0_API const struct s0_chip *s0_chip_at(size_t index);

/** A chip by its name, in any case ("STM32H743" and "h743" too); NULL. */
S0_API const struct s0_chip *s0_chip_find(const char *name);

/** The chip whose bootloader has this layout; NULL if none or several. */
S0_API const struct s0_chip *s0_chip_match(const struct s0_map *map);

/** What is known about a bootloader version of a chip; NULL. */
S0_API const struct s0_rom *s0_chip_rom(const struct s0_chip *chip,
					unsigned version);

/**
 * A chip's memory map without a device: its largest part's.
 * @param ret_map To be freed with s0_map_free().
 */
S0_API S0_MUST_CHECK s0_code s0_chip_map(const struct s0_chip *chip,
					 struct s0_map **ret_map,
					 struct s0_error *err);

S0_END_DECLS

#endif
