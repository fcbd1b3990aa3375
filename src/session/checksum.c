/* SPDX-License-Identifier: MIT */
#include <sector0/session.h>

static bool add(void *payload, const void *bytes, size_t length)
{
	s0_checksum_add(payload, bytes, length);
	return true;
}

s0_code s0_session_checksum(struct s0_session *session, uint32_t address,
			    uint32_t length, struct s0_checksum *sum,
			    struct s0_result *ret_result, struct s0_error *err)
{
	struct s0_checksum with = *sum;
	s0_code code = s0_session_read(session, address, length, add, &with,
				       ret_result, err);

	if (code == S0_OK)
		*sum = with;
	return code;
}
