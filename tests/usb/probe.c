/* SPDX-License-Identifier: MIT */
/* Says what the libusb link finds, one line a board; for test_mock_run.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "link/libusb/usb_discover.h"

static s0_code show(struct usb_host *host, const struct usb_found *found)
{
	struct s0_error err = S0_ERROR_INIT;
	struct usb_link *link = NULL;
	char memory[64] = "";
	s0_code code = usb_open(host, found, 0, &link, &err);

	if (!code) {
		usb_link_string(link, 6, memory, sizeof(memory));
		link->ops->close(link);
	}
	printf("%s %04x:%04x %s '%s' %s\n", found->path, found->vendor,
	       found->product, found->serial, found->product_name,
	       code ? err.message : memory);
	return code;
}

int main(int argc, char **argv)
{
	struct s0_error err = S0_ERROR_INIT;
	struct usb_found *list = NULL;
	struct usb_host *host = NULL;
	size_t count = 0;
	s0_code code = usb_host_new(&host, &err);

	if (!code)
		code = usb_list(host, &list, &count, &err);
	if (code)
		printf("%s\n", err.message);
	for (size_t i = 0; i < count; i++)
		code = show(host, &list[i]);
	free(list);
	usb_host_free(host);
	/* "wait": say so and stay, to be killed */
	if (argc > 1 && !strcmp(argv[1], "wait")) {
		fflush(stdout);
		(void)getchar();
	}
	return (int)code;
}
