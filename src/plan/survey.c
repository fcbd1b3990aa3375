/* SPDX-License-Identifier: MIT */
#include "plan/survey.h"

#include <stdlib.h>

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
	struct survey_sector *sectors =
		realloc(survey->sectors, (survey->count + 1) * sizeof *sectors);

	if (!sectors)
		return NULL;
	survey->sectors = sectors;
	sectors += survey->count++;
	*sectors =
		(struct survey_sector){ .address = address, .length = length };
	return sectors;
}

const struct survey_sector *survey_find(const struct s0_survey *survey,
					uint32_t address)
{
	for (size_t i = 0; survey && i < survey->count; i++)
		if (survey->sectors[i].address == address)
			return &survey->sectors[i];
	return NULL;
}
