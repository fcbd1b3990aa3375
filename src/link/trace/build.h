/* SPDX-License-Identifier: MIT */
#ifndef LINK_TRACE_BUILD_H
#define LINK_TRACE_BUILD_H

/*
 * Putting a line of a trace together. A failed allocation leaves a field out
 * (or the whole object NULL); recorder_write() is told of the latter.
 */

#include <jansson.h>

#include "link/trace/trace.h"

json_t *build_event(const char *name);
/* Text; null for NULL. */
json_t *build_text(const char *text);
json_t *build_hex(const uint8_t *bytes, size_t length);
/* Each takes the value over. */
void build_add(json_t *object, const char *key, json_t *value);
void build_number(json_t *object, const char *key, uint64_t number);
void build_error(json_t *object, const struct s0_error *err);

/* Microseconds of the host's clock since the first line. */
uint64_t recorder_wall_us(const struct s0_recorder *recorder);

#endif
