/* SPDX-License-Identifier: MIT */
#include "test_image_help.h"

#include <elf.h>
#include <string.h>

#include "base/bytes.h"

enum { EHDR = 52, PHDR = 32, SHDR = 40 };

/* One section header: only what is looked at. */
static void add_section(struct bytes *file, uint32_t name, uint32_t type,
			uint32_t flags, uint32_t address, uint32_t offset,
			uint32_t size)
{
	const uint32_t words[] = { name, type, flags, address, offset,
				   size, 0,    0,     1,       0 };

	for (size_t i = 0; i < 10; i++)
		bytes_add_le32(file, words[i]);
}

static void expect_elf(struct bytes *file, const char *expected)
{
	expect_bytes("app.elf", file->at, file->length, expected);
}

/* A vector table, initialised data that is copied at start, and .bss. */
static struct bytes usual_file(void)
{
	static const char names[] = "\0.isr_vector\0.text\0.data\0.bss\0.note";
	static const struct elf_segment segments[] = {
		{ PT_LOAD, 148, 0x08000000, 0x08000000, 6, 6 },
		{ PT_LOAD, 154, 0x20000000, 0x08000006, 2, 8 },
		{ PT_LOAD, 156, 0x24000000, 0x24000000, 0, 512 },
	};
	struct bytes file = elf_file(segments, 3);

	assert_int_equal(file.length, 148);
	bytes_add(&file, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	bytes_add(&file, names, sizeof names);
	put_le32(file.at + 32, (uint32_t)file.length); /* e_shoff */
	put_le16(file.at + 48, 7);		       /* e_shnum */
	put_le16(file.at + 50, 6);		       /* e_shstrndx */
	add_section(&file, 0, 0, 0, 0, 0, 0);
	add_section(&file, 32, SHT_NOTE, 0, 0, 148, 4);
	add_section(&file, 1, SHT_PROGBITS, SHF_ALLOC, 0x08000000, 148, 4);
	add_section(&file, 13, SHT_PROGBITS, SHF_ALLOC, 0x08000004, 152, 2);
	add_section(&file, 19, SHT_PROGBITS, SHF_ALLOC, 0x20000000, 154, 2);
	add_section(&file, 25, SHT_NOBITS, SHF_ALLOC, 0x24000000, 156, 512);
	add_section(&file, 25, SHT_STRTAB, 0, 0, 156, sizeof names);
	return file;
}

static void segments_are_read_at_their_load_address(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	expect_elf(&file, "segment 0 .isr_vector 0x08000000 6/6 at 148\n"
			  "segment 1 .data 0x08000006 2/8 at 154\n"
			  "segment 2 .bss 0x24000000 0/512 at 156\n"
			  "0x08000000: 01 02 03 04 05 06 07 08\n");
	bytes_free(&file);
}

static void bytes_at_any_alignment_are_read(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	for (size_t i = 1; i < 8; i++) {
		struct bytes moved = { 0 };

		bytes_add(&moved, "1234567", i);
		bytes_add(&moved, file.at, file.length);
		expect_bytes("app.elf", moved.at + i, file.length,
			     "segment 0 .isr_vector 0x08000000 6/6 at 148\n"
			     "segment 1 .data 0x08000006 2/8 at 154\n"
			     "segment 2 .bss 0x24000000 0/512 at 156\n"
			     "0x08000000: 01 02 03 04 05 06 07 08\n");
		bytes_free(&moved);
	}
	bytes_free(&file);
}

static void a_file_without_sections_is_as_good(void **state)
{
	static const struct elf_segment segments[] = {
		{ PT_NOTE, 116, 0, 0, 2, 2 },
		{ PT_LOAD, 116, 0x08000000, 0x08020000, 2, 4 },
	};
	struct bytes file = elf_file(segments, 2);

	(void)state;
	bytes_add(&file, "\xaa\xbb", 2);
	expect_elf(&file, "segment 1 0x08020000 2/4 at 116\n"
			  "0x08020000: aa bb\n");
	bytes_free(&file);
}

static void another_machine_is_refused_by_name(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
		const char *expected;
	} table[] = {
		{ EI_CLASS, 2,
		  "E_UNSUPPORTED: app.elf: offset 0x4: ELF class is 2 "
		  "(64-bit), expected 1 (32-bit)\n" },
		{ EI_CLASS, 9,
		  "E_UNSUPPORTED: app.elf: offset 0x4: ELF class is 9, "
		  "expected 1 (32-bit)\n" },
		{ EI_DATA, 2,
		  "E_UNSUPPORTED: app.elf: offset 0x5: ELF byte order is 2 "
		  "(big-endian), expected 1 (little-endian)\n" },
		{ 18, 62,
		  "E_UNSUPPORTED: app.elf: offset 0x12: ELF machine is 62 "
		  "(x86-64), expected 40 (ARM)\n" },
		{ 18, 243,
		  "E_UNSUPPORTED: app.elf: offset 0x12: ELF machine is 243 "
		  "(RISC-V), expected 40 (ARM)\n" },
		{ 18, 99,
		  "E_UNSUPPORTED: app.elf: offset 0x12: ELF machine is 99 "
		  "(another machine), expected 40 (ARM)\n" },
		{ 16, 1,
		  "E_FORMAT: app.elf: offset 0x10: ELF type is 1 (an object "
		  "file that is not linked yet), expected 2 (executable)\n" },
		{ 16, 4,
		  "E_FORMAT: app.elf: offset 0x10: ELF type is 4, expected 2 "
		  "(executable)\n" },
		{ 42, 56,
		  "E_FORMAT: app.elf: offset 0x2a: size of a program header "
		  "is 56, expected 32\n" },
		{ 44, 0,
		  "E_FORMAT: app.elf: offset 0x2c: the ELF file has no "
		  "program headers, so nothing says what to load where\n" },
		{ 44, 200,
		  "E_FORMAT: app.elf: offset 0x1c: 200 program headers at "
		  "offset 0x34 end at 0x1934, outside the file of 0x1d8 "
		  "bytes\n" },
		{ 31, 0xff,
		  "E_FORMAT: app.elf: offset 0x1c: 3 program headers at "
		  "offset 0xff000034 end at 0xff000094, outside the file of "
		  "0x1d8 bytes\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct bytes file = usual_file();

		file.at[table[i].offset] = table[i].value;
		expect_elf(&file, table[i].expected);
		bytes_free(&file);
	}
}

static void segments_that_cannot_be_are_refused(void **state)
{
	static const struct {
		struct elf_segment segment;
		const char *expected;
	} table[] = {
		{ { PT_LOAD, 0, 0x08000000, 0x07ff0000, 86, 86 },
		  "segment 0 starts with the ELF header itself (file offset "
		  "0): the linker put headers into the load segment at "
		  "0x07ff0000" },
		{ { PT_LOAD, 60, 0x08000000, 0x08000000, 26, 26 },
		  "segment 0 holds the ELF program headers (file offset 0x34): "
		  "the linker put headers into the load segment at "
		  "0x08000000" },
		{ { PT_LOAD, 84, 0x08000000, 0x08000000, 3, 3 },
		  "segment 0 ends at file offset 0x57, outside the file of "
		  "0x56 bytes" },
		{ { PT_LOAD, 0xffffffff, 0x08000000, 0x08000000, 0xffffffff,
		    0xffffffff },
		  "segment 0 ends at file offset 0x1fffffffe, outside the file "
		  "of 0x56 bytes" },
		{ { PT_LOAD, 84, 0x08000000, 0x08000000, 2, 1 },
		  "segment 0 has 2 bytes in the file but only 1 in memory" },
		{ { PT_LOAD, 84, 0x08000000, 0xffffffff, 2, 2 },
		  "segment 0, 2 bytes at 0xffffffff, runs past 0xffffffff" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct bytes file = elf_file(&table[i].segment, 1);
		struct text line = { 0 };

		bytes_add(&file, "\x11\x22", 2);
		text_add(&line, "E_FORMAT: app.elf: offset 0x34: %s\n",
			 table[i].expected);
		expect_elf(&file, text_chars(&line));
		text_free(&line);
		bytes_free(&file);
	}
}

/* Each of many headers may claim the same bytes; a small file then asks for
 * gigabytes. */
static void segments_cannot_claim_more_than_the_file_has(void **state)
{
	static const struct elf_segment segments[] = {
		{ PT_LOAD, 148, 0x08000000, 0x08000000, 100, 100 },
		{ PT_LOAD, 148, 0x08100000, 0x08100000, 100, 100 },
		{ PT_LOAD, 148, 0x08200000, 0x08200000, 100, 100 },
	};
	struct bytes file = elf_file(segments, 3);
	uint8_t data[100] = { 0 };

	(void)state;
	bytes_add(&file, data, sizeof data);
	expect_elf(&file, "E_FORMAT: app.elf: offset 0x74: segments up to 2 "
			  "have 300 bytes together, more than the file has\n");
	bytes_free(&file);
}

static void overlapping_segments_are_refused_with_both_places(void **state)
{
	static const struct elf_segment segments[] = {
		{ PT_LOAD, 116, 0x08000000, 0x08000000, 4, 4 },
		{ PT_LOAD, 120, 0x08000002, 0x08000002, 2, 2 },
	};
	struct bytes file = elf_file(segments, 2);

	(void)state;
	bytes_add(&file, "\x01\x02\x03\x04\x03\x05", 6);
	expect_elf(&file,
		   "E_OVERLAP: app.elf: offset 0x79: 0x08000003 is 0x05 here, "
		   "but 0x04 at app.elf: offset 0x77\n");
	bytes_free(&file);
}

static void a_short_file_is_refused(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	expect_bytes("app.elf", file.at, 0,
		     "E_FORMAT: app.elf: offset 0x0: no ELF signature, "
		     "expected 7f 45 4c 46\n");
	expect_bytes("app.elf", "MZ??", 4,
		     "E_FORMAT: app.elf: offset 0x0: no ELF signature, "
		     "expected 7f 45 4c 46\n");
	expect_bytes("app.elf", file.at, 10,
		     "E_FORMAT: app.elf: offset 0xa: the ELF header is "
		     "truncated\n");
	expect_bytes("app.elf", file.at, 51,
		     "E_FORMAT: app.elf: offset 0x33: the ELF header is "
		     "truncated: the file has 51 bytes, expected at least "
		     "52\n");
	bytes_free(&file);
}

static void broken_sections_only_cost_the_names(void **state)
{
	struct bytes file = usual_file();

	(void)state;
	put_le16(file.at + 50, 99); /* no such section of names */
	expect_elf(&file, "segment 0 0x08000000 6/6 at 148\n"
			  "segment 1 0x08000006 2/8 at 154\n"
			  "segment 2 0x24000000 0/512 at 156\n"
			  "0x08000000: 01 02 03 04 05 06 07 08\n");
	bytes_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_read_at_their_load_address),
		cmocka_unit_test(bytes_at_any_alignment_are_read),
		cmocka_unit_test(a_file_without_sections_is_as_good),
		cmocka_unit_test(another_machine_is_refused_by_name),
		cmocka_unit_test(segments_that_cannot_be_are_refused),
		cmocka_unit_test(segments_cannot_claim_more_than_the_file_has),
		cmocka_unit_test(
			overlapping_segments_are_refused_with_both_places),
		cmocka_unit_test(a_short_file_is_refused),
		cmocka_unit_test(broken_sections_only_cost_the_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
