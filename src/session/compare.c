/* SPDX-License-Identifier: MIT */
/* What the device holds against what a plan wants there. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

struct comparing {
	const struct s0_plan *plan;
	uint8_t *wanted;	   /* of the part at hand */
	struct s0_difference open; /* being stretched; length 0: none */
	s0_difference_fn difference;
	void *payload;
	uint64_t compared; /* image bytes */
	uint64_t next;	   /* address behind what was compared */
};

static void hand_on(struct comparing *c)
{
	if (c->open.length)
		c->difference(c->payload, &c->open);
	c->open.length = 0;
}

static void differ(struct comparing *c, uint32_t address, uint8_t expected,
		   uint8_t found)
{
	if (c->open.length &&
	    range_end(c->open.address, c->open.length) == address) {
		c->open.length++;
		return;
	}
	hand_on(c);
	c->open = (struct s0_difference){ address, 1, expected, found };
}

/* Compare the bytes that an image has in [address, address + length). */
static uint64_t compare_image(struct comparing *c, const struct s0_image *image,
			      uint32_t address, const uint8_t *bytes,
			      uint32_t length)
{
	uint64_t end = range_end(address, length), compared = 0;

	for (size_t i = s0_image_find(image, address);
	     i < s0_image_piece_count(image); i++) {
		struct s0_piece p = s0_image_piece(image, i);
		uint64_t to = range_end(p.address, p.length);
		uint32_t from = p.address > address ? p.address : address;

		if (p.address >= end)
			break;
		to = to < end ? to : end;
		compared += to - from;
		if (!memcmp(c->wanted + (from - address),
			    bytes + (from - address), (size_t)(to - from)))
			continue;
		for (uint64_t at = from; at < to; at++) {
			uint32_t k = (uint32_t)(at - address);

			if (c->wanted[k] != bytes[k])
				differ(c, (uint32_t)at, c->wanted[k], bytes[k]);
		}
	}
	return compared;
}

static bool compare_bytes(void *payload, uint32_t address, const uint8_t *bytes,
			  uint32_t length)
{
	struct comparing *c = payload;
	const struct s0_plan *plan = c->plan;

	plan_fill(plan, address, length, c->wanted);
	c->next = range_end(address, length);
	c->compared += compare_image(c, plan->image, address, bytes, length);
	if (plan->survey && plan->policy.erase == S0_ERASE_NEEDED)
		(void)compare_image(c, plan->survey->content, address, bytes,
				    length);
	return true;
}

s0_code session_compare_range(struct s0_session *session,
			      const struct s0_plan *plan, uint32_t address,
			      uint32_t length, s0_difference_fn difference,
			      void *payload, struct s0_error *err)
{
	struct target *target = session->target;
	uint32_t start = round_down(address, 4);
	uint64_t end = round_up(range_end(address, length), 4);
	struct comparing c = { .plan = plan,
			       .difference = difference,
			       .payload = payload,
			       .next = start };
	s0_code code;

	c.wanted = malloc(target->block);
	if (!c.wanted)
		return error_memory(err);
	code = target->ops->read(target, start, (uint32_t)(end - start), NULL,
				 compare_bytes, &c, err);
	hand_on(&c);
	session->result.verified_bytes += c.compared;
	session->op.reached = c.next;
	free(c.wanted);
	return code;
}
