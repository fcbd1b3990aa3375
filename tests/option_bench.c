/* SPDX-License-Identifier: MIT */
#include "option_bench.h"

#include <string.h>

#include "base/bytes.h"

uint32_t bench_option(struct bench *bench, uint32_t offset)
{
	uint8_t word[4];

	bench_peek(bench, WINDOW + offset, word, 4);
	return get_le32(word);
}

void bench_take_window(struct bench *bench, uint8_t window[308])
{
	static const uint8_t pairs[] = { OPTSR, PRAR, SCAR, WPSN, BOOT };

	bench_peek(bench, WINDOW, window, 308);
	for (unsigned i = 0; i < sizeof(pairs); i++)
		for (unsigned set = 0; set <= SET_2; set += SET_2)
			memcpy(window + set + pairs[i] + PRG,
			       window + set + pairs[i], 4);
	put_le32(window + OPTSR + PRG, get_le32(window + OPTSR) & ~ERROR);
}

void bench_send_window(struct bench *bench, const uint8_t window[308])
{
	bench_abort(bench);
	bench_set_address(bench, WINDOW);
	bench_dnload(bench, 2, window, 308);
	bench_getstatus(bench);
}

void bench_ask(struct bench *bench, uint32_t offset, uint32_t value)
{
	uint8_t window[308];

	bench_take_window(bench, window);
	put_le32(window + offset + PRG, value);
	bench_send_window(bench, window);
}

void bench_ask_two(struct bench *bench, uint32_t offset, uint32_t value,
		   uint32_t other, uint32_t other_value)
{
	uint8_t window[308];

	bench_take_window(bench, window);
	put_le32(window + OPTCCR, ERROR);
	put_le32(window + offset + PRG, value);
	put_le32(window + other + PRG, other_value);
	bench_send_window(bench, window);
}

bool bench_is_erased(struct bench *bench, uint32_t address)
{
	return s0_sim_word_state(bench->sim, address) == S0_SIM_WORD_ERASED;
}

void bench_mark(struct bench *bench, uint32_t address)
{
	s0_sim_poke(bench->sim, address, "x", 1);
}
