/* SPDX-License-Identifier: MIT */
#ifndef BASE_RANGE_H
#define BASE_RANGE_H

/*
 * Arithmetic on 32-bit device addresses that cannot wrap: ends are 64 bit, so
 * that a range may end exactly at the top of the address space.
 */

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t range_end(uint32_t address, uint32_t length)
{
	return (uint64_t)address + length;
}

/* Does [address, address + length) lie within the other range? */
static inline bool range_within(uint32_t address, uint32_t length,
				uint32_t outer, uint32_t outer_length)
{
	return address >= outer &&
	       range_end(address, length) <= range_end(outer, outer_length);
}

static inline bool range_overlap(uint32_t a, uint32_t a_length, uint32_t b,
				 uint32_t b_length)
{
	return a < range_end(b, b_length) && b < range_end(a, a_length);
}

static inline uint32_t round_down(uint32_t value, uint32_t unit)
{
	return value - value % unit;
}

static inline uint64_t round_up(uint64_t value, uint32_t unit)
{
	return (value + unit - 1) / unit * unit;
}

#endif
