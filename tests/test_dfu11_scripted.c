/* SPDX-License-Identifier: MIT */
/* Plain DFU with devices that answer what a test has them answer, whether the
 * standard has it so or not. */
#include "test.h"

#include <string.h>

#include "proto/dfu11.h"

enum { DNLOAD = 1, GETSTATUS = 3, CLRSTATUS = 4, ABORT = 6 };
enum {
	IDLE = 2,
	DNLOAD_SYNC = 3,
	DNBUSY = 4,
	DNLOAD_IDLE = 5,
	MANIFEST_SYNC = 6,
	ERROR = 10
};

/* Its states, one a GETSTATUS; the last for ever. */
struct scripted {
	struct usb_link link; /* first */
	const uint8_t *states;
	size_t count, asked;
	unsigned requests[8]; /* how often each came */
	uint64_t now_us;
};

static void run(struct usb_link *link, struct usb_transfer *t, size_t count)
{
	struct scripted *device = (struct scripted *)link;

	assert_int_equal(count, 1);
	device->requests[t->request]++;
	t->code = S0_OK;
	t->moved = t->length;
	if (t->request != GETSTATUS)
		return;
	memset(t->data, 0, t->length);
	t->data[4] = device->states[device->asked];
	if (device->asked + 1 < device->count)
		device->asked++;
}

static uint64_t now_us(struct usb_link *link)
{
	return ((struct scripted *)link)->now_us;
}

static void wait_ms(struct usb_link *link, uint32_t ms)
{
	((struct scripted *)link)->now_us += ms * UINT64_C(1000);
}

static struct dfu11 script(struct scripted *device, const uint8_t *states,
			   size_t count)
{
	static const struct usb_link_ops ops = { .run = run,
						 .now_us = now_us,
						 .wait_ms = wait_ms };

	*device = (struct scripted){ .link = { .ops = &ops },
				     .states = states,
				     .count = count };
	return (struct dfu11){ .link = &device->link,
			       .attributes =
				       DFU11_CAN_DOWNLOAD | DFU11_TOLERANT,
			       .block = 64 };
}

#define SCRIPT(device, ...)                                                    \
	script(device, (const uint8_t[]){ __VA_ARGS__ },                       \
	       sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void what_an_earlier_program_left_is_given_up(void **state)
{
	static const uint8_t left[] = { DNLOAD_SYNC, DNLOAD_IDLE, MANIFEST_SYNC,
					9 /* UPLOAD_IDLE */ };
	(void)state;

	for (size_t i = 0; i < sizeof left; i++) {
		const uint8_t states[] = { left[i], IDLE };
		struct scripted device;
		struct dfu11 dfu = script(&device, states, 2);

		assert_int_equal(dfu11_settle(&dfu, NULL), S0_OK);
		assert_int_equal(device.requests[ABORT], 1);
		assert_int_equal(device.requests[CLRSTATUS], 0);
	}
}

/* One that is busy and names no time. */
static void a_device_that_is_busy_for_ever_is_not_waited_for_so_long(void **s)
{
	struct s0_error err = S0_ERROR_INIT;
	struct scripted device;
	struct dfu11 dfu = SCRIPT(&device, DNBUSY);

	(void)s;
	assert_int_equal(dfu11_settle(&dfu, &err), S0_E_TIMEOUT);
	assert_int_equal(err.cause, S0_CAUSE_WEDGED);
	assert_true(device.now_us >= DFU11_BUSY_MS * UINT64_C(1000));
}

static s0_code download(struct dfu11 *dfu, uint64_t *done, struct s0_error *err)
{
	static const uint8_t firmware[100];
	enum dfu11_end end;

	return dfu11_download(dfu, firmware, sizeof firmware, &end, done, err);
}

/* Some stay in dfuDNLOAD-SYNC where the standard has dfuDNBUSY. */
static void a_block_takes_as_long_as_the_device_says(void **state)
{
	struct scripted device;
	struct dfu11 dfu = SCRIPT(&device, DNLOAD_SYNC, DNBUSY, DNLOAD_SYNC,
				  DNLOAD_IDLE, DNLOAD_IDLE, IDLE);
	uint64_t done = 0;

	(void)state;
	assert_int_equal(download(&dfu, &done, NULL), S0_OK);
	assert_int_equal(done, 100);
	assert_int_equal(device.requests[DNLOAD], 3);
	assert_int_equal(device.requests[GETSTATUS], 6);
}

/* "No error", but not where a block that was taken leads. */
static void a_block_is_taken_only_in_dfu_dnload_idle(void **state)
{
	static const uint8_t wrong[] = { IDLE, MANIFEST_SYNC, ERROR, 0, 200 };
	(void)state;

	for (size_t i = 0; i < sizeof wrong; i++) {
		const uint8_t states[] = { wrong[i], IDLE };
		struct s0_error err = S0_ERROR_INIT;
		struct scripted device;
		struct dfu11 dfu = script(&device, states, 2);
		uint64_t done = 0;

		assert_int_equal(download(&dfu, &done, &err), S0_E_REFUSED);
		assert_int_equal(err.dfu_state, wrong[i]);
		assert_int_equal(done, 0);
		assert_int_equal(device.requests[DNLOAD], 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_earlier_program_left_is_given_up),
		cmocka_unit_test(
			a_device_that_is_busy_for_ever_is_not_waited_for_so_long),
		cmocka_unit_test(a_block_takes_as_long_as_the_device_says),
		cmocka_unit_test(a_block_is_taken_only_in_dfu_dnload_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
