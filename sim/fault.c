/* SPDX-License-Identifier: MIT */
/* Faults to inject, each once, at a DFU class request. */
#include "sim/sim.h"

#include <string.h>

#include "base/error.h"
#include "sim/values.h"

/* "any" is one of that many. */
#define ANY_TRANSFER 100

static const char *const names[S0_SIM_FAULT_COUNT] = {
	[S0_SIM_FAULT_NONE] = "none",
	[S0_SIM_FAULT_STALL] = "stall",
	[S0_SIM_FAULT_SILENT] = "silent",
	[S0_SIM_FAULT_LOST_REPLY] = "lost-reply",
	[S0_SIM_FAULT_UNPLUG] = "unplug",
	[S0_SIM_FAULT_LIE] = "lie",
	[S0_SIM_FAULT_TORN] = "torn",
	[S0_SIM_FAULT_BROWN_OUT] = "brown-out",
	[S0_SIM_FAULT_HANG] = "hang",
	[S0_SIM_FAULT_NAK] = "nak",
	[S0_SIM_FAULT_SHORT] = "short",
	[S0_SIM_FAULT_REPLUG] = "replug",
	[S0_SIM_FAULT_CUT] = "cut",
	[S0_SIM_FAULT_BIT_ERROR] = "bit-error",
};

const char *s0_sim_fault_name(s0_sim_fault fault)
{
	return (unsigned)fault < S0_SIM_FAULT_COUNT ? names[fault] : "?";
}

bool sim_fault_parse(const char *word, size_t length, s0_sim_fault *ret_fault)
{
	for (unsigned i = 0; i < S0_SIM_FAULT_COUNT; i++)
		if (strlen(names[i]) == length &&
		    memcmp(names[i], word, length) == 0) {
			*ret_fault = (s0_sim_fault)i;
			return true;
		}
	return false;
}

/* "12", "erase3", "program3", "option1", "any" and "any200". */
static bool parse_where(const char *text, struct sim_fault_at *fault)
{
	static const struct {
		const char *word;
		enum sim_fault_where where;
		bool any;
	} words[] = { { "erase", SIM_AT_ERASE, false },
		      { "program", SIM_AT_PROGRAM, false },
		      { "option", SIM_AT_OPTION, false },
		      { "any", SIM_AT_TRANSFER, true } };

	fault->where = SIM_AT_TRANSFER;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i].word);

		if (strncmp(text, words[i].word, length) != 0)
			continue;
		fault->where = words[i].where;
		fault->any_number = words[i].any;
		text += length;
		break;
	}
	fault->number = ANY_TRANSFER;
	if (fault->any_number && *text == '\0')
		return true;
	return sim_value_number(text, 1, UINT64_MAX, &fault->number);
}

static bool parse_kind(const char *text, struct sim_fault_at *fault)
{
	fault->any_fault = strcmp(text, "any") == 0;
	return fault->any_fault ||
	       sim_fault_parse(text, strlen(text), &fault->fault);
}

static bool takes_argument(const struct sim_fault_at *fault)
{
	return fault->any_fault || fault->fault == S0_SIM_FAULT_NAK ||
	       fault->fault == S0_SIM_FAULT_SHORT ||
	       fault->fault == S0_SIM_FAULT_REPLUG ||
	       fault->fault == S0_SIM_FAULT_CUT ||
	       fault->fault == S0_SIM_FAULT_BIT_ERROR;
}

/* KIND@WHERE[:ARGUMENT] */
static bool parse_one(const char *word, size_t length,
		      struct sim_fault_at *ret_fault)
{
	char text[64];
	char *where, *argument;
	uint64_t number;

	memset(ret_fault, 0, sizeof(*ret_fault));
	ret_fault->argument = SIM_NO_ARGUMENT;
	if (length >= sizeof(text))
		return false;
	memcpy(text, word, length);
	text[length] = '\0';
	where = strchr(text, '@');
	if (!where)
		return false;
	*where++ = '\0';
	argument = strchr(where, ':');
	if (argument) {
		*argument++ = '\0';
		if (!sim_value_number(argument, 0, SIM_NO_ARGUMENT - 1,
				      &number))
			return false;
		ret_fault->argument = (uint32_t)number;
	}
	return parse_kind(text, ret_fault) && parse_where(where, ret_fault) &&
	       (!argument || takes_argument(ret_fault));
}

bool sim_fault_parse_list(const char *value, struct sim_fault_at *faults)
{
	size_t count = 0;

	while (count < SIM_FAULTS) {
		size_t length = strcspn(value, "+");

		if (!parse_one(value, length, &faults[count++]))
			return false;
		if (value[length] == '\0')
			return true;
		value += length + 1;
	}
	return false;
}

/* Of its own, so that a choice depends on the seed alone. */
static uint64_t choice(uint64_t seed, uint64_t nth)
{
	uint64_t z = (seed + nth) * 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 32) * 0xd6e8feb86659fd93u;
	z = (z ^ z >> 32) * 0xd6e8feb86659fd93u;
	return z ^ z >> 32;
}

static void choose(const struct s0_sim *sim, struct sim_fault_at *fault,
		   unsigned nth)
{
	uint64_t kind = choice(sim->config.seed, 2 * nth + 1);
	uint64_t number = choice(sim->config.seed, 2 * nth + 2);

	if (fault->any_fault)
		fault->fault =
			(s0_sim_fault)(1 + kind % (S0_SIM_FAULT_COUNT - 1));
	if (fault->any_number)
		fault->number = 1 + number % fault->number;
	fault->any_fault = false;
	fault->any_number = false;
}

void sim_fault_choose(struct s0_sim *sim)
{
	for (unsigned i = 0; i < SIM_FAULTS; i++)
		choose(sim, &sim->faults[i], i);
}

bool sim_fault_take(struct s0_sim *sim, enum sim_fault_where where,
		    uint64_t number, struct sim_fault_at *ret_fault)
{
	for (unsigned i = 0; i < SIM_FAULTS; i++) {
		struct sim_fault_at *fault = &sim->faults[i];

		if (fault->number != number || fault->where != where)
			continue;
		*ret_fault = *fault;
		fault->number = 0;
		return true;
	}
	return false;
}

/* The place of that transfer's fault, else a free one, else the first. */
void sim_fault_add(struct s0_sim *sim, const struct sim_fault_at *fault)
{
	struct sim_fault_at *place = NULL;

	for (unsigned i = SIM_FAULTS; i-- > 0;)
		if (sim->faults[i].number == 0)
			place = &sim->faults[i];
	for (unsigned i = 0; i < SIM_FAULTS; i++)
		if (sim->faults[i].number == fault->number &&
		    sim->faults[i].where == fault->where)
			place = &sim->faults[i];
	*(place ? place : &sim->faults[0]) = *fault;
}

void s0_sim_fail_at(struct s0_sim *sim, uint64_t transfer, s0_sim_fault fault)
{
	struct sim_fault_at at = { .number = transfer,
				   .fault = fault,
				   .argument = SIM_NO_ARGUMENT };

	if (transfer == 0)
		memset(sim->faults, 0, sizeof(sim->faults));
	else
		sim_fault_add(sim, &at);
}

s0_code s0_sim_inject(struct s0_sim *sim, const char *faults,
		      struct s0_error *err)
{
	struct sim_fault_at list[SIM_FAULTS];

	memset(list, 0, sizeof(list));
	if (!sim_fault_parse_list(faults, list))
		return error_set(err, S0_E_USAGE,
				 "'%.60s' is no list of faults; one is "
				 "KIND@K, KIND@eraseK, KIND@programK, "
				 "KIND@optionK or KIND@any, with :ARGUMENT "
				 "behind it or not",
				 faults);
	for (unsigned i = 0; i < SIM_FAULTS && list[i].number != 0; i++) {
		choose(sim, &list[i], i);
		sim_fault_add(sim, &list[i]);
	}
	return S0_OK;
}
