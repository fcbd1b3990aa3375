/* SPDX-License-Identifier: MIT */
#include "made_up_chips.h"

#include <stdio.h>
#include <string.h>

/* What every one of them has. */
#define COMMON                                                                 \
	"usb = 0x0483 0xdf11 0 0 - # own\n"                                    \
	"turnaround_us = 250 # own\n"                                          \
	"mass_erase_us = 20000 # own\n"                                        \
	"mass_erase_max_us = 40000 # own\n"                                    \
	"word_us = 90 # own\n"                                                 \
	"uid_address = 0x1FFF7590 # own\n"                                     \
	"flash_size_address = 0x1FFF75E0 # own\n"                              \
	"version_address = 0x1FFF6FFE # own\n"                                 \
	"area = ram 0x20001000 0x1000 SRAM # own\n"                            \
	"area = system 0x1FFF0000 0x7600 System memory # own\n"                \
	"rom = 0x90 V9.0 0 - # own\n"                                          \
	"rom = 0x92 V9.2 0 - # own\n"                                          \
	"dumped = 0 # own\n"                                                   \
	"device_id = 0x001 # own\n"                                            \
	"title = A chip # own\n"

const char made_up_plain[] = /* halfwords, PGERR */
	"chip = stm32f0test\n" COMMON "flash_word = 2 # own\n"
	"align = 4 # own\n"
	"ecc = 0 # own\n"
	"erased = 0xff # own\n"
	"erase = 0x800 20000 40000 # own\n"
	"banks = one # own\n"
	"sizes = 16 32 # own\n"
	"shared_serial = FFFFFFFEFFFF # own\n"
	"layout = @Internal Flash  /0x08000000/016*0002Kg # own\n"
	"geometry = - 0 0 1 /0x08000000/016*0002Kg # own\n";

const char made_up_zeros[] = /* erased to 0; EEPROM */
	"chip = stm32l0test\n" COMMON "flash_word = 4 # own\n"
	"align = 8 # own\n"
	"ecc = 1 # own\n"
	"erased = 0x00 # own\n"
	"erase = 0x80 3280 3940 # own\n"
	"banks = half # own\n"
	"sizes = 192 # own\n"
	"layout = @Internal Flash  /0x08000000/1536*128g # own\n"
	"layout = @Data EEPROM  /0x08080000/2*3Ke # own\n"
	"geometry = - 0 0 2 /0x08000000/1536*128g # own\n";

const char made_up_refusing[] = /* double words, PROGERR; OTP */
	"chip = stm32g4test\n" COMMON "flash_word = 8 # own\n"
	"align = 8 # own\n"
	"ecc = 1 # own\n"
	"erased = 0xff # own\n"
	"erase = 0x800 20000 40000 # own\n"
	"banks = one # own\n"
	"sizes = 64 128 # own\n"
	"layout = @Internal Flash   /0x08000000/64*02Kg # own\n"
	"layout = @OTP Memory   /0x1FFF7000/01*1024 e # own\n"
	"geometry = - 0 0 1 /0x08000000/64*02Kg # own\n";

const char made_up_newest[] = /* CLRSTATUS in dfuERROR only */
	"chip = stm32c5test\n" COMMON "flash_word = 16 # own\n"
	"align = 16 # own\n"
	"ecc = 1 # own\n"
	"erased = 0xff # own\n"
	"erase = 0x2000 20000 40000 # own\n"
	"banks = half # own\n"
	"sizes = 256 # own\n"
	"quirk = clrstatus-stalls x # own\n"
	"quirk = leave-needs-address x # own\n"
	"layout = @Internal Flash   /0x08000000/32*08Kg # own\n"
	"geometry = - 0 0 2 /0x08000000/32*08Kg # own\n";

const char made_up_clone[] = /* the first sectors cannot be written */
	"chip = at32test\n" COMMON "flash_word = 4 # own\n"
	"align = 4 # own\n"
	"ecc = 0 # own\n"
	"erased = 0xff # own\n"
	"erase = 0x1000 20000 40000 # own\n"
	"banks = one # own\n"
	"sizes = 64 128 # own\n"
	"layout = @Internal Flash   /0x08000000/08*04Ka,24*04Kg # own\n"
	"geometry = - 0 0 1 /0x08000000/32*04Kg # own\n";

const char made_up_halved[] = /* pages half as long as it says */
	"chip = gd32test\n" COMMON "flash_word = 4 # own\n"
	"align = 4 # own\n"
	"ecc = 0 # own\n"
	"erased = 0xff # own\n"
	"erase = 0x400 20000 40000 # own\n"
	"banks = one # own\n"
	"sizes = 64 128 # own\n"
	"quirk = pages-half x # own\n"
	"layout = @Internal Flash  /0x08000000/64*002Kg # own\n"
	"geometry = - 0 0 1 /0x08000000/128*001Kg # own\n";

const char made_up_switched[] = /* two ways of its banks, and it says so */
	"option_set = main\n"
	"option_word = OPTR 0x00 0x00 0 0x004000ff 0x004000aa # own\n"
	"option = RDP OPTR 0 8 rdp read-protection 0 level # own\n"
	"option = DBANK OPTR 22 1 choice user 0 banks # own\n"
	"role = bank-mode # own\n"
	"value = 0 single - one # own\n"
	"value = 1 dual - two # own\n"
	"chip = stm32l5test\n" COMMON "flash_word = 8 # own\n"
	"align = 8 # own\n"
	"ecc = 1 # own\n"
	"erased = 0xff # own\n"
	"erase = 0x800 20000 40000 # own\n"
	"erase = 0x1000 20000 40000 # own\n"
	"banks = half # own\n"
	"sizes = 64 128 # own\n"
	"layout = @Internal Flash   /0x08000000/64*02Kg # own\n"
	"geometry = DBANK 1 0 2 /0x08000000/64*02Kg # own\n"
	"geometry = DBANK 0 0 1 /0x08000000/32*04Kg # own\n"
	"option_window = 0x40022040 16 # own\n"
	"options = main\n";

const char made_up_options[] = /* two windows, complements, protections */
	"option_set = main\n"
	"# words: own\n"
	"option_word = OPTR 0x00 0x00 ~0x04 0x000101ff 0x000001aa\n"
	"option_word = PCROP 0x08 0x08 ~0x0c 0x007f007f 0x0000007f\n"
	"option_word = WRP 0x10 0x10 ~bytes 0x000000ff 0xffffffff\n"
	"option_word = WRPA 0x18 0x18 ~halves 0x00007f7f 0xffff007f\n"
	"option_word = MORE 0x20 0x24 0 0x000000ff 0x00000012\n"
	"option = RDP OPTR 0 8 rdp read-protection 0 level\n"
	"option = IWDG_SW OPTR 8 1 choice user 0 watchdog\n"
	"role = watchdog\n"
	"value = 0 hardware - by itself\n"
	"value = 1 software - by firmware\n"
	"option = BFB2 OPTR 16 1 choice user 0 banks\n"
	"role = swap-banks\n"
	"value = 0 one - as they are\n"
	"value = 1 two - swapped\n"
	"option = PCROP_START PCROP 0 7 area-start pcrop 1 first\n"
	"option = PCROP_END PCROP 16 7 area-end pcrop 1 last\n"
	"option = NWRP WRP 0 8 sectors write-protection 0 sectors\n"
	"per = 4\n"
	"first = 0\n"
	"rest = 1\n"
	"option = WRPA_START WRPA 0 7 area-start write-protection 2 first\n"
	"option = WRPA_END WRPA 8 7 area-end write-protection 2 last\n"
	"option = MORE MORE 0 8 number user 0 more\n"
	"chip = stm32g4options\n" COMMON "flash_word = 8 # own\n"
	"align = 8 # own\n"
	"ecc = 1 # own\n"
	"erased = 0xff # own\n"
	"erase = 0x800 20000 40000 # own\n"
	"banks = half # own\n"
	"sizes = 128 # own\n"
	"layout = @Internal Flash   /0x08000000/64*02Kg # own\n"
	"layout = @Option Bytes   /0x1FFF7800/01*032 e/0x1FFFF800/01*008 e # "
	"own\n"
	"geometry = - 0 0 2 /0x08000000/64*02Kg # own\n"
	"option_window = 0x1FFF7800 32 # own\n"
	"option_window = 0x1FFFF800 8 # own\n"
	"options = main\n";

/* ---- a chip on the bench -------------------------------------------------- */

struct s0_chips *made_up_chips;

int made_up_forget(void **state)
{
	struct bench *bench = *state;

	s0_sim_free(bench->sim);
	bench->sim = NULL;
	s0_chips_free(made_up_chips);
	made_up_chips = NULL;
	return 0;
}

/* With keys behind a comma. */
struct bench *made_up_make(void **state, const char *text, const char *keys)
{
	struct bench *bench = *state;
	struct s0_error err = S0_ERROR_INIT;
	struct sim_config config;

	made_up_forget(state);
	if (s0_chips_parse("test.chip", text, strlen(text), &made_up_chips,
			   &err))
		fail_msg("%s", err.message);
	if (sim_config_parse_chip(s0_chips_at(made_up_chips, 0), keys, &config,
				  &err) ||
	    sim_create(&config, NULL, &bench->sim, &err))
		fail_msg("%s: %s", keys, err.message);
	return bench;
}
