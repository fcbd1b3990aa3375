/* SPDX-License-Identifier: MIT */
/* What a look at the connection shows: a transfer that fails while the device
 * has nothing to do is the connection's fault. */
#include "diag/diag.h"

static uint32_t failed(const struct s0_link_check *link)
{
	return link->errors + link->cut_short + link->lost + link->refused;
}

static void add_kind(struct text *evidence, const char *words, uint32_t count,
		     const char **comma)
{
	if (!count)
		return;
	text_add(evidence, "%s%u %s", *comma, count, words);
	*comma = ", ";
}

static bool link_fails(const struct s0_facts *facts, uint32_t least,
		       struct text *evidence)
{
	const struct s0_link_check *link = facts->link;
	const char *comma = "";

	if (!link || failed(link) < least)
		return false;
	text_add(evidence,
		 "%u of %llu transfers failed while the device had nothing to "
		 "do, and it was well right after: ",
		 failed(link), (unsigned long long)link->transfers);
	add_kind(evidence, "ended with an error of USB", link->errors, &comma);
	add_kind(evidence, "cut short", link->cut_short, &comma);
	add_kind(evidence, "lost", link->lost, &comma);
	add_kind(evidence, "refused without a reason", link->refused, &comma);
	if (link->dropped)
		text_add(evidence, "; and it left the bus %u time%s",
			 link->dropped, link->dropped == 1 ? "" : "s");
	return true;
}

static bool leaves(const struct s0_facts *facts, uint32_t least,
		   struct text *evidence)
{
	const struct s0_link_check *link = facts->link;

	if (!link || link->dropped < least || failed(link))
		return false;
	text_add(evidence,
		 "it left the bus %u time%s in %llu transfers, while it had "
		 "nothing to do",
		 link->dropped, link->dropped == 1 ? "" : "s",
		 (unsigned long long)link->transfers);
	return true;
}

/* Again and again, and there is no watchdog that could be why. */
static bool falls_off(const struct s0_facts *facts, struct text *evidence)
{
	struct text unused = { 0 };
	bool watchdog = when_watchdog(facts, &unused);

	text_free(&unused);
	return !watchdog && leaves(facts, 3, evidence);
}

bool when_link_fails(const struct s0_facts *facts, struct text *evidence)
{
	return link_fails(facts, 3, evidence);
}

bool when_link_failed_twice(const struct s0_facts *facts, struct text *evidence)
{
	return link_fails(facts, 2, evidence) || falls_off(facts, evidence);
}

bool when_link_failed_once(const struct s0_facts *facts, struct text *evidence)
{
	return link_fails(facts, 1, evidence);
}

bool when_dropped_idle(const struct s0_facts *facts, struct text *evidence)
{
	struct text unused = { 0 };
	bool told = falls_off(facts, &unused);

	text_free(&unused);
	return !told && leaves(facts, 1, evidence);
}
