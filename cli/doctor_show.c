/* SPDX-License-Identifier: MIT */
/* What the doctor says. */
#include <string.h>

#include "doctor.h"
#include "json.h"
#include "text.h"

/* Columns of a terminal line, and of what stands before the text. */
#define WIDTH  78
#define INDENT 13

/* Print a label and words behind it, wrapped below each other. */
static void paragraph(const char *label, const char *words)
{
	int column = printf("   %-*s", INDENT - 3, label);

	while (*words) {
		size_t length = strcspn(words, " ");
		char word[600];

		if (column > INDENT && column + (int)length >= WIDTH) {
			printf("\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			putchar(' ');
			column++;
		}
		(void)snprintf(word, sizeof word, "%.*s", (int)length, words);
		text_print(stdout, word);
		column += (int)length;
		words += length;
		words += strspn(words, " ");
	}
	putchar('\n');
}

static void show_host(const struct doctor *doctor)
{
	const struct s0_host *host = doctor->host;
	size_t dfu = 0;

	if (!host) {
		printf("host     not looked at: the device is virtual\n");
		return;
	}
	if (host->error.code != S0_OK) {
		printf("host     %s\n", host->error.message);
		return;
	}
	for (size_t i = 0; i < host->count; i++)
		dfu += host->devices[i].board.dfu_mode;
	printf("host     USB works; %zu board%s in DFU mode, %zu that could be",
	       dfu, dfu == 1 ? "" : "s", host->count - dfu);
	if (host->udev)
		printf("; udev rule %s",
		       host->rule ? "installed" : "not installed");
	putchar('\n');
}

static void show_device(const struct doctor *doctor)
{
	const struct s0_device_info *info = doctor->facts.device;

	printf("device   ");
	if (!info) {
		text_print(stdout, doctor->device_error.message);
		putchar('\n');
		return;
	}
	text_print(stdout, info->path);
	printf(", %s", info->chip ? info->chip->title : "no chip known");
	if (info->rom)
		printf(", bootloader 0x%02x", info->rom);
	if (info->flash_kib)
		printf(", %u KiB", info->flash_kib);
	printf("\n");
	if (doctor->device_error.code != S0_OK)
		printf("         %s\n", doctor->device_error.message);
}

static void show_files(const struct doctor *doctor)
{
	struct s0_plan_summary summary;

	if (!doctor->files) {
		printf("file     none given\n");
		return;
	}
	printf("file     ");
	if (!doctor->plan) {
		text_print(stdout, doctor->file_error.message);
		putchar('\n');
		return;
	}
	s0_plan_summarise(doctor->plan, &summary);
	printf("%zu segment%s, %llu bytes for flash in %zu sector%s\n",
	       s0_image_segment_count(doctor->image),
	       s0_image_segment_count(doctor->image) == 1 ? "" : "s",
	       (unsigned long long)summary.image_bytes,
	       s0_plan_sector_count(doctor->plan),
	       s0_plan_sector_count(doctor->plan) == 1 ? "" : "s");
}

void doctor_findings_show(const struct s0_findings *findings)
{
	for (size_t i = 0; i < s0_findings_count(findings); i++) {
		const struct s0_finding *f = s0_findings_at(findings, i);

		printf("\n%s (%s)\n", f->code,
		       f->note ? "note" : s0_confidence_name(f->confidence));
		paragraph("evidence", f->evidence);
		paragraph("meaning", f->meaning);
		if (f->next[0] != '\0')
			paragraph("next", f->next);
	}
}

void doctor_show(struct app *app, const struct doctor *doctor)
{
	size_t faults = doctor_faults(doctor->findings);

	(void)app;
	show_host(doctor);
	show_device(doctor);
	show_files(doctor);
	doctor_findings_show(doctor->findings);
	if (faults)
		printf("\n%zu finding%s\n", faults, faults == 1 ? "" : "s");
	else
		printf("\nnothing wrong found\n");
}

void doctor_show_json(struct app *app, const struct doctor *doctor)
{
	size_t faults = doctor_faults(doctor->findings);
	bool device = doctor->facts.device != NULL;

	(void)app;
	if (device)
		json_device(doctor->facts.device, doctor->facts.map);
	doctor_findings_json(doctor->findings);
	json_event("result",
		   json_pack("{s:b, s:I, s:b, s:b, s:b}", "ok", faults == 0,
			     "findings", (json_int_t)faults, "host",
			     doctor->host != NULL, "device", device, "file",
			     doctor->files));
}

void doctor_findings_json(const struct s0_findings *findings)
{
	for (size_t i = 0; i < s0_findings_count(findings); i++) {
		const struct s0_finding *f = s0_findings_at(findings, i);

		json_event("finding",
			   json_pack("{s:s, s:s, s:b, s:o, s:s, s:o}", "code",
				     f->code, "confidence",
				     s0_confidence_name(f->confidence), "note",
				     f->note, "evidence",
				     json_text(f->evidence), "meaning",
				     f->meaning, "next", json_text(f->next)));
	}
}
