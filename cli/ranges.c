/* SPDX-License-Identifier: MIT */
#include "ranges.h"

#include <stdlib.h>

#include "failure.h"
#include "text.h"

s0_code ranges_parse(struct app *app, struct range *ret_range,
		     struct s0_error *err)
{
	*ret_range = (struct range){ 0 };
	if (app->args.word_count == 0)
		return S0_OK;
	if (app->args.word_count == 2)
		return text_range(app->args.words, &ret_range->address,
				  &ret_range->length, err);
	fail_usage(err, "'%s' is missing its LENGTH", app->args.words[0]);
	add_hint(err, "usage: sector0 %s %s", app->command->name,
		 app->command->args);
	return S0_E_USAGE;
}

static void add_area(struct ranges *ranges, const struct s0_area *area)
{
	struct range *last =
		ranges->count ? &ranges->list[ranges->count - 1] : NULL;

	if (last && last->address + last->length == area->address)
		last->length += area->length;
	else
		ranges->list[ranges->count++] =
			(struct range){ area->address, area->length };
}

s0_code ranges_of(struct app *app, struct range given,
		  struct ranges *ret_ranges, struct s0_error *err)
{
	const struct s0_map *map = s0_device_map(app->device);
	size_t count = s0_map_area_count(map);
	struct ranges ranges = { calloc(count + 1, sizeof *ranges.list), 0 };

	if (!ranges.list)
		return fail_memory(err);
	if (given.length > 0)
		ranges.list[ranges.count++] = given;
	for (size_t i = 0; i < count && given.length == 0; i++)
		if (s0_map_area(map, i)->kind == S0_AREA_FLASH)
			add_area(&ranges, s0_map_area(map, i));
	if (ranges.count == 0) {
		ranges_free(&ranges);
		return fail(err, S0_E_UNSUPPORTED, "the device names no flash");
	}
	*ret_ranges = ranges;
	return S0_OK;
}

void ranges_free(struct ranges *ranges)
{
	free(ranges->list);
	*ranges = (struct ranges){ 0 };
}

void result_add(struct s0_result *sum, const struct s0_result *result)
{
	sum->transfers += result->transfers;
	sum->time_us += result->time_us;
	sum->verified_bytes += result->verified_bytes;
}
