/* SPDX-License-Identifier: MIT */
#ifndef CLI_CHIPS_H
#define CLI_CHIPS_H

/* What is known about chips, for people and for programs. */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include <sector0/sector0.h>

/* How many values have which kind of source. */
struct source_counts {
	size_t of[S0_SOURCE_KINDS];
};

/* Count a chip's. */
void chips_count(const struct s0_chip *chip, struct source_counts *counts);

/* Values in all, and those that others can look up in public. */
size_t chips_values(const struct source_counts *counts);
size_t chips_open(const struct source_counts *counts);

/* All that is known about one. */
void chips_show(const struct s0_chip *chip);

/* The report of --sources. */
void chips_show_sources(const struct s0_context *context, bool json);

/* A `chip` event; with its lines where they are asked for. */
void json_chip(const struct s0_chip *chip, bool lines);

/* {"document": 12, …} */
json_t *json_sources(const struct source_counts *counts);

#endif
