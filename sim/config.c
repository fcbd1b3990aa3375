/* SPDX-License-Identifier: MIT */
/* PROFILE[,key=value…] -> struct sim_config. Pure. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sim/keys.h"

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

/* Values of erase_ms and word_us that are words. */
enum { TIME_NUMBER, TIME_TYP, TIME_MAX, TIME_WORN };

static bool same(const char *a, size_t length, const char *b)
{
	return strlen(b) == length && memcmp(a, b, length) == 0;
}

static bool parse_number(const char *value, uint64_t lowest, uint64_t highest,
			 uint64_t *ret_number)
{
	char *end;
	unsigned long long number;

	if (value[0] < '0' || value[0] > '9')
		return false;
	number = strtoull(value, &end, 0);
	if (*end || number < lowest || number > highest)
		return false;
	*ret_number = number;
	return true;
}

/* Index of value in words, which are separated by bars; -1: not there. */
static int find_word(const char *words, const char *value)
{
	int index = 0;

	for (const char *word = words; *word; index++) {
		size_t length = strcspn(word, "|");

		if (same(word, length, value))
			return index;
		word += length;
		word += *word == '|';
	}
	return -1;
}

static bool parse_choice(const char *choices, const char *value,
			 uint32_t *ret_number)
{
	uint64_t number;

	if (!parse_number(value, 0, UINT32_MAX, &number))
		return false;
	for (const char *choice = choices; *choice;) {
		char *end;

		if (strtoull(choice, &end, 0) == number) {
			*ret_number = (uint32_t)number;
			return true;
		}
		choice = *end == '|' ? end + 1 : end;
	}
	return false;
}

static bool parse_time(const char *value, bool worn, uint32_t *ret_word,
		       uint32_t *ret_number)
{
	uint64_t number;

	if (strcmp(value, "typ") == 0) {
		*ret_word = TIME_TYP;
	} else if (strcmp(value, "max") == 0) {
		*ret_word = TIME_MAX;
	} else if (worn && strcmp(value, "worn") == 0) {
		*ret_word = TIME_WORN;
	} else if (parse_number(value, 1, 60000, &number)) {
		*ret_word = TIME_NUMBER;
		*ret_number = (uint32_t)number;
	} else {
		return false;
	}
	return true;
}

/* Digits with one point at most. Not strtod(): the user's locale may want a
 * comma. */
static bool parse_factor(const char *value, double *ret_factor)
{
	double factor = 0, unit = 1;

	for (; *value; value++) {
		if (*value == '.' && unit == 1) {
			unit = 0.1;
		} else if (*value < '0' || *value > '9') {
			return false;
		} else if (unit < 1) {
			factor += (*value - '0') * unit;
			unit /= 10;
		} else {
			factor = factor * 10 + (*value - '0');
		}
	}
	*ret_factor = factor;
	return factor >= 0.000001 && factor <= 1000;
}

static bool parse_clock(const char *value, double *ret_scale)
{
	*ret_scale = strcmp(value, "real") == 0 ? 1 : 0;
	if (strncmp(value, "real*", 5) == 0)
		return parse_factor(value + 5, ret_scale);
	return *ret_scale > 0 || strcmp(value, "virtual") == 0;
}

static bool parse_one_fault(const char *word, size_t length,
			    struct sim_fault_at *ret_fault)
{
	const char *at = memchr(word, '@', length);
	char digits[24] = "";
	size_t count;

	if (!at ||
	    !sim_fault_parse(word, (size_t)(at - word), &ret_fault->fault))
		return false;
	count = length - (size_t)(at - word) - 1;
	if (count >= sizeof(digits))
		return false;
	memcpy(digits, at + 1, count);
	return parse_number(digits, 1, UINT64_MAX, &ret_fault->transfer);
}

static bool parse_faults(const char *value, struct sim_fault_at *faults)
{
	size_t count = 0;

	while (count < SIM_FAULTS) {
		size_t length = strcspn(value, "+");

		if (!parse_one_fault(value, length, &faults[count++]))
			return false;
		if (value[length] == '\0')
			return true;
		value += length + 1;
	}
	return false;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool parse_uid(const char *value, uint8_t uid[12])
{
	if (strlen(value) != 24)
		return false;
	for (unsigned i = 0; i < 12; i++) {
		int high = nibble(value[2 * i]), low = nibble(value[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		uid[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool copy(const char *value, char *place, size_t size)
{
	size_t length = strlen(value);

	if (length == 0 || length >= size)
		return false;
	memcpy(place, value, length + 1);
	return true;
}

static bool parse_layout(const char *value, struct sim_config *config)
{
	if (!copy(value, config->layout, sizeof(config->layout) - 1))
		return false;
	for (char *c = config->layout; *c; c++)
		if (*c == ';')
			*c = ',';
	return true;
}

static bool parse_own(const char *key, const char *value,
		      struct sim_config *config)
{
	if (strcmp(key, "file") == 0)
		return copy(value, config->file, sizeof(config->file));
	if (strcmp(key, "seed") == 0)
		return parse_number(value, 0, UINT64_MAX, &config->seed);
	if (strcmp(key, "clock") == 0)
		return parse_clock(value, &config->real_scale);
	if (strcmp(key, "fault") == 0)
		return parse_faults(value, config->faults);
	if (strcmp(key, "uid") == 0)
		return config->uid_given = parse_uid(value, config->uid);
	if (strcmp(key, "erase_ms") == 0)
		return parse_time(value, true, &config->erase_word,
				  &config->erase_number);
	if (strcmp(key, "word_us") == 0)
		return parse_time(value, false, &config->word_word,
				  &config->word_number);
	return parse_layout(value, config);
}

static bool parse_value(const struct key *key, const char *value,
			struct sim_config *config)
{
	uint32_t *to = place(config, key->name);
	uint64_t number;
	int index;

	switch (key->kind) {
	case WORD:
		index = find_word(key->values, value);
		if (index >= 0)
			*to = (uint32_t)index;
		return index >= 0;
	case CHOICE:
		return parse_choice(key->values, value, to);
	case NUMBER:
		if (!parse_number(value, key->lowest, key->highest, &number))
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
	config->erase_number = 905;
	config->word_word = TIME_TYP;
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
		config->erase_word = TIME_TYP;
	if (config->erase_word == TIME_NUMBER)
		times->erase_us = config->erase_number * 1000;
	if (config->erase_word == TIME_WORN)
		times->erase_us = worn_us(config->seed);
	else if (config->erase_word == TIME_MAX)
		times->erase_us *= 2;
	if (config->erase_word == TIME_WORN || config->erase_word == TIME_MAX)
		times->mass_erase_us *= 2;
	if (config->word_word == TIME_NUMBER)
		times->word_us = config->word_number;
	else if (config->word_word == TIME_MAX)
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
