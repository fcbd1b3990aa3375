/* SPDX-License-Identifier: MIT */
#include "tinydfu.h"

#include <string.h>

enum { DNLOAD = 1, UPLOAD = 2, GETSTATUS = 3, ABORT = 6 };
enum { STATE_DNBUSY = 4, STATE_DNLOAD_IDLE = 5 };

#define OUT 0x21
#define IN  0xa1

#define WORD	    32u
#define PATIENCE_MS 8000u

/* Until the device has done what the last DNLOAD asked for. */
static int finish(const struct tinydfu *dfu)
{
	uint8_t status[6];
	unsigned waited = 0;

	for (;;) {
		int r = dfu->control(dfu->user, IN, GETSTATUS, 0, status, 6);

		if (r < 0)
			return r;
		if (r < 6 || status[0] != 0)
			return TINYDFU_REFUSED;
		if (status[4] == STATE_DNLOAD_IDLE)
			return TINYDFU_OK;
		if (status[4] != STATE_DNBUSY)
			return TINYDFU_REFUSED;
		if (waited >= PATIENCE_MS)
			return TINYDFU_BUSY;
		dfu->wait(dfu->user, 10);
		waited += 10;
	}
}

static int download(const struct tinydfu *dfu, uint16_t block, uint8_t *bytes,
		    uint16_t length)
{
	int r = dfu->control(dfu->user, OUT, DNLOAD, block, bytes, length);

	return r < 0 ? r : finish(dfu);
}

static int command(const struct tinydfu *dfu, uint8_t code, uint32_t address)
{
	uint8_t bytes[5] = { code, (uint8_t)address, (uint8_t)(address >> 8),
			     (uint8_t)(address >> 16),
			     (uint8_t)(address >> 24) };

	return download(dfu, 0, bytes, sizeof(bytes));
}

int tinydfu_erase(const struct tinydfu *dfu, uint32_t address)
{
	return command(dfu, 0x41, address);
}

int tinydfu_write(const struct tinydfu *dfu, uint32_t address,
		  const uint8_t *bytes, size_t length)
{
	uint8_t block[2048];
	int r = TINYDFU_OK;

	for (size_t done = 0; r == TINYDFU_OK && done < length;) {
		size_t part = length - done < dfu->transfer_size
				      ? length - done
				      : dfu->transfer_size;

		/* Whole flash words: the H7's bootloader takes no others, and
		 * says of a short one only that it is busy, for ever. */
		memset(block, 0xff, sizeof(block));
		memcpy(block, bytes + done, part);
		r = command(dfu, 0x21, address + (uint32_t)done);
		if (r == TINYDFU_OK)
			r = download(
				dfu, 2, block,
				(uint16_t)((part + WORD - 1) / WORD * WORD));
		done += part;
	}
	return r;
}

/* UPLOAD is taken in dfuIDLE alone, hence the ABORTs. */
int tinydfu_read(const struct tinydfu *dfu, uint32_t address, uint8_t *bytes,
		 size_t length)
{
	uint8_t block[2048];

	for (size_t done = 0; done < length;) {
		size_t part = length - done < dfu->transfer_size
				      ? length - done
				      : dfu->transfer_size;
		int r = command(dfu, 0x21, address + (uint32_t)done);

		if (r == TINYDFU_OK)
			r = dfu->control(dfu->user, OUT, ABORT, 0, NULL, 0);
		if (r >= 0)
			r = dfu->control(dfu->user, IN, UPLOAD, 2, block,
					 (uint16_t)part);
		if (r >= 0 && (size_t)r < part)
			r = TINYDFU_REFUSED;
		if (r < 0)
			return r;
		memcpy(bytes + done, block, part);
		done += part;
		r = dfu->control(dfu->user, OUT, ABORT, 0, NULL, 0);
		if (r < 0)
			return r;
	}
	return TINYDFU_OK;
}
