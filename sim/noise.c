/* SPDX-License-Identifier: MIT */
/*
 * Bit errors on the cable (link=). USB finds each one by its CRC and tries a
 * transaction three times (USB 2.0, 8.5, 10.2.6), so what a host sees is never
 * a wrong byte: a transfer takes longer, or the host controller gives it up
 * with an error of the protocol (EPROTO, -71), babble (EOVERFLOW) or a halted
 * pipe (EPIPE), or never ends it, or a hub takes the port down. The device has
 * done what was asked, when the status stage was lost, or has not, when the
 * SETUP was: one as often as the other (inferred). Short data are no bit error:
 * they are what users report as truncated descriptors.
 */
#include "sim/sim.h"

#include <string.h>

#include "sim/values.h"

#define DIR_IN 0x80

/* One more try of a full packet, 0.1 us. */
#define RETRY_TICKS 513u

static const char *const kinds[SIM_NOISES] = {
	[SIM_NOISE_NONE] = "ok",     [SIM_NOISE_RETRY] = "retry",
	[SIM_NOISE_PROTO] = "proto", [SIM_NOISE_BABBLE] = "babble",
	[SIM_NOISE_PIPE] = "pipe",   [SIM_NOISE_SILENT] = "silent",
	[SIM_NOISE_SHORT] = "short", [SIM_NOISE_RESET] = "reset",
};

static bool parse_one(const char *item, size_t length, uint32_t *permille)
{
	char text[32];
	char *rate;
	uint64_t number;

	if (length >= sizeof(text))
		return false;
	memcpy(text, item, length);
	text[length] = '\0';
	rate = strchr(text, '@');
	if (!rate)
		return false;
	*rate++ = '\0';
	for (unsigned i = SIM_NOISE_NONE + 1; i < SIM_NOISES; i++) {
		if (strcmp(text, kinds[i]) != 0)
			continue;
		if (!sim_value_number(rate, 1, 1000, &number))
			return false;
		permille[i] = (uint32_t)number;
		return true;
	}
	return false;
}

bool sim_noise_parse(const char *value, uint32_t *permille)
{
	uint32_t sum = 0;

	memset(permille, 0, SIM_NOISES * sizeof(*permille));
	if (strcmp(value, kinds[SIM_NOISE_NONE]) == 0)
		return true;
	for (;;) {
		size_t length = strcspn(value, "+");

		if (!parse_one(value, length, permille))
			return false;
		if (value[length] == '\0')
			break;
		value += length + 1;
	}
	for (unsigned i = 0; i < SIM_NOISES; i++)
		sum += permille[i];
	return sum <= 1000;
}

void sim_noise_start(struct s0_sim *sim)
{
	sim->noisy = false;
	for (unsigned i = 0; i < SIM_NOISES; i++)
		sim->noisy = sim->noisy || sim->config.noise[i] > 0;
	sim->noise_random = sim->config.seed * 5 + sim->power_ons;
}

static bool fits(const struct s0_sim_setup *setup, unsigned kind)
{
	bool data_in = (setup->request_type & DIR_IN) != 0 && setup->length > 0;

	return data_in || (kind != SIM_NOISE_BABBLE && kind != SIM_NOISE_SHORT);
}

void sim_noise_draw(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;
	uint64_t draw;

	draw = sim_random_of(&sim->noise_random) % 1000;
	/* Drawn in any case, so that rates do not shift one another. */
	transfer->unheard = sim_random_of(&sim->noise_random) % 2 == 0;
	for (unsigned i = 0; i < SIM_NOISES; i++) {
		if (draw < sim->config.noise[i]) {
			if (fits(&transfer->setup, i))
				transfer->noise = i;
			break;
		}
		draw -= sim->config.noise[i];
	}
	if (transfer->noise > SIM_NOISE_RETRY)
		sim->counters.link_errors++;
	else if (transfer->noise == SIM_NOISE_RETRY)
		sim->counters.link_retries++;
}

static void end_as(struct s0_sim *sim, s0_sim_handshake handshake)
{
	struct sim_transfer *transfer = &sim->transfer;

	if ((transfer->setup.request_type & DIR_IN) != 0 &&
	    transfer->setup.length > 0)
		memset(transfer->data, 0, transfer->setup.length);
	transfer->reply.handshake = handshake;
	transfer->reply.length = 0;
}

bool sim_noise_swallows(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;

	switch (transfer->noise) {
	case SIM_NOISE_PROTO:
	case SIM_NOISE_PIPE:
	case SIM_NOISE_SILENT:
		return transfer->unheard;
	case SIM_NOISE_RESET:
		sim_power_reconnect(sim);
		return true;
	default:
		return false;
	}
}

uint64_t sim_noise_end(struct s0_sim *sim)
{
	struct sim_transfer *transfer = &sim->transfer;

	/* Whoever left the bus is not heard of again. */
	if (transfer->noise == SIM_NOISE_NONE ||
	    transfer->reply.handshake == S0_SIM_GONE)
		return 0;
	switch (transfer->noise) {
	case SIM_NOISE_RETRY:
		return RETRY_TICKS * (1 + transfer->unheard);
	case SIM_NOISE_PROTO:
		end_as(sim, S0_SIM_ERROR);
		break;
	case SIM_NOISE_BABBLE:
		end_as(sim, S0_SIM_OVERFLOW);
		break;
	case SIM_NOISE_PIPE:
		end_as(sim, S0_SIM_STALL);
		break;
	case SIM_NOISE_SHORT:
		transfer->reply.length /= 2;
		break;
	case SIM_NOISE_RESET:
		end_as(sim, S0_SIM_GONE);
		break;
	default:
		end_as(sim, S0_SIM_SILENT);
	}
	return 0;
}
