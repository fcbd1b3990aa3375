/* SPDX-License-Identifier: MIT */
/* Parts of a file and the alternate settings that they are for. */
#include "compat/dfu_element.h"

#include <stdio.h>

#include "cli/failure.h"
#include "cli/say.h"

uint8_t dfu_alternate(const struct dfu_util *dfu)
{
	return s0_device_info(dfu->app.device)->alternates[dfu->chosen];
}

uint8_t dfu_element_alternate(const struct dfu_util *dfu,
			      const struct dfu_file *file,
			      const struct s0_segment *element)
{
	const struct s0_area *area;

	if (file->dfuse)
		return element->alternate;
	if (dfu->alt)
		return dfu_alternate(dfu);
	/* Nobody said: the address decides. */
	area = s0_map_find(s0_device_map(dfu->app.device), element->address);
	return area && area->from_device ? area->alt : dfu_alternate(dfu);
}

/* A .dfu file goes to the alternate settings that it names; with -a to that
 * one alone. */
static bool is_there(const struct dfu_util *dfu, uint8_t alternate)
{
	const struct s0_device_info *info = s0_device_info(dfu->app.device);

	if (dfu->alt)
		return alternate == dfu_alternate(dfu);
	for (unsigned i = 0; i < info->memory_count; i++)
		if (info->alternates[i] == alternate)
			return true;
	return false;
}

bool dfu_range_is_in(const struct dfu_util *dfu, uint8_t alternate,
		     unsigned can, uint32_t address, uint32_t length,
		     uint32_t *ret_bad)
{
	const struct s0_map *map = s0_device_map(dfu->app.device);
	uint64_t at = address, end = at + length;

	while (at < end) {
		const struct s0_area *area = s0_map_find(map, (uint32_t)at);

		*ret_bad = (uint32_t)at;
		if (at > UINT32_MAX || !area || !area->from_device ||
		    area->alt != alternate || (area->can & can) != can)
			return false;
		at = (uint64_t)area->address + area->length;
	}
	return true;
}

static bool is_option(const struct dfu_util *dfu, uint32_t address)
{
	const struct s0_area *area =
		s0_map_find(s0_device_map(dfu->app.device), address);

	return area && area->kind == S0_AREA_OPTION;
}

/* It looks at the last byte, then at each page. */
static int check_place(struct dfu_util *dfu, uint8_t alternate,
		       const struct s0_segment *element)
{
	uint32_t last = element->address + element->length - 1, bad, none;
	struct s0_error err = S0_ERROR_INIT;
	const struct s0_area *area;

	dfu->last_byte = last;

	if (dfu_range_is_in(dfu, alternate, S0_CAN_WRITE, element->address,
			    element->length, &bad))
		return DFU_OK;
	area = s0_map_find(s0_device_map(dfu->app.device), bad);
	if ((!area || !area->from_device) && !is_option(dfu, element->address))
		return DFU_OK; /* the plan knows what is there */
	if (!dfu_range_is_in(dfu, alternate, S0_CAN_WRITE, last, 1, &none))
		dfu_warn("Last page at 0x%08x is not writeable", last);
	else
		dfu_warn("Page at 0x%08x is not writeable", bad);
	(void)fail(&err, S0_E_OUTSIDE,
		   "0x%08x is not memory of alternate setting %u that can be "
		   "written",
		   bad, alternate);
	add_hint(&err, "'-l' shows what alternate settings there are, and "
		       "where their memory is");
	say_error(&dfu->app, &err);
	return DFU_USAGE;
}

/* What is neither flash nor options stays as it is. */
static int refuse_area(struct dfu_util *dfu, const struct s0_area *area,
		       uint32_t address)
{
	struct s0_error err = S0_ERROR_INIT;

	dfu_warn("Last page at 0x%08x is not writeable", address);
	(void)fail(&err, S0_E_UNSUPPORTED,
		   area->kind == S0_AREA_OTP
			   ? "%s at 0x%08x is written once and for ever, and "
			     "not by this program"
			   : "%s at 0x%08x is not written by this program",
		   area->name, address);
	say_error(&dfu->app, &err);
	return DFU_USAGE;
}

static int find_way(struct dfu_util *dfu, const struct s0_segment *element,
		    enum dfu_way *ret_way)
{
	const struct s0_area *area =
		s0_map_find(s0_device_map(dfu->app.device), element->address);

	*ret_way = DFU_FLASH;
	if (!area || !area->from_device)
		return DFU_OK; /* the plan knows */
	if (area->kind == S0_AREA_OPTION)
		*ret_way = DFU_OPTIONS;
	else if (area->kind == S0_AREA_OTP || area->kind == S0_AREA_OTHER)
		return refuse_area(dfu, area, element->address);
	return DFU_OK;
}

int dfu_element_check(struct dfu_util *dfu, const struct dfu_file *file,
		      const struct s0_segment *element, enum dfu_way *ret_way)
{
	uint8_t alternate = dfu_element_alternate(dfu, file, element);
	struct s0_error err = S0_ERROR_INIT;
	int status = DFU_OK;

	*ret_way = DFU_SKIPPED;
	if (file->dfuse && !is_there(dfu, alternate)) {
		dfu_warn("No alternate setting %u (skipping elements)",
			 alternate);
		if (dfu->alt || dfu->strict)
			return DFU_OK;
		(void)fail_usage(&err,
				 "%s has bytes for alternate setting %u, which "
				 "this device has not",
				 file->name, alternate);
		add_hint(&err, "with -a only what is for that one is written");
		say_error(&dfu->app, &err);
		return DFU_DATA;
	}
	if (element->length && !dfu->to.force && (file->dfuse || dfu->alt))
		status = check_place(dfu, alternate, element);
	return status == DFU_OK ? find_way(dfu, element, ret_way) : status;
}

static unsigned count_targets(const struct s0_image *image)
{
	struct s0_segment last;
	size_t count = s0_image_segment_count(image);

	return count && s0_image_segment(image, count - 1, &last)
		       ? last.target + 1
		       : 0;
}

static void tell_target(const struct s0_image *image, size_t first)
{
	struct s0_segment target, element;
	unsigned count = 0;
	uint64_t size = 0;

	(void)s0_image_segment(image, first, &target);
	for (size_t i = first; s0_image_segment(image, i, &element) &&
			       element.target == target.target;
	     i++, count++)
		size += 8ull + element.length;
	printf("Parsing DFU image %u\n", target.target + 1);
	if (target.section[0])
		printf("Target name: %s\n", target.section);
	else
		puts("No target name");
	printf("Image for alternate setting %u, (%u elements, total size = "
	       "%llu)\n",
	       target.alternate, count, (unsigned long long)size);
}

void dfu_tell_elements(const struct dfu_util *dfu, const struct dfu_file *file)
{
	const struct s0_image *image = file->image;
	struct s0_segment element;
	unsigned target = UINT32_MAX, number = 0;

	if (file->dfuse)
		printf("File contains %u DFU images\n", count_targets(image));
	for (size_t i = 0; s0_image_segment(image, i, &element); i++) {
		if (file->dfuse && element.target != target) {
			tell_target(image, i);
			target = element.target;
			number = 0;
			if (is_there(dfu, element.alternate))
				printf("Setting Alternate Interface #%u ...\n",
				       element.alternate);
		}
		if (file->dfuse)
			printf("Parsing element %u, address = 0x%08x, size = "
			       "%u\n",
			       ++number, element.address, element.length);
		else if (element.length)
			printf("Downloading element to address = 0x%08x, size "
			       "= %u\n",
			       element.address, element.length);
	}
}
