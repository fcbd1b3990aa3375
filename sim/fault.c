/* SPDX-License-Identifier: MIT */
/* Faults to inject, each once, at a DFU class request. */
#include "sim/sim.h"

#include <string.h>

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

s0_sim_fault sim_fault_take(struct s0_sim *sim, uint64_t transfer)
{
	for (unsigned i = 0; i < SIM_FAULTS; i++)
		if (sim->faults[i].transfer == transfer) {
			sim->faults[i].transfer = 0;
			return sim->faults[i].fault;
		}
	return S0_SIM_FAULT_NONE;
}

/* The place of that transfer's fault, else a free one, else the first. */
static struct sim_fault_at *find_place(struct s0_sim *sim, uint64_t transfer)
{
	for (unsigned i = 0; i < SIM_FAULTS; i++)
		if (sim->faults[i].transfer == transfer)
			return &sim->faults[i];
	for (unsigned i = 0; i < SIM_FAULTS; i++)
		if (sim->faults[i].transfer == 0)
			return &sim->faults[i];
	return &sim->faults[0];
}

void s0_sim_fail_at(struct s0_sim *sim, uint64_t transfer, s0_sim_fault fault)
{
	if (transfer == 0)
		memset(sim->faults, 0, sizeof(sim->faults));
	else
		*find_place(sim, transfer) =
			(struct sim_fault_at){ transfer, fault };
}
