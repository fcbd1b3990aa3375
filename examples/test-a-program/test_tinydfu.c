/* SPDX-License-Identifier: MIT */
/*
 * Tests of a DFU program that is not sector0's, against the virtual STM32.
 * Nothing of sector0 is used but <sector0/sim.h>:
 *
 *     cc test_tinydfu.c tinydfu.c $(pkg-config --cflags --libs sector0)
 *
 * Each test makes its own chip; a minute of the chip's time costs nothing.
 */
#include "tinydfu.h"

#include <sector0/sim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BANK_1 0x08000000u
#define BANK_2 0x08100000u

#define expect(what)                                                           \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #what);                              \
			exit(1);                                               \
		}                                                              \
	} while (0)

/* ---- the seam: one control transfer to the virtual chip ---------------- */

static int control(void *user, uint8_t request_type, uint8_t request,
		   uint16_t value, uint8_t *data, uint16_t length)
{
	struct s0_sim_setup setup = { request_type, request, value, 0, length };
	struct s0_sim_reply reply;

	s0_sim_control(user, &setup, data, &reply);
	switch (reply.handshake) {
	case S0_SIM_ACK:
		return reply.length;
	case S0_SIM_STALL:
		return TINYDFU_STALL;
	case S0_SIM_GONE:
		return TINYDFU_GONE;
	default:
		/* It never answers: a host gives up after its time-out. */
		s0_sim_advance_us(user, 5000000);
		return TINYDFU_TIMEOUT;
	}
}

static void wait(void *user, unsigned ms)
{
	s0_sim_advance_us(user, ms * 1000ull);
}

static struct s0_sim *chip(const char *description, struct tinydfu *ret_dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_sim *sim;

	if (s0_sim_new(description, &sim, &err) != S0_OK) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	*ret_dfu = (struct tinydfu){ control, wait, sim, 1024 };
	return sim;
}

static void fill(uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(i * 7 + 3);
}

/* ---- the tests ---------------------------------------------------------- */

static void what_is_written_arrives(void)
{
	struct tinydfu dfu;
	struct s0_sim *sim = chip("stm32h743,rom=0x92", &dfu);
	uint8_t sent[5000], inside[5000], back[5000];

	fill(sent, sizeof(sent));
	expect(tinydfu_erase(&dfu, BANK_1) == TINYDFU_OK);
	expect(tinydfu_write(&dfu, BANK_1, sent, sizeof(sent)) == TINYDFU_OK);
	/* Look into the chip, and ask it: both must agree. */
	expect(s0_sim_peek(sim, BANK_1, inside, sizeof(inside)) == 5000);
	expect(memcmp(inside, sent, sizeof(sent)) == 0);
	expect(tinydfu_read(&dfu, BANK_1, back, sizeof(back)) == TINYDFU_OK);
	expect(memcmp(back, sent, sizeof(sent)) == 0);
	s0_sim_free(sim);
}

/* A mistake that the bootloader does not report: found in the chip. */
static void writing_without_erasing_does_damage(void)
{
	struct tinydfu dfu;
	struct s0_sim *sim = chip("stm32h743,rom=0x92", &dfu);
	uint8_t bytes[32];

	fill(bytes, sizeof(bytes));
	expect(tinydfu_write(&dfu, BANK_1, bytes, 32) == TINYDFU_OK);
	expect(s0_sim_word_state(sim, BANK_1) == S0_SIM_WORD_PROGRAMMED);
	expect(tinydfu_write(&dfu, BANK_1, bytes, 32) == TINYDFU_OK);
	expect(s0_sim_word_state(sim, BANK_1) == S0_SIM_WORD_DAMAGED);
	s0_sim_free(sim);
}

/* Bootloader V9.1 never sees the end of an erase in bank 2. A program that
 * polls until it does would poll for ever; this one gives up. */
static void bank_2_of_an_old_bootloader_is_no_endless_loop(void)
{
	struct tinydfu dfu;
	struct s0_sim *sim = chip("stm32h743,rom=0x91", &dfu);

	expect(tinydfu_erase(&dfu, BANK_1) == TINYDFU_OK);
	expect(tinydfu_erase(&dfu, BANK_2) == TINYDFU_BUSY);
	s0_sim_free(sim);
}

/* One run with one fault. Is the fault reached? */
static bool survives(s0_sim_fault fault, uint64_t at)
{
	struct tinydfu dfu;
	struct s0_sim *sim = chip("stm32h743,rom=0x92", &dfu);
	uint8_t sent[1500], inside[1500];
	bool reached;
	int r;

	fill(sent, sizeof(sent));
	s0_sim_fail_at(sim, at, fault);
	r = tinydfu_erase(&dfu, BANK_1);
	if (r == TINYDFU_OK)
		r = tinydfu_write(&dfu, BANK_1, sent, sizeof(sent));
	reached = s0_sim_transfers(sim) >= at;
	s0_sim_peek(sim, BANK_1, inside, sizeof(inside));
	expect((r == TINYDFU_OK) == !reached);
	expect(reached || memcmp(inside, sent, sizeof(sent)) == 0);
	s0_sim_free(sim);
	return reached;
}

/* Whatever goes wrong at whichever transfer, success is never claimed. */
static void no_fault_is_taken_for_success(void)
{
	static const s0_sim_fault faults[] = { S0_SIM_FAULT_STALL,
					       S0_SIM_FAULT_SILENT,
					       S0_SIM_FAULT_UNPLUG,
					       S0_SIM_FAULT_BROWN_OUT };

	for (size_t f = 0; f < sizeof(faults) / sizeof(*faults); f++)
		for (uint64_t at = 1; survives(faults[f], at);)
			at++;
}

int main(void)
{
	what_is_written_arrives();
	writing_without_erasing_does_damage();
	bank_2_of_an_old_bootloader_is_no_endless_loop();
	no_fault_is_taken_for_success();
	puts("4 tests passed");
	return 0;
}
