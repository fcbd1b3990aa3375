/* SPDX-License-Identifier: MIT */
#ifndef TESTS_OPTION_BENCH_H
#define TESTS_OPTION_BENCH_H

/* The option bytes of an H743 on the bench. */

#include "sim_bench.h"

/* Offsets in the window of the values in force. */
enum {
	OPTSR = 0x00,
	OPTCCR = 0x08,
	PRAR = 0x0c,
	SCAR = 0x14,
	WPSN = 0x1c,
	BOOT = 0x24,
	PRG = 4, /* behind each of them: what is asked for */
	SET_2 = 0x100
};

#define NONE	  0x000000ffu /* no area */
#define SWAP	  (1u << 31)
#define ERROR	  (1u << 30)
#define SECURITY  (1u << 21)
#define ERASE	  (1u << 31) /* DMEP, DMES */
#define OPEN	  0x1bc6aaf0u
#define PROTECTED 0x1bc6bbf0u

uint32_t bench_option(struct bench *bench, uint32_t offset);
/* The window as it is, and asking for nothing else. */
void bench_take_window(struct bench *bench, uint8_t window[308]);
/* As far as the GETSTATUS in which it is done. */
void bench_send_window(struct bench *bench, const uint8_t window[308]);
/* Ask for another value in the register whose CUR is there. */
void bench_ask(struct bench *bench, uint32_t offset, uint32_t value);
/* … and in a second one by the same change, with the error flag cleared. */
void bench_ask_two(struct bench *bench, uint32_t offset, uint32_t value,
		   uint32_t other, uint32_t other_value);
bool bench_is_erased(struct bench *bench, uint32_t address);
/* 'x' where the flash was erased. */
void bench_mark(struct bench *bench, uint32_t address);

#endif
