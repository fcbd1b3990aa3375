/* SPDX-License-Identifier: MIT */
/* What a plain DFU device is told to be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock_dfu_model.h"

enum { NUMBER, HEX, TEXT };

#define KEY(kind, name)                                                        \
	{                                                                      \
#name, kind, offsetof(struct dfu_keys, name),                  \
			sizeof(((struct dfu_keys *)0)->name)                   \
	}

static const struct {
	const char *name;
	int kind;
	size_t offset, size;
} known[] = {
	KEY(TEXT, file),	KEY(TEXT, serial),     KEY(TEXT, maker),
	KEY(TEXT, product),	KEY(HEX, vid),	       KEY(HEX, pid),
	KEY(HEX, app_pid),	KEY(HEX, bcd),	       KEY(HEX, dfu),
	KEY(NUMBER, xfer),	KEY(NUMBER, alts),     KEY(NUMBER, size),
	KEY(NUMBER, poll_ms),	KEY(NUMBER, busy),     KEY(NUMBER, manifest_ms),
	KEY(NUMBER, detach_ms), KEY(NUMBER, tolerant), KEY(NUMBER, will_detach),
	KEY(NUMBER, upload),	KEY(NUMBER, download), KEY(NUMBER, app),
	KEY(NUMBER, mute),	KEY(NUMBER, length),
};

static bool copy(char *to, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length >= size)
		return false;
	memcpy(to, text, length + 1);
	return true;
}

static bool take_names(struct dfu_keys *keys, const char *value)
{
	char words[DFU_TEXT];
	char *at = words, *next;

	(void)snprintf(words, sizeof(words), "%s", value);
	for (keys->alts = 0; at; at = next) {
		next = strchr(at, '+');
		if (next)
			*next++ = '\0';
		if (keys->alts == DFU_ALTS || !copy(keys->names[keys->alts++],
						    sizeof(keys->names[0]), at))
			return false;
	}
	return true;
}

static bool take_fault(struct dfu_keys *keys, const char *value)
{
	static const char *const kinds[] = { "stall", "silent", "unplug",
					     "short" };
	const char *at = strchr(value, '@');

	for (unsigned i = 0; at && i < 4; i++)
		if (strlen(kinds[i]) == (size_t)(at - value) &&
		    !strncmp(kinds[i], value, (size_t)(at - value)) &&
		    keys->fault_count < DFU_FAULTS) {
			keys->faults[keys->fault_count].kind =
				(enum dfu_fault_kind)i;
			keys->faults[keys->fault_count++].at =
				(unsigned)strtoul(at + 1, NULL, 10);
			return true;
		}
	return false;
}

static bool take(struct dfu_keys *keys, const char *name, const char *value)
{
	if (!strcmp(name, "names"))
		return take_names(keys, value);
	if (!strcmp(name, "fault"))
		return take_fault(keys, value);
	if (!strcmp(name, "error"))
		return sscanf(value, "%u@%u", &keys->error, &keys->error_at) ==
		       2;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		char *to = (char *)keys + known[i].offset;
		char *end = NULL;

		if (strcmp(name, known[i].name) != 0)
			continue;
		if (known[i].kind == TEXT)
			return copy(to, known[i].size, value);
		*(unsigned *)(void *)to = (unsigned)strtoul(
			value, &end, known[i].kind == HEX ? 16 : 0);
		return end != value && *end == '\0' && keys->alts > 0 &&
		       keys->alts <= DFU_ALTS;
	}
	return false;
}

/* pid.codes' numbers for tests; two memories, as an H7's bootloader has. */
static const struct dfu_keys usual = {
	.names = { "Flash", "Configuration" },
	.serial = "0001",
	.maker = "A maker",
	.product = "A product",
	.vid = 0x1209,
	.pid = 0x0002,
	.app_pid = 0x0001,
	.bcd = 0x0123,
	.dfu = 0x0110,
	.xfer = 256,
	.alts = 2,
	.size = 65536,
	.poll_ms = 2,
	.busy = 1,
	.manifest_ms = 5,
	.detach_ms = 1000,
	.tolerant = 1,
	.upload = 1,
	.download = 1,
	.length = 9,
};

/* libmaple's bootloader by what dfu-util lists of real ones; that it has to be
 * reset at the end is why its callers say -R. */
static const struct dfu_keys maple = {
	.names = { "STM32duino bootloader v1.0  ERROR. Upload to RAM not "
		   "supported.",
		   "STM32duino bootloader v1.0  Upload to Flash 0x8005000",
		   "STM32duino bootloader v1.0  Upload to Flash 0x8002000" },
	.serial = "LLM 003",
	.maker = "LeafLabs",
	.product = "Maple 003",
	.vid = 0x1eaf,
	.pid = 0x0003,
	.app_pid = 0x0004,
	.bcd = 0x0200,
	.dfu = 0x011a,
	.xfer = 1024,
	.alts = 3,
	.size = 122880,
	.poll_ms = 2,
	.busy = 1,
	.manifest_ms = 5,
	.detach_ms = 255,
	.upload = 1,
	.download = 1,
	.app = 1,
	.length = 9,
};

bool dfu_keys_parse(const char *kind, struct dfu_keys *ret_keys)
{
	char words[1024];
	char *at, *next, *value;

	*ret_keys = strncmp(kind, "maple", 5) ? usual : maple;
	if (!strncmp(kind, "dfu-runtime", 11))
		ret_keys->app = 1;
	(void)snprintf(words, sizeof(words), "%s", kind + strcspn(kind, ","));
	for (at = words[0] ? words + 1 : NULL; at; at = next) {
		if (!strncmp(at, "becomes=", 8)) /* with its own keys */
			return copy(ret_keys->becomes, DFU_TEXT, at + 8);
		next = strchr(at, ',');
		if (next)
			*next++ = '\0';
		value = strchr(at, '=');
		if (value)
			*value++ = '\0';
		if (!value || !take(ret_keys, at, value)) {
			(void)copy(ret_keys->wrong, DFU_TEXT, at);
			return false;
		}
	}
	return true;
}
