/* SPDX-License-Identifier: MIT */
/* The virtual host controller of Linux (drivers/usb/usbip/vhci_sysfs.c), and
 * options of its sockets. */
#include "sim/serve/host.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

#define VHCI "/sys/devices/platform/vhci_hcd.0"

#define SPEED_FULL 2u /* enum usb_device_speed */
#define PORT_FREE  4u /* enum usbip_device_status, VDEV_ST_NULL */
#define PORTS	   128u

/* Controllers that a kernel may have: status, status.1, … */
#define CONTROLLERS 128u

static s0_code complain(struct s0_error *err, const char *path, int number)
{
	char why[128];

	if (number == ENOENT || number == ENOTDIR)
		return error_set(err, S0_E_NO_USB,
				 "this kernel has no virtual USB host "
				 "controller: its module vhci-hcd is not "
				 "loaded");
	if (strerror_r(number, why, sizeof(why)) != 0)
		why[0] = '\0';
	return error_set(err,
			 number == EACCES || number == EPERM ? S0_E_ACCESS
							     : S0_E_UNSUPPORTED,
			 "cannot use '%.100s': %s", path, why);
}

static s0_code open_attach(const char *vhci, int *ret_fd, struct s0_error *err)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/attach", vhci);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return complain(err, path, errno);
	*ret_fd = fd;
	return S0_OK;
}

s0_code host_can_attach(struct s0_error *err)
{
	int fd = -1;
	s0_code code = open_attach(VHCI, &fd, err);

	if (code == S0_OK)
		(void)close(fd);
	return code;
}

/* "hs  0000 004 …" since 4.13, "0000 004 …" before. The ports of SuperSpeed
 * hubs ("ss") take no full-speed device. */
static bool is_free(const char *line, unsigned *ret_port)
{
	unsigned status;
	const char *numbers = line;

	if (strncmp(line, "hs", 2) == 0)
		numbers += 2;
	return sscanf(numbers, "%u %u", ret_port, &status) == 2 &&
	       status == PORT_FREE;
}

/* Free ports of one controller; false if there is no such controller. */
static bool add_free(const char *vhci, unsigned controller, unsigned *ports,
		     size_t *count)
{
	char path[256], line[256];
	FILE *file;

	if (controller == 0)
		snprintf(path, sizeof(path), "%s/status", vhci);
	else
		snprintf(path, sizeof(path), "%s/status.%u", vhci, controller);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (*count < PORTS && fgets(line, sizeof(line), file))
		*count += is_free(line, &ports[*count]);
	(void)fclose(file);
	return true;
}

static bool hand_over(int attach, unsigned port, int fd, uint32_t device_id)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "%u %d %u %u", port, fd,
			      (unsigned)device_id, SPEED_FULL);

	return write(attach, text, (size_t)length) == length;
}

s0_code host_attach_at(const char *vhci, int fd, uint32_t device_id,
		       unsigned *ret_port, struct s0_error *err)
{
	unsigned ports[PORTS], controller = 0;
	size_t count = 0;
	int attach = -1, number = EBUSY;
	s0_code code = open_attach(vhci, &attach, err);

	if (code)
		return code;
	while (controller < CONTROLLERS &&
	       add_free(vhci, controller, ports, &count))
		controller++;
	code = error_set(NULL, S0_E_BUSY, "none");
	/* Another program may be faster: then the next port is tried. */
	for (size_t i = 0; code && i < count; i++) {
		if (hand_over(attach, ports[i], fd, device_id)) {
			*ret_port = ports[i];
			code = S0_OK;
		} else {
			number = errno;
		}
	}
	(void)close(attach);
	if (code && number != EBUSY && number != EINVAL)
		return complain(err, vhci, number);
	if (code)
		return error_set(err, code,
				 "all ports of this kernel's virtual USB host "
				 "controller are in use");
	return S0_OK;
}

s0_code host_attach(int fd, uint32_t device_id, unsigned *ret_port,
		    struct s0_error *err)
{
	return host_attach_at(VHCI, fd, device_id, ret_port, err);
}

/* Nothing came for 10 s: asked three times, 5 s apart. What was sent and not
 * acknowledged is not asked about; that has a limit of its own. */
void host_notice_loss(int fd)
{
	static const struct {
		int option, value;
	} rows[] = { { TCP_KEEPIDLE, 10 },
		     { TCP_KEEPINTVL, 5 },
		     { TCP_KEEPCNT, 3 },
		     { TCP_USER_TIMEOUT, 25000 } };

	/* Of no use on a local socket, and no harm. */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		(void)setsockopt(fd, IPPROTO_TCP, rows[i].option,
				 &rows[i].value, sizeof(rows[i].value));
}

long host_be_punctual(long slack)
{
	int before = prctl(PR_GET_TIMERSLACK);

	(void)prctl(PR_SET_TIMERSLACK, slack);
	return before;
}
