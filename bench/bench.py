# SPDX-License-Identifier: MIT
"""All benchmarks: tables, bench/results/results.json, plots, targets.

Exit status: 0, also where a figure misses its target; 1 when a benchmark (or,
with --guard, the guard) fails; 77 when the guard cannot be compared here.
"""

import argparse
import json
import os
import sys

import growth
import guard
import host
import machine
import parsers
import real
import session
from tables import RATIOS, heading, say, show_targets

PARTS = {"session": session.run, "host": host.run, "parsers": parsers.run,
         "growth": growth.run}


def arguments():
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--build", default="build", metavar="DIRECTORY",
                        help="a release build with -Dbench=true "
                        "(%(default)s)")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--real", action="store_true", help="also on a real "
                        "kernel, in simulated time; builds that kernel once")
    parser.add_argument("--guard", action="store_true", help="only compare "
                        "instruction counts and virtual times with "
                        "bench/guard.json")
    parser.add_argument("--update-guard", action="store_true",
                        help="keep today's as the right ones")
    return parser.parse_args()


def main():
    options = arguments()
    build = machine.Build(options.build)
    if options.guard or options.update_guard:
        return guard.run(build, options.update_guard)
    found = {"machine": machine.describe(build)}
    os.makedirs(machine.RESULTS, exist_ok=True)
    heading("Machine", "where the figures that are not exact come from")
    for name, value in found["machine"].items():
        say("%-10s %s" % (name, value))
    for name, part in PARTS.items():
        if options.only in (None, name):
            found[name] = part(build)
    if options.real or (options.only is None and real.is_ready()):
        found["real"] = real.run(build)
    show_targets()
    found["targets"] = RATIOS
    path = os.path.join(machine.RESULTS, "results.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump(found, out, indent=1)
    say("\nwritten: %s, and the plots beside it" % os.path.relpath(path))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except machine.Failed as error:
        say("failed: %s" % error)
        sys.exit(1)
