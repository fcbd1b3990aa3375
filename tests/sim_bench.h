/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_BENCH_H
#define TESTS_SIM_BENCH_H

/* A virtual chip on a bench, and a host's requests in few words. */

#include <stdbool.h>

#include "test.h"

#include "sim/sim.h"

#define BANK_1 0x08000000u
#define BANK_2 0x08100000u
#define WINDOW 0x5200201cu /* of the option bytes */

struct bench {
	struct s0_sim *sim;
	struct s0_sim_reply reply;
	uint8_t data[4096];
};

/* A folder of this program's own, and a chip's file in it. */
struct bench_place {
	char folder[32], file[64], description[128];
};

/* Group setup and teardown. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* Another chip; the last one is freed. */
struct bench *bench_make(void **state, const char *description);

/* Each returns how the transfer ended; the rest is in bench->reply. */
s0_sim_handshake bench_control(struct bench *bench, uint8_t type,
			       uint8_t request, uint16_t value, uint16_t index,
			       uint16_t length);
s0_sim_handshake bench_dnload(struct bench *bench, uint16_t block,
			      const void *bytes, uint16_t length);
s0_sim_handshake bench_upload(struct bench *bench, uint16_t block,
			      uint16_t length);
s0_sim_handshake bench_getstatus(struct bench *bench);
s0_sim_handshake bench_clrstatus(struct bench *bench);
s0_sim_handshake bench_abort(struct bench *bench);
unsigned bench_state(struct bench *bench); /* by GETSTATE */

/* GETSTATUS that must say this. */
void bench_expect(struct bench *bench, unsigned status, unsigned state);

/* DNLOAD of a command, and the GETSTATUS in which it runs. */
s0_sim_handshake bench_command(struct bench *bench, uint8_t opcode,
			       uint32_t address);
s0_sim_handshake bench_byte_command(struct bench *bench, uint8_t opcode);

/* Whole sequences that must succeed; each ends in dfuDNLOAD-IDLE. */
void bench_erase(struct bench *bench, uint32_t address);
void bench_set_address(struct bench *bench, uint32_t address);
void bench_write(struct bench *bench, uint32_t address, const void *bytes,
		 uint16_t length);
/* From any idle state; ends in dfuUPLOAD-IDLE when it is accepted. */
s0_sim_handshake bench_read(struct bench *bench, uint32_t address,
			    uint16_t length);

void bench_peek(struct bench *bench, uint32_t address, void *bytes,
		size_t length);

/* A read that must give these bytes. */
void bench_expect_read(struct bench *bench, uint32_t address, const void *bytes,
		       uint16_t length);

void bench_make_place(struct bench_place *place);
void bench_remove_place(const struct bench_place *place);

/* A chip whose ROM is in an error when it is fresh, brought out of it. */
struct bench *bench_make_old(void **state, const char *description);
/* bwPollTimeout of the last GETSTATUS. */
unsigned bench_poll_ms(const struct bench *bench);
/* Bytes that are not erased, a multiple of 1024 of them. */
void bench_fill(struct bench *bench, uint32_t address, uint32_t length);

#endif
