/* SPDX-License-Identifier: MIT */
/* The option bytes for programs. */
#include <stdio.h>

#include "json.h"
#include "option.h"

static json_t *aliases(const struct s0_option_field *field)
{
	json_t *list = json_array();

	for (const char *const *alias = field->aliases; *alias; alias++)
		(void)json_array_append_new(list, json_text(*alias));
	return list;
}

static void print_field(const struct option_view *view)
{
	const struct s0_option_field *field = view->field;
	json_t *object = json_pack(
		"{s:s, s:I, s:s, s:s, s:I, s:I, s:I}", "name", field->name,
		"value", (json_int_t)view->current, "text", view->text,
		"meaning", view->meaning, "default", (json_int_t)field->factory,
		"current", (json_int_t)view->current, "programmed",
		(json_int_t)view->programmed);
	json_t *more = json_pack("{s:s, s:I, s:s, s:o, s:o, s:b}", "group",
				 s0_option_group_name(field->group), "bank",
				 (json_int_t)field->bank, "about", field->about,
				 "only", json_text(field->only), "aliases",
				 aliases(field), "consistent", view->fits);

	if (object && more)
		(void)json_object_update(object, more);
	json_decref(more);
	json_event("option", object);
}

void json_options(const struct s0_device_info *info)
{
	struct option_view view;

	for (size_t i = 0; i < info->chip->option_count; i++)
		if (option_look(info, &info->chip->options[i], &view))
			print_field(&view);
}

static json_t *bytes(const uint8_t *from, size_t length)
{
	char text[2 * S0_OPTION_MAX + 1] = "";

	for (size_t i = 0; i < length && i < S0_OPTION_MAX; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", from[i]);
	return json_text(text);
}

void json_option_bytes(const struct s0_device_info *info)
{
	struct s0_option_window window;

	for (size_t i = 0; s0_option_window(info->chip, i, &window); i++)
		if (window.at + window.length <= info->option_length)
			json_event("option-bytes",
				   json_pack("{s:I, s:I, s:o}", "address",
					     (json_int_t)window.address,
					     "length",
					     (json_int_t)window.length, "bytes",
					     bytes(info->options + window.at,
						   window.length)));
}
