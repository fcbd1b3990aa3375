/* SPDX-License-Identifier: MIT */
/* From an image and a policy to a plan for this device. */
#include "base/error.h"
#include "base/range.h"
#include "session/lift.h"

struct looking {
	const struct s0_plan *base;
	struct s0_survey *made;
	bool known; /* nobody else has been here */
};

/* Will anything that is recorded come back, or be taken for what is there? */
static bool uses_records(const struct s0_session *session,
			 const struct s0_plan *base)
{
	const struct s0_policy *policy = &base->policy;
	bool uses = false;

	for (size_t i = 0; i < base->sector_count; i++) {
		const struct note *note = journal_find(
			session->journal, base->sectors[i].address);

		uses |= note && (policy->keep || policy->rollback ||
				 note->kind != NOTE_OLD);
	}
	return uses;
}

/* What was seen before a failure may be of before a reset. */
static s0_code look(struct s0_session *session, void *work,
		    struct s0_error *err)
{
	struct looking *looking = work;
	s0_code code;

	survey_free(looking->made);
	looking->made = NULL;
	code = survey_new(&looking->made, err);
	if (code == S0_OK && !looking->known)
		code = session_check_others(
			session, uses_records(session, looking->base), err);
	looking->known |= code == S0_OK;
	if (code == S0_OK)
		code = session_look(session, looking->base, looking->made, err);
	return code;
}

static s0_code survey(struct s0_session *session, const struct s0_plan *base,
		      struct s0_survey **ret_survey, struct s0_error *err)
{
	struct looking looking = { .base = base };
	s0_code code;

	session_begin(session);
	code = session_persist(session, look, &looking, err);
	code = session_end(session, code, &session->survey, err);
	if (code != S0_OK) {
		survey_free(looking.made);
		return code;
	}
	looking.made->time_us = session->survey.time_us;
	*ret_survey = looking.made;
	return S0_OK;
}

/* The bootloader would refuse it all, less clearly. */
static s0_code check_device(const struct s0_device *device, bool compare,
			    bool keep, struct s0_error *err)
{
	const struct s0_chip *chip = device->info.chip;
	s0_code code;

	/* A flash word that came in two transfers would be programmed twice. */
	if (!compare && chip && device->info.transfer_size % plan_unit(chip)) {
		error_add_cause(err, S0_CAUSE_TRANSFER_SIZE);
		return error_set(err, S0_E_UNSUPPORTED,
				 "the device takes %u bytes a transfer, which "
				 "is no multiple of its flash word of %u bytes",
				 device->info.transfer_size, plan_unit(chip));
	}
	if (device->info.rdp > 0) {
		error_add_cause(err, S0_CAUSE_READ_OUT);
		return error_set(
			err, S0_E_PROTECTED,
			"read-out protection level %d is on: the bootloader "
			"neither reads nor changes this chip's flash",
			device->info.rdp);
	}
	code = compare ? S0_OK : session_check_geometry(device, err);
	if (code != S0_OK)
		return code;
	if (keep && !device->info.uid[0]) {
		error_add_cause(err, S0_CAUSE_NO_IDENTITY);
		return error_set(
			err, S0_E_UNSUPPORTED,
			"the chip does not tell its unique ID, so what "
			"is to be kept or put back cannot be recorded for it");
	}
	return S0_OK;
}

/* By bits, or as the start of an area. */
static bool protects(const struct s0_device *device,
		     const struct s0_option_field *field)
{
	const struct s0_device_info *info = &device->info;

	return (field->kind == S0_OPTION_SECTORS ||
		(field->kind == S0_OPTION_AREA_START &&
		 field->group == S0_OPTION_WRITE_PROTECTION)) &&
	       s0_option_applies(info->chip, field, info->options,
				 info->option_length, false);
}

/* Nothing protects any sector, those that this part lacks included, and that is
 * known. */
static bool unprotected(const struct s0_device *device)
{
	const struct s0_device_info *info = &device->info;
	const struct s0_chip *chip = info->chip;
	uint32_t value, length;
	bool known = false;

	for (size_t i = 0; chip && i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];

		if (field->kind == S0_OPTION_AREA_START &&
		    s0_option_area(chip, device->map, info->options,
				   info->option_length, false, field->group,
				   field->bank, &value, &length))
			return false;
		if (!protects(device, field))
			continue;
		known = s0_option_get(field, info->options, info->option_length,
				      false, &value) &&
			(field->kind != S0_OPTION_SECTORS ||
			 value == s0_option_open(field));
		if (!known)
			return false;
	}
	return known;
}

/* What a plan takes from the device. */
static void fill_in(struct s0_session *session, struct s0_policy *policy)
{
	const struct s0_device *device = session->device;

	policy->block = device->info.transfer_size;
	policy->timing = &device->info.timing;
	policy->rom = device->info.rom;
	policy->unprotected = unprotected(device);
	/* With read-out protection nothing can be changed: that is said. */
	policy->options =
		device->info.rdp > 0 ? NULL : session_protection(session);
	policy->option_length = device->info.option_length;
	policy->lift_protection = session->lift;
}

/*
 * After a failure: the sectors in which every step was carried out to its end
 * were not cut. They can be read, so that what is right in them is found; those
 * with bytes to be brought back keep their notes all the same.
 */
static s0_code forget_finished(struct s0_session *session,
			       const struct s0_plan *plan, size_t at,
			       uint32_t hurt, struct s0_error *err)
{
	struct journal *journal = session->journal;
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < plan->sector_count; i++) {
		const struct s0_plan_sector *s = &plan->sectors[i];
		const struct note *note = journal_find(journal, s->address);
		bool open = !note || journal_has_kept(journal, note) ||
			    range_overlap(hurt, 1, s->address, s->length);

		for (size_t k = at; !open && k < plan->step_count; k++)
			open = plan->steps[k].kind != S0_STEP_VERIFY &&
			       range_overlap(plan->steps[k].address,
					     plan->steps[k].length, s->address,
					     s->length);
		if (!open && (s->write || s->erase))
			code = journal_done(journal, s->address, err);
	}
	return code;
}

/* Are all steps done that erase? */
static bool erased(const struct s0_plan *plan, size_t at)
{
	for (; at < plan->step_count; at++)
		if (plan->steps[at].kind == S0_STEP_ERASE ||
		    plan->steps[at].kind == S0_STEP_MASS_ERASE)
			return false;
	return true;
}

s0_code session_plan_rest(struct s0_session *session,
			  const struct s0_plan *plan, size_t at, uint32_t hurt,
			  struct s0_plan **ret_plan, struct s0_error *err)
{
	const struct s0_device *device = session->device;
	struct s0_policy policy = plan->policy;
	struct looking looking = { .known = true };
	struct s0_plan *base;
	s0_code code = forget_finished(session, plan, at, hurt, err);

	fill_in(session, &policy);
	if (policy.erase == S0_ERASE_ALL && erased(plan, at))
		policy.erase = S0_ERASE_NEEDED;
	if (code == S0_OK)
		code = s0_plan_new(plan->image, device->map, device->info.chip,
				   &policy, &base, err);
	if (code != S0_OK)
		return code;
	looking.base = base;
	code = look(session, &looking, err);
	s0_plan_free(base);
	if (code != S0_OK) {
		survey_free(looking.made);
		return code;
	}
	return plan_new_surveyed(plan->image, device->map, device->info.chip,
				 looking.made, &policy, ret_plan, err);
}

static s0_code make_plan(struct s0_session *session,
			 const struct s0_image *image,
			 const struct s0_policy *policy,
			 struct s0_plan **ret_plan, struct s0_error *err)
{
	const struct s0_device *device = session->device;
	struct s0_policy own = policy ? *policy : (struct s0_policy){ 0 };
	struct s0_survey *made = NULL;
	struct s0_plan *base;
	s0_code code;

	fill_in(session, &own);
	/* Whatever can be refused without looking is refused without. */
	code = own.compare ? S0_OK
			   : session_check_chip(
				     device, "nothing is written to it", err);
	if (code == S0_OK)
		code = s0_plan_new(image, device->map, device->info.chip, &own,
				   &base, err);
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

s0_code s0_session_plan(struct s0_session *session,
			const struct s0_image *image,
			const struct s0_policy *policy,
			struct s0_plan **ret_plan, struct s0_error *err)
{
	s0_code code = make_plan(session, image, policy, ret_plan, err);

	/* What is refused puts nothing back. */
	if (code != S0_OK)
		session_tell_lifted(session);
	return code;
}
