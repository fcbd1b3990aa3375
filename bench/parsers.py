# SPDX-License-Identifier: MIT
"""Reading and converting firmware files, beside GNU objcopy.

The payload is 16 MiB of random bytes at 0x08000000. Parsing is that of the text
in memory, beside objcopy's conversion to raw binary; conversions are whole runs
of both commands. Files lie in memory: disks say nothing about programs. What is
compared is processor time; neither program waits or has a second thread.
"""

import filecmp
import os
import shutil

from machine import output, place
from tables import WALL, heading, table, target

SIZE = 16 << 20
RUNS = 15
BFD = {"hex": "ihex", "s37": "srec", "bin": "binary"}
PARSE_TARGET, CONVERT_TARGET = 10, 6


class Beside:
    """Both programs on the same files."""

    def __init__(self, build, directory):
        self.build = build
        self.directory = directory
        self.payload = self.path("payload.bin")
        output([build.bench("bench_parsers"), "make", SIZE, self.payload])
        for kind in ("hex", "s37"):
            output(["objcopy", "-I", "binary", "-O", BFD[kind],
                    "--change-addresses", "0x08000000", self.payload,
                    self.path("in." + kind)])

    def path(self, name):
        return os.path.join(self.directory, name)

    def parse(self, kind):
        """Seconds and peak of the heap."""
        words = output([self.build.bench("bench_parsers"), "parse",
                        self.path("in." + kind), RUNS]).split()
        if int(words[1]) != SIZE:
            raise ValueError("parsed %s bytes" % words[1])
        return float(words[0]), int(words[2])

    def convert(self, source, to):
        """Best CPU seconds of both: ours, objcopy's."""
        before = self.path("in." + source)
        ours = self.build.run(RUNS, self.build.sector0, "convert", "-q",
                              before, self.path("ours." + to))
        theirs = self.build.run(
            RUNS, "objcopy", "-I", BFD[source], "-O", BFD[to], before,
            self.path("objcopy." + to))
        for name in ("ours.", "objcopy."):
            if to == "bin" and not filecmp.cmp(self.path(name + to),
                                               self.payload, False):
                raise ValueError("%s%s is wrong" % (name, to))
        return ours[1], theirs[1]


def run(build):
    directory = place()
    rows, kept = [], []
    try:
        beside = Beside(build, directory)
        for kind, other in (("hex", "s37"), ("s37", "hex")):
            pairs = {to: beside.convert(kind, to) for to in ("bin", other)}
            seconds, heap = beside.parse(kind)
            theirs = pairs["bin"][1]
            rows.append(["parse .%s" % kind, "%.1f" % (seconds * 1e3),
                         "%.1f" % (theirs * 1e3),
                         "%.1f" % (theirs / seconds),
                         "%.2f" % (heap / SIZE)])
            target("parse .%s: objcopy / ours" % kind, theirs / seconds,
                   PARSE_TARGET, WALL, at_most=False)
            kept.append({"job": "parse " + kind, "seconds": seconds,
                         "objcopy_s": theirs, "heap": heap})
            for to, (ours, theirs) in pairs.items():
                name = "convert .%s to .%s" % (kind, to)
                rows.append([name, "%.1f" % (ours * 1e3),
                             "%.1f" % (theirs * 1e3),
                             "%.1f" % (theirs / ours), ""])
                target(name + ": objcopy / ours", theirs / ours,
                       CONVERT_TARGET, WALL, at_most=False)
                kept.append({"job": name, "seconds": ours,
                             "objcopy_s": theirs})
    finally:
        shutil.rmtree(directory)
    heading("Parsers, 16 MiB of payload, processor time, best of %d runs"
            % RUNS, WALL)
    table(["job", "ours ms", "objcopy ms", "ratio", "heap / payload"], rows)
    return kept
