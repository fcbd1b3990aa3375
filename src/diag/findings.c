/* SPDX-License-Identifier: MIT */
/* From facts to findings, by the table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "diag/diag.h"

struct s0_findings {
	struct s0_finding *list; /* sorted; evidence is owned */
	size_t count;
};

const char *s0_confidence_name(s0_confidence confidence)
{
	static const char *const names[] = { "certain", "likely", "possible" };

	return (unsigned)confidence < 3 ? names[confidence] : "?";
}

s0_code s0_findings_new(struct s0_findings **ret_findings, struct s0_error *err)
{
	struct s0_findings *findings = calloc(1, sizeof *findings);

	if (!findings)
		return error_memory(err);
	*ret_findings = findings;
	return S0_OK;
}

static void remove_at(struct s0_findings *findings, size_t index)
{
	struct s0_finding *list = findings->list;

	free((char *)list[index].evidence);
	free((char *)list[index].next);
	findings->count--;
	memmove(list + index, list + index + 1,
		(findings->count - index) * sizeof *list);
}

void s0_findings_free(struct s0_findings *findings)
{
	if (!findings)
		return;
	while (findings->count)
		remove_at(findings, findings->count - 1);
	free(findings->list);
	free(findings);
}

size_t s0_findings_count(const struct s0_findings *findings)
{
	return findings->count;
}

const struct s0_finding *s0_findings_at(const struct s0_findings *findings,
					size_t index)
{
	return index < findings->count ? &findings->list[index] : NULL;
}

/* Is the row about this failure? */
static bool about(const struct rule *rule, const struct s0_error *err)
{
	if (rule->error == NONE)
		return true;
	return err && err->code != S0_OK &&
	       (rule->error == ANY || rule->error == (int)err->code) &&
	       (rule->cause == ANY || rule->cause == (int)err->cause) &&
	       (rule->aftermath == ANY ||
		rule->aftermath == (int)err->aftermath);
}

static bool fits(const struct rule *rule, const struct s0_facts *facts,
		 struct text *evidence)
{
	struct text more = { 0 };
	bool fit = about(rule, facts->error) &&
		   (!rule->when || rule->when(facts, &more));

	if (fit && rule->error != NONE) {
		text_add(evidence, "%s", facts->error->message);
		if (more.length)
			text_add(evidence, "; ");
	}
	if (fit && more.length)
		text_add_bytes(evidence, more.chars, more.length);
	evidence->failed = evidence->failed || more.failed;
	text_free(&more);
	return fit;
}

/* Faults first, then by certainty. */
static unsigned rank(bool note, s0_confidence confidence)
{
	return (note ? 4u : 0u) + (unsigned)confidence;
}

/* Keep the surer one of two findings with one name: true if it is there. */
static bool is_known(struct s0_findings *findings, const struct rule *rule)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct s0_finding *known = &findings->list[i];

		if (strcmp(known->code, rule->code) != 0)
			continue;
		if (rank(known->note, known->confidence) <=
		    rank(rule->note, rule->confidence))
			return true;
		remove_at(findings, i);
		return false;
	}
	return false;
}

static bool failed_at(const struct s0_error *err, uint32_t *ret_address)
{
	*ret_address = err->address;
	return err->length > 0;
}

/* The next step, with the address to be typed where it names one. */
static char *next_step(const struct rule *rule, const struct s0_facts *facts)
{
	const char *at = strstr(rule->next, DIAG_PLACE);
	struct text next = { 0 };
	uint32_t address;

	if (!at)
		return strdup(rule->next);
	text_add_bytes(&next, rule->next, (size_t)(at - rule->next));
	if (rule->error == NONE ? diag_wrong_at(facts, &address)
				: failed_at(facts->error, &address))
		text_add(&next, " 0x%08x", address);
	text_add(&next, "%s", at + strlen(DIAG_PLACE));
	if (!next.failed)
		return next.chars;
	text_free(&next);
	return NULL;
}

static s0_code insert(struct s0_findings *findings, const struct rule *rule,
		      const struct s0_facts *facts, struct text *evidence,
		      struct s0_error *err)
{
	struct s0_finding *list;
	size_t at = findings->count;
	char *words = strdup(text_chars(evidence));
	char *next = next_step(rule, facts);

	list = realloc(findings->list, (at + 1) * sizeof *list);
	if (list)
		findings->list = list;
	if (!list || !words || !next || evidence->failed) {
		free(words);
		free(next);
		return error_memory(err);
	}
	while (at > 0 && rank(list[at - 1].note, list[at - 1].confidence) >
				 rank(rule->note, rule->confidence))
		at--;
	memmove(list + at + 1, list + at,
		(findings->count - at) * sizeof *list);
	list[at] = (struct s0_finding){ .code = rule->code,
					.confidence = rule->confidence,
					.note = rule->note,
					.evidence = words,
					.meaning = rule->meaning,
					.next = next };
	findings->count++;
	return S0_OK;
}

s0_code s0_findings_add(struct s0_findings *findings,
			const struct s0_facts *facts, struct s0_error *err)
{
	s0_code code = S0_OK;

	for (size_t i = 0; code == S0_OK && i < diag_rule_count; i++) {
		const struct rule *rule = &diag_rules[i];
		struct text evidence = { 0 };

		if (fits(rule, facts, &evidence) && !is_known(findings, rule))
			code = insert(findings, rule, facts, &evidence, err);
		text_free(&evidence);
	}
	return code;
}

void s0_error_explain_with(struct s0_error *err, const struct s0_facts *facts)
{
	struct s0_facts all = *facts;

	if (!err || err->code == S0_OK || err->hint[0])
		return;
	all.error = err;
	for (size_t i = 0; i < diag_rule_count; i++) {
		const struct rule *rule = &diag_rules[i];
		struct text evidence = { 0 };
		bool fit = rule->error != NONE && fits(rule, &all, &evidence);
		char *next;

		text_free(&evidence);
		if (!fit)
			continue;
		next = next_step(rule, &all);
		(void)snprintf(err->hint, sizeof err->hint, "%s",
			       next ? next : rule->next);
		free(next);
		err->finding = rule->code;
		return;
	}
}

void s0_error_explain(struct s0_error *err)
{
	s0_error_explain_with(err, &(struct s0_facts){ 0 });
}
