/* SPDX-License-Identifier: MIT */
#include "json.h"

/* The events that show a device and a plan. */

static const char *kind_name(s0_area_kind kind)
{
	static const char *const names[] = {
		[S0_AREA_FLASH] = "flash",   [S0_AREA_OPTION] = "option",
		[S0_AREA_OTP] = "otp",	     [S0_AREA_EEPROM] = "eeprom",
		[S0_AREA_RAM] = "ram",	     [S0_AREA_ROM_RAM] = "rom-ram",
		[S0_AREA_SYSTEM] = "system", [S0_AREA_OTHER] = "other",
	};

	return (size_t)kind < sizeof names / sizeof names[0] ? names[kind]
							     : "other";
}

static json_t *area(const struct s0_area *area)
{
	char access[4];
	size_t length = 0;

	if (area->can & S0_CAN_READ)
		access[length++] = 'r';
	if (area->can & S0_CAN_ERASE)
		access[length++] = 'e';
	if (area->can & S0_CAN_WRITE)
		access[length++] = 'w';
	access[length] = '\0';
	return json_pack("{s:o, s:I, s:I, s:I, s:s, s:s}", "name",
			 json_text(area->name), "address",
			 (json_int_t)area->address, "length",
			 (json_int_t)area->length, "sector_size",
			 (json_int_t)area->sector_size, "kind",
			 kind_name(area->kind), "access", access);
}

static json_t *candidates(const struct s0_device_info *info)
{
	json_t *list = json_array();

	for (size_t i = 0; i < info->candidate_count; i++)
		(void)json_array_append_new(
			list, json_text(info->candidates[i]->name));
	return list;
}

static json_t *remarks(const struct s0_device_info *info)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < info->remark_count; i++)
		(void)json_array_append_new(
			list,
			json_pack("{s:s, s:o}", "kind",
				  s0_remark_name(info->remarks[i].kind), "text",
				  json_text(info->remarks[i].text)));
	return list;
}

void json_device(const struct s0_device_info *info, const struct s0_map *map)
{
	json_t *memories = json_array();

	for (size_t i = 0; i < s0_map_area_count(map); i++)
		(void)json_array_append_new(memories,
					    area(s0_map_area(map, i)));
	json_event(
		"device",
		json_pack(
			"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, "
			"s:o, s:o, s:o}",
			"path", json_text(info->path), "serial",
			json_text(info->serial), "uid", json_text(info->uid),
			"chip", json_text(info->chip ? info->chip->name : NULL),
			"flash_kib",
			json_number_if(info->flash_kib > 0, info->flash_kib),
			"rom", json_number_if(info->rom > 0, info->rom), "rdp",
			json_number_if(info->rdp >= 0, (uint64_t)info->rdp),
			"transfer_size",
			json_number_if(info->transfer_size > 0,
				       info->transfer_size),
			"memories", memories, "sureness",
			s0_sureness_name(info->sureness), "identified_by",
			json_text(info->identified_by), "candidates",
			candidates(info), "remarks", remarks(info)));
}

void json_candidate(const struct s0_candidate *candidate)
{
	json_event("device",
		   json_pack("{s:o, s:o, s:n, s:n, s:n, s:n, s:n, s:n, s:[], "
			     "s:s, s:n, s:[], s:[]}",
			     "path", json_text(candidate->path), "serial",
			     json_text(candidate->serial), "uid", "chip",
			     "flash_kib", "rom", "rdp", "transfer_size",
			     "memories", "sureness",
			     s0_sureness_name(S0_SURENESS_NONE),
			     "identified_by", "candidates", "remarks"));
}

static json_t *segments(const struct s0_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s0_plan_segment_count(plan); i++) {
		const struct s0_plan_segment *part = s0_plan_segment(plan, i);

		(void)json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:I, s:I, s:o, s:s}", "file",
				  json_text(part->segment.file), "section",
				  json_text(part->segment.section), "address",
				  (json_int_t)part->address, "length",
				  (json_int_t)part->length, "memory",
				  json_text(part->memory), "action",
				  s0_action_name(part->action)));
	}
	return list;
}

/* A mass erase is listed as the sectors that it takes. */
static void add_flash_sectors(json_t *list, const struct s0_map *map)
{
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		uint32_t size = area->sector_size;

		if (area->kind != S0_AREA_FLASH || size == 0)
			continue;
		for (uint32_t at = 0; at < area->length; at += size)
			(void)json_array_append_new(
				list, json_range(area->address + at, size));
	}
}

static json_t *erased(const struct s0_plan *plan, const struct s0_map *map)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s0_plan_step_count(plan); i++) {
		const struct s0_step *step = s0_plan_step(plan, i);

		if (step->kind == S0_STEP_ERASE)
			(void)json_array_append_new(
				list, json_range(step->address, step->length));
		else if (step->kind == S0_STEP_MASS_ERASE)
			add_flash_sectors(list, map);
	}
	return list;
}

/* Only where there are any. */
static void add_lifted(json_t *object, const struct s0_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s0_plan_sector_count(plan); i++) {
		const struct s0_plan_sector *sector = s0_plan_sector(plan, i);

		if (sector->lift)
			(void)json_array_append_new(
				list,
				json_range(sector->address, sector->length));
	}
	if (json_array_size(list))
		(void)json_object_set(object, "lift", list);
	json_decref(list);
}

void json_plan(const struct s0_plan *plan, const struct s0_map *map)
{
	struct s0_plan_summary summary;
	json_t *object;

	s0_plan_summarise(plan, &summary);
	object = json_pack(
		"{s:o, s:o, s:o, s:I, s:I}", "segments", segments(plan),
		"erase", erased(plan, map), "lost_bytes",
		json_number_if(summary.lost_known, summary.lost_bytes),
		"write_bytes", (json_int_t)summary.write_bytes, "estimate_ms",
		json_ms(summary.estimate_us));
	if (object)
		add_lifted(object, plan);
	json_event("plan", object);
}
