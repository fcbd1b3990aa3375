/* SPDX-License-Identifier: MIT */
/* Is it erased? */
#include "base/bytes.h"
#include "base/error.h"
#include "base/range.h"
#include "session/session.h"

struct blank {
	uint8_t erased;
	bool found;
	uint32_t from, address; /* bytes before `from` do not count */
	uint64_t end, next;	/* next: behind what was found blank */
	uint8_t value;
};

static bool look(void *payload, uint32_t address, const uint8_t *bytes,
		 uint32_t length)
{
	struct blank *blank = payload;

	if (bytes_all(bytes, length, blank->erased)) {
		blank->next = range_end(address, length);
		return true;
	}
	for (uint32_t i = 0; i < length; i++) {
		if (bytes[i] == blank->erased || address + i < blank->from ||
		    address + i >= blank->end)
			continue;
		blank->found = true;
		blank->address = address + i;
		blank->value = bytes[i];
		return false;
	}
	blank->next = range_end(address, length);
	return true;
}

s0_code session_check_blank(struct s0_session *session, uint32_t address,
			    uint32_t length, struct s0_error *err)
{
	const struct s0_chip *chip = session->device->info.chip;
	struct target *target = session->target;
	struct blank blank = { .erased = chip ? chip->erased : 0xff,
			       .from = address,
			       .end = range_end(address, length) };
	uint32_t start = round_down(address, 4);
	s0_code code;

	code = target->ops->read(target, start,
				 (uint32_t)(round_up(blank.end, 4) - start),
				 NULL, look, &blank, err);
	session->op.reached = blank.next;
	if (code == S0_OK && blank.found)
		return error_set_at(err, S0_E_NOT_BLANK, blank.address, 1,
				    "the byte at 0x%08x is not erased, it is "
				    "0x%02x",
				    blank.address, blank.value);
	return code;
}
