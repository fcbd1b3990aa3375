/* SPDX-License-Identifier: MIT */
/* What devices were seen to say of themselves, verbatim: all names of a device
 * make one map, and odd descriptors are read as they are meant. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include <sector0/context.h>

#include "base/text.h"
#include "device/open.h"
#include "device/which.h"

#define FLASH	  "@Internal Flash  /0x08000000/"
#define FLASH_NEW "@Internal Flash   /0x08000000/"
#define OTP_F4	  "@OTP Memory /0x1FFF7800/01*512 e,01*016 e"
#define FEATURE	  "@Device Feature/0xFFFF0000/01*004 e"

struct seen {
	const char *device, *names[4];
	const char *map; /* letters: f flash, o option, t OTP, e EEPROM, x */
};

static const struct seen seen[] = {
	{ "F042",
	  { FLASH "032*0001Kg", "@Option Bytes  /0x1FFFF800/01*016 e" },
	  "f08000000 32*1024 o1ffff800 1*16 " },
	{ "F072",
	  { FLASH "064*0002Kg", "@Option Bytes  /0x1FFFF800/01*016 e" },
	  "f08000000 64*2048 o1ffff800 1*16 " },
	{ "F107",
	  { FLASH "128*002Kg", "@Option Bytes  /0x1FFFF800/01*016 g" },
	  "f08000000 128*2048 o1ffff800 1*16 " },
	{ "F303", { FLASH "128*0002Kg" }, "f08000000 128*2048 " },
	{ "F401, F411",
	  { FLASH "04*016Kg,01*064Kg,03*128Kg",
	    "@Option Bytes  /0x1FFFC000/01*016 e", OTP_F4, FEATURE },
	  "f08000000 4*16384 f08010000 1*65536 f08020000 3*131072 t1fff7800 "
	  "1*512 t1fff7a00 1*16 o1fffc000 1*16 xffff0000 1*4 " },
	{ "F407 of 2012",
	  { FLASH "04*016Kg,01*064Kg,07*128Kg",
	    "@Option Bytes  /0x1FFFC000/01*016 g",
	    "@OTP Memory /0x1FFF7800/01*512 g,01*016 g",
	    "@Device Feature/0xFFFF0000/01*004 g" },
	  "f08000000 4*16384 f08010000 1*65536 f08020000 7*131072 t1fff7800 "
	  "1*512 t1fff7a00 1*16 o1fffc000 1*16 xffff0000 1*4 " },
	{ "F413",
	  { FLASH "04*016Kg,01*064Kg,011*128Kg" },
	  "f08000000 4*16384 f08010000 1*65536 f08020000 11*131072 " },
	{ "F427, F429",
	  { FLASH "04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,"
		  "07*128Kg",
	    "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 "
	    "e",
	    "@OTP Memory /0x1FFE7800/01*512 e,01*016 e", FEATURE },
	  "f08000000 4*16384 f08010000 1*65536 f08020000 7*131072 f08100000 "
	  "4*16384 f08110000 1*65536 f08120000 7*131072 t1ffe7800 1*512 "
	  "t1ffe7a00 1*16 o1ffec000 1*16 o1fffc000 1*16 xffff0000 1*4 " },
	{ "F722",
	  { FLASH "04*016Kg,01*64Kg,03*128Kg",
	    "@Option Bytes  /0x1FFF0000/01*048 e",
	    "@OTP Memory /0x1FF07800/01*528e", FEATURE },
	  "f08000000 4*16384 f08010000 1*65536 f08020000 3*131072 t1ff07800 "
	  "1*528 o1fff0000 1*48 xffff0000 1*4 " },
	{ "F745",
	  { FLASH "04*032Kg,01*128Kg,03*256Kg" },
	  "f08000000 4*32768 f08020000 1*131072 f08040000 3*262144 " },
	{ "F767",
	  { FLASH "04*032Kg,01*128Kg,07*256Kg" },
	  "f08000000 4*32768 f08020000 1*131072 f08040000 7*262144 " },
	{ "L07x",
	  { FLASH "1536*128g", "@Option Bytes  /0x1FF80000/01*032 e",
	    "@DATA Memory /0x08080000/2*3Ke" },
	  "f08000000 1536*128 e08080000 2*3072 o1ff80000 1*32 " },
	{ "L152",
	  { FLASH "1024*256 g", "@Option Bytes  /0x1FF80000/01*032 e",
	    "@DATA Memory /0x08080000/02*004Ke" },
	  "f08000000 1024*256 e08080000 2*4096 o1ff80000 1*32 " },
	{ "L476",
	  { FLASH "0128*0002Kg", "@Option Bytes  /0x1FFF7800/01*040 e",
	    "@OTP Memory /0x1FFF7000/01*0001Ke", FEATURE },
	  "f08000000 128*2048 t1fff7000 1*1024 o1fff7800 1*40 xffff0000 1*4 " },
	{ "L4 of 512 KiB", { FLASH "0256*0002Kg" }, "f08000000 256*2048 " },
	{ "L5",
	  { FLASH_NEW "256*02Kg", "@Option Bytes   /0x40022040/01*48 e" },
	  "f08000000 256*2048 o40022040 1*48 " },
	{ "G0B1 of 128 KiB: one name thrice",
	  { FLASH_NEW "64*02Kg", FLASH_NEW "64*02Kg", FLASH_NEW "64*02Kg" },
	  "f08000000 64*2048 " },
	{ "G431",
	  { FLASH_NEW "64*02Kg", "@Option Bytes   /0x1FFF7800/01*40Be",
	    "@OTP Memory   /0x1FFF7000/01*01Ke" },
	  "f08000000 64*2048 t1fff7000 1*1024 o1fff7800 1*40 " },
	{ "G474",
	  { FLASH_NEW "256*02Kg",
	    "@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e",
	    "@OTP Memory   /0x1FFF7000/01*1024 e" },
	  "f08000000 256*2048 t1fff7000 1*1024 o1fff7800 1*48 o1ffff800 "
	  "1*48 " },
	{ "H743",
	  { FLASH_NEW "16*128Kg", "@Option Bytes   /0x5200201C/01*128 e" },
	  "f08000000 16*131072 o5200201c 1*128 " },
	{ "H723",
	  { FLASH_NEW "8*128Kg", "@Option Bytes   /0x5200201C/01*88 e" },
	  "f08000000 8*131072 o5200201c 1*88 " },
	{ "H7A3",
	  { FLASH_NEW "256*08Kg", "@Option Bytes   /0x5200201C/01*297 e",
	    "@OTP Memory   /0x08FFF000/01*1024 e" },
	  "f08000000 256*8192 t08fff000 1*1024 o5200201c 1*297 " },
	{ "H7B3I-EVAL, its first bootloader",
	  { FLASH_NEW "256*02Kg", "@Option Bytes   /0x1FF8000/01*128 e" },
	  "o01ff8000 1*128 f08000000 256*2048 " },
	{ "H7RS", { FLASH_NEW "8*08Kg" }, "f08000000 8*8192 " },
	{ "H563", { FLASH_NEW "256*08Kg" }, "f08000000 256*8192 " },
	{ "C562", { FLASH_NEW "64*08Kg" }, "f08000000 64*8192 " },
	{ "U575",
	  { FLASH_NEW "256*08Kg", "@Option Bytes   /0x40022040/01*64 e",
	    "@OTP Memory   /0x0BFA0000/01*512 e" },
	  "f08000000 256*8192 t0bfa0000 1*512 o40022040 1*64 " },
	{ "U5 of 1 MiB", { FLASH_NEW "128*08Kg" }, "f08000000 128*8192 " },
	{ "U5 of 4 MiB", { FLASH_NEW "512*08Kg" }, "f08000000 512*8192 " },
	{ "WB55", { FLASH_NEW "256*04Kg" }, "f08000000 256*4096 " },
	{ "GD32VF103",
	  { FLASH "128*001Kg", "@Option Bytes  /0x1FFFF800/01*016Be" },
	  "f08000000 128*1024 o1ffff800 1*16 " },
	{ "GD32VF103", { FLASH "512*002Kg" }, "f08000000 512*2048 " },
	{ "AT32F435",
	  { FLASH_NEW "08*04Ka,1000*04Kg" },
	  "f08000000 8*4096 f08008000 1000*4096 " },
	{ "a Daisy's bootloader",
	  { "@Flash /0x90000000/64*4Kg/0x90040000/"
	    "60*64Kg/0x90400000/60*64Kg" },
	  "f90000000 64*4096 f90040000 60*65536 f90400000 60*65536 " },
	{ "a racing board's",
	  { "@External Flash /0x90000000/1001*128Kg,"
	    "3*128Kg,20*128Ka" },
	  "f90000000 1001*131072 f97d20000 3*131072 f97d80000 20*131072 " },
	{ "STM32MP1",
	  { "@FlashLayout/0x00/1*256Ke", "@virtual/0xf1/1*512Be",
	    "@PMIC/0xf4/1*8Be" },
	  "f00000000 1*262144 " },
};

static void the_names_of_a_device_make_one_map(void **state)
{
	static const char kinds[] = { 'f', 'o', 't', 'e', 'x', 'x', 'x', 'x' };
	(void)state;

	for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
		struct text text = { 0 };
		struct s0_map *map;

		print_message("# %s\n", seen[i].device);
		assert_int_equal(s0_map_new(&map, NULL), S0_OK);
		for (uint8_t k = 0; k < 4 && seen[i].names[k]; k++) {
			s0_code code =
				s0_map_parse(map, seen[i].names[k], k, NULL);

			/* The same once more, and partitions by number. */
			assert_true(code == S0_OK ||
				    (k > 0 && code == S0_E_OVERLAP));
		}
		for (size_t k = 0; k < s0_map_area_count(map); k++) {
			const struct s0_area *a = s0_map_area(map, k);

			text_add(&text, "%c%08x %u*%u ", kinds[a->kind],
				 a->address, a->length / a->sector_size,
				 a->sector_size);
		}
		assert_string_equal(text_chars(&text), seen[i].map);
		text_free(&text);
		s0_map_free(map);
	}
}

/* A device that only has descriptors. */
struct paper {
	struct usb_link link;
	const char *strings[8]; /* by index */
	uint8_t config[80];
	unsigned wrong_length; /* bLength of strings, 0: right */
	bool closed;
};

static s0_code paper_string(struct usb_link *link, uint8_t index,
			    uint8_t raw[255], uint16_t *ret_length,
			    struct s0_error *err)
{
	const struct paper *paper = (const struct paper *)link;
	const char *text = index < 8 ? paper->strings[index] : NULL;
	size_t length = text ? strlen(text) : 0;

	(void)err;
	if (!text)
		return S0_E_REFUSED;
	for (size_t i = 0; i < length; i++) {
		raw[2 + 2 * i] = (uint8_t)text[i];
		raw[3 + 2 * i] = text[i] & 0x80 ? 0x04 : 0;
	}
	*ret_length = (uint16_t)(2 + 2 * length);
	raw[0] = (uint8_t)(paper->wrong_length ? paper->wrong_length
					       : *ret_length);
	raw[1] = 3;
	return S0_OK;
}

static void paper_close(struct usb_link *link)
{
	((struct paper *)link)->closed = true;
}

static void make_paper(struct paper *paper, unsigned alts, uint8_t functional)
{
	static const struct usb_link_ops ops = { .string = paper_string,
						 .close = paper_close };
	static const uint8_t device[18] = { 18,	  1,	0,    1,    0,	  0,
					    0,	  64,	0x83, 0x04, 0x11, 0xdf,
					    0x00, 0x22, 1,    2,    3,	  1 };
	static const uint8_t dfu[9] = { 9, 0x21, 0x0b, 0xff, 0, 0, 8, 0x1a, 1 };
	/* a HID descriptor has the same type */
	static const uint8_t hid[18] = { 9, 4,	  5,	1, 0, 0, 3, 0, 0,
					 9, 0x21, 0x11, 1, 0, 1, 9, 9, 9 };
	uint16_t at = 9;

	*paper = (struct paper){ .strings = { NULL, "Maker", "Name", "1" } };
	paper->link.ops = &ops;
	(void)snprintf(paper->link.facts.path, sizeof paper->link.facts.path,
		       "usb:1-1");
	memcpy(paper->link.facts.device_descriptor, device, sizeof device);
	paper->config[0] = 9;
	paper->config[1] = 2;
	for (unsigned i = 0; i < alts; i++, at += 9) {
		const uint8_t alt[9] = { 9,    4, 0, (uint8_t)i,      0,
					 0xfe, 1, 2, (uint8_t)(4 + i) };

		memcpy(paper->config + at, alt, sizeof alt);
	}
	memcpy(paper->config + at, dfu, functional);
	paper->config[at] = functional;
	at += functional;
	memcpy(paper->config + at, hid, sizeof hid);
	paper->link.facts.config_descriptor = paper->config;
	paper->link.facts.config_length = (uint16_t)(at + sizeof hid);
}

static s0_code read_paper(struct paper *paper, struct s0_device_info *ret,
			  struct s0_error *err)
{
	struct s0_device device = { .link = &paper->link };
	s0_code code;

	assert_int_equal(s0_context_new(&device.context, NULL), S0_OK);
	assert_int_equal(s0_map_new(&device.map, NULL), S0_OK);
	code = device_read_descriptors(&device, &paper->link, err);
	*ret = device.info;
	s0_map_free(device.map);
	s0_context_free(device.context);
	return code;
}

static void a_functional_descriptor_has_seven_bytes_or_nine(void **state)
{
	struct s0_device_info info;
	struct paper paper;
	(void)state;

	for (uint8_t length = 7; length <= 9; length += 2) {
		make_paper(&paper, 1, length);
		paper.strings[4] = FLASH "128*0002Kg";
		assert_int_equal(read_paper(&paper, &info, NULL), S0_OK);
		assert_int_equal(info.transfer_size, 2048);
		assert_int_equal(info.dfu_version, length == 9 ? 0x011a : 0);
		assert_int_equal(info.bcd_device, 0x2200);
		assert_string_equal(info.memories[0], paper.strings[4]);
	}
}

static void a_wrong_length_of_a_string_is_not_believed(void **state)
{
	static const unsigned lengths[] = { 1, 255 };
	struct s0_device_info info;
	struct paper paper;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		make_paper(&paper, 1, 9);
		paper.strings[3] = "a\xe9z";
		paper.strings[4] = FLASH "128*0002Kg";
		paper.wrong_length = lengths[i];
		assert_int_equal(read_paper(&paper, &info, NULL), S0_OK);
		assert_string_equal(info.memories[0], paper.strings[4]);
		assert_string_equal(info.serial, "a\xd3\xa9z");
	}
}

static void numbered_partitions_are_no_memory(void **state)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_device_info info;
	struct paper paper;
	(void)state;

	make_paper(&paper, 3, 9);
	for (size_t i = 0; i < 3; i++)
		paper.strings[4 + i] =
			seen[sizeof seen / sizeof seen[0] - 1].names[i];
	assert_int_equal(read_paper(&paper, &info, &err), S0_E_UNSUPPORTED);
	assert_int_equal(err.cause, S0_CAUSE_PARTITIONS);
	assert_non_null(strstr(err.message, "'@FlashLayout/0x00/1*256Ke'"));
	/* one that is memory makes it a device */
	err = (struct s0_error)S0_ERROR_INIT;
	paper.strings[6] = FLASH "128*0002Kg";
	assert_int_equal(read_paper(&paper, &info, &err), S0_OK);
}

static void a_boards_own_bootloader_is_told_apart(void **state)
{
	struct s0_device device = { .info = { .vendor = 0x0483,
					      .product = 0xdf11 } };
	struct which which;
	(void)state;

	assert_int_equal(s0_context_new(&device.context, NULL), S0_OK);
	assert_int_equal(s0_map_new(&device.map, NULL), S0_OK);
	assert_int_equal(
		s0_map_parse(device.map, "@Flash /0x90000000/64*4Kg", 0, NULL),
		S0_OK);
	assert_int_equal(which_begin(&device, &which, NULL), S0_OK);
	assert_int_equal(which.c.count, 0);
	assert_int_equal(which.kind, S0_REMARK_NOTE);
	assert_string_equal(which.remark,
			    "its flash is at 0x90000000: this is a board's own "
			    "bootloader, and none of an STM32's ROM");
	s0_map_free(device.map);
	s0_context_free(device.context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_names_of_a_device_make_one_map),
		cmocka_unit_test(
			a_functional_descriptor_has_seven_bytes_or_nine),
		cmocka_unit_test(a_wrong_length_of_a_string_is_not_believed),
		cmocka_unit_test(numbered_partitions_are_no_memory),
		cmocka_unit_test(a_boards_own_bootloader_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
