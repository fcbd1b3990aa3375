# SPDX-License-Identifier: MIT
"""docs/plots: the pictures of docs/performance.md, drawn from the results of
the last run (./run bench, then ./run bench --plots)."""

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
    """Programming an H743 with ROM 0x92, by size: what it took, the floor.
    The largest are erased as a whole."""
    runs = [r for r in figures if r["job"] == "program" and
            r["selector"] == "sim:stm32h743,rom=0x92"]
    return {"sector0, verified": [(r["bytes"], r["time_us"] / 1e6)
                                  for r in runs],
            "floor": [(r["bytes"], r["floor_us"] / 1e6) for r in runs]}


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
        ("segments-heap", "By number of segments: memory", "segments",
         "bytes of heap", growth_of(growth, segments, "heap")),
        ("flash-instructions", "Planning and flashing", "bytes of image",
         "instructions", growth_of(growth, ["session-flash"],
                                   "instructions")),
        ("list-instructions", "sector0 list", "boards", "instructions",
         growth_of(growth, ["list"], "instructions"))]


def draw(parts):
    """Draws what there are results for; 1 when there are not all."""
    pictures, missing = [], []
    if "growth" in parts:
        pictures += of_growth(parts["growth"]["figures"])
    if "session" in parts:
        pictures.append(("session", "Programming an H743, virtual time",
                         "bytes of image", "seconds",
                         sessions(parts["session"]["figures"])))
    if "real" in parts:
        pictures.append(("real", "Beside other programs, simulated time",
                         "bytes of image", "seconds",
                         beside(parts["real"]["figures"]["simulated"])))
    missing = [p for p in ("session", "growth", "real") if p not in parts]
    os.makedirs(PLACE, exist_ok=True)
    for name, title, x_name, y_name, curves in pictures:
        curves = {job: points for job, points in curves.items()
                  if len(points) > 2}
        if curves:
            plot.write(os.path.join(PLACE, name + ".svg"), title, x_name,
                       y_name, curves)
    say("%d pictures in %s" % (len(pictures), os.path.relpath(PLACE)))
    for part in missing:
        say("not drawn: %s has not been measured: ./run bench --only %s" % (
            part, part))
    return 1 if missing else 0
