/* SPDX-License-Identifier: MIT */
/* PROFILE[,key=value…] -> struct sim_config. Pure. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/keys.h"
#include "sim/values.h"

enum kind { WORD, CHOICE, NUMBER, OWN };

struct key {
	const char *name;
	enum kind kind;
	const char *values;
	uint32_t lowest, highest, fallback;
};

#define ROW(name, kind, values, lowest, highest, fallback, meaning, source)    \
	{ #name, kind, values, lowest, highest, fallback },
static const struct key keys[] = { SIM_KEYS(ROW) };
#define KEYS (sizeof(keys) / sizeof(keys[0]))

#define LINE(name, kind, values, lowest, highest, fallback, meaning, source)   \
	"  " #name "=" values "\n      " meaning " (" source ")\n"

const char *s0_sim_help(void)
{
	return "profile stm32h743: STM32H743 in its ROM bootloader, over USB\n"
	       "keys, the default first or in brackets (D documented, C from "
	       "code, R reported, I inferred):\n" SIM_KEYS(LINE);
}

/* Where the value of a WORD, CHOICE or NUMBER goes. */
#define PLACE(name, kind, values, lowest, highest, fallback, meaning, source)  \
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

static bool parse_own(const char *key, const char *value,
		      struct sim_config *config)
{
	if (strcmp(key, "file") == 0)
		return sim_value_text(value, config->file,
				      sizeof(config->file));
	if (strcmp(key, "seed") == 0)
		return sim_value_number(value, 0, UINT64_MAX, &config->seed);
	if (strcmp(key, "clock") == 0)
		return sim_value_clock(value, &config->real_scale);
	if (strcmp(key, "fault") == 0)
		return sim_value_faults(value, config->faults);
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

/* As many names as a message holds; the help has all. */
static s0_code unknown_key(const char *name, struct s0_error *err)
{
	struct text list = { 0 };
	s0_code code;

	for (size_t i = 0; i < KEYS && list.length < 200; i++)
		text_add(&list, "%s%s", i ? ", " : "", keys[i].name);
	text_add(&list, ", …");
	code = error_set(err, S0_E_USAGE,
			 "a virtual chip has no key '%.40s'; it has %s", name,
			 text_chars(&list));
	text_free(&list);
	return code;
}

static s0_code parse_pair(char *pair, struct sim_config *config,
			  struct s0_error *err)
{
	char *value = strchr(pair, '=');
	const struct key *key = NULL;

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, pair) == 0)
			key = &keys[i];
	if (!key)
		return unknown_key(pair, err);
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

static void set_defaults(struct sim_config *config)
{
	memset(config, 0, sizeof(*config));
	for (size_t i = 0; i < KEYS; i++) {
		uint32_t *to = place(config, keys[i].name);

		if (keys[i].kind == CHOICE)
			*to = (uint32_t)strtoul(keys[i].values, NULL, 0);
		else if (to)
			*to = keys[i].fallback;
	}
	config->seed = 1;
	config->time_scale = 1;
	config->erase_number = 905;
	config->word_word = SIM_TIME_TYP;
}

/* DS12110 tables 53 and 150, by psize: typical; the maximum is twice that. */
static const struct s0_sim_times typical[] = {
	{ 1000000, 5000000, 100, 0 },
	{ 1100000, 6000000, 130, 0 },
	{ 1800000, 8000000, 180, 0 },
	{ 2000000, 13000000, 290, 0 },
};

static uint32_t worn_us(uint64_t seed)
{
	return (uint32_t)(6000 + seed * 2654435761u % 4001) * 1000;
}

static void set_times(struct sim_config *config, bool erase_given)
{
	struct s0_sim_times *times = &config->times;

	*times = typical[config->psize];
	times->turnaround_us = config->turnaround_us;
	/* 905 ms was measured, and says that the ROM uses x64. */
	if (!erase_given && config->psize != 0)
		config->erase_word = SIM_TIME_TYP;
	if (config->erase_word == SIM_TIME_NUMBER)
		times->erase_us = config->erase_number * 1000;
	if (config->erase_word == SIM_TIME_WORN)
		times->erase_us = worn_us(config->seed);
	else if (config->erase_word == SIM_TIME_MAX)
		times->erase_us *= 2;
	if (config->erase_word == SIM_TIME_WORN ||
	    config->erase_word == SIM_TIME_MAX)
		times->mass_erase_us *= 2;
	if (config->word_word == SIM_TIME_NUMBER)
		times->word_us = config->word_number;
	else if (config->word_word == SIM_TIME_MAX)
		times->word_us *= 2;
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

static s0_code parse(char *words, struct sim_config *config,
		     struct s0_error *err)
{
	struct given given = { false, false };
	char *pairs = strchr(words, ',');
	s0_code code;

	if (pairs)
		*pairs++ = '\0';
	if (strcmp(words, "stm32h743") != 0)
		return error_set(err, S0_E_USAGE,
				 "no virtual chip is called '%.60s'; there is "
				 "stm32h743",
				 words);
	set_defaults(config);
	code = parse_pairs(pairs, config, &given, err);
	if (code)
		return code;
	/* With a real clock the host's own time is in the clock already. */
	if (config->real_scale > 0 && !given.turnaround)
		config->turnaround_us = 0;
	set_times(config, given.erase);
	return S0_OK;
}

s0_code sim_config_parse(const char *description, struct sim_config *ret_config,
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
	code = parse(words, &config, err);
	free(words);
	if (code == S0_OK)
		*ret_config = config;
	return code;
}
