/* SPDX-License-Identifier: MIT */
#ifndef LINK_CLOCK_H
#define LINK_CLOCK_H

/* The operating system's clock; link/os/clock.c. Only links use it. */

#include <stdint.h>

/* Microseconds since some fixed moment; never goes back. */
uint64_t clock_now_us(void);

/* Sleep at least that long. */
void clock_sleep_us(uint64_t us);

#endif
