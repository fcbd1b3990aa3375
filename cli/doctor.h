/* SPDX-License-Identifier: MIT */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

/* What the doctor has looked at, and what was found. */

#include <stdio.h>

#include "app.h"

struct doctor {
	struct s0_findings *findings;
	struct s0_host *host; /* NULL: not looked at, the device is virtual */
	struct s0_error device_error, file_error;
	struct s0_error records_error; /* the host's records cannot be used */
	struct s0_image *image;
	struct s0_map *own_map; /* of the chip, where there is no device */
	struct s0_plan *plan;
	struct s0_facts facts;
	struct s0_link_check link;
	bool files; /* was there a file to look at? */
};

/* Say what was looked at and what was found. */
void doctor_show(struct app *app, const struct doctor *doctor);
/* The same as events; the result comes last. */
void doctor_show_json(struct app *app, const struct doctor *doctor);
/* The findings alone. */
void doctor_findings_show(const struct s0_findings *findings);
void doctor_findings_json(const struct s0_findings *findings);
/* Findings that are more than a note. */
size_t doctor_faults(const struct s0_findings *findings);

/* doctor_stress.c: `doctor --stress [ADDRESS]` */
s0_code doctor_stress(struct app *app, struct s0_error *err);

/* doctor_plot.c: draw the measurements as SVG. @info: for the datasheet's
   times. */
s0_code doctor_plot(struct output *output, const struct s0_stress *stress,
		    const struct s0_device_info *info, struct s0_error *err);

/* Tries under a load that failed, in whatever way. */
unsigned doctor_failures(const struct s0_stress_load *load);

#endif
