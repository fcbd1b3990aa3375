/* SPDX-License-Identifier: MIT */
/* The vector table that an image begins with: stack pointer, reset vector
 * (PM0253, PM0214: the first two words). */
#include "base/bytes.h"
#include "base/range.h"
#include "plan/plan.h"

/* The low bits of VTOR are none (PM0253 4.3.4, ARMv7-M B3.2.5): a table that
 * has more than 32 vectors is aligned to its size, rounded up to a power of 2.
 */
#define VTOR_ALIGNMENT 128u

static bool is_ram(const struct s0_area *area)
{
	return area &&
	       (area->kind == S0_AREA_RAM || area->kind == S0_AREA_ROM_RAM);
}

/* A stack grows down: its first word lies below the pointer. */
static bool in_ram(const struct s0_plan *plan, uint32_t stack)
{
	return stack >= 4 && stack % 4 == 0 &&
	       is_ram(s0_map_find(plan->map, stack - 4));
}

bool s0_plan_vectors(const struct s0_plan *plan, struct s0_vectors *ret_vectors)
{
	struct s0_vectors v = { .address = plan->vector_address };
	uint32_t start = 0;
	uint8_t words[8];
	bool firmware;

	/* A few bytes by hand are no firmware. */
	if (plan->policy.write_ram)
		return false;
	if (plan->policy.start && plan->policy.start_address)
		v.address = plan->policy.start_address;
	if (!s0_map_flash_start(plan->map, &start) ||
	    s0_image_copy(plan->image, v.address, sizeof words, words) !=
		    sizeof words)
		return false;
	v.stack = get_le32(words);
	v.reset = get_le32(words + 4);
	v.stack_in_ram = in_ram(plan, v.stack);
	v.reset_in_image =
		plan_image_bytes(plan->image, round_down(v.reset, 2), 2) == 2;
	v.aligned = v.address % VTOR_ALIGNMENT == 0;
	firmware = v.address == start || plan->policy.start || v.stack_in_ram;
	if (firmware)
		*ret_vectors = v;
	return firmware;
}
