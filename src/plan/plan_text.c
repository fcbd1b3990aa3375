/* SPDX-License-Identifier: MIT */
/* A plan for people to read, line by line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/range.h"
#include "base/text.h"
#include "plan/plan.h"

/* With more than that, neighbours of which the same is said share a line. */
#define MANY_SECTORS 32u

struct printer {
	struct text text;
	s0_line_fn line;
	void *payload;
	bool failed;
};

static void end_line(struct printer *p)
{
	p->failed |= p->text.failed;
	if (!p->failed)
		p->line(p->payload, text_chars(&p->text));
	text_free(&p->text);
}

static s0_code finish(const struct printer *p, struct s0_error *err)
{
	return p->failed ? error_memory(err) : S0_OK;
}

/* "128 KiB" where it is round, else "20 bytes". */
static void add_size(struct text *text, uint64_t bytes)
{
	if (bytes && bytes % 1024 == 0)
		text_add(text, "%" PRIu64 " KiB", bytes / 1024);
	else
		text_add(text, "%" PRIu64 " byte%s", bytes,
			 bytes == 1 ? "" : "s");
}

static void print_segment(struct printer *p, const struct s0_plan *plan,
			  const struct s0_plan_segment *s)
{
	struct text *text = &p->text;

	text_add(text, "segment %u  0x%08x  ", s->segment.index, s->address);
	add_size(text, s->length);
	if (s->memory[0])
		text_add(text, "  %s", s->memory);
	if (s->segment.section[0])
		text_add(text, "  %s", s->segment.section);
	text_add(text, "  %s: ", s->segment.file);
	switch (s->action) {
	case S0_ACTION_WRITE:
		text_add(text, "write");
		break;
	case S0_ACTION_SKIP_EMPTY:
		text_add(text, "skip, it has no bytes in the file");
		break;
	case S0_ACTION_SKIP_NON_FLASH:
		text_add(text, plan->policy.compare ? "skip, cannot be read"
						    : "skip, not flash");
		break;
	case S0_ACTION_COMPARE:
		text_add(text, "compare");
		break;
	}
	end_line(p);
}

/* What was only sampled may be more. */
static void add_lost(struct text *text, uint64_t bytes, bool known)
{
	text_add(text, known ? "" : "at least ");
	add_size(text, bytes);
}

/* What is known of a sector besides what the plan says of it. */
static struct survey_sector seen(const struct s0_plan *plan, uint32_t address)
{
	const struct survey_sector *known = survey_find(plan->survey, address);

	return known ? *known : (struct survey_sector){ .length = 0 };
}

/* Would the same be said of the sector behind? */
static bool alike(const struct s0_plan *plan, const struct s0_plan_sector *a,
		  const struct s0_plan_sector *b)
{
	struct survey_sector of_a = seen(plan, a->address);
	struct survey_sector of_b = seen(plan, b->address);

	return a->address + a->length == b->address && a->length == b->length &&
	       a->content == b->content && a->erase == b->erase &&
	       a->write == b->write && a->lost_known == b->lost_known &&
	       !a->write_bytes == !b->write_bytes &&
	       !a->kept_bytes == !b->kept_bytes &&
	       !a->lost_bytes == !b->lost_bytes && a->lift == b->lift &&
	       of_a.blank == of_b.blank && of_a.stops == of_b.stops &&
	       !plan_is_vector(plan, a) && !plan_is_vector(plan, b);
}

/* How many sectors from the first on are one line, *ret_sum, where there are
 * too many for a line each. */
static size_t row_of(const struct s0_plan *plan, size_t first,
		     struct s0_plan_sector *ret_sum)
{
	const struct s0_plan_sector *s = &plan->sectors[first];
	size_t count = 1;

	*ret_sum = *s;
	while (plan->sector_count > MANY_SECTORS &&
	       first + count < plan->sector_count &&
	       alike(plan, &s[count - 1], &s[count])) {
		ret_sum->write_bytes += s[count].write_bytes;
		ret_sum->kept_bytes += s[count].kept_bytes;
		ret_sum->lost_bytes += s[count].lost_bytes;
		count++;
	}
	return count;
}

static void print_sectors(struct printer *p, const struct s0_plan *plan,
			  const struct s0_plan_sector *s, size_t count)
{
	const struct survey_sector *known =
		survey_find(plan->survey, s->address);
	struct text *text = &p->text;

	text_add(text, "%-7s 0x%08x  ", count == 1 ? "sector" : "sectors",
		 s->address);
	if (count > 1)
		text_add(text, "%zu of ", count);
	add_size(text, s->length);
	if (s->erase && known && known->blank)
		text_add(text, "  blank, erased with the others");
	else if (!s->write && s->content == S0_CONTENT_SAME)
		text_add(text, "  already right, skip");
	else if (s->erase)
		text_add(text, s->write ? "  erase, write " : "  erase");
	else
		text_add(text, "  write without erase ");
	if (s->write)
		add_size(text, s->write_bytes);
	if (s->write && !s->write_bytes)
		text_add(text, ", the image is blank there");
	if (s->kept_bytes) {
		text_add(text, ", keep ");
		add_size(text, s->kept_bytes);
	}
	if (s->erase && s->lost_bytes) {
		text_add(text, ", lose ");
		add_lost(text, s->lost_bytes, s->lost_known);
	}
	if (s->erase && s->content == S0_CONTENT_NOTED)
		text_add(text,
			 known && known->stops
				 ? ", stops the chip when read, so not read"
				 : ", cut in an earlier run, so not read");
	if (s->write && s->erase && plan->summary.erase_count > 1 &&
	    plan->vector_address - s->address < s->length)
		text_add(text, ", last");
	if (s->lift)
		text_add(text, ", write protection off for the run");
	end_line(p);
}

/* What is written of memory that needs no erase, where that stays. */
static void print_eeprom(struct printer *p, const struct s0_plan *plan,
			 const struct s0_area *area)
{
	uint32_t bytes =
		plan_image_bytes(plan->image, area->address, area->length);
	uint32_t written = 0;

	for (size_t i = 0; i < plan->run_count; i++)
		if (range_within(plan->runs[i].address, 1, area->address,
				 area->length))
			written += plan_image_bytes(plan->image,
						    plan->runs[i].address,
						    plan->runs[i].length);
	text_add(&p->text, "%-7s 0x%08x  ", "eeprom", area->address);
	add_size(&p->text, area->length);
	if (written) {
		text_add(&p->text, "  write without erase ");
		add_size(&p->text, written);
	}
	if (written < bytes) {
		text_add(&p->text, written ? ", " : "  ");
		add_size(&p->text, bytes - written);
		text_add(&p->text, " already right%s", written ? "" : ", skip");
	}
	end_line(p);
}

static void print_places(struct printer *p, const struct s0_plan *plan)
{
	struct s0_plan_sector row;

	for (size_t i = 0, count; i < plan->sector_count; i += count) {
		count = row_of(plan, i, &row);
		print_sectors(p, plan, &row, count);
	}
	for (size_t i = 0;
	     !plan->policy.compare && i < s0_map_area_count(plan->map); i++) {
		const struct s0_area *area = s0_map_area(plan->map, i);

		if (area->kind == S0_AREA_EEPROM && plan_wants(plan, area) &&
		    plan_image_bytes(plan->image, area->address, area->length))
			print_eeprom(p, plan, area);
	}
}

s0_code s0_plan_print(const struct s0_plan *plan, s0_line_fn line,
		      void *payload, struct s0_error *err)
{
	const struct s0_plan_summary *sum = &plan->summary;
	struct printer p = { .line = line, .payload = payload };

	for (size_t i = 0; i < plan->segment_count; i++)
		print_segment(&p, plan, &plan->segments[i]);
	print_places(&p, plan);
	text_add(&p.text, "total   erase %zu sector%s, write ",
		 sum->erase_count, sum->erase_count == 1 ? "" : "s");
	add_size(&p.text, sum->write_bytes);
	if (sum->skipped_bytes) {
		text_add(&p.text, ", already right ");
		add_size(&p.text, sum->skipped_bytes);
	}
	if (sum->trusted_bytes) {
		text_add(&p.text, ", of that not read ");
		add_size(&p.text, sum->trusted_bytes);
	}
	if (sum->surveyed && !plan->policy.keep &&
	    (sum->lost_known || sum->lost_bytes)) {
		text_add(&p.text, ", lose ");
		add_lost(&p.text, sum->lost_bytes, sum->lost_known);
	}
	text_add(&p.text, ", about %" PRIu64 ".%" PRIu64 " s",
		 sum->estimate_us / 1000000, sum->estimate_us / 100000 % 10);
	end_line(&p);
	for (size_t i = 0; i < plan->step_count; i++) {
		if (plan->steps[i].kind != S0_STEP_START)
			continue;
		text_add(&p.text, "start   0x%08x", plan->steps[i].address);
		end_line(&p);
	}
	return finish(&p, err);
}

static void warn_lost(struct printer *p, const struct s0_plan *plan)
{
	size_t sectors = 0, first = 0;

	for (size_t i = plan->sector_count; i-- > 0;) {
		if (!plan->sectors[i].erase || !plan->sectors[i].lost_bytes)
			continue;
		sectors++;
		first = i;
	}
	if (!sectors)
		return;
	text_add(&p->text, "the erase takes ");
	add_lost(&p->text, plan->summary.lost_bytes, plan->summary.lost_known);
	text_add(&p->text,
		 " that the image does not cover, in %zu sector%s from "
		 "0x%08x%s",
		 sectors, sectors == 1 ? "" : "s", plan->sectors[first].address,
		 plan->policy.erase != S0_ERASE_NEEDED ? ""
		 : plan->summary.lost_known
			 ? " (--keep keeps them)"
			 : " (--plan counts them, --keep keeps them)");
	end_line(p);
}

static void warn_restored(struct printer *p, const struct s0_plan *plan)
{
	if (plan->policy.keep || !plan->summary.kept_bytes)
		return;
	add_size(&p->text, plan->summary.kept_bytes);
	text_add(&p->text, " that an earlier run had saved before it was cut "
			   "are written back beside the image, over what "
			   "another program may have put there since");
	end_line(p);
}

static void warn_noted(struct printer *p, const struct s0_plan *plan)
{
	struct s0_plan_sector s;

	for (size_t i = 0, count; i < plan->sector_count; i += count) {
		char more[64] = "";

		count = row_of(plan, i, &s);
		if (s.content != S0_CONTENT_NOTED)
			continue;
		if (count > 1)
			(void)snprintf(more, sizeof more,
				       ", and in %zu more behind it",
				       count - 1);
		text_add(&p->text,
			 seen(plan, s.address).stops
				 ? "reading the sector at 0x%08x%s stopped the "
				   "bootloader, so a flash word in it may be "
				   "damaged: it is erased without being read "
				   "first, whatever else it holds"
				 : "an earlier run was cut in the sector at "
				   "0x%08x%s: it is erased without being read "
				   "first",
			 s.address, more);
		end_line(p);
	}
}

s0_code s0_plan_warnings(const struct s0_plan *plan, s0_line_fn line,
			 void *payload, struct s0_error *err)
{
	struct printer p = { .line = line, .payload = payload };

	for (size_t i = 0; i < plan->segment_count; i++) {
		const struct s0_plan_segment *s = &plan->segments[i];

		if (s->action != S0_ACTION_SKIP_NON_FLASH)
			continue;
		text_add(&p.text, "segment %u of %s (", s->segment.index,
			 s->segment.file);
		if (s->segment.section[0])
			text_add(&p.text, "section %s, ", s->segment.section);
		text_add(&p.text, "%u byte%s at 0x%08x) is left out: it %s",
			 s->length, s->length == 1 ? "" : "s", s->address,
			 plan->policy.compare ? "cannot be read"
					      : "is not in flash");
		end_line(&p);
	}
	warn_lost(&p, plan);
	warn_restored(&p, plan);
	warn_noted(&p, plan);
	return finish(&p, err);
}
