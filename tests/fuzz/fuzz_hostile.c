/* SPDX-License-Identifier: MIT */

/* Everything that can be done to a device, with one that means harm. It must
 * end, after no more transfers than the job can need; and nothing may be called
 * programmed, verified or equal that the device did not hand over so. */

#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/open.h"

#include <sector0/sector0.h>

struct job {
	struct hostile *me;
	struct s0_session *session;
	struct s0_image *image;
	struct s0_policy policy;
	uint64_t transfers; /* at its start */
};

static void stop(const char *why, const struct s0_error *err)
{
	(void)fprintf(stderr, "%s: %s\n", why, err ? err->message : "");
	abort();
}

/* A job reads all flash a few times at most: survey twice, blank checks, write
 * with three transfers a block, verify; and that is taken up three times. */
static void check_length(struct job *job, const char *what)
{
	uint64_t block = job->me->block ? job->me->block : 1;
	uint64_t most = 4 * 10 * (HOSTILE_BYTES / block + 1000);

	if (job->me->transfers - job->transfers > most) {
		(void)fprintf(stderr, "%llu transfers\n",
			      (unsigned long long)(job->me->transfers -
						   job->transfers));
		stop(what, NULL);
	}
	job->transfers = job->me->transfers;
}

static void check_error(s0_code code, const struct s0_error *err)
{
	if (code != err->code || (code != S0_OK && !err->message[0]))
		stop("an error that is not explained", err);
}

static void check_right(const struct job *job, const char *what)
{
	for (size_t i = 0; i < HOSTILE_IMAGE; i++)
		if (!job->me->right[i])
			stop(what, NULL);
}

static void program(struct job *job)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_result result = { 0 };
	struct s0_plan *plan = NULL;
	s0_code code;

	memset(job->me->right, 0, sizeof job->me->right);
	code = s0_session_plan(job->session, job->image, &job->policy, &plan,
			       &err);
	check_error(code, &err);
	if (code == S0_OK) {
		code = s0_session_run(job->session, plan, &result, &err);
		check_error(code, &err);
	}
	check_length(job, "programming does not end");
	s0_plan_free(plan);
	if (code != S0_OK)
		return;
	check_right(job, "called programmed, but not read back so");
	if (result.verified_bytes < HOSTILE_IMAGE)
		stop("called verified, but not all of it", NULL);
}

static void compare(struct job *job)
{
	struct s0_policy policy = { .compare = true };
	struct s0_error err = S0_ERROR_INIT;
	struct s0_plan *plan = NULL;
	s0_code code;

	memset(job->me->right, 0, sizeof job->me->right);
	code = s0_session_plan(job->session, job->image, &policy, &plan, &err);
	if (code == S0_OK)
		code = s0_session_compare(job->session, plan, NULL, NULL, NULL,
					  &err);
	check_error(code, &err);
	check_length(job, "comparing does not end");
	s0_plan_free(plan);
	if (code == S0_OK)
		check_right(job, "called equal, but not read so");
}

static bool count_bytes(void *payload, const void *bytes, size_t length)
{
	(void)bytes;
	*(size_t *)payload += length;
	return true;
}

static void others(struct job *job)
{
	struct s0_error err = S0_ERROR_INIT;
	size_t came = 0;
	s0_code code;

	code = s0_session_read(job->session, HOSTILE_AT + 1, 3001, count_bytes,
			       &came, NULL, &err);
	check_error(code, &err);
	if (code == S0_OK && came != 3001)
		stop("called read, but not all of it", NULL);
	err = (struct s0_error)S0_ERROR_INIT;
	check_error(s0_session_blank(job->session, HOSTILE_AT, 97, NULL, &err),
		    &err);
	err = (struct s0_error)S0_ERROR_INIT;
	check_error(s0_session_erase(job->session, HOSTILE_AT, 1, NULL, &err),
		    &err);
	check_length(job, "reading and erasing does not end");
	err = (struct s0_error)S0_ERROR_INIT;
	check_error(s0_session_erase(job->session, 0, 0, NULL, &err), &err);
	check_length(job, "erasing it all does not end");
	err = (struct s0_error)S0_ERROR_INIT;
	check_error(s0_session_start(job->session, 0, NULL, &err), &err);
}

static void all(struct job *job, struct s0_device *device)
{
	uint8_t flags = job->me->flags;

	if (s0_image_new(&job->image, NULL) != S0_OK ||
	    s0_image_add(job->image, "fuzz", HOSTILE_AT, job->me->image,
			 HOSTILE_IMAGE, NULL) != S0_OK ||
	    s0_session_new(device, &job->session, NULL) != S0_OK)
		abort();
	job->policy.full = flags & HOSTILE_FULL;
	job->policy.erase = flags & HOSTILE_ALL	   ? S0_ERASE_ALL
			    : flags & HOSTILE_NONE ? S0_ERASE_NONE
						   : S0_ERASE_NEEDED;
	job->policy.keep =
		flags & HOSTILE_KEEP && job->policy.erase == S0_ERASE_NEEDED;
	program(job);
	program(job);
	compare(job);
	others(job);
	s0_session_free(job->session);
	s0_image_free(job->image);
}

static void no_log(void *payload, const char *line)
{
	(void)payload;
	(void)line;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct s0_error err = S0_ERROR_INIT;
	struct s0_context *context;
	struct s0_device *device = NULL;
	struct job job = { 0 };
	bool closed;
	s0_code code;

	job.me = hostile_new(bytes, length, &closed);
	if (s0_context_new(&context, NULL) != S0_OK)
		abort();
	s0_context_set_log(context, no_log, NULL);
	code = device_open_link(context, &job.me->link, false, &device, &err);
	check_error(code, &err);
	if (code == S0_OK) {
		check_length(&job, "opening does not end");
		all(&job, device);
	}
	s0_device_close(device);
	if (!closed)
		stop("the link was not closed", NULL);
	s0_context_free(context);
	return 0;
}
