/* SPDX-License-Identifier: MIT */
#include <string.h>

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

static void render_chip(const struct s0_device_info *info)
{
	label("device ID");
	if (info->chip)
		printf("0x%03x, %s\n", info->chip->device_id,
		       info->chip->title);
	else
		printf("the memory layout matches no chip known\n");
	render_rom(info);
	told("unique ID", info->uid, "");
	label("flash size");
	if (info->flash_kib > 0)
		printf("%u KiB\n", info->flash_kib);
	else
		printf("not told\n");
}

static void render_rdp(int level)
{
	label("read protection");
	if (level == 0)
		printf("off (RDP level 0)\n");
	else if (level == 1)
		printf("on (RDP level 1): memory cannot be read or written\n");
	else if (level == 2)
		printf("on for ever (RDP level 2)\n");
	else
		printf("not told\n");
}

/* WRPSn fields have one bit a sector, 0 is protected (RM0399, FLASH_WPSN). */
static void render_write_protection(const struct s0_device *device)
{
	const struct s0_chip *chip = s0_device_info(device)->chip;
	bool told_any = false;

	for (size_t i = 0; chip && i < chip->option_count; i++) {
		const struct s0_option_field *field = &chip->options[i];
		uint32_t value;

		if (strncmp(field->name, "WRPSn", 5) != 0 ||
		    !s0_device_option(device, field->name, &value))
			continue;
		label(told_any ? "" : "write protection");
		told_any = true;
		printf("bank %s:", field->name + 5);
		for (unsigned bit = 0; bit < field->width; bit++)
			if (!(value >> bit & 1u))
				printf(" sector %u", bit);
		printf("%s\n",
		       value == (1u << field->width) - 1 ? " none" : "");
	}
	if (!told_any)
		told("write protection", "", "");
}

static void render_swap(const struct s0_device *device)
{
	uint32_t swapped;

	if (!s0_device_option(device, "SWAP_BANK_OPT", &swapped))
		return;
	label("bank swap");
	printf("%s\n", swapped ? "on: bank 2 comes first" : "off");
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

static void render_options(const struct s0_device_info *info)
{
	if (info->option_length == 0)
		return;
	printf("\noption bytes\n");
	render_dump(info->chip ? info->chip->option_address : 0, info->options,
		    info->option_length);
}

void render_info(const struct s0_device *device)
{
	const struct s0_device_info *info = s0_device_info(device);

	render_usb(info);
	render_chip(info);
	render_rdp(info->rdp);
	render_write_protection(device);
	render_swap(device);
	render_map(s0_device_map(device));
	render_options(info);
}
