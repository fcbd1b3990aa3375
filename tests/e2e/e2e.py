# SPDX-License-Identifier: MIT
"""End to end: programs on a real Linux kernel, with virtual boards attached.

Boots a machine, runs the cases in it, prints a line for each and the table of
foreign programs, and writes both to build-e2e/report.md. Exit status: 0, 1 if
a case failed, 77 if no machine can be had here (the last line says why).
"""

import argparse
import glob
import json
import os
import shutil
import sys

import afterwards
import packages
from foreign import make_examples
import guest
from machines import Broken, Qemu, Uml, shell as at_terminal
from packages import Unavailable, say
import report

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
SKIPPED = 77


def arguments():
    parser = argparse.ArgumentParser(prog="./run e2e", description=__doc__)
    parser.add_argument("--uml", action="store_true", help="in User Mode "
                        "Linux, in real and then in simulated time")
    parser.add_argument("--cuts", type=int, metavar="N", help="unplug at N "
                        "moments (QEMU 20, UML 100)")
    parser.add_argument("--only", default="", metavar="TEXT",
                        help="the cases with TEXT in their sentence")
    parser.add_argument("--shell", action="store_true", help="run a shell "
                        "in the machine, with one board attached")
    parser.add_argument("--golden", action="store_true", help="keep the "
                        "request logs of this run as the right ones")
    parser.add_argument("--sector0", default="build/cli/sector0",
                        help="the command to test (%(default)s)")
    return parser.parse_args()


def settings_of(options, machine, cache):
    cuts = options.cuts or (20 if machine.name == "qemu" else 100)
    return {"machine": "simulated" if machine.simulated else machine.name,
            "sector0": os.path.abspath(options.sector0),
            "cuts": cuts, "only": options.only, "build": cache.root,
            "golden": options.golden, "seconds": 120 + 4 * cuts,
            "alone": None}


def results_of(out):
    """The results of the cases, and whether they are all there."""
    results, done = [], None
    try:
        with open(os.path.join(out, "results"), encoding="utf-8") as file:
            for line in file:
                found = json.loads(line)
                if "done" in found:
                    done = found["done"]
                else:
                    results.append(found)
    except (OSError, ValueError):
        pass
    return results, done == len(results) and done is not None


def tail(path, lines=40):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])
    except OSError:
        return ""


def run_machine(machine, settings, out):
    """The results of the cases on one machine; a machine that breaks is a
    case that failed."""
    command = "exec python3 -B '%s/guest.py' '%s'\n" % (
        HERE, json.dumps(settings))
    problem = None
    try:
        status, seconds = machine.run(out, command, 300 + 8 * settings["cuts"])
        say("%s: %.0f s" % (settings["machine"], seconds))
        if status:
            problem = "the cases ended with status %d" % status
    except Broken as error:
        problem = str(error)
    results, whole = results_of(out)
    if not whole and not problem:
        problem = "not all cases were run"
    if problem:
        results.append({
            "case": "the machine runs all cases", "module": "machine",
            "verdict": "FAILED", "rows": [], "notes": [], "seconds": 0,
            "why": "%s\n--- said\n%s--- console\n%s" % (
                problem, tail(out + "/said"), tail(out + "/console"))})
    for result in results:
        result["machine"] = settings["machine"]
    return results


def run_all(machine, options, cache):
    """All cases of a machine: together, and those that want one for
    themselves each in its own."""
    settings = settings_of(options, machine, cache)
    alone = [one.sentence
             for one in guest.cases_for(settings["machine"], options.only)
             if one.alone]
    out = cache.path("out-" + settings["machine"])
    results = run_machine(machine, settings, out)
    results += afterwards.traces(settings, out)
    for number, sentence in enumerate(alone):
        settings["alone"] = sentence
        out = cache.path("out-%s-%d" % (settings["machine"], number))
        results += run_machine(machine, settings, out)
        if options.golden:
            for log in glob.glob(out + "/*.log"):
                shutil.copy(log, HERE + "/golden")
    return results


def machines(options, cache):
    if options.uml:
        return [Uml(cache), Uml(cache, simulated=True)]
    return [Qemu(cache)]


SHELL = """export PATH="%(path)s:$PATH"
sector0 sim serve --attach --control /run/control --log /run/log </dev/null &
sleep 2
echo "sector0 sim control --control /run/control help; requests: /run/log"
exec sh -i
"""


def shell(options, cache):
    """One machine of the chosen kind, at this terminal."""
    machine, out = machines(options, cache)[0], cache.path("out-shell")
    at_terminal(machine.arguments(out), out, SHELL % {
        "path": os.path.dirname(os.path.abspath(options.sector0))})
    return 0


def main():
    options = arguments()
    cache = packages.Cache(os.path.join(ROOT, "build-e2e"))
    try:
        made = machines(options, cache)
        make_examples(cache)
    except Unavailable as reason:
        say("no machine to run it in: %s" % reason)
        return SKIPPED
    if options.shell:
        return shell(options, cache)
    results = []
    for machine in made:
        results += run_all(machine, options, cache)
    return report.write(results, cache.path("report.md"))


if __name__ == "__main__":
    sys.exit(main())
