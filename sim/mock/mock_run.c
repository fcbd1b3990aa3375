/* SPDX-License-Identifier: MIT */
/*
 * sector0-mock-run: run a command on a USB bus with virtual devices.
 *
 * The bus exists for the command and its children alone; their libusb and
 * libudev see it, whatever this host has. Exit status: the command's, 128 and
 * its signal, 127 if it cannot be executed, 125 if sector0-mock-run cannot do its part.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mock_chip.h"
#include "mock_dfu.h"
#include "mock_sim.h"

#define DEVICES_MAX 64
#define TICK_NS	    5000000
#define TROUBLE	    125

static const char usage[] =
	"usage: sector0-mock-run [--device KIND]… [--] COMMAND [ARGUMENT…]\n"
	"The first device is at usb:1-1, the second at usb:1-2, and so on.\n"
	"  stm32h743[,KEY=VALUE…]  a virtual STM32, as after sim:, in real "
	"time\n"
	"  no-rights[,KEY=VALUE…]  one that may not be opened\n"
	"  no-node[,KEY=VALUE…]    one that is listed but has no device node\n"
	"  busy[,KEY=VALUE…]       one that another program has claimed\n"
	"  vcp      an STM32 running a serial port, not in DFU mode\n"
	"  runtime  an STM32 application that can be switched to DFU mode\n"
	"  camera   another maker's product with a run-time DFU interface\n"
	"  dfu[,KEY=VALUE…]          another maker's device in DFU mode\n"
	"  dfu-runtime[,KEY=VALUE…]  its application; DFU_DETACH takes it "
	"there\n"
	"  maple[,KEY=VALUE…]        one like libmaple's bootloader\n"
	"  none     no further device; also without any --device\n"
	"  no-usb   not even a bus\n"
	"SIGUSR1 unplugs the first virtual STM32, SIGUSR2 plugs it in again.\n";

struct run {
	const char *kinds[DEVICES_MAX];
	unsigned kind_count;
	struct mock_usb *usb;
	struct mock_sim *sims[DEVICES_MAX];
	unsigned sim_count;
	struct mock_dfu *dfus[DEVICES_MAX];
	unsigned dfu_count;
	struct mock_chip chips[DEVICES_MAX];
	bool no_rights;
	sigset_t old_mask;
};

/* KIND without its keys? */
static bool is_kind(const char *text, const char *kind)
{
	size_t length = strlen(kind);

	return !strncmp(text, kind, length) &&
	       (text[length] == '\0' || text[length] == ',');
}

static void plug_chip(struct run *run, unsigned i,
		      void (*make)(struct mock_chip *))
{
	struct mock_answers answers = { .control = mock_chip_control,
					.user = &run->chips[i] };
	char port[4];

	make(&run->chips[i]);
	snprintf(port, sizeof(port), "%u", i + 1);
	mock_usb_plug(run->usb, port, &answers);
}

static int plug_dfu(struct run *run, unsigned i, const char *kind)
{
	char wrong[256] = "", port[4];
	struct mock_dfu *dfu;

	snprintf(port, sizeof(port), "%u", i + 1);
	dfu = mock_dfu_plug(run->usb, port, kind, wrong);
	if (!dfu) {
		fprintf(stderr, "sector0-mock-run: '%s' of %s?\n", wrong, kind);
		return TROUBLE;
	}
	run->dfus[run->dfu_count++] = dfu;
	return 0;
}

/* @param keys  "" or ",key=value…" when the profile is to be put before. */
static int plug_sim(struct run *run, const char *port, const char *profile,
		    const char *keys, struct mock_answers answers)
{
	struct s0_error err = S0_ERROR_INIT;
	char description[512];
	struct mock_sim *sim;

	if (run->sim_count == DEVICES_MAX)
		return TROUBLE;
	snprintf(description, sizeof(description), "%s%s", profile, keys);
	sim = mock_sim_plug(run->usb, port, description, answers, &err);
	if (!sim) {
		fprintf(stderr, "sector0-mock-run: %s\n", err.message);
		return TROUBLE;
	}
	run->sims[run->sim_count++] = sim;
	return 0;
}

static int plug(struct run *run, unsigned i)
{
	const char *kind = run->kinds[i];
	const char *keys = kind + strcspn(kind, ",");
	char port[4];
	struct mock_answers answers = {
		.no_rights = is_kind(kind, "no-rights"),
		.no_node = is_kind(kind, "no-node"),
		.busy = is_kind(kind, "busy"),
	};

	snprintf(port, sizeof(port), "%u", i + 1);
	if (is_kind(kind, "dfu") || is_kind(kind, "dfu-runtime") ||
	    is_kind(kind, "maple"))
		return plug_dfu(run, i, kind);
	if (is_kind(kind, "vcp"))
		plug_chip(run, i, mock_chip_vcp);
	else if (is_kind(kind, "runtime"))
		plug_chip(run, i, mock_chip_runtime);
	else if (is_kind(kind, "camera"))
		plug_chip(run, i, mock_chip_camera);
	else if (answers.no_rights || answers.no_node || answers.busy)
		return plug_sim(run, port, "stm32h743", keys, answers);
	else if (!is_kind(kind, "none") && !is_kind(kind, "no-usb"))
		return plug_sim(run, port, kind, "", answers);
	return 0;
}

static int plug_all(struct run *run)
{
	bool with_bus = true;
	int r = 0;

	for (unsigned i = 0; i < run->kind_count; i++) {
		run->no_rights |= is_kind(run->kinds[i], "no-rights");
		with_bus &= !is_kind(run->kinds[i], "no-usb");
	}
	run->usb = mock_usb_new(with_bus);
	for (unsigned i = 0; i < run->kind_count && !r && with_bus; i++)
		r = plug(run, i);
	return r;
}

static void unplug_all(struct run *run)
{
	mock_usb_free(run->usb);
	for (unsigned i = 0; i < run->sim_count; i++)
		mock_sim_free(run->sims[i]);
	for (unsigned i = 0; i < run->dfu_count; i++)
		mock_dfu_free(run->dfus[i]);
}

static pid_t start(struct run *run, char **command)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	/* Not to be left behind when this process is killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, &run->old_mask, NULL);
	if (run->no_rights)
		mock_drop_override_of_children();
	execvp(command[0], command);
	fprintf(stderr, "sector0-mock-run: %s: %s\n", command[0],
		strerror(errno));
	_exit(127);
}

static void on_signal(struct run *run, int number, pid_t pid)
{
	switch (number) {
	case SIGUSR1:
	case SIGUSR2:
		if (run->sim_count)
			mock_sim_set_plugged(run->sims[0], number == SIGUSR2);
		break;
	case SIGINT:
	case SIGTERM:
	case SIGHUP:
		kill(pid, number);
		break;
	}
}

static void tick_all(struct run *run)
{
	for (unsigned i = 0; i < run->sim_count; i++)
		mock_sim_tick(run->sims[i]);
	for (unsigned i = 0; i < run->dfu_count; i++) {
		const char *kind;

		mock_dfu_tick(run->dfus[i]);
		kind = mock_dfu_becomes(run->dfus[i]);
		if (kind)
			(void)plug_sim(run, mock_dfu_port(run->dfus[i]), kind,
				       "", (struct mock_answers){ 0 });
	}
}

/* Until the command ends: its status. */
static int serve(struct run *run, const sigset_t *signals, pid_t pid)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		on_signal(run, sigtimedwait(signals, NULL, &tick), pid);
		tick_all(run);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* @return Where the command begins in argv, 0 if it makes no sense. */
static int parse(struct run *run, int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-') {
		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		if (strcmp(argv[i], "--device") != 0 || i + 1 == argc ||
		    run->kind_count == DEVICES_MAX)
			return 0;
		run->kinds[run->kind_count++] = argv[i + 1];
		i += 2;
	}
	return i < argc ? i : 0;
}

int main(int argc, char **argv)
{
	static struct run run;
	const int wanted[] = { SIGCHLD, SIGINT,	 SIGTERM,
			       SIGHUP,	SIGUSR1, SIGUSR2 };
	int command = parse(&run, argc, argv);
	sigset_t signals;
	pid_t pid;
	int r;

	if (!command) {
		fputs(usage, stderr);
		return TROUBLE;
	}
	mock_usb_enter(argv);
	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		sigaddset(&signals, wanted[i]);
	/* Before umockdev starts its thread, which must not take them. */
	sigprocmask(SIG_BLOCK, &signals, &run.old_mask);
	r = plug_all(&run);
	pid = r ? -1 : start(&run, argv + command);
	if (pid > 0)
		r = serve(&run, &signals, pid);
	else if (!r)
		r = TROUBLE;
	unplug_all(&run);
	return r;
}
