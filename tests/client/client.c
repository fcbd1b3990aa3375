/* SPDX-License-Identifier: MIT */

/*
 * A program as a user of the library would write it, with nothing but the
 * public header: put a few bytes into a virtual board, and read them back.
 */

#include <sector0/sector0.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS 0x08020000u

static const char firmware[] = "bytes that were not there before";

static void check(s0_code code, struct s0_error *err, const char *what)
{
	if (code == S0_OK)
		return;
	s0_error_explain(err);
	fprintf(stderr, "%s: %s (%s)\n", what, err->message, err->hint);
	exit(1);
}

/* What comes back from the device, compared as it comes. */
static bool compare(void *payload, const void *bytes, size_t length)
{
	size_t *done = payload;

	if (*done + length > sizeof(firmware) ||
	    memcmp(firmware + *done, bytes, length) != 0)
		return false;
	*done += length;
	return true;
}

static void flash(struct s0_session *session)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result;
	struct s0_image *image;
	struct s0_plan *plan;

	check(s0_image_new(&image, &err), &err, "image");
	check(s0_image_add(image, "client", ADDRESS, firmware, sizeof(firmware),
			   &err),
	      &err, "add");
	check(s0_session_plan(session, image, NULL, &plan, &err), &err, "plan");
	check(s0_session_run(session, plan, &result, &err), &err, "run");
	printf("%llu bytes written, %llu compared\n",
	       (unsigned long long)result.written_bytes,
	       (unsigned long long)result.verified_bytes);
	if (result.verified_bytes != sizeof(firmware))
		exit(1);
	s0_plan_free(plan);
	s0_image_free(image);
}

static void read_back(struct s0_session *session)
{
	struct s0_error err = S0_ERROR_INIT;
	size_t done = 0;

	check(s0_session_read(session, ADDRESS, sizeof(firmware), compare,
			      &done, NULL, &err),
	      &err, "read");
	printf("%zu bytes read back\n", done);
	if (done != sizeof(firmware))
		exit(1);
}

int main(void)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_context *context;
	struct s0_session *session;
	struct s0_device *device;

	check(s0_context_new(&context, &err), &err, "context");
	check(s0_device_open(context, "sim:stm32h743", &device, &err), &err,
	      "open");
	check(s0_session_new(device, &session, &err), &err, "session");
	flash(session);
	read_back(session);
	s0_session_free(session);
	s0_device_close(device);
	s0_context_free(context);
	return 0;
}
