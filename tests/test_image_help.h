/* SPDX-License-Identifier: MIT */
#ifndef TEST_IMAGE_HELP_H
#define TEST_IMAGE_HELP_H

/* What the tests of src/image share: files built by hand, and an image printed
 * as text that a person can check. */

#include "test.h"

#include <sector0/image.h>

#include "base/text.h"

/* A file under construction. */
struct bytes {
	uint8_t *at;
	size_t length;
	size_t capacity;
};

void bytes_add(struct bytes *bytes, const void *more, size_t length);
void bytes_add_le16(struct bytes *bytes, uint16_t value);
void bytes_add_le32(struct bytes *bytes, uint32_t value);
void bytes_free(struct bytes *bytes);
/* Takes what s0_image_write() gives; payload is a struct bytes. */
bool bytes_sink(void *payload, const void *more, size_t length);

/*
 * Read a file into an image and say what came of it:
 *
 *	warning: LINE                          each warning
 *	segment INDEX SECTION ADDRESS LENGTH/MEMORY at PLACE
 *	ADDRESS: BYTES                         each run of bytes
 *	E_CODE: MESSAGE                        a failure
 *
 * Returned text is to be freed with text_free().
 */
struct text image_try(struct s0_image *image, struct s0_image_file file,
		      struct s0_image_read_options options);

/* Append an image, as above. */
void image_print(const struct s0_image *image, struct text *text);

/* image_try() with a new image must say `expected`. */
void expect_bytes(const char *name, const void *bytes, size_t length,
		  const char *expected);
void expect_text(const char *name, const char *content, const char *expected);
void expect_options(struct s0_image_file file,
		    struct s0_image_read_options options, const char *expected);

/* A new image with the bytes of a file; the file must be good. */
struct s0_image *image_of(const char *name, const void *bytes, size_t length);

/* 52 bytes of ELF header and one program header each. */
struct elf_segment {
	uint32_t type, offset, vaddr, paddr, filesz, memsz;
};
struct bytes elf_file(const struct elf_segment *segments, uint16_t count);

/* A DfuSe file is put together from these; the last one adds the suffix and
 * puts the image size into the prefix. */
void dfuse_start(struct bytes *bytes, uint8_t targets);
void dfuse_target(struct bytes *bytes, const char *name, uint32_t size,
		  uint32_t elements);
void dfuse_element(struct bytes *bytes, uint32_t address, const char *data);
void dfuse_end(struct bytes *bytes);
/* Suffix with a right CRC. */
void dfu_suffix(struct bytes *bytes, uint16_t version);

struct uf2_block {
	uint32_t flags, address, size, number, total, family;
	uint8_t fill;
};
void uf2_add(struct bytes *bytes, struct uf2_block block);

#endif
