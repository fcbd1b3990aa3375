/* SPDX-License-Identifier: MIT */
#include "plan/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

s0_code survey_new(struct s0_survey **ret_survey, struct s0_error *err)
{
	struct s0_survey *survey = calloc(1, sizeof *survey);
	s0_code code;

	if (!survey)
		return error_memory(err);
	code = s0_image_new(&survey->content, err);
	if (code != S0_OK) {
		free(survey);
		return code;
	}
	*ret_survey = survey;
	return S0_OK;
}

void survey_free(struct s0_survey *survey)
{
	if (!survey)
		return;
	s0_image_free(survey->content);
	free(survey->sectors);
	free(survey);
}

struct survey_sector *survey_add(struct s0_survey *survey, uint32_t address,
				 uint32_t length)
{
	size_t at = survey->count;
	struct survey_sector *sectors =
		realloc(survey->sectors, (at + 1) * sizeof *sectors);

	if (!sectors)
		return NULL;
	survey->sectors = sectors;
	while (at > 0 && sectors[at - 1].address > address)
		at--;
	memmove(sectors + at + 1, sectors + at,
		(survey->count - at) * sizeof *sectors);
	survey->count++;
	sectors[at] =
		(struct survey_sector){ .address = address, .length = length };
	return &sectors[at];
}

const struct survey_sector *survey_find(const struct s0_survey *survey,
					uint32_t address)
{
	size_t from = 0, to = survey ? survey->count : 0;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (survey->sectors[middle].address == address)
			return &survey->sectors[middle];
		if (survey->sectors[middle].address < address)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}
