/* SPDX-License-Identifier: MIT */
/* A store is opened: a new chip, or the one that is in it, which is torn where
 * the last process left a record of an operation. */
#include "sim/persist.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

#define VERSION	     1u
#define NAME_SIZE    16u
#define POWER_ONS_AT 64u

static const uint8_t magic[8] = { 'S', '0', 'C', 'H', 'I', 'P', '\r', '\n' };

/* Those of chips from data may be cut otherwise at any time. */
static uint32_t sector_of(const struct s0_sim *sim)
{
	return sim_is(sim->chip, SIM_DATA) ? 0 : sim->chip->groups[0].size;
}

static void put_geometry(const struct s0_sim *sim, uint8_t *header)
{
	put_le32(header + 32, sim->config.flash_kb);
	put_le32(header + 36, sim->chip->word);
	put_le32(header + 40, sector_of(sim));
}

static s0_code make(struct s0_sim *sim, struct s0_error *err)
{
	struct store *store = sim->store;
	uint8_t header[HEADER_MAX] = { 0 };
	uint32_t size = persist_places_of(sim).header;
	s0_code code;

	memcpy(header, magic, sizeof(magic));
	put_le32(header + 8, VERSION);
	put_le32(header + 12, size);
	memcpy(header + 16, sim->chip->name,
	       strnlen(sim->chip->name, NAME_SIZE));
	put_geometry(sim, header);
	memcpy(header + 48, sim->uid, sizeof(sim->uid));
	put_le32(header + 60, persist_check_of(header, 60));
	put_le32(header + POWER_ONS_AT, ++sim->power_ons);
	persist_put_options(sim, header + OPTIONS_AT);
	code = store->ops->write(store, 0, header, size, err);
	if (code)
		return code;
	return store->ops->resize(store, persist_file_size(sim), err);
}

static s0_code refuse(const struct s0_sim *sim, const char *why,
		      struct s0_error *err)
{
	return error_set(err, S0_E_FORMAT, "'%s' %s; it is left as it is",
			 sim->config.file, why);
}

static s0_code check_header(const struct s0_sim *sim, const uint8_t *header,
			    size_t length, struct s0_error *err)
{
	if (length < sizeof(magic) || memcmp(header, magic, sizeof(magic)) != 0)
		return refuse(sim, "is not the memory of a virtual chip", err);
	if (length < persist_places_of(sim).header)
		return refuse(sim, "is cut short inside its header", err);
	if (get_le32(header + 60) != persist_check_of(header, 60))
		return refuse(sim, "has a damaged header", err);
	if (get_le32(header + 8) != VERSION)
		return refuse(sim, "was made by another version", err);
	if (strncmp((const char *)header + 16, sim->chip->name, NAME_SIZE) !=
		    0 ||
	    get_le32(header + 12) != persist_places_of(sim).header ||
	    get_le32(header + 36) != sim->chip->word ||
	    get_le32(header + 40) != sector_of(sim))
		return refuse(sim, "holds a chip of another kind", err);
	if (get_le32(header + 32) != sim->config.flash_kb)
		return error_set(err, S0_E_FORMAT,
				 "'%s' holds a chip with %u KiB of flash, "
				 "not %u (flash_kb=%u would fit); it is left "
				 "as it is",
				 sim->config.file,
				 (unsigned)get_le32(header + 32),
				 (unsigned)sim->config.flash_kb,
				 (unsigned)get_le32(header + 32));
	return S0_OK;
}

static s0_code load_options(struct s0_sim *sim, const uint8_t *record,
			    struct s0_error *err)
{
	uint32_t *list[SIM_OPTION_WORDS];
	uint32_t count = persist_option_words(sim, list);

	if (get_le32(record + 4 * count) != persist_check_of(record, 4 * count))
		return refuse(sim, "has damaged option bytes", err);
	for (uint32_t i = 0; i < count; i++)
		*list[i] = get_le32(record + 4 * i);
	sim_options_load(sim);
	return S0_OK;
}

/* What the file has room for. */
static uint32_t program_max(const struct s0_sim *sim)
{
	return sim->chip->transfer_size + 2 * SIM_WORD_MAX;
}

static bool sound_set(const struct s0_sim *sim, const struct sim_sectors *set)
{
	for (uint32_t i = sim_profile_sectors(sim->chip); i < SIM_SECTORS_MAX;
	     i++)
		if (sim_sectors_has(set, i))
			return false;
	return true;
}

static bool sound(const struct s0_sim *sim, const struct sim_operation *running,
		  unsigned bank)
{
	const struct sim_profile *chip = sim->chip;

	if (running->kind == SIM_OPERATION_ERASE)
		return sound_set(sim, &running->sectors);
	return running->kind == SIM_OPERATION_PROGRAM &&
	       running->offset % chip->word == 0 &&
	       running->length % chip->word == 0 && running->length > 0 &&
	       running->length <= program_max(sim) &&
	       running->offset / chip->bank_size == bank &&
	       (running->offset + running->length - 1) / chip->bank_size ==
		       bank;
}

static s0_code load_operation(struct s0_sim *sim, const uint8_t *header,
			      unsigned bank, struct s0_error *err)
{
	struct sim_operation *running = &sim->array.running[bank];
	const uint8_t *record = header + persist_operation_at(sim, bank);

	running->kind = get_le32(record);
	running->sectors.bits[0] = get_le32(record + 4);
	running->offset = get_le32(record + 8);
	running->length = get_le32(record + 12);
	if (running->kind == SIM_OPERATION_NONE)
		return S0_OK;
	if (running->kind == SIM_OPERATION_ERASE)
		for (uint32_t i = 1; i < persist_set_words(sim); i++)
			running->sectors.bits[i] =
				get_le32(record + 12 + 4 * i);
	if (!sound(sim, running, bank))
		return refuse(sim, "has a damaged record of an operation", err);
	memcpy(running->data, record + 16, program_max(sim));
	return S0_OK;
}

static s0_code load_array(struct s0_sim *sim, struct s0_error *err)
{
	struct store *store = sim->store;
	size_t cells = 0, words = 0;
	s0_code code = store->ops->read(store, persist_places_of(sim).header,
					sim->array.cells, sim->chip->flash_size,
					&cells, err);

	if (code == S0_OK)
		code = store->ops->read(store, persist_words_at(sim),
					sim->array.words, persist_words_of(sim),
					&words, err);
	if (code)
		return code;
	/* Killed while it was being made: header only, an erased chip. */
	if (cells == 0)
		return store->ops->resize(store, persist_file_size(sim), err);
	if (cells < sim->chip->flash_size || words < persist_words_of(sim))
		return refuse(sim, "is cut short", err);
	for (uint32_t i = 0; i < persist_words_of(sim); i++)
		if (sim->array.words[i] > SIM_STATE_FLAWED)
			return refuse(sim, "has damaged word states", err);
	return S0_OK;
}

static s0_code load_extra(struct s0_sim *sim, const uint8_t *header,
			  struct s0_error *err)
{
	uint32_t size = sim->chip->extra_size,
		 at = persist_places_of(sim).extra;
	size_t length = 0;

	if (!sim_is(sim->chip, SIM_DATA)) {
		memcpy(sim->array.extra, header + at, size);
		return S0_OK;
	}
	return sim->store->ops->read(sim->store, at, sim->array.extra, size,
				     &length, err);
}

static s0_code load(struct s0_sim *sim, const uint8_t *header,
		    struct s0_error *err)
{
	s0_code code = load_options(sim, header + OPTIONS_AT, err);

	for (unsigned bank = 0;
	     code == S0_OK && bank < sim_profile_banks(sim->chip); bank++)
		code = load_operation(sim, header, bank, err);
	if (code == S0_OK)
		code = load_array(sim, err);
	if (code)
		return code;
	code = load_extra(sim, header, err);
	if (code)
		return code;
	memcpy(sim->uid, header + 48, sizeof(sim->uid));
	sim->power_ons = get_le32(header + POWER_ONS_AT) + 1;
	/* Each time the chip is torn, it is torn otherwise. */
	sim->random += sim->power_ons;
	return S0_OK;
}

static void note_power_on(struct s0_sim *sim)
{
	uint8_t count[4];

	put_le32(count, sim->power_ons);
	persist_put(sim, POWER_ONS_AT, count, sizeof(count));
}

s0_code sim_persist_open(struct s0_sim *sim, struct s0_error *err)
{
	struct store *store = sim->store;
	uint8_t header[HEADER_MAX];
	size_t length = 0;
	s0_code code;

	if (!store)
		return S0_OK;
	code = store->ops->read(store, 0, header, persist_places_of(sim).header,
				&length, err);
	if (code)
		return code;
	if (length == 0)
		return make(sim, err);
	code = check_header(sim, header, length, err);
	if (code == S0_OK)
		code = load(sim, header, err);
	if (code)
		return code;
	note_power_on(sim);
	sim_array_tear(sim);
	return S0_OK;
}
