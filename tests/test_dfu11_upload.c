/* SPDX-License-Identifier: MIT */
/* What a plain DFU device gives. */
#include <stdio.h>
#include <string.h>

#include "dfu11_bench.h"
#include "test.h"

#define SIZE 1000u

static uint8_t firmware[SIZE];

static int fill(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SIZE; i++)
		firmware[i] = (uint8_t)(i * 7 + i / 256);
	return 0;
}

struct taken_bytes {
	uint8_t bytes[4096];
	size_t length, most;
};

static bool take(void *payload, const void *bytes, size_t length)
{
	struct taken_bytes *taken = payload;

	memcpy(taken->bytes + taken->length, bytes, length);
	taken->length += length;
	return taken->length < taken->most;
}

/* @param held  what the device has, @limit what is asked for */
static void upload(unsigned held, uint64_t limit, size_t most, size_t expected)
{
	struct taken_bytes taken = { .most = most };
	struct dfu11_bench bench;
	uint64_t done = 0;

	dfu11_bench_make(&bench, "dfu");
	memcpy(bench.model.memory[0].bytes, firmware, held);
	bench.model.memory[0].length = held;
	assert_int_equal(
		dfu11_upload(&bench.proto, limit, take, &taken, &done, NULL),
		S0_OK);
	assert_int_equal(taken.length, expected);
	assert_memory_equal(taken.bytes, firmware, expected);
	assert_int_equal(bench.model.state, DFU_IDLE);
	dfu11_bench_free(&bench);
}

static void an_upload_ends_with_a_short_block_or_at_its_limit(void **state)
{
	(void)state;
	upload(1000, 4096, 4096, 1000);
	upload(768, 4096, 4096, 768); /* an empty block ends it */
	upload(0, 4096, 4096, 0);
	upload(1000, 1000, 4096, 1000);
	upload(1000, 999, 4096, 999);
	upload(1000, 512, 4096, 512); /* ABORT */
	upload(1000, 100, 4096, 100);
	upload(1000, 4096, 300, 512); /* the sink had enough */
}

static void every_fault_in_an_upload_ends_honestly(void **state)
{
	static const char *const faults[] = { "stall", "silent", "unplug" };

	(void)state;
	for (unsigned f = 0; f < 3; f++)
		for (unsigned at = 1; at <= 4; at++) {
			struct taken_bytes taken = { .most = 4096 };
			struct s0_error err = S0_ERROR_INIT;
			struct dfu11_bench bench;
			char kind[64];
			uint64_t done = 0;

			snprintf(kind, sizeof kind, "dfu,fault=%s@%u",
				 faults[f], at);
			dfu11_bench_make(&bench, kind);
			memcpy(bench.model.memory[0].bytes, firmware, SIZE);
			bench.model.memory[0].length = SIZE;
			assert_int_not_equal(dfu11_upload(&bench.proto, 4096,
							  take, &taken, &done,
							  &err),
					     S0_OK);
			assert_int_equal(done, (at - 1) * 256);
			assert_int_equal(taken.length, done);
			assert_true(err.message[0] != '\0');
			if (f == 0)
				assert_int_equal(bench.model.state, DFU_IDLE);
			dfu11_bench_free(&bench);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_upload_ends_with_a_short_block_or_at_its_limit),
		cmocka_unit_test(every_fault_in_an_upload_ends_honestly),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
