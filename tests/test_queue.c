/* SPDX-License-Identifier: MIT */
/*
 * What is handed over together: an error anywhere in it leaves the chip as the
 * same error would if each transfer had waited for the one before. On the
 * virtual chip, transfer by transfer, against a twin that gets them singly.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "sim/sim.h"

#define FLASH  0x08000000u
#define LOOKED (2 * 0x20000u)
#define MOST   16
#define BLOCK  1024u

enum { WRITE, SET_ADDRESS, ERASE, READ, LEAVE };
enum { DNLOAD = 1, UPLOAD = 2, GETSTATUS = 3, CLRSTATUS = 4, ABORT = 6 };

static const char *const chips[] = {
	"stm32h743,rom=0x91",
	"stm32h743,rom=0x92",
	"stm32h743,answer=after",
	"stm32h743,answer=poll",
	"stm32f405,answer=after,first_status=ok",
	"stm32f405,answer=poll,first_status=ok",
	"stm32f405,answer=before,first_status=ok",
};

#define CHIPS (sizeof chips / sizeof *chips)

static const s0_sim_fault faults[] = {
	S0_SIM_FAULT_STALL, S0_SIM_FAULT_SILENT, S0_SIM_FAULT_LOST_REPLY,
	S0_SIM_FAULT_LIE,   S0_SIM_FAULT_SHORT,	 S0_SIM_FAULT_NAK,
};

struct twin {
	struct s0_sim *sim;
	struct usb_link *link;
	struct usb_transfer t[MOST];
	uint8_t data[MOST][BLOCK];
	size_t count;
};

static void push(struct twin *twin, uint8_t request, uint16_t value,
		 const void *bytes, uint16_t length)
{
	uint8_t *data = twin->data[twin->count];
	bool in = request == UPLOAD || request == GETSTATUS;

	memset(data, 0, BLOCK);
	if (!in && length)
		memcpy(data, bytes, length);
	twin->t[twin->count++] =
		(struct usb_transfer){ .request_type = in ? 0xa1 : 0x21,
				       .request = request,
				       .value = value,
				       .data = data,
				       .length = length,
				       .timeout_ms = 20000 };
}

static void command(struct twin *twin, uint8_t opcode, uint32_t address)
{
	uint8_t bytes[5] = { opcode, (uint8_t)address, (uint8_t)(address >> 8),
			     (uint8_t)(address >> 16),
			     (uint8_t)(address >> 24) };

	push(twin, DNLOAD, 0, bytes, sizeof bytes);
	push(twin, GETSTATUS, 0, NULL, 6);
	push(twin, GETSTATUS, 0, NULL, 6);
}

static void block(struct twin *twin, uint16_t number)
{
	uint8_t bytes[BLOCK];

	board_random(bytes, sizeof bytes, number);
	push(twin, DNLOAD, number, bytes, sizeof bytes);
	push(twin, GETSTATUS, 0, NULL, 6);
	push(twin, GETSTATUS, 0, NULL, 6);
}

/* One after the other, as a careful host: behind silence nothing more. */
static void run_singly(struct twin *twin)
{
	bool silent = false;

	for (size_t i = 0; i < twin->count; i++) {
		if (silent)
			twin->t[i].code = S0_E_TIMEOUT;
		else
			twin->link->ops->run(twin->link, &twin->t[i], 1);
		silent = twin->t[i].code == S0_E_TIMEOUT;
	}
	twin->count = 0;
}

static void run_together(struct twin *twin)
{
	twin->link->ops->run(twin->link, twin->t, twin->count);
	twin->count = 0;
}

static uint8_t status(struct twin *twin, uint8_t answer[6])
{
	push(twin, GETSTATUS, 0, NULL, 6);
	run_singly(twin);
	assert_int_equal(twin->t[0].code, S0_OK);
	memcpy(answer, twin->data[0], 6);
	return answer[4];
}

static void wait_idle(struct twin *twin)
{
	uint8_t answer[6];

	while (status(twin, answer) == 4)
		s0_sim_advance_us(twin->sim, 1000);
}

/* With a pattern in the flash, and the pointer at its beginning. */
static void twin_make(struct twin *twin, const char *description)
{
	uint8_t old[LOOKED / 4];

	memset(twin, 0, sizeof *twin);
	assert_int_equal(s0_sim_new(description, &twin->sim, NULL), S0_OK);
	assert_int_equal(
		sim_link_new(twin->sim, true, "sim:", &twin->link, NULL),
		S0_OK);
	board_random(old, sizeof old, 5);
	(void)s0_sim_poke(twin->sim, FLASH + LOOKED / 2, old, sizeof old);
	command(twin, 0x21, FLASH);
	run_singly(twin);
	wait_idle(twin);
}

static void twin_free(struct twin *twin)
{
	twin->link->ops->close(twin->link);
}

static void to_idle(struct twin *twin)
{
	push(twin, ABORT, 0, NULL, 0);
	run_singly(twin);
}

/* At a place of what is handed over next. */
static void fail_next(struct twin *twin, size_t place, s0_sim_fault fault)
{
	s0_sim_fail_at(twin->sim, s0_sim_transfers(twin->sim) + place + 1,
		       fault);
}

/* The kinds of groups that src/proto hands over. */
static void fill(struct twin *twin, size_t group)
{
	switch (group) {
	case WRITE:
		block(twin, 2);
		break;
	case SET_ADDRESS:
		command(twin, 0x21, FLASH + 0x8000);
		break;
	case ERASE:
		command(twin, 0x41, FLASH + LOOKED / 2);
		break;
	case READ:
		to_idle(twin);
		command(twin, 0x21, FLASH + LOOKED / 2);
		run_singly(twin);
		wait_idle(twin);
		to_idle(twin);
		for (uint16_t i = 0; i < MOST; i++)
			push(twin, UPLOAD, (uint16_t)(2 + i), NULL, BLOCK);
		break;
	default:
		push(twin, DNLOAD, 0, NULL, 0);
		push(twin, GETSTATUS, 0, NULL, 6);
	}
}

static void same_memory(const struct twin *a, const struct twin *b)
{
	static uint8_t one[LOOKED], other[LOOKED];

	(void)s0_sim_peek(a->sim, FLASH, one, sizeof one);
	(void)s0_sim_peek(b->sim, FLASH, other, sizeof other);
	assert_memory_equal(one, other, sizeof one);
}

static void same_work(const struct twin *a, const struct twin *b)
{
	struct s0_sim_counters x, y;

	same_memory(a, b);
	s0_sim_get_counters(a->sim, &x);
	s0_sim_get_counters(b->sim, &y);
	assert_int_equal(x.words_programmed, y.words_programmed);
	assert_int_equal(x.words_damaged, y.words_damaged);
	assert_int_equal(x.sector_erases, y.sector_erases);
	assert_int_equal(x.set_addresses, y.set_addresses);
}

/* The pointer cannot be asked for: write through it. */
static void same_pointer(struct twin *a, struct twin *b)
{
	struct twin *both[] = { a, b };
	uint8_t answer[2][6];

	for (int i = 0; i < 2; i++) {
		wait_idle(both[i]);
		(void)status(both[i], answer[i]);
		block(both[i], 40);
		run_singly(both[i]);
		wait_idle(both[i]);
	}
	assert_memory_equal(answer[0], answer[1], 6);
	same_memory(a, b);
}

static void same_answers(const struct twin *a, const struct twin *b,
			 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(a->t[i].code, b->t[i].code);
		assert_int_equal(a->t[i].moved, b->t[i].moved);
		if (a->t[i].request_type & 0x80 && a->t[i].code == S0_OK)
			assert_memory_equal(a->data[i], b->data[i],
					    a->t[i].moved);
	}
}

/* Group and place of the error, on both; returns the size of the group. */
static size_t compare(const char *chip, size_t group, size_t place,
		      s0_sim_fault fault)
{
	struct twin queued, single;
	size_t count;

	twin_make(&queued, chip);
	twin_make(&single, chip);
	fill(&queued, group);
	fill(&single, group);
	count = queued.count;
	fail_next(&queued, place, fault);
	fail_next(&single, place, fault);
	run_together(&queued);
	run_singly(&single);
	same_answers(&queued, &single, count);
	same_work(&queued, &single);
	assert_int_equal(s0_sim_transfers(queued.sim),
			 s0_sim_transfers(single.sim));
	assert_int_equal(s0_sim_attached(queued.sim),
			 s0_sim_attached(single.sim));
	assert_int_equal(s0_sim_started(queued.sim),
			 s0_sim_started(single.sim));
	if (group != LEAVE)
		same_pointer(&queued, &single);
	twin_free(&queued);
	twin_free(&single);
	return count;
}

static void an_error_in_a_group_leaves_what_it_leaves_singly(void **state)
{
	unsigned compared = 0;
	(void)state;

	for (size_t c = 0; c < CHIPS; c++)
		for (size_t group = 0; group <= LEAVE; group++)
			for (size_t f = 0; f < sizeof faults / sizeof *faults;
			     f++)
				for (size_t at = 0, n = 1; at < n; at++) {
					n = compare(chips[c], group, at,
						    faults[f]);
					compared++;
				}
	print_message("# %u pairs of twins\n", compared);
	assert_int_equal(compared, 7 * 6 * (3 + 3 + 3 + MOST + 2));
}

static void behind_a_stalled_dnload_the_status_only_tells(void **state)
{
	uint8_t want[BLOCK], now[BLOCK];
	struct twin twin, untouched;
	(void)state;

	board_random(want, sizeof want, 2);
	for (size_t i = 0; i < CHIPS * 3; i++) {
		twin_make(&twin, chips[i / 3]);
		twin_make(&untouched, chips[i / 3]);
		fill(&twin, i % 3);
		fail_next(&twin, 0, S0_SIM_FAULT_STALL);
		run_together(&twin);
		assert_int_equal(twin.t[0].code, S0_E_REFUSED);
		for (int k = 1; k < 3; k++) {
			assert_int_equal(twin.t[k].code, S0_OK);
			assert_int_equal(twin.data[k][0], 0);
			assert_int_equal(twin.data[k][4], 5);
		}
		same_work(&twin, &untouched);
		/* and the pointer is where it was */
		fill(&twin, WRITE);
		run_together(&twin);
		wait_idle(&twin);
		(void)s0_sim_peek(twin.sim, FLASH, now, BLOCK);
		assert_memory_equal(now, want, BLOCK);
		twin_free(&twin);
		twin_free(&untouched);
	}
}

static void behind_a_lost_dnload_nothing_is_sent(void **state)
{
	static const s0_sim_fault lost[] = { S0_SIM_FAULT_SILENT,
					     S0_SIM_FAULT_LOST_REPLY };
	struct twin twin, untouched;
	(void)state;

	for (size_t i = 0; i < CHIPS * 6; i++) {
		uint64_t sent;

		twin_make(&twin, chips[i / 6]);
		twin_make(&untouched, chips[i / 6]);
		fill(&twin, i % 3);
		sent = s0_sim_transfers(twin.sim);
		fail_next(&twin, 0, lost[i / 3 % 2]);
		run_together(&twin);
		for (int k = 0; k < 3; k++)
			assert_int_equal(twin.t[k].code, S0_E_TIMEOUT);
		assert_int_equal(s0_sim_transfers(twin.sim), sent + 1);
		same_work(&twin, &untouched);
		/* what was taken can still be called off */
		to_idle(&twin);
		wait_idle(&twin);
		same_work(&twin, &untouched);
		twin_free(&twin);
		twin_free(&untouched);
	}
}

static void uploads_behind_a_failed_one_carry_their_own_data(void **state)
{
	uint8_t want[BLOCK];
	struct twin twin;
	(void)state;

	for (size_t place = 0; place < MOST; place++) {
		twin_make(&twin, chips[1]);
		fill(&twin, READ);
		fail_next(&twin, place, S0_SIM_FAULT_STALL);
		run_together(&twin);
		for (size_t i = 0; i < MOST; i++) {
			assert_int_equal(twin.t[i].code,
					 i == place ? S0_E_REFUSED : S0_OK);
			(void)s0_sim_peek(twin.sim,
					  FLASH + LOOKED / 2 +
						  (uint32_t)i * BLOCK,
					  want, BLOCK);
			if (i != place)
				assert_memory_equal(twin.data[i], want, BLOCK);
		}
		twin_free(&twin);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_error_in_a_group_leaves_what_it_leaves_singly),
		cmocka_unit_test(behind_a_stalled_dnload_the_status_only_tells),
		cmocka_unit_test(behind_a_lost_dnload_nothing_is_sent),
		cmocka_unit_test(
			uploads_behind_a_failed_one_carry_their_own_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
