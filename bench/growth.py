# SPDX-License-Identifier: MIT
"""Time and memory as images, segments and buses grow.

Instructions are exact, but counting takes minutes where a job takes a tenth of
a second: parsers are counted to 4 MiB. Seconds of the processor (best of some
runs) and heap go on to 64 MiB; each exponent says how far it reaches.
"""

import math
import os
import re
import tempfile

import plot
from machine import environment, have_valgrind, instructions, output
from tables import COUNT, WALL, heading, say, size_name, table, target

BYTES = [4096 << n for n in range(0, 15)]            # 4 KiB to 64 MiB
FLASH_BYTES = [4096 << n for n in range(0, 10)]      # 4 KiB to 2 MiB
SEGMENTS = [1, 10, 100, 1000, 10000, 30000, 100000]
DEVICES = [1, 2, 4, 8, 16, 32, 64]

# job: sizes, the largest that is counted, the largest exponent that is good.
# Sorting is n log n: between 1,000 and 100,000 that looks like 1.15.
# Seconds may look like n log n anywhere: larger jobs leave the caches.
LINEAR, SORTING = 1.05, 1.2
JOBS = {
    "parse-hex": (BYTES, 4 << 20, LINEAR),
    "parse-srec": (BYTES, 4 << 20, LINEAR),
    "parse-uf2": (BYTES, 4 << 20, LINEAR),
    "parse-dfu": (BYTES, 4 << 20, LINEAR),
    "parse-bin": (BYTES, 4 << 20, LINEAR),
    "session-flash": (FLASH_BYTES, 2 << 20, LINEAR),
    "segments-sorted": (SEGMENTS, 100000, LINEAR),
    "segments-shuffled": (SEGMENTS, 100000, SORTING),
    "segments-by-hand": (SEGMENTS, 100000, LINEAR),
    "segments-plan": (SEGMENTS, 100000, LINEAR),
    "segments-flash": (SEGMENTS, 100000, LINEAR),
    "segments-keep": (SEGMENTS, 100000, SORTING),
}


def measure(build, job, sizes, counted):
    """[{"n", "seconds", "heap", "instructions"}]"""
    points = []
    for n in sizes:
        runs = 9 if n <= 4 << 20 else 5
        words = output([build.bench("bench_growth"), job, n, runs],
                       env=environment()).split()
        point = {"n": n, "seconds": float(words[0]), "heap": int(words[1])}
        if n <= counted and have_valgrind():
            point["instructions"] = instructions(
                build.bench("bench_growth"), job, n, 1)
        points.append(point)
    return points


def pairs(points, what):
    return [(p["n"], p[what]) for p in points if p.get(what)]


def last_step(points):
    """The exponent between the last two."""
    (x0, y0), (x1, y1) = points[-2:]
    return math.log(y1 / y0) / math.log(x1 / x0)


def row_end(points, what, x_name):
    last = pairs(points, what)[-1][0]
    return size_name(last) if x_name == "bytes" else "%d segments" % last


def row_of(job, points, x_name):
    first, last = points[0], points[-1]
    name = size_name if x_name == "bytes" else str
    cells = [job, "%s to %s" % (name(first["n"]), name(last["n"])),
             "%.2f" % (last["seconds"] * 1e3), "%d" % (last["heap"] // 1024)]
    for what in ("instructions", "seconds", "heap"):
        some = pairs(points, what)
        cells += ["%.2f" % plot.fit(some)[0],
                  "%s to %s" % (plot.start_of_fit(some, x_name),
                                name(some[-1][0]))
                  ] if plot.can_fit(some) else ["", ""]
    return cells


def judge(job, points, x_name, limit):
    for what, most, kind in (("instructions", limit, COUNT),
                             ("seconds", SORTING, WALL),
                             ("heap", LINEAR, COUNT)):
        some = pairs(points, what)
        if plot.can_fit(some):
            target("%s: exponent of %s, from %s to %s" % (
                job, what, plot.start_of_fit(some, x_name),
                row_end(points, what, x_name)), plot.fit(some)[0], most, kind)


# ---- devices ---------------------------------------------------------------

COUNT_SCRIPT = 'exec valgrind --tool=callgrind "--callgrind-out-file=$1" ' \
    '"$2" list'


def own_instructions(path):
    """Of our program and of libusb, apart from the system's: what is counted
    of a made-up bus is mostly the making up."""
    text = output(["callgrind_annotate", "--threshold=100", path])
    total = 0
    for count, name in re.findall(r"^\s*([\d,]+) \(.*\[(.*)\]$", text, re.M):
        if os.path.basename(name).startswith(("sector0", "libusb-")):
            total += int(count.replace(",", ""))
    return total


def list_devices(build, count):
    words = [build.mock_run]
    for seed in range(1, count + 1):
        words += ["--device", "stm32h743,seed=%d" % seed]
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        profile = os.path.join(directory, "callgrind")
        said = output(words + ["--", "sh", "-c", COUNT_SCRIPT, "sh", profile,
                               build.sector0], env=environment())
        if len(re.findall("^usb:", said, re.M)) != count:
            raise ValueError("not %d devices in:\n%s" % (count, said))
        return own_instructions(profile)


def devices(build):
    if not os.path.exists(build.mock_run) or not have_valgrind():
        say("\nlist of devices: not measured, it needs umockdev and valgrind")
        return []
    points = [{"n": n, "instructions": list_devices(build, n)}
              for n in DEVICES]
    exponent = plot.fit(pairs(points, "instructions"))[0]
    heading("sector0 list, by devices on a made-up bus", COUNT)
    table(["devices", "instructions of sector0 and libusb"],
          [[p["n"], p["instructions"]] for p in points])
    say("\nexponent %.2f; from %d to %d alone %.2f" % (
        exponent, points[-2]["n"], points[-1]["n"],
        last_step(pairs(points, "instructions"))))
    target("list of devices: exponent", exponent, 1.1, COUNT)
    return points


def run(build):
    kept, rows = {}, []
    for job, (sizes, counted, limit) in JOBS.items():
        x_name = "segments" if job.startswith("segments") else "bytes"
        points = measure(build, job, sizes, counted)
        kept[job] = points
        rows.append(row_of(job, points, x_name))
        judge(job, points, x_name, limit)
    heading("Growth", "exponents by instructions and heap are exact, "
            "seconds are this machine's")
    table(["job", "n", "ms at the end", "heap KiB there",
           "exponent by instructions", "of", "by CPU seconds", "of",
           "by heap", "of"], rows)
    kept["list"] = devices(build)
    return kept
