/* SPDX-License-Identifier: MIT */
#include "sim/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_layout_start(struct sim_layout *layout, const char *name)
{
	layout->at = strchr(name, '/');
	layout->address = 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "/0x08000000/" before a list. */
static bool read_address(struct sim_layout *layout)
{
	char *end;

	if (*layout->at != '/')
		return true;
	if (strncmp(layout->at, "/0x", 3) != 0)
		return false;
	layout->address = (uint32_t)strtoul(layout->at + 1, &end, 16);
	layout->at = end + 1;
	return *end == '/';
}

static uint32_t read_number(struct sim_layout *layout, int *ret_digits)
{
	const char *start = layout->at;
	uint32_t number = 0;

	for (; is_digit(*layout->at); layout->at++)
		number = number * 10 + (uint32_t)(*layout->at - '0');
	*ret_digits = (int)(layout->at - start);
	return number;
}

/* Up to the comma, the slash, or the end. */
static bool read_suffix(struct sim_layout *layout,
			struct sim_layout_entry *entry)
{
	size_t length = strcspn(layout->at, ",/");

	if (length == 0 || length >= sizeof(entry->suffix))
		return false;
	memcpy(entry->suffix, layout->at, length);
	entry->suffix[length] = '\0';
	entry->type = entry->suffix[length - 1];
	entry->unit = entry->suffix[0] == 'K'	? 1024
		      : entry->suffix[0] == 'M' ? 1024 * 1024
						: 1;
	layout->at += length;
	if (*layout->at == ',')
		layout->at++;
	return true;
}

bool sim_layout_next(struct sim_layout *layout,
		     struct sim_layout_entry *ret_entry)
{
	struct sim_layout_entry entry = { 0 };

	if (!layout->at || !*layout->at || !read_address(layout))
		return false;
	entry.address = layout->address;
	entry.count = read_number(layout, &entry.count_digits);
	if (entry.count_digits == 0 || *layout->at++ != '*')
		return false;
	entry.size = read_number(layout, &entry.size_digits);
	if (entry.size_digits == 0 || !read_suffix(layout, &entry))
		return false;
	entry.size *= entry.unit;
	layout->address += entry.count * entry.size;
	*ret_entry = entry;
	return true;
}

/* a: read, b: erase, d: write; the others are sums of these. */
bool sim_layout_can_write(const struct sim_layout_entry *entry)
{
	return ((entry->type - 'a' + 1) & 4) != 0;
}

/* How the pattern writes sectors of that size; else, how it writes any. */
static struct sim_layout_entry style_of(const char *pattern, uint32_t size,
					bool writable)
{
	struct sim_layout_entry entry, style = { .count_digits = 2,
						 .size_digits = 3,
						 .unit = 1024,
						 .suffix = "Kg" };
	struct sim_layout layout;
	unsigned best = 0;

	sim_layout_start(&layout, pattern);
	while (sim_layout_next(&layout, &entry)) {
		unsigned fit = 1 + 2u * (entry.size == size) +
			       4u * (sim_layout_can_write(&entry) == writable);

		if (fit > best) {
			best = fit;
			style = entry;
		}
	}
	return style;
}

static void write_run(char *text, size_t size, const char *pattern,
		      const struct sim_run *run, bool writable)
{
	struct sim_layout_entry style = style_of(pattern, run->size, writable);
	size_t length = strlen(text);

	snprintf(text + length, size - length, "%0*u*%0*u%s",
		 style.count_digits, (unsigned)run->count, style.size_digits,
		 (unsigned)(run->size / style.unit), style.suffix);
}

static void write_separator(char *text, size_t size, uint32_t address,
			    bool adjoins)
{
	size_t length = strlen(text);

	if (adjoins)
		snprintf(text + length, size - length, ",");
	else
		snprintf(text + length, size - length, "/0x%08X/",
			 (unsigned)address);
}

void sim_layout_write(char *text, size_t size, const char *pattern,
		      const struct sim_run *runs, size_t count,
		      uint32_t read_only)
{
	size_t prefix = strcspn(pattern, "/");
	uint32_t end = 0;

	snprintf(text, size, "%.*s", (int)prefix, pattern);
	for (size_t i = 0; i < count; i++) {
		struct sim_run run = runs[i];

		write_separator(text, size, run.address, run.address == end);
		end = run.address + run.count * run.size;
		if (run.address < read_only && end > read_only) {
			struct sim_run head = run;

			head.count = (read_only - run.address) / run.size;
			write_run(text, size, pattern, &head, false);
			write_separator(text, size, read_only, true);
			run.address = read_only;
			run.count -= head.count;
		}
		write_run(text, size, pattern, &run, run.address >= read_only);
	}
}
