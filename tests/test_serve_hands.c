/* SPDX-License-Identifier: MIT */
/* Hands that come in the middle of an operation which a host waits for, and
 * what is seen of it meanwhile. */
#include "serve_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR	   0x08020000u
#define SIZE	   0x20000u
#define WORD	   32u
#define BUS_ID	   "1-1"
#define ERASE_US   905000u
#define AT_0_4	   (ERASE_US * 4 / 10)
#define GETSTATUS  3
#define SET_CONFIG 9

struct words {
	unsigned erased, programmed, damaged;
};

static struct words look(const struct s0_sim *sim, uint32_t address,
			 uint32_t length)
{
	struct words words = { 0 };

	for (uint32_t i = 0; i < length; i += WORD) {
		s0_sim_word state = s0_sim_word_state(sim, address + i);

		words.erased += state == S0_SIM_WORD_ERASED;
		words.programmed += state == S0_SIM_WORD_PROGRAMMED;
		words.damaged += state == S0_SIM_WORD_DAMAGED;
	}
	return words;
}

static void expect_mix(const struct s0_sim *sim)
{
	struct words words = look(sim, SECTOR, SIZE);

	assert_true(words.erased > 100);
	assert_true(words.programmed > 100);
	assert_true(words.damaged > 100);
}

static void expect_all_erased(const struct s0_sim *sim)
{
	assert_int_equal(look(sim, SECTOR, SIZE).erased, SIZE / WORD);
}

static void expect_untouched(const struct s0_sim *sim)
{
	assert_int_equal(look(sim, SECTOR, SIZE).programmed, SIZE / WORD);
}

/* A full sector whose erase a host has waited for since 0.4 of its time. */
static void begin(struct serve_bench *bench, struct peer *peer,
		  const char *description)
{
	uint8_t erase[5] = { 0x41, 0, 0, 2, 8 };
	uint8_t block[1024] = { 0 };

	serve_one(bench, description);
	for (uint32_t i = 0; i < SIZE; i += sizeof(block))
		s0_sim_poke(serve_chip(bench, 0), SECTOR + i, block,
			    sizeof(block));
	assert_int_equal(peer_import(peer, bench, BUS_ID), 0);
	peer_control(peer, 0, SET_CONFIG, 1, 0, NULL);
	peer_dnload(peer, 0, erase, sizeof(erase));
	peer_request(peer, 0xa1, GETSTATUS, 0, 6, NULL);
	serve_wait(bench, AT_0_4);
}

static void finish(struct serve_bench *bench, struct peer *peer)
{
	peer_close(peer);
	serve_stop(bench);
}

static void power_off_in_an_erase_tears_it(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	begin(&bench, &peer, "stm32h743,seed=2");
	serve_expect(&bench, "power off", "ok\n");
	expect_mix(serve_chip(&bench, 0));
	assert_true(peer_closed(&peer));
	serve_expect_part(&bench, "counters", "sector_erases 0\n");
	/* It stays as it was left. */
	serve_wait(&bench, 2 * ERASE_US);
	expect_mix(serve_chip(&bench, 0));
	finish(&bench, &peer);
}

static void a_power_cycle_in_an_erase_tears_it(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	begin(&bench, &peer, "stm32h743,seed=2");
	serve_expect(&bench, "power cycle", "ok\n");
	expect_mix(serve_chip(&bench, 0));
	assert_true(peer_closed(&peer));
	peer_close(&peer);
	/* Nothing is left of the request that was cut. */
	assert_int_equal(peer_import(&peer, &bench, BUS_ID), 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	finish(&bench, &peer);
}

static void reset_in_an_erase_tears_it_and_it_comes_back(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	begin(&bench, &peer, "stm32h743,seed=2");
	serve_expect(&bench, "reset", "ok\n");
	expect_mix(serve_chip(&bench, 0));
	assert_true(peer_closed(&peer));
	peer_close(&peer);
	serve_wait(&bench, 101000);
	assert_int_equal(peer_import(&peer, &bench, BUS_ID), 0);
	assert_int_equal(peer_getstatus(&peer), 2);
	finish(&bench, &peer);
}

static void the_other_ways_to_answer_are_torn_too(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	begin(&bench, &peer, "stm32h743,seed=2,answer=after");
	serve_expect(&bench, "power off", "ok\n");
	expect_mix(serve_chip(&bench, 0));
	finish(&bench, &peer);
	begin(&bench, &peer, "stm32h743,seed=2,answer=poll");
	serve_expect(&bench, "reset", "ok\n");
	expect_mix(serve_chip(&bench, 0));
	finish(&bench, &peer);
}

static void unplug_in_an_erase_lets_it_end(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	begin(&bench, &peer, "stm32h743,seed=2");
	serve_expect(&bench, "unplug", "ok\n");
	assert_true(peer_closed(&peer));
	expect_untouched(serve_chip(&bench, 0));
	serve_wait(&bench, ERASE_US - AT_0_4 - 1000);
	expect_untouched(serve_chip(&bench, 0));
	serve_wait(&bench, 1001);
	expect_all_erased(serve_chip(&bench, 0));
	serve_expect_part(&bench, "counters", "sector_erases 1\n");
	finish(&bench, &peer);
}

static void counters_memory_and_log_show_the_present(void **state)
{
	struct serve_bench bench;
	struct answer answer;
	struct peer peer;

	(void)state;
	begin(&bench, &peer, "stm32h743,seed=2");
	serve_expect_part(&bench, "counters", "sector_erases 0\n");
	serve_expect_part(&bench, "peek 0x08020000 4", " 00 00 00 00\n");
	serve_expect(&bench, "word 0x08020000", "programmed\nok\n");
	assert_int_equal(bench.server->devices[0]->log.end, 2);
	assert_int_equal(s0_sim_now_us(serve_chip(&bench, 0)),
			 bench.now - bench.server->devices[0]->origin);
	peer_answer(&peer, true, &answer);
	assert_int_equal(answer.data[4], 4);
	serve_expect_part(&bench, "counters", "sector_erases 1\n");
	serve_expect_part(&bench, "peek 0x08020000 4", " ff ff ff ff\n");
	serve_expect(&bench, "word 0x08020000", "erased\nok\n");
	assert_int_equal(bench.server->devices[0]->log.end, 3);
	finish(&bench, &peer);
}

static void power_off_in_a_write_leaves_its_end_unwritten(void **state)
{
	uint8_t block[1024];
	struct serve_bench bench;
	struct words words;
	struct peer peer;

	(void)state;
	memset(block, 0x5a, sizeof(block));
	serve_one(&bench, "stm32h743,seed=2");
	assert_int_equal(peer_import(&peer, &bench, BUS_ID), 0);
	peer_control(&peer, 0, SET_CONFIG, 1, 0, NULL);
	peer_dnload(&peer, 2, block, sizeof(block));
	peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	serve_wait(&bench, 1500);
	words = look(serve_chip(&bench, 0), 0x08000000, sizeof(block));
	assert_int_equal(words.erased, 32);
	serve_expect(&bench, "power off", "ok\n");
	words = look(serve_chip(&bench, 0), 0x08000000, sizeof(block));
	assert_int_equal(words.damaged, 1);
	assert_int_equal(words.erased + words.programmed, 31);
	finish(&bench, &peer);
}

/* The bus reset of the next client waits, too: the ROM does not look. */
static void a_client_that_goes_in_a_write_leaves_it_whole(void **state)
{
	uint8_t block[1024];
	struct serve_bench bench;
	struct peer peer, next;

	(void)state;
	memset(block, 0x5a, sizeof(block));
	serve_one(&bench, "stm32h743");
	assert_int_equal(peer_import(&peer, &bench, BUS_ID), 0);
	peer_control(&peer, 0, SET_CONFIG, 1, 0, NULL);
	peer_command(&peer, 0x21, SECTOR - 512); /* in two sectors */
	peer_dnload(&peer, 2, block, sizeof(block));
	peer_request(&peer, 0xa1, GETSTATUS, 0, 6, NULL);
	serve_wait(&bench, 100);
	peer_close(&peer);
	assert_int_equal(peer_import(&next, &bench, BUS_ID), 0);
	assert_int_equal(peer_getstatus(&next), 2);
	assert_int_equal(
		look(serve_chip(&bench, 0), SECTOR - 512, 1024).programmed, 32);
	finish(&bench, &next);
}

/* A read waits for the busy bank 2; power fails while it does. */
static void power_off_in_a_read_that_waits_tears_the_erase(void **state)
{
	uint8_t erase[5] = { 0x41, 0, 0, 0x10, 8 }, status[6];
	uint8_t byte = 0;
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	serve_one(&bench, "stm32h743,rom=0x91,seed=2");
	for (uint32_t i = 0; i < SIZE; i += WORD)
		s0_sim_poke(serve_chip(&bench, 0), 0x08100000 + i, &byte, 1);
	assert_int_equal(peer_import(&peer, &bench, BUS_ID), 0);
	peer_control(&peer, 0, SET_CONFIG, 1, 0, NULL);
	peer_command(&peer, 0x21, 0x08100000);
	peer_dnload(&peer, 0, erase, sizeof(erase));
	assert_int_equal(peer_control(&peer, 0xa1, GETSTATUS, 0, 6, status), 0);
	for (unsigned i = 0; i < 2; i++)
		peer_control(&peer, 0x21, 4, 0, 0, NULL); /* CLRSTATUS */
	peer_request(&peer, 0xa1, 2, 2, 64, NULL);
	serve_wait(&bench, 300000);
	serve_expect_part(&bench, "counters", "sector_erases 0\n");
	serve_expect(&bench, "power off", "ok\n");
	assert_true(look(serve_chip(&bench, 0), 0x08100000, SIZE).damaged >
		    100);
	finish(&bench, &peer);
}

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	char bytes[4096];
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(fclose(in), 0);
}

/* What the file holds in the middle is what a server that is killed leaves. */
static void a_server_that_is_killed_in_an_erase_leaves_it_torn(void **state)
{
	char folder[] = "/tmp/sector0-hands-XXXXXX", file[64], copy[64];
	char description[128];
	struct serve_bench bench;
	struct s0_sim *sim;
	struct peer peer;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/chip.sim", folder);
	snprintf(copy, sizeof(copy), "%s/copy.sim", folder);
	snprintf(description, sizeof(description), "stm32h743,seed=1,file=%s",
		 file);
	begin(&bench, &peer, description);
	copy_file(file, copy);
	finish(&bench, &peer);
	snprintf(description, sizeof(description), "stm32h743,seed=1,file=%s",
		 copy);
	assert_int_equal(s0_sim_new(description, &sim, NULL), S0_OK);
	expect_mix(sim);
	s0_sim_free(sim);
	/* One that ends in order lets it end. */
	snprintf(description, sizeof(description), "stm32h743,seed=1,file=%s",
		 file);
	assert_int_equal(s0_sim_new(description, &sim, NULL), S0_OK);
	expect_all_erased(sim);
	s0_sim_free(sim);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(unlink(copy), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* A host that has given up does not keep power from failing. */
static void power_off_tears_what_nobody_waits_for_any_more(void **state)
{
	struct serve_bench bench;
	struct peer peer;

	(void)state;
	begin(&bench, &peer, "stm32h743,seed=2");
	peer_unlink(&peer, peer.number);
	serve_wait(&bench, 1000);
	serve_expect(&bench, "power off", "ok\n");
	expect_mix(serve_chip(&bench, 0));
	finish(&bench, &peer);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_off_in_an_erase_tears_it),
		cmocka_unit_test(a_power_cycle_in_an_erase_tears_it),
		cmocka_unit_test(reset_in_an_erase_tears_it_and_it_comes_back),
		cmocka_unit_test(the_other_ways_to_answer_are_torn_too),
		cmocka_unit_test(unplug_in_an_erase_lets_it_end),
		cmocka_unit_test(counters_memory_and_log_show_the_present),
		cmocka_unit_test(power_off_in_a_write_leaves_its_end_unwritten),
		cmocka_unit_test(a_client_that_goes_in_a_write_leaves_it_whole),
		cmocka_unit_test(
			power_off_in_a_read_that_waits_tears_the_erase),
		cmocka_unit_test(
			a_server_that_is_killed_in_an_erase_leaves_it_torn),
		cmocka_unit_test(
			power_off_tears_what_nobody_waits_for_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
