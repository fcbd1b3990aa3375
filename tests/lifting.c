/* SPDX-License-Identifier: MIT */
#include "lifting.h"

#include <stdio.h>
#include <string.h>

#define MARGIN 3000u
/* Where a sector's neighbours are, bytes that are to be kept. */
#define NEXT 0x3000u

const struct lifting_chip lifting_chips[LIFTING_CHIPS] = {
	{ "stm32h743,rom=0x92,wrp=0x0102,ob_write_reset=no", "h743",
	  0x08100000 },
	{ "stm32h743,rom=0x91,wrp=0x0102,ob_write_reset=yes", "h743",
	  0x08100000 },
	{ "stm32h743,rom=0x92,wrp=0x0081,swap=1", "h743", 0x08100000 },
	{ "stm32f405,wrp=0x021", "f405", 0x08020000 },
};

/* The write protection, as the chip itself has it. */
static void look(const struct lifting *l, uint32_t protection[2])
{
	const struct s0_chip *chip = s0_chip_find(l->chip->name);
	uint8_t window[S0_OPTION_MAX];

	assert_int_equal(s0_sim_peek(l->board.sim, chip->option_address, window,
				     chip->option_length),
			 chip->option_length);
	for (unsigned bank = 1; bank <= 2; bank++) {
		const struct s0_option_field *field =
			s0_option_at(chip, S0_OPTION_WRITE_PROTECTION,
				     S0_OPTION_SECTORS, bank);

		protection[bank - 1] = 0;
		if (field)
			assert_true(s0_option_get(field, window,
						  chip->option_length, false,
						  &protection[bank - 1]));
	}
}

bool lifting_is_back(const struct lifting *l)
{
	uint32_t now[2];

	look(l, now);
	return memcmp(now, l->protection, sizeof now) == 0;
}

static void add(struct s0_image *image, struct s0_sim *sim, uint32_t address,
		uint32_t seed)
{
	uint8_t bytes[MARGIN];

	board_random(bytes, sizeof bytes, seed);
	assert_int_equal(
		s0_image_add(image, "t", address, bytes, sizeof bytes, NULL),
		S0_OK);
	if (sim)
		(void)s0_sim_poke(sim, address, bytes, sizeof bytes);
}

void lifting_make(struct lifting *l, const struct lifting_chip *chip)
{
	*l = (struct lifting){ .chip = chip, .err = S0_ERROR_INIT };
	board_make(&l->board, chip->description);
	assert_int_equal(s0_image_new(&l->image, NULL), S0_OK);
	assert_int_equal(s0_image_new(&l->kept, NULL), S0_OK);
	add(l->kept, l->board.sim, FLASH + NEXT, 1);
	add(l->kept, l->board.sim, chip->sector + NEXT, 2);
	add(l->image, NULL, FLASH, 3);
	add(l->image, NULL, chip->sector, 4);
	look(l, l->protection);
}

void lifting_free(struct lifting *l)
{
	board_free(&l->board);
	s0_image_free(l->image);
	s0_image_free(l->kept);
}

static void hear(void *payload, const char *line)
{
	struct lifting *l = payload;
	size_t used = strlen(l->warnings);

	(void)snprintf(l->warnings + used, sizeof l->warnings - used, "%s\n",
		       line);
}

s0_code lifting_open(struct lifting *l, bool lift)
{
	s0_code code;

	l->err = (struct s0_error)S0_ERROR_INIT;
	l->warnings[0] = '\0';
	code = board_open(&l->board, &l->err);
	if (code != S0_OK)
		return code;
	s0_session_set_warning(l->board.session, hear, l);
	s0_session_lift_protection(l->board.session, lift);
	return code;
}

s0_code lifting_run(struct lifting *l, const struct s0_policy *policy)
{
	struct s0_plan *plan = NULL;
	s0_code code = s0_session_plan(l->board.session, l->image, policy,
				       &plan, &l->err);

	if (code == S0_OK)
		code = s0_session_run(l->board.session, plan, &l->result,
				      &l->err);
	s0_plan_free(plan);
	board_close(&l->board);
	return code;
}

const struct s0_policy lifting_keep = { .keep = true };

s0_code lifting_flash(struct lifting *l, bool lift)
{
	s0_code code = lifting_open(l, lift);

	return code == S0_OK ? lifting_run(l, &lifting_keep) : code;
}

void lifting_flash_ok(struct lifting *l)
{
	s0_code code = lifting_flash(l, true);

	if (code != S0_OK)
		print_message("# %s\n", l->err.message);
	assert_int_equal(code, S0_OK);
	board_assert_holds(&l->board, l->image);
	board_assert_holds(&l->board, l->kept);
	assert_true(lifting_is_back(l));
	assert_int_equal(lifting_open(l, false), S0_OK);
	assert_false(s0_session_lifted(l->board.session));
	board_close(&l->board);
}
