# SPDX-License-Identifier: MIT
"""All benchmarks: tables, bench/results/results.json, plots, targets.

Exit status: 0, also where a figure misses its target; 1 when a benchmark (or,
with --guard, the guard) fails; 77 when the guard cannot be compared here.
"""

import argparse
import os
import sys

import growth
import guard
import host
import machine
import parsers
import pictures
import real
import results
import session
from tables import RATIOS, heading, say, show_targets

PARTS = {"session": session.run, "host": host.run, "parsers": parsers.run,
         "growth": growth.run, "real": real.run}
REAL_HOW = "./run bench --real builds what it needs once, about four minutes"


def arguments():
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--build", default="build", metavar="DIRECTORY",
                        help="a release build with -Dbench=true "
                        "(%(default)s)")
    parser.add_argument("--only", choices=PARTS, help="one part; what was "
                        "measured of the others stays in the results")
    parser.add_argument("--real", action="store_true", help="also on a real "
                        "kernel, in simulated time; builds that kernel once")
    parser.add_argument("--plots", action="store_true", help="only draw "
                        "docs/plots from what was measured last")
    parser.add_argument("--guard", action="store_true", help="only compare "
                        "instruction counts and virtual times with "
                        "bench/guard.json")
    parser.add_argument("--update-guard", action="store_true",
                        help="keep today's as the right ones")
    return parser.parse_args()


def parts_of(options):
    """The parts to be measured, {part: why it is left out}."""
    if options.only:
        names = [options.only] + ["real"] * (options.real and
                                             options.only != "real")
        return names, {}
    why = None if options.real else real.why_not()
    return ([name for name in PARTS if name != "real" or not why],
            {"real": why} if why else {})


def measure(build, names, left_out, here):
    """One part after the other; each is kept and drawn as soon as it is there.
    The number of pictures."""
    drawn = 0
    for name in names:
        before = len(RATIOS)
        try:
            figures = PARTS[name](build)
        except machine.LeftOut as reason:
            left_out[name] = str(reason)
        else:
            results.keep(name, figures, RATIOS[before:], here)
            drawn += pictures.draw(name, figures, machine.RESULTS)
    return drawn


def main():
    options = arguments()
    if options.plots:
        return pictures.draw_docs(results.load())
    build = machine.Build(options.build)
    if options.guard or options.update_guard:
        return guard.run(build, options.update_guard)
    here = machine.describe(build)
    os.makedirs(machine.RESULTS, exist_ok=True)
    heading("Machine", "where the figures that are not exact come from")
    for name, value in here.items():
        say("%-10s %s" % (name, value))
    names, left_out = parts_of(options)
    drawn = measure(build, names, left_out, here)
    show_targets(left_out)
    say("\nwritten: %s%s; in it are" % (
        os.path.relpath(results.FILE),
        ", and beside it as plots (*.svg): %d" % drawn if drawn else ""))
    for line in results.ages(results.load()):
        say(line)
    for name, why in left_out.items():
        say("left out: %s (beside other programs, on a real kernel), for %s; "
            "%s" % (name, why, REAL_HOW))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except machine.Failed as error:
        say("failed: %s" % error)
        sys.exit(1)
