/* SPDX-License-Identifier: MIT */
/*
 * Reads that stop the device. A damaged flash word is a bus error, which hangs
 * the bootloader or resets it, each time; a cable that was pulled, or a supply
 * that sagged, is chance. What stops it at the same place again is damage: it
 * is not read any more before its sector was erased.
 */
#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

/* Since it was erased, or first seen: then it is of no use to try again. */
#define DEAD_TIMES 3u

/* What reads; bRequest of DFU 1.1. */
enum { UPLOAD = 2 };

/* The flash sector in which a read stopped the device. */
static bool find_sector(const struct s0_session *session,
			const struct s0_error *why, struct range *ret_sector)
{
	const struct s0_map *map = session->device->map;
	const struct s0_area *area = s0_map_find(map, why->address);

	if (why->code == S0_E_GONE ? why->request != UPLOAD
				   : why->cause != S0_CAUSE_UNREADABLE)
		return false;
	return why->length && area && area->kind == S0_AREA_FLASH &&
	       s0_map_sector(map, why->address, &ret_sector->address,
			     &ret_sector->length);
}

/* Is there a way that does not read there, or not before the erase? */
static bool goes_round(const struct s0_session *session, unsigned times)
{
	const struct operation *op = &session->op;

	if (!session->device->reconnect_ms)
		return false;
	return op->progress.stage == S0_STAGE_SURVEY ||
	       (op->changed && !op->at_once && times < DEAD_TIMES);
}

static s0_code damaged(const struct s0_session *session,
		       const struct range *sector, struct s0_error *why)
{
	bool changed = session->op.changed;
	struct s0_error own = *why;

	*why = (struct s0_error)S0_ERROR_INIT;
	why->cause = S0_CAUSE_UNREADABLE;
	error_add_usb(why, own.usb_code);
	error_add_request(why, own.request, own.block);
	error_add_wait(why, own.waited_ms * UINT64_C(1000), own.retries);
	return error_set_at(why, S0_E_UNREADABLE, own.address, own.length,
			    "reading %u bytes at 0x%08x stops the bootloader "
			    "each time: a flash word there is damaged%s the "
			    "sector at 0x%08x%s",
			    own.length, own.address,
			    changed ? ", although" : ", in", sector->address,
			    changed ? " was erased" : "");
}

/* One block may have been of several pages. */
static void suspect(struct s0_session *session, const struct s0_error *why,
		    enum note_kind kind)
{
	uint64_t at = why->address, end = range_end(why->address, why->length);
	uint32_t sector, length;

	while (at < end && at <= UINT32_MAX &&
	       s0_map_sector(session->device->map, (uint32_t)at, &sector,
			     &length)) {
		journal_suspect(session->journal, sector, length, kind);
		at = range_end(sector, length);
	}
}

s0_code session_note_stop(struct s0_session *session, struct s0_error *why)
{
	struct operation *op = &session->op;
	struct range sector;
	unsigned times;

	if (!find_sector(session, why, &sector))
		return why->code;
	times = journal_stopped(session->journal, why->address, why->length);
	if (times > 1)
		suspect(session, why, NOTE_UNREADABLE);
	else if (why->code == S0_E_TIMEOUT &&
		 op->progress.stage == S0_STAGE_SURVEY)
		suspect(session, why, NOTE_SUSPECT);
	if (times > 1 || why->code == S0_E_TIMEOUT)
		op->hurt = why->address;
	if (times < 2)
		return why->code;
	if (!goes_round(session, times))
		return damaged(session, &sector, why);
	op->damaged = sector;
	return why->code;
}

static bool pass_over(void *payload, uint32_t address, const uint8_t *bytes,
		      uint32_t length)
{
	(void)payload, (void)address, (void)bytes, (void)length;
	return true;
}

s0_code session_probe(struct s0_session *session, struct s0_error *why)
{
	const struct stopped *stopped = &session->journal->facts.stopped;
	struct target *target = session->target;
	struct s0_error own = S0_ERROR_INIT;
	struct range sector;
	s0_code code;

	/* What hung needs somebody to power it off and on. */
	if (why->code != S0_E_GONE || stopped->times != 1 ||
	    stopped->address != why->address ||
	    !find_sector(session, why, &sector))
		return S0_OK;
	code = target->ops->read(target, stopped->address, stopped->length,
				 NULL, pass_over, NULL, &own);
	if (code == S0_OK)
		journal_was_read(session->journal, stopped->address,
				 stopped->length);
	if (code != S0_E_GONE)
		return S0_OK;
	code = session_note_stop(session, &own);
	*why = own;
	return code == S0_E_GONE ? session_bring_back(session, why) : code;
}

s0_code session_unreadable(const struct s0_session *session,
			   const struct note *note, const char *verb,
			   struct s0_error *err)
{
	const struct stopped *stopped = &session->journal->facts.stopped;
	bool known = range_overlap(stopped->address, stopped->length,
				   note->address, note->length);

	error_add_cause(err, S0_CAUSE_UNREADABLE);
	return error_set_at(err, S0_E_UNREADABLE, note->address, note->length,
			    "reading 0x%08x stops the bootloader each time, so "
			    "what is to be %s of the sector at 0x%08x cannot "
			    "be read",
			    known ? stopped->address : note->address, verb,
			    note->address);
}
