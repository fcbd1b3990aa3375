/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_OPTION_H
#define SECTOR0_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>

/**
 * @file
 * Option bytes: what fields a chip has, what their values mean, and how they
 * are read and written as text. Values only: nothing here talks to a device.
 *
 * Which fields there are is data (chips/). Code goes by kind, group, role and
 * guard, never by a field's name. A *window* is what the bootloader gives and
 * takes as a part of the chip's option bytes; where functions take one, it is
 * all of them one behind the other, s0_option_length() bytes.
 */

S0_BEGIN_DECLS

struct s0_chip;
struct s0_map;
struct s0_option_window;

/** How a field's value is read and written. */
typedef enum s0_option_kind {
	S0_OPTION_NUMBER = 0, /**< Any number. */
	S0_OPTION_CHOICE = 1, /**< Each value has a meaning. */
	S0_OPTION_RDP = 2,    /**< 0xAA level 0, 0xCC level 2, else level 1. */
	/** Bits for sectors of the bank, 0: protected, but see .ones_protect. */
	S0_OPTION_SECTORS = 3,
	S0_OPTION_BOOT = 4, /**< A boot address, in units. */
	/** First and last unit of an area in the bank; there is none where the
	    first lies behind the last. */
	S0_OPTION_AREA_START = 5,
	S0_OPTION_AREA_END = 6,
	S0_OPTION_WORD = 7 /**< A word that was asked for as it is. */
} s0_option_kind;

/** What a field is about. */
typedef enum s0_option_group {
	S0_OPTION_READ_PROTECTION = 0,
	S0_OPTION_BROWN_OUT = 1,
	S0_OPTION_USER = 2,
	S0_OPTION_WRITE_PROTECTION = 3,
	S0_OPTION_PCROP = 4,
	S0_OPTION_SECURE_AREA = 5,
	S0_OPTION_BOOT_ADDRESS = 6,
	S0_OPTION_GROUPS = 7 /**< How many there are. */
} s0_option_group;

/** What a field does, where code has to know. */
typedef enum s0_option_role {
	S0_OPTION_NO_ROLE = 0,
	S0_OPTION_WATCHDOG = 1,	  /**< 0: it starts by itself at reset. */
	S0_OPTION_SWAP_BANKS = 2, /**< 1: bank 2 comes first, from reset on. */
	S0_OPTION_SECURITY = 3,	  /**< 1: secure areas can be made. */
	/** 1: a regression of the read protection erases the area of the same
	    group and bank. */
	S0_OPTION_ERASED_TOO = 4,
	S0_OPTION_BOOT_LOW = 5,	 /**< Boot address with the BOOT pin low. */
	S0_OPTION_BOOT_HIGH = 6, /**< … with the BOOT pin high. */
	S0_OPTION_BANK_MODE = 7	 /**< Decides how flash is cut into sectors. */
} s0_option_role;

/** What a change needs leave for; a set. */
enum {
	S0_ALLOW_ERASE = 1,	   /**< All flash is erased. */
	S0_ALLOW_PCROP = 2,	   /**< Only a regression takes it back. */
	S0_ALLOW_SECURE = 4,	   /**< Secure areas and secure mode. */
	S0_ALLOW_BOOT = 8,	   /**< It may start nothing any more. */
	S0_ALLOW_LOW_VOLTAGE = 16, /**< Damages pins above a voltage. */
	S0_ALLOW_PART = 32,	   /**< Not every part has the field. */
	S0_ALLOW_PERMANENT = 64,   /**< Nothing takes it back. */
	S0_ALLOW_RAW = 128,	   /**< Nobody knows what the bits mean. */
	S0_ALLOW_COMPLEMENT = 256  /**< A value loses its complement. */
};

/** Largest option-byte window that is kept. */
#define S0_OPTION_MAX 512

/** A value that means something. */
struct s0_option_value {
	uint32_t value;
	const char *word;    /**< That says it, "on"; NULL: the number does. */
	const char *meaning; /**< One clause. */
	unsigned guard;	     /**< S0_ALLOW_… that setting it needs, or 0. */
};

/** A field of the option bytes. */
struct s0_option_field {
	const char *name;	    /**< The reference manual's, "RDP". */
	const char *const *aliases; /**< Other names, NULL-terminated. */
	const char *about;	    /**< What it is, a few words. */
	const char *only; /**< Parts that have it, "dual-core parts (…)"; NULL:
			       all. */
	s0_option_kind kind;
	s0_option_group group;
	s0_option_role role;
	uint8_t bank;	  /**< 1 or 2; 0: of the whole chip. */
	uint16_t offset;  /**< Byte offset of the current word's value. */
	uint16_t program; /**< … of the word to program; may be the same. */
	uint8_t shift;	  /**< Lowest bit in the 32-bit word. */
	uint8_t width;	  /**< Number of bits. */
	uint32_t unit;	  /**< Bytes that 1 stands for (areas, boot); else 0. An
			       area's 0: a sector, as flash is cut now. */
	uint32_t factory; /**< Value of a chip as it is sold. */
	unsigned guard;	  /**< S0_ALLOW_… that any change needs, or 0. */
	const struct s0_option_value *values;
	size_t value_count;
	/** Sectors: so many for each bit (0: one), the first bit's number in
	    the bank (of the whole flash where .bank is 0); whether the highest
	    bit stands for all behind it as well; whether 1 protects. */
	uint8_t per;
	uint16_t first;
	bool rest;
	bool ones_protect;
	/** Start of an area: is one that ends in its first unit the whole bank?
	    Else it is that unit. */
	bool equal_is_whole;
	/** It means this only while the field of that name has that value, and
	    may share its bits with one that means something else then; NULL:
	    always. */
	const char *when;
	uint32_t when_value;
};

/** What else has to say the same as a word. */
typedef enum s0_option_mirror {
	S0_OPTION_MIRROR_COPY = 0,	 /**< The word at .mirror, if any. */
	S0_OPTION_MIRROR_COMPLEMENT = 1, /**< The word at .mirror, inverted. */
	/** Bits 15:8 invert 7:0, and 31:24 invert 23:16. */
	S0_OPTION_MIRROR_BYTES = 2,
	S0_OPTION_MIRROR_HALVES = 3 /**< Bits 31:16 invert 15:0. */
} s0_option_mirror;

/** A 32-bit word of the window that can be programmed. */
struct s0_option_word {
	const char *name; /**< Its register, "OPTSR". */
	uint16_t offset;  /**< Byte offset of the current value. */
	uint16_t program; /**< … of the value to program; may be the same. */
	/** … of a second copy of the latter that has to say the same; 0: none.
	 */
	uint16_t mirror;
	s0_option_mirror mirroring;
	uint32_t settable; /**< Bits of fields; the others keep their value. */
};

/** A bit of the window; not there where mask is 0. */
struct s0_option_bit {
	uint16_t offset; /**< Byte offset of its word. */
	uint32_t mask;
};

/** A field and the value that it is to have. */
struct s0_option_change {
	const struct s0_option_field *field; /**< NULL: a raw word. */
	uint32_t value;			     /**< As in the register. */
	uint32_t address;		     /**< Of the raw word. */
	uint32_t mask;			     /**< Bits of it that are meant. */
};

/** One of the windows, in the order of the data; false if index is too big. */
S0_API bool s0_option_window(const struct s0_chip *chip, size_t index,
			     struct s0_option_window *ret_window);

/** Bytes of all windows of a chip's option bytes; 0 where none is known. */
S0_API uint32_t s0_option_length(const struct s0_chip *chip);

/** Address of a byte of the windows; 0 if it is in none. */
S0_API uint32_t s0_option_address(const struct s0_chip *chip, size_t offset);

/** Where the 32-bit word at an address is in the windows; false if it is in
    none of them, or not aligned. */
S0_API bool s0_option_offset(const struct s0_chip *chip, uint32_t address,
			     size_t *ret_offset);

/** Does the complement of a word fit it? true too where there is none. */
S0_API bool s0_option_word_fits(const struct s0_option_word *word,
				const uint8_t *window, size_t length);

/** Make what mirrors a word say what the word to program says. */
S0_API void s0_option_word_mirror(const struct s0_option_word *word,
				  uint8_t *window, size_t length);

/** Bits of the word to program there that no field has and that mirror none. */
S0_API uint32_t s0_option_raw_bits(const struct s0_chip *chip, size_t offset);

/** Where a word that is programmed there shows what is in force. */
S0_API size_t s0_option_shown_at(const struct s0_chip *chip, size_t offset);

/** Does the data leave out fields that every chip has? They are shown as bytes
    then. */
S0_API bool s0_option_partial(const struct s0_chip *chip);

/** The word that holds a field; NULL. */
S0_API const struct s0_option_word *s0_option_word_of(
	const struct s0_chip *chip, const struct s0_option_field *field);

/** A field by its name or one of its aliases, in any case; NULL. */
S0_API const struct s0_option_field *s0_option_find(const struct s0_chip *chip,
						    const char *name);

/** The first field of a group, kind and bank; NULL. */
S0_API const struct s0_option_field *s0_option_at(const struct s0_chip *chip,
						  s0_option_group group,
						  s0_option_kind kind,
						  unsigned bank);

/**
 * The field that plays a role.
 * @param before  NULL for the first, else one that was returned: the next.
 * @return NULL if there is none (any more).
 */
S0_API const struct s0_option_field *s0_option_with(
	const struct s0_chip *chip, s0_option_role role,
	const struct s0_option_field *before);

/**
 * A field's value.
 * @param programmed  That of the word to program, not the current one.
 * @return false if the window is too short.
 */
S0_API bool s0_option_get(const struct s0_option_field *field,
			  const uint8_t *window, size_t length, bool programmed,
			  uint32_t *ret_value);

/**
 * Change a field in the word to program (and not in its mirror).
 * @return false if the window is too short.
 */
S0_API bool s0_option_put(const struct s0_option_field *field, uint8_t *window,
			  size_t length, uint32_t value);

/** Is a bit of the window set? false too if there is none. */
S0_API bool s0_option_is_set(const struct s0_option_bit *bit,
			     const uint8_t *window, size_t length);

/** Read protection level of a value of that kind: 0, 1 or 2. */
S0_API unsigned s0_option_level(uint32_t value);

/** Does bank 2 come first now (the current value, S0_OPTION_SWAP_BANKS)? */
S0_API bool s0_option_swapped(const struct s0_chip *chip, const uint8_t *window,
			      size_t length);

/** Does a field mean now, or with the words to program, what it is said to
    (s0_option_field.when)? */
S0_API bool s0_option_applies(const struct s0_chip *chip,
			      const struct s0_option_field *field,
			      const uint8_t *window, size_t length,
			      bool programmed);

/** The greatest value that a field can hold. */
S0_API uint32_t s0_option_greatest(const struct s0_option_field *field);

/** The value of a field of kind S0_OPTION_SECTORS that protects none. */
S0_API uint32_t s0_option_open(const struct s0_option_field *field);

/**
 * Where the first area of a group and bank lies, as the chip maps its banks
 * now: its registers are swapped with them, so that the fields of bank 1 are
 * always of what is at the start of flash (RM0399, "register swapping").
 * @param map         The device's; NULL: the largest part's.
 * @param group       S0_OPTION_PCROP, S0_OPTION_SECURE_AREA or
 *                    S0_OPTION_WRITE_PROTECTION.
 * @param programmed  As the words to program have it, not the current ones.
 * @return false if there is none.
 */
S0_API bool s0_option_area(const struct s0_chip *chip, const struct s0_map *map,
			   const uint8_t *window, size_t length,
			   bool programmed, s0_option_group group,
			   unsigned bank, uint32_t *ret_address,
			   uint32_t *ret_length);

/** What keeps a sector of flash from being erased and written. */
struct s0_sector_protection {
	uint32_t address; /**< Of the sector. */
	uint32_t length;
	unsigned bank;	 /**< 1 or 2: whose fields are about it; 0 where the
			      chip has one. */
	unsigned number; /**< Of the sector, in its bank, from 0. */
	bool write_protected;
	/** S0_OPTION_PCROP or S0_OPTION_SECURE_AREA where such an area, in
	    force now, reaches into it; else S0_OPTION_GROUPS. */
	s0_option_group area;
	uint32_t area_address; /**< Of that area. */
	uint32_t area_length;
};

/**
 * What the option bytes keep from being changed in the sector that holds an
 * address, by their current values.
 * @param map  The device's, which tells its sectors.
 * @return false if it is in no flash.
 */
S0_API bool s0_option_sector(const struct s0_chip *chip,
			     const struct s0_map *map, const uint8_t *window,
			     size_t length, uint32_t address,
			     struct s0_sector_protection *ret_sector);

/**
 * Take the write protection off that the sector at an address has: the bits, or
 * the whole area in which it lies.
 * @param window  In which it is protected, as read.
 * @param sent    Whose words to program are changed.
 * @return false if it is not protected.
 */
S0_API bool s0_option_open_sector(const struct s0_chip *chip,
				  const struct s0_map *map,
				  const uint8_t *window, size_t length,
				  uint32_t address, uint8_t *sent);

/**
 * What a boot address points at: "flash", or the name of the chip's memory
 * there ("System memory"). Static; NULL if nothing is known to be there.
 * @param value  Of a field of kind S0_OPTION_BOOT.
 */
S0_API const char *s0_option_boot_place(const struct s0_chip *chip,
					const struct s0_option_field *field,
					uint32_t value);

/**
 * Understand "NAME=VALUE": the manual's name or an alias in any case; a number
 * (decimal or 0x…), a word of the field, and
 * - RDP: 0, 1, 2, 0xAA, 0xBB or 0xCC, nothing else. A level that the window
 *   has already keeps its byte;
 * - sectors: "none", "all", "0-3,5";
 * - boot addresses: in units (0x0800) or whole (0x08000000);
 * - areas: a unit's number, or an address in the bank: of the first byte for
 *   the start, of the last for the end;
 * - "0xADDRESS=NUMBER": a 32-bit word of a window as it is.
 *
 * @param window  As read, or NULL.
 * @retval S0_E_USAGE        Not of the form NAME=VALUE.
 * @retval S0_E_UNSUPPORTED  No such field, or not a value of it; the message
 *                           says what there is.
 */
S0_API S0_MUST_CHECK s0_code
s0_option_parse(const struct s0_chip *chip, const uint8_t *window,
		size_t length, const char *assignment,
		struct s0_option_change *ret_change, struct s0_error *err);

/** Likewise, of a raw word, in two parts. */
S0_API S0_MUST_CHECK s0_code s0_option_parse_word(
	const struct s0_chip *chip, const char *address, const char *value,
	struct s0_option_change *ret_change, struct s0_error *err);

/** Likewise, of a field that is known already; reads only the value. */
S0_API S0_MUST_CHECK s0_code s0_option_parse_value(
	const struct s0_chip *chip, const uint8_t *window, size_t length,
	const struct s0_option_field *field, const char *text,
	uint32_t *ret_value, struct s0_error *err);

/** Enough for the text of every value. */
#define S0_OPTION_TEXT 192
/** Enough for the meaning of every value. */
#define S0_OPTION_MEANING 160

/**
 * A value as text.
 * @param window   As read, for areas: where the banks are, and the other end
 *                 (the programmed one where value is the programmed one and
 *                 not the current); or NULL.
 * @param text     What s0_option_parse() takes: "on", "0-3,5", "0x0800".
 * @param meaning  What it means: "0x08000000, flash"; may be NULL.
 */
S0_API void s0_option_print(const struct s0_chip *chip, const uint8_t *window,
			    size_t length, const struct s0_option_field *field,
			    uint32_t value, char text[S0_OPTION_TEXT],
			    char meaning[S0_OPTION_MEANING]);

/** Name of a group, "write protection"; "?" for a value not known here. */
S0_API const char *s0_option_group_name(s0_option_group group);

/** Name of one S0_ALLOW_…, "low-voltage"; "?" for a value not known here. */
S0_API const char *s0_option_guard_name(unsigned guard);

/** The S0_ALLOW_… of that name; 0. */
S0_API unsigned s0_option_guard_find(const char *name);

S0_END_DECLS

#endif
