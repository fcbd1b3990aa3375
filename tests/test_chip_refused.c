/* SPDX-License-Identifier: MIT */
/* Files of chips that cannot be are refused, with the place: each is the good
 * file with a change in one place. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sector0/chips.h>

#include "chip_file_help.h"

/* ---- what is refused ----------------------------------------------------- */

static void lines_that_say_nothing_are_refused(void **s)
{
	static const struct refusal list[] = {
		{ "align = 8 ", "align 8 ", ":7:1: expected 'key = value'" },
		{ "align = 8 ", "align = ", ":7:17: expected 'key = value'" },
		{ "align = 8 ", "  alien = 8 ", ":7:3: unknown key 'alien'" },
		{ "align = 8 ", "align = 8 9 ",
		  ":7:11: '9' is too much, expected 'number'" },
		{ "align = 8 ", "align = 8\1 ",
		  ":7:10: a control character, expected text" },
		{ "align = 8 ", "flash_word = 4 ",
		  ":7:1: 'flash_word' is there already" },
		{ NULL, "dumped = 0 # RM1", "'dumped' is there already" },
		{ "flash_word = 8 ", "flash_word = eight ",
		  ":6:14: 'eight' is not a number" },
		{ "erased = 0xff", "erased = 0xfg",
		  ":9:10: '0xfg' is not a number" },
		{ "erased = 0xff", "erased = 0x",
		  ":9:10: '0x' is not a number" },
		{ "erased = 0xff", "erased = 256",
		  ":9:10: 256 is out of range, 0 to 255" },
		{ "erased = 0xff", "erased = -1",
		  ":9:10: '-1' is not a number" },
		{ "word_us = 90", "word_us = 4294967296",
		  ":17:11: 4294967296 is out of range" },
		{ "word_us = 90", "word_us = 99999999999999999999999999",
		  "is out of range" },
	};
	struct s0_error err = S0_ERROR_INIT;
	struct s0_chips *chips = NULL;

	(void)s;
	EXPECT_REFUSED(list);
	assert_int_equal(s0_chips_parse("a", "", 0, &chips, &err), S0_E_FORMAT);
	assert_string_equal(err.message, "a:1:1: 0 chips, expected 1 to 128, "
					 "each begun by 'chip = NAME'");
	assert_int_equal(s0_chips_parse("a", "x\0y", 3, &chips, NULL),
			 S0_E_FORMAT);
}

static void what_is_missing_is_named(void **s)
{
	static const char *const keys[] = { "title",	  "device_id", "layout",
					    "geometry",	  "banks",     "sizes",
					    "flash_word", "align",     "dumped",
					    "usb",	  NULL };

	(void)s;
	/* Of the second chip, whose lines come last. */
	for (size_t i = 0; keys[i]; i++) {
		const char *at = strstr(
			strstr(chip_file_good, "chip = stm32x200"), keys[i]);
		char old[120], words[80];

		(void)snprintf(old, sizeof old, "%.*s",
			       (int)(strchr(at, '\n') - at), at);
		(void)snprintf(words, sizeof words,
			       "'%s' is missing in chip 'stm32x200'", keys[i]);
		/* Those that the family has too are taken from there. */
		if (strncmp(keys[i], "flash_word", 10) != 0 &&
		    strcmp(keys[i], "align") != 0 &&
		    strcmp(keys[i], "dumped") != 0 &&
		    strcmp(keys[i], "usb") != 0)
			expect_refused(old, "", words);
	}
	expect_refused("ecc = 1  ", "#",
		       ":63:1: 'ecc' is missing in chip 'stm32x100'");
	expect_refused("turnaround_us = 250", "#",
		       "'turnaround_us' is missing in chip");
}

static void a_value_without_a_source_is_refused(void **s)
{
	static const struct refusal list[] = {
		{ "align = 8         # RM1", "align = 8",
		  ":7:1: 'align' names no source" },
		{ "align = 8         # RM1", "align = 8 #",
		  ":7:1: 'align' names no source" },
		{ "align = 8         # RM1", "align = 8 # RM2 table 1",
		  ":7:1: 'RM2' is no declared source" },
		{ "align = 8         # RM1", "align = 8 # says RM1",
		  ":7:1: 'says' is no declared source" },
		{ "own\n", "own\n\n", ":13:1: 'erase' names no source" },
		{ "times of erasing: RM1", "times of erasing, RM1",
		  ":12:1: 'erase' names no source" },
		{ "# words: RM1", "# RM1: words",
		  "'words' is no declared source" },
		{ "\n\nusb", "\nsource = RM9 document nobody's\n\nusb",
		  ":4:1: source 'RM9' is used nowhere" },
		{ "\n\nusb", "\nsource = RM1 open the other\n\nusb",
		  ":4:10: 'RM1' is declared already" },
		{ "\n\nusb", "\nsource = field open the other\n\nusb",
		  ":4:10: 'field' is declared already" },
		{ "\n\nusb", "\nsource = RM9 book the other\n\nusb",
		  ":4:14: unknown kind 'book', expected document, open, " },
		{ "\n\nusb", "\nsource = RM9 open\n\nusb",
		  ":4:18: expected 'key kind text'" },
		{ "\n\nusb", "\nsource = R,9 open x\n\nusb",
		  ":4:10: 'R,9' is no key" },
	};

	(void)s;
	EXPECT_REFUSED(list);
}

static void what_has_no_place_is_refused(void **s)
{
	static const struct refusal list[] = {
		{ "align = 8 ", "title = X # RM1\nalign = 8 ",
		  ":7:1: 'title' has no place in a family's head" },
		{ NULL, "source = X open x",
		  "'source' has no place in a chip's section" },
		{ NULL, "option = X OPTR 31 1 number user 0 x # RM1",
		  "'option' has no place in a chip's section" },
		{ "option_set = more", "option_set = more\nalign = 4 # RM1",
		  ":51:1: 'align' has no place in a set of options" },
		{ "option_set = more", "option_set = main",
		  ":50:14: 'main' is there already" },
		{ "option_set = more", "option_set = More",
		  ":50:14: 'More' is no name" },
		{ NULL, "option_set = late",
		  "a set of options behind the first chip" },
		{ "option = RDP", "value = 0 - - x\noption = RDP",
		  ":33:1: 'value' belongs to no option" },
		{ "option_busy", "role = watchdog\noption_busy",
		  ":30:1: 'role' belongs to no option" },
		{ "chip = stm32x200", "chip = stm32x100",
		  "'stm32x100' is there already" },
		{ "chip = stm32x200", "chip = stm32-x",
		  ":87:8: 'stm32-x' is no name" },
		{ "chip = stm32x200", "chip = 32x", "'32x' is no name" },
		{ "chip = stm32x200", "chip = a b", "'b' is too much" },
		{ "options = main more", "options = main less",
		  ":79:16: unknown set of options 'less'" },
		{ "options = main more", "options = main main",
		  ":79:16: 'main' is there already" },
		{ "options = main more", "options = main",
		  ":50:1: no chip takes the options 'more'" },
	};

	(void)s;
	EXPECT_REFUSED(list);
}

static void names_are_of_one_chip(void **s)
{
	static const struct refusal list[] = {
		{ "aliases = x100", "aliases = X100",
		  ":64:11: 'X100' is no name" },
		{ "aliases = x100", "aliases = stm32x100",
		  ":64:11: 'stm32x100' is there already" },
		{ "aliases = x100", "aliases = stm32x101",
		  ":64:21: 'stm32x101' is there already" },
		{ "aliases = x100", "aliases = stm32x200",
		  ":87:1: 'stm32x200' is of two chips, 'stm32x100' and" },
		{ "chip = stm32x200", "chip = stm32x200\naliases = x100",
		  "'x100' is of two chips" },
		{ "device_id = 0x416", "device_id = 0x415",
		  ":87:1: 'device_id' is of two chips" },
	};
	struct s0_chips *a = good_chips(), *b = good_chips();

	(void)s;
	EXPECT_REFUSED(list);
	assert_string_equal(
		s0_chips_clash(s0_chips_at(a, 0), s0_chips_at(b, 0)),
		"device_id");
	assert_null(s0_chips_clash(s0_chips_at(a, 0), s0_chips_at(b, 1)));
	s0_chips_free(a);
	s0_chips_free(b);
}

static void numbers_that_cannot_be_are_refused(void **s)
{
	static const struct refusal list[] = {
		{ "flash_word = 8 ", "flash_word = 24 ",
		  ":6:14: a flash word of 24 bytes" },
		{ "flash_word = 8 ", "flash_word = 512 ",
		  ":6:14: 512 is out of range" },
		{ "flash_word = 8 ", "flash_word = 0 ", "0 is out of range" },
		{ "align = 8 ", "align = 12 ", ":7:9: aligned at 12 bytes" },
		{ "0x800 20000 40000", "0x800 20000 10000",
		  ":12:9: the typical erase is longer than the maximum" },
		{ "0x800 20000 40000", "0x800 0 10000", "0 is out of range" },
		{ "erase = 0x800", "erase = 0x1000",
		  ":13:9: sector sizes do not rise" },
		{ "0x800 20000 40000", "0x800 20000",
		  "expected 'sector_bytes typical_us max_us'" },
		{ "erase = 0x800 20000 40000\n", "",
		  "no 'erase' of a sector of 2048 bytes" },
		{ "mass_erase_us = 20000", "mass_erase_us = 50000",
		  ":14:17: the typical mass erase is longer than" },
		{ "uf2_family = 0x1b57745f", "uf2_family = 0",
		  "0 is out of range" },
		{ "uf2_family = 0x1b57745f", "uf2_family = 0x11b57745f",
		  "0x11b57745f is out of range" },
		{ "device_id = 0x415", "device_id = 0x10415",
		  "0x10415 is out of range" },
		{ "ecc = 1", "ecc = 2", "2 is out of range, 0 to 1" },
		{ "0x0483 0xdf11 0x0200 1024 DFU  in FS Mode",
		  "0x0483 0xdf11 0x0200 1024",
		  "expected 'vendor product bcd transfer_size name'" },
		{ "usb = 0x0483", "usb = 0x10483", "0x10483 is out of range" },
	};

	(void)s;
	EXPECT_REFUSED(list);
}

static void layouts_that_cannot_be_are_refused(void **s)
{
	static const struct refusal list[] = {
		{ "layout = @Internal Flash  /0x08000000/0128*0002Kg",
		  "layout = Internal Flash", ":67:10: memory layout" },
		{ "layout = @Option Bytes  /0x1FFF7800/",
		  "layout = @Option Bytes  /0x08000000/", "overlaps" },
		{ "/0x08000000/64*04Kg", "/0x08000000/64*04K",
		  ":70:23: memory layout" },
		{ "/0x08000000/64*04Kg", "/0x08000000/63*04Kg",
		  "sectors of 258048 bytes together, expected 256 KiB" },
		{ "/0x08000000/64*04Kg", "/0x08001000/64*04Kg",
		  "sectors at 0x8001000, expected them at 0x8000000" },
		{ "/0x08000000/64*04Kg",
		  "/0x08000000/32*04Kg/0x08040000/32*04Kg",
		  "sectors at 0x8040000, expected them at 0x8020000" },
		{ "/0x08000000/64*04Kg", "/0x08000000/01*02Kg,63*04Kg,01*02Kg",
		  "a sector of 4096 bytes at 0x8000800 is not aligned" },
		{ "/0x08000000/1*2Kg/", "/0x08000100/1*2Kg/",
		  ":95:12: a sector of 2048 bytes at 0x8000100 is not "
		  "aligned" },
		{ "/0x08000000/64*04Kg", "/0x08000000/1*4Kg/0x08000000/63*04Kg",
		  "overlaps sectors before at 0x08000000" },
		{ "2 /0x08000000/1*2Kg", "2 /0x08000000/256*008Bg",
		  "a sector of 8 bytes is no whole number of flash words" },
		{ "/0x08002000/1*2Kg", "/0x08003000/1*2Kg",
		  "sectors at 0x8003000, expected them at 0x8000800" },
		{ "banks = fixed 0x08002000", "banks = fixed 0x08001000",
		  "sectors at 0x8002000, expected them at 0x8000800" },
		{ "/0x08000000/1*2Kg/0x08002000/1*2Kg", "/0x08000000/2*2Kg",
		  "no sector starts where bank 2 does, at 0x8002000" },
		{ "banks = fixed 0x08002000", "banks = one",
		  "sectors at 0x8002000" },
		{ "banks = half", "banks = one",
		  "two banks, and 'banks' says one" },
		{ "banks = half", "banks = two",
		  ":72:9: unknown bank rule 'two', expected one, fixed, half" },
		{ "banks = half", "banks = fixed", "expected 'one, half or" },
		{ "banks = half", "banks = fixed 0x08000000",
		  "0x08000000 is out of range" },
		{ "sizes = 64 256", "sizes = 256 64", "sizes do not rise" },
		{ "sizes = 64 256", "sizes = 32 256",
		  "of parts of 64 KiB, which 'sizes' does not have" },
		{ "sizes = 64 256", "sizes = 64 512",
		  "together, expected 512 KiB" },
		{ "geometry = DUAL 0 0 1", "geometry = DUAL 1 0 1",
		  "is there already" },
		{ "geometry = DUAL 0 0 1", "geometry = - 0 0 1",
		  "the geometries of one size go by one field, or by" },
		{ "geometry = DUAL 0 0 1", "geometry = DUAL 2 0 1",
		  "2 is no value of 'DUAL'" },
		{ "geometry = DUAL 0 0 1", "geometry = DUAL 0 0 3",
		  "3 is out of range, 1 to 2" },
		{ "geometry = DUAL 0 0 1", "geometry = DUAL 0 0",
		  "'/0x08000000/64*04Kg' is not a number" },
		{ "role = bank-mode\n", "",
		  "no option 'DUAL' with the role bank-mode" },
		{ "flash_word = 16", "flash_word = 256", NULL },
	};

	(void)s;
	for (size_t i = 0; list[i].words; i++)
		expect_refused(list[i].old, list[i].new, list[i].words);
	expect_refused("align = 4 # RM1\ndumped", "align = 4096 # RM1\ndumped",
		       "4096 is out of range");
}

static void areas_that_overlap_are_refused(void **s)
{
	static const struct refusal list[] = {
		{ NULL, "area = ram 0x20000000 0 X # RM1",
		  "0 is out of range" },
		{ NULL, "area = rom 0x20000000 4 X # RM1",
		  "unknown kind 'rom', expected ram, bootloader-ram" },
		{ NULL, "area = ram 0x20000000 4 # RM1",
		  "expected 'kind first length name'" },
		{ NULL, "area = ram 0xffffff00 0x200 X # RM1",
		  "no area of 32 bits" },
		{ NULL, "area = ram 0x20000002 4 X # RM1",
		  "RAM comes in words of 4 bytes" },
		{ NULL, "area = ram 0x20000000 6 X # RM1",
		  "RAM comes in words of 4 bytes" },
		{ "area = ram 0x20001000 0x1000",
		  "area = ram 0x20000ffc 0x1000",
		  ":75:8: overlaps another area, 'SRAM 1'" },
		{ "area = eeprom 0x08080000", "area = eeprom 0x0803ffff",
		  ":78:8: overlaps the flash" },
		{ "area = otp 0x1FFF7000 0x400", "area = otp 0x1FFF7000 0x801",
		  ":23:17: overlaps the area 'OTP'" },
		{ "option_window = 0x1FFF7800 40",
		  "option_window = 0x08000000 40", "overlaps the flash" },
		{ "option_window = 0x1FFF7800 40",
		  "option_window = 0x1FFF7800 40 # RM1\n"
		  "option_window = 0x1FFF7824 40",
		  ":24:17: overlaps another window" },
		{ "option_window = 0x1FFF7800 40",
		  "option_window = 0x1FFF7800 513", "513 is out of range" },
		{ "option_window = 0x1FFF7800 40",
		  "option_window = 0x1FFF7800 400 # RM1\n"
		  "option_window = 0x1FFF8800 113",
		  "windows of more than 512 bytes" },
	};

	(void)s;
	EXPECT_REFUSED(list);
}

static void words_of_options_that_cannot_be_are_refused(void **s)
{
	static const struct refusal list[] = {
		{ "WRP 0x08 0x10", "WRP 0x08 0x28",
		  ":29:15: 'WRP' lies outside the window" },
		{ "WRP 0x08 0x10", "WRP 0x0a 0x10", "lies outside the window" },
		{ "WRP 0x08 0x10 0 ", "WRP 0x08 0x10 0x28 ",
		  "lies outside the window" },
		{ "~0x04", "~0x28", ":28:15: 'OPTR' lies outside the window" },
		{ "~0x04", "~0x06", "'OPTR' lies outside the window" },
		{ "~0x04", "~0", "0 is out of range" },
		{ "~0x04", "~words", "'words' is not a number" },
		{ "~0x04", "~0x08", ":29:15: 'WRP' overlaps 'OPTR'" },
		{ "WRP 0x08 0x10 0 ", "WRP 0x08 0x10 0x10 ",
		  "'WRP' is its own copy" },
		{ "WRP 0x08 0x10", "WRP 0x08 0x18", "'BITS' overlaps 'WRP'" },
		{ "option_word = WRP 0x08", "option_word = OPTR 0x08",
		  "unknown word 'WRP'" },
		{ "option_word = BITS 0x18 0x18", "option_word = WRP 0x18 0x18",
		  "unknown word 'BITS'" },
		{ "~bytes 0x00ff00ff", "~bytes 0x00ff01ff",
		  "'BITS' has bits 0x100 that are inverted copies" },
		{ "~bytes 0x00ff00ff", "~halves 0x00ff00ff",
		  "'BITS' has bits 0xff0000 that are inverted copies" },
		{ "0x00c001ff 0x00c001aa", "0x80c001ff 0x00c001aa",
		  ":28:15: no field has the bits 0x80000000 of 'OPTR'" },
		{ "option_error = 0x20 5", "option_error = 0x28 5",
		  ":31:16: lies outside the window" },
		{ "option_error = 0x20 5", "option_error = 0x20 32",
		  "32 is out of range" },
		{ "option_error = 0x20", "option_busy = 0x20",
		  ":31:1: 'option_busy' is there already" },
		{ "option_window = 0x1FFF7800 40 # RM1\n", "",
		  "options without an 'option_window'" },
	};

	(void)s;
	EXPECT_REFUSED(list);
}

static void fields_that_cannot_be_are_refused(void **s)
{
	static const struct refusal list[] = {
		{ "SPARE OPTR 23 1", "SPARE OPTR 24 1",
		  ":45:10: 'SPARE' has bits that nobody can set" },
		{ "SPARE OPTR 23 1", "SPARE OPTR 22 1",
		  "'SPARE' overlaps 'DUAL'" },
		{ "SPARE OPTR 23 1", "SPARE OPTR 23 10",
		  "'SPARE' lies outside its word" },
		{ "SPARE OPTR 23 1", "SPARE NONE 23 1",
		  ":45:16: unknown word 'NONE'" },
		{ "SPARE OPTR 23 1", "SPARE OPTR 23 0", "0 is out of range" },
		{ "number user 0 spare", "numbers user 0 spare",
		  ":45:26: unknown kind 'numbers'" },
		{ "number user 0 spare", "number users 0 spare",
		  "unknown group 'users'" },
		{ "number user 0 spare", "number user 3 spare",
		  "3 is out of range" },
		{ "number user 0 spare", "number user 0",
		  "expected 'name word shift width kind group bank about'" },
		{ "option = SPARE", "option = rdp",
		  "'rdp' is the name of two options" },
		{ "option = SPARE", "option = dog",
		  "'dog' is the name of two options" },
		{ "option = SPARE", "option = 2X", "'2X' is no name" },
		{ "option = SPARE", "option = A-B", "'A-B' is no name" },
		{ "alias = IWDG_SW DOG", "alias = IWDG_SW rdp",
		  "'rdp' is the name of two options" },
		{ "alias = IWDG_SW DOG", "alias = IWDG_SW sw",
		  "'sw' is its own alias" },
		{ "alias = IWDG_SW DOG", "alias = DOG dog",
		  "'dog' is there already" },
		{ "value = 1 dual", "value = 0 dual",
		  "'DUAL' has that value already" },
		{ "value = 1 dual", "value = 1 single",
		  "'DUAL' has that value already" },
		{ "value = 1 dual", "value = 2 dual", "2 is out of range" },
		{ "value = 1 dual", "value = 1 Dual", "'Dual' is no word" },
		{ "value = 1 dual erase", "value = 1 dual eras",
		  "unknown guard 'eras'" },
		{ "value = 1 dual erase two\n", "",
		  ":41:10: 'DUAL' has values without a meaning" },
		{ "guard = boot", "guard = boots", "unknown guard 'boots'" },
		{ "role = watchdog", "role = dog", "unknown role 'dog'" },
		{ "0 spare\n", "0 spare\nvalue = 0 - - x\n",
		  "'SPARE' is no choice and lists values" },
		{ "0 spare\n", "0 spare\nunit = 4\n", "'SPARE' needs no unit" },
		{ "unit = 0x10000 # RM1\n", "", "'BOOT' needs a unit" },
		{ "RDP OPTR 0 8 rdp", "RDP OPTR 0 7 rdp",
		  "'RDP' is not a byte" },
		{ "area-start write-protection 1",
		  "area-start write-protection 0",
		  "'WRP1_START' names no bank" },
		{ "0 spare\n", "0 spare\nper = 2\n",
		  "'SPARE' is not of sectors" },
		{ "0 spare\n", "0 spare\nequal = whole\n",
		  "'SPARE' is no start of an area" },
		{ "when = DUAL 1", "when = DUAL 0", "'PCROP' overlaps 'NWRP'" },
		{ "when = DUAL 1", "when = DUAL 2",
		  "'PCROP' hangs on 'DUAL', which cannot be 2" },
		{ "unit = 0x10000 # RM1",
		  "unit = 0x10000 # RM1\nwhen = NONE 1 # RM1",
		  "'BOOT' hangs on 'NONE'" },
		{ "when = DUAL 1 # RM1\n", "", "'PCROP' overlaps 'NWRP'" },
	};

	(void)s;
	EXPECT_REFUSED(list);
}

static void bootloaders_that_cannot_be_are_refused(void **s)
{
	static const struct refusal list[] = {
		{ "rom = 0xA2", "rom = 0x91",
		  ":81:11: version 0x91 is there already" },
		{ "rom = 0xA2 V10.2 0 -", "rom = 0xA2 V10.2",
		  "expected 'version name first limits'" },
		{ "no_mass_erase = 0xa2", "no_mass_erase = 0xa3",
		  "no version 0xa3" },
		{ "stack_gap = 0x91 16", "stack_gap = 0x90 16",
		  "no version 0x90" },
		{ "stack_gap = 0x91 16", "stack_gap = 0x91 256",
		  "256 is out of range" },
		{ "quirk = same-names", "quirk = same-name",
		  ":84:9: unknown quirk 'same-name', expected descriptor" },
		{ "quirk = same-names two of them", "quirk = same-names",
		  "expected 'name reason'" },
		{ "banks = half # RM1\n",
		  "banks = half # RM1\n"
		  "layout = @Internal Flash  /0x08000000/0064*0004Kg # field\n",
		  "overlaps" },
		{ "sizes = 4 # RM1\n",
		  "sizes = 4 # RM1\n"
		  "layout = @Internal Flash /0x08000000/02*002Kg # field\n",
		  "overlaps" },
	};

	(void)s;
	EXPECT_REFUSED(list);
}

static void a_wide_choice_has_the_codes_that_mean_something(void **s)
{
	struct s0_chips *chips = NULL;
	char *text = chip_file_changed(
		"option = RDP OPTR 0 8 rdp read-protection 0 level",
		"option = STATE OPTR 0 8 choice user 0 state\n"
		"value = 0xed open - open\n"
		"value = 0x5c locked permanent locked");

	(void)s;
	assert_int_equal(chip_file_parse(text, &chips, NULL), S0_OK);
	assert_int_equal(s0_chips_at(chips, 0)->options[0].value_count, 2);
	s0_chips_free(chips);
	free(text);
	expect_refused("option = RDP OPTR 0 8 rdp read-protection 0 level",
		       "option = STATE OPTR 0 8 choice user 0 state",
		       "'STATE' has values without a meaning");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_say_nothing_are_refused),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_value_without_a_source_is_refused),
		cmocka_unit_test(what_has_no_place_is_refused),
		cmocka_unit_test(names_are_of_one_chip),
		cmocka_unit_test(numbers_that_cannot_be_are_refused),
		cmocka_unit_test(layouts_that_cannot_be_are_refused),
		cmocka_unit_test(areas_that_overlap_are_refused),
		cmocka_unit_test(words_of_options_that_cannot_be_are_refused),
		cmocka_unit_test(fields_that_cannot_be_are_refused),
		cmocka_unit_test(bootloaders_that_cannot_be_are_refused),
		cmocka_unit_test(
			a_wide_choice_has_the_codes_that_mean_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
