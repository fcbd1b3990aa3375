/* SPDX-License-Identifier: MIT */
/* dfu-util -U. */
#include <stdio.h>
#include <string.h>

#include "cli/os.h"
#include "cli/say.h"
#include "compat/dfu_util.h"

/* The map's area at the address that is asked for, or where the alternate
 * setting begins. */
static const struct s0_area *area_meant(struct dfu_util *dfu)
{
	const struct s0_map *map = s0_device_map(dfu->app.device);
	const struct s0_device_info *info = s0_device_info(dfu->app.device);

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		if (dfu->to.placed
			    ? dfu->to.address - area->address < area->length
			    : area->from_device &&
				      area->alt ==
					      info->alternates[dfu->chosen])
			return area;
	}
	return NULL;
}

static int read_to(struct dfu_util *dfu, uint32_t address, uint32_t length)
{
	struct s0_error err = S0_ERROR_INIT;
	struct output output;
	s0_code code = os_begin_output(dfu->upload, &output, &err);

	if (code == S0_OK) {
		code = s0_session_read(dfu->app.session, address, length,
				       os_write, &output, NULL, &err);
		if (code == S0_E_FILE) {
			err = (struct s0_error)S0_ERROR_INIT;
			code = os_fail_output(&output, &err);
		}
		if (os_end_output(&output, code == S0_OK, &err) != S0_OK)
			code = err.code;
	}
	if (code == S0_E_FILE)
		dfu_warn("Cannot open file %s for writing", dfu->upload);
	if (code != S0_OK) {
		(void)dfu_failed(dfu, &err);
		return code == S0_E_FILE ? DFU_CANNOT_CREATE : DFU_IO;
	}
	dfu_bar_end(dfu);
	return DFU_OK;
}

int dfu_upload(struct dfu_util *dfu)
{
	const struct s0_area *area;
	uint32_t address, length = dfu->to.length;
	int status;

	/* It never writes over a file. */
	if (strcmp(dfu->upload, "-") != 0 && os_exists(dfu->upload)) {
		dfu_warn("Cannot open file %s for writing: File exists",
			 dfu->upload);
		return DFU_CANNOT_CREATE;
	}
	status = dfu_open(dfu);
	if (status != DFU_OK)
		return status;
	area = area_meant(dfu);
	if (!area) {
		dfu_warn("Page at 0x%08x is not readable", dfu->to.address);
		return DFU_USAGE;
	}
	address = dfu->to.placed ? dfu->to.address : area->address;
	if (!length)
		length = dfu->upload_size;
	if (!length) {
		length = area->length - (address - area->address);
		printf("Limiting upload to end of memory segment, %u bytes\n",
		       length);
	}
	status = read_to(dfu, address, length);
	return status == DFU_OK && dfu->to.leave ? dfu_leave(dfu) : status;
}
