/* SPDX-License-Identifier: MIT */
/* Which device dfu-util's options mean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/os.h"
#include "compat/dfu_suffix.h"
#include "compat/dfu_util.h"

const char *dfu_path(const char *path)
{
	return strncmp(path, "usb:", 4) == 0 ? path + 4 : path;
}

static bool is_any(const char *word)
{
	return word[0] == '\0' || strcmp(word, "*") == 0;
}

/* "VID:PID" up to a comma, either of which may be missing, in hexadecimal; "-"
 * is none: its number is 0, which no device has. */
static bool ids_fit(const char *ids, const struct s0_dfu11_info *info)
{
	size_t length = strcspn(ids, ",");
	char words[32], *colon;

	if (length >= sizeof words)
		return false;
	memcpy(words, ids, length);
	words[length] = '\0';
	colon = strchr(words, ':');
	if (colon)
		*colon++ = '\0';
	if (!is_any(words) && strtoul(words, NULL, 16) != info->vendor)
		return false;
	return !colon || is_any(colon) ||
	       strtoul(colon, NULL, 16) == info->product;
}

static bool word_fits(const char *word, const char *serial)
{
	size_t length = strcspn(word, ",");

	return length == 0 ||
	       (strlen(serial) == length && !memcmp(word, serial, length));
}

/* What may be asked for of both. */
static bool place_fits(const struct dfu_util *dfu,
		       const struct s0_dfu11_info *info)
{
	if (dfu->number >= 0 && dfu->number != info->number)
		return false;
	if (dfu->configuration >= 0 &&
	    dfu->configuration != info->configuration)
		return false;
	if (dfu->interface >= 0 && dfu->interface != info->interface)
		return false;
	return !dfu->path || strcmp(dfu->path, dfu_path(info->path)) == 0;
}

bool dfu_fits_alternate(const struct dfu_util *dfu, uint8_t number,
			const char *name)
{
	char *end;
	unsigned long value;

	if (!dfu->alt)
		return true;
	value = strtoul(dfu->alt, &end, 0);
	return *end == '\0' ? value == number : strcmp(name, dfu->alt) == 0;
}

static unsigned alternates_meant(const struct dfu_util *dfu,
				 const struct s0_dfu11_info *info)
{
	unsigned count = 0;

	for (unsigned i = 0; i < info->alternate_count; i++)
		count += dfu_fits_alternate(dfu, info->alternates[i].number,
					    info->alternates[i].name);
	return count;
}

/* Behind the comma of -d RUN-TIME[,DFU] and -S are those in DFU mode. */
static bool identity_fits(const struct dfu_util *dfu,
			  const struct s0_dfu11_info *info, bool by_first)
{
	const char *comma = dfu->device ? strchr(dfu->device, ',') : NULL;
	const char *serial = dfu->serial ? strchr(dfu->serial, ',') : NULL;

	if (comma && !ids_fit(comma + 1, info))
		return false;
	if (dfu->device && !comma && by_first && !ids_fit(dfu->device, info))
		return false;
	serial = serial ? serial + 1 : dfu->serial;
	return !serial || word_fits(serial, info->serial);
}

/*
 * dfu-util takes any device in DFU mode where -d has no comma, since the IDs
 * before it may be those of the firmware; here they count, unless nothing has
 * them.
 */
bool dfu_fits(const struct dfu_util *dfu, const struct s0_dfu11_info *info,
	      bool by_first)
{
	if (!info->dfu_mode || !place_fits(dfu, info) ||
	    !identity_fits(dfu, info, by_first))
		return false;
	return !info->accessible || alternates_meant(dfu, info) > 0;
}

static bool suffix_fits(const struct dfu_suffix *suffix,
			const struct s0_dfu11_info *info)
{
	return (suffix->vendor == DFU_ANY_ID ||
		suffix->vendor == info->vendor) &&
	       (suffix->product == DFU_ANY_ID ||
		suffix->product == info->product);
}

/* -d ,VID:PID is for devices in DFU mode alone. */
bool dfu_fits_runtime(const struct dfu_util *dfu,
		      const struct s0_dfu11_info *info)
{
	if (info->dfu_mode || !place_fits(dfu, info))
		return false;
	if (dfu->device && (*dfu->device == ',' || !ids_fit(dfu->device, info)))
		return false;
	if (!dfu->device && dfu->suffix && !suffix_fits(dfu->suffix, info))
		return false;
	return !dfu->serial || word_fits(dfu->serial, info->serial);
}

/* It has another number now, and its interfaces have. */
bool dfu_fits_after_detach(const struct dfu_util *dfu,
			   const struct s0_dfu11_info *info)
{
	return identity_fits(dfu, info, false) &&
	       alternates_meant(dfu, info) > 0;
}

enum how { BY_FIRST_IDS, BY_ANY_IDS, RUNTIME };

static size_t count_fitting(const struct dfu_util *dfu,
			    const struct s0_dfu11_info *list, size_t count,
			    enum how how, size_t *ret_which)
{
	size_t fitting = 0;

	for (size_t i = 0; i < count; i++)
		if (how == RUNTIME
			    ? dfu_fits_runtime(dfu, &list[i])
			    : dfu_fits(dfu, &list[i], how == BY_FIRST_IDS)) {
			*ret_which = i;
			fitting++;
		}
	return fitting;
}

/* With -s it is an STM32 that is meant: no camera is sent to DFU mode for that,
 * as long as nothing names it. */
static bool takes_runtime(const struct dfu_util *dfu,
			  const struct s0_dfu11_info *info)
{
	return !dfu->dfuse || dfu->device || dfu->serial || dfu->path ||
	       dfu->number >= 0 || info->vendor == 0x0483 || dfu->strict;
}

/* How many devices are meant; the last of them in *ret_which. */
static size_t count_meant(const struct dfu_util *dfu,
			  const struct s0_dfu11_info *list, size_t count,
			  size_t *ret_which)
{
	size_t fitting = 0;

	for (enum how how = BY_FIRST_IDS; how <= RUNTIME && !fitting; how++)
		fitting = count_fitting(dfu, list, count, how, ret_which);
	if (fitting == 1 && !list[*ret_which].dfu_mode &&
	    !takes_runtime(dfu, &list[*ret_which]))
		return 0;
	return fitting;
}

/* left: a device whose firmware runs, and that nothing named. */
static void tell_none(const struct s0_dfu11_info *left)
{
	dfu_warn("No DFU capable USB device available");
	if (left)
		dfu_warn("%04x:%04x at %s runs its firmware; -d %04x:%04x has "
			 "it put into DFU mode",
			 left->vendor, left->product, dfu_path(left->path),
			 left->vendor, left->product);
}

static bool enough(void *payload, const struct s0_dfu11_info *list,
		   size_t count)
{
	size_t which;

	return count_meant(payload, list, count, &which) > 0;
}

/* Each thing that is waited for is told once. */
static bool waiting(void *payload, const char *what)
{
	struct dfu_util *dfu = payload;

	if (strcmp(dfu->app.waiting, what) != 0) {
		(void)snprintf(dfu->app.waiting, sizeof dfu->app.waiting, "%s",
			       what);
		if (dfu->bar.open)
			puts("");
		dfu_warn("%s", what);
	}
	return !os_stopped();
}

void dfu_set_patience(struct dfu_util *dfu)
{
	struct s0_patience patience = { .appear = dfu->wait,
					.reconnect_ms = S0_RECONNECT_MS,
					.waiting = waiting,
					.payload = dfu };

	s0_context_set_patience(dfu->app.context, &patience);
}

/* A plain device's memories are anything: which is not guessed. */
static bool is_one(const struct dfu_util *dfu, size_t fitting)
{
	const struct s0_dfu11_info *info = &dfu->meant;

	if (fitting > 1 || !info->dfu_mode)
		return fitting == 1;
	return alternates_meant(dfu, info) <= 1 ||
	       ((!dfu->strict || dfu->download) && !dfu_is_plain(dfu, info));
}

/* What was found is not the one device that is meant. */
static int tell_wrong(const struct dfu_util *dfu, size_t fitting,
		      const struct s0_dfu11_info *list, size_t count)
{
	size_t which = 0;

	if (fitting == 0) {
		bool left = count_fitting(dfu, list, count, RUNTIME, &which);

		tell_none(left ? &list[which] : NULL);
		return DFU_IO;
	}
	dfu_warn("More than one DFU capable USB device found! Try `--list' and "
		 "specify the serial number or disconnect all but one device");
	return DFU_IO;
}

int dfu_choose(struct dfu_util *dfu)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_dfu11_info *list = NULL;
	size_t count = 0, which = 0, fitting;
	int status = DFU_OK;

	if (dfu->wait) {
		puts("Waiting for device, exit with ctrl-C");
		(void)fflush(stdout);
		os_catch_signals();
	}
	if (s0_dfu11_find_when(dfu->app.context, enough, dfu, &list, &count,
			       &err) != S0_OK) {
		if (err.code == S0_E_NO_USB)
			tell_none(NULL);
		return dfu_failed(dfu, &err);
	}
	fitting = count_meant(dfu, list, count, &which);
	if (fitting == 1)
		dfu->meant = list[which];
	if (!fitting || !is_one(dfu, fitting))
		status = tell_wrong(dfu, fitting, list, count);
	s0_dfu11_free_list(list);
	return status;
}
