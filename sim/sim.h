/* SPDX-License-Identifier: MIT */
#ifndef SIM_SIM_H
#define SIM_SIM_H

/*
 * Inside of the virtual STM32. It shares nothing with the host side of this
 * project but the base, the link and store contracts and the wire-time
 * formula, so that one misunderstanding cannot hide in both.
 *
 * Who does what:
 *  config.c     PROFILE[,key=value…] -> struct sim_config
 *  values.c     values of the keys
 *  time.c       the chip's clock, 0.1 us a tick
 *  array.c      flash cells, words, ECC, and the operation that runs in a bank
 *  memory.c     which address is which memory; reads and writes of it
 *  options.c    option-byte registers and protections
 *  operation.c  what a DNLOAD asked for, carried out inside GETSTATUS
 *  dfu.c        the DFU state machine
 *  usb.c        control transfers: standard requests, dispatch, wire time
 *  fault.c      faults to inject
 *  power.c      on, off, reset, plug
 *  persist.c    the chip's memory in a store
 *  inspect.c    looking inside
 *  record.c     a transfer as a line of text
 *  sim.c        making and freeing; sim_new.c: from a description
 *  sim_link.c   the front end for a host program in the same process
 */

#include <stdbool.h>
#include <stdint.h>

#include <sector0/sim.h>

#include "link/store.h"
#include "link/usb_link.h"

/* Geometry: DS12110, RM0399 chapter 4. The array is always kept for the
 * largest part; smaller ones have fewer sectors a bank. */
#define SIM_FLASH_BASE	     0x08000000u
#define SIM_FLASH_SIZE	     0x00200000u
#define SIM_BANK_SIZE	     0x00100000u
#define SIM_SECTOR_SIZE	     0x00020000u
#define SIM_SECTORS_PER_BANK 8u
#define SIM_WORD	     32u
#define SIM_PCROP_UNIT	     256u
#define SIM_WORDS	     (SIM_FLASH_SIZE / SIM_WORD)

/* wTransferSize of the H743 ROM (dump in fact sheet 2.1). */
#define SIM_TRANSFER_SIZE 1024u
/* One block that starts and ends inside a flash word. */
#define SIM_PROGRAM_MAX (SIM_TRANSFER_SIZE + 2 * SIM_WORD)

#define SIM_FAULTS 16u

/* Option window: FLASH_OPTSR_CUR to FLASH_BOOT4_PRG of bank 2 (CMSIS). */
#define SIM_OPTIONS_BASE 0x5200201Cu
#define SIM_OPTIONS_SIZE 308u

/* A tick is 0.1 us, so that wire times add up exactly. */
#define SIM_TICKS_PER_US 10u
#define SIM_TICKS_PER_MS 10000u

/* Values of the keys that take a word: the index in the key's list. */
enum { SIM_SERIAL_IDCODE, SIM_SERIAL_UID };
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
enum { SIM_UPLOAD_STATUS, SIM_UPLOAD_STATE15 };
enum { SIM_OVERLONG_LATCH, SIM_OVERLONG_SILENT };
enum { SIM_FIRST_OK, SIM_FIRST_ERR_FIRMWARE };
enum { SIM_REV_V, SIM_REV_Y };

struct sim_fault_at {
	uint64_t transfer; /* 0: free */
	s0_sim_fault fault;
};

struct sim_config {
	uint32_t rom, rev, flash_kb, psize;
	uint32_t erase_moves_pointer, addr_rule, addr_check, fail_mode;
	uint32_t clrstatus_outside_error, upload_error, overlong, first_status;
	uint32_t leave, serial, rdp, wrp, wrp_reports, ob_write_reset;
	uint32_t busy_bank2, bank2_read, mass_erase_bug;
	uint32_t poll_erase_ms, poll_program_ms, poll_address_ms;
	uint32_t usb_us_per_packet, turnaround_us;
	uint64_t seed;
	uint64_t uid_salt; /* makes the unique ID of a new file its own */
	double real_scale; /* 0: virtual clock */
	double time_scale; /* of all the chip's own times */
	bool uid_given;
	uint8_t uid[12];
	char layout[128];
	char file[1024];
	struct sim_fault_at faults[SIM_FAULTS];
	/* erase_ms and word_us as given: words of time_word, or a number */
	uint32_t erase_word, erase_number, word_word, word_number;
	struct s0_sim_times times; /* what comes of them */
};

s0_code sim_config_parse(const char *description, struct sim_config *ret_config,
			 struct s0_error *err);

enum sim_operation_kind {
	SIM_OPERATION_NONE,
	SIM_OPERATION_ERASE,
	SIM_OPERATION_PROGRAM,
};

/* What runs in one bank of the array. Offsets are physical, into the array. */
struct sim_operation {
	uint32_t kind;
	bool mass;	  /* counted by who asked for it */
	uint32_t sectors; /* erase: bit a sector of this bank */
	uint32_t offset;  /* program: multiple of the flash word */
	uint32_t length;  /* program: multiple of the flash word */
	uint64_t start, end;
	uint8_t data[SIM_PROGRAM_MAX];
};

struct sim_array {
	/* Charge in the cells: the complement of what is read, so that zeroed
	 * memory, and a hole in a file, is erased flash. */
	uint8_t *cells;
	uint8_t *words; /* enum sim_word_state of each flash word */
	struct sim_operation running[2];
	bool swapped;	/* SWAP_BANK_OPT as of the last reset */
	bool pgs_error; /* PGSERR: programming fails until reset */
};

enum sim_word_state {
	SIM_STATE_ERASED = 0,
	SIM_STATE_PROGRAMMED = 1,
	SIM_STATE_DAMAGED = 2,
};

/* Option registers as they work (CUR); PRG is set anew at each reset. */
struct sim_option_set {
	uint32_t optsr;
	uint32_t prar[2], scar[2], wpsn[2];
	uint32_t boot;
};

struct sim_options {
	struct sim_option_set cur, prg;
	bool change_error;
};

struct sim_dfu {
	uint8_t state;
	uint8_t status;
	uint32_t poll_ms;
	bool pending; /* a DNLOAD whose operation has not run */
	bool latched; /* by an over-long DNLOAD */
	uint16_t block;
	uint16_t length;
	uint32_t pointer;
	uint8_t buffer[SIM_TRANSFER_SIZE];
};

struct s0_sim {
	struct sim_config config;
	struct store *store; /* NULL: none */
	bool store_failed;
	uint64_t now; /* ticks */
	uint64_t real_start_us;
	uint64_t random;
	uint32_t power_ons; /* this file's life long */
	uint8_t uid[12];
	struct sim_array array;
	struct sim_options options;
	uint8_t *dtcm, *axi;
	struct sim_dfu dfu;
	/* on the bus */
	bool attached, hung;
	bool absent;	     /* no plug or no supply: a reset does not help */
	bool boot0_released; /* a reset starts the firmware */
	uint64_t back_at;    /* ticks; 0: does not come back by itself */
	bool reconnects;     /* it then comes back without a reset */
	uint32_t generation; /* counts enumerations */
	uint8_t configuration, alternate;
	uint32_t started;
	/* this transfer */
	uint64_t busy;	  /* ticks the device NAKed in it */
	bool power_fails; /* in the middle of the operation it runs */
	bool comes_back;  /* after that, by itself */
	bool skip_operation;
	struct sim_fault_at faults[SIM_FAULTS];
	uint64_t wire;	   /* ticks on the wire so far */
	uint64_t controls; /* transfers so far, standard ones too */
	s0_sim_log_fn log; /* NULL: none */
	void *log_payload;
	struct s0_sim_counters counters;
};

/* sim.c. Takes the store over, also when it fails. */
s0_code sim_create(const struct sim_config *config, struct store *store,
		   struct s0_sim **ret_sim, struct s0_error *err);

/* sim_link.c. @own: close() frees the chip too. */
s0_code sim_link_new(struct s0_sim *sim, bool own, const char *path,
		     struct usb_link **ret_link, struct s0_error *err);

/* time.c */
void sim_time_start(struct s0_sim *sim);
void sim_time_advance(struct s0_sim *sim, uint64_t ticks);
void sim_time_catch_up(struct s0_sim *sim);
uint64_t sim_time_now(const struct s0_sim *sim);
/* The bootloader's CPU waits: time in which the transfer is NAKed. */
void sim_time_work(struct s0_sim *sim, uint64_t ticks);
uint64_t sim_random(struct s0_sim *sim);
/* One of the chip's own times, scaled; never 0. */
uint64_t sim_time_ticks(const struct s0_sim *sim, uint64_t us);
/* What it says of them in bwPollTimeout. */
uint32_t sim_time_poll_ms(const struct s0_sim *sim, uint32_t ms);

/* array.c */
bool sim_array_has(const struct s0_sim *sim, uint32_t offset);
/* Physical place of an offset from 0x08000000, and back. */
uint32_t sim_array_place(const struct s0_sim *sim, uint32_t offset);
void sim_array_read(const struct s0_sim *sim, uint32_t place, uint8_t *bytes,
		    uint32_t length);
bool sim_array_damaged(const struct s0_sim *sim, uint32_t place,
		       uint32_t length);
/* @ticks 0 is not allowed (it could not be torn); the bank must be idle. */
void sim_array_erase(struct s0_sim *sim, unsigned bank, uint32_t sectors,
		     bool mass, uint64_t ticks);
void sim_array_program(struct s0_sim *sim, uint32_t place, const uint8_t *data,
		       uint32_t length, uint64_t ticks);
/* Ticks until the bank is idle. */
uint64_t sim_array_busy(const struct s0_sim *sim, unsigned bank);
/* Complete what has reached its end. */
void sim_array_settle(struct s0_sim *sim);
/* The supply fails: what runs is torn. */
void sim_array_tear(struct s0_sim *sim);
void sim_array_poke(struct s0_sim *sim, uint32_t place, const uint8_t *bytes,
		    uint32_t length);
void sim_array_damage(struct s0_sim *sim, uint32_t place);

/* How something that the bootloader does ends. */
enum sim_outcome {
	SIM_DONE,
	SIM_FAILED,	 /* the flash reported an error */
	SIM_BAD_ADDRESS, /* errTARGET */
	SIM_FORBIDDEN,	 /* errVENDOR */
	SIM_UNSUPPORTED, /* STALL, errSTALLEDPKT */
	SIM_HUNG,	 /* silence until a power cycle */
	SIM_OFF		 /* no longer on the bus */
};

/* memory.c */
enum sim_memory {
	SIM_NOWHERE,
	SIM_FLASH,
	SIM_RAM,
	SIM_SYSTEM,
	SIM_OPTION_WINDOW
};
/* The memory in which the whole range lies, as the bootloader allows it. */
enum sim_memory sim_memory_find(const struct s0_sim *sim, uint32_t address,
				uint32_t length);
enum sim_outcome sim_memory_read(struct s0_sim *sim, uint32_t address,
				 uint8_t *bytes, uint32_t length);
/* Where a byte of RAM is kept, whether the host may use it or not. */
uint8_t *sim_memory_ram(const struct s0_sim *sim, uint32_t address);
void sim_memory_clear_ram(struct s0_sim *sim);
uint8_t sim_memory_system_byte(const struct s0_sim *sim, uint32_t address);

/* options.c */
void sim_options_factory(struct s0_sim *sim);
void sim_options_load(struct s0_sim *sim);	    /* at reset: PRG := CUR */
unsigned sim_options_rdp(const struct s0_sim *sim); /* level 0, 1 or 2 */
/* Where a reset goes with BOOT0 so, when it goes to no bootloader; else 0. */
uint32_t sim_options_start(const struct s0_sim *sim, bool boot0_held);
bool sim_options_protected(const struct s0_sim *sim, uint32_t place);
bool sim_options_bank_protected(const struct s0_sim *sim, unsigned bank);
bool sim_options_secret(const struct s0_sim *sim, uint32_t place);
void sim_options_read(const struct s0_sim *sim, uint32_t offset, uint8_t *bytes,
		      uint32_t length);
/* Takes a whole window's PRG registers in. */
void sim_options_take(struct s0_sim *sim, const uint8_t *window);
/* Is what PRG asks allowed? Does it lead from RDP level 1 to 0? */
bool sim_options_legal(const struct s0_sim *sim);
bool sim_options_regress(const struct s0_sim *sim);
/* PRG := CUR, but at RDP level 0. */
void sim_options_ask_open(struct s0_sim *sim);
void sim_options_commit(struct s0_sim *sim); /* CUR := PRG */
void sim_options_reject(struct s0_sim *sim); /* OPTCHANGEERR */
/* Sectors that a regression leaves alone (PCROP without DMEP). */
uint32_t sim_options_kept(const struct s0_sim *sim, unsigned bank);

/* operation.c */
enum sim_outcome sim_operation_run(struct s0_sim *sim);
enum sim_outcome sim_operation_wait_bank(struct s0_sim *sim, unsigned bank,
					 bool wait);

/* dfu.c */
enum {
	SIM_DETACH = 0,
	SIM_DNLOAD = 1,
	SIM_UPLOAD = 2,
	SIM_GETSTATUS = 3,
	SIM_CLRSTATUS = 4,
	SIM_GETSTATE = 5,
	SIM_ABORT = 6
};
void sim_dfu_reset(struct s0_sim *sim);
void sim_dfu_request(struct s0_sim *sim, const struct s0_sim_setup *setup,
		     uint8_t *data, struct s0_sim_reply *reply);
/* Where a block lies; beyond 32 bits where it lies nowhere. */
uint64_t sim_dfu_address(const struct s0_sim *sim, uint16_t block,
			 uint16_t length);
bool sim_dfu_has_operation(const struct s0_sim *sim,
			   const struct s0_sim_setup *setup);

/* descriptors.c */
const uint8_t *sim_descriptors_device(void);
const uint8_t *sim_descriptors_config(uint16_t *ret_length);
/* 0 when there is no such string. */
uint16_t sim_descriptors_string(const struct s0_sim *sim, uint8_t index,
				uint8_t raw[255]);

/* standard.c */
void sim_standard_request(struct s0_sim *sim, const struct s0_sim_setup *setup,
			  uint8_t *data, struct s0_sim_reply *reply);

/* fault.c */
s0_sim_fault sim_fault_take(struct s0_sim *sim, uint64_t transfer);
bool sim_fault_parse(const char *word, size_t length, s0_sim_fault *ret_fault);

/* power.c */
void sim_power_on(struct s0_sim *sim);
/* Supply lost: torn, off the bus; back after 100 ms if @comes_back. */
void sim_power_lose(struct s0_sim *sim, bool comes_back);
/* A reset that is no power cut; back by itself. */
void sim_power_reset(struct s0_sim *sim);
void sim_power_detach(struct s0_sim *sim);
/* Off the bus and on again; the chip runs on meanwhile. */
void sim_power_reconnect(struct s0_sim *sim);
/* The firmware runs, or nothing does. */
void sim_power_start(struct s0_sim *sim, uint32_t vectors);
void sim_power_settle(struct s0_sim *sim);

/* persist.c: each does nothing without a store */
s0_code sim_persist_open(struct s0_sim *sim, struct s0_error *err);
void sim_persist_words(struct s0_sim *sim, uint32_t place, uint32_t length);
void sim_persist_operation(struct s0_sim *sim, unsigned bank);
void sim_persist_options(struct s0_sim *sim);

#endif
