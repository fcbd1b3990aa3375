/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mock_usb.h"

/* Tests often run as root, whom no file mode stops. What stops him is the
 * capability to override modes being gone. Failing here (no root, no
 * capability) is as good: then modes count anyway. */

#define OVERRIDE (1u << CAP_DAC_OVERRIDE)

static void set_override(bool wanted)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return;
	if (wanted)
		data[0].effective |= data[0].permitted & OVERRIDE;
	else
		data[0].effective &= ~OVERRIDE;
	syscall(SYS_capset, &head, data);
}

void mock_drop_override(void)
{
	set_override(false);
}

void mock_restore_override(void)
{
	set_override(true);
}

void mock_drop_override_of_children(void)
{
	prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
}
