/* SPDX-License-Identifier: MIT */
/* Which sectors are exercised. */
#include <stdlib.h>

#include "base/error.h"
#include "plan/guarded.h"
#include "session/lift.h"
#include "session/stress.h"

static s0_code blank_work(struct stress *s, void *payload, struct s0_error *err)
{
	(void)payload;
	return session_check_blank(s->session, s->address, s->length, err);
}

static bool is_free(struct stress *s, s0_code *ret_code, struct s0_error *err)
{
	struct s0_error why = S0_ERROR_INIT;
	bool failed = true;

	if (journal_find(s->session->journal, s->address))
		return false;
	while (*ret_code == S0_OK && failed && !stress_is_enough(s->all))
		*ret_code = stress_try(s, S0_LOAD_READS, blank_work, NULL,
				       &failed, &why);
	if (*ret_code == S0_E_NOT_BLANK)
		*ret_code = S0_OK;
	else if (*ret_code != S0_OK && err)
		*err = why;
	return *ret_code == S0_OK && !failed;
}

/* Of those that nobody named. */
struct left_out {
	size_t count;
	uint32_t first;
};

/* The option bytes keep it from being changed, and an area from being read. */
static bool is_protected(const struct stress *s, struct left_out *left)
{
	const struct s0_device_info *info = &s->session->device->info;
	const uint8_t *window = session_protection(s->session);
	struct s0_sector_protection found;

	if (!window ||
	    !s0_option_sector(info->chip, s->session->device->map, window,
			      info->option_length, s->address, &found) ||
	    (!found.write_protected && found.area == S0_OPTION_GROUPS))
		return false;
	if (!left->count++)
		left->first = s->address;
	return true;
}

s0_code stress_check_protection(struct s0_session *session, uint32_t address,
				struct s0_error *err)
{
	const struct s0_device_info *info = &session->device->info;
	struct guarded guarded;

	guarded_begin(&guarded, info->chip, session->device->map,
		      session_protection(session), info->option_length);
	guarded_add(&guarded, address);
	return guarded_end(&guarded, false, err);
}

static bool is_chosen(struct stress *s, const uint32_t *address,
		      struct left_out *left, s0_code *ret_code,
		      struct s0_error *err)
{
	if (address)
		return *address - s->address < s->length;
	return !is_protected(s, left) && is_free(s, ret_code, err);
}

static void tell_left_out(struct s0_session *session,
			  const struct left_out *left)
{
	if (left->count)
		session_warn(session,
			     "%zu sector%s, the first at 0x%08x, %s left out: "
			     "the option bytes protect %s",
			     left->count, left->count == 1 ? "" : "s",
			     left->first, left->count == 1 ? "is" : "are",
			     left->count == 1 ? "it" : "them");
}

s0_code stress_choose(struct stress *s, const uint32_t *address,
		      struct range **ret_list, size_t *ret_count,
		      struct s0_error *err)
{
	const struct s0_map *map = s->session->device->map;
	struct left_out left = { 0 };
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
			s->address = area->address + at;
			s->length = size;
			if (is_chosen(s, address, &left, &code, err))
				list[(*ret_count)++] =
					(struct range){ s->address, size };
		}
	}
	if (code == S0_OK)
		tell_left_out(s->session, &left);
	return code;
}
