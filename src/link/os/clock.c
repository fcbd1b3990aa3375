/* SPDX-License-Identifier: MIT */
#include "link/clock.h"

#include <errno.h>
#include <time.h>

uint64_t clock_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

void clock_sleep_us(uint64_t us)
{
	uint64_t until_us = clock_now_us() + us;
	struct timespec until = {
		.tv_sec = (time_t)(until_us / 1000000u),
		.tv_nsec = (long)(until_us % 1000000u) * 1000,
	};

	/* now was rounded down */
	until.tv_nsec += 999;
	if (until.tv_nsec > 999999999) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	/* A signal ends a sleep early; its handler has said what it wanted. */
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ==
	       EINTR)
		;
}
