/* SPDX-License-Identifier: MIT */
/* dfu-util -D, and what -s does without a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/failure.h"
#include "cli/say.h"
#include "compat/dfu_element.h"

/* With 'force' it is the device that refuses, there. */
static int status_of(const struct s0_error *err, bool force)
{
	switch (err->code) {
	case S0_E_OUTSIDE:
		return force ? DFU_IO : DFU_USAGE;
	case S0_E_USAGE:
	case S0_E_EMPTY:
		return DFU_USAGE;
	case S0_E_FORMAT:
	case S0_E_OVERLAP:
		return DFU_DATA;
	case S0_E_MEMORY:
		return DFU_SOFTWARE;
	case S0_E_PROTOCOL:
		return DFU_PROTOCOL;
	default:
		return DFU_IO;
	}
}

int dfu_failed(struct dfu_util *dfu, struct s0_error *err)
{
	dfu_bar_break(dfu);
	if (err->code == S0_E_OUTSIDE && dfu->download)
		dfu_warn("Last page at 0x%08x is not writeable",
			 dfu->last_byte ? dfu->last_byte : err->address);
	else if (err->code == S0_E_OUTSIDE)
		dfu_warn("Page at 0x%08x is not readable", err->address);
	(void)fflush(stdout);
	say_explain(&dfu->app, err);
	say_error(&dfu->app, err);
	if (strstr(err->hint, " --") && !strstr(err->hint, "'sector0 "))
		fputs("      (options of 'sector0 flash' and the like)\n",
		      stderr);
	return status_of(err, dfu->to.force);
}

/* The bytes of a part of the file, as the image has them. */
static uint8_t *bytes_of(const struct dfu_file *file,
			 const struct s0_segment *element)
{
	uint8_t *bytes = malloc(element->length ? element->length : 1);

	if (bytes)
		(void)s0_image_copy(file->image, element->address,
				    element->length, bytes);
	return bytes;
}

static int out_of_memory(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;

	(void)fail_memory(&err);
	return dfu_failed(dfu, &err);
}

static int sort_one(struct dfu_util *dfu, const struct dfu_file *file,
		    const struct s0_segment *element, struct s0_image *flash,
		    size_t *used)
{
	struct s0_error err = S0_ERROR_INIT;
	enum dfu_way way;
	int status = dfu_element_check(dfu, file, element, &way);
	uint8_t *bytes;

	if (status != DFU_OK || way == DFU_SKIPPED)
		return status;
	*used += 1;
	bytes = bytes_of(file, element);
	if (!bytes)
		return out_of_memory(dfu);
	if (way == DFU_OPTIONS)
		status = dfu_option_check(dfu, element->address, bytes,
					  element->length);
	else if (s0_image_add(flash, file->name, element->address, bytes,
			      element->length, &err) != S0_OK)
		status = dfu_failed(dfu, &err);
	free(bytes);
	return status;
}

/* What is for flash goes to that image. Whatever can be refused is refused
 * here. */
static int sort(struct dfu_util *dfu, const struct dfu_file *file,
		struct s0_image *flash)
{
	struct s0_segment element;
	int status = DFU_OK;
	size_t used = 0, i;

	for (i = 0;
	     status == DFU_OK && s0_image_segment(file->image, i, &element);
	     i++)
		status = sort_one(dfu, file, &element, flash, &used);
	if (status != DFU_OK || used || dfu->strict)
		return status;
	dfu_warn("%s has nothing for alternate setting %u: nothing is written",
		 file->name, dfu_alternate(dfu));
	return DFU_DATA;
}

static int write_options(struct dfu_util *dfu, const struct dfu_file *file)
{
	struct s0_segment element;
	int status = DFU_OK;

	for (size_t i = 0;
	     status == DFU_OK && s0_image_segment(file->image, i, &element);
	     i++) {
		const struct s0_area *area = s0_map_find(
			s0_device_map(dfu->app.device), element.address);
		uint8_t *bytes;

		if (!area || area->kind != S0_AREA_OPTION ||
		    (file->dfuse && dfu->alt &&
		     element.alternate != dfu_alternate(dfu)))
			continue;
		bytes = bytes_of(file, &element);
		if (!bytes)
			return out_of_memory(dfu);
		status = dfu_option_write(dfu, element.address, bytes,
					  element.length);
		free(bytes);
	}
	return status;
}

static void measure(struct dfu_util *dfu, const struct s0_image *flash,
		    const struct s0_plan *plan)
{
	const struct s0_step *step;

	dfu->image_bytes = s0_image_size(flash);
	dfu->erase_bytes = dfu->write_bytes = 0;
	for (size_t i = 0; (step = s0_plan_step(plan, i)); i++) {
		if (step->kind == S0_STEP_ERASE ||
		    step->kind == S0_STEP_MASS_ERASE)
			dfu->erase_bytes += step->length;
		if (step->kind == S0_STEP_WRITE)
			dfu->write_bytes += step->length;
	}
}

static struct s0_policy policy_of(const struct dfu_util *dfu)
{
	const struct dfuse_options *to = &dfu->to;

	return (struct s0_policy){
		.erase = to->mass_erase ? S0_ERASE_ALL : S0_ERASE_NEEDED,
		.write_ram = to->force,
	};
}

static int write_flash(struct dfu_util *dfu, const struct s0_image *flash,
		       struct s0_plan *plan)
{
	struct s0_result result = { 0 };
	struct s0_error err = S0_ERROR_INIT;

	measure(dfu, flash, plan);
	if (dfu->to.mass_erase)
		puts("Performing mass erase, this can take a moment");
	if (s0_session_run(dfu->app.session, plan, &result, &err) != S0_OK)
		return dfu_failed(dfu, &err);
	dfu_bar_end(dfu);
	if (result.skipped_bytes && !result.written_bytes)
		dfu_bar_whole(dfu, dfu->image_bytes, true);
	return DFU_OK;
}

static s0_code plan_flash(struct dfu_util *dfu, const struct s0_image *flash,
			  struct s0_plan **ret_plan, struct s0_error *err)
{
	struct s0_policy policy = policy_of(dfu);
	s0_code code = s0_session_plan(dfu->app.session, flash, &policy,
				       ret_plan, err);

	if (code == S0_OK)
		code = s0_plan_warnings(*ret_plan, say_warning, &dfu->app, err);
	return code;
}

/* Where the firmware is that ':leave' starts: not in option bytes. */
static uint32_t start_address(const struct dfu_util *dfu,
			      const struct s0_image *flash)
{
	const struct s0_area *area =
		s0_map_find(s0_device_map(dfu->app.device), dfu->to.address);

	if (dfu->to.placed && area && area->kind != S0_AREA_OPTION)
		return dfu->to.address;
	return s0_image_piece_count(flash) ? s0_image_piece(flash, 0).address
					   : 0;
}

static int write_all(struct dfu_util *dfu, const struct dfu_file *file,
		     const struct s0_image *flash)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	int status = DFU_OK;
	bool some = s0_image_piece_count(flash) > 0 || dfu->to.mass_erase ||
		    s0_image_size(file->image) == 0;

	if (some && plan_flash(dfu, flash, &plan, &err) != S0_OK) {
		/* It counts back from the end. */
		if (err.code == S0_E_EMPTY)
			dfu_warn("Last page at 0x%08x is not writeable",
				 dfu->to.address - 1);
		status = dfu_failed(dfu, &err);
	}
	if (status == DFU_OK)
		dfu_tell_elements(dfu, file);
	if (status == DFU_OK && some)
		status = write_flash(dfu, flash, plan);
	s0_plan_free(plan);
	if (status == DFU_OK)
		status = write_options(dfu, file);
	if (status != DFU_OK)
		return status;
	puts(file->dfuse ? "Done parsing DfuSe file"
			 : "File downloaded successfully");
	return dfu->to.leave ? dfu_start(dfu, start_address(dfu, flash))
			     : dfu_reset(dfu);
}

/* Only a DfuSe file says which; else it wants -a. */
static bool several_alternates(const struct dfu_util *dfu,
			       const struct dfu_file *file)
{
	bool dfuse =
		file->has_suffix && file->suffix.version == DFU_SUFFIX_DFUSE;

	if (dfu->alt || dfuse ||
	    s0_device_info(dfu->app.device)->memory_count < 2)
		return false;
	dfu_warn("More than one DFU capable USB device found! Try `--list' "
		 "and specify the serial number or disconnect all but one "
		 "device");
	return true;
}

static int with_file(struct dfu_util *dfu, struct dfu_file *file)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_image *flash = NULL;
	int status;

	dfu->dfuse_file = file->dfuse;
	dfu->suffix = file->has_suffix ? &file->suffix : NULL;
	status = dfu_open(dfu);
	if (status == DFU_OK && dfu->plain)
		return dfu_plain_download(dfu, file);
	if (status == DFU_OK && dfu->strict && several_alternates(dfu, file))
		return DFU_IO;
	/* It stops behind that, and nothing of the file is looked at. */
	if (status == DFU_OK && dfu->strict && dfu->to.unprotect)
		return dfu_unprotect(dfu);
	if (status == DFU_OK)
		status = dfu_file_parse(dfu, file);
	if (status == DFU_OK && s0_image_new(&flash, &err) != S0_OK)
		status = dfu_failed(dfu, &err);
	if (status == DFU_OK && dfu->to.unprotect)
		status = dfu_unprotect(dfu);
	if (status == DFU_OK)
		status = sort(dfu, file, flash);
	if (status == DFU_OK)
		status = write_all(dfu, file, flash);
	s0_image_free(flash);
	return status;
}

int dfu_download(struct dfu_util *dfu)
{
	struct dfu_file file = { 0 };
	int status;

	if (!dfu->download) {
		status = dfu_open(dfu);
		return status == DFU_OK ? dfu_command(dfu) : status;
	}
	status = dfu_file_read(dfu, &file);
	if (status == DFU_OK)
		status = with_file(dfu, &file);
	dfu_file_free(&file);
	return status;
}
