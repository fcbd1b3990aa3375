/* SPDX-License-Identifier: MIT */
#ifndef SIM_VALUES_H
#define SIM_VALUES_H

/* Values of the keys of a description, each from its text. All return false,
 * and sim_value_word() -1, for a text that is no such value. */

#include "sim/sim.h"

/* Values of erase_ms and word_us that are words. */
enum { SIM_TIME_NUMBER, SIM_TIME_TYP, SIM_TIME_MAX, SIM_TIME_WORN };

bool sim_value_number(const char *value, uint64_t lowest, uint64_t highest,
		      uint64_t *ret_number);
/* Index of value in words, which are separated by bars; a blank ends them. */
int sim_value_word(const char *words, const char *value);
/* One of the numbers in choices, however it is written. */
bool sim_value_choice(const char *choices, const char *value,
		      uint32_t *ret_number);
/* @worn: is that word allowed? */
bool sim_value_time(const char *value, bool worn, uint32_t *ret_word,
		    uint32_t *ret_number);
bool sim_value_clock(const char *value, double *ret_scale);
/* 0..1000, with or without a point. */
bool sim_value_scale(const char *value, double *ret_scale);
bool sim_value_uid(const char *value, uint8_t uid[12]);
bool sim_value_text(const char *value, char *place, size_t size);
/* Semicolons become commas. */
bool sim_value_layout(const char *value, char *place, size_t size);

#endif
