/* SPDX-License-Identifier: MIT */
#ifndef CHIP_CHIP_FILE_H
#define CHIP_CHIP_FILE_H

/*
 * Files of chips (docs/adding-a-chip.md), in three steps: lines with their
 * sources (chip_file_lines.c, chip_file_sources.c), the lines that hold for a
 * chip (chip_file.c), and what they say (the others). All refuse with
 * NAME:LINE:COLUMN.
 */

#include <stdbool.h>

#include <sector0/chips.h>

#include "chip/chip_store.h"

/* Where a key may stand, and how. */
enum {
	KEY_FAMILY = 1, /* before the first chip */
	KEY_CHIP = 2,	/* in a chip's section */
	KEY_SET = 4,	/* in a set of options */
	KEY_OPTION = 8, /* … behind the option it belongs to */
	KEY_ONCE = 16,
	KEY_NEEDED = 32,
	KEY_BARE = 64 /* needs no source */
};

struct file_key {
	const char *name;
	unsigned how;
};

struct file_line {
	const char *at; /* the line itself */
	unsigned number;
	const char *key, *value, *source;
	const struct file_key *about;
	s0_source_kind kind; /* S0_SOURCE_KINDS: no source */
};

/* A declared source. */
struct file_source {
	const char *key;
	const struct file_line *line; /* NULL: known by itself */
	s0_source_kind kind;
	bool used;
};

struct chip_file {
	const char *name;
	struct chip_store *store;
	struct file_line *lines;
	size_t count;
	struct file_source *sources;
	size_t source_count;
	struct s0_error *err;
};

/* The lines that hold for one chip. */
struct file_view {
	const struct chip_file *file;
	const struct file_line *chip; /* its `chip = NAME` */
	const struct file_line **lines;
	size_t count;
};

struct s0_chips {
	struct chip_store store;
	struct s0_chip *chips;
	size_t count;
};

/* ---- refusing ------------------------------------------------------------ */

/* Refuse a place of a line; at: NULL: the line as a whole. */
s0_code file_bad(const struct chip_file *file, const struct file_line *line,
		 const char *at, const char *format, ...) S0_PRINTF(4, 5);

/* ---- lines --------------------------------------------------------------- */

/* Cut text, which is the store's and is written into, into lines. */
s0_code file_read_lines(struct chip_file *file, char *text, size_t length);

/* Read the declared sources, and which of them each line names. */
s0_code file_read_sources(struct chip_file *file);

/* What is known of a key; NULL. */
const struct file_key *file_key(const char *name);

/* The next needed key behind one (NULL: the first); NULL: that was the last. */
const struct file_key *file_key_needed(const struct file_key *before);

/* ---- the words of a value ------------------------------------------------ */

struct file_words {
	const struct chip_file *file;
	const struct file_line *line;
	const char *at;	  /* what is left */
	const char *form; /* what is expected, "version name first limits" */
	s0_code code;	  /* of the first that was refused */
};

struct file_words words_of(const struct chip_file *file,
			   const struct file_line *line, const char *form);

/* A number from least to most. 0 when refused, as all else from then on. */
uint32_t words_number(struct file_words *words, uint32_t least, uint32_t most);

/* One word, the store's; "" when refused. */
const char *words_word(struct file_words *words);

/* A word of a list, whose index is returned; what: "kind", for the refusal. */
size_t words_one_of(struct file_words *words, const char *const *known,
		    size_t count, const char *what);

/* All that is left; "" when refused. */
const char *words_rest(struct file_words *words);

/* Is anything left? */
bool words_more(const struct file_words *words);

/* Refuse the word that was read last. */
void words_bad(struct file_words *words, const char *last, const char *format,
	       ...) S0_PRINTF(3, 4);

/* Refuse what is left. */
s0_code words_end(struct file_words *words);

/* Is it a name of a chip: [a-z][a-z0-9_]*? */
bool file_is_name(const char *word);

/* ---- a chip's lines ------------------------------------------------------ */

bool file_is(const struct file_line *line, const char *key);

/* Find the lines of the chip that begins at a line. */
s0_code file_view(const struct chip_file *file, size_t start,
		  struct file_view *ret_view);

/* The next line of a key from index on; count: none. */
size_t view_find(const struct file_view *view, const char *key, size_t from);

/* How many there are. */
size_t view_count(const struct file_view *view, const char *key);

/* One of them; the chip's first line if there are not that many. */
const struct file_line *view_line(const struct file_view *view, const char *key,
				  size_t index);

/* ---- what they say ------------------------------------------------------- */

typedef s0_code file_reader(const struct file_view *view, struct s0_chip *chip);
typedef s0_code file_checker(const struct file_view *view,
			     const struct s0_chip *chip);

/* Numbers, texts and lists. */
s0_code file_read_values(const struct file_view *view, struct s0_chip *chip);

/* Layouts, geometries, banks, sizes, areas, windows of option bytes. */
s0_code file_read_layout(const struct file_view *view, struct s0_chip *chip);

/* Words and fields of the option bytes; windows first. */
s0_code file_read_options(const struct file_view *view, struct s0_chip *chip);

/* Refuse the value of the line of a key with that index. */
#define FILE_BAD_VALUE(view, key, index, ...)                                  \
	file_bad((view)->file, view_line(view, key, index),                    \
		 view_line(view, key, index)->value, __VA_ARGS__)

/* Refuse what cannot be: each value may be right, not all of them together. */
s0_code file_check(const struct file_view *view, const struct s0_chip *chip);
s0_code file_check_options(const struct file_view *view,
			   const struct s0_chip *chip);

#endif
