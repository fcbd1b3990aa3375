# SPDX-License-Identifier: MIT
"""Inside the machine: flash programs side by side. usage: real_guest.py SETTINGS

SETTINGS is a JSON object: what tests/e2e/guest.py takes, and "runs", a list of
{profile, size, program}. A line of JSON for each run goes to /out/results.
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
E2E = os.path.join(os.path.dirname(HERE), "tests", "e2e")
sys.path.insert(0, E2E)

import bench  # noqa: E402 (of tests/e2e: the tools of a case)
import guest  # noqa: E402

SECONDS = 600  # the most that one program may take
PYTHON = "/usr/bin/python3"


def command(program, sector0):
    """The words that flash app.bin."""
    dfu_util = ["dfu-util", "-a", "0", "-D", "app.bin", "-s"]
    steps = [PYTHON, "-B", E2E + "/pydfu_steps.py", "write"]
    place = ["0x08000000", "app.bin"]
    return {
        "sector0": [sector0, "flash", "app.bin", "--address", "0x08000000"],
        "sector0 --no-verify": [sector0, "flash", "app.bin", "--address",
                                "0x08000000", "--no-verify"],
        "dfu-util": [*dfu_util, "0x08000000"],
        "dfu-util, mass erase": [*dfu_util, "0x08000000:mass-erase:force"],
        "dfu-util, blocks of 4096": [*dfu_util, "0x08000000", "-t", "4096"],
        "steps of pydfu": [*steps, *place],
        "steps of pydfu, mass erase": [*steps, "-m", *place],
    }[program]


def flash(tools, run, settings):
    """One program on a new chip; what it took."""
    content = bench.noise(run["size"])
    tools.file("app.bin", content)
    words = command(run["program"], settings["sector0"])
    with tools.serve(run["profile"], scale="1") as server:
        before = len(server.log())
        done = tools.run(settings["bench_run"], "1", *words, seconds=SECONDS)
        tools.same(done.status, 0, done)
        wall, cpu, resident, status = done.out.split()
        found = {"wall_s": float(wall), "cpu_s": float(cpu),
                 "resident_kib": int(resident),
                 "transfers": len(server.log()) - before,
                 "exit": int(status)}
        found["right"] = server.peek(bench.FLASH, run["size"]) == content
    return found


def complaint(tools, run, settings):
    """Why it fails: its last words to a board that is new, too."""
    tools.file("app.bin", bench.noise(run["size"]))
    with tools.serve(run["profile"], scale="1"):
        done = tools.run(*command(run["program"], settings["sector0"]),
                         seconds=SECONDS)
    said = (done.err or done.out).strip().splitlines()
    return said[-1][-200:] if said else ""


def main():
    settings = json.loads(sys.argv[1])
    guest.start_udevd(settings["build"])
    with open("/out/results", "w", encoding="utf-8") as out:
        for number, run in enumerate(settings["runs"]):
            tools = bench.Bench(settings, "/run/bench/%d" % number)
            run.update(flash(tools, run, settings))
            if run["exit"] or not run["right"]:
                tools = bench.Bench(settings, "/run/bench/%d-again" % number)
                run["said"] = complaint(tools, run, settings)
            out.write(json.dumps(run) + "\n")
            out.flush()
        out.write(json.dumps({"done": len(settings["runs"])}) + "\n")


if __name__ == "__main__":
    main()
