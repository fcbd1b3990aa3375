/* SPDX-License-Identifier: MIT */
#include "sim/serve/ring.h"

#include <stdlib.h>
#include <string.h>

void ring_add(struct ring *ring, const char *line)
{
	char **place;

	if (!ring->lines)
		ring->lines = calloc(RING_LINES, sizeof(*ring->lines));
	if (!ring->lines)
		return;
	place = &ring->lines[ring->end++ % RING_LINES];
	free(*place);
	*place = strdup(line);
}

uint64_t ring_first(const struct ring *ring)
{
	return ring->end < RING_LINES ? 0 : ring->end - RING_LINES;
}

const char *ring_line(const struct ring *ring, uint64_t number)
{
	const char *line = ring->lines[number % RING_LINES];

	return line ? line : "";
}

void ring_free(struct ring *ring)
{
	for (size_t i = 0; ring->lines && i < RING_LINES; i++)
		free(ring->lines[i]);
	free(ring->lines);
	*ring = (struct ring){ 0 };
}
