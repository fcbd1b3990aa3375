/* SPDX-License-Identifier: MIT */
/* PROFILE[,key=value…] -> struct sim_config. Pure. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/keys.h"
#include "sim/options.h"
#include "sim/values.h"

enum kind { WORD, CHOICE, NUMBER, OWN };

struct key {
	const char *name;
	uint32_t traits;
	enum kind kind;
	const char *values;
	uint32_t lowest, highest, fallback;
};

#define ROW(name, traits, kind, values, lowest, highest, fallback, meaning,    \
	    source)                                                            \
	{ #name, SIM_##traits, kind, values, lowest, highest, fallback },
static const struct key keys[] = { SIM_KEYS(ROW) };
#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* Where the value of a WORD, CHOICE or NUMBER goes. */
#define PLACE(name, traits, kind, values, lowest, highest, fallback, meaning,  \
	      source)                                                          \
	PLACE_##kind(name)
#define PLACE_WORD(name)                                                       \
	if (strcmp(key, #name) == 0)                                           \
		return &config->name;
#define PLACE_CHOICE PLACE_WORD
#define PLACE_NUMBER PLACE_WORD
#define PLACE_OWN(name)

static uint32_t *place(struct sim_config *config, const char *key)
{
	SIM_KEYS(PLACE)
	return NULL;
}

/* Keys that name a part of the chip's data. */
static bool parse_data(const char *key, const char *value,
		       struct sim_config *config)
{
	const struct s0_chip *chip = config->profile.data;
	uint64_t number;

	if (!sim_value_number(value, 0, UINT32_MAX, &number))
		return false;
	if (strcmp(key, "rom") == 0) {
		config->rom = (uint32_t)number;
		return sim_profile_rom(&config->profile, config->rom) != NULL;
	}
	config->flash_kb = (uint32_t)number;
	for (const uint16_t *size = chip->sizes_kib; size && *size; size++)
		if (*size == number)
			return true;
	return number == sim_profile_largest_kb(chip);
}

static bool parse_own(const char *key, const char *value,
		      struct sim_config *config)
{
	if (strcmp(key, "rom") == 0 || strcmp(key, "flash_kb") == 0)
		return parse_data(key, value, config);
	if (strcmp(key, "file") == 0)
		return sim_value_text(value, config->file,
				      sizeof(config->file));
	if (strcmp(key, "seed") == 0)
		return sim_value_number(value, 0, UINT64_MAX, &config->seed);
	if (strcmp(key, "clock") == 0)
		return sim_value_clock(value, &config->real_scale);
	if (strcmp(key, "fault") == 0)
		return sim_fault_parse_list(value, config->faults);
	if (strcmp(key, "uid") == 0)
		return config->uid_given = sim_value_uid(value, config->uid);
	if (strcmp(key, "erase_ms") == 0)
		return sim_value_time(value, true, &config->erase_word,
				      &config->erase_number);
	if (strcmp(key, "word_us") == 0)
		return sim_value_time(value, false, &config->word_word,
				      &config->word_number);
	if (strcmp(key, "time_scale") == 0)
		return sim_value_scale(value, &config->time_scale);
	if (strcmp(key, "cells") == 0)
		return sim_cells_parse(value, &config->profile, config->cells);
	if (strcmp(key, "link") == 0)
		return sim_noise_parse(value, config->noise);
	if (strcmp(key, "worn") == 0)
		return sim_cells_parse_worn(value, &config->profile,
					    config->worn);
	if (strcmp(key, "pcrop") == 0)
		return sim_options_parse_areas(value, &config->profile,
					       config->pcrop);
	if (strcmp(key, "secure") == 0)
		return sim_options_parse_areas(value, &config->profile,
					       config->secure);
	return sim_value_layout(value, config->layout,
				sizeof(config->layout) - 1);
}

static bool parse_value(const struct key *key, const char *value,
			struct sim_config *config)
{
	uint32_t *to = place(config, key->name);
	uint64_t number;
	int index;

	switch (key->kind) {
	case WORD:
		index = sim_value_word(key->values, value);
		if (index >= 0)
			*to = (uint32_t)index;
		return index >= 0;
	case CHOICE:
		return sim_value_choice(key->values, value, to);
	case NUMBER:
		if (!sim_value_number(value, key->lowest, key->highest,
				      &number))
			return false;
		*to = (uint32_t)number;
		return true;
	default:
		return parse_own(key->name, value, config);
	}
}

static const struct key *key_of(const char *name,
				const struct sim_profile *chip)
{
	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0 &&
		    sim_is(chip, keys[i].traits))
			return &keys[i];
	return NULL;
}

/* As many names as a message holds; the help has all. */
static s0_code unknown_key(const char *name, const struct sim_profile *chip,
			   struct s0_error *err)
{
	struct text list = { 0 };
	s0_code code;

	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return error_set(err, S0_E_USAGE,
					 "key '%s' makes no sense for an %s",
					 name, chip->name);
	for (size_t i = 0; i < KEYS && list.length < 200; i++)
		if (key_of(keys[i].name, chip) == &keys[i])
			text_add(&list, "%s, ", keys[i].name);
	text_add(&list, "…");
	code = error_set(err, S0_E_USAGE,
			 "a virtual chip has no key '%.40s'; it has %s", name,
			 text_chars(&list));
	text_free(&list);
	return code;
}

/* A field of the option bytes, by the name that the data has. */
static s0_code parse_field(const struct s0_option_field *field,
			   const char *value, struct sim_config *config,
			   struct s0_error *err)
{
	uint32_t highest =
		field->width < 32 ? (1u << field->width) - 1 : UINT32_MAX;
	struct sim_field_value *place = config->fields;
	uint64_t number;

	while (place < config->fields + SIM_FIELDS && place->field &&
	       place->field != field)
		place++;
	if (place == config->fields + SIM_FIELDS)
		return error_set(err, S0_E_USAGE, "at most %u option fields",
				 SIM_FIELDS);
	if (!value || !sim_value_number(value, 0, highest, &number))
		return error_set(err, S0_E_USAGE, "'%s' takes a number, 0..%u",
				 field->name, (unsigned)highest);
	*place = (struct sim_field_value){ field, (uint32_t)number };
	return S0_OK;
}

static s0_code parse_pair(char *pair, struct sim_config *config,
			  struct s0_error *err)
{
	const struct s0_chip *data = config->profile.data;
	char *value = strchr(pair, '=');
	const struct key *key;

	if (value)
		*value++ = '\0';
	key = key_of(pair, &config->profile);
	if (!key && data && sim_field_find(data, pair))
		return parse_field(sim_field_find(data, pair), value, config,
				   err);
	if (!key)
		return unknown_key(pair, &config->profile, err);
	if (!value)
		return error_set(err, S0_E_USAGE,
				 "key '%s' of a virtual chip needs a value: %s",
				 key->name, key->values);
	if (!parse_value(key, value, config))
		return error_set(err, S0_E_USAGE,
				 "'%.60s' is no value of '%s'; it takes %s",
				 value, key->name, key->values);
	return S0_OK;
}

static void set_data_defaults(struct sim_config *config)
{
	const struct s0_chip *chip = config->profile.data;

	config->flash_kb = sim_profile_largest_kb(chip);
	if (chip->rom_count > 0)
		config->rom = chip->roms[chip->rom_count - 1].version;
}

/* All but the profile, which is there. */
static void set_defaults(struct sim_config *config)
{
	const struct sim_profile *chip = &config->profile;

	for (size_t i = 0; i < KEYS; i++) {
		uint32_t *to = place(config, keys[i].name);

		if (key_of(keys[i].name, chip) != &keys[i])
			continue;
		if (keys[i].kind == CHOICE)
			*to = (uint32_t)strtoul(keys[i].values, NULL, 0);
		else if (to)
			*to = keys[i].fallback;
	}
	if (chip->data)
		set_data_defaults(config);
	config->pcrop[0] = config->pcrop[1] = SIM_AREA_NONE;
	config->secure[0] = config->secure[1] = SIM_AREA_NONE;
	config->seed = 1;
	config->time_scale = 1;
	config->erase_word = SIM_TIME_TYP;
	config->word_word = SIM_TIME_TYP;
}

/* One figure was measured, at the parallelism that is the default. */
static void take_measured_erase(struct sim_config *config)
{
	uint32_t us = config->profile.measured_erase_us;

	if (us == 0 || config->psize != 0)
		return;
	config->erase_word = SIM_TIME_NUMBER;
	config->erase_number = us / 1000;
}

static void by_supply(uint32_t *number, uint32_t value)
{
	if (*number == SIM_BY_SUPPLY)
		*number = value;
}

/* A board that fails every few erases, and hardly ever in a write. */
static void take_supply(struct sim_config *config)
{
	bool sags = config->supply == SIM_SUPPLY_SAGGING_VDD;
	bool weak = config->supply == SIM_SUPPLY_WEAK_VCAP;

	by_supply(&config->source_mohm, sags ? config->profile.sag_mohm : 0);
	by_supply(&config->dips_mv, sags ? 500 : 0);
	by_supply(&config->vcap_permille, weak ? 125 : 0);
}

/* Between what the table can say: what was given at all. */
struct given {
	bool erase, turnaround;
};

static s0_code parse_pairs(char *pairs, struct sim_config *config,
			   struct given *given, struct s0_error *err)
{
	while (pairs) {
		char *pair = pairs;
		s0_code code;

		pairs = strchr(pair, ',');
		if (pairs)
			*pairs++ = '\0';
		if (strncmp(pair, "erase_ms=", 9) == 0)
			given->erase = true;
		if (strncmp(pair, "turnaround_us=", 14) == 0)
			given->turnaround = true;
		code = parse_pair(pair, config, err);
		if (code)
			return code;
	}
	return S0_OK;
}

static uint32_t bank_mode(const struct sim_config *config)
{
	const struct s0_chip *chip = config->profile.data;
	const struct s0_option_field *field =
		chip ? sim_profile_bank_field(chip, config->flash_kb) : NULL;

	for (unsigned i = 0; field && i < SIM_FIELDS; i++)
		if (config->fields[i].field == field)
			return config->fields[i].value;
	return field ? field->factory : 0;
}

/* What the pairs say, of the profile that is in config. */
static s0_code configure(char *pairs, struct sim_config *config,
			 struct s0_error *err)
{
	struct given given = { false, false };
	s0_code code;

	set_defaults(config);
	code = parse_pairs(pairs, config, &given, err);
	if (code)
		return code;
	/* With a real clock the host's own time is in the clock already. */
	if (config->real_scale > 0 && !given.turnaround)
		config->turnaround_us = 0;
	take_supply(config);
	if (!given.erase)
		take_measured_erase(config);
	sim_profile_cut(&config->profile, config->flash_kb, bank_mode(config));
	return S0_OK;
}

static s0_code unknown_profile(const char *words, struct s0_error *err)
{
	const char *group = sim_profile_group(words);

	if (group)
		return error_set(err, S0_E_USAGE,
				 "the virtual chip for the parts of '%.60s' is "
				 "called '%s'",
				 words, group);
	return error_set(err, S0_E_USAGE,
			 "no virtual chip is called '%.60s'; there is "
			 "stm32h743, stm32f405, … ('sector0 sim --help' has "
			 "all)",
			 words);
}

static s0_code parse(char *words, const struct s0_chip *chip,
		     struct sim_config *config, struct s0_error *err)
{
	char *pairs = strchr(words, ',');

	if (pairs)
		*pairs++ = '\0';
	memset(config, 0, sizeof(*config));
	if (chip)
		sim_profile_make(chip, &config->profile);
	else if (!sim_profile_find(words, &config->profile))
		return unknown_profile(words, err);
	return configure(pairs, config, err);
}

s0_code sim_config_parse_chip(const struct s0_chip *chip,
			      const char *description,
			      struct sim_config *ret_config,
			      struct s0_error *err)
{
	struct sim_config config;
	char *words;
	s0_code code;

	if (strncmp(description, "sim:", 4) == 0)
		description += 4;
	words = strdup(description);
	if (!words)
		return error_memory(err);
	code = parse(words, chip, &config, err);
	free(words);
	if (code == S0_OK)
		*ret_config = config;
	return code;
}

s0_code sim_config_parse(const char *description, struct sim_config *ret_config,
			 struct s0_error *err)
{
	return sim_config_parse_chip(NULL, description, ret_config, err);
}
