/* SPDX-License-Identifier: MIT */
/* The option registers of an H743, as the window over DFU shows them (fact
 * sheet 2.5). */
#include "sim/options.h"

#include "base/bytes.h"

/* Window offsets; bank 2's own set lies 0x100 higher. */
enum {
	OPTSR_CUR = 0x00,
	OPTSR_PRG = 0x04,
	OPTCCR = 0x08,
	PRAR_CUR = 0x0c,
	PRAR_PRG = 0x10,
	SCAR_CUR = 0x14,
	SCAR_PRG = 0x18,
	WPSN_CUR = 0x1c,
	WPSN_PRG = 0x20,
	BOOT_CUR = 0x24,
	BOOT_PRG = 0x28,
	BANK_2 = 0x100
};

#define RDP_SHIFT 8
#define RDP_MASK  0x0000ff00u
/* 0 is off, and so it is in both factory values. */
#define BOR_LEV_SHIFT  2
#define IWDG1_SW       (1u << 4)
#define OPT_CHANGE_ERR (1u << 30)
/* BOR_LEV, IWDG1_SW, NRST_STOP/STBY_D1, RDP, FZ_IWDG_*, ST_RAM_SIZE, SECURITY,
 * IO_HSLV, SWAP_BANK_OPT; the rest keeps its value. */
#define OPTSR_WRITABLE 0xa03effdcu

#define WPSN_FACTORY 0x000000ffu

static uint32_t first_optsr(const struct s0_sim *sim)
{
	static const uint32_t rdp[] = { 0xaa, 0xbb, 0xcc };
	const struct sim_config *config = &sim->config;
	uint32_t optsr = config->optsr & ~RDP_MASK;

	optsr |= rdp[config->rdp] << RDP_SHIFT;
	optsr |= config->bor << BOR_LEV_SHIFT;
	if (config->watchdog == SIM_DOG_HARDWARE)
		optsr &= ~IWDG1_SW;
	if (config->security == SIM_SECURITY_ON)
		optsr |= SIM_OPT_SECURITY;
	if (config->swap)
		optsr |= SIM_OPT_SWAP;
	return optsr;
}

void sim_options_h743_factory(const struct s0_sim *sim,
			      struct sim_option_set *cur)
{
	cur->optsr = first_optsr(sim);
	cur->boot = sim->config.boot_add1 << 16 | sim->config.boot_add0;
	for (unsigned bank = 0; bank < 2; bank++) {
		uint32_t protect = sim->config.wrp >> (bank * 8) & 0xff;

		cur->prar[bank] = sim->config.pcrop[bank];
		cur->scar[bank] = sim->config.secure[bank];
		cur->wpsn[bank] = WPSN_FACTORY & ~protect;
	}
}

unsigned sim_options_h743_bor(uint32_t optsr)
{
	return optsr >> BOR_LEV_SHIFT & 3;
}

bool sim_options_h743_watchdog(uint32_t optsr)
{
	return (optsr & IWDG1_SW) == 0;
}

/* RM0399, "configuration and option byte register swapping": the first set is
 * always of the bank at 0x08000000. */
static unsigned bank_of_set(const struct s0_sim *sim, unsigned set)
{
	return sim->array.swapped ? !set : set;
}

uint32_t sim_options_h743_register(const struct s0_sim *sim, uint32_t offset)
{
	const struct sim_options *options = &sim->options;
	unsigned bank = bank_of_set(sim, offset >= BANK_2);

	switch (offset % BANK_2) {
	case OPTSR_CUR:
		return options->cur.optsr |
		       (options->change_error ? OPT_CHANGE_ERR : 0);
	case OPTSR_PRG:
		return options->prg.optsr;
	case PRAR_CUR:
		return options->cur.prar[bank];
	case PRAR_PRG:
		return options->prg.prar[bank];
	case SCAR_CUR:
		return options->cur.scar[bank];
	case SCAR_PRG:
		return options->prg.scar[bank];
	case WPSN_CUR:
		return options->cur.wpsn[bank];
	case WPSN_PRG:
		return options->prg.wpsn[bank];
	case BOOT_CUR:
		return options->cur.boot;
	case BOOT_PRG:
		return options->prg.boot;
	default:
		return 0;
	}
}

/* AN2606: ROMs before V9.1 cannot switch PCROP off again. */
static bool can_set_pcrop(const struct s0_sim *sim, unsigned bank,
			  uint32_t area)
{
	uint32_t old = sim->options.cur.prar[bank];

	return !sim_area_of(old).on || sim_area_of(area).on ||
	       sim->config.rom == 0x91 || sim->config.rom == 0x92;
}

/* Bank 2's mirrors of the common registers are not taken: a host that edits
 * the first copy and sends the window back would otherwise undo itself. */
void sim_options_h743_take(struct s0_sim *sim, const uint8_t *window)
{
	struct sim_option_set *prg = &sim->options.prg;

	if (get_le32(window + OPTCCR) & OPT_CHANGE_ERR)
		sim->options.change_error = false;
	prg->optsr = (get_le32(window + OPTSR_PRG) & OPTSR_WRITABLE) |
		     (sim->options.cur.optsr & ~OPTSR_WRITABLE);
	prg->boot = get_le32(window + BOOT_PRG);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *set = window + i * BANK_2;
		unsigned bank = bank_of_set(sim, i);

		if (can_set_pcrop(sim, bank, get_le32(set + PRAR_PRG)))
			prg->prar[bank] =
				get_le32(set + PRAR_PRG) & 0x8fff0fffu;
		prg->scar[bank] = get_le32(set + SCAR_PRG) & 0x8fff0fffu;
		prg->wpsn[bank] = get_le32(set + WPSN_PRG) & 0xffu;
	}
}
