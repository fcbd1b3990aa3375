/* SPDX-License-Identifier: MIT */

/*
 * Run a program some times and say what it took.
 *
 *	bench_run RUNS PROGRAM ARGUMENT…
 *
 * prints: wall seconds, CPU seconds (both of the best run), most resident
 * memory in KiB, the last exit status. A process of its own, for what a child is told to have used
 * begins with what its parent was. What the program says goes nowhere.
 */

#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct cost {
	double wall, cpu;
	long resident_kib;
};

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

static void become(char **program)
{
	int nowhere = open("/dev/null", O_WRONLY);

	(void)dup2(nowhere, STDOUT_FILENO);
	(void)dup2(nowhere, STDERR_FILENO);
	(void)execvp(program[0], program);
	_exit(127);
}

static int run_once(char **program, struct cost *ret)
{
	double start = now();
	struct rusage used;
	int status;
	pid_t child = fork();

	if (child == 0)
		become(program);
	if (child < 0 || wait4(child, &status, 0, &used) < 0)
		return -1;
	*ret = (struct cost){ now() - start,
			      seconds(used.ru_utime) + seconds(used.ru_stime),
			      used.ru_maxrss };
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(int argc, char **argv)
{
	struct cost best = { 1e9, 1e9, 0 };
	int status = 0;
	int runs = argc > 2 ? atoi(argv[1]) : 0;

	for (int i = 0; i < runs; i++) {
		struct cost one;

		status = run_once(argv + 2, &one);
		if (status >= 127 || status < 0) {
			(void)fprintf(stderr, "%s: status %d\n", argv[2],
				      status);
			return 1;
		}
		if (one.wall < best.wall)
			best.wall = one.wall;
		if (one.cpu < best.cpu)
			best.cpu = one.cpu;
		if (one.resident_kib > best.resident_kib)
			best.resident_kib = one.resident_kib;
	}
	(void)printf("%.6f %.6f %ld %d\n", best.wall, best.cpu,
		     best.resident_kib, status);
	return runs < 1;
}
