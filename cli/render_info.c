/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "option.h"
#include "render.h"
#include "text.h"

static void label(const char *word)
{
	printf("%-18s ", word);
}

/* A line whose text the device chose. */
static void told(const char *word, const char *text, const char *remark)
{
	label(word);
	text_print(stdout, text[0] != '\0' ? text : "not told");
	printf("%s\n", remark);
}

static void render_usb(const struct s0_device_info *info)
{
	told("device", info->path, info->virtual_device ? " (virtual)" : "");
	told("USB speed", info->speed, "");
	label("USB ID");
	printf("%04x:%04x, release %x.%02x\n", info->vendor, info->product,
	       info->bcd_device >> 8, info->bcd_device & 0xffu);
	told("manufacturer", info->manufacturer, "");
	told("product", info->name, "");
	told("serial", info->serial,
	     info->serial_shared ? " (many boards have this one; choose by "
				   "USB path)"
				 : "");
	label("DFU version");
	printf("%x.%02x\n", info->dfu_version >> 8, info->dfu_version & 0xffu);
	label("transfer size");
	printf("%u bytes\n", (unsigned)info->transfer_size);
}

static void render_rom(const struct s0_device_info *info)
{
	const struct s0_rom *rom = info->rom && info->chip
					   ? s0_chip_rom(info->chip, info->rom)
					   : NULL;

	label("bootloader");
	if (info->rom == 0)
		printf("not told\n");
	else
		printf("0x%02x%s%s\n", info->rom, rom ? ", " : "",
		       rom ? rom->name : "");
	if (rom && rom->limits[0] != '\0') {
		label("known limits");
		printf("%s\n", rom->limits);
	}
}

static void render_sureness(const struct s0_device_info *info)
{
	if (info->sureness == S0_SURENESS_NONE)
		return;
	label("identified");
	if (info->chip && info->sureness == S0_SURENESS_TOLD)
		printf("%s, by --chip\n", info->chip->name);
	else if (info->chip)
		printf("%s by %s: %s\n", info->chip->name, info->identified_by,
		       s0_sureness_name(info->sureness));
	for (size_t i = 0; i < info->candidate_count; i++)
		printf("%s%s", info->candidates[i]->name,
		       i + 2 < info->candidate_count   ? ", "
		       : i + 1 < info->candidate_count ? " or "
						       : "");
	if (info->candidate_count)
		printf(" by %s: --chip says which\n", info->identified_by);
}

static void render_remarks(const struct s0_device_info *info)
{
	for (unsigned i = 0; i < info->remark_count; i++)
		told(s0_remark_name(info->remarks[i].kind),
		     info->remarks[i].text, "");
}

static void render_chip(const struct s0_device_info *info)
{
	label("device ID");
	if (info->chip)
		printf("0x%03x, %s\n", info->chip->device_id,
		       info->chip->title);
	else if (info->candidate_count)
		printf("not known\n");
	else
		printf("the memory layout matches no chip known\n");
	render_sureness(info);
	render_remarks(info);
	render_rom(info);
	told("unique ID", info->uid, "");
	label("flash size");
	if (info->flash_kib > 0)
		printf("%u KiB\n", info->flash_kib);
	else
		printf("not told\n");
}

static void render_rdp(const struct s0_device_info *info)
{
	int level = info->rdp;

	label("read protection");
	if (level == 0)
		printf("off (RDP level 0)\n");
	else if (info->rdp_by_refusal)
		printf("on (RDP level 1), by what it refuses\n");
	else if (level == 1)
		printf("on (RDP level 1): memory cannot be read or written\n");
	else if (level == 2)
		printf("on for ever (RDP level 2)\n");
	else
		printf("not told\n");
}

/* The write-protected sectors of a bank (0: of the only one) as "0-3,5". */
struct listing {
	unsigned bank, sectors, closed;
	char text[128];
	unsigned from, to; /* the run that is not in the text yet */
};

static void end_run(struct listing *list)
{
	size_t used = strlen(list->text);

	if (list->from == list->to)
		return;
	(void)snprintf(list->text + used, sizeof list->text - used,
		       list->to - list->from > 1 ? "%s%u-%u" : "%s%u",
		       used ? "," : "", list->from, list->to - 1);
	list->from = list->to;
}

static void list_sector(struct listing *list,
			const struct s0_sector_protection *sector)
{
	list->sectors++;
	if (!sector->write_protected)
		return;
	list->closed++;
	if (sector->number != list->to) {
		end_run(list);
		list->from = sector->number;
	}
	list->to = sector->number + 1;
}

/* Of the bank; false where there is none. */
static bool list_bank(const struct s0_device *device, unsigned bank,
		      struct listing *list)
{
	const struct s0_device_info *info = s0_device_info(device);
	const struct s0_map *map = s0_device_map(device);
	struct s0_sector_protection sector;

	*list = (struct listing){ .bank = bank };
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);

		for (uint32_t at = 0;
		     area->kind == S0_AREA_FLASH && at < area->length;
		     at += area->sector_size)
			if (s0_option_sector(info->chip, map, info->options,
					     info->option_length,
					     area->address + at, &sector) &&
			    sector.bank == bank)
				list_sector(list, &sector);
	}
	end_run(list);
	return list->sectors > 0;
}

/* What goes before a bank's value, where there are several. */
static void print_bank(unsigned bank)
{
	if (bank)
		printf("bank %u: ", bank);
}

static bool has_group(const struct s0_device_info *info, s0_option_group group)
{
	for (size_t i = 0; info->chip && i < info->chip->option_count; i++)
		if (info->chip->options[i].group == group &&
		    info->chip->options[i].program + 4u <= info->option_length)
			return true;
	return false;
}

static void render_write_protection(const struct s0_device *device)
{
	const struct s0_device_info *info = s0_device_info(device);
	bool any = false;

	for (unsigned bank = 0;
	     has_group(info, S0_OPTION_WRITE_PROTECTION) && bank <= 2; bank++) {
		struct listing list;

		if (!list_bank(device, bank, &list))
			continue;
		label(any ? "" : "write protection");
		any = true;
		print_bank(bank);
		if (!list.closed)
			printf("none\n");
		else if (list.closed == list.sectors)
			printf("sectors all\n");
		else
			printf("sector%s %s\n", list.closed > 1 ? "s" : "",
			       list.text);
	}
	if (!any)
		told("write protection", "", "");
}

/* Areas of a group, where the chip can have such areas. */
static void render_areas(const struct s0_device *device, const char *word,
			 s0_option_group group)
{
	const struct s0_device_info *info = s0_device_info(device);
	uint32_t address, length;
	char size[32];
	bool any = false;

	if (!has_group(info, group) ||
	    !s0_option_at(info->chip, group, S0_OPTION_AREA_START, 1))
		return;
	for (unsigned bank = 1; bank <= 2; bank++) {
		if (!s0_option_area(info->chip, s0_device_map(device),
				    info->options, info->option_length, false,
				    group, bank, &address, &length))
			continue;
		label(any ? "" : word);
		any = true;
		print_bank(info->chip->banks == S0_BANKS_ONE ? 0 : bank);
		text_size(size, sizeof size, length);
		printf("%s at 0x%08x\n", size, (unsigned)address);
	}
	if (!any)
		told(word, "none", "");
}

/* Words whose complement says something else. */
static void render_misfits(const struct s0_device_info *info)
{
	const struct s0_chip *chip = info->chip;
	bool any = false;

	for (size_t i = 0; chip && i < chip->option_word_count; i++) {
		const struct s0_option_word *word = &chip->option_words[i];

		if (s0_option_word_fits(word, info->options,
					info->option_length))
			continue;
		label(any ? "" : "option bytes");
		any = true;
		printf("inconsistent: the complement of %s (0x%08x) says "
		       "something else\n",
		       word->name,
		       (unsigned)s0_option_address(chip, word->program));
	}
}

static void render_field(const struct s0_device_info *info, const char *word,
			 const struct s0_option_field *field)
{
	struct option_view view;
	bool number;

	if (!field || !option_look(info, field, &view))
		return;
	number = view.text[0] >= '0' && view.text[0] <= '9';
	label(word);
	printf("%s%s%s%s\n", number ? "" : view.text, number ? "" : ": ",
	       view.meaning,
	       view.programmed == view.current
		       ? ""
		       : " (another value is programmed, for the next reset)");
}

/* What matters for programming, by what fields do and not by their names. */
static void render_protections(const struct s0_device *device)
{
	const struct s0_device_info *info = s0_device_info(device);
	static const struct {
		s0_option_role role;
		const char *word;
	} rows[] = {
		{ S0_OPTION_SWAP_BANKS, "bank swap" },
		{ S0_OPTION_BOOT_LOW, "BOOT pin low" },
		{ S0_OPTION_BOOT_HIGH, "BOOT pin high" },
		{ S0_OPTION_WATCHDOG, "watchdog" },
	};

	render_rdp(info);
	render_write_protection(device);
	render_areas(device, "PCROP area", S0_OPTION_PCROP);
	render_areas(device, "secure area", S0_OPTION_SECURE_AREA);
	render_misfits(info);
	if (!info->chip)
		return;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		render_field(info, rows[i].word,
			     s0_option_with(info->chip, rows[i].role, NULL));
	render_field(info, "brown-out reset",
		     s0_option_at(info->chip, S0_OPTION_BROWN_OUT,
				  S0_OPTION_CHOICE, 0));
}

static void render_map(const struct s0_map *map)
{
	printf("\nmemory\n");
	for (size_t i = 0; i < s0_map_area_count(map); i++) {
		const struct s0_area *area = s0_map_area(map, i);
		char size[32], sector[32];

		text_size(size, sizeof size, area->length);
		text_size(sector, sizeof sector, area->sector_size);
		printf("  0x%08x  %-12s  %c%c%c  ", (unsigned)area->address,
		       size, area->can & S0_CAN_READ ? 'r' : '-',
		       area->can & S0_CAN_ERASE ? 'e' : '-',
		       area->can & S0_CAN_WRITE ? 'w' : '-');
		text_print(stdout, area->name);
		if (area->can & S0_CAN_ERASE && area->sector_size > 0)
			printf(", %u sector%s of %s",
			       (unsigned)(area->length / area->sector_size),
			       area->length == area->sector_size ? "" : "s",
			       sector);
		if (area->kind == S0_AREA_ROM_RAM)
			printf(" (the bootloader's own)");
		putchar('\n');
	}
}

static void render_window(const struct s0_device_info *info)
{
	struct s0_option_window window;

	if (info->option_length == 0)
		return;
	printf("\noption bytes\n");
	for (size_t i = 0; s0_option_window(info->chip, i, &window); i++)
		if (window.at + window.length <= info->option_length)
			render_dump(window.address, info->options + window.at,
				    window.length);
}

void render_info(const struct s0_device *device)
{
	const struct s0_device_info *info = s0_device_info(device);

	render_usb(info);
	render_chip(info);
	render_protections(device);
	render_map(s0_device_map(device));
	render_window(info);
}
