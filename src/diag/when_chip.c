/* SPDX-License-Identifier: MIT */
/* Which chip it is, and how its flash is made. */
#include "base/text.h"
#include "diag/diag.h"

bool when_several_chips(const struct s0_facts *facts, struct text *evidence)
{
	const struct s0_device_info *info = facts->device;

	if (!info || info->chip || !info->candidate_count)
		return false;
	text_add(evidence, "by its %s it may be", info->identified_by);
	for (size_t i = 0; i < info->candidate_count; i++)
		text_add(evidence, "%s %s",
			 i == 0				 ? ""
			 : i + 1 < info->candidate_count ? ","
							 : " or",
			 info->candidates[i]->name);
	return true;
}

static bool has_remark(const struct s0_facts *facts, s0_remark_kind kind,
		       struct text *evidence)
{
	const struct s0_device_info *info = facts->device;

	for (unsigned i = 0; info && i < info->remark_count; i++) {
		if (info->remarks[i].kind != kind)
			continue;
		text_add(evidence, "%s%s", evidence->length ? "; " : "",
			 info->remarks[i].text);
	}
	return evidence->length > 0;
}

bool when_conflict(const struct s0_facts *facts, struct text *evidence)
{
	return has_remark(facts, S0_REMARK_CONFLICT, evidence);
}

bool when_overruled(const struct s0_facts *facts, struct text *evidence)
{
	return has_remark(facts, S0_REMARK_WARNING, evidence);
}
