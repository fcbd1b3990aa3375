/* SPDX-License-Identifier: MIT */
/* Descriptors and strings of a profile from data. Their shape is that of the
 * dumps of an H743 and an F405, by generation (fact sheet 2.1 and 6). */
#include "sim/profile_data.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "sim/layout.h"

#define CONFIGURATION 9u
#define INTERFACE     9u

static const char *manufacturer(uint16_t vendor)
{
	switch (vendor) {
	case 0x28e9: /* general knowledge, as the next two */
		return "GDMicroelectronics";
	case 0x2e3c:
		return "Artery Technology";
	case 0x314b:
		return "Geehy";
	default:
		return "STMicroelectronics";
	}
}

static void make_device(struct sim_profile *profile)
{
	static const uint8_t device[18] = { 0x12, 0x01, 0, 0, 0, 0, 0, 0x40, 0,
					    0,	  0,	0, 0, 1, 2, 3, 1 };
	const struct s0_chip *chip = profile->data;
	bool old = sim_is(profile, SIM_OLD);
	uint16_t release = old ? 0x2200 : 0x0200;

	memcpy(profile->device, device, sizeof(device));
	put_le16(profile->device + 2, old ? 0x0100 : 0x0200);
	put_le16(profile->device + 8, chip->vendor ? chip->vendor : 0x0483);
	put_le16(profile->device + 10, chip->product ? chip->product : 0xdf11);
	put_le16(profile->device + 12,
		 chip->bcd_device ? chip->bcd_device : release);
	profile->device[14] = 1;
	profile->device[15] = 2;
	profile->device[16] = 3;
	profile->device[17] = 1;
}

static void put_functional(struct sim_profile *profile, uint8_t *bytes)
{
	static const uint8_t functional[9] = { 9, 0x21, 0x0b, 0xff, 0,
					       0, 0,	0x1a, 0x01 };

	memcpy(bytes, functional, profile->functional);
	bytes[0] = profile->functional;
	put_le16(bytes + 5, profile->transfer_size);
}

/* One interface, an alternate setting each, the DFU functional descriptor
 * behind the last. */
static void make_config(struct sim_profile *profile)
{
	uint8_t *config = profile->config;
	bool old = sim_is(profile, SIM_OLD);
	uint32_t length = CONFIGURATION + INTERFACE * profile->alternates;

	for (uint8_t i = 0; i < profile->alternates; i++) {
		uint8_t *alternate = config + CONFIGURATION + INTERFACE * i;

		alternate[0] = INTERFACE;
		alternate[1] = 4;
		alternate[3] = i;
		alternate[5] = 0xfe;
		alternate[6] = 1;
		alternate[7] = 2;
		alternate[8] = (uint8_t)(profile->strings.first + i);
	}
	put_functional(profile, config + length);
	config[0] = CONFIGURATION;
	config[1] = 2;
	put_le16(config + 2, (uint16_t)(length + profile->functional));
	config[4] = 1;
	config[5] = 1;
	config[6] = old ? 0 : 2;
	config[7] = 0xc0;
	config[8] = 0x32;
}

static bool is_flash(const struct s0_chip *chip, const char *name)
{
	struct sim_layout_entry entry;
	struct sim_layout layout;

	sim_layout_start(&layout, name);
	return sim_layout_next(&layout, &entry) &&
	       entry.address == chip->flash_address;
}

static void make_strings(struct sim_profile *profile)
{
	const struct s0_chip *chip = profile->data;
	struct sim_strings *strings = &profile->strings;
	bool old = sim_is(profile, SIM_OLD);

	strings->manufacturer = manufacturer(chip->vendor);
	strings->product = chip->product_name ? chip->product_name
			   : old	      ? "STM32  BOOTLOADER"
					      : "DFU in FS Mode";
	strings->same_serial = "FFFFFFFEFFFF";
	if (chip->shared_serials && chip->shared_serials[0])
		strings->same_serial = chip->shared_serials[0];
	strings->first = old ? 4 : 6;
	for (unsigned i = 0; i < SIM_NAMES && chip->layouts && chip->layouts[i];
	     i++) {
		profile->alternates++;
		if (!is_flash(chip, chip->layouts[i]))
			strings->names[i] = chip->layouts[i];
	}
}

void sim_profile_make_usb(struct sim_profile *profile)
{
	const struct s0_chip *chip = profile->data;
	bool old = sim_is(profile, SIM_OLD);

	profile->functional = sim_is(profile, SIM_SHORT_FUNCTIONAL) ? 7 : 9;
	profile->transfer_size = old ? 2048 : 1024;
	if (chip->transfer_size && chip->transfer_size <= SIM_TRANSFER_MAX)
		profile->transfer_size = chip->transfer_size;
	make_strings(profile);
	make_device(profile);
	make_config(profile);
}

/* ---- the layout ---------------------------------------------------------- */

#define RUNS (2 * SIM_GROUPS)

/* Of both banks; one that goes on where the last ends is part of it. */
static size_t list_runs(const struct sim_profile *profile,
			struct sim_run runs[RUNS])
{
	size_t count = 0;

	for (unsigned bank = 0; bank < profile->banks_present; bank++) {
		uint32_t at = profile->data->flash_address +
			      bank * profile->bank_size;

		for (unsigned g = 0; g < SIM_GROUPS; g++) {
			const struct sim_group *group = &profile->groups[g];
			struct sim_run *last = count ? &runs[count - 1] : NULL;

			if (group->count == 0)
				continue;
			if (last && last->size == group->size &&
			    last->address + last->count * last->size == at)
				last->count += group->count;
			else
				runs[count++] =
					(struct sim_run){ at, group->count,
							  group->size };
			at += group->count * group->size;
		}
	}
	return count;
}

/* Pages are told twice as long as they are. */
static size_t list_told(const struct sim_profile *profile, uint32_t flash_kb,
			struct sim_run runs[RUNS])
{
	struct sim_layout_entry entry = { .size = 1024 };
	struct sim_layout layout;

	sim_layout_start(&layout, profile->data->layouts[0]);
	(void)sim_layout_next(&layout, &entry);
	runs[0] = (struct sim_run){ profile->data->flash_address,
				    flash_kb * 1024 / entry.size, entry.size };
	return 1;
}

void sim_profile_name_layout(struct sim_profile *profile, uint32_t flash_kb,
			     uint32_t bank_mode)
{
	const struct s0_chip *chip = profile->data;
	bool as_dumped = flash_kb == sim_profile_largest_kb(chip) &&
			 bank_mode == sim_profile_bank_mode(chip, flash_kb);
	struct sim_run runs[RUNS];
	size_t count;

	profile->layout[0] = '\0';
	if (!chip->layouts || !chip->layouts[0])
		return;
	if (as_dumped || !sim_is(profile, SIM_FOLLOWS)) {
		snprintf(profile->layout, sizeof(profile->layout), "%s",
			 chip->layouts[0]);
		return;
	}
	count = sim_is(profile, SIM_HALF_PAGES)
			? list_told(profile, flash_kb, runs)
			: list_runs(profile, runs);
	sim_layout_write(profile->layout, sizeof(profile->layout),
			 chip->layouts[0], runs, count,
			 profile->read_only
				 ? chip->flash_address + profile->read_only
				 : 0);
}
