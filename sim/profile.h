/* SPDX-License-Identifier: MIT */
#ifndef SIM_PROFILE_H
#define SIM_PROFILE_H

/*
 * What one kind of chip is: its array, memories, descriptors and times. How
 * its ROM behaves is a matter of keys (keys.h), whose defaults differ by what
 * the ROM is and has. Each virtual chip has a profile of its own.
 */

#include <stdbool.h>
#include <stdint.h>

#include <sector0/chip.h>

/* What a ROM or a chip is and has, a bit each: keys and code go by these. */
enum {
	SIM_H743 = 1 << 0, /* quirks and numbers that only it has */
	SIM_F405 = 1 << 1,
	SIM_DATA = 1 << 2,   /* made from the chip's data (profile_data.c) */
	SIM_OLD = 1 << 3,    /* "generation A", bcdDevice 0x2100 and 0x2200 */
	SIM_NEW = 1 << 4,    /* "generation B", "DFU in FS Mode" */
	SIM_EARLY = 1 << 5,  /* stalls a GETSTATUS that comes too early */
	SIM_STRICT = 1 << 6, /* the newest: CLRSTATUS in dfuERROR only */
	SIM_ECC = 1 << 7,
	SIM_PLAIN = 1 << 8, /* no ECC */
	/* A flash word that holds something is not programmed again. */
	SIM_REFUSES = 1 << 9,
	SIM_RESETS = 1 << 10,	/* when option bytes have been written */
	SIM_PARALLEL = 1 << 11, /* programming parallelism can be chosen */
	SIM_CRYSTAL_ONLY = 1 << 12,
	SIM_ONE_SERIAL = 1 << 13,  /* all of them have the same */
	SIM_LONG_STRING = 1 << 14, /* bLength says more than there is */
	SIM_DIES = 1 << 15,	   /* starts nothing when it leaves */
	SIM_FOLLOWS = 1 << 16,	   /* its layout is that of this part */
	SIM_HALF_PAGES = 1 << 17,  /* half as long as it says */
	SIM_AIMED = 1 << 18,	   /* leaves only for an address it was told */
	SIM_SHORT_FUNCTIONAL = 1 << 19, /* 7 bytes: no bcdDFUVersion */
	SIM_HAND_MADE = SIM_H743 | SIM_F405,
	SIM_ALL = SIM_OLD | SIM_NEW
};

#define SIM_GROUPS  4 /* of sectors of one size, in a bank */
#define SIM_RAMS    8
#define SIM_SPOTS   12
#define SIM_WINDOWS 2 /* of option bytes */
/* "Device Feature" (AN3156). */
#define SIM_FEATURE_AT	0xffff0000u
#define SIM_NAMES	8
#define SIM_SECTORS_MAX 2048u /* of all banks */

/* Largest of all profiles. */
#define SIM_TRANSFER_MAX 2048u
#define SIM_WORD_MAX	 32u
/* One block that starts and ends inside a flash word. */
#define SIM_PROGRAM_MAX	    (SIM_TRANSFER_MAX + 2 * SIM_WORD_MAX)
#define SIM_OPTION_WORDS    64u
#define SIM_DESCRIPTORS_MAX 96u
#define SIM_NAME_MAX	    128u

struct sim_group {
	uint32_t count, size;
};

struct sim_ram {
	uint32_t base, size;
	uint32_t free_from; /* first address that the host may use; 0: none */
};

struct sim_constant {
	uint32_t address;
	uint16_t value; /* a little-endian halfword */
};

/* Memories beside flash, RAM, and the first system memory. */
enum sim_spot_kind {
	SIM_SPOT_NONE,
	SIM_SPOT_OTP,
	SIM_SPOT_EEPROM,
	SIM_SPOT_FEATURE,
	SIM_SPOT_SYSTEM
};

struct sim_spot {
	enum sim_spot_kind kind;
	uint32_t base, size;
	uint32_t at;	/* OTP and EEPROM: into sim_array.extra */
	uint32_t locks; /* OTP: from there on, a lock byte each 32; 0: none */
};

/* Typical times at one programming parallelism. */
struct sim_speed {
	uint32_t sector_us[SIM_GROUPS];
	uint32_t mass_us;
	uint32_t unit; /* bytes programmed in one go… */
	uint32_t unit_us;
	uint32_t unit_max_us; /* an erase takes at most twice its typical */
};

struct sim_strings {
	const char *manufacturer, *product;
	const char *same_serial; /* of all chips; NULL: from the revision */
	const char *names[SIM_NAMES]; /* of the alternate settings */
	uint8_t first;		      /* index of alternate setting 0's name */
};

struct sim_profile {
	const char *name;
	uint32_t traits;
	const struct s0_chip *data; /* NULL: made by hand */
	/* the array */
	uint32_t flash_size, bank_size;
	uint32_t present; /* bytes of each bank that are there */
	unsigned banks_present;
	struct sim_group groups[SIM_GROUPS]; /* of one bank */
	uint32_t word;	    /* smallest unit with a state of its own */
	uint8_t erased;	    /* what an erased byte reads */
	uint32_t align;	    /* of an address and a length to be written */
	uint32_t read_only; /* bytes at the start that nothing changes */
	struct sim_speed speeds[4]; /* x64, x32, x16, x8 */
	/* At each: what the array takes, and the least voltage for it. */
	uint32_t write_ua[4], write_mv[4];
	uint32_t sag_mohm;	    /* of a supply that fails now and then */
	uint32_t bor_mv[4];	    /* falling, by level; 0: switched off */
	uint32_t measured_erase_us; /* at the default parallelism; 0: none */
	/* memories; size 0: none */
	struct sim_ram rams[SIM_RAMS];
	uint32_t system, system_size;
	uint32_t version_at, uid_at, size_at; /* 0: none */
	struct sim_constant constants[4];
	struct sim_spot spots[SIM_SPOTS];
	uint32_t extra_size; /* of those that are kept */
	struct s0_option_window windows[SIM_WINDOWS];
	uint32_t named[SIM_WINDOWS]; /* bytes that the strings name there, if
					more: nothing is known behind */
	/* USB */
	uint8_t device[18];
	uint8_t config[SIM_DESCRIPTORS_MAX];
	uint8_t alternates;
	uint8_t functional; /* length of the DFU functional descriptor */
	uint16_t transfer_size;
	struct sim_strings strings;
	char layout[SIM_NAME_MAX]; /* alternate setting 0's, as this part's */
};

/* A chip of this size and, where its banks can be switched, this value. */
void sim_profile_cut(struct sim_profile *profile, uint32_t flash_kb,
		     uint32_t bank_mode);

/* profile_data.c: from a chip's data, which has to outlive it. */
void sim_profile_make(const struct s0_chip *chip, struct sim_profile *profile);
void sim_profile_cut_data(struct sim_profile *profile, uint32_t flash_kb,
			  uint32_t bank_mode);
/* The field that switches the banks of a part; NULL: none. */
const struct s0_option_field *sim_profile_bank_field(const struct s0_chip *chip,
						     uint32_t flash_kb);
/* … and its value on a new chip. */
uint32_t sim_profile_bank_mode(const struct s0_chip *chip, uint32_t flash_kb);
uint32_t sim_profile_largest_kb(const struct s0_chip *chip);
/* What the data say of a version; NULL. */
const struct s0_rom *sim_profile_rom(const struct sim_profile *profile,
				     uint32_t version);
/* traits.c */
uint32_t sim_traits_of(const struct s0_chip *chip);

/* false: no such profile. */
bool sim_profile_find(const char *name, struct sim_profile *ret_profile);
/* The profile for a chip by another of its names; NULL: none. */
const char *sim_profile_group(const char *name);

extern const struct sim_profile sim_profile_h743;
extern const struct sim_profile sim_profile_f405;

static inline bool sim_is(const struct sim_profile *profile, uint32_t traits)
{
	return (profile->traits & traits) != 0;
}

/* The sector of a bank that holds a place: its index, where it starts (in the
 * array), its size, and its group. */
struct sim_sector {
	uint32_t index, start, size, group;
};
struct sim_sector sim_profile_sector(const struct sim_profile *profile,
				     uint32_t place);
/* Of a bank, by its index there. */
struct sim_sector sim_profile_sector_of(const struct sim_profile *profile,
					unsigned bank, uint32_t index);
uint32_t sim_profile_sectors(const struct sim_profile *profile);
unsigned sim_profile_banks(const struct sim_profile *profile);

/* A set of sectors of one bank. */
struct sim_sectors {
	uint32_t bits[SIM_SECTORS_MAX / 32];
};

static inline void sim_sectors_add(struct sim_sectors *set, uint32_t index)
{
	set->bits[index / 32] |= 1u << index % 32;
}

static inline bool sim_sectors_has(const struct sim_sectors *set,
				   uint32_t index)
{
	return set->bits[index / 32] >> index % 32 & 1;
}

#endif
