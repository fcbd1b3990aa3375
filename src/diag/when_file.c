/* SPDX-License-Identifier: MIT */
/* What a file wants, seen beside the memory of a chip. */
#include "diag/diag.h"

/* Most parts that are named one by one. */
#define NAMED 6

/* Add the parts that are left out for one of two causes; @moved: 1 those whose
 * content is wanted at start, 0 the others, ANY all. */
static bool parts(const struct s0_facts *facts, s0_cause cause, s0_cause other,
		  int moved, struct text *evidence)
{
	size_t count = facts->plan ? s0_plan_segment_count(facts->plan) : 0;
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		const struct s0_plan_segment *part =
			s0_plan_segment(facts->plan, i);
		const char *section = part->segment.section;

		if (part->action != S0_ACTION_SKIP_NON_FLASH ||
		    (part->cause != cause && part->cause != other) ||
		    (moved != ANY && diag_moved(section) != moved))
			continue;
		if (found++ >= NAMED)
			continue;
		text_add(evidence, "%ssegment %u of %s (%s%s%u bytes at 0x%08x",
			 found > 1 ? ", " : "", part->segment.index,
			 part->segment.file, section, section[0] ? ", " : "",
			 part->length, part->address);
		text_add(evidence, part->memory[0] ? ", %s)" : "%s)",
			 part->memory);
	}
	if (found > NAMED)
		text_add(evidence, " and %zu more", found - NAMED);
	return found > 0;
}

bool when_file_noload(const struct s0_facts *facts, struct text *evidence)
{
	return parts(facts, S0_CAUSE_RAM, S0_CAUSE_BOOTLOADER_RAM, 0, evidence);
}

bool when_file_data(const struct s0_facts *facts, struct text *evidence)
{
	return parts(facts, S0_CAUSE_RAM, S0_CAUSE_BOOTLOADER_RAM, 1, evidence);
}

bool when_file_options(const struct s0_facts *facts, struct text *evidence)
{
	return parts(facts, S0_CAUSE_OPTION_BYTES, S0_CAUSE_OPTION_BYTES, ANY,
		     evidence);
}

bool when_file_past(const struct s0_facts *facts, struct text *evidence)
{
	return parts(facts, S0_CAUSE_PAST_FLASH, S0_CAUSE_PAST_FLASH, ANY,
		     evidence);
}

bool when_file_nowhere(const struct s0_facts *facts, struct text *evidence)
{
	return parts(facts, S0_CAUSE_NO_MEMORY, S0_CAUSE_NONE, ANY, evidence);
}

static bool vectors(const struct s0_facts *facts, struct s0_vectors *v)
{
	return facts->plan && s0_plan_vectors(facts->plan, v);
}

bool when_stack(const struct s0_facts *facts, struct text *evidence)
{
	struct s0_vectors v;

	if (!vectors(facts, &v) || v.stack_in_ram)
		return false;
	text_add(evidence,
		 "the vector table at 0x%08x has the stack pointer 0x%08x, "
		 "which is %s",
		 v.address, v.stack,
		 v.stack % 4 ? "no multiple of 4" : "in no RAM of this chip");
	return true;
}

/* Where all else is right, so that it is one. */
bool when_misplaced(const struct s0_facts *facts, struct text *evidence)
{
	struct s0_vectors v;

	if (!vectors(facts, &v) || v.aligned || !v.stack_in_ram ||
	    v.reset % 2 == 0 || !v.reset_in_image)
		return false;
	text_add(evidence,
		 "the vector table at 0x%08x is at no multiple of 128 bytes: "
		 "the processor cannot find it there",
		 v.address);
	return true;
}

bool when_thumb(const struct s0_facts *facts, struct text *evidence)
{
	struct s0_vectors v;

	if (!vectors(facts, &v) || !v.stack_in_ram || v.reset % 2)
		return false;
	text_add(evidence,
		 "the vector table at 0x%08x has the reset vector 0x%08x, "
		 "which is even: no Thumb code",
		 v.address, v.reset);
	return true;
}

bool when_reset(const struct s0_facts *facts, struct text *evidence)
{
	struct s0_vectors v;

	if (!vectors(facts, &v) || !v.stack_in_ram || v.reset_in_image)
		return false;
	text_add(evidence,
		 "the vector table at 0x%08x has the reset vector 0x%08x, "
		 "where the file has no bytes",
		 v.address, v.reset);
	return true;
}
