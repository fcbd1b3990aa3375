/* SPDX-License-Identifier: MIT */
/* What a selector means, and which board of several that is. */
#include "device/choose.h"

#include <stdio.h>
#include <string.h>

#include <sector0/chips.h>

#include "base/error.h"
#include "base/text.h"

#define VENDOR_ST 0x0483

bool choose_knows(const struct s0_context *context,
		  const struct usb_found *found)
{
	const struct s0_chip *chip;

	for (size_t i = 0; (chip = s0_context_chip_at(context, i)); i++)
		if (chip->vendor == found->vendor &&
		    chip->product == found->product)
			return true;
	return found->vendor == VENDOR_ST;
}

s0_code choose_parse(const struct s0_context *context, const char *selector,
		     struct wanted *wanted, struct s0_error *err)
{
	unsigned vendor, product;
	int used = 0;

	*wanted = (struct wanted){ .vendor = -1,
				   .product = -1,
				   .context = context };
	if (!selector || !selector[0])
		return S0_OK;
	if (!strncmp(selector, "serial:", 7) && selector[7]) {
		wanted->serial = selector + 7;
		return S0_OK;
	}
	if (sscanf(selector, "usb:%4x:%4x%n", &vendor, &product, &used) == 2 &&
	    !selector[used]) {
		wanted->vendor = (int)vendor;
		wanted->product = (int)product;
		return S0_OK;
	}
	if (!strncmp(selector, "usb:", 4) && strchr(selector, '-')) {
		wanted->path = selector;
		return S0_OK;
	}
	return error_set(err, S0_E_USAGE,
			 "'%s' names no device: expected usb:BUS-PORT, "
			 "usb:VENDOR:PRODUCT, serial:NUMBER or sim:PROFILE",
			 selector);
}

static bool matches(const struct wanted *wanted, const struct usb_found *found)
{
	if (wanted->path)
		return !strcmp(found->path, wanted->path);
	if (wanted->serial)
		return !strcmp(found->serial, wanted->serial);
	if (wanted->vendor >= 0)
		return found->vendor == wanted->vendor &&
		       found->product == wanted->product;
	return choose_knows(wanted->context, found);
}

static void add_list(struct text *text, const struct wanted *wanted,
		     const struct usb_found *list, size_t count,
		     enum usb_found_kind kind)
{
	const char *comma = "";

	for (size_t i = 0; i < count; i++) {
		if (list[i].kind != kind || !matches(wanted, &list[i]))
			continue;
		text_add(text, "%s%s", comma, list[i].path);
		if (list[i].product_name[0])
			text_add(text, " %s", list[i].product_name);
		comma = ", ";
	}
}

static size_t tally(const struct wanted *wanted, const struct usb_found *list,
		    size_t count, enum usb_found_kind kind)
{
	size_t fit = 0;

	for (size_t i = 0; i < count; i++)
		fit += list[i].kind == kind && matches(wanted, &list[i]);
	return fit;
}

static s0_code none_found(const struct wanted *wanted, const char *selector,
			  const struct usb_found *list, size_t count,
			  struct s0_error *err)
{
	size_t other = tally(wanted, list, count, USB_RUNTIME);
	bool named = selector && selector[0];
	struct text text = { 0 };
	s0_code code;

	if (named)
		text_add(&text, "no device in DFU mode is '%s'", selector);
	else
		text_add(&text, "no device in DFU mode");
	if (other) {
		text_add(&text, "; %zu device%s could be put there (", other,
			 other == 1 ? "" : "s");
		add_list(&text, wanted, list, count, USB_RUNTIME);
		text_add(&text, ")");
		error_add_cause(err, S0_CAUSE_NOT_DFU);
	}
	for (size_t i = 0; named && i < count; i++)
		if (list[i].kind == USB_DFU_MODE)
			error_add_cause(err, S0_CAUSE_OTHER_DEVICE);
	code = error_set(err, S0_E_NO_DEVICE, "%s", text_chars(&text));
	text_free(&text);
	return code;
}

static s0_code several_found(const struct wanted *wanted,
			     const struct usb_found *list, size_t count,
			     size_t fit, struct s0_error *err)
{
	struct text text = { 0 };
	s0_code code;

	if (wanted->serial)
		error_add_cause(err, S0_CAUSE_SAME_SERIAL);
	add_list(&text, wanted, list, count, USB_DFU_MODE);
	code = error_set(err, S0_E_SEVERAL,
			 wanted->serial ? "%zu devices share the serial "
					  "number: %s"
					: "%zu devices are in DFU mode: %s",
			 fit, text_chars(&text));
	text_free(&text);
	return code;
}

s0_code choose_found(const struct wanted *wanted, const char *selector,
		     const struct usb_found *list, size_t count,
		     const struct usb_found **ret_found, struct s0_error *err)
{
	size_t fit = tally(wanted, list, count, USB_DFU_MODE);

	if (fit == 0)
		return none_found(wanted, selector, list, count, err);
	if (fit > 1)
		return several_found(wanted, list, count, fit, err);
	for (size_t i = 0; i < count; i++)
		if (list[i].kind == USB_DFU_MODE && matches(wanted, &list[i]))
			*ret_found = &list[i];
	return S0_OK;
}
