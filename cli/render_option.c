/* SPDX-License-Identifier: MIT */
/* The option bytes for people. */
#include <string.h>

#include "option.h"

/* Fields that not every part has stand by themselves: what they hold on the
 * others means nothing. */
static bool unlike_new(const struct option_view *view)
{
	return !view->field->only && view->current != view->field->factory;
}

static void print_field(const struct s0_device_info *info,
			const struct option_view *view)
{
	char text[S0_OPTION_TEXT], meaning[S0_OPTION_MEANING];

	printf("%c %-17s %-9s %s", unlike_new(view) ? '*' : ' ',
	       view->field->name, view->text, view->meaning);
	s0_option_print(info->chip, info->options, info->option_length,
			view->field, view->field->factory, text, NULL);
	if (unlike_new(view))
		printf(" (default: %s)", text);
	putchar('\n');
	if (!view->fits)
		printf("  %-17s inconsistent: its complement says something "
		       "else\n",
		       "");
	if (view->programmed == view->current)
		return;
	s0_option_print(info->chip, info->options, info->option_length,
			view->field, view->programmed, text, meaning);
	printf("  %-17s %-9s programmed, not current yet: %s\n", "", text,
	       meaning);
}

/* Returns how many are not as in a new chip. */
static size_t print_group(const struct s0_device_info *info,
			  s0_option_group group)
{
	struct option_view view;
	size_t unlike = 0;
	bool headed = false;

	for (size_t i = 0; i < info->chip->option_count; i++) {
		const struct s0_option_field *field = &info->chip->options[i];

		if (field->group != group || field->only ||
		    !option_look(info, field, &view))
			continue;
		if (!headed)
			printf("\n%s\n", s0_option_group_name(group));
		headed = true;
		unlike += unlike_new(&view);
		print_field(info, &view);
	}
	return unlike;
}

static void print_rest(const struct s0_device_info *info)
{
	const char *only = "";
	struct option_view view;

	for (size_t i = 0; i < info->chip->option_count; i++) {
		const struct s0_option_field *field = &info->chip->options[i];

		if (!field->only || !option_look(info, field, &view))
			continue;
		if (strcmp(only, field->only) != 0)
			printf("\nonly on %s\n", field->only);
		only = field->only;
		print_field(info, &view);
	}
}

static void print_bytes(const struct s0_device_info *info)
{
	struct s0_option_window window;

	putchar('\n');
	for (size_t i = 0; s0_option_window(info->chip, i, &window); i++)
		for (size_t at = 0; at < window.length; at += 16) {
			printf("0x%08x ", (unsigned)(window.address + at));
			for (size_t k = at; k < at + 16 && k < window.length;
			     k++)
				printf(" %02x", info->options[window.at + k]);
			putchar('\n');
		}
}

void render_options(const struct s0_device_info *info, bool bytes)
{
	struct s0_option_window window;
	size_t unlike = 0;

	printf("option bytes of %s", info->chip->name);
	for (size_t i = 0; s0_option_window(info->chip, i, &window); i++)
		printf(", %u bytes at 0x%08x", window.length,
		       (unsigned)window.address);
	putchar('\n');
	for (unsigned group = 0; group < S0_OPTION_GROUPS; group++)
		unlike += print_group(info, (s0_option_group)group);
	print_rest(info);
	if (bytes || s0_option_partial(info->chip))
		print_bytes(info);
	if (unlike)
		printf("\n* not as in a new chip (default: its value there)\n");
}
