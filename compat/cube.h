/* SPDX-License-Identifier: MIT */
#ifndef COMPAT_CUBE_H
#define COMPAT_CUBE_H

/*
 * STM32_Programmer_CLI's command line over USB DFU: commands from left to right
 * in one connection. The wording is that of version 2.22, as sessions of it
 * have been published; where only another version's are known, that one's; what
 * nobody published is worded alike. It is plain text: the colours that the
 * original sends into pipes too are what its readers take out first.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/app.h"

#define CUBE_VERSION "2.22.0"

struct cube {
	struct app app; /* device, session, and how failures are said */
	char **words;	/* the command line, taken apart */
	size_t count, capacity, at;
	struct s0_image **images; /* of the files that they name */
	bool quiet, yes, skip_erase;
	unsigned verbosity;
	char path[64]; /* of the device; "": SECTOR0_DEVICE says it */
	FILE *log;
	/* All commands are gone through twice: first what they are told is
	 * checked, and nothing done. */
	bool checking;
	bool connected, left; /* in both rounds */
	bool programmed;      /* a file was written, in this round */
	bool changed;	      /* an earlier command changed the device */
	/* what -v is about */
	bool written;
	uint64_t write_us, verify_us;
	/* the bar */
	bool bar;
	unsigned bar_steps;
};

/* Its arguments are taken and checked in both rounds. False: it failed, and was
 * said. */
typedef bool (*cube_run)(struct cube *cube);

/* Which command it is that has to be known elsewhere. */
enum cube_role {
	CUBE_OTHER = 0,
	CUBE_SKIP_ERASE,
	CUBE_QUIET,
	CUBE_YES,
	CUBE_VERBOSITY,
	CUBE_LOG,
	CUBE_SCRIPT,
	CUBE_VERIFY,
	CUBE_NO_VERIFY,
	CUBE_READ,
	CUBE_START,
	CUBE_RESET,
	CUBE_OPTION,
	CUBE_UNPROTECT
};

struct cube_command {
	const char *names[4]; /* without dashes, lower case */
	cube_run run;
	bool device; /* needs -c before it */
	enum cube_role role;
};

/* cube_commands.c */
bool cube_is_command(const char *word);
/* NULL: none that is done here. */
const struct cube_command *cube_find(const char *word);
/* Say why there is no such command. Always false. */
bool cube_no_command(struct cube *cube, const char *word);

/* cube_say.c: to the screen and the log. */
void cube_say(struct cube *cube, const char *format, ...) S0_PRINTF(2, 3);
/* "Error: …". Always false. */
bool cube_fail(struct cube *cube, const char *format, ...) S0_PRINTF(2, 3);
/* A command line that is not understood: "Error: …", and likewise on stderr.
 * Always false. */
bool cube_refuse(struct cube *cube, const char *format, ...) S0_PRINTF(2, 3);
/* A failure of the library: said by whoever called in their words, here in
 * ours. Always false. */
bool cube_failed(struct cube *cube, struct s0_error *err);
/* On stderr alone. */
void cube_note(struct cube *cube, const char *text);
/* "00:00:04.123" */
void cube_time(char text[24], uint64_t us);

/* cube.c */
/* The next word if it is no command; NULL. */
const char *cube_argument(struct cube *cube);
/* The command behind the arguments, settings skipped; NULL. */
const struct cube_command *cube_next(const struct cube *cube);
bool cube_number(const char *word, uint32_t *ret);
bool cube_number64(const char *word, uint64_t *ret);
/* An argument that must be a number. */
bool cube_want(struct cube *cube, const char *what, uint32_t *ret);
/* An address and a length, together below 2^32. */
bool cube_want_range(struct cube *cube, uint32_t *ret_address,
		     uint32_t *ret_length);
/* No argument may follow. */
bool cube_no_more(struct cube *cube);
bool cube_same(const char *a, const char *b); /* in any case */
/* What follows a key, in any case; NULL: another word. */
const char *cube_after(const char *word, const char *key);

/* cube_bar.c */
void cube_progress(void *payload, const struct s0_progress *progress);
void cube_bar_full(struct cube *cube);

/* cube_parse.c */
bool cube_take_apart(struct cube *cube, int argc, char **argv);
/* Put the commands of -script files in their place. */
bool cube_take_scripts(struct cube *cube);
void cube_forget(struct cube *cube);

/* cube_names.c: what is shown of a chip. */
const char *cube_device_name(const struct s0_chip *chip);
const char *cube_cpu_name(const struct s0_chip *chip);

/* cube_map.c */
/* The sectors of flash are numbered through. False: there are not so many. */
bool cube_sector(const struct cube *cube, uint32_t number,
		 uint32_t *ret_address, uint32_t *ret_length);
/* The number of the sector that holds an address. */
bool cube_sector_at(const struct cube *cube, uint32_t address,
		    uint32_t *ret_number);
void cube_say_sectors(struct cube *cube, uint32_t first, uint32_t last);
void cube_say_erased(struct cube *cube);
/* What -vb 2 shows of the device. */
void cube_say_areas(struct cube *cube);

/* cube_connect.c, cube_list.c */
bool cube_connect(struct cube *cube);
/* The same device once more, as that chip or as it is recognised. */
s0_code cube_reopen(struct cube *cube, const char *chip, struct s0_error *err);
bool cube_list(struct cube *cube);
/* cube_write.c */
bool cube_write(struct cube *cube);
bool cube_verify(struct cube *cube);
/* What -v and the writing of words say of the verification. */
void cube_say_verified(struct cube *cube);
/* "Error: Data mismatch found …". */
void cube_say_mismatch(struct cube *cube, const struct s0_error *err);
/* Read the file that a word names, at an address if it is raw, into
 * cube->images; what fails is said. */
bool cube_read_file(struct cube *cube, size_t word, uint32_t address);
/* Plan and run, with the words of the failure: a bit of both. */
struct cube_job {
	const struct s0_image *image;
	const char *name; /* of the file; NULL: it is not told of */
	bool silent;	  /* nor are the sectors that it erases */
	struct s0_policy policy;
	struct s0_result result;
};
s0_code cube_do(struct cube *cube, struct cube_job *job, struct s0_error *err);
/* cube_words.c */
bool cube_write8(struct cube *cube);
bool cube_write16(struct cube *cube);
bool cube_write32(struct cube *cube);
bool cube_write64(struct cube *cube);
bool cube_fill(struct cube *cube);
/* cube_erase.c */
bool cube_erase(struct cube *cube);
/* cube_start.c */
bool cube_start(struct cube *cube);
bool cube_reset(struct cube *cube);
/* cube_read.c */
bool cube_read(struct cube *cube);
bool cube_read8(struct cube *cube);
bool cube_read16(struct cube *cube);
bool cube_read32(struct cube *cube);
/* cube_sum.c */
bool cube_blank(struct cube *cube);
bool cube_checksum(struct cube *cube);
bool cube_file_checksum(struct cube *cube);
/* cube_unprotect.c */
bool cube_unprotect(struct cube *cube);
/* Where words of -ob ask for level 0 of a chip that tells no option bytes, it is
 * opened before the others are looked at. */
bool cube_open_first(struct cube *cube, size_t first, size_t last,
		     bool *ret_opened);
/* cube_option.c, cube_option_show.c, cube_option_bits.c */
bool cube_option(struct cube *cube);
struct option_changes;
/* nWRP0, nWRP1, …: the bits of the fields for sectors, through all banks.
 * S0_E_UNSUPPORTED: no such name, or not 0 or 1. */
s0_code cube_take_bit(const struct s0_device_info *info, const char *name,
		      const char *value, struct option_changes *changes,
		      struct s0_error *err);
/* Is it shown bit by bit, and from which number on? */
bool cube_has_bits(const struct s0_chip *chip,
		   const struct s0_option_field *field, unsigned *ret_first);
void cube_say_upload(struct cube *cube);
void cube_show_options(struct cube *cube);

#endif
