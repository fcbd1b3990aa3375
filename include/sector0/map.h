/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_MAP_H
#define SECTOR0_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>

/**
 * @file
 * A device's memory: what lies where and what may be done with it.
 *
 * The first authority is the device itself: the names of its alternate
 * settings spell its layout (`@Internal Flash   /0x08000000/16*128Kg`,
 * UM0424, AN3156). What those leave out (RAM that the bootloader gives to the
 * host, system memory) comes from the chip's data.
 */

S0_BEGIN_DECLS

/** What kind of memory an area is. */
typedef enum s0_area_kind {
	S0_AREA_FLASH = 0,
	S0_AREA_OPTION = 1, /**< Option bytes. */
	S0_AREA_OTP = 2,
	S0_AREA_EEPROM = 3,
	S0_AREA_RAM = 4,     /**< RAM the bootloader lets the host use. */
	S0_AREA_ROM_RAM = 5, /**< RAM the bootloader uses or cannot reach. */
	S0_AREA_SYSTEM = 6,  /**< System memory: ROM, unique ID. */
	S0_AREA_OTHER = 7
} s0_area_kind;

/** What may be done; a set. Values as in the layout's type letter. */
enum { S0_CAN_READ = 1, S0_CAN_ERASE = 2, S0_CAN_WRITE = 4 };

/** Equal sectors in a row. Names are owned by the map. */
struct s0_area {
	const char *name; /**< "Internal Flash", "AXI SRAM", … */
	s0_area_kind kind;
	uint32_t address;
	uint32_t length;      /**< Bytes; a multiple of sector_size. */
	uint32_t sector_size; /**< Bytes that are erased together. */
	unsigned can;	      /**< Set of S0_CAN_…. */
	uint8_t alt;	      /**< Alternate setting; 0 if from chip data. */
	bool from_device;     /**< The device said so (else chip data). */
};

/** A memory map: areas sorted by address, not overlapping. Opaque. */
struct s0_map;

/** Make an empty map, to be freed with s0_map_free(). */
S0_API S0_MUST_CHECK s0_code s0_map_new(struct s0_map **ret_map,
					struct s0_error *err);

/** Free a map. NULL is allowed. */
S0_API void s0_map_free(struct s0_map *map);

/**
 * Add what the name of an alternate setting says. On failure the map is as it
 * was before.
 * @param layout  For example "@Internal Flash  /0x08000000/04*016Kg,01*064Kg".
 * @param alt     Number of the alternate setting.
 * @retval S0_E_FORMAT   Not a layout; the message says where it breaks.
 * @retval S0_E_OVERLAP  Two areas overlap.
 */
S0_API S0_MUST_CHECK s0_code s0_map_parse(struct s0_map *map,
					  const char *layout, uint8_t alt,
					  struct s0_error *err);

/** Add one area by hand; its name is copied. Parts that the map has already
    are left as they are. */
S0_API S0_MUST_CHECK s0_code s0_map_add(struct s0_map *map,
					const struct s0_area *area,
					struct s0_error *err);

/** Number of areas. */
S0_API size_t s0_map_area_count(const struct s0_map *map);

/** One area; NULL if index is too big. Owned by the map. */
S0_API const struct s0_area *s0_map_area(const struct s0_map *map,
					 size_t index);

/** The area that holds an address; NULL if none. */
S0_API const struct s0_area *s0_map_find(const struct s0_map *map,
					 uint32_t address);

/** The sector that holds an address; false if the address is in no area. */
S0_API bool s0_map_sector(const struct s0_map *map, uint32_t address,
			  uint32_t *ret_address, uint32_t *ret_length);

/** Lowest flash address; false if the map has no flash. */
S0_API bool s0_map_flash_start(const struct s0_map *map, uint32_t *ret_address);

/** Sum of all flash, in bytes. */
S0_API uint32_t s0_map_flash_size(const struct s0_map *map);

S0_END_DECLS

#endif
