# SPDX-License-Identifier: MIT
"""Beside other programs, through libusb and a real Linux kernel.

The machine is the User Mode Linux of tests/e2e: in simulated time, where every
wait is exact and processor time is nothing, and in real time.
"""

import json
import os
import shutil
import sys

from machine import ROOT, Failed, LeftOut, environment, output
from tables import VIRTUAL, WALL, heading, say, size_name, table, target

E2E = os.path.join(ROOT, "tests", "e2e")
CACHE = os.path.join(ROOT, "build-e2e")
SECONDS = 1800  # the most that a machine may run

# A transfer of 0.3 ms and 60 us a packet; the H743 as it was timed on a board
# (903 ms a sector, 130 us a flash word), the F405 with its own times.
BUS = "turnaround_us=300,usb_us_per_packet=60"
CHIPS = {"H743": "stm32h743,rom=0x92,erase_ms=903,word_us=130," + BUS,
         "F405": "stm32f405," + BUS}
SIZES = {"H743": (60 << 10, 512 << 10, 2 << 20),
         "F405": (60 << 10, 512 << 10, 1 << 20)}
# The same chips if their ROMs said dfuDNBUSY while they work: in the usual
# ways dfu-util's five seconds for a request are over before a mass erase is.
for name in list(CHIPS):
    CHIPS[name + " telling dfuDNBUSY"] = CHIPS[name] + ",answer=poll"
    SIZES[name + " telling dfuDNBUSY"] = SIZES[name][-1:]
# What the ROM tells to wait for a block and for an address: 5 ms, or what
# users' timings suggest. After an erase it is a second. With 0 it is nothing
# anywhere: what a dfu-util built from its repository takes with its modifier
# "fast", which does not listen; releases have no such thing.
POLLS = (5, 50, 75, 0)
OURS, MASS = "sector0", ", mass erase"
THEIRS = ("dfu-util", "dfu-util" + MASS)
STEPS = ("steps of pydfu", "steps of pydfu" + MASS)
# (chip, poll ms): how many times as fast as dfu-util's best a whole chip is.
TARGETS = {("H743", 5): 2.2, ("H743", 50): 7, ("H743", 75): 7}


def profile(chip, poll):
    return "%s,poll_erase_ms=%d,poll_program_ms=%d,poll_address_ms=%d" % (
        CHIPS[chip], 1000 if poll else 0, poll, poll)


def kernel():
    return os.path.join(CACHE, "uml", "linux")


def why_not():
    """What must be built or fetched first, or None."""
    if not os.path.exists(kernel()):
        return "its kernel is not built yet"
    return None if shutil.which("dfu-util") else "dfu-util is not here"


def one(chip, poll, size, program):
    return {"chip": chip, "poll_ms": poll, "size": size, "program": program,
            "profile": profile(chip, poll)}


def programs_of(chip, poll, size):
    whole, usual = size == SIZES[chip][-1], len(SIZES[chip]) > 1
    names = [OURS, *THEIRS[:2 if whole else 1]]
    # These do not look at poll times.
    if poll == POLLS[0]:
        names += STEPS[:2 if whole else 1]
    if poll == POLLS[0] and usual:
        names.insert(1, "sector0 --no-verify")
        if not whole:
            names.append("dfu-util, blocks of 4096")
    return names


def simulated_runs():
    return [one(chip, poll, size, name)
            for chip, sizes in SIZES.items()
            for poll in (POLLS if len(sizes) > 1 else POLLS[:1])
            for size in sizes
            for name in programs_of(chip, poll, size)]


def real_runs():
    return [one("H743", POLLS[0], size, program) for size in SIZES["H743"]
            for program in programs_of("H743", POLLS[0], size)
            if "blocks" not in program]


def floor_s(build, run):
    """By --stats of the same chip inside the process."""
    name = os.path.join(CACHE, "floor.bin")
    output([build.bench("bench_parsers"), "make", run["size"], name])
    words = [build.sector0, "flash", name, "--address", "0x08000000", "-d",
             "sim:" + run["profile"], "--stats", "--json"]
    if run["program"] != OURS:
        words.append("--no-verify")
    lines = output(words, env=environment()).splitlines()
    os.remove(name)
    return json.loads(lines[-1])["floor_ms"] / 1e3


def results_of(out):
    runs, done = [], False
    path = os.path.join(out, "results")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        done = bool(lines) and "done" in lines[-1]
        runs = [line for line in lines if "done" not in line]
    return runs, done


def run_machine(machine, build, runs):
    settings = {"machine": "simulated" if machine.simulated else "uml",
                "sector0": build.sector0, "build": CACHE, "cuts": 0,
                "golden": False, "runs": runs,
                "bench_run": build.bench("bench_run")}
    out = os.path.join(CACHE, "out-bench")
    status, _ = machine.run(out, "exec python3 -B '%s/real_guest.py' '%s'\n" % (
        os.path.dirname(os.path.abspath(__file__)), json.dumps(settings)),
        SECONDS)
    found, done = results_of(out)
    if status or not done:
        with open(os.path.join(out, "said"), encoding="utf-8",
                  errors="replace") as file:
            raise Failed("in the machine, after %d runs:\n%s" % (
                len(found), file.read()[-2000:]))
    for run in found:
        if run["program"].startswith(OURS) and not run["right"]:
            raise Failed("sector0 did not flash: %s" % run)
        run["floor_s"] = floor_s(build, run)
        run["verified"] = run["program"] == OURS
    return found


def group(runs):
    """{(chip, poll, size): {program: run}}"""
    groups = {}
    for run in runs:
        key = run["chip"], run["poll_ms"], run["size"]
        groups.setdefault(key, {})[run["program"]] = run
    return groups


def best_of_theirs(programs):
    return min(programs[name]["wall_s"] for name in THEIRS
               if name in programs and programs[name]["right"])


def verdict(run):
    if not run["right"]:
        return "FAILED, exit %d" % run["exit"]
    if run["exit"]:
        return "no, exit %d though it is right" % run["exit"]
    return "yes" if run["verified"] else "no"


def rows_of(groups, real):
    rows = []
    for (chip, poll, size), programs in groups.items():
        ours = programs[OURS]["wall_s"]
        for name, run in programs.items():
            row = ["%s, %s, polls of %d ms: %s" % (
                chip, size_name(size), poll, name),
                "%.2f" % run["wall_s"], "%.2f" % run["floor_s"],
                "%.2f" % (run["wall_s"] / run["floor_s"]),
                "%.1f" % (run["wall_s"] / ours), run["transfers"],
                verdict(run)]
            if real:
                row += ["%.2f" % run["cpu_s"],
                        "%.1f" % (run["resident_kib"] / 1024)]
            rows.append(row)
    return rows


def show(groups, real):
    head = ["flash", "seconds", "floor", "ratio", "times ours", "transfers",
            "verified"]
    table(head + (["CPU s", "MiB"] if real else []), rows_of(groups, real))
    for run in (r for programs in groups.values() for r in programs.values()):
        if "said" in run:
            say("\n%s, %s, %s: %s" % (run["chip"], size_name(run["size"]),
                                      run["program"], run["said"]))


def judge(groups, real):
    for (chip, poll), limit in TARGETS.items():
        size = SIZES[chip][-1]
        programs = groups.get((chip, poll, size))
        if programs:
            target("%s, %s, polls of %d ms: dfu-util, its best / ours, "
                   "verified" % (chip, size_name(size), poll),
                   best_of_theirs(programs) / programs[OURS]["wall_s"], limit,
                   WALL if real else VIRTUAL, at_most=False)


def run(build):
    sys.path.insert(0, E2E)
    from machines import Uml
    from packages import Cache, Unavailable
    kept = {}
    for real in (False, True):
        heading("Beside other programs on a real kernel, %s time" % (
            "real" if real else "simulated"), WALL if real else VIRTUAL)
        try:
            machine = Uml(Cache(CACHE), simulated=not real)
        except Unavailable as reason:
            raise LeftOut(str(reason)) from reason
        runs = run_machine(machine, build,
                           real_runs() if real else simulated_runs())
        groups = group(runs)
        show(groups, real)
        judge(groups, real)
        kept["real" if real else "simulated"] = runs
    return kept
