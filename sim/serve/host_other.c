/* SPDX-License-Identifier: MIT */
#include "sim/serve/host.h"

#include "base/error.h"

s0_code host_can_attach(struct s0_error *err)
{
	return error_set(err, S0_E_UNSUPPORTED,
			 "only Linux can attach a virtual device to itself");
}

s0_code host_attach(int fd, uint32_t device_id, unsigned *ret_port,
		    struct s0_error *err)
{
	(void)fd;
	(void)device_id;
	(void)ret_port;
	return host_can_attach(err);
}

void host_notice_loss(int fd)
{
	(void)fd;
}

long host_be_punctual(long slack)
{
	return slack;
}
