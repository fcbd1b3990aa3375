/* SPDX-License-Identifier: MIT */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

/* What a description says. */

#include <stdbool.h>
#include <stdint.h>

#include <sector0/sim.h>

#include "sim/profile.h"

#define SIM_FAULTS	16u
#define SIM_NO_ARGUMENT UINT32_MAX

/* Values of the keys that take a word: the index in the key's list. */
enum { SIM_SERIAL_UID, SIM_SERIAL_SAME };
enum { SIM_BEFORE, SIM_AFTER, SIM_POLL };
enum { SIM_EARLY_OK, SIM_EARLY_STALL, SIM_EARLY_BUSY };
enum { SIM_QUEUE_YES, SIM_QUEUE_STALL, SIM_QUEUE_LOST, SIM_QUEUE_WRONG };
enum { SIM_SP_STRICT, SIM_SP_FREE };
enum { SIM_TARGET_ERROR, SIM_TARGET_OPENBL };
enum { SIM_BUS_ERROR_HANG, SIM_BUS_ERROR_RESET };
enum { SIM_RDP_SET_ALLOWED, SIM_RDP_SET_ERR_VENDOR };
enum { SIM_RAM_BY_ROM, SIM_RAM_AS_0X92 };
enum { SIM_HIGH, SIM_LOW };
enum { SIM_CRYSTAL, SIM_NO_CRYSTAL };
enum { SIM_FAIL_STUCK_BUSY, SIM_FAIL_ERR_VENDOR };
enum { SIM_ADDR_CONSTANT, SIM_ADDR_REQUEST_LENGTH };
enum { SIM_CHECK_AT_SET_ADDRESS, SIM_CHECK_AT_OPERATION };
enum { SIM_LEAVE_JUMP, SIM_LEAVE_VANISH, SIM_LEAVE_RE_ENTER };
enum { SIM_CLRSTATUS_TO_ERROR, SIM_CLRSTATUS_STALL };
enum { SIM_NO, SIM_YES };
enum { SIM_WRP_SILENT, SIM_WRP_ERROR };
enum { SIM_BUSY_HANG, SIM_BUSY_WAIT };
enum { SIM_READ_WAIT, SIM_READ_HANG };
enum { SIM_MASS_WORKS, SIM_MASS_STALL };
enum { SIM_UPLOAD_STATUS, SIM_UPLOAD_STATE15, SIM_UPLOAD_EMPTY };
enum { SIM_OVERLONG_LATCH, SIM_OVERLONG_SILENT, SIM_OVERLONG_ERR_FILE };
enum { SIM_FIRST_OK, SIM_FIRST_ERR_FIRMWARE };
enum { SIM_REV_V, SIM_REV_Y };
enum { SIM_SUPPLY_OK, SIM_SUPPLY_SAGGING_VDD, SIM_SUPPLY_WEAK_VCAP };
enum { SIM_INCOMPLETE_WORDS, SIM_INCOMPLETE_BITS };
enum { SIM_VCAP_MIXED, SIM_VCAP_HANG, SIM_VCAP_RESET };
enum { SIM_BOOT0_HELD, SIM_BOOT0_TAPPED };
enum { SIM_DOG_SOFTWARE, SIM_DOG_HARDWARE };
enum { SIM_DOG_REFRESH, SIM_DOG_IGNORE };
enum { SIM_SECURITY_NONE, SIM_SECURITY_OFF, SIM_SECURITY_ON };
enum { SIM_TORN_OLD, SIM_TORN_ERASED, SIM_TORN_MIXED };
enum { SIM_ERROR_FLAG, SIM_ERROR_CLEARED };
enum { SIM_NOWHERE_DEFAULT, SIM_NOWHERE_DEAD };
enum { SIM_BANK_ERASE_REFUSED, SIM_BANK_ERASE_PARTIAL };
enum { SIM_OVERWRITE_DAMAGE, SIM_OVERWRITE_SILENT, SIM_OVERWRITE_ERROR };
enum { SIM_COMPLEMENT_OLD, SIM_COMPLEMENT_MADE };
enum { SIM_LENGTH_TRUE, SIM_LENGTH_LONG };

/* What a fault's number counts. */
enum sim_fault_where {
	SIM_AT_TRANSFER,
	SIM_AT_ERASE,
	SIM_AT_PROGRAM,
	SIM_AT_OPTION
};

struct sim_fault_at {
	uint64_t number; /* 0: free */
	enum sim_fault_where where;
	s0_sim_fault fault;
	uint32_t argument; /* or SIM_NO_ARGUMENT */
	/* to be chosen by seed: the kind, and a number up to that one */
	bool any_fault, any_number;
};

/* Cells that do not keep what is put into them. */
#define SIM_CELL_SPECS 16u
#define SIM_CELL_COUNT 64u /* of each */
enum sim_cell_kind {
	SIM_CELL_STUCK_0,
	SIM_CELL_STUCK_1,
	SIM_CELL_WEAK,
	SIM_CELL_ECC,
	SIM_CELL_KINDS
};
struct sim_cell_spec {
	uint32_t kind;
	bool any;    /* in the sector `at`, by seed; else from byte `at` on */
	uint32_t at; /* into the array */
	uint32_t count; /* 0: free */
};

/* A field of the option bytes of a new chip. */
#define SIM_FIELDS 16u
struct sim_field_value {
	const struct s0_option_field *field; /* NULL: free */
	uint32_t value;
};

/* Bit errors on the link, as a host sees them. */
enum sim_noise {
	SIM_NOISE_NONE,
	SIM_NOISE_RETRY,
	SIM_NOISE_PROTO,
	SIM_NOISE_BABBLE,
	SIM_NOISE_PIPE,
	SIM_NOISE_SILENT,
	SIM_NOISE_SHORT,
	SIM_NOISE_RESET,
	SIM_NOISES
};

struct sim_config {
	struct sim_profile profile;
	uint32_t rom, rev, flash_kb, psize, answer, queue, early_poll;
	uint32_t erase_moves_pointer, addr_rule, addr_check, fail_mode;
	uint32_t clrstatus_outside_error, upload_error, overlong, first_status;
	uint32_t string_length;
	uint32_t leave, serial, rdp, wrp, wrp_reports, ob_write_reset;
	uint32_t busy_bank2, bank2_read, mass_erase_bug;
	uint32_t target_error, ecc_read, rdp_set_address, ram_rule, sram4;
	uint32_t jump_sp, crystal, extra_reset, pb15, optsr;
	uint32_t ob_torn, ob_error, bank_erase, overwrite, ob_complement;
	uint32_t security, swap, boot_add0, boot_add1, boot_nowhere;
	uint32_t pcrop[2], secure[2]; /* PRAR and SCAR of a new chip */
	uint32_t poll_erase_ms, poll_program_ms, poll_address_ms;
	uint32_t usb_us_per_packet, turnaround_us;
	/* the board */
	uint32_t supply, vdd_mv, source_mohm, dips_mv, bor, incomplete;
	uint32_t vcap_permille, vcap_fault, boot0, back_ms;
	uint32_t appears; /* ms */
	uint32_t watchdog, watchdog_rom, watchdog_ms;
	uint64_t seed;
	uint64_t uid_salt; /* makes the unique ID of a new file its own */
	double real_scale; /* 0: virtual clock */
	double time_scale; /* of all the chip's own times */
	bool uid_given;
	uint8_t uid[12];
	char layout[128];
	char file[1024];
	struct sim_fault_at faults[SIM_FAULTS];
	struct sim_cell_spec cells[SIM_CELL_SPECS];
	uint32_t noise[SIM_NOISES];		   /* of a thousand transfers */
	uint8_t worn[SIM_SECTORS_MAX];		   /* 0: as new */
	struct sim_field_value fields[SIM_FIELDS]; /* of option bytes */
	/* erase_ms and word_us as given: words of time_word, or a number */
	uint32_t erase_word, erase_number, word_word, word_number;
};

/* Of that chip, whatever the description calls it; NULL: the one it names. */
s0_code sim_config_parse_chip(const struct s0_chip *chip,
			      const char *description,
			      struct sim_config *ret_config,
			      struct s0_error *err);
s0_code sim_config_parse(const char *description, struct sim_config *ret_config,
			 struct s0_error *err);

#endif
