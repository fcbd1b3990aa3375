/* SPDX-License-Identifier: MIT */
#ifndef SIM_PROFILE_H
#define SIM_PROFILE_H

/*
 * What one kind of chip is: its array, memories, descriptors and times. How
 * its ROM behaves is a matter of keys (keys.h), whose defaults differ by chip.
 */

#include <stdbool.h>
#include <stdint.h>

/* A bit each, for keys that not every chip has. */
enum { SIM_CHIP_H743 = 1, SIM_CHIP_F405 = 2, SIM_CHIP_ALL = 3 };

#define SIM_GROUPS	3 /* of sectors of one size, in a bank */
#define SIM_RAMS	4
#define SIM_SECTORS_MAX 16 /* of all banks */

/* Largest of all profiles. */
#define SIM_TRANSFER_MAX 2048u
#define SIM_WORD_MAX	 32u
/* One block that starts and ends inside a flash word. */
#define SIM_PROGRAM_MAX	    (SIM_TRANSFER_MAX + 2 * SIM_WORD_MAX)
#define SIM_OPTIONS_MAX	    308u
#define SIM_OTP_MAX	    528u
#define SIM_DESCRIPTORS_MAX 64u

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

/* Typical times at one programming parallelism. */
struct sim_speed {
	uint32_t sector_us[SIM_GROUPS];
	uint32_t mass_us;
	uint32_t unit; /* bytes programmed in one go… */
	uint32_t unit_us;
	uint32_t unit_max_us; /* an erase takes at most twice its typical */
};

struct sim_strings {
	const char *product;
	const char *same_serial; /* of all chips; NULL: from the revision */
	const char *names[4];	 /* of the alternate settings from 1 on */
	uint8_t first;		 /* index of alternate setting 0's name */
};

struct sim_profile {
	const char *name, *title;
	uint32_t chip; /* SIM_CHIP_… */
	/* the array */
	uint32_t flash_size, bank_size;
	struct sim_group groups[SIM_GROUPS]; /* of one bank */
	uint32_t word;	/* smallest unit with a state of its own */
	bool ecc;	/* over each word */
	uint32_t align; /* of an address and a length to be written */
	struct sim_speed speeds[4]; /* x64, x32, x16, x8 */
	/* At each: what the array takes, and the least voltage for it. */
	uint32_t write_ua[4], write_mv[4];
	uint32_t bor_mv[4];	    /* falling, by level; 0: switched off */
	uint32_t measured_erase_us; /* at the default parallelism; 0: none */
	/* memories; size 0: none */
	struct sim_ram rams[SIM_RAMS];
	uint32_t system, system_size;
	uint32_t version_at, uid_at, size_at;
	struct sim_constant constants[4];
	uint32_t otp, otp_size, feature, feature_size;
	uint32_t options, options_size;
	/* USB */
	uint8_t device[18];
	uint8_t config[SIM_DESCRIPTORS_MAX];
	uint8_t alternates;
	uint16_t transfer_size;
	struct sim_strings strings;
};

/* NULL: no such profile. */
const struct sim_profile *sim_profile_find(const char *name);
/* Names of all, with commas. */
const char *sim_profile_names(void);

extern const struct sim_profile sim_profile_h743;
extern const struct sim_profile sim_profile_f405;

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

#endif
