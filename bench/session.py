# SPDX-License-Identifier: MIT
"""A session on the virtual clock: time, floor, transfers."""

import json

from machine import environment, output
from tables import VIRTUAL, heading, size_name, table, target

# selector: sizes. The F405 has 1 MiB.
CHIPS = {
    "sim:stm32h743,rom=0x92": (60 << 10, 512 << 10, 2 << 20),
    "sim:stm32h743,rom=0x91": (60 << 10, 512 << 10, 2 << 20),
    "sim:stm32f405": (60 << 10, 512 << 10, 1 << 20),
}
JOBS = {"program": "program", "nothing": "nothing to do",
        "one-byte": "one byte changed"}
MASS_LIMIT_S = 16  # 2 MiB with a mass erase


def measure(build, selector, size):
    """{job: figures}"""
    lines = output([build.bench("bench_session"), selector, size],
                   env=environment())
    return {run["job"]: run for run in map(json.loads, lines.splitlines())}


def bound_of(runs, job):
    """What a job is compared with: its floor; the time to read the image; that
    and the floor of the one sector that changed."""
    if job == "program":
        return runs[job]["floor_us"]
    if job == "nothing":
        return runs["read"]["time_us"]
    return runs["read"]["time_us"] + runs["alone"]["floor_us"]


def ratio_of(runs, job):
    """Besides what the ROM's bug forces to wait."""
    return (runs[job]["time_us"] - runs[job]["wait_us"]) / bound_of(runs, job)


def name_of(selector, size, job):
    return "%s, %s, %s" % (JOBS[job], size_name(size),
                           selector.replace("sim:", ""))


def judge(runs, selector, size, job):
    limit = 1.05 if job != "program" or runs[job]["mass_erased"] else 1.03
    what = {"program": "floor", "nothing": "reading it once",
            "one-byte": "reading it once and the sector's floor"}[job]
    target("%s: time / %s" % (name_of(selector, size, job), what),
           ratio_of(runs, job), limit, VIRTUAL)
    if job == "program" and runs[job]["mass_erased"] and size == 2 << 20:
        target("%s: seconds" % name_of(selector, size, job),
               runs[job]["time_us"] / 1e6, MASS_LIMIT_S, VIRTUAL)


def run(build):
    heading("A session on the virtual chip", VIRTUAL)
    rows, kept = [], []
    for selector, sizes in CHIPS.items():
        for size in sizes:
            runs = measure(build, selector, size)
            for job in JOBS:
                one = runs[job]
                rows.append([
                    name_of(selector, size, job), "%.1f" % (
                        one["time_us"] / 1e3),
                    "%.1f" % (bound_of(runs, job) / 1e3),
                    "%.3f" % (one["time_us"] / bound_of(runs, job)),
                    "%.1f" % (one["wait_us"] / 1e3),
                    "%.3f" % ratio_of(runs, job), one["transfers"]])
                judge(runs, selector, size, job)
                kept.append(dict(one, bound_us=bound_of(runs, job)))
    table(["job", "ms", "bound ms", "ratio", "forced wait ms",
           "ratio besides it", "transfers"], rows)
    return kept
