# SPDX-License-Identifier: MIT
"""Has anything become slower? Compares with bench/guard.json.

Virtual time and transfers of sessions are exact and may not grow at all.
A job there waits for nothing but the chip, whose time is made up; so a process
that gives up its processor (a sleep, which virtual time does not see) is as
wrong, however busy the machine is.
Instructions of parsers, plans and sessions may grow by TOLERANCE; they depend
on the compiler and the C library, so they are compared only where these are the
ones that the kept counts were made with.
"""

import json
import os
import platform

import session
from machine import HERE, compiler, have_valgrind, in_memory, instructions
from tables import say, table

FILE = os.path.join(HERE, "guard.json")
TOLERANCE = 0.03
SKIPPED = 77

COUNTED = [("bench_growth", "parse-hex", 1 << 20, 1),
           ("bench_growth", "parse-srec", 1 << 20, 1),
           ("bench_growth", "parse-uf2", 1 << 20, 1),
           ("bench_growth", "segments-shuffled", 10000, 1),
           ("bench_growth", "segments-by-hand", 10000, 1),
           ("bench_growth", "segments-plan", 10000, 1),
           ("bench_growth", "segments-keep", 10000, 1),
           ("bench_session", "sim:stm32h743,rom=0x92", 512 << 10, "program"),
           ("bench_session", "sim:stm32h743,rom=0x92", 512 << 10, "nothing")]
EXACT = ("time_us", "transfers")
# Pieces tell who sends or reads what nobody asked for.
PIECES = ("sparse", "sparse-over", "sparse-nothing", "trusted")
ROWS = session.ROWS + [(session.H743, 60 << 10, ("keep",)),
                       (session.F405, 60 << 10, ("over", "keep")),
                       (session.H743, 512 << 10, PIECES),
                       (session.H743_OLD, 2 << 20, PIECES),
                       (session.F405, 512 << 10, PIECES)]
# A page that must be fetched from disk is a rest, too, but not a second time.
TRIES = 4
KEEPING = ("one-byte-known", "trusted")  # jobs with records


def virtual(build):
    """{job: figures}"""
    found = {}
    for selector, size, jobs in ROWS:
        runs = session.measure(build, selector, size)
        for job in jobs:
            found[session.name_of(selector, size, job)] = runs[job]
            settle(runs[job], lambda job=job, selector=selector, size=size:
                   session.measure(build, selector, size, job)[job]["rests"])
    return found


def settle(run, again):
    """Keeps the least rests of some tries."""
    for _ in range(1, TRIES):
        if run["rests"] == 0:
            return
        run["rests"] = min(run["rests"], again())


def restless(runs, memory=None):
    """The number of jobs that gave up the processor. Records that lie on a disk
    are waited for."""
    memory = in_memory() if memory is None else memory
    rows = [(name, run["rests"]) for name, run in runs.items()
            if run["rests"] and (memory or run["job"] not in KEEPING)]
    if rows:
        table(["job that waits by itself", "times"], rows)
    return len(rows)


def exact(runs):
    return {name: {what: run[what] for what in EXACT}
            for name, run in runs.items()}


def counts(build):
    return {" ".join(str(a) for a in words):
            instructions(build.bench(words[0]), *words[1:])
            for words in COUNTED}


def made_with(build):
    return {"processor": platform.machine(), "compiler": compiler(build),
            "libc": " ".join(platform.libc_ver())}


def verdict(kept, found, tolerance):
    if kept is None:
        return "new"
    if found > kept * (1 + tolerance):
        return "WORSE"
    return "better" if found < kept * (1 - tolerance) else "same"


def compare(kept, found, tolerance):
    """[(name, kept, found, verdict)]; what was kept and is not measured any
    more is worse, too: nobody would notice."""
    rows = [(name, kept.get(name), value,
             verdict(kept.get(name), value, tolerance))
            for name, value in found.items()]
    rows += [(name, value, "-", "WORSE") for name, value in kept.items()
             if name not in found]
    return rows


def flat(runs):
    return {"%s: %s" % (name, what): values[what]
            for name, values in runs.items() for what in EXACT}


def show(rows):
    """What is not the same; the number of those that are worse."""
    changed = [row for row in rows if row[3] != "same"]
    if changed:
        table(["figure", "kept", "now", ""], changed)
    say("%d figures, %d of them worse" % (
        len(rows), sum(row[3] == "WORSE" for row in rows)))
    if any(row[3] in ("better", "new") for row in changed):
        say("keep the new ones with ./run bench --update-guard")
    return sum(row[3] == "WORSE" for row in rows)


def update(build):
    kept = {"made_with": made_with(build), "instructions": counts(build),
            "virtual": exact(virtual(build))}
    with open(FILE, "w", encoding="utf-8") as out:
        json.dump(kept, out, indent=1)
        out.write("\n")
    say("written: %s" % os.path.relpath(FILE))
    return 0


def why_not_counted(build, kept):
    """The reason why instructions cannot be compared here, or None."""
    if not have_valgrind():
        return "valgrind is not here"
    here = made_with(build)
    for what, value in kept["made_with"].items():
        if here[what] != value:
            return "%s is %s, kept were those of %s" % (what, here[what],
                                                        value)
    return None


def run(build, renew):
    if renew:
        return update(build)
    with open(FILE, encoding="utf-8") as file:
        kept = json.load(file)
    say("virtual time and transfers of sessions")
    runs = virtual(build)
    worse = show(compare(flat(kept["virtual"]), flat(exact(runs)), 0))
    worse += restless(runs)
    reason = why_not_counted(build, kept)
    if not reason:
        say("\ninstructions, of which %g %% more are nothing" % (
            100 * TOLERANCE))
        worse += show(compare(kept["instructions"], counts(build), TOLERANCE))
    if worse:
        say("slower than before: if that is meant, say why in the commit and "
            "keep the new figures with ./run bench --update-guard")
        return 1
    if reason:
        say("instructions are not compared: %s" % reason)
        return SKIPPED
    return 0
