/* SPDX-License-Identifier: MIT */
#include "link/os/usb_node.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "link/os/holder.h"

#define DEVICES "/sys/bus/usb/devices"

/* The number in a file of the device's folder; -1 if there is none. */
static int number(const char *port, const char *name)
{
	char path[160];
	int value = -1;
	FILE *file;

	(void)snprintf(path, sizeof path, DEVICES "/%.60s/%s", port, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	(void)fclose(file);
	return value;
}

static bool read_link(const char *path, char *target, size_t size)
{
	ssize_t length = readlink(path, target, size - 1);

	if (length < 0)
		return false;
	target[length] = '\0';
	return true;
}

/* The driver of the first interface that has one. usbfs is a program. */
static void find_driver(const char *port, struct usb_node *node)
{
	DIR *folder = opendir(DEVICES);
	size_t length = strlen(port);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char path[400], target[256];

		if (strncmp(entry->d_name, port, length) != 0 ||
		    entry->d_name[length] != ':')
			continue;
		(void)snprintf(path, sizeof path, DEVICES "/%s/driver",
			       entry->d_name);
		if (!read_link(path, target, sizeof target))
			continue;
		(void)snprintf(node->driver, sizeof node->driver, "%.60s",
			       strrchr(target, '/') ? strrchr(target, '/') + 1
						    : target);
		break;
	}
	if (folder)
		(void)closedir(folder);
}

void usb_node_look(const char *path, struct usb_node *ret_node)
{
	const char *port = strncmp(path, "usb:", 4) ? path : path + 4;
	struct usb_node node = { .missing = false };
	int bus = number(port, "busnum"), device = number(port, "devnum");

	if (bus > 0 && device > 0) {
		(void)snprintf(node.node, sizeof node.node,
			       "/dev/bus/usb/%03d/%03d", bus, device);
		node.missing = access(node.node, F_OK) != 0;
		find_driver(port, &node);
		if (!node.missing)
			holder_find(node.node, false, node.holder);
	}
	*ret_node = node;
}

bool usb_node_udev(const char *rule, bool *ret_there)
{
	static const char *const folders[] = { "/etc/udev/rules.d",
					       "/run/udev/rules.d",
					       "/usr/local/lib/udev/rules.d",
					       "/usr/lib/udev/rules.d",
					       "/lib/udev/rules.d" };
	bool any = false;

	*ret_there = false;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		char path[160];

		any = any || access(folders[i], F_OK) == 0;
		(void)snprintf(path, sizeof path, "%s/%s", folders[i], rule);
		*ret_there = *ret_there || access(path, F_OK) == 0;
	}
	return any;
}
