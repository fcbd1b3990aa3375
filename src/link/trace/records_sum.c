/* SPDX-License-Identifier: MIT */
/* What is written to the host's records, as one sum: where, how much, what. */
#include <string.h>

#include "base/bytes.h"
#include "link/trace/trace.h"

void records_sum_start(struct records_sum *sum)
{
	memset(sum, 0, sizeof *sum);
	sha256_start(&sum->sha);
}

static void add_number(struct records_sum *sum, uint64_t number)
{
	uint8_t bytes[8];

	put_le64(bytes, number);
	sha256_add(&sum->sha, bytes, sizeof bytes);
}

void records_sum_write(struct records_sum *sum, uint64_t offset,
		       const void *bytes, size_t length)
{
	sum->count++;
	sum->bytes += length;
	add_number(sum, offset);
	add_number(sum, length);
	sha256_add(&sum->sha, bytes, length);
}

/* No write is that long. */
void records_sum_cut(struct records_sum *sum, uint64_t length)
{
	sum->count++;
	add_number(sum, length);
	add_number(sum, UINT64_MAX);
}
