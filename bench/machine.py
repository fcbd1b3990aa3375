# SPDX-License-Identifier: MIT
"""What the figures were measured on, and how programs are run."""

import os
import platform
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RESULTS = os.path.join(HERE, "results")

# glibc chooses its memcpy by the processor; here it is always the same one, or
# instruction counts would be those of a machine.
PINNED = ("glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-AVX,-ERMS,-FSRM,"
          "-AVX_Fast_Unaligned_Load:"
          "glibc.cpu.x86_non_temporal_threshold=0x7ffffff:"
          "glibc.cpu.x86_rep_movsb_threshold=0x7ffffff:"
          "glibc.cpu.x86_rep_stosb_threshold=0x7ffffff")


class Failed(Exception):
    """A program that did not do what it was started for."""


class LeftOut(Exception):
    """What cannot be measured here; its text says why."""


def output(arguments, **more):
    try:
        done = subprocess.run([str(a) for a in arguments],
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False, **more)
    except OSError as error:
        raise Failed("%s cannot be run: %s" % (
            arguments[0], error.strerror)) from None
    if done.returncode:
        raise Failed("%s: status %d\n%s" % (
            " ".join(str(a) for a in arguments), done.returncode,
            done.stderr[-1000:]))
    return done.stdout


def in_memory():
    return os.access("/dev/shm", os.W_OK)


def place():
    """A new directory, in memory where that can be: no disk is measured."""
    return tempfile.mkdtemp(prefix="bench-",
                            dir="/dev/shm" if in_memory() else None)


def environment():
    """Without what a user may have set that changes a run."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("SECTOR0_", "XDG_", "ASAN_", "UBSAN_"))}
    kept["LC_ALL"] = "C"
    return kept


class Build:
    """A release build with -Dbench=true."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        if not os.path.exists(self.bench("bench_session")):
            raise Failed("no benchmarks in %s: it is to be a build directory "
                         "made with meson setup -Dbench=true" % path)
        self.sector0 = os.path.join(self.path, "cli", "sector0")
        self.mock_run = os.path.join(self.path, "sim", "mock",
                                     "sector0-mock-run")

    def bench(self, name):
        return os.path.join(self.path, "bench", name)

    def run(self, runs, *program):
        """Best wall seconds, best CPU seconds, most resident KiB."""
        words = output([self.bench("bench_run"), runs, *program],
                       env=environment()).split()
        return float(words[0]), float(words[1]), int(words[2])


def instructions(*program):
    """Instructions between begin and end of measure_run() in a benchmark
    program (bench/measure.h), as valgrind counts them."""
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--toggle-collect=measure_run",
         "--callgrind-out-file=/dev/null", *[str(a) for a in program]],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, check=False,
        env=dict(environment(), GLIBC_TUNABLES=PINNED))
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise Failed("%s\n%s" % (" ".join(map(str, program)),
                                 done.stderr[-1000:]))
    return int(found.group(1))


def have_valgrind():
    return shutil.which("valgrind") is not None


def first_line(*arguments):
    try:
        return output(arguments, cwd=ROOT).split("\n")[0].strip()
    except (OSError, Failed):
        return "?"


def compiler(build):
    """The compiler that made a build, by what it wrote into a program."""
    with open(build.bench("bench_run"), "rb") as file:
        found = re.search(rb"(GCC: \([^\0]*|[^\0]*clang version [^\0]*)",
                          file.read())
    return found.group(1).decode() if found else "?"


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            found = re.search(r"model name\s*: (.*)", file.read())
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or "?"


def describe(build):
    changed = first_line("git", "status", "--porcelain", "-uno")
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "kernel": "%s %s" % (platform.system(), platform.release()),
        "compiler": compiler(build),
        "libc": " ".join(platform.libc_ver()),
        "commit": first_line("git", "rev-parse", "--short=12", "HEAD") +
                  (" and changes" if changed not in ("", "?") else ""),
    }
