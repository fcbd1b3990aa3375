/* SPDX-License-Identifier: MIT */
#include <gelf.h>
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "image/reader.h"

/* System V ABI, chapters 4 and 5. libelf reads the headers; that they lie
 * within the file is checked here. gelf_… functions copy, so nothing depends on
 * how the caller's bytes are aligned. */

/* A hostile file could ask for 65535 * 65535 comparisons. */
#define NAMED_SEGMENTS_MAXIMUM 64u
#define SECTION_NAME_MAXIMUM   64u

static const struct {
	unsigned machine;
	const char *name;
} machines[] = {
	{ EM_386, "x86" },	 { EM_MIPS, "MIPS" },
	{ EM_PPC, "PowerPC" },	 { EM_ARM, "ARM" },
	{ EM_X86_64, "x86-64" }, { EM_AVR, "AVR" },
	{ EM_XTENSA, "Xtensa" }, { EM_AARCH64, "AArch64" },
	{ EM_RISCV, "RISC-V" },
};

static const char *machine_name(unsigned machine)
{
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return "another machine";
}

static s0_code check_ident(struct reader *reader)
{
	const uint8_t *bytes = reader->bytes;

	if (reader->length < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return reader_error(reader, S0_E_FORMAT, 0,
				    "no ELF signature, expected 7f 45 4c 46");
	if (reader->length < EI_NIDENT)
		return reader_error(reader, S0_E_FORMAT, reader->length,
				    "the ELF header is truncated");
	if (bytes[EI_CLASS] != ELFCLASS32 || bytes[EI_DATA] != ELFDATA2LSB)
		error_add_cause(reader->err, S0_CAUSE_OTHER_CHIP);
	if (bytes[EI_CLASS] != ELFCLASS32)
		return reader_error(reader, S0_E_UNSUPPORTED, EI_CLASS,
				    "ELF class is %u%s, expected 1 (32-bit)",
				    bytes[EI_CLASS],
				    bytes[EI_CLASS] == ELFCLASS64 ? " (64-bit)"
								  : "");
	if (bytes[EI_DATA] != ELFDATA2LSB)
		return reader_error(
			reader, S0_E_UNSUPPORTED, EI_DATA,
			"ELF byte order is %u%s, expected 1 (little-endian)",
			bytes[EI_DATA],
			bytes[EI_DATA] == ELFDATA2MSB ? " (big-endian)" : "");
	if (reader->length < sizeof(Elf32_Ehdr))
		return reader_error(reader, S0_E_FORMAT, reader->length,
				    "the ELF header is truncated: the file has "
				    "%zu bytes, expected at least %zu",
				    reader->length, sizeof(Elf32_Ehdr));
	return S0_OK;
}

static s0_code check_header(struct reader *reader)
{
	const uint8_t *bytes = reader->bytes;
	unsigned machine = get_le16(bytes + offsetof(Elf32_Ehdr, e_machine));
	unsigned type = get_le16(bytes + offsetof(Elf32_Ehdr, e_type));

	if (machine != EM_ARM)
		error_add_cause(reader->err, S0_CAUSE_OTHER_CHIP);
	if (machine != EM_ARM)
		return reader_error(reader, S0_E_UNSUPPORTED,
				    offsetof(Elf32_Ehdr, e_machine),
				    "ELF machine is %u (%s), expected 40 (ARM)",
				    machine, machine_name(machine));
	if (type != ET_EXEC && type != ET_DYN)
		return reader_error(
			reader, S0_E_FORMAT, offsetof(Elf32_Ehdr, e_type),
			"ELF type is %u%s, expected 2 (executable)", type,
			type == ET_REL ? " (an object file that is "
					 "not linked yet)"
				       : "");
	return S0_OK;
}

/* Where the program headers are. */
struct headers {
	uint32_t offset;
	unsigned count;
};

static uint64_t header_offset(const struct headers *headers, unsigned index)
{
	return headers->offset + (uint64_t)index * sizeof(Elf32_Phdr);
}

static s0_code find_headers(struct reader *reader, struct headers *ret)
{
	const uint8_t *bytes = reader->bytes;
	unsigned size = get_le16(bytes + offsetof(Elf32_Ehdr, e_phentsize));

	ret->offset = get_le32(bytes + offsetof(Elf32_Ehdr, e_phoff));
	ret->count = get_le16(bytes + offsetof(Elf32_Ehdr, e_phnum));
	if (ret->count == 0)
		return reader_error(reader, S0_E_FORMAT,
				    offsetof(Elf32_Ehdr, e_phnum),
				    "the ELF file has no program headers, so "
				    "nothing says what to load where");
	if (size != sizeof(Elf32_Phdr))
		return reader_error(reader, S0_E_FORMAT,
				    offsetof(Elf32_Ehdr, e_phentsize),
				    "size of a program header is %u, expected "
				    "%zu",
				    size, sizeof(Elf32_Phdr));
	if (header_offset(ret, ret->count) > reader->length)
		return reader_error(
			reader, S0_E_FORMAT, offsetof(Elf32_Ehdr, e_phoff),
			"%u program headers at offset 0x%x end at 0x%" PRIx64
			", outside the file of 0x%zx bytes",
			ret->count, ret->offset, header_offset(ret, ret->count),
			reader->length);
	return S0_OK;
}

/* Linkers put the headers into the first load segment when its address leaves
 * room on its page; they would land in flash before the vector table. */
static s0_code check_headers_stay_out(struct reader *reader,
				      const struct headers *headers,
				      unsigned index, const GElf_Phdr *segment)
{
	uint32_t offset = (uint32_t)segment->p_offset;
	uint32_t length = (uint32_t)segment->p_filesz;
	uint32_t table = (uint32_t)(headers->count * sizeof(Elf32_Phdr));

	if (offset < sizeof(Elf32_Ehdr) ||
	    range_overlap(offset, length, headers->offset, table))
		error_add_cause(reader->err, S0_CAUSE_LOADED_HEADERS);
	if (offset < sizeof(Elf32_Ehdr))
		return reader_error(
			reader, S0_E_FORMAT, header_offset(headers, index),
			"segment %u starts with the ELF header itself (file "
			"offset %u): the linker put headers into the load "
			"segment at 0x%08x",
			index, offset, (unsigned)segment->p_paddr);
	if (range_overlap(offset, length, headers->offset, table))
		return reader_error(
			reader, S0_E_FORMAT, header_offset(headers, index),
			"segment %u holds the ELF program headers (file offset "
			"0x%x): the linker put headers into the load segment "
			"at 0x%08x",
			index, headers->offset, (unsigned)segment->p_paddr);
	return S0_OK;
}

static s0_code check_segment(struct reader *reader,
			     const struct headers *headers, unsigned index,
			     const GElf_Phdr *segment)
{
	uint64_t at = header_offset(headers, index);

	if (segment->p_offset + segment->p_filesz > reader->length)
		return reader_error(reader, S0_E_FORMAT, at,
				    "segment %u ends at file offset 0x%" PRIx64
				    ", outside the file of 0x%zx bytes",
				    index,
				    segment->p_offset + segment->p_filesz,
				    reader->length);
	if (segment->p_filesz > segment->p_memsz)
		return reader_error(reader, S0_E_FORMAT, at,
				    "segment %u has %" PRIu64 " bytes in the "
				    "file but only %" PRIu64 " in memory",
				    index, segment->p_filesz, segment->p_memsz);
	if (segment->p_paddr + segment->p_filesz > UINT64_C(1) << 32)
		return reader_error(reader, S0_E_FORMAT, at,
				    "segment %u, %" PRIu64
				    " bytes at 0x%08x, runs past 0xffffffff",
				    index, segment->p_filesz,
				    (unsigned)segment->p_paddr);
	return check_headers_stay_out(reader, headers, index, segment);
}

/* Does a section lie in a segment, by its bytes or by its memory? */
static bool holds(const GElf_Phdr *segment, const GElf_Shdr *section,
		  bool by_bytes)
{
	uint64_t start = by_bytes ? segment->p_offset : segment->p_vaddr;
	uint64_t length = by_bytes ? segment->p_filesz : segment->p_memsz;
	uint64_t at = by_bytes ? section->sh_offset : section->sh_addr;

	if (!(section->sh_flags & SHF_ALLOC) || section->sh_size == 0)
		return false;
	if (by_bytes && section->sh_type == SHT_NOBITS)
		return false;
	return at >= start && at + section->sh_size <= start + length;
}

static const char *name_of(Elf *elf, const GElf_Phdr *segment, bool by_bytes)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;
	const char *name;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &header) ||
		    !holds(segment, &header, by_bytes))
			continue;
		name = elf_strptr(elf, names, header.sh_name);
		if (name)
			return name;
	}
	return NULL;
}

/* Sections only name things; a file without them is as good. */
static void name_segment(Elf *elf, const GElf_Phdr *segment,
			 char name[SECTION_NAME_MAXIMUM + 1])
{
	const char *found = name_of(elf, segment, true);
	size_t length;

	if (!found)
		found = name_of(elf, segment, false);
	if (!found)
		found = "";
	length = strnlen(found, SECTION_NAME_MAXIMUM);
	memcpy(name, found, length);
	name[length] = '\0';
}

static s0_code take_segment(struct reader *reader, Elf *elf, unsigned index,
			    unsigned loads, const GElf_Phdr *header)
{
	char name[SECTION_NAME_MAXIMUM + 1] = "";
	struct sink_segment segment = {
		.index = index,
		.section = name,
		.address = (uint32_t)header->p_paddr,
		.memory_length = (uint32_t)header->p_memsz,
		.place = header->p_offset,
	};

	if (loads < NAMED_SEGMENTS_MAXIMUM)
		name_segment(elf, header, name);
	if (!sink_begin(reader->sink, &segment) ||
	    !sink_add(reader->sink, segment.address,
		      reader->bytes + header->p_offset,
		      (uint32_t)header->p_filesz, header->p_offset))
		return error_memory(reader->err);
	return S0_OK;
}

static s0_code read_segments(struct reader *reader, Elf *elf,
			     const struct headers *headers)
{
	uint64_t claimed = 0;
	unsigned loads = 0;
	s0_code code = S0_OK;

	for (unsigned i = 0; i < headers->count && code == S0_OK; i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(elf, (int)i, &segment))
			return reader_error(reader, S0_E_FORMAT,
					    header_offset(headers, i),
					    "program header %u is unreadable: "
					    "%s",
					    i, elf_errmsg(-1));
		if (segment.p_type != PT_LOAD)
			continue;
		if (segment.p_filesz)
			code = check_segment(reader, headers, i, &segment);
		claimed += segment.p_filesz;
		/* Or a small file could ask for gigabytes, again and again. */
		if (code == S0_OK && claimed > reader->length)
			code = reader_error(
				reader, S0_E_FORMAT, header_offset(headers, i),
				"segments up to %u have %" PRIu64
				" bytes together, more than the file has",
				i, claimed);
		if (code == S0_OK)
			code = take_segment(reader, elf, i, loads++, &segment);
	}
	return code;
}

s0_code elf_read(struct reader *reader)
{
	struct headers headers;
	Elf *elf;
	s0_code code = check_ident(reader);

	if (code == S0_OK)
		code = check_header(reader);
	if (code == S0_OK)
		code = find_headers(reader, &headers);
	if (code != S0_OK)
		return code;
	(void)elf_version(EV_CURRENT);
	/* libelf's interface lacks the const; it does not write. */
	elf = elf_memory((char *)(uintptr_t)reader->bytes, reader->length);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		code = reader_error(reader, S0_E_FORMAT, 0,
				    "not a readable ELF file: %s",
				    elf_errmsg(-1));
	else
		code = read_segments(reader, elf, &headers);
	(void)elf_end(elf);
	return code;
}
