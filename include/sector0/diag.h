/* SPDX-License-Identifier: MIT */
#ifndef SECTOR0_DIAG_H
#define SECTOR0_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sector0/context.h>
#include <sector0/device.h>
#include <sector0/error.h>
#include <sector0/link_check.h>
#include <sector0/plan.h>
#include <sector0/session.h>
#include <sector0/stress.h>

/**
 * @file
 * Why: from facts to findings.
 *
 * Facts are what is known of a failure, a host, a device, a file, a stress
 * test. One table (src/diag/table.c) turns them into findings, each with a
 * stable name, how sure it is, what speaks for it, what it means, and what to
 * do next. docs/errors.md explains them all. Nothing here talks to a device.
 *
 *     struct s0_findings *findings;
 *     struct s0_facts facts = { .error = &err, .device = info, .map = map };
 *     s0_findings_new(&findings, NULL);
 *     s0_findings_add(findings, &facts, NULL);
 *     for (size_t i = 0; i < s0_findings_count(findings); i++)
 *         show(s0_findings_at(findings, i));
 */

S0_BEGIN_DECLS

/** How sure a finding is. */
typedef enum s0_confidence {
	S0_CERTAIN = 0, /**< The facts say so themselves. */
	S0_LIKELY = 1,	/**< What usually causes these facts. */
	S0_POSSIBLE = 2 /**< One of several causes. */
} s0_confidence;

/** "certain", "likely", "possible". */
S0_API const char *s0_confidence_name(s0_confidence confidence);

/** One finding. Strings are owned by the findings, or static. */
struct s0_finding {
	const char *code; /**< Stable name, "D_NOLOAD_MISSING" for example. */
	s0_confidence confidence;
	bool note;	      /**< Worth knowing, but nothing is wrong. */
	const char *evidence; /**< What speaks for it, with the numbers. */
	const char *meaning;  /**< What it means, one or two sentences. */
	const char *next;     /**< What to do next, or "". */
};

/** A board, as this host sees it. */
struct s0_host_device {
	struct s0_candidate board;
	char node[64];	   /**< Its device node, or "" where not known. */
	bool node_missing; /**< The system lists it, but has no node for it. */
	char driver[64];   /**< Kernel driver on its DFU interface, or "". */
	char holder[96]; /**< Program that has it open, "NAME (process 123)". */
};

/** A host: what stands between this program and the boards. */
struct s0_host {
	struct s0_error error; /**< Why devices could not be listed; S0_OK. */
	bool udev;	       /**< Does this system have udev rules? */
	bool rule;	       /**< Is sector0's rule among them? */
	struct s0_host_device *devices;
	size_t count;
};

/**
 * Look at this host: USB, rights, drivers, who holds what. Opens each board for
 * a moment to see whether that is allowed; sends nothing that changes it.
 * Failures are facts here: they are in the result. What a trace does not hold
 * is not looked at in a replay.
 * @param ret_host  To be freed with s0_host_free().
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_host_look(struct s0_context *context,
					  struct s0_host **ret_host,
					  struct s0_error *err);

/** Free what s0_host_look() found. NULL is allowed. */
S0_API void s0_host_free(struct s0_host *host);

/** What is known; NULL or 0 where nothing is. The caller owns all of it. */
struct s0_facts {
	const struct s0_error *error; /**< A failure to be explained. */
	const struct s0_host *host;
	const struct s0_device_info *device;
	const struct s0_map *map;   /**< The device's. */
	const struct s0_plan *plan; /**< Of the file, made with
				       skip_non_flash. */
	const struct s0_link_check *link;
	const struct s0_stress *stress;
	size_t noted;	   /**< Sectors in which an earlier run was cut. */
	uint32_t noted_at; /**< The first of them. */
	size_t saved;	   /**< Those of them of which something was saved that
			   s0_session_recover() puts back. */
	uint32_t saved_at; /**< The first of these. */
	size_t unreadable; /**< Sectors that stopped the bootloader when they
				were read (s0_session_unreadable()). */
	uint32_t unreadable_at; /**< The first of them. */
	size_t left_open;	/**< Sectors that a run which was stopped left
				     unfinished (s0_session_left_open()). */
	uint32_t left_open_at;	/**< The first of them. */
};

/** A list of findings. Opaque. */
struct s0_findings;

/** Make an empty list, to be freed with s0_findings_free(). */
S0_API S0_MUST_CHECK s0_code s0_findings_new(struct s0_findings **ret_findings,
					     struct s0_error *err);

/** Free a list. NULL is allowed. */
S0_API void s0_findings_free(struct s0_findings *findings);

/**
 * Add what follows from facts, taken together. A finding that is there already
 * is not added again: the more certain one stays.
 * @retval S0_E_MEMORY
 */
S0_API S0_MUST_CHECK s0_code s0_findings_add(struct s0_findings *findings,
					     const struct s0_facts *facts,
					     struct s0_error *err);

/** Number of findings. */
S0_API size_t s0_findings_count(const struct s0_findings *findings);

/** One of them: faults before notes, the surest first; NULL if index is too
    big. */
S0_API const struct s0_finding *s0_findings_at(
	const struct s0_findings *findings, size_t index);

/**
 * Fill in the hint of a failure as s0_error_explain() does, from all facts: the
 * next step of its first finding. facts->error is not looked at.
 */
S0_API void s0_error_explain_with(struct s0_error *err,
				  const struct s0_facts *facts);

S0_END_DECLS

#endif
