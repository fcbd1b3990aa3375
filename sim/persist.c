/* SPDX-License-Identifier: MIT */
/*
 * The chip's memory in a store, so that it outlives the process.
 *
 * Before an operation begins, a record of it is written; it is cleared when
 * the array has what it leaves behind. A process killed in between leaves the
 * record, and the next one tears that operation, as a brown-out would have.
 *
 * The file, little endian:
 *     0  8   magic            16 16  profile      48 12  unique ID
 *     8  4   version          32 4   flash, KiB   60 4   check of 0..59
 *    12  4   size of header   36 4   flash word   64 4   times powered on
 *                             40 4   sector
 *   128 32   option registers, 160 4 check of them
 *  1024      operation running in bank 1; 2560 in bank 2, if there is one
 *  3456      the OTP area, complemented (chips that have one)
 *  4096      cells, complemented: a hole is erased flash
 *            a byte for the state of each flash word
 */
#include "sim/sim.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

#define HEADER_SIZE  4096u
#define VERSION	     1u
#define NAME_SIZE    16u
#define OTP_AT	     3456u
#define POWER_ONS_AT 64u
#define OPTIONS_AT   128u
#define OPTION_WORDS 8u

static const uint8_t magic[8] = { 'S', '0', 'C', 'H', 'I', 'P', '\r', '\n' };

/* FNV-1a. */
static uint32_t check_of(const uint8_t *bytes, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

static uint32_t words_of(const struct s0_sim *sim)
{
	return sim->chip->flash_size / sim->chip->word;
}

static uint32_t words_at(const struct s0_sim *sim)
{
	return HEADER_SIZE + sim->chip->flash_size;
}

static uint32_t file_size(const struct s0_sim *sim)
{
	return words_at(sim) + words_of(sim);
}

static void put(struct s0_sim *sim, uint64_t offset, const void *bytes,
		size_t length)
{
	struct store *store = sim->store;

	if (!store || sim->store_failed)
		return;
	if (store->ops->write(store, offset, bytes, length, NULL) == S0_OK)
		return;
	sim->store_failed = true;
	sim->hung = true;
}

void sim_persist_words(struct s0_sim *sim, uint32_t place, uint32_t length)
{
	uint32_t first = place / sim->chip->word;
	uint32_t last = (place + length - 1) / sim->chip->word;

	put(sim, HEADER_SIZE + place, sim->array.cells + place, length);
	put(sim, words_at(sim) + first, sim->array.words + first,
	    last - first + 1);
}

static uint32_t operation_at(unsigned bank)
{
	return bank == 0 ? 1024 : 2560;
}

void sim_persist_operation(struct s0_sim *sim, unsigned bank)
{
	const struct sim_operation *running = &sim->array.running[bank];
	uint8_t record[16 + SIM_PROGRAM_MAX];
	size_t length = 16;

	put_le32(record, running->kind);
	put_le32(record + 4, running->sectors);
	put_le32(record + 8, running->offset);
	put_le32(record + 12, running->length);
	if (running->kind == SIM_OPERATION_PROGRAM) {
		memcpy(record + 16, running->data, running->length);
		length += running->length;
	}
	put(sim, operation_at(bank), record, length);
}

static void option_list(struct sim_option_set *set,
			uint32_t *list[OPTION_WORDS])
{
	list[0] = &set->optsr;
	list[1] = &set->boot;
	for (unsigned bank = 0; bank < 2; bank++) {
		list[2 + bank] = &set->prar[bank];
		list[4 + bank] = &set->scar[bank];
		list[6 + bank] = &set->wpsn[bank];
	}
}

static void put_options(struct s0_sim *sim, uint8_t record[36])
{
	uint32_t *list[OPTION_WORDS];

	option_list(&sim->options.cur, list);
	for (unsigned i = 0; i < OPTION_WORDS; i++)
		put_le32(record + 4 * i, *list[i]);
	put_le32(record + 32, check_of(record, 32));
}

void sim_persist_options(struct s0_sim *sim)
{
	uint8_t record[36];

	put_options(sim, record);
	put(sim, OPTIONS_AT, record, sizeof(record));
}

static void put_otp(const struct s0_sim *sim, uint8_t cells[SIM_OTP_MAX])
{
	for (unsigned i = 0; i < sim->chip->otp_size; i++)
		cells[i] = (uint8_t)~sim->array.otp[i];
}

void sim_persist_otp(struct s0_sim *sim)
{
	uint8_t cells[SIM_OTP_MAX];

	put_otp(sim, cells);
	put(sim, OTP_AT, cells, sim->chip->otp_size);
}

static void put_geometry(const struct s0_sim *sim, uint8_t *header)
{
	put_le32(header + 32, sim->config.flash_kb);
	put_le32(header + 36, sim->chip->word);
	put_le32(header + 40, sim->chip->groups[0].size);
}

static s0_code make(struct s0_sim *sim, struct s0_error *err)
{
	struct store *store = sim->store;
	uint8_t header[HEADER_SIZE] = { 0 };
	s0_code code;

	memcpy(header, magic, sizeof(magic));
	put_le32(header + 8, VERSION);
	put_le32(header + 12, HEADER_SIZE);
	memcpy(header + 16, sim->chip->name, strlen(sim->chip->name));
	put_geometry(sim, header);
	memcpy(header + 48, sim->uid, sizeof(sim->uid));
	put_le32(header + 60, check_of(header, 60));
	put_le32(header + POWER_ONS_AT, ++sim->power_ons);
	put_options(sim, header + OPTIONS_AT);
	code = store->ops->write(store, 0, header, sizeof(header), err);
	if (code)
		return code;
	return store->ops->resize(store, file_size(sim), err);
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
	if (length < HEADER_SIZE)
		return refuse(sim, "is cut short inside its header", err);
	if (get_le32(header + 60) != check_of(header, 60))
		return refuse(sim, "has a damaged header", err);
	if (get_le32(header + 8) != VERSION ||
	    get_le32(header + 12) != HEADER_SIZE)
		return refuse(sim, "was made by another version", err);
	if (strncmp((const char *)header + 16, sim->chip->name, NAME_SIZE) !=
		    0 ||
	    get_le32(header + 36) != sim->chip->word ||
	    get_le32(header + 40) != sim->chip->groups[0].size)
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
	uint32_t *list[OPTION_WORDS];

	if (get_le32(record + 32) != check_of(record, 32))
		return refuse(sim, "has damaged option bytes", err);
	option_list(&sim->options.cur, list);
	for (unsigned i = 0; i < OPTION_WORDS; i++)
		*list[i] = get_le32(record + 4 * i);
	sim_options_load(sim);
	return S0_OK;
}

/* What the file has room for. */
static uint32_t program_max(const struct s0_sim *sim)
{
	return sim->chip->transfer_size + 2 * SIM_WORD_MAX;
}

static bool sound(const struct s0_sim *sim, const struct sim_operation *running,
		  unsigned bank)
{
	const struct sim_profile *chip = sim->chip;

	if (running->kind == SIM_OPERATION_ERASE)
		return running->sectors >> sim_profile_sectors(chip) == 0;
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
	const uint8_t *record = header + operation_at(bank);

	running->kind = get_le32(record);
	running->sectors = get_le32(record + 4);
	running->offset = get_le32(record + 8);
	running->length = get_le32(record + 12);
	if (running->kind == SIM_OPERATION_NONE)
		return S0_OK;
	if (!sound(sim, running, bank))
		return refuse(sim, "has a damaged record of an operation", err);
	memcpy(running->data, record + 16, program_max(sim));
	return S0_OK;
}

static s0_code load_array(struct s0_sim *sim, struct s0_error *err)
{
	struct store *store = sim->store;
	size_t cells = 0, words = 0;
	s0_code code = store->ops->read(store, HEADER_SIZE, sim->array.cells,
					sim->chip->flash_size, &cells, err);

	if (code == S0_OK)
		code = store->ops->read(store, words_at(sim), sim->array.words,
					words_of(sim), &words, err);
	if (code)
		return code;
	/* Killed while it was being made: header only, an erased chip. */
	if (cells == 0)
		return store->ops->resize(store, file_size(sim), err);
	if (cells < sim->chip->flash_size || words < words_of(sim))
		return refuse(sim, "is cut short", err);
	for (uint32_t i = 0; i < words_of(sim); i++)
		if (sim->array.words[i] > SIM_STATE_FLAWED)
			return refuse(sim, "has damaged word states", err);
	return S0_OK;
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
	for (unsigned i = 0; i < sim->chip->otp_size; i++)
		sim->array.otp[i] = (uint8_t)~header[OTP_AT + i];
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
	put(sim, POWER_ONS_AT, count, sizeof(count));
}

s0_code sim_persist_open(struct s0_sim *sim, struct s0_error *err)
{
	struct store *store = sim->store;
	uint8_t header[HEADER_SIZE];
	size_t length = 0;
	s0_code code;

	if (!store)
		return S0_OK;
	code = store->ops->read(store, 0, header, sizeof(header), &length, err);
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
