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
 */

#include <stdbool.h>

#include <sector0/image.h>

#include "link/store.h"

enum note_kind {
	NOTE_BEGUN = 1,	  /* erase or write begun, end not seen */
	NOTE_KEPT = 2,	  /* payload: bytes to be written back */
	NOTE_DONE = 3,	  /* the sector is right again */
	NOTE_SUSPECT = 4, /* reading it stopped the bootloader */
	NOTE_SAVED = 5	  /* begun, and all that is to be kept is recorded */
};

struct note {
	uint32_t address; /* of the sector */
	uint32_t length;
	enum note_kind kind; /* NOTE_BEGUN, NOTE_SAVED or NOTE_SUSPECT */
};

struct journal {
	struct store *store;
	uint64_t end; /* of the records */
	bool clean;   /* the store ends there too */
	struct note *notes;
	size_t count;
	struct s0_image *kept;
	struct s0_image *loading; /* kept bytes whose sector comes next */
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
 * in it (NULL: nothing of it is to be kept); returns when it is safe on disk. Bytes that were kept
 * of the sector before are replaced by them, if there are any.
 */
s0_code journal_begin(struct journal *journal, uint32_t address,
		      uint32_t length, const struct s0_image *keep,
		      struct s0_error *err);

/* Note that reading a sector stopped the bootloader: the first time it is under
 * suspicion, the second time it is as good as cut. */
void journal_suspect(struct journal *journal, uint32_t address,
		     uint32_t length);

/* Are bytes recorded that a sector's note is to bring back? */
bool journal_has_kept(const struct journal *journal, const struct note *note);

/* The sector is right: forget its note and its kept bytes. */
s0_code journal_done(struct journal *journal, uint32_t address,
		     struct s0_error *err);

/* Write the journal anew with the notes that are left; an empty one is
 * nothing at all. */
s0_code journal_tidy(struct journal *journal, struct s0_error *err);

/* journal_kept.c; for journal.c alone. */
s0_code journal_add_range(struct s0_image *to, const struct s0_image *from,
			  uint32_t address, uint64_t end, struct s0_error *err);
s0_code journal_adopt(struct journal *journal, const struct s0_image *keep,
		      uint32_t address, uint32_t length, struct s0_error *err);

#endif
