/* SPDX-License-Identifier: MIT */
/* The chip's file: what outlives the process, and what a killed one leaves.
 * Descriptions that cannot be understood. */
#include "sim_bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A folder of this program's own, and a chip's file in it. */
struct place {
	char folder[32], file[64], description[128];
};

static void make_place(struct place *place)
{
	strcpy(place->folder, "/tmp/sector0-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->file, sizeof(place->file), "%.31s/deep/chip.sim",
		 place->folder);
	snprintf(place->description, sizeof(place->description),
		 "stm32h743,file=%.63s", place->file);
}

static void remove_place(const struct place *place)
{
	char deep[64];

	unlink(place->file);
	snprintf(deep, sizeof(deep), "%.31s/deep", place->folder);
	rmdir(deep);
	rmdir(place->folder);
}

static void memory_outlives_the_chip(void **state)
{
	struct place place;
	struct bench *bench;
	uint8_t uid[12], found[12], block[1024] = { 1, 2, 3 };
	struct stat info;

	make_place(&place);
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
	remove_place(&place);
}

static void option_bytes_outlive_the_chip(void **state)
{
	struct place place;
	struct bench *bench;
	uint8_t window[308], cur[4];

	make_place(&place);
	bench = bench_make(state, place.description);
	assert_int_equal(bench_read(bench, 0x5200201c, 308), S0_SIM_ACK);
	memcpy(window, bench->data, 308);
	window[4] = 0xfc;
	bench_abort(bench);
	bench_write(bench, 0x5200201c, window, 308);
	bench = bench_make(state, place.description);
	bench_peek(bench, 0x5200201c, cur, 4);
	assert_int_equal(cur[0], 0xfc);
	remove_place(&place);
}

static void each_new_file_is_another_chip(void **state)
{
	struct place places[2];
	uint8_t uids[2][12];

	for (unsigned i = 0; i < 2; i++) {
		make_place(&places[i]);
		bench_peek(bench_make(state, places[i].description), 0x1ff1e800,
			   uids[i], 12);
	}
	assert_true(memcmp(uids[0], uids[1], 12) != 0);
	for (unsigned i = 0; i < 2; i++)
		remove_place(&places[i]);
}

static void chips_without_a_file_follow_the_seed(void **state)
{
	uint8_t uids[3][12];

	bench_peek(bench_make(state, "stm32h743,seed=5"), 0x1ff1e800, uids[0],
		   12);
	bench_peek(bench_make(state, "stm32h743,seed=5"), 0x1ff1e800, uids[1],
		   12);
	bench_peek(bench_make(state, "stm32h743,seed=6"), 0x1ff1e800, uids[2],
		   12);
	assert_memory_equal(uids[0], uids[1], 12);
	assert_true(memcmp(uids[0], uids[2], 12) != 0);
}

static void a_file_in_use_is_busy(void **state)
{
	struct place place;
	struct s0_sim *other;
	struct s0_error err = S0_ERROR_INIT;

	make_place(&place);
	bench_make(state, place.description);
	assert_int_equal(s0_sim_new(place.description, &other, &err),
			 S0_E_BUSY);
	assert_non_null(strstr(err.message, place.file));
	remove_place(&place);
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
	bench->rows++;
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
		struct place place;
		struct bench *bench;

		make_place(&place);
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
		remove_place(&place);
		bench->rows++;
	}
}

/* --- files that are refused, and left as they are --- */

static void spoil(const char *file, long offset, const char *bytes,
		  size_t length)
{
	FILE *f = fopen(file, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, length, f), length);
	assert_int_equal(fclose(f), 0);
}

static void expect_refusal(const struct place *place, const char *words)
{
	struct s0_sim *sim;
	struct s0_error err = S0_ERROR_INIT;
	struct stat before, after;

	assert_int_equal(stat(place->file, &before), 0);
	assert_int_equal(s0_sim_new(place->description, &sim, &err),
			 S0_E_FORMAT);
	if (!strstr(err.message, words))
		fail_msg("%s: no '%s'", err.message, words);
	assert_non_null(strstr(err.message, place->file));
	assert_int_equal(stat(place->file, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void damaged_files_are_refused(void **state)
{
	static const struct {
		long offset;
		const char *bytes;
		const char *words;
	} table[] = {
		{ 0, "X", "is not the memory of a virtual chip" },
		{ 33, "X", "damaged header" },
		{ 130, "X", "damaged option bytes" },
		{ 1024, "\7", "damaged record of an operation" },
		{ 4096 + 0x200000 + 77, "\3", "damaged word states" },
	};

	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct place place;
		struct bench *bench;

		make_place(&place);
		bench = bench_make(state, place.description);
		s0_sim_free(bench->sim);
		bench->sim = NULL;
		spoil(place.file, table[i].offset, table[i].bytes, 1);
		expect_refusal(&place, table[i].words);
		remove_place(&place);
	}
}

static void a_file_cut_short_is_refused(void **state)
{
	static const off_t lengths[] = { 5, 100, 5000, 0x200000 + 5000 };
	static const char *const words[] = { "is not the memory",
					     "inside its header",
					     "is cut short", "is cut short" };

	for (unsigned i = 0; i < 4; i++) {
		struct place place;
		struct bench *bench;

		make_place(&place);
		bench = bench_make(state, place.description);
		s0_sim_free(bench->sim);
		bench->sim = NULL;
		assert_int_equal(truncate(place.file, lengths[i]), 0);
		expect_refusal(&place, words[i]);
		remove_place(&place);
	}
}

static void a_header_alone_is_a_new_chip(void **state)
{
	struct place place;
	struct bench *bench;

	make_place(&place);
	bench = bench_make(state, place.description);
	s0_sim_free(bench->sim);
	bench->sim = NULL;
	assert_int_equal(truncate(place.file, 4096), 0);
	bench = bench_make(state, place.description);
	bench_write(bench, BANK_1, "12345678", 8);
	bench = bench_make(state, place.description);
	assert_int_equal(s0_sim_word_state(bench->sim, BANK_1),
			 S0_SIM_WORD_PROGRAMMED);
	remove_place(&place);
}

static void a_file_of_another_size_says_what_would_fit(void **state)
{
	struct place place;
	struct bench *bench;
	char description[256];

	make_place(&place);
	snprintf(description, sizeof(description), "%s,flash_kb=1024",
		 place.description);
	bench = bench_make(state, description);
	s0_sim_free(bench->sim);
	bench->sim = NULL;
	expect_refusal(&place, "flash_kb=1024 would fit");
	remove_place(&place);
}

static void a_file_that_cannot_be_opened_is_named(void **state)
{
	struct s0_sim *sim;
	struct s0_error err = S0_ERROR_INIT;

	(void)state;
	assert_int_equal(s0_sim_new("stm32h743,file=/dev/null/x", &sim, &err),
			 S0_E_FILE);
	assert_non_null(strstr(err.message, "/dev/null/x"));
}

/* --- descriptions --- */

static void bad_descriptions_say_what_there_is(void **state)
{
	static const struct {
		const char *description, *words;
	} table[] = {
		{ "", "there is stm32h743" },
		{ "stm32f407", "there is stm32h743" },
		{ "stm32h743,", "rom, rev, " },
		{ "stm32h743,colour=red", "no key 'colour'; it has rom, rev" },
		{ "stm32h743,rom", "needs a value: 0x91|0xD2" },
		{ "stm32h743,rom=0x93", "'0x93' is no value of 'rom'" },
		{ "stm32h743,rom=", "is no value of 'rom'" },
		{ "stm32h743,rev=W", "it takes V|Y" },
		{ "stm32h743,psize=x", "it takes x64|x32|x16|x8" },
		{ "stm32h743,rdp=2", "'2' is no value of 'rdp'" },
		{ "stm32h743,seed=-1", "'-1' is no value of 'seed'" },
		{ "stm32h743,seed=1x", "'1x' is no value of 'seed'" },
		{ "stm32h743,erase_ms=0", "is no value of 'erase_ms'" },
		{ "stm32h743,word_us=worn", "is no value of 'word_us'" },
		{ "stm32h743,clock=real*", "is no value of 'clock'" },
		{ "stm32h743,clock=real*0", "is no value of 'clock'" },
		{ "stm32h743,clock=real*1.2.3", "is no value of 'clock'" },
		{ "stm32h743,clock=slow", "is no value of 'clock'" },
		{ "stm32h743,fault=stall", "is no value of 'fault'" },
		{ "stm32h743,fault=stall@0", "is no value of 'fault'" },
		{ "stm32h743,fault=stall@1+", "is no value of 'fault'" },
		{ "stm32h743,fault=boom@1", "is no value of 'fault'" },
		{ "stm32h743,uid=12", "it takes 24 hex digits" },
		{ "stm32h743,file=", "it takes PATH" },
		{ "stm32h743,layout=", "it takes TEXT" },
		{ "stm32h743,turnaround_us=1000001", "0..1000000" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct s0_sim *sim;
		struct s0_error err = S0_ERROR_INIT;

		assert_int_equal(s0_sim_new(table[i].description, &sim, &err),
				 S0_E_USAGE);
		if (!strstr(err.message, table[i].words))
			fail_msg("%s: %s", table[i].description, err.message);
	}
}

static void good_descriptions_are_understood(void **state)
{
	static const char *const good[] = {
		"stm32h743",
		"sim:stm32h743",
		"stm32h743,rev=V,rom=0x91,seed=7",
		"stm32h743,rom=0xd2,rev=Y,flash_kb=1024",
		"stm32h743,seed=18446744073709551615",
		"stm32h743,clock=real*0.05",
		"stm32h743,wrp=0xffff",
	};

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		bench_expect(bench_make(state, good[i]), 0, 2);
}

static void the_help_names_every_key(void **state)
{
	static const char *const names[] = {
		"rom",	     "rev",	  "flash_kb",	    "file",
		"seed",	     "clock",	  "fault",	    "uid",
		"rdp",	     "wrp",	  "wrp_reports",    "erase_ms",
		"word_us",   "psize",	  "turnaround_us",  "poll_erase_ms",
		"fail_mode", "addr_rule", "mass_erase_bug", "leave",
		"serial",    "layout",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char line[32];

		snprintf(line, sizeof(line), "\n  %s=", names[i]);
		assert_non_null(strstr(s0_sim_help(), line));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_outlives_the_chip),
		cmocka_unit_test(option_bytes_outlive_the_chip),
		cmocka_unit_test(each_new_file_is_another_chip),
		cmocka_unit_test(chips_without_a_file_follow_the_seed),
		cmocka_unit_test(a_file_in_use_is_busy),
		cmocka_unit_test(a_chip_dropped_in_an_erase_comes_back_torn),
		cmocka_unit_test(each_kill_tears_otherwise),
		cmocka_unit_test(a_chip_freed_in_an_erase_has_ended_it),
		cmocka_unit_test(a_chip_dropped_after_an_operation_is_whole),
		cmocka_unit_test(
			a_process_killed_in_an_operation_leaves_it_torn),
		cmocka_unit_test(damaged_files_are_refused),
		cmocka_unit_test(a_file_cut_short_is_refused),
		cmocka_unit_test(a_header_alone_is_a_new_chip),
		cmocka_unit_test(a_file_of_another_size_says_what_would_fit),
		cmocka_unit_test(a_file_that_cannot_be_opened_is_named),
		cmocka_unit_test(bad_descriptions_say_what_there_is),
		cmocka_unit_test(good_descriptions_are_understood),
		cmocka_unit_test(the_help_names_every_key),
	};

	return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
