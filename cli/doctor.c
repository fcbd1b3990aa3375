/* SPDX-License-Identifier: MIT */
/* `doctor`: looks at host, device and file, and says what is wrong. */
#include "doctor.h"

#include <string.h>

#include "failure.h"
#include "inputs.h"
#include "job.h"
#include "json.h"
#include "say.h"

#define DEFAULT_CHIP "stm32h743"

/* Nothing of this host stands between the command and a virtual chip. */
static bool is_virtual(const struct app *app)
{
	const char *selector = app_selector(app);

	return selector && strncmp(selector, "sim:", 4) == 0;
}

static bool no_device(const struct s0_error *err)
{
	return err->code == S0_E_NO_DEVICE || err->code == S0_E_SEVERAL ||
	       err->code == S0_E_ACCESS || err->code == S0_E_NO_USB;
}

static bool drop(void *payload, const void *bytes, size_t length)
{
	(void)payload, (void)bytes, (void)length;
	return true;
}

/* Where it does not tell its read-out protection, the first word of flash
 * does: at level 1 reading it is refused (AN3156). */
static s0_code try_flash(struct app *app, const struct doctor *doctor,
			 struct s0_error *why)
{
	uint32_t start;

	if (!app->session || !doctor->facts.device->chip ||
	    doctor->facts.device->rdp >= 0 ||
	    !s0_map_flash_start(doctor->facts.map, &start))
		return S0_OK;
	return s0_session_read(app->session, start, 4, drop, NULL, NULL, why);
}

static s0_code check_link(struct app *app, struct doctor *doctor,
			  struct s0_error *why)
{
	doctor->facts.link = &doctor->link;
	return s0_session_check_link(app->session, &doctor->link, why);
}

static void note_saved(const struct s0_session *session, struct s0_facts *facts)
{
	struct s0_unfinished cut;

	for (size_t i = 0; s0_session_unfinished(session, i, &cut); i++)
		if (cut.saved && !facts->saved++)
			facts->saved_at = cut.address;
}

static void look_at_records(const struct s0_session *session,
			    struct doctor *doctor)
{
	struct s0_facts *facts = &doctor->facts;
	struct s0_error *why = &doctor->records_error;

	why->code = s0_session_check_records(session, why);
	note_saved(session, facts);
	facts->noted = s0_session_noted(session, &facts->noted_at);
	facts->left_open = s0_session_left_open(session, &facts->left_open_at);
	facts->unreadable =
		s0_session_unreadable(session, &facts->unreadable_at);
}

/* What is wrong with the device is a finding; what was mistyped is not. */
static s0_code look_at_device(struct app *app, struct doctor *doctor,
			      struct s0_error *err)
{
	struct s0_error *why = &doctor->device_error;
	s0_code code = app_open_session(app, why);

	if (code == S0_E_USAGE || code == S0_E_MEMORY ||
	    code == S0_E_CANCELLED) {
		*err = *why;
		return code;
	}
	if (app->device) {
		doctor->facts.device = s0_device_info(app->device);
		doctor->facts.map = s0_device_map(app->device);
	}
	if (app->session)
		look_at_records(app->session, doctor);
	if (code == S0_OK)
		code = check_link(app, doctor, why);
	if (code == S0_OK)
		code = try_flash(app, doctor, why);
	if (code != S0_E_CANCELLED)
		return S0_OK;
	*err = *why;
	return code;
}

/* The chip whose memory the file is held against. */
static s0_code choose_chip(struct app *app, struct doctor *doctor,
			   const struct s0_chip **ret_chip,
			   struct s0_error *err)
{
	s0_code code;

	if (doctor->facts.map) {
		*ret_chip = doctor->facts.device->chip;
		return S0_OK;
	}
	code = chip_asked_for(app, DEFAULT_CHIP, ret_chip, err);
	if (code == S0_OK)
		code = s0_chip_map(*ret_chip, &doctor->own_map, err);
	doctor->facts.map = doctor->own_map;
	return code;
}

/* What does not lie in flash is left out, so that all of it is known; where
 * nothing is left, the refusal says why. */
static s0_code plan(struct doctor *doctor, const struct s0_chip *chip,
		    struct s0_error *err)
{
	struct s0_policy policy = { .skip_non_flash = true };
	struct s0_error why = S0_ERROR_INIT;
	s0_code code = s0_plan_new(doctor->image, doctor->facts.map, chip,
				   &policy, &doctor->plan, &why);

	if (code == S0_OK)
		return S0_OK;
	policy.skip_non_flash = false;
	return s0_plan_new(doctor->image, doctor->facts.map, chip, &policy,
			   &doctor->plan, err);
}

static s0_code read_files(struct app *app, struct doctor *doctor,
			  struct inputs *inputs, struct s0_error *err)
{
	const struct s0_chip *chip = NULL;
	struct s0_error *why = &doctor->file_error;
	s0_code code = format_asked_for(app, &inputs->asked, err);

	if (code == S0_OK)
		code = choose_chip(app, doctor, &chip, err);
	if (code == S0_OK)
		code = inputs_open(app, app->args.words, app->args.word_count,
				   inputs, err);
	if (code == S0_OK)
		code = inputs_place(app, inputs, doctor->facts.map, err);
	if (code != S0_OK)
		return code;
	if (inputs_read(app, inputs, &doctor->image, why) == S0_OK)
		(void)plan(doctor, chip, why);
	return S0_OK;
}

static s0_code look_at_files(struct app *app, struct doctor *doctor,
			     struct s0_error *err)
{
	struct inputs inputs = { 0 };
	s0_code code;

	doctor->files = app->args.word_count > 0;
	if (!doctor->files)
		return S0_OK;
	code = read_files(app, doctor, &inputs, err);
	inputs_close(&inputs);
	doctor->facts.plan = doctor->plan;
	return code;
}

/* Each failure with all other facts beside it. */
static s0_code conclude(struct doctor *doctor, struct s0_error *err)
{
	struct s0_facts facts = doctor->facts;
	const struct s0_error *errors[] = { doctor->host ? &doctor->host->error
							 : NULL,
					    &doctor->device_error,
					    &doctor->records_error,
					    &doctor->file_error };
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < 4; i++) {
		if (!errors[i] || errors[i]->code == S0_OK)
			continue;
		facts.error = errors[i];
		code = s0_findings_add(doctor->findings, &facts, err);
	}
	facts.error = NULL;
	return code == S0_OK ? s0_findings_add(doctor->findings, &facts, err)
			     : code;
}

static s0_code look(struct app *app, struct doctor *doctor,
		    struct s0_error *err)
{
	s0_code code = s0_findings_new(&doctor->findings, err);

	if (code == S0_OK && !is_virtual(app))
		code = s0_host_look(app->context, &doctor->host, err);
	doctor->facts.host = doctor->host;
	if (code == S0_OK)
		code = look_at_device(app, doctor, err);
	if (code == S0_OK)
		code = look_at_files(app, doctor, err);
	return code == S0_OK ? conclude(doctor, err) : code;
}

size_t doctor_faults(const struct s0_findings *findings)
{
	size_t faults = 0;

	for (size_t i = 0; i < s0_findings_count(findings); i++)
		faults += !s0_findings_at(findings, i)->note;
	return faults;
}

static void tell(struct app *app, const struct doctor *doctor)
{
	progress_interrupt(&app->progress);
	if (app->json)
		doctor_show_json(app, doctor);
	else
		doctor_show(app, doctor);
	if (no_device(&doctor->device_error))
		app->status = 4;
	else if (doctor_faults(doctor->findings))
		app->status = 1;
}

s0_code doctor_run(struct app *app, struct s0_error *err)
{
	struct doctor doctor = { .device_error = S0_ERROR_INIT,
				 .records_error = S0_ERROR_INIT,
				 .file_error = S0_ERROR_INIT };
	s0_code code;

	if (app->args.seen[OPTION_STRESS])
		return doctor_stress(app, err);
	if (app->args.seen[OPTION_PLOT] || app->args.seen[OPTION_ROUNDS])
		return fail_usage(err, "'--plot' and '--rounds' are of "
				       "'doctor --stress'");
	code = look(app, &doctor, err);
	if (code == S0_OK)
		tell(app, &doctor);
	s0_plan_free(doctor.plan);
	s0_image_free(doctor.image);
	s0_map_free(doctor.own_map);
	s0_host_free(doctor.host);
	s0_findings_free(doctor.findings);
	return code;
}
