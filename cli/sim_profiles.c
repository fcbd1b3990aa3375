/* SPDX-License-Identifier: MIT */
/* The kinds of virtual chips there are. */
#include "sim.h"

#include <string.h>

#include "json.h"

static unsigned count(bool dumped)
{
	struct s0_sim_profile profile;
	unsigned count = 0;

	for (size_t i = 0; s0_sim_profile_at(i, &profile); i++)
		count += profile.dumped == dumped;
	return count;
}

void sim_profiles_print(FILE *out)
{
	struct s0_sim_profile profile;

	fprintf(out,
		"profiles: %u with the strings of a real device, %u (*) with "
		"strings made after a relative's:\n",
		count(true), count(false));
	for (size_t i = 0; s0_sim_profile_at(i, &profile); i++)
		fprintf(out, "  %-12s %c %s\n", profile.name,
			profile.dumped ? ' ' : '*', profile.title);
}

json_t *sim_profiles_json(void)
{
	struct s0_sim_profile profile;
	json_t *list = json_array();

	for (size_t i = 0; s0_sim_profile_at(i, &profile); i++)
		json_array_append_new(
			list, json_pack("{s:o, s:o, s:b}", "name",
					json_text(profile.name), "title",
					json_text(profile.title), "dumped",
					(int)profile.dumped));
	return list;
}
