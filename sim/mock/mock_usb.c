/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "mock_private.h"

#define PRELOAD	 "libumockdev-preload.so.0"
#define ROOT_HUB "/devices/pci0000:00/0000:00:14.0/usb1"

void mock_usb_enter(char **argv)
{
	const char *preload = getenv("LD_PRELOAD");
	const char *asan = getenv("ASAN_OPTIONS");
	char *options, *libraries;

	if (preload && strstr(preload, "umockdev"))
		return;
	libraries = g_strdup_printf(PRELOAD "%s%s", preload ? ":" : "",
				    preload ? preload : "");
	setenv("LD_PRELOAD", libraries, 1);
	g_free(libraries);
	/* The preload comes before the sanitizer's library, which it minds. */
	options = g_strdup_printf("%s%sverify_asan_link_order=0",
				  asan ? asan : "", asan ? ":" : "");
	setenv("ASAN_OPTIONS", options, 1);
	g_free(options);
	execv("/proc/self/exe", argv);
	perror("mock_usb: cannot start under " PRELOAD);
	exit(125);
}

/* A process of its own that removes the mock files when this one ends, however
 * it ends: umockdev does it only when it is asked to. */
static void start_guard(struct mock_usb *usb)
{
	char *root = umockdev_testbed_get_root_dir(usb->testbed);
	char script[] = "trap '' INT TERM HUP; read x; rm -rf \"$0\"";
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, script, root, NULL };
	char *envp[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int pipe_fds[2];

	g_assert(pipe(pipe_fds) == 0);
	fcntl(pipe_fds[1], F_SETFD, FD_CLOEXEC);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, pipe_fds[0], 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	g_assert(posix_spawn(&usb->guard_pid, "/bin/sh", &files, &attr, argv,
			     envp) == 0);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	close(pipe_fds[0]);
	usb->guard = pipe_fds[1];
	g_free(root);
}

static void add(struct mock_usb *usb, const char *description)
{
	GError *error = NULL;

	umockdev_testbed_add_from_string(usb->testbed, description, &error);
	if (error)
		g_error("mock_usb: %s", error->message);
}

static char *hex(const uint8_t *bytes, size_t length)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < length; i++)
		g_string_append_printf(text, "%02X", bytes[i]);
	return g_string_free(text, FALSE);
}

/* /devices/…/usb1/1-4/1-4.2 for port "4.2" */
static char *sysfs_path(const char *port)
{
	GString *path = g_string_new(ROOT_HUB);

	for (const char *dot = port; dot; dot = strchr(dot + 1, '.')) {
		const char *end = strchr(dot + 1, '.');
		int length = end ? (int)(end - port) : (int)strlen(port);

		g_string_append_printf(path, "/1-%.*s", length, port);
	}
	return g_string_free(path, FALSE);
}

/* What the kernel shows of a device in sysfs. */
static void add_device(struct mock_usb *usb, const char *path, unsigned devnum,
		       const uint8_t *descriptors, size_t length)
{
	char *bytes = hex(descriptors, length);
	char *text = g_strdup_printf(
		"P: %s\nN: bus/usb/001/%03u\nE: DEVNAME=/dev/bus/usb/001/%03u\n"
		"E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: BUSNUM=001\n"
		"E: DEVNUM=%03u\nA: busnum=1\\n\nA: devnum=%u\\n\n"
		"A: speed=12\\n\nA: bConfigurationValue=%u\\n\n"
		"A: idVendor=%04x\\n\nA: idProduct=%04x\\n\n"
		"H: descriptors=%s\n",
		path, devnum, devnum, devnum, devnum, descriptors[18 + 5],
		get_le16(descriptors + 8), get_le16(descriptors + 10), bytes);

	add(usb, text);
	g_free(text);
	g_free(bytes);
}

static void add_hub(struct mock_usb *usb, const char *path, uint16_t vendor)
{
	uint8_t bytes[] = { 18, 1, 0,	 2, 9, 0, 1, 64,   0, 0,
			    2,	0, 1,	 5, 0, 0, 0, 1, /* configuration: */
			    9,	2, 25,	 0, 1, 1, 0, 0xe0, 0, /* … */
			    9,	4, 0,	 0, 1, 9, 0, 0,	   0, /* … */
			    7,	5, 0x81, 3, 4, 0, 12 };

	put_le16(bytes + 8, vendor);
	add_device(usb, path, ++usb->devnum, bytes, sizeof(bytes));
}

struct mock_usb *mock_usb_new(bool with_bus)
{
	struct mock_usb *usb = g_new0(struct mock_usb, 1);

	g_mutex_init(&usb->lock);
	usb->testbed = umockdev_testbed_new();
	start_guard(usb);
	if (with_bus)
		add_hub(usb, ROOT_HUB, 0x1d6b);
	return usb;
}

void mock_usb_plug_hub(struct mock_usb *usb, const char *port)
{
	char *path = sysfs_path(port);

	add_hub(usb, path, 0x05e3);
	g_free(path);
}

static void device_free(struct mock_device *device)
{
	mock_usbfs_clear(device);
	if (device->handler)
		g_object_unref(device->handler);
	g_free(device->syspath);
	g_free(device);
}

void mock_usb_free(struct mock_usb *usb)
{
	for (unsigned i = 0; i < usb->device_count; i++)
		mock_usb_unplug(usb->devices[i]);
	g_object_unref(usb->testbed);
	for (unsigned i = 0; i < usb->device_count; i++)
		device_free(usb->devices[i]);
	close(usb->guard);
	waitpid(usb->guard_pid, NULL, 0);
	g_mutex_clear(&usb->lock);
	g_free(usb);
}

#define ENUMERATION_TRIES 12u

/* The system configures a device that it has found. */
static void set_configuration(struct mock_device *device, uint8_t value)
{
	struct s0_sim_setup setup = { 0x00, 9, value, 0, 0 };
	struct s0_sim_reply reply = { .handshake = S0_SIM_ACK };
	uint8_t none[1];

	device->answers.control(device->answers.user, &setup, none, &reply);
}

/* The kernel asks three times, and enumerates a device several times over. 0:
 * it has not got one. */
static uint16_t get_descriptor(struct mock_device *device, uint8_t type,
			       uint8_t *bytes, uint16_t size, uint16_t least)
{
	struct s0_sim_setup setup = { 0x80, 6, (uint16_t)(type << 8), 0, size };

	for (unsigned i = 0; i < ENUMERATION_TRIES; i++) {
		struct s0_sim_reply reply = { .handshake = S0_SIM_ACK };

		device->answers.control(device->answers.user, &setup, bytes,
					&reply);
		if (reply.handshake == S0_SIM_ACK && reply.length >= least)
			return reply.length;
	}
	return 0;
}

/* Give the node the rights it is to have, or take it away. */
static void set_node(struct mock_device *device, bool wanted)
{
	char *root = umockdev_testbed_get_root_dir(device->usb->testbed);
	char *path = g_strconcat(root, device->node, NULL);

	if (wanted)
		chmod(path, device->answers.no_rights ? 0 : 0666);
	else
		unlink(path);
	g_free(path);
	g_free(root);
}

static void attach(struct mock_device *device)
{
	struct mock_usb *usb = device->usb;
	uint8_t bytes[18 + 1024];
	char *path;
	uint16_t length = get_descriptor(device, 1, bytes, 18, 18);

	if (length > 0)
		length = get_descriptor(device, 2, bytes + 18, 1024, 9);
	/* Too bad a link (link=): then nobody gets to see it. */
	if (length == 0)
		return;
	set_configuration(device, bytes[18 + 5]);
	usb->devnum++;
	g_snprintf(device->node, sizeof(device->node), "/dev/bus/usb/001/%03u",
		   usb->devnum);
	device->syspath = sysfs_path(device->port);
	device->attached = true;
	/* Who looks at the bus all the time finds what answers in place. */
	mock_usbfs_attach(device);
	add_device(usb, device->syspath, usb->devnum, bytes,
		   (size_t)18 + length);
	set_node(device, !device->answers.no_node);
	path = g_strconcat("/sys", device->syspath, NULL);
	umockdev_testbed_uevent(usb->testbed, path, "add");
	g_free(path);
}

struct mock_device *mock_usb_plug(struct mock_usb *usb, const char *port,
				  const struct mock_answers *answers)
{
	struct mock_device *device = g_new0(struct mock_device, 1);

	g_assert(usb->device_count < MOCK_DEVICES);
	device->usb = usb;
	device->answers = *answers;
	g_strlcpy(device->port, port, sizeof(device->port));
	usb->devices[usb->device_count++] = device;
	attach(device);
	return device;
}

void mock_usb_unplug(struct mock_device *device)
{
	char *path;

	if (!device->syspath)
		return;
	g_mutex_lock(&device->usb->lock);
	device->attached = false;
	g_mutex_unlock(&device->usb->lock);
	set_node(device, false);
	path = g_strconcat("/sys", device->syspath, NULL);
	umockdev_testbed_uevent(device->usb->testbed, path, "remove");
	umockdev_testbed_remove_device(device->usb->testbed, path);
	g_free(path);
	umockdev_testbed_detach_ioctl(device->usb->testbed, device->node, NULL);
	g_free(device->syspath);
	device->syspath = NULL;
}

void mock_usb_replug(struct mock_device *device)
{
	if (device->syspath)
		return;
	g_mutex_lock(&device->usb->lock);
	mock_usbfs_clear(device);
	g_mutex_unlock(&device->usb->lock);
	g_clear_object(&device->handler);
	attach(device);
}

bool mock_usb_attached(const struct mock_device *device)
{
	return device->attached;
}

void mock_usb_set_busy(struct mock_device *device, bool busy)
{
	g_mutex_lock(&device->usb->lock);
	device->answers.busy = busy;
	g_mutex_unlock(&device->usb->lock);
}
