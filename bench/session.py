# SPDX-License-Identifier: MIT
"""A session on the virtual clock: time, floor, transfers."""

import json
import shutil

from machine import environment, output, place
from tables import VIRTUAL, heading, say, size_name, table, target

H743, H743_OLD = "sim:stm32h743,rom=0x92", "sim:stm32h743,rom=0x91"
H743_POLL, F405 = "sim:stm32h743,rom=0x92,answer=poll", "sim:stm32f405"
JOBS = {"program": "program", "over": "program over another firmware",
        "keep": "program beside what is kept", "nothing": "nothing to do",
        "one-byte": "one byte changed",
        "one-byte-known": "one byte changed, with records",
        "trusted": "nothing to do, trusting the last run",
        "sparse": "program pieces",
        "sparse-over": "program pieces over another firmware",
        "sparse-nothing": "pieces, nothing to do"}
USUAL = ("program", "nothing", "one-byte")
KIB, MIB = 1 << 10, 1 << 20
SECTORS_15 = 15 * 128 * KIB  # of 16

# (selector, size, jobs)
ROWS = [
    (H743, 60 * KIB, ("program", "over", "nothing", "one-byte")),
    (H743, 512 * KIB, USUAL),
    (H743, MIB, ("program",)),
    (H743, SECTORS_15, ("program",)),
    (H743, 2 * MIB, ("program", "over", "nothing", "one-byte")),
    (H743_POLL, 60 * KIB, ("program",)),
    (H743_POLL, 2 * MIB, ("program",)),
    (H743_OLD, 60 * KIB, USUAL),
    (H743_OLD, 512 * KIB, USUAL),
    (H743_OLD, 2 * MIB, USUAL + ("one-byte-known",)),
    (F405, 60 * KIB, USUAL),
    (F405, 512 * KIB, USUAL),
    (F405, MIB, USUAL),
]
MASS_LIMIT_S = 16  # 2 MiB with a mass erase


def measure(build, selector, size, job="all"):
    """{job: figures}"""
    records = place()
    try:
        lines = output([build.bench("bench_session"), selector, size, job,
                        records], env=environment())
    finally:
        shutil.rmtree(records)
    return {run["job"]: run for run in map(json.loads, lines.splitlines())}


def is_programming(job):
    return job in ("program", "over", "keep")


def bound_of(runs, job):
    """What a job is compared with: its floor; the time to read the image; that
    and the floor of the one sector that changed."""
    if is_programming(job):
        return runs[job]["floor_us"]
    if job == "nothing":
        return runs["read"]["time_us"]
    return runs["read"]["time_us"] + runs["alone"]["floor_us"]


def forced(one):
    return one["wait_us"] + one["proof_us"]


def ratio_of(runs, job):
    """Besides what the ROM's bug forces to wait and to prove."""
    return (runs[job]["time_us"] - forced(runs[job])) / bound_of(runs, job)


def name_of(selector, size, job):
    return "%s, %s, %s" % (JOBS[job], size_name(size),
                           selector.replace("sim:", ""))


def limit_of(run, job):
    return 1.03 if is_programming(job) and not run["mass_erased"] else 1.05


def judge(runs, selector, size, job):
    """Whether it stays within its limits."""
    what = "reading it once and the sector's floor"
    if is_programming(job):
        what = "floor"
    elif job == "nothing":
        what = "reading it once"
    name = name_of(selector, size, job)
    good = target("%s: time / %s" % (name, what), ratio_of(runs, job),
                  limit_of(runs[job], job), VIRTUAL)
    if runs[job]["mass_erased"] and size == 2 * MIB:
        good &= target("%s: seconds" % name, runs[job]["time_us"] / 1e6,
                       MASS_LIMIT_S, VIRTUAL)
    return good


def row_of(runs, selector, size, job):
    one, bound = runs[job], bound_of(runs, job)
    return [name_of(selector, size, job) + (
                ", mass erase" if one["mass_erased"] else ""),
            "%.1f" % (one["time_us"] / 1e3), "%.1f" % (bound / 1e3),
            "%.3f" % (one["time_us"] / bound),
            "%.1f" % (forced(one) / 1e3), "%.3f" % ratio_of(runs, job),
            "%.2f" % limit_of(one, job),
            "PASS" if judge(runs, selector, size, job) else "below",
            one["transfers"]]


def run(build):
    heading("A session on the virtual chip", VIRTUAL)
    rows, kept = [], []
    for selector, size, jobs in ROWS:
        runs = measure(build, selector, size)
        for job in jobs:
            rows.append(row_of(runs, selector, size, job))
            kept.append(dict(runs[job], bound_us=bound_of(runs, job)))
    table(["job", "ms", "bound ms", "ratio", "forced ms",
           "ratio besides it", "at most", "", "transfers"], rows)
    say("\nA device opened anew each time. Erased before, but where it is over "
        "another firmware,\nwhich fills the chip.")
    return kept
