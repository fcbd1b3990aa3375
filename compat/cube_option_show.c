/* SPDX-License-Identifier: MIT */
/* -ob displ, window by window. */
#include <ctype.h>
#include <string.h>

#include "cli/option.h"
#include "compat/cube.h"

void cube_say_upload(struct cube *cube)
{
	const struct s0_chip *chip = s0_device_info(cube->app.device)->chip;
	struct s0_option_window window;

	cube_say(cube, "\nUPLOADING OPTION BYTES DATA ...\n");
	for (size_t i = 0; s0_option_window(chip, i, &window); i++) {
		cube_say(cube,
			 "\n  Bank          : 0x%02x\n"
			 "  Address       : 0x%08x\n  Size          : %u "
			 "Bytes\n\n",
			 (unsigned)i, window.address, window.length);
		cube_bar_full(cube);
	}
}

static const char *heading(s0_option_group group)
{
	static const char *const names[S0_OPTION_GROUPS] = {
		"Read Out Protection",	     "BOR Level",
		"User Configuration",	     "Write Protection",
		"PCROP Protection",	     "Secure Protection",
		"Boot address Option Bytes",
	};

	return names[group];
}

/* "0xAA (Level 0, no protection)": exact, as programs look for it. */
static const char *level(uint32_t value)
{
	static const char *const levels[] = {
		"Level 0, no protection",
		"Level 1, read protection of memories",
		"Level 2, chip protection",
	};

	return levels[s0_option_level(value)];
}

/* Lines as many sessions have them. */
static void show_bits(struct cube *cube, const struct option_view *view,
		      unsigned first)
{
	for (unsigned i = 0; i < view->field->width; i++) {
		unsigned on = view->current >> i & 1;
		char name[16];

		(void)snprintf(name, sizeof name, "nWRP%u", first + i);
		cube_say(cube,
			 "     %-13s: 0x%X (Write protection %sactive on this "
			 "sector) \n",
			 name, on, on ? "not " : "");
	}
}

static void show_field(struct cube *cube, const struct option_view *view)
{
	const struct s0_chip *chip = s0_device_info(cube->app.device)->chip;
	const struct s0_option_field *field = view->field;
	unsigned first;
	const char *meaning = field->kind == S0_OPTION_RDP
				      ? level(view->current)
				      : view->meaning;

	if (cube_has_bits(chip, field, &first)) {
		show_bits(cube, view, first);
		return;
	}
	/* A blank closes each line there; so do two where nothing is known. */
	if (!*meaning)
		cube_say(cube, "     %-13s: 0x%X  (0x%X) \n", field->name,
			 view->current, view->current);
	else
		cube_say(cube, "     %-13s: 0x%X (%c%s) \n", field->name,
			 view->current, toupper((unsigned char)*meaning),
			 meaning + 1);
}

static bool is_in(const struct s0_option_window *window,
		  const struct s0_option_field *field)
{
	return field->offset >= window->at &&
	       field->offset < window->at + window->length;
}

static void show_group(struct cube *cube, s0_option_group group,
		       const struct s0_option_window *window)
{
	const struct s0_device_info *info = s0_device_info(cube->app.device);
	struct option_view view;
	bool headed = false;

	for (size_t i = 0; i < info->chip->option_count; i++) {
		const struct s0_option_field *field = &info->chip->options[i];

		if (field->group != group || field->only ||
		    !is_in(window, field) || !option_look(info, field, &view))
			continue;
		if (!headed)
			cube_say(cube, "\n   %s:\n\n", heading(group));
		headed = true;
		show_field(cube, &view);
	}
}

void cube_show_options(struct cube *cube)
{
	const struct s0_chip *chip = s0_device_info(cube->app.device)->chip;
	struct s0_option_window window;

	cube_say(cube, "\n");
	for (size_t i = 0; s0_option_window(chip, i, &window); i++) {
		cube_say(cube, "\nOPTION BYTES BANK: %zu\n", i);
		for (unsigned group = 0; group < S0_OPTION_GROUPS; group++)
			show_group(cube, (s0_option_group)group, &window);
	}
	cube_say(cube, "\n");
}
