/* SPDX-License-Identifier: MIT */
/* -w and -v. */
#include <stdio.h>
#include <string.h>

#include "cli/os.h"
#include "cli/say.h"
#include "compat/cube.h"

static bool overlap(uint32_t a, uint32_t a_length, uint32_t b,
		    uint32_t b_length)
{
	return a - b < b_length || b - a < a_length;
}

/* A segment of theirs: what is contiguous, however the file parts it. */
static bool segment_at(const struct s0_image *image, size_t number,
		       uint32_t *ret_address, uint32_t *ret_length)
{
	size_t count = s0_image_piece_count(image), i = 0;

	for (; i < count; number--) {
		struct s0_piece piece = s0_image_piece(image, i++);

		*ret_address = piece.address;
		*ret_length = piece.length;
		while (i < count && s0_image_piece(image, i).address ==
					    *ret_address + *ret_length)
			*ret_length += s0_image_piece(image, i++).length;
		if (number == 0)
			return true;
	}
	return false;
}

static void tell_erase(struct cube *cube, const struct s0_plan *plan,
		       bool named, size_t number, uint32_t address,
		       uint32_t length)
{
	uint32_t first = UINT32_MAX, last = 0, index;

	for (size_t k = 0; k < s0_plan_sector_count(plan); k++) {
		const struct s0_plan_sector *s = s0_plan_sector(plan, k);

		if (!s->erase ||
		    !overlap(address, length, s->address, s->length) ||
		    !cube_sector_at(cube, s->address, &index))
			continue;
		first = index < first ? index : first;
		last = index > last ? index : last;
	}
	if (first == UINT32_MAX) {
		if (named && !cube_sector_at(cube, address, &index))
			cube_say(cube,
				 "Erasing memory corresponding to segment "
				 "%zu:\nNot flash Memory : No erase done\n",
				 number);
		return;
	}
	if (named)
		cube_say(cube, "Erasing memory corresponding to segment %zu:\n",
			 number);
	if (cube->verbosity > 2)
		cube_say(cube,
			 "Erasing Segment <%zu> Address <0x%08x> Size "
			 "<%u>Bytes\n",
			 number, address, length);
	cube_say_sectors(cube, first, last);
}

static void tell_file(struct cube *cube, const char *name,
		      const struct s0_image *image)
{
	struct s0_piece piece = s0_image_piece(image, 0);
	uint64_t size = s0_image_size(image);

	cube_say(cube, "\n\nMemory Programming ...\n  File          : %s\n",
		 name);
	if (size >= 1024)
		cube_say(cube, "  Size          : %.2f KB\n",
			 (double)size / 1024);
	else
		cube_say(cube, "  Size          : %llu Bytes\n",
			 (unsigned long long)size);
	cube_say(cube, "  Address       : 0x%08X\n\n\n", piece.address);
}

static void tell_plan(struct cube *cube, const struct cube_job *job,
		      const struct s0_plan *plan)
{
	uint32_t address, length;

	for (size_t i = 0;
	     !job->silent && segment_at(job->image, i, &address, &length); i++)
		tell_erase(cube, plan, job->name, i, address, length);
	if (job->name)
		cube_say(cube, "Download in Progress:\n");
}

s0_code cube_do(struct cube *cube, struct cube_job *job, struct s0_error *err)
{
	struct s0_plan *plan = NULL;
	s0_code code;

	if (job->name)
		tell_file(cube, job->name, job->image);
	code = s0_session_plan(cube->app.session, job->image, &job->policy,
			       &plan, err);
	if (code == S0_OK) {
		tell_plan(cube, job, plan);
		code = s0_plan_warnings(plan, say_warning, &cube->app, err);
	}
	if (code == S0_OK)
		code = s0_session_run(cube->app.session, plan, &job->result,
				      err);
	s0_plan_free(plan);
	cube_say_erased(cube);
	if (code == S0_OK || err->aftermath != S0_UNTOUCHED)
		cube->changed = true;
	cube->verify_us = job->result.times.wire_us / 2;
	cube->write_us = job->result.time_us - cube->verify_us;
	return code;
}

/* The bytes are in the message alone, and reading once more could stop a device
 * whose flash is damaged. */
void cube_say_mismatch(struct cube *cube, const struct s0_error *err)
{
	unsigned found, expected;

	if (sscanf(err->message,
		   "the byte at 0x%*8x reads 0x%2x instead of 0x%2x", &found,
		   &expected) == 2)
		(void)cube_fail(cube,
				"Data mismatch found at address 0x%08X (byte = "
				"0x%02X instead of 0x%02X)",
				err->address, found, expected);
}

/* A failure has its address in one of the segments, or in the flash word that
 * one ends in. */
static void tell_segment(struct cube *cube, const struct s0_image *image,
			 const struct s0_error *err)
{
	uint32_t address, length;

	for (size_t i = 0;
	     err->length && segment_at(image, i, &address, &length); i++)
		if (overlap(address, length, err->address, err->length)) {
			(void)cube_fail(cube, "failed to download Segment[%zu]",
					i);
			return;
		}
}

static void tell_done(struct cube *cube)
{
	char time[24];

	cube_bar_full(cube);
	cube_time(time, cube->write_us);
	cube_say(cube,
		 "\nFile download complete\nTime elapsed during download "
		 "operation: %s\n",
		 time);
}

static bool tell_failure(struct cube *cube, const struct cube_job *job,
			 struct s0_error *err)
{
	const struct cube_command *next = cube_next(cube);
	bool differs = err->code == S0_E_MISMATCH;

	/* What is compared for -v only is compared by then. */
	if (differs && next && next->role == CUBE_VERIFY) {
		tell_done(cube);
		cube_say(cube, "\nVerifying...\nRead progress:\n");
		cube_bar_full(cube);
		cube_say_mismatch(cube, err);
		(void)cube_fail(cube, "Download verification failed");
		return cube_failed(cube, err);
	}
	if (differs)
		cube_say_mismatch(cube, err);
	else if (err->code == S0_E_NOT_ERASED || err->code == S0_E_PROTECTED)
		(void)cube_fail(cube, "failed to erase memory");
	else if (err->length && err->aftermath != S0_UNTOUCHED)
		(void)cube_fail(cube, "Write failed at address: 0x%x",
				err->address);
	tell_segment(cube, job->image, err);
	(void)cube_fail(cube, "failed to download the File");
	return cube_failed(cube, err);
}

static bool read_file(struct cube *cube, const char *name, uint32_t address,
		      struct s0_image **ret_image)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image_read_options how = { .format = S0_FORMAT_AUTO };
	struct s0_image_file file = { .name = name, .address = address };
	struct blob blob = { 0 };

	if (os_read_file(name, &blob, &err) != S0_OK) {
		(void)cube_fail(cube, "failed to open the file %s", name);
		return cube_failed(cube, &err);
	}
	file.bytes = blob.bytes;
	file.length = blob.length;
	if (s0_image_new(ret_image, &err) == S0_OK)
		err.code = s0_image_read(*ret_image, &file, &how, &err);
	os_free_blob(&blob);
	if (err.code == S0_OK && s0_image_size(*ret_image) == 0) {
		err.code = S0_E_EMPTY;
		(void)snprintf(err.message, sizeof err.message,
			       "%s has no bytes to program", name);
	}
	if (err.code == S0_OK)
		return true;
	(void)cube_fail(cube, "failed to parse the file %s", name);
	return cube_failed(cube, &err);
}

/* Is it a file that an earlier command of the line writes? */
static bool is_made(const struct cube *cube, size_t word)
{
	for (size_t i = 0; i + 3 < word; i++) {
		const struct cube_command *command =
			cube_is_command(cube->words[i])
				? cube_find(cube->words[i])
				: NULL;

		if (command && command->role == CUBE_READ &&
		    strcmp(cube->words[i + 3], cube->words[word]) == 0)
			return true;
	}
	return false;
}

/* In the first round, and then no more: it may be a pipe. */
bool cube_read_file(struct cube *cube, size_t word, uint32_t address)
{
	if (cube->images[word] || (cube->checking && is_made(cube, word)))
		return true;
	return read_file(cube, cube->words[word], address, &cube->images[word]);
}

static bool is_raw(const char *name)
{
	s0_format format = s0_format_of_name(name);

	return format == S0_FORMAT_BIN || format == S0_FORMAT_AUTO;
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length > tail && cube_same(name + length - tail, end);
}

/* FILE [ADDRESS] ["incremental"]: what is right already always stays. */
static bool take_file(struct cube *cube, const char **ret_name,
		      uint32_t *ret_address)
{
	const char *name = cube_argument(cube), *word;
	bool placed = false;

	if (!name)
		return cube_refuse(cube, "Wrong write command use: a file is "
					 "missing");
	while ((word = cube_argument(cube))) {
		if (cube_same(word, "incremental"))
			continue;
		if (placed || !cube_number(word, ret_address))
			return cube_refuse(cube, "'%s' is not an address",
					   word);
		placed = true;
	}
	if (ends_with(name, ".tsv") || ends_with(name, ".stm32"))
		return cube_refuse(cube,
				   "%s: flash layouts are for STM32MP "
				   "microprocessors, which sector0 does not "
				   "program",
				   name);
	*ret_name = name;
	if (cube->checking && placed && !is_raw(name))
		cube_note(cube, "a file of this format has its own addresses: "
				"the one behind it does not count");
	/* Only its content can tell of a name without a format. */
	return placed || !is_raw(name) ||
	       cube_refuse(cube,
			   "Wrong write command use: the binary file %s needs "
			   "an address",
			   name);
}

static bool write_file(struct cube *cube, const char *name,
		       const struct s0_image *image)
{
	struct s0_error err = S0_ERROR_INIT;
	struct cube_job job = {
		.image = image,
		.name = name,
		.policy = { .erase = cube->skip_erase ? S0_ERASE_NONE
						      : S0_ERASE_NEEDED,
			    .write_ram = true },
	};

	if (cube_do(cube, &job, &err) != S0_OK)
		return tell_failure(cube, &job, &err);
	tell_done(cube);
	return true;
}

bool cube_write(struct cube *cube)
{
	size_t file = cube->at;
	const char *name = NULL;
	uint32_t address = 0;

	if (!take_file(cube, &name, &address))
		return false;
	cube->programmed = cube->written = true;
	if (!cube->checking)
		cube_say(cube, "\n\nOpening and parsing file: %s\n", name);
	return cube_read_file(cube, file, address) &&
	       (cube->checking || write_file(cube, name, cube->images[file]));
}

void cube_say_verified(struct cube *cube)
{
	char time[24];

	cube_say(cube, "\nVerifying...\nRead progress:\n");
	cube_bar_full(cube);
	cube_time(time, cube->verify_us);
	cube_say(cube,
		 "Time elapsed during verifying operation: %s\nDownload "
		 "verified successfully\n\n",
		 time);
}

/* Every write was verified; asked for, it is told. */
bool cube_verify(struct cube *cube)
{
	const char *word = cube_argument(cube);

	/* The second is in ST's own batch files. */
	if (word && !cube_same(word, "fast") &&
	    !cube_same(word, "after_programming"))
		return cube_refuse(cube, "'%s' is not understood behind -v",
				   word);
	if (!cube->written)
		return cube_refuse(cube, "Wrong verify command use");
	cube->written = false;
	if (!cube->checking)
		cube_say_verified(cube);
	return true;
}
