/* SPDX-License-Identifier: MIT */
#ifndef CLI_JSON_H
#define CLI_JSON_H

/* What --json prints: one compact object a line on standard output. */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <sector0/sector0.h>

/* Print an event at once; takes the object over. */
void json_event(const char *event, json_t *object);

/* A string for JSON, "" as null; bytes that are not UTF-8 are replaced. */
json_t *json_text(const char *text);
/* A number, or null. */
json_t *json_number_if(bool known, uint64_t number);
/* Microseconds in whole milliseconds. */
json_int_t json_ms(uint64_t us);
/* {address, length} */
json_t *json_range(uint32_t address, uint32_t length);

void json_warning(const char *line);
/* @differences may be NULL; it is taken over. */
void json_error(const struct s0_error *err, json_t *differences);
/* What a device told. */
void json_device(const struct s0_device_info *info, const struct s0_map *map);
/* What the list knows of a device that was not opened. */
void json_candidate(const struct s0_candidate *candidate);
void json_plan(const struct s0_plan *plan, const struct s0_map *map);

/* The beginning of every result: ok, transfers, time_ms. */
json_t *json_result(const struct s0_result *result);
/* What flash, write and fill end with. */
void json_flash_result(const struct s0_session *session,
		       const struct s0_result *result, bool stats, bool trusted,
		       uint64_t backup_bytes);
/* The sectors that a session has erased. */
json_t *json_erased(const struct s0_session *session);

#endif
