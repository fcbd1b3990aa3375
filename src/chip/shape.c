/* SPDX-License-Identifier: MIT */
#include "chip/shape.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/range.h"
#include "chip/map.h"

static uint64_t end_of(const struct s0_sectors *run)
{
	return run->address + (uint64_t)run->count * run->bytes;
}

static void add(struct shape *shape, uint32_t address, uint32_t count,
		uint32_t bytes)
{
	struct s0_sectors *last =
		shape->count ? &shape->runs[shape->count - 1] : NULL;

	if (!count || !bytes)
		return;
	if (last && last->bytes == bytes && end_of(last) == address)
		last->count += count;
	else if (shape->count < SHAPE_RUNS)
		shape->runs[shape->count++] =
			(struct s0_sectors){ address, count, bytes };
}

void shape_of_map(const struct s0_map *map, struct shape *ret)
{
	*ret = (struct shape){ 0 };
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind == S0_AREA_FLASH && area->sector_size)
			add(ret, area->address,
			    area->length / area->sector_size,
			    area->sector_size);
	}
}

void shape_of_geometry(const struct s0_geometry *geometry, struct shape *ret)
{
	*ret = (struct shape){ 0 };
	for (size_t i = 0; i < geometry->sector_count; i++)
		add(ret, geometry->sectors[i].address,
		    geometry->sectors[i].count, geometry->sectors[i].bytes);
}

uint32_t shape_bytes(const struct shape *shape)
{
	uint32_t bytes = 0;

	for (size_t i = 0; i < shape->count; i++)
		bytes += shape->runs[i].count * shape->runs[i].bytes;
	return bytes;
}

static bool same_start(const struct s0_sectors *a, const struct s0_sectors *b)
{
	return a->address == b->address && a->bytes == b->bytes;
}

bool shape_same(const struct shape *a, const struct shape *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_start(&a->runs[i], &b->runs[i]) ||
		    a->runs[i].count != b->runs[i].count)
			return false;
	return true;
}

bool shape_begins(const struct shape *a, const struct shape *b)
{
	if (!a->count || a->count > b->count || shape_same(a, b))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		bool last = i + 1 == a->count;

		if (!same_start(&a->runs[i], &b->runs[i]) ||
		    a->runs[i].count > b->runs[i].count ||
		    (!last && a->runs[i].count < b->runs[i].count))
			return false;
	}
	return true;
}

/* The whole sectors of [first, end) that fit so many bytes, one at least; as if
 * the first of them lay at `to`. */
static void take(const struct shape *from, uint64_t first, uint64_t end,
		 uint32_t bytes, uint32_t to, struct shape *ret)
{
	bool any = false;

	for (size_t i = 0; i < from->count; i++) {
		const struct s0_sectors *run = &from->runs[i];

		for (uint32_t k = 0; k < run->count; k++) {
			uint64_t at = run->address + (uint64_t)k * run->bytes;

			if (at < first || at >= end)
				continue;
			if (any && at + run->bytes - first > bytes)
				return;
			add(ret, (uint32_t)(at - first) + to, 1, run->bytes);
			any = true;
		}
	}
}

void shape_cut(const struct shape *from, const struct s0_chip *chip,
	       unsigned banks, unsigned flash_kib, struct shape *ret)
{
	uint32_t bytes = flash_kib * 1024u, start, bank, second;

	*ret = *from;
	/* 0 and 0xFFFF stand for the largest part (OpenOCD stm32h7x.c). */
	if (!flash_kib || flash_kib >= 0xffff || !from->count ||
	    bytes >= shape_bytes(from))
		return;
	*ret = (struct shape){ 0 };
	start = from->runs[0].address;
	bank = chip->bank_bytes ? chip->bank_bytes : shape_bytes(from) / 2;
	second = chip->bank_bytes ? bank : bytes / 2;
	if (banks < 2 || (!chip->bank_bytes && chip->banks != S0_BANKS_HALF) ||
	    bytes < 2 * from->runs[0].bytes) {
		take(from, start, UINT64_MAX, bytes, start, ret);
		return;
	}
	take(from, start, (uint64_t)start + bank, bytes / 2, start, ret);
	take(from, (uint64_t)start + bank, UINT64_MAX, bytes / 2,
	     start + second, ret);
}

struct words {
	char *buffer;
	size_t size, used;
};

S0_PRINTF(2, 3)
static void put(struct words *words, const char *format, ...)
{
	size_t left = words->size - words->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(words->buffer + words->used, left, format, args);
	va_end(args);
	words->used += n >= 0 && (size_t)n < left ? (size_t)n : left - 1;
}

/* Does the second half say the same as the first? */
static bool is_twice(const struct shape *shape)
{
	size_t half = shape->count / 2;

	for (size_t i = 0; i < shape->count; i++) {
		const struct s0_sectors *run = &shape->runs[i];

		if ((i && end_of(run - 1) != run->address) ||
		    (i < half && (run->bytes != run[half].bytes ||
				  run->count != run[half].count)))
			return false;
	}
	return half > 0 && shape->count % 2 == 0;
}

void shape_print(const struct shape *shape, char *buffer, size_t size)
{
	struct words words = { buffer, size, 0 };
	bool twice = is_twice(shape), kib = true;
	size_t count = twice ? shape->count / 2 : shape->count;

	buffer[0] = '\0';
	for (size_t i = 0; i < count; i++)
		kib = kib && shape->runs[i].bytes % 1024 == 0;
	put(&words, twice ? "2 x (" : "");
	for (size_t i = 0; i < count; i++) {
		const struct s0_sectors *run = &shape->runs[i];

		put(&words, "%s%u x %u", i ? ", " : "", run->count,
		    kib ? run->bytes / 1024 : run->bytes);
		if (i && end_of(run - 1) != run->address)
			put(&words, " at 0x%08x", run->address);
	}
	put(&words, "%s%s", kib ? " KiB" : " bytes", twice ? ")" : "");
}

/* Flash as the device named it, while another takes its place. */
#define MOST_AREAS 16

struct named {
	struct s0_area area;
	char name[64];
};

static size_t take_out(struct s0_map *map, struct named old[MOST_AREAS])
{
	size_t count = 0;

	for (size_t i = s0_map_area_count(map); i-- > 0;) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind != S0_AREA_FLASH)
			continue;
		if (count < MOST_AREAS) {
			old[count].area = *area;
			(void)snprintf(old[count].name, sizeof old[count].name,
				       "%s", area->name);
			old[count].area.name = old[count].name;
			count++;
		}
		map_cut(map, area->address, area->length);
	}
	return count;
}

/* What was there at an address, in sectors of that size; else what was first:
 * it lends its name and what may be done with it. */
static const struct s0_area *lender(const struct named *old, size_t count,
				    uint32_t address, uint32_t bytes)
{
	for (size_t i = 0; i < count; i++)
		if (old[i].area.sector_size == bytes &&
		    range_within(address, 1, old[i].area.address,
				 old[i].area.length))
			return &old[i].area;
	return &old[count - 1].area;
}

/* How far what it lends reaches, no further than to the end of the run. */
static uint64_t reach(const struct named *old, size_t count,
		      const struct s0_sectors *run, uint64_t at)
{
	const struct s0_area *first =
		lender(old, count, (uint32_t)at, run->bytes);
	const struct s0_area *like = first;

	while (at < end_of(run) && like->can == first->can &&
	       like->alt == first->alt) {
		uint64_t end = range_end(like->address, like->length);
		bool own = like->sector_size == run->bytes &&
			   like->address <= at && end > at && end < end_of(run);

		at = own ? end : end_of(run);
		if (own)
			like = lender(old, count, (uint32_t)at, run->bytes);
	}
	return at;
}

s0_code shape_put(const struct shape *shape, struct s0_map *map,
		  struct s0_error *err)
{
	struct named old[MOST_AREAS];
	size_t count = take_out(map, old);
	s0_code code = S0_OK;

	for (size_t i = 0; count && i < shape->count; i++) {
		const struct s0_sectors *run = &shape->runs[i];
		uint64_t at = run->address;

		while (code == S0_OK && at < end_of(run)) {
			const struct s0_area *like =
				lender(old, count, (uint32_t)at, run->bytes);
			uint64_t end = reach(old, count, run, at);
			struct s0_area area = *like;

			area.address = (uint32_t)at;
			area.length = (uint32_t)(end - at);
			area.sector_size = run->bytes;
			code = s0_map_add(map, &area, err);
			at = end;
		}
	}
	return code;
}
