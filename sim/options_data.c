/* SPDX-License-Identifier: MIT */
/*
 * Option bytes of a chip that is made from its data: words with a value in
 * force, one to program, and what mirrors that. What changing them brings
 * about is known of a few fields only: the read protection, write protection,
 * PCROP areas, the watchdog, swapped banks, and how the array is cut.
 */
#include "sim/options.h"

#include <string.h>

#include "base/bytes.h"
#include "base/range.h"

static size_t word_count(const struct s0_chip *chip)
{
	return chip->option_word_count < SIM_OPTION_WORDS
		       ? chip->option_word_count
		       : SIM_OPTION_WORDS;
}

/* Flash of its own, where what is asked for is written over what is in force;
 * else registers. */
static bool in_place(const struct s0_option_word *word)
{
	return word->offset == word->program;
}

/* ---- the read protection ------------------------------------------------- */

static const struct s0_option_field *rdp_of(const struct s0_chip *chip)
{
	for (size_t i = 0; i < chip->option_count; i++)
		if (chip->options[i].group == S0_OPTION_READ_PROTECTION &&
		    (chip->options[i].kind == S0_OPTION_RDP ||
		     chip->options[i].kind == S0_OPTION_CHOICE))
			return &chip->options[i];
	return NULL;
}

static unsigned level_of(const struct s0_option_field *rdp, uint32_t value)
{
	if (rdp->kind == S0_OPTION_RDP)
		return value == 0xaa ? 0 : value == 0xcc ? 2 : 1;
	if (value == rdp->factory)
		return 0;
	for (size_t i = 0; i < rdp->value_count; i++)
		if (rdp->values[i].value == value &&
		    rdp->values[i].guard & S0_ALLOW_PERMANENT)
			return 2;
	return 1;
}

/* A value of that level. */
static uint32_t value_of(const struct s0_option_field *rdp, unsigned level)
{
	static const uint32_t levels[] = { 0xaa, 0xbb, 0xcc };

	if (rdp->kind == S0_OPTION_RDP)
		return levels[level];
	for (size_t i = 0; i < rdp->value_count; i++)
		if (level_of(rdp, rdp->values[i].value) == level)
			return rdp->values[i].value;
	return rdp->factory;
}

unsigned sim_options_data_level(const struct s0_sim *sim,
				const struct sim_option_words *words)
{
	const struct s0_chip *chip = sim->chip->data;
	const struct s0_option_field *rdp = rdp_of(chip);

	return rdp ? level_of(rdp, sim_field_get(chip, rdp, words)) : 0;
}

static void put_level(const struct s0_sim *sim, struct sim_option_words *words,
		      unsigned level)
{
	const struct s0_option_field *rdp = rdp_of(sim->chip->data);

	if (rdp)
		sim_field_put(sim->chip->data, rdp, words,
			      value_of(rdp, level));
}

void sim_options_data_open(const struct s0_sim *sim,
			   struct sim_option_words *words)
{
	if (sim_options_data_level(sim, words) > 0)
		put_level(sim, words, 0);
}

void sim_options_data_close(const struct s0_sim *sim,
			    struct sim_option_words *words)
{
	put_level(sim, words, 1);
}

/* ---- a new chip ---------------------------------------------------------- */

/* wrp=: bit by bit the fields, one after the other. */
static void protect(const struct s0_sim *sim, struct sim_option_words *words)
{
	const struct s0_chip *chip = sim->chip->data;
	uint32_t wrp = sim->config.wrp;

	for (size_t i = 0; i < chip->option_count && wrp; i++) {
		const struct s0_option_field *field = &chip->options[i];
		uint32_t value = sim_field_get(chip, field, words);

		if (field->kind != S0_OPTION_SECTORS ||
		    field->group != S0_OPTION_WRITE_PROTECTION)
			continue;
		sim_field_put(chip, field, words,
			      field->ones_protect ? value | wrp : value & ~wrp);
		wrp = field->width < 32 ? wrp >> field->width : 0;
	}
}

static void put_role(const struct s0_chip *chip, s0_option_role role,
		     struct sim_option_words *words, uint32_t value)
{
	for (size_t i = 0; i < chip->option_count; i++)
		if (chip->options[i].role == role)
			sim_field_put(chip, &chip->options[i], words, value);
}

static void put_keys(const struct s0_sim *sim, struct sim_option_words *words)
{
	const struct s0_chip *chip = sim->chip->data;

	if (sim->config.watchdog == SIM_DOG_HARDWARE)
		put_role(chip, S0_OPTION_WATCHDOG, words, 0);
	protect(sim, words);
	for (unsigned i = 0; i < SIM_FIELDS; i++)
		if (sim->config.fields[i].field)
			sim_field_put(chip, sim->config.fields[i].field, words,
				      sim->config.fields[i].value);
	if (sim->config.rdp > 0)
		put_level(sim, words, sim->config.rdp);
}

/* What is no field's reads as ones in flash, as zeros in registers and on the
 * L0 and L1, whose erased bits are zeros. Fields that
 * share bits have them from one word. */
void sim_options_data_factory(const struct s0_sim *sim,
			      struct sim_option_words *words)
{
	const struct s0_chip *chip = sim->chip->data;

	memset(words, 0, sizeof(*words));
	for (size_t i = 0; i < word_count(chip); i++)
		if (in_place(&chip->option_words[i]) &&
		    chip->option_words[i].mirroring != S0_OPTION_MIRROR_HALVES)
			words->value[i] = ~chip->option_words[i].settable;
	for (size_t i = 0; i < chip->option_count; i++)
		sim_field_put(chip, &chip->options[i], words,
			      chip->options[i].factory);
	put_keys(sim, words);
}

uint32_t sim_options_data_role(const struct s0_sim *sim, s0_option_role role,
			       uint32_t other)
{
	const struct s0_chip *chip = sim->chip->data;

	for (size_t i = 0; i < chip->option_count; i++)
		if (chip->options[i].role == role)
			return sim_field_get(chip, &chip->options[i],
					     &sim->options.words);
	return other;
}

/* The array is cut by what is in force; the name of its alternate setting
 * follows where it does. */
void sim_options_data_cut(struct s0_sim *sim)
{
	const struct s0_chip *chip = sim->chip->data;
	const struct s0_option_field *field =
		sim_profile_bank_field(chip, sim->config.flash_kb);

	if (field)
		sim_profile_cut(
			&sim->config.profile, sim->config.flash_kb,
			sim_field_get(chip, field, &sim->options.words));
}

/* ---- the window ---------------------------------------------------------- */

/* A word together with the complement that is in it. */
static uint32_t with_complement(const struct s0_option_word *word,
				uint32_t value)
{
	if (word->mirroring == S0_OPTION_MIRROR_BYTES)
		return (value & 0x00ff00ffu) | (~value & 0x00ff00ffu) << 8;
	if (word->mirroring == S0_OPTION_MIRROR_HALVES)
		return (value & 0xffffu) | (~value & 0xffffu) << 16;
	return value;
}

static bool in_word(uint16_t word, uint32_t at)
{
	return at >= word && at < word + 4u;
}

static uint8_t byte_of(uint32_t value, uint32_t at)
{
	return (uint8_t)(value >> 8 * at);
}

/* A byte of the windows, one behind the other. */
static uint8_t window_byte(const struct s0_sim *sim, uint32_t at)
{
	const struct s0_chip *chip = sim->chip->data;

	for (size_t i = 0; i < word_count(chip); i++) {
		const struct s0_option_word *word = &chip->option_words[i];
		uint32_t now =
			with_complement(word, sim->options.words.value[i]);
		uint32_t asked =
			with_complement(word, sim->options.asked.value[i]);

		if (in_word(word->offset, at))
			return byte_of(now, at - word->offset);
		if (in_word(word->program, at))
			return byte_of(asked, at - word->program);
		if (word->mirroring == S0_OPTION_MIRROR_COMPLEMENT &&
		    in_word(word->mirror, at))
			return byte_of(in_place(word) ? ~now : ~asked,
				       at - word->mirror);
		if (word->mirroring == S0_OPTION_MIRROR_COPY && word->mirror &&
		    in_word(word->mirror, at))
			return byte_of(asked, at - word->mirror);
	}
	/* Erased flash; registers of which nothing is known. */
	return word_count(chip) == 0 || in_place(&chip->option_words[0]) ? 0xff
									 : 0;
}

void sim_options_data_read(const struct s0_sim *sim, uint32_t address,
			   uint8_t *bytes, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		for (unsigned w = 0; w < SIM_WINDOWS; w++) {
			const struct s0_option_window *window =
				&sim->chip->windows[w];

			if (window->length &&
			    range_within(address + i, 1, window->address,
					 window->length))
				bytes[i] = window_byte(
					sim, window->at + address + i -
						     window->address);
		}
}

/* Does its complement fit? What lies in the other window is not looked at. */
static bool fits(const struct s0_option_word *word,
		 const struct s0_option_window *window, const uint8_t *bytes)
{
	uint32_t value = get_le32(bytes + word->program - window->at);

	if (word->mirroring != S0_OPTION_MIRROR_COMPLEMENT)
		return with_complement(word, value) == value;
	if (word->mirror < window->at ||
	    word->mirror + 4u > window->at + window->length)
		return true;
	return get_le32(bytes + word->mirror - window->at) == ~value;
}

/* Second copies are not taken, as those of the H743 are not. */
void sim_options_data_take(struct s0_sim *sim,
			   const struct s0_option_window *window,
			   const uint8_t *bytes)
{
	const struct s0_chip *chip = sim->chip->data;
	uint32_t *asked = sim->options.asked.value;

	for (size_t i = 0; i < word_count(chip); i++) {
		const struct s0_option_word *word = &chip->option_words[i];
		uint32_t value;

		if (word->program < window->at ||
		    word->program + 4u > window->at + window->length)
			continue;
		if (sim->config.ob_complement == SIM_COMPLEMENT_OLD &&
		    !fits(word, window, bytes))
			continue;
		value = get_le32(bytes + word->program - window->at);
		asked[i] =
			(asked[i] & ~word->settable) | (value & word->settable);
	}
}
