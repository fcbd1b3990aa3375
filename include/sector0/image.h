/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_IMAGE_H
#define SECTOR0_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/error.h>

/**
 * @file
 * A firmware image: which bytes belong at which addresses, and which place in
 * which file they came from.
 *
 * An image is sparse: it costs memory for its bytes, not for the gaps. It is
 * filled by reading one or more firmware files, or by hand, and it can be
 * written out again in any format but ELF. No function here touches a file:
 * all get and give bytes.
 *
 *     struct s0_image *image;
 *     struct s0_image_file file = { .name = "app.hex", .bytes = p, .length = n };
 *     if (s0_image_new(&image, &err) == S0_OK &&
 *         s0_image_read(image, &file, NULL, &err) == S0_OK) …
 *
 * Two views: *segments* are what the files said, in the files' order, empty
 * ones included, for showing to people. *Pieces* are the bytes themselves:
 * sorted by address, never overlapping (two neighbours may touch).
 */

S0_BEGIN_DECLS

/** A firmware file format. */
typedef enum s0_format {
	S0_FORMAT_AUTO = 0,  /**< Recognise by content, then by name. */
	S0_FORMAT_BIN = 1,   /**< Raw bytes; the address is told apart. */
	S0_FORMAT_IHEX = 2,  /**< Intel HEX. */
	S0_FORMAT_SREC = 3,  /**< Motorola S-record. */
	S0_FORMAT_ELF = 4,   /**< 32-bit little-endian ARM ELF; read only. */
	S0_FORMAT_DFUSE = 5, /**< DfuSe .dfu container. */
	S0_FORMAT_UF2 = 6    /**< UF2. */
} s0_format;

/** UF2 family of the STM32H7 (microsoft/uf2, utils/uf2families.json). */
#define S0_UF2_STM32H7 0x6db66082u

/** An image. Opaque. */
struct s0_image;

/** A file to read: its name (for messages and format) and its bytes. */
struct s0_image_file {
	const char *name;  /**< Copied. */
	const void *bytes; /**< Not kept after the call. */
	size_t length;	   /**< Bytes. */
	uint32_t address;  /**< Raw binary only: where it starts. */
};

/** How to read. Zero-initialise for the defaults. */
struct s0_image_read_options {
	s0_format format; /**< S0_FORMAT_AUTO recognises it. */
	/** UF2 families to accept, 0 behind the last; NULL for any STM32. Of
	    a file for several of them none is chosen: it is refused. Not kept
	    after the call. */
	const uint32_t *uf2_families;
	bool ignore_checksums; /**< .dfu: wrong sizes and CRC only warn. */
	/** Called for what is worth saying but no error (an extension that
	    disagrees with the content, a record that is ignored). May be NULL.
	    @p line is one sentence that begins with the file's name, valid
	    during the call only. */
	void (*warn)(void *payload, const char *line);
	void *payload; /**< Handed to warn. */
};

/** One segment, as the file had it. Strings are owned by the image. */
struct s0_segment {
	const char *file;    /**< Name of the file it came from. */
	unsigned index;	     /**< Number within that file, from 0: ELF program
				   header number; element number; running number
				   of contiguous run in the file otherwise. */
	const char *section; /**< Section (ELF) or target name (.dfu), or "". */
	unsigned target;     /**< .dfu: number of its target, from 0; else 0. */
	uint8_t alternate; /**< .dfu: the alternate setting it is for; else 0. */
	uint32_t address;  /**< Load address (ELF: p_paddr). */
	uint32_t length;   /**< Bytes in the file; 0 for an empty segment. */
	uint32_t memory_length; /**< Bytes in memory (ELF: p_memsz). */
	uint64_t place;		/**< Line (text formats, from 1) or offset
				   (binary) in the file where it starts. */
};

/** One piece of the image's bytes. */
struct s0_piece {
	uint32_t address;     /**< Address of the first byte. */
	uint32_t length;      /**< Bytes, more than 0. */
	const uint8_t *bytes; /**< Owned by the image, until it changes. */
};

/** Make an empty image, to be freed with s0_image_free(). */
S0_API S0_MUST_CHECK s0_code s0_image_new(struct s0_image **ret_image,
					  struct s0_error *err);

/** Free an image. NULL is allowed. */
S0_API void s0_image_free(struct s0_image *image);

/**
 * Read a firmware file into an image, beside what is already there.
 *
 * On failure the image is as it was before the call.
 *
 * @param file     The file. For a format other than raw binary, file->address
 *                 is not used.
 *                 Bytes that differ are found once the file has been read to
 *                 its end: a broken record is reported before them.
 * @param options  NULL for the defaults.
 * @retval S0_OK
 * @retval S0_E_FORMAT   The file is broken; the message begins with
 *                       `NAME:LINE:COLUMN:` (text) or `NAME: offset 0x…`.
 * @retval S0_E_OVERLAP  Bytes that differ from others for the same address;
 *                       the message names both places.
 * @retval S0_E_UNSUPPORTED  A file of another machine, class or family.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_image_read(
	struct s0_image *image, const struct s0_image_file *file,
	const struct s0_image_read_options *options, struct s0_error *err);

/**
 * Which format a file has, as s0_image_read() would decide.
 * @return Never S0_FORMAT_AUTO. Raw binary only where the name claims no other
 *         format; otherwise the format that the name claims. One exception: a
 *         .dfu file without DfuSe content but with the suffix of DFU 1.1 is a
 *         raw binary, read without its suffix.
 */
S0_API s0_format s0_image_recognise(const struct s0_image_file *file);

/** Format that a file name's extension claims; S0_FORMAT_AUTO if none known. */
S0_API s0_format s0_format_of_name(const char *name);

/** Format by its own name: bin, hex, srec (s19, s28, s37), elf, dfu, uf2;
    S0_FORMAT_AUTO when unknown. */
S0_API s0_format s0_format_parse(const char *word);

/** Words for a format, "Intel HEX" for example. Never NULL. */
S0_API const char *s0_format_name(s0_format format);

/**
 * Add bytes by hand. They become one segment of @p file_name.
 * @param bytes  Copied.
 * @retval S0_E_OVERLAP, S0_E_MEMORY, S0_E_OUTSIDE (wraps past 0xffffffff)
 */
S0_API S0_MUST_CHECK s0_code s0_image_add(struct s0_image *image,
					  const char *file_name,
					  uint32_t address, const void *bytes,
					  uint32_t length,
					  struct s0_error *err);

/**
 * Add words by hand: @p value again and again, least significant byte first,
 * until @p length bytes are full (the last may be cut). They become one segment
 * of @p file_name. A single word has the length of its width.
 * @param length  Bytes, at least 1.
 * @param width   Bytes of the value: 1, 2, 4 or 8. Its higher ones do not count.
 * @retval S0_E_OVERLAP, S0_E_MEMORY, S0_E_OUTSIDE (wraps past 0xffffffff)
 */
S0_API S0_MUST_CHECK s0_code s0_image_fill(struct s0_image *image,
					   const char *file_name,
					   uint32_t address, uint32_t length,
					   uint64_t value, unsigned width,
					   struct s0_error *err);

/** Number of segments, empty ones included. */
S0_API size_t s0_image_segment_count(const struct s0_image *image);

/**
 * One segment.
 * @param ret  Filled in; strings stay owned by the image.
 * @return false if index is too big; then *ret is left alone.
 */
S0_API bool s0_image_segment(const struct s0_image *image, size_t index,
			     struct s0_segment *ret);

/** Number of pieces. */
S0_API size_t s0_image_piece_count(const struct s0_image *image);

/** One piece; index below s0_image_piece_count(), else a piece of length 0. */
S0_API struct s0_piece s0_image_piece(const struct s0_image *image,
				      size_t index);

/** Sum of the lengths of all pieces, in bytes. */
S0_API uint64_t s0_image_size(const struct s0_image *image);

/**
 * Index of the first piece that ends after @p address; the piece count if
 * there is none. A binary search.
 */
S0_API size_t s0_image_find(const struct s0_image *image, uint32_t address);

/**
 * Copy the image's bytes that lie in [address, address + length) to @p buffer,
 * which stands for that range; bytes of the range that the image does not have
 * are left alone.
 * @return Number of bytes copied.
 */
S0_API uint32_t s0_image_copy(const struct s0_image *image, uint32_t address,
			      uint32_t length, void *buffer);

/** How to write. Zero-initialise for the defaults. */
struct s0_image_write_options {
	uint32_t uf2_family; /**< 0: S0_UF2_STM32H7. */
	const char
		*title; /**< S0 header text, DfuSe target name; NULL: none. */
};

/**
 * Takes output as it comes.
 * @return false to stop (the write then fails with S0_E_FILE).
 */
typedef bool (*s0_sink_fn)(void *payload, const void *bytes, size_t length);

/**
 * Write an image as a file of the given format.
 * @param format   Any but S0_FORMAT_AUTO and S0_FORMAT_ELF.
 * @param options  NULL for the defaults.
 * @retval S0_OK
 * @retval S0_E_UNSUPPORTED  ELF; or a raw binary longer than 64 MiB.
 * @retval S0_E_EMPTY        An image without bytes.
 * @retval S0_E_FILE         The sink stopped.
 */
S0_API S0_MUST_CHECK s0_code
s0_image_write(const struct s0_image *image, s0_format format,
	       const struct s0_image_write_options *options, s0_sink_fn sink,
	       void *payload, struct s0_error *err);

S0_END_DECLS

#endif
