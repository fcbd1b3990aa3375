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
#define S0_ERASE_TIMES 6

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

/** Where a value is from. */
typedef enum s0_source_kind {
	S0_SOURCE_DOCUMENT = 0,	  /**< The maker's, public. */
	S0_SOURCE_OPEN = 1,	  /**< An open source project's file. */
	S0_SOURCE_FIELD = 2,	  /**< Dumps and reports of users. */
	S0_SOURCE_OWN = 3,	  /**< This project's own reckoning. */
	S0_SOURCE_INFERRED = 4,	  /**< Nobody has written it down. */
	S0_SOURCE_UNVERIFIED = 5, /**< Said, but not looked up. */
	S0_SOURCE_KINDS = 6	  /**< How many there are. */
} s0_source_kind;

/** A line of a chip's file; s0_chip_line() finds one. */
struct s0_chip_line {
	const char *key, *value; /**< As in the file. */
	/** What stands behind the '#', or at the head of its block; "" where
	    nothing has to. */
	const char *source;
	s0_source_kind kind; /**< The best of the sources named. */
	bool sourced;	     /**< Does the line have to name a source? */
};

/** Where a line's texts are in the strings of a file. */
struct s0_chip_text_line {
	uint32_t key, value, source;
	uint8_t kind; /**< An s0_source_kind; S0_SOURCE_KINDS: none. */
};

/** What files say, as numbers: thousands of lines need no relocation. */
struct s0_chip_text {
	const char *strings;
	const struct s0_chip_text_line *lines;
};

/** What a bootloader does otherwise than others; a set. Only what has to be
    known before it shows. */
enum {
	/** Its layout follows neither the option bytes nor the part. */
	S0_QUIRK_DESCRIPTOR_BLIND = 1,
	/** GETSTATUS before bwPollTimeout is over is stalled. */
	S0_QUIRK_EARLY_POLL_STALLS = 2,
	S0_QUIRK_PAGES_HALF = 4, /**< Pages are half as long as it says. */
	/** Several alternate settings have one name. */
	S0_QUIRK_SAME_NAMES = 8,
	/** It starts no firmware without being told where. */
	S0_QUIRK_LEAVE_NEEDS_ADDRESS = 16,
	S0_QUIRK_CLRSTATUS_STALLS = 32 /**< CLRSTATUS is stalled. */
};

/** Sectors of one size in a row. */
struct s0_sectors {
	uint32_t address; /**< Of the first. */
	uint32_t count;
	uint32_t bytes; /**< Of each. */
};

/** How the flash of a chip is cut into sectors. */
struct s0_geometry {
	/** The option field that says so, and its value; NULL: the only way. */
	const char *field;
	uint32_t value;
	uint32_t flash_kib; /**< Of the parts for which it holds; 0: all. */
	unsigned banks;	    /**< 1 or 2. */
	const char *layout; /**< "/0x08000000/04*032Kg,…": as a bootloader
				 that tells it would name it. */
	const struct s0_sectors *sectors; /**< The same in numbers. */
	size_t sector_count;		  /**< Entries of it. */
};

/** Where bank 2 starts. */
typedef enum s0_banks {
	S0_BANKS_ONE = 0,   /**< There is none. */
	S0_BANKS_FIXED = 1, /**< At the same address on every part. */
	S0_BANKS_HALF = 2   /**< Behind the first half of the part's flash. */
} s0_banks;

/** A part of the option bytes that is read and written as a whole. */
struct s0_option_window {
	uint32_t address;
	uint16_t length;
	uint16_t at; /**< Where its bytes are in the whole window. */
};

/** A chip, or several that cannot be told apart over USB. */
struct s0_chip {
	const char *name;	    /**< "stm32h743". */
	const char *family;	    /**< The file's name, "stm32h7". */
	const char *title;	    /**< "STM32H742/743/…". */
	const char *const *aliases; /**< Other names, NULL-terminated. */
	uint16_t vendor;	    /**< USB IDs of its bootloader. */
	uint16_t product;
	uint16_t bcd_device;	  /**< 0x2200; 0 if not known. */
	const char *product_name; /**< "STM32  BOOTLOADER"; NULL. */
	uint16_t transfer_size;	  /**< wTransferSize; 0 if not known. */
	bool dumped; /**< Are the layout strings those of a real device? */
	const struct s0_geometry *geometries; /**< One at least. */
	size_t geometry_count;
	s0_banks banks;
	/** Of an address and a length that the bootloader writes. */
	uint32_t align;
	const uint16_t *sizes_kib; /**< Flash of the parts, rising; 0 behind
					the last. */
	const struct s0_option_window *option_windows;
	size_t option_window_count;
	/** All that its file says of it; see s0_chip_line(). */
	const struct s0_chip_text *text;
	const uint16_t *lines; /**< Numbers of lines of .text. */
	size_t line_count;
	unsigned quirks; /**< A set of S0_QUIRK_…. */
	bool ecc;	 /**< Has each flash word an error-correcting code? */
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
	uint32_t bank_bytes; /**< S0_BANKS_FIXED: bank 2 starts that far above
				     bank 1 on every part; else 0. */
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

/** A line of a chip's file, in its order; false if index is too big. Its texts
    live as long as the chip. */
S0_API bool s0_chip_line(const struct s0_chip *chip, size_t index,
			 struct s0_chip_line *ret_line);

/** Name of a kind of source, "document"; "?" for a value not known here. */
S0_API const char *s0_source_name(s0_source_kind kind);

/** Name of a quirk, "descriptor-blind"; "?" for a value not known here. */
S0_API const char *s0_quirk_name(unsigned quirk);

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
