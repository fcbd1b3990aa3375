/* SPDX-License-Identifier: MIT */
#ifndef SESSION_JOURNAL_H
#define SESSION_JOURNAL_H

/*
 * What the host remembers of sectors that it has begun to change, so that a
 * run which is cut does not harm the next: such a sector must be erased before
 * it is read (a damaged flash word stops the bootloader), and bytes that were
 * to be kept are here and nowhere else.
 *
 * A store is a row of records: magic "S0J1", kind, address, length, CRC-32 of
 * the three and of the payload, payload. A record that is cut short or wrong
 * ends the row: it was being written when the power went. What stands behind
 * it is void, and so are kept bytes at the end of the row, whose sector was
 * never begun: both are cut off before anything is added.
 *
 * It also remembers facts about the chip that outlive a run: how long its
 * erases took, and what a verified run left in which sector. They are hints
 * that may get lost. Any later record of a sector voids what it is said to
 * hold, so that is void on disk before the sector is changed.
 */

#include <stdbool.h>

#include <sector0/image.h>

#include "link/store.h"

enum note_kind {
	NOTE_BEGUN = 1,	  /* erase or write begun, end not seen */
	NOTE_KEPT = 2,	  /* payload: bytes to be written back */
	NOTE_DONE = 3,	  /* the sector is right again */
	NOTE_SUSPECT = 4, /* reading it hung the bootloader */
	NOTE_SAVED = 5,	  /* begun, and all that is to be kept is recorded */
	/* Facts; they stand at the start of the row. */
	NOTE_ERASE_TIME = 6, /* address: bytes of a sector; length: the longest
				that its erase was seen to take, us */
	NOTE_HELD = 7,	     /* payload: digest of the image's bytes in it; all
				0: a run was stopped in it */
	NOTE_RUNS = 8,	     /* address: runs that trusted what is held */
	/* The bytes before it are the sector's, which is not begun yet: they
	 * count once its note says that it is. */
	NOTE_READY = 9,
	NOTE_OLD = 10,	    /* begun, and all that it held is recorded */
	NOTE_OLD_KEPT = 11, /* likewise; what the image leaves out is to stay */
	NOTE_ALL_DONE = 12, /* payload: sectors that are right, together */
	NOTE_STOPPED = 13,  /* a fact: a read here stopped the device; 0, 0: no
			       more */
	NOTE_UNREADABLE = 14, /* reading the same place stopped it each time */
	/* How far it got in a sector with saved bytes; journal_past.c */
	NOTE_STAMP = 15,   /* of what is saved from here on: when, bank swap */
	NOTE_ERASED = 16,  /* its erase has ended; payload: address and length
			      of all that will be programmed in it */
	NOTE_WRITTEN = 17, /* so much of that is programmed; payload: CRC-32 */
	NOTE_OPTIONS = 18, /* payload: option bytes before a change that is
			      begun, and as asked for; none: it is over */
	NOTE_LIFTED = 19,  /* payload: option bytes whose write protection is to
			      be put back; none: it is */
	NOTE_CHIP = 20, /* payload: the unique ID of the chip that all this is
			      about, as text; the first where it is known */
	NOTE_LAST = NOTE_CHIP
};

#define JOURNAL_RECORD 20u /* bytes of one without payload */
#define JOURNAL_DIGEST 32u
#define JOURNAL_CHIP   40u /* room for a unique ID */

/* When, and on what chip, a run saved bytes. */
struct stamp {
	uint32_t time_s; /* since 1970, UTC; 0: not known */
	uint32_t banks;	 /* 1 + the bank swap; 0: not known */
};

struct note {
	uint32_t address; /* of the sector */
	uint32_t length;
	enum note_kind kind; /* NOTE_BEGUN, SAVED, SUSPECT, OLD, OLD_KEPT,
				UNREADABLE */
	struct stamp stamp;  /* of the saved bytes */
	/* Its erase has ended: all but what is in the journal's past was left
	 * blank. */
	bool erased;
	/* Noted ahead, with its neighbours: nothing was done to it yet. */
	bool ahead;
};

/* What a run was to program in a sector after its erase. */
struct past {
	uint32_t address, length;
	bool written; /* it is all there; else it may be torn */
	uint32_t crc; /* then */
};

/* Was the sector changed, or about to be? Else reading it is the trouble. */
bool note_is_begun(const struct note *note);

/* Where a read stopped the device, and how often in a row. */
struct stopped {
	uint32_t address, length; /* of the transfer */
	unsigned times;
};

/* What a verified run left in a sector. */
struct held {
	uint32_t address, length; /* of the sector */
	uint8_t digest[JOURNAL_DIGEST];
	/* Of this session: do samples bear it out, and how many of the image's
	 * bytes were not among them? */
	bool trusted;
	uint32_t trusted_bytes;
};

struct erase_time {
	uint32_t sector_bytes;
	uint32_t longest_us;
};

struct facts {
	struct held *held;
	size_t held_count;
	struct erase_time *times;
	size_t time_count;
	uint32_t runs;
	struct stopped stopped;
	bool changed; /* since they were written */
};

struct journal {
	struct store *store;
	bool remembers;		 /* facts: it is known which chip this is */
	char chip[JOURNAL_CHIP]; /* its unique ID; "": not known */
	char told[JOURNAL_CHIP]; /* the one in the store; "": none */
	uint64_t told_end;	 /* … of its record */
	uint64_t end;		 /* of the records */
	bool clean;		 /* the store ends there too */
	bool more;  /* … but it did not when the journal was opened */
	bool noted; /* there are other records than facts */
	struct facts facts;
	struct note *notes;
	size_t count;
	struct stamp stamp; /* of the last that were saved */
	bool stamped;	    /* … by this session */
	struct past *past;
	size_t past_count;
	/* Option bytes before a change whose end nobody saw, and behind them as
	 * asked for; each as a window that is sent. NULL: none. */
	uint8_t *options;
	uint32_t options_length; /* of one */
	/* Option bytes as read, with the write protection that is to be put
	 * back. NULL: none was taken off. */
	uint8_t *lifted;
	uint32_t lifted_length;
	struct s0_image *kept;
	struct s0_image *loading; /* kept bytes whose sector comes next */
	struct s0_image *ready;	  /* bytes of sectors that are not begun yet */
	struct note *readied;	  /* those, with the kind they will have */
	size_t readied_count;
};

/* Takes the store over, on failure too. */
s0_code journal_open(struct store *store, struct journal **ret_journal,
		     struct s0_error *err);
void journal_close(struct journal *journal);

/* The note on a sector, NULL if there is none. */
const struct note *journal_find(const struct journal *journal,
				uint32_t address);

/*
 * Note that a sector is about to be changed, with the bytes of `keep` that lie
 * in it (NULL: those that were recorded before, if any were); returns when it
 * is safe on disk. Bytes that were kept of the sector before are replaced by
 * them, if there are any.
 */
s0_code journal_begin(struct journal *journal, uint32_t address,
		      uint32_t length, const struct s0_image *keep,
		      struct s0_error *err);

/*
 * The same of a row of pages that are begun soon, one after the other: safe on
 * disk together, since each for itself would take longer than its erase. Those
 * with a note, or with bytes to be kept, are left to journal_begin().
 */
s0_code journal_begin_row(struct journal *journal, uint32_t address,
			  uint32_t page, size_t count, struct s0_error *err);
/* Forget those of them that were not begun. */
void journal_drop_row(struct journal *journal);

/* journal_ready.c */
/*
 * Record the bytes of an image that lie in a sector, before anything is begun;
 * the sector's note will be of that kind (NOTE_SAVED, NOTE_OLD or
 * NOTE_OLD_KEPT) when it is. Nothing is safe before journal_sync().
 */
s0_code journal_save(struct journal *journal, uint32_t address, uint32_t length,
		     enum note_kind kind, const struct s0_image *bytes,
		     struct s0_error *err);
s0_code journal_sync(struct journal *journal, struct s0_error *err);
/* Forget what was recorded and not begun. */
s0_code journal_drop_ready(struct journal *journal, struct s0_error *err);
/* Forget the notes on all these sectors or, where that is cut, on none;
 * returns when it is safe on disk. */
s0_code journal_all_done(struct journal *journal, const uint32_t *sectors,
			 size_t count, struct s0_error *err);
/* Does a note say that all the sector held is recorded? */
bool note_is_old(const struct note *note);
bool journal_has_old(const struct journal *journal);
/* Of how many sectors do bytes wait to be put back? */
size_t journal_count_saved(const struct journal *journal);

/* An erase whose end cannot be seen took longer than it was given: on disk at
 * once, whatever becomes of this run, so that the next gives it more. */
void journal_late_erase(struct journal *journal, uint32_t sector_bytes,
			uint32_t us);

/* Note that reading a sector stopped the bootloader (NOTE_SUSPECT), or does so
 * each time (NOTE_UNREADABLE). What is begun is not to be read anyway. */
void journal_suspect(struct journal *journal, uint32_t address, uint32_t length,
		     enum note_kind kind);

/* Are bytes recorded that a sector's note is to bring back? */
bool journal_has_kept(const struct journal *journal, const struct note *note);

/* The sector is right: forget its note and its kept bytes. */
s0_code journal_done(struct journal *journal, uint32_t address,
		     struct s0_error *err);

/* Where no note is left, write the journal anew with the facts alone; without
 * any it is nothing at all. That facts cannot be written is no failure. */
s0_code journal_tidy(struct journal *journal, struct s0_error *err);

/* journal_facts.c */
/* What a verified run left in a sector, NULL if that is not known. */
struct held *journal_held(const struct journal *journal, uint32_t address);
/* Remember it, unless the sector is noted. Written by journal_tidy(). */
void journal_hold(struct journal *journal, uint32_t address, uint32_t length,
		  const uint8_t digest[JOURNAL_DIGEST]);
/*
 * A run was stopped, in good order, after it had changed the sector: it can be
 * read, and is not whole until a run has verified it, or another has begun it.
 * Written by journal_tidy().
 */
void journal_leave_open(struct journal *journal, uint32_t address,
			uint32_t length);
bool held_is_open(const struct held *held);
/* It has been found to be right. */
void journal_close_open(struct journal *journal, uint32_t address);
/* What all sectors hold is not known any more; returns when that is safe on
 * disk. */
s0_code journal_distrust(struct journal *journal, struct s0_error *err);
/* The longest that the erase of a sector of so many bytes was seen to take, us;
 * 0 if none was. */
uint64_t journal_erase_us(const struct journal *journal, uint32_t sector_bytes);
void journal_saw_erase(struct journal *journal, uint32_t sector_bytes,
		       uint64_t us);

/* A read of that place stopped the device; how often it has now, since the
 * place was last read well. */
unsigned journal_stopped(struct journal *journal, uint32_t address,
			 uint32_t length);
/* These bytes have been read well. */
void journal_was_read(struct journal *journal, uint32_t address,
		      uint64_t length);
/* journal_past.c: only sectors with saved bytes have this. It is not synced:
 * where it gets lost, a sector looks less far than it was. */
/* When and where this session saves; before its first journal_save(). */
s0_code journal_set_stamp(struct journal *journal, const struct stamp *stamp,
			  struct s0_error *err);
/* A sector's erase has ended; what will be programmed. */
s0_code journal_erased(struct journal *journal, uint32_t sector,
		       const struct past *past, size_t count,
		       struct s0_error *err);
/* One of those is. */
s0_code journal_written(struct journal *journal, uint32_t address,
			uint32_t length, const uint8_t *bytes,
			struct s0_error *err);

/* journal_chip.c */
/* This is the unique ID ("": not known) of the chip that is here. @return is
 * the journal of this chip, as far as it tells? What is older does not. */
bool journal_is_of(struct journal *journal, const char *uid);
/* For journal.c and journal_facts.c alone. */
void journal_take_chip(struct journal *journal, uint64_t end,
		       const uint8_t *uid, uint32_t length);
/* Write down whose it is, unless that is not known or stands there. */
s0_code journal_tell_chip(struct journal *journal, struct s0_error *err);
/* Its record, with the bytes that it takes; none where it is not known. */
uint32_t journal_chip_bytes(const struct journal *journal);
uint8_t *journal_pack_chip(const struct journal *journal, uint8_t *at);

/* journal_damage.c */
/*
 * Does a sector's note stand behind the end of the row? It was synced, so that
 * what is wrong before it is no write that was cut: what was saved is lost, or
 * a sector that must not be read is not known. @ret_end: of the row.
 */
bool journal_is_damaged(const struct journal *journal, uint64_t *ret_end);

/* journal_options.c */
/* Note that the option bytes are about to be changed; returns when that is safe
 * on disk. */
s0_code journal_begin_options(struct journal *journal, const uint8_t *before,
			      const uint8_t *window, uint32_t length,
			      struct s0_error *err);
/* It is known what came of it. */
s0_code journal_options_done(struct journal *journal, struct s0_error *err);
/* Note that write protection is about to be taken off, and as what it is to be
 * put back; returns when that is safe on disk. */
s0_code journal_lift(struct journal *journal, const uint8_t *window,
		     uint32_t length, struct s0_error *err);
/* It is back. */
s0_code journal_lift_done(struct journal *journal, struct s0_error *err);
/* For journal.c alone. */
s0_code journal_take_options(struct journal *journal, enum note_kind kind,
			     const uint8_t *payload, uint32_t bytes,
			     struct s0_error *err);
void journal_free_options(struct journal *journal);

/* For journal.c alone. */
s0_code journal_take_all_done(struct journal *journal, const uint8_t *sectors,
			      uint32_t bytes, struct s0_error *err);
void journal_drop_past(struct journal *journal, uint32_t sector);
s0_code journal_take_past(struct journal *journal, enum note_kind kind,
			  uint32_t address, uint32_t length,
			  const uint8_t *payload, struct s0_error *err);
s0_code journal_take_fact(struct journal *journal, enum note_kind kind,
			  uint32_t address, uint32_t length,
			  const uint8_t *payload, struct s0_error *err);
void journal_void(struct journal *journal, uint32_t address);
/* journal.c, for journal_facts.c alone. */
void journal_head(uint8_t header[JOURNAL_RECORD], enum note_kind kind,
		  uint32_t address, uint32_t length, const void *payload,
		  uint32_t bytes);

/* journal.c, for the other parts: the note in memory; the last then. */
s0_code journal_remember(struct journal *journal, uint32_t address,
			 uint32_t length, enum note_kind kind,
			 struct s0_error *err);
/* journal.c, for the other parts; with a payload of `bytes`. */
s0_code journal_append_as(struct journal *journal, enum note_kind kind,
			  uint32_t address, uint32_t length,
			  const void *payload, uint32_t bytes,
			  struct s0_error *err);
/* journal.c and journal_ready.c, for each other. */
s0_code journal_append(struct journal *journal, enum note_kind kind,
		       uint32_t address, uint32_t length, const void *payload,
		       struct s0_error *err);
s0_code journal_keep(struct journal *journal, const struct s0_image *keep,
		     uint32_t address, uint32_t length, struct s0_error *err);
s0_code journal_forget(struct journal *journal, uint32_t address,
		       struct s0_error *err);
s0_code journal_get_ready(struct journal *journal, const struct s0_image *bytes,
			  uint32_t address, uint32_t length,
			  struct s0_error *err);
s0_code journal_use_ready(struct journal *journal, uint32_t address,
			  uint32_t length, enum note_kind kind,
			  struct s0_error *err);
enum note_kind journal_begun_as(const struct journal *journal,
				uint32_t address);

/* journal_kept.c; for the other parts of the journal alone. */
s0_code journal_add_range(struct s0_image *to, const struct s0_image *from,
			  uint32_t address, uint64_t end, struct s0_error *err);
s0_code journal_adopt(struct journal *journal, const struct s0_image *keep,
		      uint32_t address, uint32_t length, struct s0_error *err);

#endif
