/* SPDX-License-Identifier: MIT */
#ifndef SERVE_RING_H
#define SERVE_RING_H

/* The last lines of a log; older ones fall out. Zero-initialise; ring_free()
 * at the end. Lines are numbered from 0 on, however many have fallen out. */

#include <stddef.h>
#include <stdint.h>

#define RING_LINES 100000u

struct ring {
	char **lines; /* line i at i % RING_LINES */
	uint64_t end; /* number of the next line */
};

void ring_add(struct ring *ring, const char *line);
/* Number of the first line that is still there. */
uint64_t ring_first(const struct ring *ring);
/* A line that is there; "" where memory had run out. */
const char *ring_line(const struct ring *ring, uint64_t number);
void ring_free(struct ring *ring);

#endif
