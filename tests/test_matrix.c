/* SPDX-License-Identifier: MIT */
/*
 * Every virtual chip, and everything that is done to one: a row each. What the
 * array holds afterwards is looked at in the array itself, byte for byte, and
 * against the geometry of the chip's data, whatever its layout string says.
 *
 * The table is printed: meson test -C build test_matrix --verbose
 */
#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "board.h"
#include "matrix.h"

/* Programs across the border and at the start; what lies beside is erased. */
static bool flash(struct matrix *m)
{
	struct s0_result result;

	matrix_expect_erased(m);
	if (!matrix_flash(m, NULL, &result))
		return false;
	if (result.written_bytes != s0_image_size(m->image))
		return matrix_fail(m, "%llu bytes written",
				   (unsigned long long)result.written_bytes);
	return matrix_check_array(m);
}

static bool verify(struct matrix *m)
{
	uint8_t byte, other;

	if (!matrix_compare(m, S0_OK))
		return false;
	(void)s0_sim_peek(m->board.sim, m->border, &byte, 1);
	other = byte ^ 0x10;
	(void)s0_sim_poke(m->board.sim, m->border, &other, 1);
	if (!matrix_compare(m, S0_E_DIFFERENT))
		return false;
	(void)s0_sim_poke(m->board.sim, m->border, &byte, 1);
	return matrix_check_array(m);
}

static bool again(struct matrix *m)
{
	struct s0_result result;

	if (!matrix_flash(m, NULL, &result))
		return false;
	if (result.written_bytes || m->erased_count)
		return matrix_fail(m, "%llu bytes written, %zu sectors erased",
				   (unsigned long long)result.written_bytes,
				   m->erased_count);
	if (result.skipped_bytes != s0_image_size(m->image))
		return matrix_fail(m, "%llu bytes skipped",
				   (unsigned long long)result.skipped_bytes);
	return matrix_check_array(m);
}

/* Neighbours of a byte that changes, in its sector, survive. */
static bool keep(struct matrix *m)
{
	struct s0_policy policy = { .keep = true };
	uint8_t beside[16];

	board_random(beside, sizeof beside, 77);
	matrix_poke(m, m->beside, beside, m->beside_bytes);
	matrix_change(m);
	if (!matrix_flash(m, &policy, NULL))
		return false;
	return matrix_check_array(m);
}

static bool take(void *payload, const void *bytes, size_t length)
{
	struct taking *taking = payload;

	if (taking->length + length > sizeof taking->bytes)
		return false;
	memcpy(taking->bytes + taking->length, bytes, length);
	taking->length += length;
	return true;
}

static bool read_back(struct matrix *m)
{
	struct s0_error err = S0_ERROR_INIT;
	struct taking taking = { .length = 0 };
	uint32_t from = m->border - 150;
	s0_code code;

	if (!matrix_open(m))
		return false;
	code = s0_session_read(m->board.session, from, 301, take, &taking, NULL,
			       &err);
	board_close(&m->board);
	if (code != S0_OK)
		return matrix_fail(m, "%s", err.message);
	if (taking.length != 301 ||
	    memcmp(taking.bytes, m->holds + (from - m->start), 301) != 0)
		return matrix_fail(m, "other bytes were read");
	return true;
}

static bool erase(struct matrix *m)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sectors sector = matrix_sector(m, m->border);
	s0_code code;

	if (!matrix_open(m))
		return false;
	code = s0_session_erase(m->board.session, m->border, 1, NULL, &err);
	board_close(&m->board);
	if (code != S0_OK)
		return matrix_fail(m, "%s", err.message);
	memset(m->holds + (sector.address - m->start), m->chip->erased,
	       sector.bytes);
	return matrix_check_array(m);
}

static bool blank(struct matrix *m)
{
	struct s0_sectors sector = matrix_sector(m, m->border);
	struct s0_error err = S0_ERROR_INIT;
	s0_code empty, full;

	if (!matrix_open(m))
		return false;
	empty = s0_session_blank(m->board.session, sector.address, sector.bytes,
				 NULL, &err);
	full = s0_session_blank(m->board.session, m->start, 256, NULL, NULL);
	board_close(&m->board);
	if (empty != S0_OK)
		return matrix_fail(m, "%s", err.message);
	if (full != S0_E_NOT_BLANK && sector.address != m->start)
		return matrix_fail(m, "what holds bytes is called blank");
	return true;
}

/* Every field of the chip's data has a value. */
static bool option(struct matrix *m)
{
	const struct s0_device_info *info;
	bool good = true;

	if (!matrix_open(m))
		return false;
	info = s0_device_info(m->board.device);
	if (info->chip != m->chip)
		good = matrix_fail(m, "taken for %s",
				   info->chip ? info->chip->name : "nothing");
	if (good && m->chip->option_count && !info->option_length)
		good = matrix_fail(m, "no option bytes were read");
	for (size_t i = 0; good && i < m->chip->option_count; i++) {
		const struct s0_option_field *field = &m->chip->options[i];
		uint32_t value;

		if (!s0_option_get(field, info->options, info->option_length,
				   false, &value))
			good = matrix_fail(m, "%s has no value", field->name);
		else
			m->fields++;
	}
	board_close(&m->board);
	return good;
}

/* Data EEPROM, where there is some, keeps the neighbours of what is written. */
static bool eeprom(struct matrix *m)
{
	struct s0_image *before, *image;
	uint8_t now[16], want[16];
	bool good;

	m->eeprom = matrix_find_eeprom(m);
	if (!m->eeprom)
		return true;
	before = board_image(m->eeprom, sizeof want, 3);
	image = board_image(m->eeprom + 3, 8, 4);
	good = matrix_flash_image(m, before, NULL, NULL) &&
	       matrix_flash_image(m, image, NULL, NULL);
	board_random(want, sizeof want, 3);
	board_random(want + 3, 8, 4);
	s0_image_free(before);
	s0_image_free(image);
	if (good && (s0_sim_peek(m->board.sim, m->eeprom, now, sizeof now) !=
			     sizeof now ||
		     memcmp(now, want, sizeof now) != 0))
		good = matrix_fail(m, "the data EEPROM holds other bytes");
	return good && matrix_check_array(m);
}

static bool start(struct matrix *m)
{
	struct s0_error err = S0_ERROR_INIT;
	s0_code code;

	/* What is started may have been erased. */
	if (matrix_sector(m, m->border).address == m->start &&
	    !matrix_flash(m, NULL, NULL))
		return false;
	if (!matrix_open(m))
		return false;
	code = s0_session_start(m->board.session, m->start, NULL, &err);
	board_close(&m->board);
	if (code != S0_OK)
		return matrix_fail(m, "%s", err.message);
	/* One of them starts nothing when it leaves. */
	if (s0_sim_started(m->board.sim) != m->start &&
	    strcmp(m->chip->name, "gd32vf103") != 0)
		return matrix_fail(m, "0x%08x was started",
				   s0_sim_started(m->board.sim));
	return true;
}

static const struct column {
	const char *name;
	bool (*run)(struct matrix *m);
} columns[] = {
	{ "flash", flash }, { "verify", verify },  { "again", again },
	{ "keep", keep },   { "read", read_back }, { "erase", erase },
	{ "blank", blank }, { "option", option },  { "eeprom", eeprom },
	{ "start", start },
};

#define COLUMNS (sizeof columns / sizeof columns[0])

struct table {
	size_t counts[COLUMNS], rows, passed, refused;
};

/* One row: each column goes on from what the one before has left. */
static void try_chip(struct table *table, const struct s0_chip *chip,
		     const char *description, uint32_t kib)
{
	struct matrix m;
	char line[120];
	int used = snprintf(line, sizeof line, "%-24s", description);

	m.failed = !matrix_begin(&m, chip, description, kib);
	for (size_t i = 0; i < COLUMNS; i++) {
		m.column = columns[i].name;
		m.failed = m.failed || !columns[i].run(&m);
		table->counts[i] += !m.failed;
		table->passed += !m.failed;
		used += snprintf(line + used, sizeof line - (size_t)used,
				 " %-6s",
				 m.refused  ? "-"
				 : m.failed ? "FAIL"
					    : "ok");
	}
	table->rows++;
	table->refused += m.refused;
	print_message("# %s %s%s\n", line, m.eeprom ? "data EEPROM " : "",
		      m.known);
	matrix_end(&m);
}

static void head(const struct table *table)
{
	char line[120];
	int used = snprintf(line, sizeof line, "%-24s", "");

	(void)table;
	for (size_t i = 0; i < COLUMNS; i++)
		used += snprintf(line + used, sizeof line - (size_t)used,
				 " %-6s", columns[i].name);
	print_message("# %s\n", line);
}

static void total(const struct table *table)
{
	char line[120];
	int used = snprintf(line, sizeof line, "%zu rows", table->rows);

	used += snprintf(line + used, sizeof line - (size_t)used, "%*s",
			 24 - used, "");
	for (size_t i = 0; i < COLUMNS; i++)
		used += snprintf(line + used, sizeof line - (size_t)used,
				 " %-6zu", table->counts[i]);
	print_message("# %s\n", line);
	assert_int_equal(table->passed + table->refused * COLUMNS,
			 table->rows * COLUMNS);
}

static void everything_works_on_every_virtual_chip(void **state)
{
	struct table table = { .rows = 0 };
	(void)state;

	head(&table);
	for (size_t i = 0; i < s0_chip_count(); i++) {
		const struct s0_chip *chip = s0_chip_at(i);

		try_chip(&table, chip, chip->name, chip->flash_bytes / 1024);
	}
	total(&table);
	assert_int_equal(table.refused, 0);
}

static void everything_works_on_every_smaller_part(void **state)
{
	struct table table = { .rows = 0 };
	char description[64];
	(void)state;

	head(&table);
	for (size_t i = 0; i < s0_chip_count(); i++) {
		const struct s0_chip *chip = s0_chip_at(i);

		for (const uint16_t *kib = chip->sizes_kib;
		     *kib && *kib < chip->flash_bytes / 1024; kib++) {
			(void)snprintf(description, sizeof description,
				       "%s,flash_kb=%u", chip->name, *kib);
			try_chip(&table, chip, description, *kib);
		}
	}
	total(&table);
	print_message("# %zu refused\n", table.refused);
	assert_int_equal(table.refused, 0);
}

/* The other value of a field that the option bytes have. */
static void try_field(struct table *table, const struct s0_chip *chip,
		      const char *field, uint32_t value)
{
	char description[64];

	(void)snprintf(description, sizeof description, "%s,%s=%u", chip->name,
		       field, value);
	try_chip(table, chip, description, chip->flash_bytes / 1024);
}

/* What is written is where it was meant, and nothing else has changed, with
 * each switch of the banks thrown. */
static void everything_works_with_other_banks(void **state)
{
	struct table table = { .rows = 0 };
	(void)state;

	head(&table);
	for (size_t i = 0; i < s0_chip_count(); i++) {
		const struct s0_chip *chip = s0_chip_at(i);

		for (size_t k = 0; k < chip->geometry_count; k++) {
			const struct s0_geometry *g = &chip->geometries[k];

			if (g->field &&
			    (!g->flash_kib ||
			     g->flash_kib == chip->flash_bytes / 1024))
				try_field(&table, chip, g->field, g->value);
		}
		for (size_t k = 0; k < chip->option_count; k++)
			if (chip->options[k].role == S0_OPTION_SWAP_BANKS)
				try_field(&table, chip,
					  strcmp(chip->name, "stm32h743") == 0
						  ? "swap"
						  : chip->options[k].name,
					  1);
	}
	total(&table);
	assert_int_equal(table.refused, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_works_on_every_virtual_chip),
		cmocka_unit_test(everything_works_on_every_smaller_part),
		cmocka_unit_test(everything_works_with_other_banks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
