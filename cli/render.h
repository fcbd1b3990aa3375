/* SPDX-License-Identifier: MIT */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

/* Results for people, on standard output. */

#include <stdint.h>
#include <stdio.h>

#include <sector0/sector0.h>

/* A s0_line_fn: one line on standard output. */
void render_line(void *payload, const char *line);

/* What flash, write and fill did. */
void render_flash(const struct s0_session *session,
		  const struct s0_result *result, bool stats);

/* The sectors erased, joined where they touch. */
void render_erased(const struct s0_session *session);

/* Write protection that was taken off meanwhile. */
void render_lifted(const struct s0_result *result);

/* "in 1932 ms", with the rate where bytes are given. */
void render_time(uint64_t bytes, uint64_t time_us);

/* Memory as hexadecimal and ASCII, 16 bytes a line. */
void render_dump(uint32_t address, const uint8_t *bytes, size_t length);

/* Everything a device tells. */
void render_info(const struct s0_device *device);

#endif
