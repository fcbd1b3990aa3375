/* SPDX-License-Identifier: MIT */
/*
 * The option bytes of an F405, 16 bytes at 0x1FFFC000 (RM0090 chapter 3): USER
 * and RDP in the first halfword, nWRP in the one at 8. What RM0090 calls
 * reserved reads as ones here (inferred).
 */
#include "sim/options.h"

#include "base/bytes.h"

/* nRST_STDBY, nRST_STOP, WDG_SW; BOR off; bits 4, 1 and 0 are not kept. */
#define USER_FACTORY 0xefu
/* BOR_LEV counts down: 3 is off. */
#define BOR_LEV_SHIFT 2
#define WDG_SW	      (1u << 5)
#define SECTORS	      0x0fffu
/* BOOT0 high with BOOT1 low is system memory, BOOT0 low is the flash. */
#define BOOT_PINS 0x1fff0800u

void sim_options_f405_factory(const struct s0_sim *sim,
			      struct sim_option_set *cur)
{
	static const uint32_t rdp[] = { 0xaa, 0xbb, 0xcc };

	cur->optsr = USER_FACTORY | rdp[sim->config.rdp] << 8;
	cur->optsr ^= sim->config.bor << BOR_LEV_SHIFT;
	if (sim->config.watchdog == SIM_DOG_HARDWARE)
		cur->optsr &= ~WDG_SW;
	cur->boot = BOOT_PINS;
	for (unsigned bank = 0; bank < 2; bank++) {
		cur->prar[bank] = SIM_AREA_NONE;
		cur->scar[bank] = SIM_AREA_NONE;
		cur->wpsn[bank] = SECTORS;
	}
	cur->wpsn[0] &= ~sim->config.wrp;
}

unsigned sim_options_f405_bor(uint32_t optsr)
{
	return ~optsr >> BOR_LEV_SHIFT & 3;
}

bool sim_options_f405_watchdog(uint32_t optsr)
{
	return (optsr & WDG_SW) == 0;
}

uint32_t sim_options_f405_register(const struct s0_sim *sim, uint32_t offset)
{
	const struct sim_option_set *cur = &sim->options.cur;

	switch (offset) {
	case 0:
		return 0xffff0000u | (cur->optsr & 0xffff);
	case 8:
		return 0xffff0000u | (cur->wpsn[0] & SECTORS);
	default:
		return 0xffffffffu;
	}
}

void sim_options_f405_take(struct s0_sim *sim, const uint8_t *window)
{
	struct sim_option_set *prg = &sim->options.prg;

	prg->optsr = get_le16(window);
	prg->wpsn[0] = get_le16(window + 8) & SECTORS;
}
