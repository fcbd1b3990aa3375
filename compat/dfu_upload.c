/* SPDX-License-Identifier: MIT */
/* dfu-util -U. */
#include <stdio.h>
#include <string.h>

#include "cli/os.h"
#include "cli/say.h"
#include "compat/dfu_element.h"

/* Without an address it reads so much. */
#define UNPLACED 16384u

/* The area at the address that is asked for, of the alternate setting that was
 * chosen, or where that begins. */
static const struct s0_area *area_meant(struct dfu_util *dfu)
{
	const struct s0_map *map = s0_device_map(dfu->app.device);
	uint8_t alternate = dfu_alternate(dfu);

	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		bool mine = area->from_device && area->alt == alternate;

		if (dfu->to.placed
			    ? dfu->to.address - area->address < area->length &&
				      (mine || dfu->to.force || !dfu->alt)
			    : mine)
			return area;
	}
	return NULL;
}

s0_code dfu_begin_upload(const struct dfu_util *dfu, struct output *ret_output,
			 struct s0_error *err)
{
	return os_begin_output(strcmp(dfu->upload, "-") ? dfu->upload : "./-",
			       ret_output, err);
}

static int read_to(struct dfu_util *dfu, uint32_t address, uint32_t length)
{
	struct s0_error err = S0_ERROR_INIT;
	struct output output;
	s0_code code = dfu_begin_upload(dfu, &output, &err);

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

/* How much, where nobody says. */
static uint32_t rest_of(const struct dfu_util *dfu, const struct s0_area *area)
{
	uint32_t rest = area->length;

	if (dfu->to.placed) {
		rest -= dfu->to.address - area->address;
		printf("Limiting upload to end of memory segment, %u bytes\n",
		       rest);
		return rest;
	}
	dfu_warn("Unbound upload not supported on DfuSe devices");
	if (rest > UNPLACED)
		rest = UNPLACED;
	printf("Limiting default upload to %u bytes\n", rest);
	return rest;
}

int dfu_upload(struct dfu_util *dfu)
{
	const struct s0_area *area;
	uint32_t length = dfu->to.length;
	int status;

	/* It never writes over a file. */
	if (os_exists(dfu->upload)) {
		dfu_warn("Cannot open file %s for writing: File exists",
			 dfu->upload);
		return DFU_CANNOT_CREATE;
	}
	status = dfu_open(dfu);
	if (status != DFU_OK)
		return status;
	if (dfu->plain)
		return dfu_plain_upload(dfu);
	if (dfu->to.mass_erase || dfu->to.unprotect)
		dfu_warn("Warning: nothing is erased where a file is read");
	area = area_meant(dfu);
	if (!area) {
		dfu_warn("Page at 0x%08x is not readable", dfu->to.address);
		return DFU_USAGE;
	}
	if (!length)
		length = rest_of(dfu, area);
	else if (!dfu->to.placed && length > area->length)
		length = area->length;
	status = read_to(dfu, dfu->to.placed ? dfu->to.address : area->address,
			 length);
	if (status != DFU_OK)
		return status;
	return dfu->to.leave ? dfu_leave(dfu) : dfu_reset(dfu);
}
