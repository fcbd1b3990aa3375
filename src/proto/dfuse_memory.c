/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and leaving. Data blocks are numbered from 2. Whether block
 * n lies at (n - 2) times wTransferSize or times its own length is unsettled
 * (AN3156 against ST's code and what works in the field), so only whole blocks
 * are numbered on; a shorter last one gets its own Set Address and number 2,
 * which is right either way.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "proto/dfuse_internal.h"

/* UPLOADs handed over together: what comes behind one that failed is not
 * looked at. plan/estimate.c reckons with the same number. */
#define READ_BATCH 16u

/* wBlockNum is 16 bits wide. */
#define MAX_BLOCKS 65534u

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Why a read failed: the device's own words where it has some. */
static s0_code read_failed(struct dfuse *dfu, const struct usb_transfer *t,
			   uint32_t address, struct s0_error *err)
{
	struct status status;

	dfuse_add_request(t, err);
	switch (t->code) {
	case S0_OK:
		return error_set_at(err, S0_E_PROTOCOL, address, t->length,
				    "the device sent %u of %u bytes at 0x%08x",
				    t->moved, t->length, address);
	case S0_E_REFUSED:
		if (dfuse_get_status(dfu, TIMEOUT_MS, &status, NULL) == S0_OK)
			return dfuse_refused(dfu, &status, "to read", address,
					     t->length, err);
		return error_set_at(err, t->code, address, t->length,
				    "the device refused to read at 0x%08x",
				    address);
	case S0_E_TIMEOUT:
		/* A damaged flash word stops the bootloader: bus error. */
		error_add_cause(err, S0_CAUSE_UNREADABLE);
		return error_set_at(err, t->code, address, t->length,
				    "the device stopped answering when %u "
				    "bytes at 0x%08x were read",
				    t->length, address);
	case S0_E_GONE:
		return error_set_at(err, t->code, address, t->length,
				    "the device left the bus while 0x%08x was "
				    "read",
				    address);
	default:
		return error_set_at(err, t->code, address, t->length,
				    "the USB link failed while 0x%08x was "
				    "read (code %d)",
				    address, t->usb_code);
	}
}

struct reading {
	uint32_t address; /* of the next block */
	uint32_t left;	  /* bytes */
	uint32_t block;	  /* number of the next */
	bool enough;
	bool alone; /* the next block failed behind others */
	/* Behind how many; and so the time before, 0: it did not fail. */
	unsigned behind, behind_before;
	struct s0_error why; /* it failed */
};

/* What the numbers of the blocks count from. An UPLOAD is taken in dfuIDLE
 * alone. */
static s0_code read_from(struct dfuse *dfu, uint32_t address,
			 struct s0_error *err)
{
	s0_code code = dfuse_set_address(dfu, address, err);

	return code == S0_OK ? dfuse_simple(dfu, DFU_ABORT, TIMEOUT_MS, err)
			     : code;
}

/*
 * The next block failed behind others: is it the block, or the queue? Reading
 * changes nothing, so it is read again by itself. What has stopped answering
 * stays as it is (a damaged word: the next reading would not do better).
 */
static s0_code behind_failed(struct dfuse *dfu, struct reading *r,
			     unsigned behind, const struct usb_transfer *t,
			     struct s0_error *err)
{
	uint32_t base = r->address - (r->block - 2) * dfu->target.block;
	struct status status;

	if (t->code == S0_E_GONE || dfu->target.one_at_a_time ||
	    dfuse_get_status(dfu, TIMEOUT_ALIVE_MS, &status, NULL) != S0_OK ||
	    dfuse_settle(&dfu->target, NULL) != S0_OK ||
	    read_from(dfu, base, NULL) != S0_OK)
		return read_failed(dfu, t, r->address, err);
	r->alone = true;
	r->behind = behind;
	r->why = (struct s0_error)S0_ERROR_INIT;
	if (t->code == S0_OK)
		(void)read_failed(dfu, t, r->address, &r->why);
	else
		(void)dfuse_transfer_error(t, &r->why);
	return S0_OK;
}

/* It was right by itself. A queue that is to blame fails in the same place
 * again; anything else does not. */
static void went_alone(struct dfuse *dfu, struct reading *r, uint32_t address,
		       uint32_t length)
{
	r->why.address = address;
	r->why.length = length;
	target_note_retries(&dfu->target, 1, &r->why);
	if (r->behind == r->behind_before)
		dfuse_distrust(dfu);
	r->behind_before = r->behind;
	r->alone = false;
}

/* One batch of UPLOADs. */
static s0_code upload(struct dfuse *dfu, struct reading *r, unsigned count,
		      target_bytes_fn bytes, void *payload,
		      struct s0_error *err)
{
	struct usb_transfer t[READ_BATCH];
	uint32_t size = dfu->target.block;

	for (unsigned i = 0; i < count; i++)
		t[i] = (struct usb_transfer){
			.request_type = 0xa1,
			.request = DFU_UPLOAD,
			.value = (uint16_t)(r->block + i),
			.data = dfu->buffer + i * size,
			.length = (uint16_t)smaller(size, r->left - i * size),
			.timeout_ms =
				dfu->slow_read ? TIMEOUT_SLOW_MS : TIMEOUT_MS,
		};
	dfuse_run(dfu, t, count);
	for (unsigned i = 0; i < count; i++) {
		if (!dfuse_came(&t[i]))
			return i ? behind_failed(dfu, r, i, &t[i], err)
				 : read_failed(dfu, &t[i], r->address, err);
		if (!r->enough)
			r->enough = !bytes(payload, r->address, t[i].data,
					   t[i].length);
		r->address += t[i].length;
		r->left -= t[i].length;
		r->block++;
	}
	if (r->alone)
		went_alone(dfu, r, r->address - t[0].length, t[0].length);
	else if (count > 1)
		r->behind_before = 0;
	dfu->slow_read = false;
	return S0_OK;
}

/* How many blocks the next batch has: whole ones, or the short one alone. */
static unsigned batch(const struct dfuse *dfu, const struct reading *r,
		      unsigned most)
{
	uint32_t whole = r->left / dfu->target.block;

	if (!whole || r->alone)
		return 1;
	whole = smaller(whole, MAX_BLOCKS + 2 - r->block);
	return smaller(whole, most);
}

s0_code dfuse_upload(struct target *target, uint32_t address, uint32_t length,
		     target_depth_fn depth, target_bytes_fn bytes,
		     void *payload, struct s0_error *err)
{
	struct dfuse *dfu = (struct dfuse *)target;
	struct reading r = { .address = address, .left = length };
	s0_code code = S0_OK;

	while (code == S0_OK && r.left && !r.enough) {
		bool tail = r.left < target->block;
		unsigned most;

		if (!r.block || tail || r.block >= MAX_BLOCKS) {
			if (r.block)
				code = dfuse_simple(dfu, DFU_ABORT, TIMEOUT_MS,
						    err);
			if (code == S0_OK)
				code = read_from(dfu, r.address, err);
			r.block = 2;
		}
		most = depth ? smaller(depth(payload, r.address), READ_BATCH)
			     : READ_BATCH;
		if (code == S0_OK)
			code = upload(dfu, &r, batch(dfu, &r, most), bytes,
				      payload, err);
		if (code == S0_OK && r.left && !r.enough &&
		    !dfuse_go_on(dfu, length - r.left))
			return dfuse_cancelled(dfu, err);
	}
	if (code == S0_OK && length)
		code = dfuse_simple(dfu, DFU_ABORT, TIMEOUT_MS, err);
	return code;
}

static s0_code write_block(struct dfuse *dfu, uint32_t number, uint32_t address,
			   const uint8_t *bytes, uint32_t length,
			   struct s0_error *err)
{
	struct command command = {
		.data = dfu->buffer,
		.length = (uint16_t)length,
		.block = (uint16_t)number,
		.timeout_ms = TIMEOUT_PROGRAM_MS,
		.usual_us = &dfu->usual_write_us,
		.busy_limit_ms = TIMEOUT_PROGRAM_MS,
		.what = "to write",
		.address = address,
		.about = length,
	};
	s0_code code;

	memcpy(dfu->buffer, bytes, length);
	code = dfuse_command(dfu, &command, err);
	dfu->target.stats.program_us += command.busy_us;
	if (code != S0_OK)
		error_add_place(err, address, length);
	if (code == S0_OK && command.status.state == STATE_DNBUSY) {
		error_add_dfu(err, command.status.status, command.status.state);
		return error_set_at(err, S0_E_TIMEOUT, address, length,
				    "the device is still busy %u ms after "
				    "%u bytes were written at 0x%08x",
				    TIMEOUT_PROGRAM_MS, length, address);
	}
	return code;
}

s0_code dfuse_point_at(struct dfuse *dfu, uint32_t address,
		       struct s0_error *err)
{
	s0_code code = dfuse_set_address(dfu, address, err);

	return code == S0_OK ? dfuse_set_address(dfu, address, err) : code;
}

s0_code dfuse_download(struct target *target, uint32_t address,
		       const uint8_t *bytes, uint32_t length,
		       struct s0_error *err)
{
	struct dfuse *dfu = (struct dfuse *)target;
	uint32_t done = 0, number = 0;
	s0_code code = S0_OK;

	while (code == S0_OK && done < length) {
		uint32_t part = smaller(target->block, length - done);

		if (!number || part < target->block ||
		    number >= MAX_BLOCKS + 2) {
			code = dfuse_point_at(dfu, address + done, err);
			number = 2;
		}
		if (code == S0_OK)
			code = write_block(dfu, number++, address + done,
					   bytes + done, part, err);
		if (code == S0_OK)
			done += part;
		if (code == S0_OK && !dfuse_go_on(dfu, done) && done < length)
			return dfuse_cancelled(dfu, err);
	}
	return code;
}

/* The device has answered: did it mean it? 6 to 8 are the manifestation, after
 * which it is off the bus within milliseconds; one that answers again stays. */
static s0_code check_left(struct dfuse *dfu, uint32_t address,
			  struct usb_transfer *answered, struct s0_error *err)
{
	uint8_t state = answered->data[4];
	struct status status = { .status = answered->data[0], .state = state };

	if (state >= STATE_MANIFEST_SYNC && state <= STATE_MANIFEST + 1) {
		dfu->link->ops->wait_ms(dfu->link, 20);
		dfuse_run(dfu, answered, 1);
		/* One that keeps silent has not left. */
		if (answered->code != S0_OK && answered->code != S0_E_TIMEOUT)
			return S0_OK;
	}
	error_add_cause(err, S0_CAUSE_NEEDS_RESET);
	return dfuse_refused(dfu, &status, "to start what is", address, 4, err);
}

s0_code dfuse_leave(struct target *target, uint32_t address, bool *ret_silent,
		    struct s0_error *err)
{
	struct dfuse *dfu = (struct dfuse *)target;
	uint8_t answer[6] = { 0 };
	struct usb_transfer t[2] = {
		{ .request_type = 0x21,
		  .request = DFU_DNLOAD,
		  .timeout_ms = TIMEOUT_MS },
		{ .request_type = 0xa1,
		  .request = DFU_GETSTATUS,
		  .data = answer,
		  .length = sizeof answer,
		  .timeout_ms = TIMEOUT_LEAVE_MS },
	};
	s0_code code = dfuse_set_address(dfu, address, err);

	if (code != S0_OK)
		return code;
	dfuse_run(dfu, t, 2);
	if (t[0].code == S0_E_REFUSED)
		return error_set_at(err, S0_E_REFUSED, address, 4,
				    "the device refused to start what is at "
				    "0x%08x",
				    address);
	if (t[0].code != S0_OK)
		return error_set_at(err, t[0].code, address, 4,
				    "the device did not take the command to "
				    "start what is at 0x%08x",
				    address);
	/* Most devices are gone before they have answered (dfu-util's famous
	 * exit 74): that is what was asked for. One that is still there is
	 * asked once more, for it leaves inside its answer. */
	if (t[1].code != S0_OK && t[1].code != S0_E_GONE)
		dfuse_run(dfu, &t[1], 1);
	if (t[1].code == S0_E_TIMEOUT)
		return error_set_at(err, S0_E_TIMEOUT, address, 4,
				    "the device neither left nor answered "
				    "after the command to start what is at "
				    "0x%08x",
				    address);
	*ret_silent = t[1].code != S0_OK;
	return *ret_silent ? S0_OK : check_left(dfu, address, &t[1], err);
}

static uint64_t now_us(struct target *target)
{
	struct dfuse *dfu = (struct dfuse *)target;

	return dfu->link->ops->now_us(dfu->link);
}

static void wait_us(struct target *target, uint64_t us)
{
	struct dfuse *dfu = (struct dfuse *)target;

	dfu->link->ops->wait_ms(dfu->link, (uint32_t)((us + 999) / 1000));
}

static void close_target(struct target *target)
{
	struct dfuse *dfu = (struct dfuse *)target;

	dfu->link->ops->close(dfu->link);
	free(dfu->buffer);
	free(dfu);
}

s0_code dfuse_new(struct usb_link *link, uint32_t transfer_size,
		  struct target **ret_target, struct s0_error *err)
{
	static const struct target_ops ops = {
		.settle = dfuse_settle,
		.read = dfuse_upload,
		.erase = dfuse_erase,
		.mass_erase = dfuse_mass_erase,
		.write = dfuse_download,
		.leave = dfuse_leave,
		.write_options = dfuse_write_options,
		.unprotect = dfuse_unprotect,
		.now_us = now_us,
		.wait_us = wait_us,
		.close = close_target,
	};
	struct dfuse *dfu = calloc(1, sizeof *dfu);

	if (dfu)
		dfu->buffer = malloc((size_t)READ_BATCH * transfer_size);
	if (!dfu || !dfu->buffer) {
		free(dfu);
		link->ops->close(link);
		return error_memory(err);
	}
	dfu->link = link;
	dfu->target.ops = &ops;
	dfu->target.block = transfer_size;
	dfu->target.rdp = -1;
	/* Until the chip is known: the slowest sector of any STM32. */
	dfu->target.times.erase_us = 1000000;
	dfu->target.times.erase_max_us = 2000000;
	dfu->target.times.mass_erase_us = 16000000;
	dfu->target.times.mass_erase_max_us = 32000000;
	*ret_target = &dfu->target;
	return S0_OK;
}
