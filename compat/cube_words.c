/* SPDX-License-Identifier: MIT */
/* -w8, -w16, -w32, -w64 and -fillmemory. The original needs erased flash under
 * the words and erases whole sectors under what is filled; here the other bytes
 * of a sector are kept. */
#include <string.h>

#include "compat/cube.h"

/* No memory of these chips is longer; a larger size is a slip. */
#define FILL_LIMIT ((uint32_t)64 << 20)

/* What the bytes are said to come from. */
#define SOURCE "the command line"

static bool add_word(struct cube *cube, struct s0_image *image,
		     uint32_t address, uint64_t value, unsigned size)
{
	struct s0_error err = S0_ERROR_INIT;

	return s0_image_fill(image, SOURCE, address, size, value, size, &err) ==
		       S0_OK ||
	       cube_failed(cube, &err);
}

/* ADDRESS VALUE... */
static bool take_words(struct cube *cube, unsigned size, struct s0_image *image)
{
	uint32_t address = 0, length = 0;
	uint64_t value = 0;
	const char *word;

	if (!cube_want(cube, "an address", &address))
		return false;
	for (; (word = cube_argument(cube)); length += size) {
		if (!cube_number64(word, &value) ||
		    (size < 8 && value >> 8 * size != 0))
			return cube_refuse(cube, "'%s' is no value of %u bits",
					   word, 8 * size);
		if (size - 1 > UINT32_MAX - address ||
		    length > UINT32_MAX - (size - 1) - address)
			return cube_refuse(cube, "the values run past "
						 "0xFFFFFFFF");
		if (!add_word(cube, image, address + length, value, size))
			return false;
	}
	return length || cube_refuse(cube, "Wrong write command use: there "
					   "are no values");
}

static bool write_words(struct cube *cube, unsigned size)
{
	const struct cube_command *next = cube_next(cube);
	enum cube_role role = next ? next->role : CUBE_OTHER;
	struct s0_error err = S0_ERROR_INIT;
	struct cube_job job = { .policy = { .keep = true,
					    .write_ram = true,
					    .no_verify =
						    role == CUBE_NO_VERIFY } };
	struct s0_image *image = NULL;
	bool good =
		s0_image_new(&image, &err) == S0_OK || cube_failed(cube, &err);

	good = good && take_words(cube, size, image);
	cube->written = good;
	if (!good || cube->checking) {
		s0_image_free(image);
		return good;
	}
	cube_say(cube, "\nDownloading %u-bit data...\n\n", 8 * size);
	job.image = image;
	job.silent = true;
	if (cube_do(cube, &job, &err) == S0_OK) {
		cube_bar_full(cube);
		cube_say(cube, "Downloading %u-bit data done successfully\n",
			 8 * size);
		if (role != CUBE_NO_VERIFY && role != CUBE_VERIFY)
			cube_say_verified(cube);
	} else {
		if (err.code == S0_E_MISMATCH)
			cube_say_mismatch(cube, &err);
		(void)cube_fail(cube,
				"Downloading %u-bit data failed...\nIf it's "
				"a Flash memory, it may be not erased or "
				"protected",
				8 * size);
		good = cube_failed(cube, &err);
	}
	s0_image_free(image);
	return good;
}

bool cube_write8(struct cube *cube)
{
	return write_words(cube, 1);
}

bool cube_write16(struct cube *cube)
{
	return write_words(cube, 2);
}

bool cube_write32(struct cube *cube)
{
	return write_words(cube, 4);
}

bool cube_write64(struct cube *cube)
{
	return write_words(cube, 8);
}

struct filling {
	uint32_t address, size, pattern, bits;
	bool placed, sized, patterned, wide;
};

static bool take_key(const char *word, const char *key, uint32_t *ret,
		     bool *once)
{
	const char *value = cube_after(word, key);

	if (!value || *once || !cube_number(value, ret))
		return false;
	*once = true;
	return true;
}

/* [START] size=N pattern=P [dataWidth=8|16|32] */
static bool take_filling(struct cube *cube, struct filling *f)
{
	const char *word;

	while ((word = cube_argument(cube))) {
		if (take_key(word, "size=", &f->size, &f->sized) ||
		    take_key(word, "pattern=", &f->pattern, &f->patterned) ||
		    take_key(word, "datawidth=", &f->bits, &f->wide))
			continue;
		if (f->placed || !cube_number(word, &f->address))
			return cube_refuse(cube,
					   "'%s' is not understood "
					   "behind -fillmemory",
					   word);
		f->placed = true;
	}
	if (!f->sized || !f->patterned || !f->size)
		return cube_refuse(cube, "Wrong fillmemory command use: size= "
					 "and pattern= are needed");
	if (f->bits != 8 && f->bits != 16 && f->bits != 32)
		return cube_refuse(cube, "'%u' is no data width: 8, 16 or 32",
				   f->bits);
	/* Where it is not told, the pattern tells. */
	if (f->bits < 32 && f->pattern >> f->bits != 0)
		return cube_refuse(cube,
				   "the pattern 0x%X has more than %u "
				   "bits; see dataWidth=",
				   f->pattern, f->bits);
	if (f->size % (f->bits / 8))
		return cube_refuse(cube,
				   "%u bytes are no whole words of %u "
				   "bits",
				   f->size, f->bits);
	return f->size <= FILL_LIMIT ||
	       cube_refuse(cube, "%u bytes are more than any chip has",
			   f->size);
}

/* As in stm32duino/Arduino_Core_STM32, issue 1637, of 2022. */
static void tell_filling(struct cube *cube, const struct filling *f)
{
	cube_say(cube, "\n");
	if (!f->placed)
		cube_say(cube, "The used start address is 0x%08X.\n",
			 f->address);
	if (!f->wide)
		cube_say(cube, "The used filling data size is %u bits.\n",
			 f->bits);
	cube_say(cube,
		 "Filling memory operation:\n"
		 "  Start address           : 0x%08X\n"
		 "  Size(Bytes)             : 0x%08X\n"
		 "  Data value              : 0x%08X\n"
		 "  Filling data size(Bytes): %u bits\n\n\n",
		 f->address, f->size, f->pattern, f->bits);
}

bool cube_fill(struct cube *cube)
{
	struct s0_error err = S0_ERROR_INIT;
	struct filling f = { .address = 0x08000000, .bits = 8 };
	struct cube_job job = { .policy = { .keep = true, .write_ram = true } };
	struct s0_image *image = NULL;
	bool good;

	if (!take_filling(cube, &f))
		return false;
	if (f.size - 1 > UINT32_MAX - f.address)
		return cube_refuse(cube, "%u bytes at 0x%08X are no memory",
				   f.size, f.address);
	if (cube->checking)
		return true;
	tell_filling(cube, &f);
	if (s0_image_new(&image, &err) == S0_OK &&
	    s0_image_fill(image, SOURCE, f.address, f.size, f.pattern,
			  f.bits / 8, &err) == S0_OK) {
		job.image = image;
		(void)cube_do(cube, &job, &err);
	}
	good = err.code == S0_OK;
	if (good) {
		cube_say(cube, "\nThe filling memory operation achieved "
			       "successfully\n");
	} else {
		(void)cube_fail(cube, "The filling memory operation failed");
		good = cube_failed(cube, &err);
	}
	s0_image_free(image);
	return good;
}
