/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_PLAN_H
#define SECTOR0_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/chip.h>
#include <sector0/error.h>
#include <sector0/image.h>
#include <sector0/map.h>

/**
 * @file
 * What will be done to a device, decided before anything is done.
 *
 * A plan is a pure function of an image, a memory map, a chip's data, a policy
 * and, where a session looked at a device (s0_session_plan(), session.h), of
 * what its flash holds: the survey. No device is touched by making one.
 * Everything that can be refused is refused here, while the device is intact.
 *
 * Without a survey every touched sector is taken to need its erase.
 */

S0_BEGIN_DECLS

/** Which sectors to erase. */
typedef enum s0_erase_policy {
	S0_ERASE_NEEDED = 0, /**< Those whose content must change. */
	S0_ERASE_ALL = 1,    /**< The whole flash. */
	S0_ERASE_NONE = 2 /**< None: what is written must be erased already. */
} s0_erase_policy;

/** How much is read of what an erase takes besides the image, where it is not
    kept (then all of it is). */
typedef enum s0_lost_policy {
	S0_LOST_SEEN = 0, /**< Two samples of each sector, right behind the
			       image and at its end, until one holds bytes:
			       those are counted, and there may be more. */
	S0_LOST_COUNTED =
		1,	/**< All of it in sectors whose samples hold any. */
	S0_LOST_ALL = 2 /**< All of it. */
} s0_lost_policy;

/** Choices that shape a plan. Zero-initialise for the defaults. */
struct s0_policy {
	s0_erase_policy erase;
	bool keep;	     /**< Keep the bytes of touched sectors that the
				  image does not cover. */
	s0_lost_policy lost; /**< How what an erase takes is looked for. */
	bool full;	     /**< Rewrite sectors that hold the right bytes. */
	bool no_verify;	     /**< Do not read back what was written. */
	bool trust_last_run; /**< Sectors in which the last run verified these
				  very bytes, by the host's record, are
				  sampled and not read: what no sample meets
				  may have been changed by something else.
				  With S0_ERASE_NEEDED, and not with full. */
	bool rollback;	     /**< Record what the sectors hold before they are
				  changed, and put it back if the run fails
				  (s0_session_run()). Not with no_verify. */
	bool skip_non_flash; /**< Leave out what does not lie in flash. */
	bool write_ram;	     /**< Bytes for RAM that the bootloader gives to the
				  host are written there (else refused). */
	bool compare;	     /**< Only compare: nothing is erased or written,
				  whatever can be read may be covered. */
	bool start;	     /**< Leave the bootloader afterwards. */
	uint32_t start_address; /**< Vector table; 0: the image's lowest flash
				  address. */
	uint32_t block;		/**< Bytes a transfer; 0: 1024. */
	/** Times to reckon with instead of the chip's; NULL: the chip's. */
	const struct s0_timing *timing;
	unsigned rom;	  /**< Bootloader version, 0: not known. */
	bool unprotected; /**< The option bytes protect no sector: one that is
				protected keeps its bank from a mass erase,
				silently. */
	/** The option bytes as they are read, for what they keep from being
	    changed; NULL: not known. Used while the plan is made. */
	const uint8_t *options;
	size_t option_length; /**< Of them, bytes. */
	bool lift_protection; /**< Write protection is no reason to refuse: it
				    is taken off for the run. A session
				    sets it by s0_session_lift_protection(). */
};

/** What happens to (a part of) a segment. */
typedef enum s0_action {
	S0_ACTION_WRITE = 0,
	S0_ACTION_SKIP_EMPTY = 1,     /**< It has no bytes in the file. */
	S0_ACTION_SKIP_NON_FLASH = 2, /**< Left out, as asked. */
	S0_ACTION_COMPARE = 3	      /**< A comparison was asked for. */
} s0_action;

/** "write", "skip-empty", "skip-non-flash", "compare". */
S0_API const char *s0_action_name(s0_action action);

/** A segment, or the part of it that lies in one memory. Strings are owned by
    the image and the map. */
struct s0_plan_segment {
	struct s0_segment segment; /**< The whole segment, as in the file. */
	uint32_t address;	   /**< This part. */
	uint32_t length;
	const char *memory; /**< Name of the memory it lies in, or "". */
	s0_action action;
	s0_cause cause; /**< Why it is left out (S0_CAUSE_RAM, …); else
				S0_CAUSE_NONE. */
};

/** What is known of a touched sector's content before the run. */
typedef enum s0_content {
	S0_CONTENT_UNKNOWN = 0, /**< Not looked at. */
	S0_CONTENT_SAME = 1,	/**< Holds the image's bytes already. */
	S0_CONTENT_DIFFERENT = 2,
	S0_CONTENT_NOTED = 3 /**< An earlier run was cut in it, or reading it
				  stopped the bootloader: not to be read
				  before it is erased. */
} s0_content;

/** A sector that the image touches. */
struct s0_plan_sector {
	uint32_t address;
	uint32_t length;
	s0_content content;
	bool erase;
	bool write;
	uint32_t image_bytes;	/**< Image bytes in it. */
	uint32_t write_bytes;	/**< Image bytes to be sent to it. */
	uint32_t lost_bytes;	/**< Bytes that are not erased, not in the
				       image, and that the erase will take. */
	bool lost_known;	/**< Were all counted? Else there are at least
				   so many. */
	uint32_t kept_bytes;	/**< Bytes to be written back as they were. */
	uint32_t trusted_bytes; /**< Image bytes that were not read: the
				     host's record says that they are right. */
	bool lift; /**< Its write protection is taken off for the run. */
};

/** Kinds of step. */
typedef enum s0_step_kind {
	S0_STEP_ERASE = 0, /**< Erase one sector. */
	S0_STEP_MASS_ERASE = 1,
	S0_STEP_WRITE = 2,  /**< Write a contiguous run of erased memory. */
	S0_STEP_VERIFY = 3, /**< Read a range back and compare. */
	S0_STEP_START = 4   /**< Leave the bootloader, start at address. */
} s0_step_kind;

/** "erase", "mass-erase", "write", "verify", "start". */
S0_API const char *s0_step_name(s0_step_kind kind);

/** One step, in the order in which they are done. */
struct s0_step {
	s0_step_kind kind;
	uint32_t address;
	uint32_t length;      /**< Bytes; 0 for S0_STEP_START. */
	uint32_t estimate_us; /**< Expected duration. */
};

/** A plan. Opaque. Keeps pointers into the map and the chip, which must
    outlive it; strings of the image too. */
struct s0_plan;

/** Numbers that sum a plan up. */
struct s0_plan_summary {
	uint64_t
		image_bytes; /**< Image bytes that lie where they are wanted. */
	uint64_t write_bytes;	/**< Image bytes to be sent, padding and blank
				     blocks not counted. */
	uint64_t skipped_bytes; /**< Image bytes that are there already. */
	uint64_t trusted_bytes; /**< Those of them that were not read. */
	uint64_t lost_bytes;	/**< Sum over the sectors to erase. */
	bool lost_known;	/**< Counted in all of them? Else there are at
				     least so many. */
	uint64_t kept_bytes;
	size_t erase_count;   /**< Sectors to erase. */
	uint64_t estimate_us; /**< Of all steps and of the survey. */
	uint64_t floor_us;    /**< The least the job can take on this chip:
				     docs/performance.md has the formula. */
	bool surveyed;	      /**< Was a device looked at? */
};

/**
 * Work out the steps that put an image into a device's memory.
 *
 * Order: the sector with the vector table (the image's lowest flash address)
 * is erased first and written last, so that a run cut short never leaves half
 * an application that looks whole. (A vector table that does not change stays
 * where it is, while other sectors are rewritten.)
 *
 * @param image    What to write. Must outlive the plan.
 * @param policy   Choices, or NULL for the defaults.
 * @param ret_plan Set on success; to be freed with s0_plan_free().
 * @retval S0_OK
 * @retval S0_E_EMPTY       There is no byte to program at all.
 * @retval S0_E_OUTSIDE     Bytes lie where this bootloader cannot write;
 *                          address, length and cause say which and why.
 * @retval S0_E_NOT_ERASED  S0_ERASE_NONE, and the survey found flash words
 *                          that are neither erased nor right.
 * @retval S0_E_PROTECTED   The option bytes keep sectors that have to change
 *                          from it. (Not those that are right already, where
 *                          there is a survey.)
 * @retval S0_E_USAGE       Choices that contradict each other.
 * @retval S0_E_UNSUPPORTED No chip data (chip is NULL).
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_plan_new(const struct s0_image *image,
					 const struct s0_map *map,
					 const struct s0_chip *chip,
					 const struct s0_policy *policy,
					 struct s0_plan **ret_plan,
					 struct s0_error *err);

/** Free a plan. NULL is allowed. */
S0_API void s0_plan_free(struct s0_plan *plan);

/** Number of steps; 0 if there is nothing to do. Never fails. */
S0_API size_t s0_plan_step_count(const struct s0_plan *plan);
/** One step; NULL if index is too big. Owned by the plan; so are the next. */
S0_API const struct s0_step *s0_plan_step(const struct s0_plan *plan,
					  size_t index);
/** Number of segments, or parts of segments, of the files. */
S0_API size_t s0_plan_segment_count(const struct s0_plan *plan);
S0_API const struct s0_plan_segment *s0_plan_segment(const struct s0_plan *plan,
						     size_t index);
/** Number of flash sectors that the image touches. */
S0_API size_t s0_plan_sector_count(const struct s0_plan *plan);
/** One of them, by address; NULL if index is too big. */
S0_API const struct s0_plan_sector *s0_plan_sector(const struct s0_plan *plan,
						   size_t index);
/** The plan in numbers. */
S0_API void s0_plan_summarise(const struct s0_plan *plan,
			      struct s0_plan_summary *ret_summary);

/** The vector table that the image begins with. */
struct s0_vectors {
	uint32_t address;    /**< The image's lowest flash address. */
	uint32_t stack;	     /**< First word: the stack pointer at start. */
	uint32_t reset;	     /**< Second word: where execution begins. */
	bool stack_in_ram;   /**< Or at the end of a RAM; a multiple of 4. */
	bool reset_in_image; /**< Are there bytes of the image? */
	bool aligned; /**< A multiple of 128 bytes, as VTOR takes it; more
				vectors need more. */
};

/**
 * The image's vector table, where it must have one: at the start of flash, at
 * what is to be started, and elsewhere where the first word is a stack pointer.
 * @return false if the image has none that can be judged.
 */
S0_API bool s0_plan_vectors(const struct s0_plan *plan,
			    struct s0_vectors *ret_vectors);

/** Takes one line of text at a time, without its line end. */
typedef void (*s0_line_fn)(void *payload, const char *line);

/** Print a plan for people, line by line (what `sector0 plan` shows). */
S0_API S0_MUST_CHECK s0_code s0_plan_print(const struct s0_plan *plan,
					   s0_line_fn line, void *payload,
					   struct s0_error *err);

/**
 * What should be said before the plan is carried out: bytes that the erase
 * will take, segments left out, sectors that cannot be read. One sentence a
 * line.
 */
S0_API S0_MUST_CHECK s0_code s0_plan_warnings(const struct s0_plan *plan,
					      s0_line_fn line, void *payload,
					      struct s0_error *err);

S0_END_DECLS

#endif
