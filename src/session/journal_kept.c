/* SPDX-License-Identifier: MIT */
/* The bytes that a journal keeps. */
#include "base/error.h"
#include "base/range.h"
#include "image/replace.h"
#include "session/journal.h"

/* Add the bytes of an image that lie in a range to another. */
s0_code journal_add_range(struct s0_image *to, const struct s0_image *from,
			  uint32_t address, uint64_t end, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = s0_image_find(from, address);
	     code == S0_OK && i < s0_image_piece_count(from); i++) {
		struct s0_piece p = s0_image_piece(from, i);
		uint32_t start = p.address > address ? p.address : address;
		uint64_t stop = range_end(p.address, p.length);

		if (p.address >= end)
			break;
		stop = stop < end ? stop : end;
		code = s0_image_add(to, "journal", start,
				    p.bytes + (start - p.address),
				    (uint32_t)(stop - start), err);
	}
	return code;
}

bool journal_has_kept(const struct journal *journal, const struct note *note)
{
	size_t i = s0_image_find(journal->kept, note->address);

	/* That it was blank is something to be brought back, too. */
	return note_is_old(note) ||
	       (i < s0_image_piece_count(journal->kept) &&
		s0_image_piece(journal->kept, i).address <
			range_end(note->address, note->length));
}

/* Replace what was kept of a sector by the bytes of an image, if it has any
 * there. */
s0_code journal_adopt(struct journal *journal, const struct s0_image *keep,
		      uint32_t address, uint32_t length, struct s0_error *err)
{
	uint64_t end = range_end(address, length);
	size_t first = s0_image_find(keep, address);
	struct s0_image *part;
	s0_code code;

	if (first == s0_image_piece_count(keep) ||
	    s0_image_piece(keep, first).address >= end)
		return S0_OK;
	code = s0_image_new(&part, err);
	if (code != S0_OK)
		return code;
	code = journal_add_range(part, keep, address, end, err);
	if (code == S0_OK)
		code = image_replace(journal->kept, address, end, part, err);
	s0_image_free(part);
	return code;
}

/* Record the bytes of an image that lie in a sector. */
s0_code journal_keep(struct journal *journal, const struct s0_image *keep,
		     uint32_t address, uint32_t length, struct s0_error *err)
{
	struct s0_image *part;
	s0_code code = s0_image_new(&part, err);

	if (code != S0_OK)
		return code;
	code = journal_add_range(part, keep, address,
				 range_end(address, length), err);
	for (size_t i = 0; code == S0_OK && i < s0_image_piece_count(part);
	     i++) {
		struct s0_piece piece = s0_image_piece(part, i);

		code = journal_append(journal, NOTE_KEPT, piece.address,
				      piece.length, piece.bytes, err);
	}
	s0_image_free(part);
	return code;
}
