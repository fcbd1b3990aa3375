/* SPDX-License-Identifier: MIT */
/* sector0 chips --sources: what stands behind the values. */
#include "chips.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "text.h"

void chips_count(const struct s0_chip *chip, struct source_counts *counts)
{
	struct s0_chip_line line;

	for (size_t i = 0; s0_chip_line(chip, i, &line); i++)
		if (line.sourced)
			counts->of[line.kind]++;
}

size_t chips_values(const struct source_counts *counts)
{
	size_t sum = 0;

	for (size_t i = 0; i < S0_SOURCE_KINDS; i++)
		sum += counts->of[i];
	return sum;
}

size_t chips_open(const struct source_counts *counts)
{
	return counts->of[S0_SOURCE_DOCUMENT] + counts->of[S0_SOURCE_OPEN];
}

static void print_row(const char *name, size_t chips,
		      const struct source_counts *counts)
{
	size_t values = chips_values(counts);

	text_print(stdout, name);
	printf("%*s %5zu %6zu",
	       (int)(strlen(name) < 11 ? 11 - strlen(name) : 0), "", chips,
	       values);
	for (size_t i = 0; i < S0_SOURCE_KINDS; i++)
		printf(" %10zu", counts->of[i]);
	printf(" %5zu %%\n", values ? chips_open(counts) * 100 / values : 0);
}

static void json_row(json_t *list, const char *name, size_t chips,
		     const struct source_counts *counts)
{
	(void)json_array_append_new(
		list, json_pack("{s:o, s:I, s:I, s:o}", "family",
				json_text(name), "chips", (json_int_t)chips,
				"values", (json_int_t)chips_values(counts),
				"sources", json_sources(counts)));
}

/* Count the chips of the family of one, unless it was counted before. */
static size_t count_family(const struct s0_context *context, size_t index,
			   struct source_counts *counts)
{
	const char *family = s0_context_chip_at(context, index)->family;
	const struct s0_chip *chip;
	size_t chips = 0;

	for (size_t i = 0; (chip = s0_context_chip_at(context, i)); i++) {
		if (strcmp(chip->family, family) != 0)
			continue;
		if (i < index)
			return 0;
		chips_count(chip, counts);
		chips++;
	}
	return chips;
}

void chips_show_sources(const struct s0_context *context, bool json)
{
	struct source_counts all = { 0 };
	json_t *list = json ? json_array() : NULL;
	size_t total = 0;

	if (!json) {
		printf("%-11s %5s %6s", "family", "chips", "values");
		for (size_t i = 0; i < S0_SOURCE_KINDS; i++)
			printf(" %10s", s0_source_name((s0_source_kind)i));
		printf(" %7s\n", "public");
	}
	for (size_t i = 0; i < s0_context_chip_count(context); i++) {
		const char *family = s0_context_chip_at(context, i)->family;
		struct source_counts counts = { 0 };
		size_t chips = count_family(context, i, &counts);

		if (!chips)
			continue;
		if (json)
			json_row(list, family, chips, &counts);
		else
			print_row(family, chips, &counts);
		for (size_t k = 0; k < S0_SOURCE_KINDS; k++)
			all.of[k] += counts.of[k];
		total += chips;
	}
	if (!json) {
		print_row("all", total, &all);
		return;
	}
	json_event("result",
		   json_pack("{s:b, s:o, s:I, s:I, s:o}", "ok", 1, "families",
			     list, "chips", (json_int_t)total, "values",
			     (json_int_t)chips_values(&all), "sources",
			     json_sources(&all)));
}
