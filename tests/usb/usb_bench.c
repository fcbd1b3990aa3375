/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "usb_bench.h"

int usb_bench_open(void **state)
{
	struct usb_bench *b = calloc(1, sizeof(*b));
	struct mock_answers answers = { .control = mock_chip_control,
					.user = &b->chip };
	struct usb_found *list;
	size_t count;

	mock_chip_stm32h743(&b->chip);
	b->usb = mock_usb_new(true);
	b->device = mock_usb_plug(b->usb, "4", &answers);
	assert_int_equal(usb_host_new(&b->host, NULL), S0_OK);
	assert_int_equal(usb_list(b->host, &list, &count, NULL), S0_OK);
	assert_int_equal(count, 1);
	assert_int_equal(usb_open(b->host, list, 0, &b->link, NULL), S0_OK);
	free(list);
	*state = b;
	return 0;
}

int usb_bench_close(void **state)
{
	struct usb_bench *b = *state;

	b->link->ops->close(b->link);
	usb_host_free(b->host);
	mock_usb_free(b->usb);
	free(b);
	return 0;
}

struct usb_transfer usb_bench_in(uint16_t value, uint8_t *data, uint16_t length)
{
	return (struct usb_transfer){ .request_type = 0xa1,
				      .request = 2,
				      .value = value,
				      .length = length,
				      .data = data,
				      .timeout_ms = 1000 };
}

struct usb_transfer usb_bench_out(uint16_t value, uint8_t *data,
				  uint16_t length)
{
	struct usb_transfer t = usb_bench_in(value, data, length);

	t.request_type = 0x21;
	t.request = 1;
	return t;
}

s0_code usb_bench_run(struct usb_bench *b, struct usb_transfer *t)
{
	b->link->ops->run(b->link, t, 1);
	return t->code;
}
