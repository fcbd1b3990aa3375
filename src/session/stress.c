/* SPDX-License-Identifier: MIT */
/* Exercising flash: what does it do under load, and how long does it take? */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "session/session.h"
#include "session/stress.h"

struct taking {
	uint8_t *bytes;
	uint32_t from;
};

static bool take(void *payload, uint32_t address, const uint8_t *bytes,
		 uint32_t length)
{
	struct taking *taking = payload;

	memcpy(taking->bytes + (address - taking->from), bytes, length);
	return true;
}

static s0_code read_sector(struct stress *s, s0_stage stage, uint8_t *bytes,
			   struct s0_error *err)
{
	struct target *target = s->session->target;
	struct taking taking = { bytes, s->address };
	s0_code code;

	s->all->stage = stage;
	memset(bytes, 0, s->length);
	code = target->ops->read(target, s->address, s->length, 0, take,
				 &taking, err);
	s->all->reads++;
	return code;
}

static s0_code erase(struct stress *s, uint64_t *ret_us, struct s0_error *err)
{
	struct s0_session *session = s->session;
	struct target *target = session->target;
	uint64_t seen = target->stats.erase_us;
	bool blind = false;
	s0_code code = journal_begin(session->journal, s->address, s->length,
				     s->keep, err);

	if (code != S0_OK)
		return code;
	session->op.changed = true;
	s->all->stage = S0_STAGE_ERASE;
	code = target->ops->erase(target, s->address, &blind, err);
	if (code != S0_OK)
		return code;
	s->all->erases++;
	*ret_us = blind ? 0 : target->stats.erase_us - seen;
	if (blind)
		target->ops->wait_us(target, target->times.erase_max_us);
	return S0_OK;
}

static s0_code program(struct stress *s, const uint8_t *bytes, uint64_t *ret_us,
		       struct s0_error *err)
{
	struct target *target = s->session->target;
	uint64_t seen = target->stats.program_us;
	s0_code code;

	s->all->stage = S0_STAGE_WRITE;
	code = target->ops->write(target, s->address, bytes, s->length, err);
	*ret_us = target->stats.program_us - seen;
	if (code == S0_OK)
		s->all->programs++;
	return code;
}

static s0_code exercise(struct stress *s, unsigned number, struct s0_error *err)
{
	s0_code code;

	s->round = &s->all->rounds[s->all->count++];
	s->round->address = s->address;
	s->round->length = s->length;
	s->round->number = number;
	code = erase(s, &s->round->erase_us, err);
	if (code == S0_OK)
		code = read_sector(s, S0_STAGE_VERIFY, s->read, err);
	if (code != S0_OK)
		return code;
	stress_judge_erased(s);
	/* Programming a word that is not erased would damage it. */
	if (s->round->left) {
		s->round->unchanged = !memcmp(s->read, s->before, s->length);
		return S0_OK;
	}
	stress_fill(s, number);
	code = program(s, s->wanted, &s->round->program_us, err);
	if (code == S0_OK)
		code = read_sector(s, S0_STAGE_VERIFY, s->read, err);
	if (code == S0_OK)
		code = read_sector(s, S0_STAGE_VERIFY, s->again, err);
	if (code == S0_OK)
		stress_judge_programmed(s);
	return code;
}

/* Leave the sector as it was. */
static s0_code put_back(struct stress *s, struct s0_error *err)
{
	uint64_t us;
	bool blank = bytes_all(s->before, s->length,
			       s->session->device->info.chip->erased);
	s0_code code = read_sector(s, S0_STAGE_VERIFY, s->read, err);

	if (code != S0_OK || !memcmp(s->read, s->before, s->length))
		return code;
	code = erase(s, &us, err);
	if (code == S0_OK && !blank)
		code = program(s, s->before, &us, err);
	if (code == S0_OK)
		code = read_sector(s, S0_STAGE_VERIFY, s->read, err);
	if (code == S0_OK && memcmp(s->read, s->before, s->length) != 0)
		code = error_set_at(err, S0_E_MISMATCH, s->address, s->length,
				    "the sector at 0x%08x could not be put "
				    "back as it was",
				    s->address);
	return code;
}

/* Twice, without load: what differs here is the link's doing. */
static s0_code read_idle(struct stress *s, struct s0_error *err)
{
	s0_code code = read_sector(s, S0_STAGE_SURVEY, s->before, err);

	if (code == S0_OK)
		code = read_sector(s, S0_STAGE_SURVEY, s->read, err);
	for (uint32_t i = 0; code == S0_OK && i < s->length; i++)
		s->all->idle_errors += s->before[i] != s->read[i];
	return code;
}

static s0_code allot(struct stress *s, struct s0_error *err)
{
	s->before = malloc(s->length);
	s->wanted = malloc(s->length);
	s->read = malloc(s->length);
	s->again = malloc(s->length);
	return s->before && s->wanted && s->read && s->again
		       ? S0_OK
		       : error_memory(err);
}

static void release(struct stress *s)
{
	free(s->before);
	free(s->wanted);
	free(s->read);
	free(s->again);
	s0_image_free(s->keep);
}

/* A named sector's content is on the host's disk before it is erased. */
static s0_code save(struct stress *s, struct s0_error *err)
{
	s0_code code;

	if (bytes_all(s->before, s->length,
		      s->session->device->info.chip->erased))
		return S0_OK;
	code = s0_image_new(&s->keep, err);
	return code == S0_OK ? s0_image_add(s->keep, "saved", s->address,
					    s->before, s->length, err)
			     : code;
}

static s0_code stress_sector(struct stress *s, unsigned rounds,
			     struct s0_error *err)
{
	struct s0_session *session = s->session;
	s0_code code = allot(s, err);

	if (code == S0_OK)
		code = read_idle(s, err);
	if (code == S0_OK)
		code = save(s, err);
	/* A link that garbles would lose what is to be put back. */
	if (s->all->idle_errors)
		return code;
	for (unsigned i = 0; code == S0_OK && i < rounds; i++) {
		code = session_check_cancel(session, err);
		if (code == S0_OK)
			code = exercise(s, i, err);
		if (code == S0_OK)
			session_advance(session, s->address, s->length);
	}
	if (code == S0_OK || code == S0_E_CANCELLED) {
		s0_code back = put_back(s, err);

		code = back == S0_OK ? code : back;
	}
	if (code == S0_OK || code == S0_E_CANCELLED)
		(void)journal_done(session->journal, s->address, NULL);
	return code;
}

static bool is_free(struct s0_session *session, uint32_t address,
		    uint32_t length, s0_code *ret_code, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;

	if (journal_find(session->journal, address))
		return false;
	*ret_code = session_check_blank(session, address, length, &why);
	if (*ret_code == S0_E_NOT_BLANK) {
		*ret_code = S0_OK;
		return false;
	}
	if (*ret_code != S0_OK && err)
		*err = why;
	return *ret_code == S0_OK;
}

/* The named sector, or all that are free. */
static s0_code choose(struct s0_session *session, const uint32_t *address,
		      struct range **ret_list, size_t *ret_count,
		      struct s0_error *err)
{
	const struct s0_map *map = session->device->map;
	s0_code code = S0_OK;

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		uint32_t size = area->sector_size;
		struct range *list = *ret_list;

		if (area->kind != S0_AREA_FLASH || !size)
			continue;
		list = realloc(list, (*ret_count + area->length / size) *
					     sizeof *list);
		if (!list)
			return error_memory(err);
		*ret_list = list;
		for (uint32_t at = 0; code == S0_OK && at < area->length;
		     at += size) {
			uint32_t start = area->address + at;

			if (address ? *address - start < size
				    : is_free(session, start, size, &code, err))
				list[(*ret_count)++] =
					(struct range){ start, size };
		}
	}
	return code;
}

static s0_code check(const struct s0_session *session, unsigned rounds,
		     struct s0_error *err)
{
	const struct s0_device_info *info = &session->device->info;

	if (rounds == 0 || rounds >= MOST_ROUNDS)
		return error_set(err, S0_E_USAGE,
				 "the number of rounds must be 1 to %u",
				 MOST_ROUNDS - 1);
	if (!info->chip) {
		error_add_cause(err, S0_CAUSE_NO_CHIP);
		return error_set(err, S0_E_UNSUPPORTED,
				 "this device's memory layout is of no chip "
				 "known, so nothing is erased");
	}
	if (info->rdp <= 0)
		return S0_OK;
	error_add_cause(err, S0_CAUSE_READ_OUT);
	return error_set(err, S0_E_PROTECTED,
			 "read-out protection level %d is on: the bootloader "
			 "erases nothing",
			 info->rdp);
}

static s0_code each(struct s0_session *session, struct s0_stress *all,
		    const struct range *list, size_t count, unsigned rounds,
		    struct s0_error *err)
{
	s0_code code = S0_OK;
	uint64_t total = 0;

	all->rounds = calloc(count * rounds, sizeof *all->rounds);
	if (!all->rounds)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		total += (uint64_t)list[i].length * rounds;
	session_stage(session, S0_STAGE_WRITE, total);
	for (size_t i = 0; code == S0_OK && i < count; i++) {
		struct stress s = { .session = session,
				    .all = all,
				    .address = list[i].address,
				    .length = list[i].length };

		all->sectors++;
		code = stress_sector(&s, rounds, err);
		release(&s);
		if (all->idle_errors)
			break;
	}
	return code;
}

s0_code s0_session_stress(struct s0_session *session, const uint32_t *address,
			  unsigned rounds, struct s0_stress **ret_stress,
			  struct s0_error *err)
{
	struct s0_stress *all = calloc(1, sizeof *all);
	struct range *list = NULL;
	size_t count = 0;
	s0_code code = all ? check(session, rounds, err) : error_memory(err);

	if (code != S0_OK) {
		s0_stress_free(all);
		return code;
	}
	session_begin(session);
	code = choose(session, address, &list, &count, err);
	if (code == S0_OK && !count)
		code = error_set(err, address ? S0_E_OUTSIDE : S0_E_NOT_BLANK,
				 address ? "0x%08x is in no flash sector"
					 : "no sector is free to be exercised",
				 address ? *address : 0);
	if (code == S0_OK)
		code = each(session, all, list, count, rounds, err);
	free(list);
	(void)journal_tidy(session->journal, NULL);
	*ret_stress = all;
	return session_end(session, code, NULL, err);
}

void s0_stress_free(struct s0_stress *stress)
{
	if (stress)
		free(stress->rounds);
	free(stress);
}
