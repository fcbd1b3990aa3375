/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "matrix.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/range.h"

bool matrix_fail(const struct matrix *m, const char *format, ...)
{
	char words[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(words, sizeof words, format, args);
	va_end(args);
	print_message("# %s: %s: %s\n", m->description, m->column, words);
	return false;
}

/* Is it known for what it is? Else it is named, as by --chip. */
static bool identify(struct matrix *m)
{
	const struct s0_device_info *info;
	bool right, among = false;

	if (!matrix_open(m))
		return false;
	info = s0_device_info(m->board.device);
	right = info->chip == m->chip;
	for (size_t i = 0; i < info->candidate_count; i++)
		among |= info->candidates[i] == m->chip;
	if (!right)
		(void)snprintf(m->known, sizeof m->known, "named: %s%s",
			       among	    ? "one of several"
			       : info->chip ? "taken for "
					    : "like no chip or others",
			       info->chip ? info->chip->name : "");
	board_close(&m->board);
	if (right)
		return true;
	assert_int_equal(
		s0_context_set_chip(m->board.context, m->chip->name, NULL),
		S0_OK);
	m->refused = board_open(&m->board, NULL) != S0_OK;
	board_close(&m->board);
	return !m->refused;
}

/* Of a part of that size, with its option bytes as they are. */
static const struct s0_geometry *true_geometry(struct matrix *m)
{
	const struct s0_geometry *found = NULL;
	const struct s0_device_info *info;

	if (m->chip->geometry_count == 1)
		return &m->chip->geometries[0];
	if (!matrix_open(m))
		return NULL;
	info = s0_device_info(m->board.device);
	for (size_t i = 0; i < m->chip->geometry_count; i++) {
		const struct s0_geometry *g = &m->chip->geometries[i];
		const struct s0_option_field *field =
			g->field ? s0_option_find(m->chip, g->field) : NULL;
		uint32_t value = 0;
		bool fits = !field || (s0_option_get(field, info->options,
						     info->option_length, false,
						     &value) &&
				       value == g->value);

		if (fits && (g->flash_kib == m->bytes / 1024 ||
			     (!found && !g->flash_kib)))
			found = g;
	}
	board_close(&m->board);
	if (!found)
		(void)matrix_fail(m, "no geometry holds");
	return found;
}

static uint32_t size_of(const struct s0_sectors *row)
{
	return row->count * row->bytes;
}

struct s0_sectors matrix_sector(const struct matrix *m, uint32_t address)
{
	struct s0_sectors none = { 0 };

	for (size_t i = 0; i < m->geometry->sector_count; i++) {
		const struct s0_sectors *row = &m->geometry->sectors[i];

		if (range_within(address, 1, row->address, size_of(row)))
			return (struct s0_sectors){
				address - (address - row->address) % row->bytes,
				1, row->bytes
			};
	}
	return none;
}

/* The second row of sectors that adjoins the first, else the fourth sector. */
static uint32_t find_border(const struct matrix *m)
{
	const struct s0_sectors *row = m->geometry->sectors;

	uint32_t border = row->address + size_of(row) / 2;
	uint32_t sectors = m->bytes / row->bytes;

	if (m->geometry->sector_count > 1)
		border = row[1].address;
	if (border - m->start < m->bytes &&
	    (m->geometry->sector_count > 1 || m->geometry->banks == 2))
		return border;
	if (sectors < 2)
		return m->start + row->bytes / 2;
	/* Not where the vector table is. */
	if (row->bytes < 512)
		return m->start + 1024;
	return m->start + (sectors > 3 ? 3 : sectors / 2) * row->bytes;
}

static void add(struct matrix *m, uint32_t address, const uint8_t *bytes,
		uint32_t length)
{
	assert_int_equal(
		s0_image_add(m->image, "t", address, bytes, length, NULL),
		S0_OK);
}

/* A vector table at the start, and odd ends around the border. */
static void make_image(struct matrix *m)
{
	uint8_t bytes[333];
	uint32_t stack = 0x20002000;

	for (size_t i = 0; i < m->chip->area_count; i++)
		if (m->chip->areas[i].kind == S0_AREA_RAM)
			stack = m->chip->areas[i].address + 0x400;
	assert_int_equal(s0_image_new(&m->image, NULL), S0_OK);
	board_random(bytes, sizeof bytes, m->chip->device_id);
	put_le32(bytes, stack);
	put_le32(bytes + 4, m->start + 0x101);
	add(m, m->start, bytes, 307);
	board_random(bytes, sizeof bytes, m->chip->device_id + 1u);
	add(m, m->border - 150, bytes, 301);
}

static bool can_be_made(const struct matrix *m)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sim *sim;

	if (s0_sim_new(m->description, &sim, &err) != S0_OK)
		return matrix_fail(m, "%s", err.message);
	s0_sim_free(sim);
	return true;
}

/* Some have sectors at the start that nobody may change. */
static uint32_t first_writable(const struct matrix *m)
{
	uint32_t first = m->geometry->sectors[0].address;
	struct s0_map *map;

	assert_int_equal(s0_chip_map(m->chip, &map, NULL), S0_OK);
	for (size_t i = s0_map_area_count(map); i-- > 0;) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind == S0_AREA_FLASH && (area->can & S0_CAN_WRITE))
			first = area->address;
	}
	s0_map_free(map);
	return first;
}

bool matrix_begin(struct matrix *m, const struct s0_chip *chip,
		  const char *description, uint32_t kib)
{
	uint8_t byte;

	memset(m, 0, sizeof *m);
	m->chip = chip;
	m->description = description;
	m->column = "open";
	if (!can_be_made(m))
		return false;
	board_make(&m->board, description);
	m->bytes = kib * 1024;
	m->geometry = identify(m) ? true_geometry(m) : NULL;
	if (!m->geometry)
		return false;
	m->start = first_writable(m);
	m->bytes -= m->start - m->geometry->sectors[0].address;
	/* The second bank of a smaller part may stand apart. */
	for (uint32_t at = 0; at < m->bytes; at += 1024)
		if (!s0_sim_peek(m->board.sim, m->start + at, &byte, 1))
			m->bytes = at;
	m->border = find_border(m);
	m->beside_bytes = 16;
	m->beside = m->border + 160;
	if (matrix_sector(m, m->border).bytes < 256) {
		m->beside_bytes = 8;
		m->beside = m->border - 160 - 8;
	}
	make_image(m);
	m->holds = malloc(m->bytes);
	assert_non_null(m->holds);
	board_random(m->holds, m->bytes, 5);
	/* What lies in the image's sectors is another firmware. */
	for (uint32_t at = m->start; at < m->start + m->bytes;) {
		struct s0_sectors sector = matrix_sector(m, at);
		uint32_t length = sector.bytes ? sector.bytes : 1024;

		if (sector.bytes &&
		    s0_sim_poke(m->board.sim, at, m->holds + (at - m->start),
				length) != length)
			print_message("# %s: no flash at 0x%08x\n", description,
				      at);
		at += length;
	}
	return true;
}

void matrix_end(struct matrix *m)
{
	if (m->board.sim)
		board_free(&m->board);
	s0_image_free(m->image);
	free(m->holds);
}

bool matrix_open(struct matrix *m)
{
	struct s0_error err = S0_ERROR_INIT;

	if (board_open(&m->board, &err) == S0_OK)
		return true;
	return matrix_fail(m, "%s", err.message);
}

bool matrix_flash_image(struct matrix *m, const struct s0_image *image,
			const struct s0_policy *policy,
			struct s0_result *ret_result)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct s0_plan *plan = NULL;
	s0_code code;

	if (!matrix_open(m))
		return false;
	code = s0_session_plan(m->board.session, image, policy, &plan, &err);
	if (code == S0_OK)
		code = s0_session_run(m->board.session, plan, &result, &err);
	m->erased_count = s0_session_erased_count(m->board.session);
	s0_plan_free(plan);
	board_close(&m->board);
	if (code != S0_OK)
		return matrix_fail(m, "%s", err.message);
	if (ret_result)
		*ret_result = result;
	return true;
}

bool matrix_flash(struct matrix *m, const struct s0_policy *policy,
		  struct s0_result *ret_result)
{
	return matrix_flash_image(m, m->image, policy, ret_result);
}

bool matrix_compare(struct matrix *m, s0_code expected)
{
	struct s0_policy policy = { .compare = true };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	s0_code code;

	if (!matrix_open(m))
		return false;
	code = s0_session_plan(m->board.session, m->image, &policy, &plan,
			       &err);
	if (code == S0_OK)
		code = s0_session_compare(m->board.session, plan, NULL, NULL,
					  NULL, &err);
	s0_plan_free(plan);
	board_close(&m->board);
	return code == expected ||
	       matrix_fail(m, "%s: %s", s0_code_name(code), err.message);
}

void matrix_expect_erased(struct matrix *m)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < s0_image_piece_count(m->image); i++) {
			struct s0_piece p = s0_image_piece(m->image, i);
			uint32_t at = p.address;

			if (pass)
				memcpy(m->holds + (p.address - m->start),
				       p.bytes, p.length);
			while (!pass && at < p.address + p.length) {
				struct s0_sectors s = matrix_sector(m, at);

				assert_int_not_equal(s.bytes, 0);
				memset(m->holds + (s.address - m->start),
				       m->chip->erased, s.bytes);
				at = s.address + s.bytes;
			}
		}
}

void matrix_poke(struct matrix *m, uint32_t address, const uint8_t *bytes,
		 uint32_t length)
{
	assert_int_equal(s0_sim_poke(m->board.sim, address, bytes, length),
			 length);
	memcpy(m->holds + (address - m->start), bytes, length);
}

void matrix_change(struct matrix *m)
{
	struct s0_image *old = m->image;

	assert_int_equal(s0_image_new(&m->image, NULL), S0_OK);
	for (size_t i = 0; i < s0_image_piece_count(old); i++) {
		struct s0_piece p = s0_image_piece(old, i);
		uint8_t *bytes = malloc(p.length);

		assert_non_null(bytes);
		memcpy(bytes, p.bytes, p.length);
		if (range_within(m->border, 1, p.address, p.length))
			bytes[m->border - p.address] ^= 0x10;
		add(m, p.address, bytes, p.length);
		memcpy(m->holds + (p.address - m->start), bytes, p.length);
		free(bytes);
	}
	s0_image_free(old);
}

bool matrix_check_array(struct matrix *m)
{
	uint8_t now[4096];

	for (uint32_t at = 0; at < m->bytes;) {
		struct s0_sectors s = matrix_sector(m, m->start + at);
		uint32_t left =
			s.bytes ? s.address + s.bytes - m->start - at : 1024;
		uint32_t part = left < sizeof now ? left : sizeof now;

		if (s.bytes &&
		    s0_sim_peek(m->board.sim, m->start + at, now, part) != part)
			return matrix_fail(m, "no flash at 0x%08x",
					   m->start + at);
		for (uint32_t i = 0; s.bytes && i < part; i++)
			if (now[i] != m->holds[at + i])
				return matrix_fail(
					m, "0x%08x holds 0x%02x, not 0x%02x",
					m->start + at + i, now[i],
					m->holds[at + i]);
		at += part;
	}
	return true;
}

uint32_t matrix_find_eeprom(const struct matrix *m)
{
	uint32_t found = 0;
	struct s0_map *map;

	assert_int_equal(s0_chip_map(m->chip, &map, NULL), S0_OK);
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (area->kind == S0_AREA_EEPROM && area->from_device)
			found = area->address;
	}
	s0_map_free(map);
	return found;
}
