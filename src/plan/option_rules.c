/* SPDX-License-Identifier: MIT */
/*
 * What the chip would reject as a whole, what cannot be taken back, and what
 * follows from each change: RM0399 4.4.3 (changing security option bytes),
 * 4.5.3 (read-out protection), AN2606 (the ways into the bootloader). By group,
 * kind and role alone: the fields are the chip's.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "plan/option_plan.h"
#include "plan/options.h"

/* What the steps are judged by. */
struct situation {
	struct s0_option_plan *plan;
	unsigned from, to; /* level of the read-out protection */
	bool secure;	   /* secure access mode is on */
};

static bool role_is_set(const struct s0_option_plan *plan, s0_option_role role)
{
	const struct s0_option_field *field =
		s0_option_with(plan->chip, role, NULL);
	uint32_t value;

	return field &&
	       s0_option_get(field, plan->before, plan->length, false,
			     &value) &&
	       value;
}

static s0_code refuse(const struct s0_option_step *step,
		      const struct s0_option_plan *plan, const char *why,
		      struct s0_error *err)
{
	char value[S0_OPTION_TEXT];

	s0_option_print(plan->chip, NULL, 0, step->field, step->to, value,
			NULL);
	return error_set(err, S0_E_PROTECTED, "%s=%s is refused: %s",
			 step->field->name, value, why);
}

void option_say(struct s0_option_step *step, unsigned guard, const char *what)
{
	size_t used = strlen(step->consequence);

	step->guards |= guard;
	(void)snprintf(step->consequence + used,
		       sizeof step->consequence - used, "%s%s",
		       used ? "; " : "", what);
}

static void judge_level(const struct situation *s, struct s0_option_step *step)
{
	if (s->to == 2)
		option_say(step, S0_ALLOW_PERMANENT,
			   "level 2 is for ever: no debugger, no bootloader, "
			   "no way "
			   "back, and option bytes that never change again");
	else if (s->to == 1)
		option_say(
			step, 0,
			"the bootloader and debuggers neither read nor change "
			"flash any more; going back to level 0 erases all of "
			"it");
	else
		option_say(step, S0_ALLOW_ERASE,
			   "all flash is erased, and backup registers with it");
}

uint32_t option_step_closes(const struct s0_option_step *step)
{
	return step->field->ones_protect ? ~step->from & step->to
					 : step->from & ~step->to;
}

/* The field that is the start of what a field is about; NULL. */
static const struct s0_option_field *start_of(
	const struct s0_chip *chip, const struct s0_option_field *field)
{
	if (field->kind == S0_OPTION_AREA_START)
		return field;
	if (field->kind == S0_OPTION_AREA_END)
		return chip_other_end(chip, field);
	return s0_option_at(chip, field->group, S0_OPTION_AREA_START,
			    field->bank);
}

/* Where an area is, before and afterwards; length 0: there is none. */
static struct chip_area area_of(const struct s0_option_plan *plan, bool after,
				const struct s0_option_field *field)
{
	const struct s0_option_field *start = start_of(plan->chip, field);
	struct chip_area area = { 0, 0, false };

	if (!start || !chip_area(plan->chip, plan->map,
				 after ? plan->window : plan->before,
				 plan->length, after, start, &area))
		area.length = 0;
	return area;
}

/* Does a regression erase the area, by the old setting or the new? */
static bool goes_with_regression(const struct situation *s,
				 const struct s0_option_field *field)
{
	const struct s0_option_plan *plan = s->plan;
	const struct s0_option_field *too =
		s0_option_with(plan->chip, S0_OPTION_ERASED_TOO, NULL);
	uint32_t old = 0, new = 0;

	while (too && (too->group != field->group ||
		       (too->bank && too->bank != field->bank)))
		too = s0_option_with(plan->chip, S0_OPTION_ERASED_TOO, too);
	if (!too || s->from != 1 || s->to != 0)
		return false;
	(void)s0_option_get(too, plan->before, plan->length, false, &old);
	(void)s0_option_get(too, plan->window, plan->length, true, &new);
	return old || new;
}

/* The fields say little: a start that is the end is the whole bank. */
static void say_area(const struct situation *s, struct s0_option_step *step,
		     unsigned guard, const struct chip_area *area,
		     const char *what)
{
	char text[96];

	(void)snprintf(text, sizeof text,
		       "the area is then %s%u bytes from "
		       "0x%08x",
		       area->whole ? "the whole bank, " : "", area->length,
		       area->address);
	option_say(step, guard, text);
	option_say(step, guard, what);
	if (option_part_lacks_area(s->plan, area))
		option_say(step, S0_ALLOW_PART, "this part has no flash there");
}

static s0_code judge_pcrop(const struct situation *s,
			   struct s0_option_step *step, struct s0_error *err)
{
	struct chip_area old = area_of(s->plan, false, step->field);
	struct chip_area new = area_of(s->plan, true, step->field);
	bool free = goes_with_regression(s, step->field);

	if (step->field->role == S0_OPTION_ERASED_TOO) {
		if (!step->to && !free)
			return refuse(step, s->plan,
				      "what a regression is to erase is made "
				      "to stay by a regression alone",
				      err);
		if (!step->to && new.length)
			option_say(step, S0_ALLOW_PCROP,
				   "a regression does not lift the area then");
		return S0_OK;
	}
	if (!free && old.length &&
	    !(new.length &&range_within(old.address, old.length, new.address,
					new.length)))
		return refuse(step, s->plan,
			      "a PCROP area only grows; it is made smaller or "
			      "lifted where RDP goes from 1 to 0 and DMEP is "
			      "'erase', which erases all flash",
			      err);
	if (new.length &&
	    (new.address != old.address || new.length != old.length))
		say_area(s, step, S0_ALLOW_PCROP, &new,
			 "what lies there can be run, but neither read nor "
			 "changed; only a regression of the read-out "
			 "protection lifts it, and that only where it is set "
			 "to erase the area");
	return S0_OK;
}

/* RM0090 3.6.5: what is made to be run alone stays so until a regression. */
static s0_code judge_pcrop_sectors(const struct situation *s,
				   struct s0_option_step *step,
				   struct s0_error *err)
{
	uint32_t changed = step->from ^ step->to;

	if (changed & ~option_step_closes(step) &&
	    !(s->from == 1 && s->to == 0))
		return refuse(step, s->plan,
			      "a sector is taken out of PCROP where RDP goes "
			      "from 1 to 0 alone, which erases all flash",
			      err);
	if (option_step_closes(step))
		option_say(step, S0_ALLOW_PCROP,
			   "what lies in these sectors can be run, but neither "
			   "read "
			   "nor changed; only a regression of the read-out "
			   "protection "
			   "lifts it");
	return S0_OK;
}

static void judge_write_area(const struct situation *s,
			     struct s0_option_step *step)
{
	struct chip_area new = area_of(s->plan, true, step->field);
	char text[96];

	if ((step->field->kind != S0_OPTION_AREA_START &&
	     step->field->kind != S0_OPTION_AREA_END) ||
	    !new.length)
		return;
	(void)snprintf(text, sizeof text,
		       "%u bytes from 0x%08x are neither erased nor written "
		       "any more",
		       new.length, new.address);
	option_say(step, 0, text);
	if (option_part_lacks_area(s->plan, &new))
		option_say(step, S0_ALLOW_PART, "this part has no flash there");
}

static s0_code judge_secure(const struct situation *s,
			    struct s0_option_step *step, struct s0_error *err)
{
	struct chip_area old = area_of(s->plan, false, step->field);
	struct chip_area new = area_of(s->plan, true, step->field);

	if (step->field->role == S0_OPTION_SECURITY && !step->to)
		return refuse(step, s->plan,
			      "secure access mode is not switched off from the "
			      "bootloader",
			      err);
	if (step->field->role == S0_OPTION_ERASED_TOO && !step->to &&
	    !goes_with_regression(s, step->field))
		return refuse(step, s->plan,
			      "what a regression is to erase is made to stay "
			      "by a regression alone",
			      err);
	if (step->field->kind != S0_OPTION_AREA_START &&
	    step->field->kind != S0_OPTION_AREA_END)
		return S0_OK;
	if (s->secure && !goes_with_regression(s, step->field))
		return refuse(step, s->plan,
			      "in secure access mode only ST's secure services "
			      "move secure areas",
			      err);
	if (new.length &&
	    (new.address != old.address || new.length != old.length))
		say_area(s, step, S0_ALLOW_SECURE, &new,
			 "with secure access mode on, it is closed to "
			 "everything but the code in it, the bootloader "
			 "included");
	return S0_OK;
}

static bool starts_bootloader(const struct s0_option_plan *plan,
			      const struct s0_option_field *field)
{
	const struct s0_chip *chip = plan->chip;
	uint32_t value;

	if (!field ||
	    !s0_option_get(field, plan->window, plan->length, true, &value))
		return false;
	for (size_t i = 0; i < chip->area_count; i++)
		if (chip->areas[i].kind == S0_AREA_SYSTEM &&
		    range_within(value * field->unit, 1, chip->areas[i].address,
				 chip->areas[i].length))
			return true;
	return false;
}

static void judge_boot(const struct situation *s, struct s0_option_step *step)
{
	const struct s0_chip *chip = s->plan->chip;
	char what[160];

	if (step->field->kind == S0_OPTION_BOOT &&
	    !s0_option_boot_place(chip, step->field, step->to)) {
		(void)snprintf(what, sizeof what,
			       "nothing is known at 0x%08x: it would start "
			       "nothing",
			       step->to * step->field->unit);
		option_say(step, S0_ALLOW_BOOT, what);
	} else if (step->field->kind == S0_OPTION_BOOT &&
		   option_part_lacks(s->plan, step->to * step->field->unit)) {
		(void)snprintf(what, sizeof what,
			       "this part has no flash at 0x%08x: it would "
			       "start nothing",
			       step->to * step->field->unit);
		option_say(step, S0_ALLOW_BOOT, what);
	}
	if ((step->field->role == S0_OPTION_BOOT_LOW ||
	     step->field->role == S0_OPTION_BOOT_HIGH) &&
	    !starts_bootloader(
		    s->plan, s0_option_with(chip, S0_OPTION_BOOT_LOW, NULL)) &&
	    !starts_bootloader(s->plan,
			       s0_option_with(chip, S0_OPTION_BOOT_HIGH, NULL)))
		option_say(step, S0_ALLOW_BOOT,
			   "no level of the BOOT pin starts the bootloader any "
			   "more");
}

static void judge_value(struct s0_option_step *step)
{
	const struct s0_option_field *field = step->field;

	for (size_t i = 0; i < field->value_count; i++)
		if (field->values[i].value == step->to &&
		    field->values[i].guard)
			option_say(step, field->values[i].guard,
				   field->values[i].meaning);
	if (field->guard && !field->only)
		option_say(step, field->guard, field->about);
	if (field->only) {
		char what[160];

		(void)snprintf(what, sizeof what, "only %s have this field",
			       field->only);
		option_say(step, S0_ALLOW_PART, what);
	}
	if (field->role == S0_OPTION_WATCHDOG && !step->to)
		option_say(
			step, S0_ALLOW_BOOT,
			"the watchdog runs from reset on: firmware that does "
			"not "
			"feed it is reset again and again, and the bootloader "
			"feeds it between operations alone");
	if (field->kind == S0_OPTION_SECTORS &&
	    field->group == S0_OPTION_WRITE_PROTECTION &&
	    option_step_closes(step))
		option_say(step, 0,
			   "these sectors are neither erased nor written any "
			   "more");
	if (field->role == S0_OPTION_BANK_MODE)
		option_say(step, 0,
			   "sectors, and their addresses, are others after the "
			   "reset: "
			   "the firmware in flash is not where it was");
	if (step->at_reset)
		option_say(
			step, 0,
			"takes effect at the next reset; the fields of the two "
			"banks change places with them");
}

static s0_code judge(const struct situation *s, struct s0_option_step *step,
		     struct s0_error *err)
{
	if (s->from == 2 && step->field->role != S0_OPTION_SWAP_BANKS)
		return refuse(step, s->plan,
			      "at read-out protection level 2 only the order "
			      "of the banks can be changed, for ever",
			      err);
	if (step->field->kind == S0_OPTION_WORD) {
		option_raw_judge(s->plan, step);
		return S0_OK;
	}
	if (step->field->kind == S0_OPTION_RDP)
		judge_level(s, step);
	judge_value(step);
	if (step->field->kind == S0_OPTION_SECTORS &&
	    option_part_lacks_sector(s->plan, step))
		option_say(step, S0_ALLOW_PART,
			   "this part does not have all of these sectors");
	judge_boot(s, step);
	if (step->field->group == S0_OPTION_WRITE_PROTECTION)
		judge_write_area(s, step);
	if (step->field->group == S0_OPTION_PCROP &&
	    step->field->kind == S0_OPTION_SECTORS)
		return judge_pcrop_sectors(s, step, err);
	if (step->field->group == S0_OPTION_PCROP)
		return judge_pcrop(s, step, err);
	if (step->field->group == S0_OPTION_SECURE_AREA)
		return judge_secure(s, step, err);
	return S0_OK;
}

s0_code option_rules_apply(struct s0_option_plan *plan, struct s0_error *err)
{
	struct situation s = { .plan = plan };
	s0_code code = S0_OK;

	s.from = options_level(plan->chip, plan->before, plan->length, false);
	s.to = options_level(plan->chip, plan->window, plan->length, true);
	s.secure = role_is_set(plan, S0_OPTION_SECURITY);
	for (size_t i = 0; code == S0_OK && i < plan->count; i++)
		code = judge(&s, &plan->steps[i], err);
	return code;
}
