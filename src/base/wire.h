/* SPDX-License-Identifier: MIT */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

/*
 * Time that a control transfer takes on a full-speed bus, in tenths of a
 * microsecond, without bit stuffing: SETUP 14 us, each data packet of 64 bytes
 * 51.3 us, one of six bytes 12.6 us, a zero-length packet 8.6 us. The formulas
 * of docs/protocol.md, from the transaction formats of USB 2.0, chapter 8.
 */

#include <stdint.h>

/* DNLOAD and UPLOAD of that many bytes; without data the two empty stages. */
static inline uint32_t wire_data_us10(uint32_t length)
{
	return 140 + (length + 63) / 64 * 513 + 86;
}

/* GETSTATUS, GETSTATE. */
static inline uint32_t wire_status_us10(void)
{
	return 140 + 126 + 86;
}

#endif
