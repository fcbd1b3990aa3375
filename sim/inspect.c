/* SPDX-License-Identifier: MIT */
/* Looking inside: no transfer, no time. */
#include "sim/sim.h"

#include <string.h>

#define OUTSIDE UINT32_MAX

static uint32_t place_of(const struct s0_sim *sim, uint32_t address)
{
	if (address < SIM_FLASH_BASE ||
	    !sim_array_has(sim, address - SIM_FLASH_BASE))
		return OUTSIDE;
	return sim_array_place(sim, address - SIM_FLASH_BASE);
}

/* Bytes up to the end of the flash word: no memory ends inside of one. */
static uint32_t part_length(const struct s0_sim *sim, uint32_t address,
			    size_t left)
{
	uint32_t part = sim->chip->word - address % sim->chip->word;

	return part < left ? part : (uint32_t)left;
}

/* Not every memory is made of whole words. */
static uint32_t part_of_memory(const struct s0_sim *sim, uint32_t address,
			       uint32_t part)
{
	enum sim_memory memory = sim_memory_find(sim, address, 1);

	while (part > 1 && sim_memory_find(sim, address, part) != memory)
		part--;
	return part;
}

static bool peek_part(const struct s0_sim *sim, uint32_t address,
		      uint8_t *bytes, uint32_t length)
{
	uint32_t place = place_of(sim, address);
	const uint8_t *ram = sim_memory_ram(sim, address);

	if (place != OUTSIDE) {
		sim_array_read(sim, place, bytes, length);
		sim_cells_show(sim, place, bytes, length);
		return true;
	}
	if (ram) {
		memcpy(bytes, ram, length);
		return true;
	}
	switch (sim_memory_find(sim, address, 1)) {
	case SIM_SYSTEM:
		for (uint32_t i = 0; i < length; i++)
			bytes[i] = sim_memory_system_byte(sim, address + i);
		return true;
	case SIM_OTP:
	case SIM_EEPROM:
		for (uint32_t i = 0; i < length; i++)
			bytes[i] = sim_memory_extra_byte(sim, address + i);
		return true;
	case SIM_OPTION_WINDOW:
		sim_options_read(sim, address, bytes, length);
		return true;
	default:
		return false;
	}
}

size_t s0_sim_peek(const struct s0_sim *sim, uint32_t address, void *bytes,
		   size_t length)
{
	size_t done = 0;

	while (done < length) {
		uint32_t part = part_length(sim, address, length - done);

		if (place_of(sim, address) == OUTSIDE)
			part = part_of_memory(sim, address, part);
		if (!peek_part(sim, address, (uint8_t *)bytes + done, part))
			break;
		done += part;
		address += part;
	}
	return done;
}

static bool poke_part(struct s0_sim *sim, uint32_t address,
		      const uint8_t *bytes, uint32_t length)
{
	uint32_t place = place_of(sim, address);
	uint8_t *ram = sim_memory_ram(sim, address);

	if (place != OUTSIDE)
		sim_array_poke(sim, place, bytes, length);
	else if (ram)
		memcpy(ram, bytes, length);
	else
		return false;
	return true;
}

/* What was poked goes to the store in runs that do not leave a bank. */
static void persist(struct s0_sim *sim, uint32_t address, size_t length)
{
	while (length > 0 && place_of(sim, address) != OUTSIDE) {
		uint32_t place = place_of(sim, address);
		struct sim_sector sector = sim_profile_sector(sim->chip, place);
		uint32_t run = sector.start + sector.size - place;

		if (run > length)
			run = (uint32_t)length;
		sim_persist_words(sim, place, run);
		address += run;
		length -= run;
	}
}

/* The registers are no memory: what is poked is taken as a write of the whole
 * window is, and is in force at once, a swap of the banks too: the second time
 * the registers are those of the banks as they are now. */
static bool poke_options(struct s0_sim *sim, uint32_t address,
			 const uint8_t *bytes, size_t length)
{
	const struct s0_option_window *window = sim_memory_window(sim, address);

	if (!window || length != window->length)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		sim_options_take(sim, window, bytes);
		sim_options_put(sim);
		sim_options_load(sim);
	}
	sim_persist_options(sim);
	return true;
}

size_t s0_sim_poke(struct s0_sim *sim, uint32_t address, const void *bytes,
		   size_t length)
{
	uint32_t start = address;
	size_t done = 0;

	if (poke_options(sim, address, bytes, length))
		return length;
	while (done < length) {
		uint32_t part = part_length(sim, address, length - done);

		if (!poke_part(sim, address, (const uint8_t *)bytes + done,
			       part))
			break;
		done += part;
		address += part;
	}
	persist(sim, start, done);
	return done;
}

void s0_sim_damage(struct s0_sim *sim, uint32_t address)
{
	uint32_t place = place_of(sim, address);

	if (place != OUTSIDE)
		sim_array_damage(sim, place);
}

void s0_sim_flip_bit(struct s0_sim *sim, uint32_t address, unsigned bit)
{
	uint32_t place = place_of(sim, address);

	if (place != OUTSIDE)
		sim_array_flip(sim, place, bit);
}

s0_sim_word s0_sim_word_state(const struct s0_sim *sim, uint32_t address)
{
	uint32_t place = place_of(sim, address);

	if (place == OUTSIDE)
		return S0_SIM_WORD_NONE;
	if (sim_cells_fatal(sim, place / sim->chip->word))
		return S0_SIM_WORD_DAMAGED;
	switch (sim->array.words[place / sim->chip->word]) {
	case SIM_STATE_ERASED:
		return S0_SIM_WORD_ERASED;
	case SIM_STATE_PROGRAMMED:
		return S0_SIM_WORD_PROGRAMMED;
	case SIM_STATE_FLAWED:
		return S0_SIM_WORD_FLAWED;
	default:
		return S0_SIM_WORD_DAMAGED;
	}
}
