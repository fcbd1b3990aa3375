/* SPDX-License-Identifier: MIT */
/* The chip's file: what outlives the process, and what a killed one leaves. */
#include "sim_bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void memory_outlives_the_chip(void **state)
{
	struct bench_place place;
	struct bench *bench;
	uint8_t uid[12], found[12], block[1024] = { 1, 2, 3 };
	struct stat info;

	bench_make_place(&place);
	bench = bench_make(state, place.description);
	bench_peek(bench, 0x1ff1e800, uid, 12);
	bench_write(bench, 0x081e0000, block, sizeof(block));
	bench_write(bench, BANK_1 + 32, "12345678", 8);
	s0_sim_damage(bench->sim, BANK_1 + 64);
	s0_sim_poke(bench->sim, BANK_1 + 0x40000, "poked", 5);
	s0_sim_poke(bench->sim, 0x24005000, "ram", 3);
	bench = bench_make(state, place.description);
	bench_peek(bench, 0x1ff1e800, found, 12);
	assert_memory_equal(uid, found, 12);
	bench_peek(bench, 0x081e0000, found, 3);
	assert_memory_equal(found, "\1\2\3", 3);
	bench_peek(bench, BANK_1 + 0x40000, found, 5);
	assert_memory_equal(found, "poked", 5);
	bench_peek(bench, 0x24005000, found, 3);
	assert_memory_equal(found, "\0\0\0", 3);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 32),
			 S0_SIM_WORD_PROGRAMMED);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 64),
			 S0_SIM_WORD_DAMAGED);
	bench_erase(bench, BANK_1);
	bench = bench_make(state, place.description);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 64),
			 S0_SIM_WORD_ERASED);
	assert_int_equal(stat(place.file, &info), 0);
	assert_true(info.st_blocks * 512 < 1024 * 1024); /* holes stay */
	bench_remove_place(&place);
}

static void option_bytes_outlive_the_chip(void **state)
{
	struct bench_place place;
	struct bench *bench;
	uint8_t window[308], cur[4];

	bench_make_place(&place);
	bench = bench_make(state, place.description);
	assert_int_equal(bench_read(bench, 0x5200201c, 308), S0_SIM_ACK);
	memcpy(window, bench->data, 308);
	window[4] = 0xfc;
	bench_abort(bench);
	bench_write(bench, 0x5200201c, window, 308);
	bench = bench_make(state, place.description);
	bench_peek(bench, 0x5200201c, cur, 4);
	assert_int_equal(cur[0], 0xfc);
	bench_remove_place(&place);
}

static void each_new_file_is_another_chip(void **state)
{
	struct bench_place places[2];
	uint8_t uids[2][12];

	for (unsigned i = 0; i < 2; i++) {
		bench_make_place(&places[i]);
		bench_peek(bench_make(state, places[i].description), 0x1ff1e800,
			   uids[i], 12);
	}
	assert_true(memcmp(uids[0], uids[1], 12) != 0);
	for (unsigned i = 0; i < 2; i++)
		bench_remove_place(&places[i]);
}

static void a_file_in_use_is_busy(void **state)
{
	struct bench_place place;
	struct s0_sim *other;
	struct s0_error err = S0_ERROR_INIT;

	bench_make_place(&place);
	bench_make(state, place.description);
	assert_int_equal(s0_sim_new(place.description, &other, &err),
			 S0_E_BUSY);
	assert_non_null(strstr(err.message, place.file));
	bench_remove_place(&place);
}

/* --- a killed process --- */

/* A store whose content stays when it is closed, as a file's does. */
struct lasting {
	struct store store;
	struct store *inner;
};

static struct store *inner_of(struct store *store)
{
	return ((struct lasting *)store)->inner;
}

static s0_code lasting_read(struct store *store, uint64_t offset, void *bytes,
			    size_t length, size_t *ret_length,
			    struct s0_error *err)
{
	return inner_of(store)->ops->read(inner_of(store), offset, bytes,
					  length, ret_length, err);
}

static s0_code lasting_write(struct store *store, uint64_t offset,
			     const void *bytes, size_t length,
			     struct s0_error *err)
{
	return inner_of(store)->ops->write(inner_of(store), offset, bytes,
					   length, err);
}

static s0_code lasting_resize(struct store *store, uint64_t length,
			      struct s0_error *err)
{
	return inner_of(store)->ops->resize(inner_of(store), length, err);
}

static void lasting_close(struct store *store)
{
	(void)store;
}

static const struct store_ops lasting_ops = {
	.read = lasting_read,
	.write = lasting_write,
	.resize = lasting_resize,
	.close = lasting_close,
};

static void make_lasting(struct bench *bench, struct lasting *lasting)
{
	s0_sim_free(bench->sim);
	bench->sim = NULL;
	lasting->store.ops = &lasting_ops;
	assert_int_equal(memory_store_new(&lasting->inner, NULL), S0_OK);
}

/* As a kill: the chip is no more, and nothing is put in order before. */
static void drop(struct bench *bench)
{
	if (bench->sim)
		bench->sim->store = NULL;
	s0_sim_free(bench->sim);
	bench->sim = NULL;
}

static void open_chip(struct bench *bench, struct lasting *lasting,
		      const char *description)
{
	struct sim_config config;

	drop(bench);
	assert_int_equal(sim_config_parse(description, &config, NULL), S0_OK);
	assert_int_equal(
		sim_create(&config, &lasting->store, &bench->sim, NULL), S0_OK);
}

static unsigned damaged(struct bench *bench, uint32_t address, unsigned words)
{
	unsigned count = 0;

	for (unsigned i = 0; i < words; i++)
		count += s0_sim_word_state(bench->sim, address + i * 32) ==
			 S0_SIM_WORD_DAMAGED;
	return count;
}

/* The bank-2 bug leaves an erase running when the transfer is over: dropping
 * the chip then is what a kill in the middle of an erase is. */
static void a_chip_dropped_in_an_erase_comes_back_torn(void **state)
{
	struct bench *bench = *state;
	struct lasting lasting;
	uint8_t block[1024] = { 0 };

	make_lasting(bench, &lasting);
	open_chip(bench, &lasting, "stm32h743,seed=2");
	for (unsigned i = 0; i < 0x20000; i += 1024)
		s0_sim_poke(bench->sim, BANK_2 + i, block, 1024);
	bench_command(bench, 0x41, BANK_2);
	open_chip(bench, &lasting, "stm32h743,seed=2");
	bench_expect(bench, 0, 2);
	assert_true(damaged(bench, BANK_2, 4096) > 400);
	/* torn once, not at each start */
	s0_sim_poke(bench->sim, BANK_2, block, 1024);
	open_chip(bench, &lasting, "stm32h743,seed=2");
	assert_int_equal(damaged(bench, BANK_2, 32), 0);
	drop(bench);
	lasting.inner->ops->close(lasting.inner);
}

/* Fills a sector, is killed while erasing it; what is then there. */
static void tear_once(struct bench *bench, struct lasting *lasting,
		      uint8_t *found)
{
	uint8_t block[1024] = { 0 };

	open_chip(bench, lasting, "stm32h743,seed=2");
	for (unsigned i = 0; i < 0x20000; i += 1024)
		s0_sim_poke(bench->sim, BANK_2 + i, block, 1024);
	bench_command(bench, 0x41, BANK_2);
	open_chip(bench, lasting, "stm32h743,seed=2");
	bench_peek(bench, BANK_2, found, 0x20000);
}

static void each_kill_tears_otherwise(void **state)
{
	struct bench *bench = *state;
	struct lasting lasting;
	uint8_t *found = malloc(2 * 0x20000);

	assert_non_null(found);
	make_lasting(bench, &lasting);
	tear_once(bench, &lasting, found);
	tear_once(bench, &lasting, found + 0x20000);
	assert_true(memcmp(found, found + 0x20000, 0x20000) != 0);
	free(found);
	drop(bench);
	lasting.inner->ops->close(lasting.inner);
}

/* A program that ends in order does not cut the supply. */
static void a_chip_freed_in_an_erase_has_ended_it(void **state)
{
	struct bench *bench = *state;
	struct lasting lasting;

	make_lasting(bench, &lasting);
	open_chip(bench, &lasting, "stm32h743");
	s0_sim_poke(bench->sim, BANK_2, "2", 1);
	bench_command(bench, 0x41, BANK_2);
	s0_sim_free(bench->sim);
	bench->sim = NULL;
	open_chip(bench, &lasting, "stm32h743");
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_2),
			 S0_SIM_WORD_ERASED);
	drop(bench);
	lasting.inner->ops->close(lasting.inner);
}

static void a_chip_dropped_after_an_operation_is_whole(void **state)
{
	struct bench *bench = *state;
	struct lasting lasting;
	uint8_t block[1024] = { 0 };

	make_lasting(bench, &lasting);
	open_chip(bench, &lasting, "stm32h743");
	bench_erase(bench, BANK_1);
	bench_write(bench, BANK_1, block, 1024);
	open_chip(bench, &lasting, "stm32h743");
	assert_int_equal(damaged(bench, BANK_1, 4096), 0);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1 + 992),
			 S0_SIM_WORD_PROGRAMMED);
	drop(bench);
	lasting.inner->ops->close(lasting.inner);
}

/* In a child that will be killed. Tells when it begins. */
static void work_until_killed(const char *description, uint8_t first,
			      int announce)
{
	struct s0_sim *sim;
	struct s0_sim_reply reply;
	struct s0_sim_setup setup = { 0x21, 1, 2, 0, 1024 };
	uint8_t data[1024] = { 0 };

	if (s0_sim_new(description, &sim, NULL) != S0_OK)
		_exit(1);
	if (first == 0x41) {
		data[0] = 0x41;
		data[4] = 0x08;
		setup.value = 0;
		setup.length = 5;
	}
	s0_sim_control(sim, &setup, data, &reply);
	if (write(announce, "", 1) != 1)
		_exit(1);
	setup = (struct s0_sim_setup){ 0xa1, 3, 0, 0, 6 };
	s0_sim_control(sim, &setup, data, &reply);
	pause();
}

static void kill_in_the_middle(const char *description, uint8_t first)
{
	const struct timespec moment = { 0, 100000000 };
	int ends[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		work_until_killed(description, first, ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	nanosleep(&moment, NULL);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
}

static void a_process_killed_in_an_operation_leaves_it_torn(void **state)
{
	static const struct {
		uint8_t first;
		const char *times;
	} table[] = {
		{ 0x41, "clock=real,erase_ms=60000" },
		{ 0x00, "clock=real,word_us=60000" },
	};

	for (unsigned i = 0; i < 2; i++) {
		uint8_t block[1024] = { 0 };
		char description[256];
		struct bench_place place;
		struct bench *bench;

		bench_make_place(&place);
		bench = bench_make(state, place.description);
		for (unsigned j = 0; i == 0 && j < 0x20000; j += 1024)
			s0_sim_poke(bench->sim, BANK_1 + j, block, 1024);
		s0_sim_free(bench->sim);
		bench->sim = NULL;
		snprintf(description, sizeof(description), "%s,%s",
			 place.description, table[i].times);
		kill_in_the_middle(description, table[i].first);
		bench = bench_make(state, place.description);
		assert_true(damaged(bench, BANK_1, 4096) >= 1);
		bench_erase(bench, BANK_1);
		assert_int_equal(damaged(bench, BANK_1, 4096), 0);
		bench_remove_place(&place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_outlives_the_chip),
		cmocka_unit_test(option_bytes_outlive_the_chip),
		cmocka_unit_test(each_new_file_is_another_chip),
		cmocka_unit_test(a_file_in_use_is_busy),
		cmocka_unit_test(a_chip_dropped_in_an_erase_comes_back_torn),
		cmocka_unit_test(each_kill_tears_otherwise),
		cmocka_unit_test(a_chip_freed_in_an_erase_has_ended_it),
		cmocka_unit_test(a_chip_dropped_after_an_operation_is_whole),
		cmocka_unit_test(
			a_process_killed_in_an_operation_leaves_it_torn),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
