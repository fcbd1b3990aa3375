/* SPDX-License-Identifier: MIT */
/* From an image and a policy to a plan for this device. */
#include <string.h>

#include "base/error.h"
#include "session/session.h"

static s0_code survey(struct s0_session *session, const struct s0_plan *base,
		      struct s0_survey **ret_survey, struct s0_error *err)
{
	struct s0_survey *made;
	s0_code code = survey_new(&made, err);

	if (code != S0_OK)
		return code;
	session_begin(session);
	code = session_look(session, base, made, err);
	code = session_end(session, code, &session->survey, err);
	if (code != S0_OK) {
		survey_free(made);
		return code;
	}
	made->time_us = session->survey.time_us;
	*ret_survey = made;
	return S0_OK;
}

/* The bootloader would refuse it all, less clearly. */
static s0_code check_device(const struct s0_device *device, bool compare,
			    bool keep, struct s0_error *err)
{
	const struct s0_chip *chip = device->info.chip;

	/* A flash word that came in two transfers would be programmed twice. */
	if (!compare && chip && device->info.transfer_size % chip->flash_word) {
		error_add_cause(err, S0_CAUSE_TRANSFER_SIZE);
		return error_set(err, S0_E_UNSUPPORTED,
				 "the device takes %u bytes a transfer, which "
				 "is no multiple of its flash word of %u bytes",
				 device->info.transfer_size, chip->flash_word);
	}
	if (device->info.rdp > 0) {
		error_add_cause(err, S0_CAUSE_READ_OUT);
		return error_set(
			err, S0_E_PROTECTED,
			"read-out protection level %d is on: the bootloader "
			"neither reads nor changes this chip's flash",
			device->info.rdp);
	}
	if (keep && !device->info.uid[0])
		return error_set(
			err, S0_E_UNSUPPORTED,
			"the chip does not tell its unique ID, so what "
			"is to be kept or put back cannot be recorded for it");
	return S0_OK;
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* Write protection has a bit a sector, 0 where it is on; a protected area
 * (PCROP) one first and one last unit, the first behind the last where there
 * is none (RM0399, RM0090). */
static bool unprotected(const struct s0_device *device)
{
	const struct s0_chip *chip = device->info.chip;
	uint32_t value, first = 1;
	bool known = false;

	for (size_t i = 0; chip && i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];
		bool mask = begins(field->name, "WRP") ||
			    begins(field->name, "nWRP");

		if (!mask && !begins(field->name, "PROT_AREA"))
			continue;
		if (!s0_device_option(device, field->name, &value))
			return false;
		known = known || mask;
		if (mask && value != (1u << field->width) - 1)
			return false;
		if (begins(field->name, "PROT_AREA_START"))
			first = value;
		if (begins(field->name, "PROT_AREA_END") && first <= value)
			return false;
	}
	return known;
}

s0_code s0_session_plan(struct s0_session *session,
			const struct s0_image *image,
			const struct s0_policy *policy,
			struct s0_plan **ret_plan, struct s0_error *err)
{
	const struct s0_device *device = session->device;
	struct s0_policy own = policy ? *policy : (struct s0_policy){ 0 };
	struct s0_survey *made = NULL;
	struct s0_plan *base;
	s0_code code;

	own.block = device->info.transfer_size;
	own.timing = &device->info.timing;
	own.rom = device->info.rom;
	own.unprotected = unprotected(device);
	/* Whatever can be refused without looking is refused without. */
	code = s0_plan_new(image, device->map, device->info.chip, &own, &base,
			   err);
	if (code != S0_OK)
		return code;
	code = check_device(device, own.compare, own.keep || own.rollback, err);
	if (code == S0_OK && own.compare) {
		*ret_plan = base;
		return S0_OK;
	}
	if (code == S0_OK)
		code = survey(session, base, &made, err);
	s0_plan_free(base);
	if (code != S0_OK)
		return code;
	code = plan_new_surveyed(image, device->map, device->info.chip, made,
				 &own, &base, err);
	if (code != S0_OK)
		return code;
	code = session_check_rollback(session, base, err);
	if (code == S0_OK)
		*ret_plan = base;
	else
		s0_plan_free(base);
	return code;
}
