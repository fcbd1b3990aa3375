/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DFU11_BENCH_H
#define TESTS_DFU11_BENCH_H

/* A plain DFU device (sim/mock/mock_dfu_model.h) behind a link of its own,
 * whose clock is a counter: nothing is waited for. */

#include "mock_dfu_model.h"
#include "proto/dfu11.h"

struct dfu11_bench {
	struct usb_link link; /* first */
	struct dfu_model model;
	struct dfu11 proto;
	uint64_t now_us;
	bool gone, resets; /* resets: the link can */
	unsigned transfers, waits;
	uint64_t stop_at; /* bytes; UINT64_MAX: never */
	unsigned told;	  /* statuses */
	uint8_t last_state;
};

/* @param kind  As sector0-mock-run takes it. */
void dfu11_bench_make(struct dfu11_bench *bench, const char *kind);
void dfu11_bench_free(struct dfu11_bench *bench);

#endif
