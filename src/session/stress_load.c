/* SPDX-License-Identifier: MIT */
/* What happens under a load, counted; and going on after it. */
#include "base/error.h"
#include "base/range.h"
#include "session/stress.h"

/* Transfers may fail again while it is brought back to idle. */
#define SETTLES 4

const char *s0_load_name(s0_load load)
{
	static const char *const names[] = { "reads", "words", "bursts",
					     "erases", "cycles" };

	return (unsigned)load < S0_LOADS ? names[load] : "?";
}

uint32_t stress_failures(const struct s0_stress_load *load)
{
	return load->dropped + load->silent + load->stopped + load->link +
	       load->refused + load->wrong;
}

uint32_t stress_failures_loaded(const struct s0_stress *all)
{
	uint32_t sum = 0;

	for (unsigned i = S0_LOAD_WORDS; i < S0_LOADS; i++)
		sum += stress_failures(&all->loads[i]);
	return sum;
}

bool stress_is_enough(const struct s0_stress *all)
{
	return stress_failures(&all->loads[S0_LOAD_READS]) >= MOST_IDLE ||
	       stress_failures_loaded(all) >= MOST;
}

/* What no board can do anything about. */
static bool is_ours(s0_code code)
{
	return code != S0_E_GONE && code != S0_E_TIMEOUT &&
	       code != S0_E_PROTOCOL && code != S0_E_REFUSED;
}

static bool settles(struct target *target)
{
	for (int i = 0; i < SETTLES; i++) {
		s0_code code = target->ops->settle(target, NULL);

		if (code == S0_OK)
			return true;
		if (code == S0_E_GONE)
			return false;
	}
	return false;
}

/* The interval since it left the bus last, without a load. */
static void note_interval(struct stress *s, uint64_t now)
{
	struct s0_stress *all = s->all;
	uint64_t took = now - s->dropped_us;

	if (s->dropped_us) {
		if (!all->shortest_us || took < all->shortest_us)
			all->shortest_us = took;
		if (took > all->longest_us)
			all->longest_us = took;
	}
	s->dropped_us = now;
}

/* Which failure is it? True: it has passed already. */
static bool book(struct stress *s, s0_load load, const struct s0_error *why)
{
	struct s0_stress_load *loads = &s->all->loads[load];
	struct target *target = s->session->target;
	bool well;

	if (why->code == S0_E_GONE) {
		loads->dropped++;
		if (load == S0_LOAD_READS)
			note_interval(s, target->ops->now_us(target));
		return false;
	}
	well = settles(target);
	/* A device that hangs does not answer; one that does has lost a
	 * transfer, however long the host waited for it. */
	if (why->code == S0_E_TIMEOUT && !well &&
	    why->cause == S0_CAUSE_UNREADABLE) {
		loads->stopped++;
		s->stopped_at = why->address;
	} else if (why->code == S0_E_TIMEOUT && !well)
		loads->silent++;
	else if (why->dfu_status > 0)
		loads->refused++;
	else
		loads->link++;
	return well;
}

s0_code stress_try(struct stress *s, s0_load load, stress_work_fn work,
		   void *payload, bool *ret_failed, struct s0_error *err)
{
	struct target *target = s->session->target;
	struct s0_stress_load *counts = &s->all->loads[load];
	uint64_t start = target->ops->now_us(target);
	uint64_t transfers = target->stats.transfers;
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = work(s, payload, &why);

	*ret_failed = code != S0_OK;
	if (code != S0_E_CANCELLED)
		counts->tries++;
	counts->time_us += target->ops->now_us(target) - start;
	counts->transfers += target->stats.transfers - transfers;
	if (code == S0_OK)
		return S0_OK;
	if (!is_ours(code)) {
		if (s->all->first.code == S0_OK)
			s->all->first = why;
		if (book(s, load, &why))
			return S0_OK;
		if (s->session->device->reconnect_ms)
			code = session_bring_back(s->session, &why);
	}
	if (code != S0_OK && err && err->code == S0_OK)
		*err = why;
	return code;
}

/* The rounds would take the place of what waits to be put back. */
static s0_code check_saved(const struct s0_session *session, uint32_t address,
			   struct s0_error *err)
{
	const struct journal *journal = session->journal;

	for (size_t i = 0; i < journal->count; i++) {
		const struct note *note = &journal->notes[i];

		if (!range_within(address, 1, note->address, note->length) ||
		    !note_is_begun(note) || !journal_has_kept(journal, note))
			continue;
		error_add_cause(err, S0_CAUSE_CUT_BEFORE);
		return error_set_at(err, S0_E_UNREADABLE, note->address,
				    note->length,
				    "an earlier run was cut in the sector at "
				    "0x%08x: what it saved of it still waits "
				    "to be put back",
				    note->address);
	}
	return S0_OK;
}

static s0_code check_named(struct s0_session *session, uint32_t address,
			   struct s0_error *err)
{
	s0_code code = stress_check_protection(session, address, err);

	return code == S0_OK ? check_saved(session, address, err) : code;
}

s0_code stress_check(struct s0_session *session, const uint32_t *address,
		     unsigned rounds, struct s0_error *err)
{
	const struct s0_device_info *info = &session->device->info;
	s0_code code;

	if (rounds == 0 || rounds >= MOST_ROUNDS)
		return error_set(err, S0_E_USAGE,
				 "the number of rounds must be 1 to %u",
				 MOST_ROUNDS - 1);
	code = session_check_chip(session->device, "nothing is erased", err);
	if (code != S0_OK)
		return code;
	if (info->rdp <= 0) {
		code = session_check_geometry(session->device, err);
		return code == S0_OK && address
			       ? check_named(session, *address, err)
			       : code;
	}
	error_add_cause(err, S0_CAUSE_READ_OUT);
	return error_set(err, S0_E_PROTECTED,
			 "read-out protection level %d is on: the bootloader "
			 "erases nothing",
			 info->rdp);
}
