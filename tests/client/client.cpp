/* SPDX-License-Identifier: MIT */

/*
 * The same from C++11: objects that free themselves, errors as exceptions. The
 * library's header is the only one of its headers that is needed.
 */

#include <sector0/sector0.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{

const uint32_t address = 0x08100000u; /* bank 2 */

class Checked
{
      public:
	s0_error err = S0_ERROR_INIT;

	void operator()(s0_code code)
	{
		if (code == S0_OK)
			return;
		s0_error_explain(&err);
		throw std::runtime_error(std::string(s0_code_name(code)) +
					 ": " + err.message);
	}
};

template <typename T, void (*Free)(T *)> struct Freed {
	void operator()(T *object) const
	{
		Free(object);
	}
};

template <typename T, void (*Free)(T *)>
using Owned = std::unique_ptr<T, Freed<T, Free>>;

bool append(void *payload, const void *bytes, size_t length)
{
	auto *to = static_cast<std::vector<uint8_t> *>(payload);
	auto *from = static_cast<const uint8_t *>(bytes);

	to->insert(to->end(), from, from + length);
	return true;
}

void flash(s0_session *session, const std::vector<uint8_t> &bytes)
{
	Checked checked;
	s0_image *image;
	s0_plan *plan;

	checked(s0_image_new(&image, &checked.err));
	Owned<s0_image, s0_image_free> own_image(image);
	checked(s0_image_add(image, "client", address, bytes.data(),
			     static_cast<uint32_t>(bytes.size()),
			     &checked.err));
	checked(s0_session_plan(session, image, nullptr, &plan, &checked.err));
	Owned<s0_plan, s0_plan_free> own_plan(plan);
	checked(s0_session_run(session, plan, nullptr, &checked.err));
}

std::vector<uint8_t> read_back(s0_session *session, size_t length)
{
	Checked checked;
	std::vector<uint8_t> bytes;

	checked(s0_session_read(session, address, static_cast<uint32_t>(length),
				append, &bytes, nullptr, &checked.err));
	return bytes;
}

bool round_trip()
{
	Checked checked;
	const std::vector<uint8_t> firmware(3000, 0x42);
	s0_context *context;
	s0_device *device;
	s0_session *session;

	checked(s0_context_new(&context, &checked.err));
	Owned<s0_context, s0_context_free> own_context(context);
	checked(s0_device_open(context, "sim:stm32h743", &device,
			       &checked.err));
	Owned<s0_device, s0_device_close> own_device(device);
	checked(s0_session_new(device, &session, &checked.err));
	Owned<s0_session, s0_session_free> own_session(session);

	flash(session, firmware);
	return read_back(session, firmware.size()) == firmware;
}

} // namespace

int main()
{
	try {
		if (round_trip())
			return 0;
		std::fprintf(stderr, "other bytes came back\n");
	} catch (const std::exception &e) {
		std::fprintf(stderr, "%s\n", e.what());
	}
	return 1;
}
