/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_SIM_H
#define SECTOR0_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>

/**
 * @file
 * A virtual STM32 in its ROM bootloader, to test DFU programs against.
 *
 * It models the chip, not any host program: flash with its words, ECC and
 * banks, RAM windows, option bytes, descriptors and strings, the DfuSe state
 * machine with the operation running inside GETSTATUS, and time. It is built
 * from AN3156, AN2606, DFU 1.1, the reference manual's flash chapter and field
 * reports; docs/virtual-stm32.md names which behaviour rests on which, and
 * what is a guess.
 *
 *     struct s0_sim *sim;
 *     s0_sim_new("stm32h743,rom=0x92", &sim, &err);
 *     s0_sim_control(sim, &setup, data, &reply);   // one control transfer
 *
 * A front end carries s0_sim_control() to a host program: this library's own
 * (s0_device_open_sim(), device.h), or one that speaks USB/IP.
 *
 * Time is virtual: it moves only inside s0_sim_control() and
 * s0_sim_advance_us() (and s0_sim_begin(), if it has to wait), unless the
 * description says clock=real.
 */

S0_BEGIN_DECLS

/** A virtual chip. Opaque. */
struct s0_sim;

/**
 * Make a virtual chip, powered and in its bootloader.
 * @param description  PROFILE[,key=value…], for example
 *                     "stm32h743,rev=V,rom=0x91,seed=7"; the keys are listed by
 *                     s0_sim_help(). "sim:" may precede it.
 * @retval S0_E_USAGE  Unknown profile, key or value; the message lists what
 *                     there is.
 * @retval S0_E_FILE, S0_E_FORMAT  The file named by file= cannot be used.
 * @retval S0_E_BUSY   Another process uses that file.
 */
S0_API S0_MUST_CHECK s0_code s0_sim_new(const char *description,
					struct s0_sim **ret_sim,
					struct s0_error *err);

/** Free a virtual chip (its file keeps what it held; an operation that still
    runs in the array ends, as the supply stays). NULL is allowed. */
S0_API void s0_sim_free(struct s0_sim *sim);

/** Keys with their meaning and source, one a line. Static. */
S0_API const char *s0_sim_help(void);

/** A kind of virtual chip. */
struct s0_sim_profile {
	const char *name;  /**< As s0_sim_new() takes it. */
	const char *title; /**< The chips that it stands for. */
	/** Are its alternate settings' names those of a real device? Else they
	    are what the chip's table makes of a relative's. */
	bool dumped;
};

/** One of the profiles, by its number; false if index is too big. Its texts
    are static. */
S0_API bool s0_sim_profile_at(size_t index, struct s0_sim_profile *ret_profile);

/** The eight bytes of a USB SETUP packet. */
struct s0_sim_setup {
	uint8_t request_type; /**< bmRequestType */
	uint8_t request;      /**< bRequest */
	uint16_t value;	      /**< wValue */
	uint16_t index;	      /**< wIndex */
	uint16_t length;      /**< wLength */
};

/** How a control transfer ended, as the host sees it. */
typedef enum s0_sim_handshake {
	S0_SIM_ACK = 0,	  /**< Completed. */
	S0_SIM_STALL = 1, /**< Refused. */
	S0_SIM_SILENT =
		2,	 /**< NAKed without end: the host's time-out decides. */
	S0_SIM_GONE = 3, /**< No device on the bus (any more). */
	S0_SIM_ERROR = 4, /**< The host controller gave it up after three tries
			     (EPROTO), by the key link= alone. */
	S0_SIM_OVERFLOW = 5 /**< Babble (EOVERFLOW), by link= alone. */
} s0_sim_handshake;

/** What came of a control transfer. */
struct s0_sim_reply {
	s0_sim_handshake handshake;
	uint16_t length;  /**< Bytes moved. */
	uint64_t wire_us; /**< Time on the wire, rounded up. */
	uint64_t busy_us; /**< Time the device NAKed while it worked. */
};

/**
 * One whole control transfer, standard requests included. The device's clock
 * moves by its wire time and by the time the device was busy. The host's own
 * turn-around is the front end's to add (s0_sim_advance_us()).
 * @param data  setup->length bytes: read for OUT, written for IN.
 */
S0_API void s0_sim_control(struct s0_sim *sim, const struct s0_sim_setup *setup,
			   uint8_t *data, struct s0_sim_reply *ret_reply);

/** @name A transfer that takes the time that it takes
 *
 * For a front end that keeps to a clock of its own: between begin and finish
 * the front end lets time pass, and what is done to the chip meanwhile (reset,
 * unplug, power cycle) strikes in the middle of the operation. s0_sim_control()
 * is both, and the time in between, in one.
 * @{ */
/**
 * A control transfer reaches the chip. One that has not ended yet is waited
 * for (time passes).
 * @param data  As for s0_sim_control(); must stay until the transfer has ended,
 *              also when nobody asks how.
 */
S0_API void s0_sim_begin(struct s0_sim *sim, const struct s0_sim_setup *setup,
			 uint8_t *data);
/**
 * How did it end?
 * @param ret_reply  Written when it has ended.
 * @return false: it goes on. Come again at s0_sim_due_us().
 */
S0_API S0_MUST_CHECK bool s0_sim_finish(struct s0_sim *sim,
					struct s0_sim_reply *ret_reply);
/** The device's clock when the chip next does something by itself (a transfer
    or an operation goes on, it comes back to the bus), rounded up. UINT64_MAX:
    nothing is under way. */
S0_API uint64_t s0_sim_due_us(const struct s0_sim *sim);
/** @} */

/** The device's clock, microseconds since it was made. */
S0_API uint64_t s0_sim_now_us(const struct s0_sim *sim);

/** Let time pass without a transfer. */
S0_API void s0_sim_advance_us(struct s0_sim *sim, uint64_t us);

/** @name What a person at the bench can do @{ */
/** Pull the plug: off the bus; the supply stays (a running operation ends). */
S0_API void s0_sim_unplug(struct s0_sim *sim);
/** Plug in again: on the bus, freshly powered, in the bootloader. Does nothing
    while it is attached. */
S0_API void s0_sim_replug(struct s0_sim *sim);
/** Power off and on: a running operation is torn. */
S0_API void s0_sim_power_cycle(struct s0_sim *sim);
/**
 * BOOT0 held (as it is at first): a reset or power-on enters the bootloader.
 * Released: it starts the firmware, so the chip is off the bus and
 * s0_sim_started() tells. Takes effect at the next of them.
 */
S0_API void s0_sim_set_boot0(struct s0_sim *sim, bool held);
/** Press NRST: what runs in the array is torn; back on the bus after the
    start-up time. RAM stays, and so does a chip that is unplugged. */
S0_API void s0_sim_reset(struct s0_sim *sim);
/** Is it on the bus? */
S0_API bool s0_sim_attached(const struct s0_sim *sim);
/** Has it hung, so that only a reset or a power cycle helps? */
S0_API bool s0_sim_hung(const struct s0_sim *sim);
/** Vector table address of the firmware it was told to start; 0 if none. */
S0_API uint32_t s0_sim_started(const struct s0_sim *sim);
/** @} */

/** A fault to inject, once. */
typedef enum s0_sim_fault {
	S0_SIM_FAULT_NONE = 0,
	S0_SIM_FAULT_STALL,	 /**< Refused, nothing done. */
	S0_SIM_FAULT_SILENT,	 /**< Nothing done, never answered. */
	S0_SIM_FAULT_LOST_REPLY, /**< Done, but the host never hears of it. */
	S0_SIM_FAULT_UNPLUG,	 /**< Nothing done, gone until replugged. */
	S0_SIM_FAULT_LIE,	 /**< Said to be done, nothing was: an OUT is
				      forgotten, the operation of a GETSTATUS is
				      skipped, an IN of data is empty. */
	S0_SIM_FAULT_TORN,	 /**< Half done, then gone: power lost in the
				      middle of the operation. */
	S0_SIM_FAULT_BROWN_OUT,	 /**< As torn, but it comes back by itself,
				      reset, after 100 ms. */
	S0_SIM_FAULT_HANG,	 /**< Nothing done; silent until power cycle. */
	S0_SIM_FAULT_NAK,	 /**< Done, but NAKed for that many ms before
				      (1000). */
	S0_SIM_FAULT_SHORT,	 /**< Done, but an IN brings only that many
				      bytes (half). */
	S0_SIM_FAULT_REPLUG,	 /**< Nothing done, gone, and plugged in again
				      that many ms later (1000). */
	S0_SIM_FAULT_CUT,	 /**< Gone after that many bytes of the data
				      stage (half), until replugged. */
	S0_SIM_FAULT_BIT_ERROR,	 /**< Done; that bit of an IN's data is wrong
				      (one by seed). */
	S0_SIM_FAULT_COUNT
} s0_sim_fault;

/** Word for a fault, as the fault= key takes it: "stall", "lost-reply", … */
S0_API const char *s0_sim_fault_name(s0_sim_fault fault);

/**
 * Inject a fault at one DFU class request.
 * @param transfer  Which: counted from 1 by s0_sim_transfers(). 0: none.
 */
S0_API void s0_sim_fail_at(struct s0_sim *sim, uint64_t transfer,
			   s0_sim_fault fault);

/**
 * Inject faults as the key fault= says them: KIND@K strikes at the K-th DFU
 * class request, KIND@eraseK and KIND@programK in the K-th such operation,
 * KIND@optionK in the K-th write of option bytes or read unprotect,
 * KIND@anyN at one of the first N by seed; KIND may be "any". :ARGUMENT behind
 * it is what "that many" above stands for. Several are joined with "+".
 * @retval S0_E_USAGE  Not such a text; none of it is injected.
 */
S0_API S0_MUST_CHECK s0_code s0_sim_inject(struct s0_sim *sim,
					   const char *faults,
					   struct s0_error *err);

/** Number of DFU class requests so far, failed ones included. */
S0_API uint64_t s0_sim_transfers(const struct s0_sim *sim);

/** What has happened inside, since it was made. */
struct s0_sim_counters {
	uint64_t transfers;	/**< DFU class requests. */
	uint64_t sector_erases; /**< Completed sector erases. */
	uint64_t mass_erases;
	uint64_t words_programmed; /**< Flash words programmed. */
	uint64_t words_damaged;	   /**< Words made ECC-inconsistent. */
	uint64_t set_addresses;	   /**< Set Address commands carried out. */
	uint64_t erase_us;	   /**< Time spent erasing. */
	uint64_t program_us;	   /**< Time spent programming. */
	uint64_t wire_us;	   /**< Time on the wire. */
	uint64_t option_changes;   /**< Option bytes programmed. */
	uint64_t corrected;	   /**< Words read whose one wrong bit ECC
					mended. */
	uint64_t bus_errors;	   /**< Reads of damaged words. */
	uint64_t stalls;	   /**< Transfers refused, for any reason. */
	uint64_t resets;	   /**< Without the supply going. */
	uint64_t faults;	   /**< Injected ones that struck. */
	uint64_t brown_outs;	   /**< By the supply (supply=). */
	uint64_t incomplete;	   /**< Operations that ended so, since the
					voltage was too low. */
	uint64_t cpu_faults;	   /**< By a weak VCAP. */
	uint64_t watchdog_resets;
	uint64_t link_errors;  /**< Transfers that link= ended or cut short. */
	uint64_t link_retries; /**< … or only made longer. */
};
S0_API void s0_sim_get_counters(const struct s0_sim *sim,
				struct s0_sim_counters *ret_counters);

/** @name A log of every control transfer @{ */
/** One control transfer, as the device saw it. */
struct s0_sim_record {
	uint64_t number; /**< Of all control transfers that reached the device
			      since it was made, from 1, standard ones too. */
	uint64_t start_us, end_us; /**< The device's clock. */
	struct s0_sim_setup setup;
	const uint8_t *data; /**< Bytes moved, out or in; valid during the
				  call. */
	uint16_t length;     /**< Of data. */
	s0_sim_handshake handshake;
	s0_sim_fault fault; /**< Injected into it, or NONE. */
	uint8_t status;	    /**< bStatus after it. */
	uint8_t state;	    /**< bState after it. */
};

/** Called at the end of each control transfer; must not call back into the
    chip but to look inside it. */
typedef void (*s0_sim_log_fn)(void *payload,
			      const struct s0_sim_record *record);
/** @param log  NULL: no log any more. */
S0_API void s0_sim_set_log(struct s0_sim *sim, s0_sim_log_fn log,
			   void *payload);

/**
 * A record as one line of text without a newline: time, request, arguments,
 * data (the first bytes; of long data the CRC-32 too), result, duration. The
 * same record gives the same line.
 * @param size  Of line; what does not fit is cut off.
 * @return Length of the line, without its end.
 */
S0_API size_t s0_sim_record_print(const struct s0_sim_record *record,
				  char *line, size_t size);
/** @} */

/** Times the virtual chip uses, microseconds. */
struct s0_sim_times {
	uint32_t erase_us;	/**< One sector. */
	uint32_t mass_erase_us; /**< The whole array. */
	uint32_t word_us;	/**< One flash word. */
	uint32_t turnaround_us; /**< Host turn-around to charge a transfer. */
};
S0_API void s0_sim_get_times(const struct s0_sim *sim,
			     struct s0_sim_times *ret_times);

/** @name Looking inside; takes no time and no transfer @{ */
/**
 * Read memory as the array holds it (an ECC-damaged word too).
 * @return Bytes read: less than length where there is no memory.
 */
S0_API size_t s0_sim_peek(const struct s0_sim *sim, uint32_t address,
			  void *bytes, size_t length);
/**
 * Set memory as if erased and programmed once (flash words wholly or partly
 * covered become programmed, without damage; all-0xFF words become erased).
 * The window of the option bytes, if all of it is given, is in force at once.
 */
S0_API size_t s0_sim_poke(struct s0_sim *sim, uint32_t address,
			  const void *bytes, size_t length);
/** Make the flash word at @p address ECC-inconsistent; does nothing on a chip
    without ECC. */
S0_API void s0_sim_damage(struct s0_sim *sim, uint32_t address);
/**
 * Flip a bit of the byte at @p address in the array. With ECC, the first wrong
 * bit of a word is mended when it is read (and counted), the second damages
 * the word; without, the bit is simply another.
 * @param bit  0 to 7.
 */
S0_API void s0_sim_flip_bit(struct s0_sim *sim, uint32_t address, unsigned bit);
/** State of the flash word that holds an address. */
typedef enum s0_sim_word {
	S0_SIM_WORD_NONE = 0,	/**< No flash there. */
	S0_SIM_WORD_ERASED,	/**< Never programmed since its erase. */
	S0_SIM_WORD_PROGRAMMED, /**< Programmed once. */
	S0_SIM_WORD_DAMAGED,	/**< A read is a bus error. */
	S0_SIM_WORD_FLAWED,	/**< One wrong bit, mended when read. */
	S0_SIM_WORD_COUNT	/**< No state: how many there are. */
} s0_sim_word;
S0_API s0_sim_word s0_sim_word_state(const struct s0_sim *sim,
				     uint32_t address);
/** @} */

S0_END_DECLS

#endif
