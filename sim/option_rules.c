/* SPDX-License-Identifier: MIT */
/*
 * Which changes of the option bytes the flash takes (RM0399 4.4.3, "changing
 * security option bytes"). One that it does not take is rejected as a whole.
 */
#include "sim/options.h"

bool sim_options_regress(const struct s0_sim *sim)
{
	const struct sim_options *options = &sim->options;

	if (sim_is(sim->chip, SIM_DATA))
		return sim_options_data_level(sim, &options->words) == 1 &&
		       sim_options_data_level(sim, &options->asked) == 0;
	return sim_options_level(sim->options.cur.optsr) == 1 &&
	       sim_options_level(sim->options.prg.optsr) == 0;
}

static bool only_swap_changes(const struct sim_option_set *cur,
			      const struct sim_option_set *prg)
{
	for (unsigned bank = 0; bank < 2; bank++)
		if (cur->prar[bank] != prg->prar[bank] ||
		    cur->scar[bank] != prg->scar[bank] ||
		    cur->wpsn[bank] != prg->wpsn[bank])
			return false;
	return cur->boot == prg->boot &&
	       (cur->optsr & ~SIM_OPT_SWAP) == (prg->optsr & ~SIM_OPT_SWAP);
}

static bool shrinks(uint32_t cur, uint32_t prg)
{
	struct sim_area old = sim_area_of(cur), new = sim_area_of(prg);

	return old.on &&
	       (!new.on || new.first > old.first || new.last < old.last);
}

/* An area may be lifted together with what is in it, and only so. */
static bool area_legal(uint32_t cur, uint32_t prg, bool regression)
{
	if (regression && (cur | prg) & SIM_AREA_DME)
		return true;
	if (cur & ~prg & SIM_AREA_DME)
		return false;
	return !shrinks(cur, prg);
}

/* With secure mode on the bootloader is not who may move secure areas. */
static bool secure_area_legal(const struct s0_sim *sim, unsigned bank,
			      bool regression)
{
	uint32_t cur = sim->options.cur.scar[bank];
	uint32_t prg = sim->options.prg.scar[bank];

	if (!regression && cur & ~prg & SIM_AREA_DME)
		return false;
	if (!sim->options.secure || (regression && (cur | prg) & SIM_AREA_DME))
		return true;
	return ((cur ^ prg) & ~SIM_AREA_DME) == 0;
}

/* From on to off: nothing is left to be secured, or it goes too. */
static bool security_falls(const struct s0_sim *sim, bool regression)
{
	const struct sim_option_set *cur = &sim->options.cur;
	const struct sim_option_set *prg = &sim->options.prg;

	for (unsigned bank = 0; bank < 2; bank++) {
		bool dmep = (cur->prar[bank] | prg->prar[bank]) & SIM_AREA_DME;
		bool dmes = (cur->scar[bank] | prg->scar[bank]) & SIM_AREA_DME;

		if ((sim_area_of(cur->prar[bank]).on &&
		     !(regression && dmep)) ||
		    (sim_area_of(cur->scar[bank]).on && !(regression && dmes)))
			return false;
	}
	return true;
}

static bool security_legal(const struct s0_sim *sim, bool regression)
{
	uint32_t cur = sim->options.cur.optsr, prg = sim->options.prg.optsr;

	if (!((cur ^ prg) & SIM_OPT_SECURITY))
		return true;
	if (sim->config.security == SIM_SECURITY_NONE)
		return false;
	return prg & SIM_OPT_SECURITY || security_falls(sim, regression);
}

bool sim_options_legal(const struct s0_sim *sim)
{
	const struct sim_option_set *cur = &sim->options.cur;
	const struct sim_option_set *prg = &sim->options.prg;
	bool regression = sim_options_regress(sim);

	/* Of the others only what level 2 does is known. */
	if (sim_is(sim->chip, SIM_DATA))
		return sim_options_rdp(sim) < 2 || !sim_options_asked(sim);
	if (sim_options_level(cur->optsr) == 2)
		return only_swap_changes(cur, prg);
	for (unsigned bank = 0; bank < 2; bank++)
		if (!area_legal(cur->prar[bank], prg->prar[bank], regression) ||
		    !secure_area_legal(sim, bank, regression))
			return false;
	return security_legal(sim, regression);
}
