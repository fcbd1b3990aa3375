/* SPDX-License-Identifier: MIT */
#ifndef SIM_SIM_H
#define SIM_SIM_H

/*
 * Inside of the virtual STM32. It shares nothing with the host side of this
 * project but the base, the link and store contracts and the wire-time
 * formula, so that one misunderstanding cannot hide in both.
 *
 * Who does what:
 *  profile*.c   what one kind of chip is; traits.c: what its ROM is and has;
 *               layout.c: the names of its alternate settings
 *  config.c     PROFILE[,key=value…] -> struct sim_config
 *  values.c     values of the keys
 *  time.c       the chip's clock, 0.1 us a tick; times.c: what takes how long
 *  array.c      flash cells, words, ECC, and the operation that runs in a bank
 *  memory.c     which address is which memory; reads and writes of it
 *  options*.c   option bytes (settings.h); option_areas.c: what they
 *               protect; option_rules.c: which changes are legal
 *  operation.c  what a DNLOAD asked for; job.c: carried out step by step
 *  dfu.c        the DFU state machine
 *  usb.c        control transfers, from begin to end; wire time
 *  standard.c   standard requests; descriptors.c: descriptors and strings
 *  fault.c      faults to inject; act.c: what they do to a transfer
 *  power.c      on, off, reset, plug; board.h: what is wrong with it
 *  persist.c    the chip's memory in a store
 *  inspect.c    looking inside
 *  record.c     a transfer as a line of text
 *  sim.c        making and freeing; sim_new.c: from a description
 *  sim_link.c   the front end for a host program in the same process; queue.c
 */

#include <stdbool.h>
#include <stdint.h>

#include <sector0/sim.h>

#include "link/store.h"
#include "link/usb_link.h"
#include "sim/board.h"
#include "sim/config.h"
#include "sim/job.h"
#include "sim/settings.h"

#define SIM_FLASH_BASE 0x08000000u
/* Unit of PCROP areas. */
#define SIM_PCROP_UNIT 256u

/* A tick is 0.1 us, so that wire times add up exactly. */
#define SIM_TICKS_PER_US 10u

enum sim_operation_kind {
	SIM_OPERATION_NONE,
	SIM_OPERATION_ERASE,
	SIM_OPERATION_PROGRAM,
};

/* What runs in one bank of the array. Offsets are physical, into the array. */
struct sim_operation {
	uint32_t kind;
	bool mass;	 /* counted by who asked for it */
	bool incomplete; /* the voltage is too low for it */
	uint32_t offset; /* program: multiple of the flash word */
	uint32_t length; /* program: multiple of the flash word */
	uint64_t start, end;
	struct sim_sectors sectors; /* erase: of this bank */
	uint8_t data[SIM_PROGRAM_MAX];
};

struct sim_array {
	/* Charge in the cells: what is read differs in these bits from erased
	 * flash, so that zeroed memory, and a hole in a file, is that. */
	uint8_t *cells;
	uint8_t *words; /* enum sim_word_state of each flash word */
	struct sim_operation running[2];
	bool swapped;	/* SWAP_BANK_OPT as of the last reset */
	bool pgs_error; /* PGSERR: programming fails until reset */
	bool refused;	/* PROGERR: a word of the last program was not empty */
	uint8_t *extra; /* OTP and EEPROM, charge as in the cells */
	uint32_t psize; /* programming parallelism now */
};

enum sim_word_state {
	SIM_STATE_ERASED = 0,
	SIM_STATE_PROGRAMMED = 1,
	SIM_STATE_DAMAGED = 2,
	SIM_STATE_FLAWED = 3 /* one wrong bit: mended by ECC when read */
};

/* Option registers as they work (CUR); PRG is set anew at each reset. */
struct sim_option_set {
	uint32_t optsr;
	uint32_t prar[2], scar[2], wpsn[2];
	uint32_t boot;
};

/* Word by word, as the chip's data has them. */
struct sim_option_words {
	uint32_t value[SIM_OPTION_WORDS];
};

struct sim_options {
	struct sim_option_set cur, prg;
	struct sim_option_words words, asked; /* the same, of SIM_DATA */
	bool change_error;
	bool secure; /* SECURITY as of the last reset */
};

struct sim_dfu {
	uint8_t state;
	uint8_t status;
	uint32_t poll_ms;
	uint64_t poll_end; /* ticks; when the time last reported is over */
	bool pending;	   /* a DNLOAD whose operation has not run */
	bool latched;	   /* by an over-long DNLOAD */
	bool openbl;	   /* says dfuERROR, is in another state */
	bool aimed;	   /* an address has been set */
	uint16_t block;
	uint16_t length;
	uint32_t pointer;
	uint8_t buffer[SIM_TRANSFER_MAX];
};

enum sim_stage {
	SIM_QUEUED,  /* NAKed until the bootloader looks at it */
	SIM_WORKING, /* the operation that it began runs */
	SIM_ON_WIRE  /* decided; the bytes are on their way */
};

/* A control transfer, from its SETUP packet to its handshake. */
struct sim_transfer {
	bool active;	/* its end is still to come */
	bool inside;	/* being computed just now */
	bool again;	/* looked at too early: to be asked again at until */
	bool operation; /* it began one, and tells how that ended */
	bool cut;	/* power fails at until */
	bool unheard;	/* by the device, if noise is on the link */
	uint32_t noise; /* enum sim_noise */
	enum sim_stage stage;
	uint64_t start, until; /* ticks */
	struct s0_sim_setup setup;
	uint8_t *data;
	struct s0_sim_reply reply;
	struct sim_fault_at fault;
};

struct s0_sim {
	const struct sim_profile *chip; /* the one in config */
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
	uint8_t *rams[SIM_RAMS];
	uint8_t device[18]; /* its descriptor */
	struct sim_dfu dfu;
	struct sim_job job;
	/* on the bus */
	bool attached, hung;
	bool absent;	     /* no plug or no supply: a reset does not help */
	bool boot0_released; /* a reset starts the firmware */
	bool cold;	     /* no NRST since the supply came */
	uint64_t back_at;    /* ticks; 0: does not come back by itself */
	struct sim_supply supply;
	struct sim_watchdog watchdog;
	struct sim_cells cells;
	bool noisy; /* is there any noise on the link at all */
	uint64_t noise_random;
	bool reconnects;     /* it then comes back without a reset */
	uint32_t generation; /* counts enumerations */
	uint8_t configuration, alternate;
	uint32_t started;
	bool bus_reset; /* noticed when the bootloader has time for it */
	struct sim_transfer transfer;
	bool skip_operation;
	struct sim_fault_at faults[SIM_FAULTS];
	/* operations begun so far */
	uint64_t erases, programs, option_changes;
	uint64_t wire;	   /* ticks on the wire so far */
	uint64_t controls; /* transfers so far, standard ones too */
	s0_sim_log_fn log; /* NULL: none */
	void *log_payload;
	struct s0_sim_counters counters;
};

/* sim.c. Takes the store over, also when it fails. */
s0_code sim_create(const struct sim_config *config, struct store *store,
		   struct s0_sim **ret_sim, struct s0_error *err);

/* sim_new.c: as s0_sim_new(), but of that chip, which has to outlive it; NULL:
 * of the one that the description names. */
s0_code sim_new_of(const struct s0_chip *chip, const char *description,
		   struct s0_sim **ret_sim, struct s0_error *err);

/* sim_link.c. @own: close() frees the chip too. */
s0_code sim_link_new(struct s0_sim *sim, bool own, const char *path,
		     struct usb_link **ret_link, struct s0_error *err);

/* time.c */
void sim_time_start(struct s0_sim *sim);
void sim_time_advance(struct s0_sim *sim, uint64_t ticks);
void sim_time_catch_up(struct s0_sim *sim);
uint64_t sim_time_now(const struct s0_sim *sim);
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
unsigned sim_array_count(const struct s0_sim *sim, uint32_t place,
			 uint32_t length, enum sim_word_state state);
bool sim_array_damaged(const struct s0_sim *sim, uint32_t place,
		       uint32_t length);
/* @ticks 0 is not allowed (it could not be torn); the bank must be idle. */
void sim_array_erase(struct s0_sim *sim, unsigned bank,
		     const struct sim_sectors *sectors, bool mass,
		     uint64_t ticks);
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
void sim_array_flip(struct s0_sim *sim, uint32_t place, unsigned bit);

/* times.c: ticks, scaled, at the parallelism of the moment. */
uint64_t sim_times_erase(const struct s0_sim *sim, uint32_t place);
void sim_times_facts(const struct s0_sim *sim, struct usb_link_facts *facts);
uint64_t sim_times_mass(const struct s0_sim *sim);
uint64_t sim_times_program(const struct s0_sim *sim, uint32_t length);

/* memory.c */
enum sim_memory {
	SIM_NOWHERE,
	SIM_FLASH,
	SIM_RAM,
	SIM_SYSTEM,
	SIM_OTP,
	SIM_EEPROM,
	SIM_FEATURE,
	SIM_OPTION_WINDOW
};
/* The memory in which the whole range lies, as the bootloader allows it. */
enum sim_memory sim_memory_find(const struct s0_sim *sim, uint32_t address,
				uint32_t length);
/* SIM_WAIT: ask again at the transfer's until. */
enum sim_outcome sim_memory_read(struct s0_sim *sim, uint32_t address,
				 uint8_t *bytes, uint32_t length);
/* Where a byte of RAM is kept, whether the host may use it or not. */
uint8_t *sim_memory_ram(const struct s0_sim *sim, uint32_t address);
void sim_memory_clear_ram(struct s0_sim *sim);
/* What goes with a regression of the read protection. */
void sim_memory_clear_backup(struct s0_sim *sim);
/* Initial stack pointer fit for a jump (AN2606)? */
bool sim_memory_stack_fits(const struct s0_sim *sim, uint32_t pointer);
uint8_t sim_memory_system_byte(const struct s0_sim *sim, uint32_t address);
/* The OTP or EEPROM that holds an address; NULL. */
const struct sim_spot *sim_memory_spot(const struct s0_sim *sim,
				       uint32_t address);
uint8_t sim_memory_extra_byte(const struct s0_sim *sim, uint32_t address);
/* The window of option bytes that starts there; NULL. */
const struct s0_option_window *sim_memory_window(const struct s0_sim *sim,
						 uint32_t address);

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
/* early.c: is a GETSTATUS that comes now stalled for that? */
bool sim_early_stalls(const struct s0_sim *sim,
		      const struct s0_sim_setup *setup);
/* What that operation counts as; SIM_AT_TRANSFER: as none. */
enum sim_fault_where sim_dfu_operation_kind(const struct s0_sim *sim);
/* Is it a write of option bytes (which counts as a write too), or a read
 * unprotect? */
bool sim_dfu_changes_options(const struct s0_sim *sim);
/* What the end of its operation makes of the GETSTATUS that began it. */
void sim_dfu_conclude(struct s0_sim *sim, struct s0_sim_reply *reply);
/* An operation has ended. */
void sim_dfu_end(struct s0_sim *sim, enum sim_outcome outcome);

/* descriptors.c */
/* As of this ROM version. */
void sim_descriptors_make(struct s0_sim *sim);
uint16_t sim_descriptors_config_length(const struct s0_sim *sim);
/* 0 when there is no such string. */
uint16_t sim_descriptors_string(const struct s0_sim *sim, uint8_t index,
				uint8_t raw[255]);

/* standard.c */
void sim_standard_request(struct s0_sim *sim, const struct s0_sim_setup *setup,
			  uint8_t *data, struct s0_sim_reply *reply);

/* fault.c */
bool sim_fault_take(struct s0_sim *sim, enum sim_fault_where where,
		    uint64_t number, struct sim_fault_at *ret_fault);
bool sim_fault_parse(const char *word, size_t length, s0_sim_fault *ret_fault);
/* KIND@WHERE[:ARGUMENT][+…]: as many as there are places. */
bool sim_fault_parse_list(const char *value, struct sim_fault_at *faults);
/* Make the choices that are left to the seed. */
void sim_fault_choose(struct s0_sim *sim);
void sim_fault_add(struct s0_sim *sim, const struct sim_fault_at *fault);

/* act.c: what the fault of this transfer does when the transfer is looked at,
 * and when what it began is over. */
void sim_act(struct s0_sim *sim);
void sim_act_end(struct s0_sim *sim);
/* Ticks for which the fault holds it up. */
uint64_t sim_act_delay(const struct sim_fault_at *fault);
/* Does the bootloader get to see it? */
bool sim_act_reaches(const struct s0_sim *sim);

/* usb.c */
void sim_usb_dispatch(struct s0_sim *sim);
/* Go on with the transfer, as far as it is due. */
void sim_usb_settle(struct s0_sim *sim);
/* When there is more to be done for it, ticks; UINT64_MAX: never. */
uint64_t sim_usb_due(const struct s0_sim *sim);
/* Somebody outside takes the chip off the bus: the transfer ends. */
void sim_usb_break(struct s0_sim *sim);
/* The host resets the bus. */
void sim_usb_reset(struct s0_sim *sim);

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
/* Unplugged now, plugged in again by itself. */
void sim_power_replug_after(struct s0_sim *sim, uint64_t ticks);

/* persist.c: each does nothing without a store */
s0_code sim_persist_open(struct s0_sim *sim, struct s0_error *err);
void sim_persist_words(struct s0_sim *sim, uint32_t place, uint32_t length);
void sim_persist_operation(struct s0_sim *sim, unsigned bank);
void sim_persist_options(struct s0_sim *sim);
void sim_persist_extra(struct s0_sim *sim);

#endif
