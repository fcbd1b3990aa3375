/* SPDX-License-Identifier: MIT */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "record.h"
#include "say.h"
#include "text.h"

/* FILE@ADDRESS, unless there is a file that is really called so. */
static void split_address(struct input *input)
{
	char *at = strrchr(input->name, '@');

	if (!at || at == input->name ||
	    !text_number(at + 1, false, &input->address))
		return;
	if (os_exists(input->name))
		return;
	*at = '\0';
	input->placed = true;
}

s0_code format_asked_for(const struct app *app, s0_format *ret_format,
			 struct s0_error *err)
{
	const char *word = app->args.values[OPTION_FORMAT];

	*ret_format = word ? s0_format_parse(word) : S0_FORMAT_AUTO;
	if (!word || *ret_format != S0_FORMAT_AUTO)
		return S0_OK;
	fail_usage(err, "unknown format '%s'", word);
	add_hint(err, "known formats: bin hex s19 elf dfu uf2");
	return S0_E_USAGE;
}

static struct s0_image_file as_file(const struct input *input)
{
	return (struct s0_image_file){ .name = input->shown,
				       .bytes = input->blob.bytes,
				       .length = input->blob.length,
				       .address = input->address };
}

static s0_code open_one(struct app *app, struct input *input, const char *word,
			s0_format format, struct s0_error *err)
{
	struct s0_image_file file;
	s0_code code;

	input->name = strdup(word);
	if (!input->name)
		return fail_memory(err);
	split_address(input);
	input->shown =
		strcmp(input->name, "-") ? input->name : "standard input";
	code = os_read_file(input->name, &input->blob, err);
	code = record_input(app, input->shown, &input->blob, code, err);
	if (code != S0_OK)
		return code;
	file = as_file(input);
	input->format = format ? format : s0_image_recognise(&file);
	if (!input->placed || input->format == S0_FORMAT_BIN)
		return S0_OK;
	fail_usage(err, "'%s' is %s, which names its own addresses",
		   input->shown, s0_format_name(input->format));
	add_hint(err, "leave out @0x%08x", (unsigned)input->address);
	return S0_E_USAGE;
}

/* --address is for the raw binaries that have none of their own. */
static s0_code apply_address(struct app *app, struct inputs *inputs,
			     struct s0_error *err)
{
	const char *word = app->args.values[OPTION_ADDRESS];
	uint32_t address;
	bool used = false;

	if (!word)
		return S0_OK;
	if (text_address(word, &address, err) != S0_OK)
		return err->code;
	for (size_t i = 0; i < inputs->count; i++) {
		struct input *input = &inputs->list[i];

		if (input->format != S0_FORMAT_BIN || input->placed)
			continue;
		input->address = address;
		input->placed = true;
		used = true;
	}
	if (used)
		return S0_OK;
	fail_usage(err, "'--address' is for raw binary; '%s' is %s",
		   inputs->list[0].shown,
		   inputs->list[0].placed
			   ? "raw binary with an address of its own"
			   : s0_format_name(inputs->list[0].format));
	add_hint(err, "leave out --address");
	return S0_E_USAGE;
}

s0_code inputs_open(struct app *app, const char *const *words, size_t count,
		    struct inputs *inputs, struct s0_error *err)
{
	size_t standard = 0;

	for (size_t i = 0; i < count; i++)
		standard += strcmp(words[i], "-") == 0 ||
			    strncmp(words[i], "-@", 2) == 0;
	if (standard > 1)
		return fail_usage(err, "standard input can only be read once");
	inputs->list = calloc(count + 1, sizeof *inputs->list);
	if (!inputs->list)
		return fail_memory(err);
	for (inputs->count = 0; inputs->count < count;) {
		size_t i = inputs->count++;

		if (open_one(app, &inputs->list[i], words[i], inputs->asked,
			     err) != S0_OK)
			return err->code;
	}
	return apply_address(app, inputs, err);
}

const struct input *inputs_unplaced(const struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->list[i].format == S0_FORMAT_BIN &&
		    !inputs->list[i].placed)
			return &inputs->list[i];
	return NULL;
}

bool inputs_need_chip(const struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		if (inputs->list[i].format == S0_FORMAT_UF2)
			return true;
	return inputs_unplaced(inputs) != NULL;
}

s0_code inputs_place(struct app *app, struct inputs *inputs,
		     const struct s0_map *map, struct s0_error *err)
{
	uint32_t start;

	if (!inputs_unplaced(inputs))
		return S0_OK;
	if (!s0_map_flash_start(map, &start)) {
		fail_usage(err,
			   "'%s' is raw binary and the device names no "
			   "flash to put it in",
			   inputs_unplaced(inputs)->shown);
		add_hint(err, "say where it belongs with --address");
		return S0_E_USAGE;
	}
	for (size_t i = 0; i < inputs->count; i++) {
		struct input *input = &inputs->list[i];

		if (input->format != S0_FORMAT_BIN || input->placed)
			continue;
		input->address = start;
		input->placed = true;
		say_note(app,
			 "'%s' is raw binary without an address: taking "
			 "the start of flash, 0x%08x",
			 input->shown, (unsigned)start);
	}
	return S0_OK;
}

static s0_code read_one(struct app *app, const struct input *input,
			s0_format asked, const uint32_t *families,
			struct s0_image *image, struct s0_error *err)
{
	struct s0_image_file file = as_file(input);
	struct s0_image_read_options how = {
		.format = asked,
		.uf2_families = families,
		.ignore_checksums = app->args.seen[OPTION_IGNORE_CHECKSUMS] > 0,
		.warn = say_warning,
		.payload = app
	};

	return s0_image_read(image, &file, &how, err);
}

/* The chip that was named, else the device's; NULL where neither is known. */
static const struct s0_chip *chip_concerned(const struct app *app)
{
	const char *name = app->args.values[OPTION_CHIP];

	if (name)
		return s0_context_chip_find(app->context, name);
	return app->device ? s0_device_info(app->device)->chip : NULL;
}

s0_code inputs_read(struct app *app, const struct inputs *inputs,
		    struct s0_image **ret_image, struct s0_error *err)
{
	const struct s0_chip *chip = chip_concerned(app);
	struct s0_image *image;
	s0_code code = s0_image_new(&image, err);

	if (code != S0_OK)
		return code;
	for (size_t i = 0; i < inputs->count && code == S0_OK; i++)
		code = read_one(app, &inputs->list[i], inputs->asked,
				chip && chip->uf2_families[0]
					? chip->uf2_families
					: NULL,
				image, err);
	if (code == S0_OK)
		*ret_image = image;
	else
		s0_image_free(image);
	return code;
}

void inputs_close(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++) {
		os_free_blob(&inputs->list[i].blob);
		free(inputs->list[i].name);
	}
	free(inputs->list);
	*inputs = (struct inputs){ 0 };
}

s0_code chip_called(struct app *app, const char *name,
		    const struct s0_chip **ret_chip, struct s0_error *err)
{
	struct nearest nearest = { .typed = name };
	const struct s0_chip *chip = s0_context_chip_find(app->context, name);

	*ret_chip = chip;
	if (chip)
		return S0_OK;
	fail_usage(err, "unknown chip '%s'", name);
	for (size_t i = 0; (chip = s0_context_chip_at(app->context, i)); i++) {
		nearest_offer(&nearest, chip->name);
		for (const char *const *at = chip->aliases; *at; at++)
			nearest_offer(&nearest, *at);
	}
	if (nearest.best)
		add_hint(err, "did you mean '%s'? 'sector0 chips' lists all",
			 nearest.best);
	else
		add_hint(err, "'sector0 chips' lists those that are known");
	return S0_E_USAGE;
}

s0_code chip_asked_for(struct app *app, const char *fallback,
		       const struct s0_chip **ret_chip, struct s0_error *err)
{
	const char *name = app->args.values[OPTION_CHIP];

	*ret_chip = NULL;
	if (!name)
		name = fallback;
	return name ? chip_called(app, name, ret_chip, err) : S0_OK;
}

s0_code output_format(struct app *app, const char *path, s0_format *ret_format,
		      struct s0_error *err)
{
	s0_format format;

	if (format_asked_for(app, &format, err) != S0_OK)
		return err->code;
	if (format == S0_FORMAT_AUTO)
		format = s0_format_of_name(path);
	if (format == S0_FORMAT_AUTO)
		format = S0_FORMAT_BIN;
	if (format == S0_FORMAT_ELF) {
		fail_usage(err, "ELF files can only be read, not written");
		add_hint(err, "write .hex, .s19, .dfu, .uf2 or .bin");
		return S0_E_USAGE;
	}
	if (app->json && strcmp(path, "-") == 0)
		return fail_usage(err, "'--json' and a file on standard "
				       "output exclude each other");
	*ret_format = format;
	return S0_OK;
}

static s0_code write_image(struct app *app, const struct s0_image *image,
			   s0_format format, const char *path, bool safe,
			   struct s0_error *err)
{
	const struct s0_chip *chip = chip_concerned(app);
	struct s0_image_write_options how = {
		.uf2_family = chip ? chip->uf2_families[0] : 0,
	};
	bool standard = strcmp(path, "-") == 0;
	struct output output;
	s0_code code;

	if (format == S0_FORMAT_UF2 && chip && !how.uf2_family)
		return fail(err, S0_E_UNSUPPORTED,
			    "there is no UF2 family for '%s'", chip->name);
	if (app->replay && !standard)
		say_note(app, "'%s' is not written in a replay", path);
	code = os_begin_output(app->replay && !standard ? "/dev/null" : path,
			       &output, err);
	if (code != S0_OK)
		return code;
	output.safe = safe && !app->replay;
	code = s0_image_write(image, format, &how, os_write, &output, err);
	if (code == S0_E_FILE) {
		/* The library only knows that its sink stopped. */
		*err = (struct s0_error)S0_ERROR_INIT;
		code = os_fail_output(&output, err);
	}
	if (code != S0_OK) {
		(void)os_end_output(&output, false, err);
		return code;
	}
	return os_end_output(&output, true, err);
}

s0_code output_image(struct app *app, const struct s0_image *image,
		     s0_format format, const char *path, struct s0_error *err)
{
	return write_image(app, image, format, path, false, err);
}

s0_code output_safe_image(struct app *app, const struct s0_image *image,
			  s0_format format, const char *path,
			  struct s0_error *err)
{
	return write_image(app, image, format, path, true, err);
}
