/* SPDX-License-Identifier: MIT */
#include "chip_file_help.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A family of two chips that has everything once. */
const char chip_file_good[] =
	"# A family\n"
	"source = RM1 document Reference manual, rev 1\n"
	"source = OPEN open someone/something a.h\n"
	"\n"
	"usb = 0x0483 0xdf11 0x0200 1024 DFU  in FS Mode # field: a dump\n"
	"flash_word = 8    # RM1 table 3\n"
	"align = 8         # RM1\n"
	"ecc = 1           # RM1\n"
	"erased = 0xff     # OPEN\n"
	"dumped = 1        # field\n"
	"# times of erasing: RM1, typical ones own\n"
	"erase = 0x800 20000 40000\n"
	"erase = 0x1000 22000 44000 # unverified\n"
	"mass_erase_us = 20000\n"
	"mass_erase_max_us = 40000\n"
	"\n"
	"word_us = 90      # OPEN; RM1\n"
	"turnaround_us = 250 # own reckoning\n"
	"uf2_family = 0x1b57745f # OPEN\n"
	"uid_address = 0x1FFF7590 # RM1\n"
	"flash_size_address = 0x1FFF75E0 # RM1\n"
	"version_address = 0x1FFF6FFE # RM1\n"
	"option_window = 0x1FFF7800 40 # RM1\n"
	"shared_serial = 123456 # field\n"
	"\n"
	"option_set = main\n"
	"# words: RM1\n"
	"option_word = OPTR 0x00 0x00 ~0x04 0x00c001ff 0x00c001aa\n"
	"option_word = WRP 0x08 0x10 0 0x00ff00ff 0x000000ff\n"
	"option_busy = 0x20 3\n"
	"option_error = 0x20 5\n"
	"option_clear = 0x24 5\n"
	"option = RDP OPTR 0 8 rdp read-protection 0 level\n"
	"option = SW OPTR 8 1 choice user 0 who starts it\n"
	"alias = IWDG_SW DOG\n"
	"role = watchdog\n"
	"guard = boot\n"
	"only = larger parts\n"
	"value = 0 hardware - by itself\n"
	"value = 1 - low-voltage by firmware\n"
	"option = DUAL OPTR 22 1 choice user 0 banks\n"
	"role = bank-mode\n"
	"value = 0 single erase one\n"
	"value = 1 dual erase two\n"
	"option = SPARE OPTR 23 1 number user 0 spare\n"
	"option = WRP1_START WRP 0 8 area-start write-protection 1 first page\n"
	"equal = whole\n"
	"option = WRP1_END WRP 16 8 area-end write-protection 1 last page\n"
	"\n"
	"option_set = more\n"
	"option_word = BITS 0x18 0x18 ~bytes 0x00ff00ff 0xff00ff00 # RM1\n"
	"option = NWRP BITS 0 8 sectors write-protection 1 sectors # RM1\n"
	"per = 2 # RM1\n"
	"first = 4 # RM1\n"
	"rest = 1 # RM1\n"
	"when = DUAL 0 # RM1\n"
	"option = PCROP BITS 0 8 sectors pcrop 1 sectors # RM1\n"
	"protects = 1 # RM1\n"
	"when = DUAL 1 # RM1\n"
	"option = BOOT BITS 16 8 boot boot-address 0 place # RM1\n"
	"unit = 0x10000 # RM1\n"
	"\n"
	"chip = stm32x100\n"
	"aliases = x100 stm32x101\n"
	"title = STM32X100/101 # RM1\n"
	"device_id = 0x415 # OPEN, RM1\n"
	"layout = @Internal Flash  /0x08000000/0128*0002Kg # field\n"
	"layout = @Option Bytes  /0x1FFF7800/01*040 e # field\n"
	"geometry = DUAL 1 0 2 /0x08000000/128*02Kg # RM1\n"
	"geometry = DUAL 0 0 1 /0x08000000/64*04Kg # RM1\n"
	"geometry = DUAL 0 64 1 /0x08000000/16*4Kg # RM1\n"
	"banks = half # RM1\n"
	"sizes = 64 256 # RM1\n"
	"area = ram 0x20001000 0x1000 SRAM 1 # inferred: RM1 says nothing\n"
	"area = bootloader-ram 0x20000000 0x1000 SRAM # inferred\n"
	"area = system 0x1FFF0000 0x7000 System memory # RM1\n"
	"area = otp 0x1FFF7000 0x400 OTP # RM1\n"
	"area = eeprom 0x08080000 0x400 EEPROM # RM1\n"
	"options = main more\n"
	"rom = 0x91 V9.1 0x08010000 two words # RM1\n"
	"rom = 0xA2 V10.2 0 - # RM1\n"
	"no_mass_erase = 0xa2 # RM1\n"
	"stack_gap = 0x91 16 # RM1\n"
	"quirk = same-names two of them # field\n"
	"quirk = pages-half really # field\n"
	"\n"
	"chip = stm32x200\n"
	"title = STM32X200 # RM1\n"
	"device_id = 0x416 # RM1\n"
	"usb = 0x0483 0xdf11 0 0 - # unverified\n"
	"flash_word = 16 # RM1\n"
	"align = 4 # RM1\n"
	"dumped = 0 # inferred\n"
	"layout = @Internal Flash /0x08000000/02*002Kg # inferred\n"
	"geometry = - 0 0 2 /0x08000000/1*2Kg/0x08002000/1*2Kg # RM1\n"
	"banks = fixed 0x08002000 # RM1\n"
	"sizes = 4 # RM1\n";

s0_code chip_file_parse(const char *text, struct s0_chips **ret_chips,
			struct s0_error *err)
{
	return s0_chips_parse("some/stm32x.chip", text, strlen(text), ret_chips,
			      err);
}

/* The good file with one change; NULL old: something behind it. To be freed. */
char *chip_file_changed(const char *old, const char *new)
{
	const char *at = old ? strstr(chip_file_good, old)
			     : chip_file_good + strlen(chip_file_good);
	size_t room = sizeof chip_file_good + strlen(new) + 2;
	char *text = malloc(room);

	assert_non_null(text);
	if (!at)
		print_error("# not in the good file: %s\n", old);
	assert_non_null(at);
	(void)snprintf(text, room, "%.*s%s%s", (int)(at - chip_file_good),
		       chip_file_good, new, old ? at + strlen(old) : "\n");
	return text;
}

void expect_refused(const char *old, const char *new, const char *words)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_chips *chips = NULL;
	char *text = chip_file_changed(old, new);

	if (chip_file_parse(text, &chips, &err) != S0_E_FORMAT ||
	    !strstr(err.message, words))
		print_error("# '%s' for '%s': expected '%s', got '%s'\n", new,
			    old ? old : "(the end)", words, err.message);
	assert_int_equal(err.code, S0_E_FORMAT);
	assert_null(chips);
	assert_non_null(strstr(err.message, words));
	assert_ptr_equal(strstr(err.message, "some/stm32x.chip:"), err.message);
	free(text);
}

struct s0_chips *good_chips(void)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_chips *chips = NULL;

	if (chip_file_parse(chip_file_good, &chips, &err) != S0_OK)
		print_error("# %s\n", err.message);
	assert_non_null(chips);
	return chips;
}
