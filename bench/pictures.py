# SPDX-License-Identifier: MIT
"""Pictures of what was measured: beside the results as soon as it is, and in
docs/plots, for docs/performance.md, by ./run bench --plots."""

import os

import plot
from machine import ROOT
from tables import say

PLACE = os.path.join(ROOT, "docs", "plots")
PARSERS = ("hex", "srec", "uf2", "dfu", "bin")


def growth_of(growth, jobs, what):
    """{job: points}"""
    return {job: [(p["n"], p[what]) for p in growth[job] if p.get(what)]
            for job in jobs}


def sessions(figures):
    """Programming an H743 with ROM 0x92, by size: what it took, the floor; a
    curve of its own for a chip that is erased as a whole."""
    found = {}
    for run in figures:
        if run["job"] == "program" and \
                run["selector"] == "sim:stm32h743,rom=0x92":
            how = "mass erase" if run["mass_erased"] else "sector by sector"
            for name, what in (("sector0, verified", "time_us"),
                               ("floor", "floor_us")):
                found.setdefault("%s, %s" % (name, how), []).append(
                    (run["bytes"], run[what] / 1e6))
    return found


def beside(runs):
    """The H743 that tells to wait 5 ms, by size, for each program."""
    found = {}
    for run in runs:
        if run["chip"] == "H743" and run["poll_ms"] == 5 and run["right"]:
            found.setdefault(run["program"], []).append(
                (run["size"], run["wall_s"]))
    return {name: points for name, points in found.items()
            if len(points) > 2}


def of_growth(growth):
    """[(file, title, x, y, curves)]"""
    parsers = ["parse-" + name for name in PARSERS]
    segments = [job for job in growth if job.startswith("segments-")]
    return [
        ("parsers-instructions", "Parsing, to 4 MiB", "bytes of payload",
         "instructions", growth_of(growth, parsers, "instructions")),
        ("parsers-seconds", "Parsing, to 64 MiB", "bytes of payload",
         "seconds of CPU", growth_of(growth, parsers, "seconds")),
        ("parsers-heap", "Parsing: memory", "bytes of payload",
         "bytes of heap", growth_of(growth, parsers, "heap")),
        ("segments-instructions", "By number of segments", "segments",
         "instructions", growth_of(growth, segments, "instructions")),
        ("segments-seconds", "By number of segments", "segments",
         "seconds of CPU", growth_of(growth, segments, "seconds")),
        ("segments-heap", "By number of segments: memory", "segments",
         "bytes of heap", growth_of(growth, segments, "heap")),
        ("flash-instructions", "Planning and flashing", "bytes of image",
         "instructions", growth_of(growth, ["session-flash"],
                                   "instructions")),
        ("flash-seconds", "Planning and flashing", "bytes of image",
         "seconds of CPU", growth_of(growth, ["session-flash"], "seconds")),
        ("list-instructions", "sector0 list", "boards", "instructions",
         growth_of(growth, ["list"], "instructions"))]


def of_part(name, figures):
    """[(file, title, x, y, curves)]"""
    if name == "growth":
        return of_growth(figures)
    if name == "session":
        return [("session", "Programming an H743, virtual time",
                 "bytes of image", "seconds", sessions(figures))]
    if name == "real":
        return [("real", "Beside other programs, simulated time",
                 "bytes of image", "seconds", beside(figures["simulated"]))]
    return []


def draw(name, figures, place):
    """Draws what one part measured; the number of pictures."""
    drawn = 0
    os.makedirs(place, exist_ok=True)
    for file, title, x_name, y_name, curves in of_part(name, figures):
        curves = {job: points for job, points in curves.items() if points}
        if curves:
            plot.write(os.path.join(place, file + ".svg"), title, x_name,
                       y_name, curves)
            drawn += 1
    return drawn


def draw_docs(parts):
    """Draws what there are results for; 1 when there are not all."""
    drawn = sum(draw(name, part["figures"], PLACE)
                for name, part in parts.items())
    say("%d pictures in %s" % (drawn, os.path.relpath(PLACE)))
    missing = [name for name in ("session", "growth", "real")
               if name not in parts]
    for name in missing:
        say("not drawn: %s has not been measured: ./run bench --only %s" % (
            name, name))
    return 1 if missing else 0
