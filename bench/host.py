# SPDX-License-Identifier: MIT
"""What the host has to give: start-up, size, memory."""

import json
import os
import re
import shutil
import tempfile

from machine import environment, output
from tables import COUNT, WALL, heading, say, table, target

RUNS = 300
LIBRARIES = ["libc.so.6", "libelf.so.1", "libjansson.so.4",
             "libusb-1.0.so.0", "libz.so.1"]
MIB = 1 << 20


def start_up(build):
    rows, found = [], {}
    for words in (["--version"], ["list"], ["plan", "--help"]):
        wall, cpu, resident = build.run(RUNS, build.sector0, *words)
        name = " ".join(words)
        rows.append(["sector0 " + name, "%.2f" % (wall * 1e3),
                     "%.2f" % (cpu * 1e3), resident])
        found[name] = {"wall_s": wall, "cpu_s": cpu, "resident_kib": resident}
    heading("Start-up, best of %d runs" % RUNS, WALL)
    table(["command", "wall ms", "CPU ms", "resident KiB"], rows)
    target("sector0 list: CPU ms", found["list"]["cpu_s"] * 1e3, 5, WALL)
    return found


def binary(build, directory):
    stripped = os.path.join(directory, "sector0")
    output(["strip", "-o", stripped, build.sector0])
    size = os.path.getsize(stripped)
    needed = sorted(re.findall(
        r"NEEDED.*\[(.*)\]", output(["readelf", "-d", build.sector0])))
    heading("The program", COUNT)
    say("stripped: %d bytes; needs %s" % (size, ", ".join(needed)))
    target("stripped size of sector0: KiB", size / 1024, 1024, COUNT)
    more = [name for name in needed if name not in LIBRARIES]
    target("libraries besides libc, libelf, libjansson, libusb, libz: "
           "number", len(more), 0, COUNT)
    return {"bytes": size, "needed": needed}


def memory(build, directory):
    """Of whole processes, the virtual chip in them included; and of the
    library's own heap."""
    rows, found = [], {}
    for size in (4096, 2 * MIB):
        file = os.path.join(directory, "image.bin")
        output([build.bench("bench_parsers"), "make", size, file])
        for name, words in (
                ("plan", ["plan", file, "--chip", "stm32h743"]),
                ("flash", ["flash", file, "-d", "sim:stm32h743,rom=0x92"]),
                ("read", ["read", "0x08000000", size,
                          os.path.join(directory, "out.bin"),
                          "-d", "sim:stm32h743,rom=0x92"])):
            if name != "read":
                words += ["--address", "0x08000000"]
            _, _, resident = build.run(5, build.sector0, *words)
            rows.append(["sector0 %s, %d KiB" % (name, size // 1024),
                         resident])
            found["%s %d" % (name, size)] = resident
    heap = json.loads(output(
        [build.bench("bench_session"), "sim:stm32h743,rom=0x92", 2 * MIB,
         "program"], env=environment()))["heap"]
    heading("Memory: most resident of the whole process, the virtual chip "
            "included", COUNT)
    table(["command", "KiB"], rows)
    say("\nheap of s0_session_plan() and s0_session_run() for 2 MiB, image "
        "included: %d KiB at its peak" % (heap // 1024))
    target("sector0 flash of 2 MiB, whole process: MiB",
           found["flash %d" % (2 * MIB)] / 1024, 16, COUNT)
    found["session heap"] = heap
    return found


def run(build):
    directory = tempfile.mkdtemp(prefix="bench-")
    try:
        return {"start_up": start_up(build),
                "binary": binary(build, directory),
                "memory": memory(build, directory)}
    finally:
        shutil.rmtree(directory)
