/* SPDX-License-Identifier: MIT */
#include "dfu11_bench.h"

#include <string.h>

#include "base/error.h"
#include "test.h"

static struct dfu11_bench *of(struct usb_link *link)
{
	return (struct dfu11_bench *)link;
}

static s0_code code_of(struct dfu11_bench *bench,
		       const struct s0_sim_reply *reply)
{
	switch (reply->handshake) {
	case S0_SIM_ACK:
		return S0_OK;
	case S0_SIM_STALL:
		return S0_E_REFUSED;
	case S0_SIM_SILENT:
		return S0_E_TIMEOUT;
	default:
		bench->gone = true;
		return S0_E_GONE;
	}
}

static void run_one(struct dfu11_bench *bench, struct usb_transfer *t)
{
	struct s0_sim_setup setup = { t->request_type, t->request, t->value,
				      bench->link.facts.interface, t->length };
	struct s0_sim_reply reply = { .handshake = S0_SIM_ACK };
	uint8_t none[1];

	t->moved = 0;
	t->usb_code = 0;
	bench->now_us += 100;
	bench->model.now_us = bench->now_us;
	if (dfu_model_leaves(&bench->model))
		bench->gone = true;
	if (bench->gone) {
		t->code = S0_E_GONE;
		return;
	}
	bench->transfers++;
	dfu_model_control(&bench->model, &setup, t->data ? t->data : none,
			  &reply);
	t->code = code_of(bench, &reply);
	if (t->code == S0_OK)
		t->moved = reply.length;
	else if (t->code == S0_E_TIMEOUT)
		bench->now_us += t->timeout_ms * UINT64_C(1000);
}

static void run(struct usb_link *link, struct usb_transfer *t, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_one(of(link), &t[i]);
}

static s0_code set_alt(struct usb_link *link, uint8_t alt, struct s0_error *err)
{
	(void)err;
	of(link)->model.boot.alt = alt;
	return S0_OK;
}

static uint64_t now_us(struct usb_link *link)
{
	return of(link)->now_us;
}

static void wait_ms(struct usb_link *link, uint32_t ms)
{
	of(link)->waits++;
	of(link)->now_us += ms * UINT64_C(1000);
}

static s0_code reset(struct usb_link *link, struct s0_error *err)
{
	struct dfu11_bench *bench = of(link);

	if (!bench->resets)
		return error_set(err, S0_E_UNSUPPORTED, "no reset");
	bench->model.now_us = bench->now_us;
	if (dfu_model_reset(&bench->model))
		return S0_OK;
	bench->gone = true;
	return error_set(err, S0_E_GONE, "gone");
}

static void told(void *payload, const struct dfu11_status *status)
{
	struct dfu11_bench *bench = payload;

	bench->told++;
	bench->last_state = status->state;
}

static bool go_on(void *payload, uint64_t done)
{
	struct dfu11_bench *bench = payload;

	return done < bench->stop_at;
}

void dfu11_bench_make(struct dfu11_bench *bench, const char *kind)
{
	static const struct usb_link_ops ops = { .run = run,
						 .set_alt = set_alt,
						 .now_us = now_us,
						 .wait_ms = wait_ms,
						 .reset = reset };
	bool runtime = strncmp(kind, "dfu-runtime", 11) == 0;
	struct dfu_keys keys;

	memset(bench, 0, sizeof *bench);
	assert_true(dfu_keys_parse(kind, &keys));
	dfu_model_make(&bench->model, &keys, runtime);
	bench->link.ops = &ops;
	bench->link.facts.interface = runtime ? DFU_RUNTIME_INTERFACE : 0;
	bench->resets = true;
	bench->stop_at = UINT64_MAX;
	bench->proto = (struct dfu11){
		.link = &bench->link,
		.attributes = (uint8_t)((keys.download ? 1 : 0) |
					(keys.upload ? 2 : 0) |
					(keys.tolerant ? 4 : 0) |
					(keys.will_detach ? 8 : 0)),
		.block = (uint16_t)keys.xfer,
		.told = told,
		.go_on = go_on,
		.payload = bench,
	};
}

void dfu11_bench_free(struct dfu11_bench *bench)
{
	dfu_model_free(&bench->model);
}
