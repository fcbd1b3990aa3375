/* SPDX-License-Identifier: MIT */
#include "sim_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"

int bench_setup(void **state)
{
	*state = calloc(1, sizeof(struct bench));
	return *state ? 0 : -1;
}

int bench_teardown(void **state)
{
	struct bench *bench = *state;

	s0_sim_free(bench->sim);
	free(bench);
	return 0;
}

struct bench *bench_make(void **state, const char *description)
{
	struct bench *bench = *state;
	struct s0_error err = S0_ERROR_INIT;

	s0_sim_free(bench->sim);
	bench->sim = NULL;
	if (s0_sim_new(description, &bench->sim, &err) != S0_OK)
		fail_msg("%s: %s", description, err.message);
	return bench;
}

s0_sim_handshake bench_control(struct bench *bench, uint8_t type,
			       uint8_t request, uint16_t value, uint16_t index,
			       uint16_t length)
{
	struct s0_sim_setup setup = { type, request, value, index, length };

	s0_sim_control(bench->sim, &setup, bench->data, &bench->reply);
	return bench->reply.handshake;
}

s0_sim_handshake bench_dnload(struct bench *bench, uint16_t block,
			      const void *bytes, uint16_t length)
{
	if (length > 0)
		memcpy(bench->data, bytes, length);
	return bench_control(bench, 0x21, 1, block, 0, length);
}

s0_sim_handshake bench_upload(struct bench *bench, uint16_t block,
			      uint16_t length)
{
	return bench_control(bench, 0xa1, 2, block, 0, length);
}

s0_sim_handshake bench_getstatus(struct bench *bench)
{
	return bench_control(bench, 0xa1, 3, 0, 0, 6);
}

s0_sim_handshake bench_clrstatus(struct bench *bench)
{
	return bench_control(bench, 0x21, 4, 0, 0, 0);
}

s0_sim_handshake bench_abort(struct bench *bench)
{
	return bench_control(bench, 0x21, 6, 0, 0, 0);
}

unsigned bench_state(struct bench *bench)
{
	assert_int_equal(bench_control(bench, 0xa1, 5, 0, 0, 1), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 1);
	return bench->data[0];
}

void bench_expect(struct bench *bench, unsigned status, unsigned state)
{
	assert_int_equal(bench_getstatus(bench), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, 6);
	assert_int_equal(bench->data[4], state);
	assert_int_equal(bench->data[0], status);
}

s0_sim_handshake bench_command(struct bench *bench, uint8_t opcode,
			       uint32_t address)
{
	uint8_t bytes[5] = { opcode };

	put_le32(bytes + 1, address);
	assert_int_equal(bench_dnload(bench, 0, bytes, 5), S0_SIM_ACK);
	return bench_getstatus(bench);
}

s0_sim_handshake bench_byte_command(struct bench *bench, uint8_t opcode)
{
	assert_int_equal(bench_dnload(bench, 0, &opcode, 1), S0_SIM_ACK);
	return bench_getstatus(bench);
}

static void succeed(struct bench *bench, s0_sim_handshake first)
{
	assert_int_equal(first, S0_SIM_ACK);
	assert_int_equal(bench->data[0], 0);
	assert_int_equal(bench->data[4], 4);
	bench_expect(bench, 0, 5);
}

void bench_erase(struct bench *bench, uint32_t address)
{
	succeed(bench, bench_command(bench, 0x41, address));
}

void bench_set_address(struct bench *bench, uint32_t address)
{
	succeed(bench, bench_command(bench, 0x21, address));
}

void bench_write(struct bench *bench, uint32_t address, const void *bytes,
		 uint16_t length)
{
	bench_set_address(bench, address);
	assert_int_equal(bench_dnload(bench, 2, bytes, length), S0_SIM_ACK);
	succeed(bench, bench_getstatus(bench));
}

s0_sim_handshake bench_read(struct bench *bench, uint32_t address,
			    uint16_t length)
{
	assert_int_equal(bench_abort(bench), S0_SIM_ACK);
	bench_set_address(bench, address);
	assert_int_equal(bench_abort(bench), S0_SIM_ACK);
	return bench_upload(bench, 2, length);
}

void bench_peek(struct bench *bench, uint32_t address, void *bytes,
		size_t length)
{
	assert_int_equal(s0_sim_peek(bench->sim, address, bytes, length),
			 length);
}

void bench_expect_read(struct bench *bench, uint32_t address, const void *bytes,
		       uint16_t length)
{
	assert_int_equal(bench_read(bench, address, length), S0_SIM_ACK);
	assert_int_equal(bench->reply.length, length);
	assert_memory_equal(bench->data, bytes, length);
}

void bench_make_place(struct bench_place *place)
{
	strcpy(place->folder, "/tmp/sector0-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->file, sizeof(place->file), "%.31s/deep/chip.sim",
		 place->folder);
	snprintf(place->description, sizeof(place->description),
		 "stm32h743,file=%.63s", place->file);
}

void bench_remove_place(const struct bench_place *place)
{
	char deep[64];

	unlink(place->file);
	snprintf(deep, sizeof(deep), "%.31s/deep", place->folder);
	rmdir(deep);
	rmdir(place->folder);
}

struct bench *bench_make_old(void **state, const char *description)
{
	struct bench *bench = bench_make(state, description);

	bench_expect(bench, 0x0a, 10);
	bench_clrstatus(bench);
	bench_expect(bench, 0, 2);
	return bench;
}

unsigned bench_poll_ms(const struct bench *bench)
{
	return get_le16(bench->data + 1);
}

void bench_fill(struct bench *bench, uint32_t address, uint32_t length)
{
	uint8_t block[1024];

	memset(block, 0x55, sizeof(block));
	for (uint32_t i = 0; i < length; i += sizeof(block))
		s0_sim_poke(bench->sim, address + i, block, sizeof(block));
}
