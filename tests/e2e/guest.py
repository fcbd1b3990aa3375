# SPDX-License-Identifier: MIT
"""Runs the cases inside a machine. usage: guest.py SETTINGS

SETTINGS is a JSON object: what Bench says it takes, only (a part of a
sentence, or ""), alone (the sentence of the one case that is to have the
machine for itself, or null) and seconds (the most that a case may take). The
results are one JSON object a case in /out/results, written as they come.
"""

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

import bench
import usbsys

MODULES = ["cases_flash", "cases_boards", "cases_rights", "cases_dfu_util",
           "cases_others", "cases_fwupd", "cases_usbip", "cases_gen_a",
           "cases_trace", "cases_time", "cases_cuts"]
RULES = "/usr/lib/udev/rules.d"


def start_udevd(build):
    """udevd with the rule of the system that makes nodes, and ours: no
    program is told of a device that was plugged in without it."""
    kept = "/run/e2e-rules"
    os.makedirs(kept)
    unpacked = os.path.join(build, "udev")
    for rules in (unpacked + "/lib/udev/rules.d/50-udev-default.rules",
                  bench.ROOT + "/udev/70-sector0.rules"):
        shutil.copy(rules, kept)
    for directory in (RULES, "/etc/udev/rules.d"):
        os.makedirs(directory, exist_ok=True)
        subprocess.run(["mount", "--bind", kept, directory], check=True)
    libraries = ":".join([unpacked + "/lib/x86_64-linux-gnu",
                          unpacked + "/usr/lib/x86_64-linux-gnu"])
    subprocess.run(["systemd-udevd", "--daemon"], check=True,
                   executable=unpacked + "/bin/udevadm",
                   env=dict(os.environ, LD_LIBRARY_PATH=libraries))


class TooLong(Exception):
    """A case that did not end."""


def alarm(_number, _frame):
    raise TooLong("it was not done in time")


def leftovers():
    """No case may see what another one left."""
    for entry in os.scandir("/proc"):
        try:
            with open(entry.path + "/cmdline", "rb") as file:
                if b"\0serve\0--attach" in file.read():
                    os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, ValueError):
            continue
    usbsys.wait(lambda: not usbsys.boards(), 10)


def attempt(one, tools, seconds):
    """Verdict of a case, and why."""
    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(seconds)
    try:
        one.function(tools)
        return "ok", ""
    except bench.Skipped as reason:
        return "skipped", str(reason)
    except bench.Failed as reason:
        place = traceback.extract_tb(reason.__traceback__)
        lines = [f for f in place if "cases_" in f.filename]
        return "FAILED", "%s%s" % (
            "line %d: " % lines[-1].lineno if lines else "", reason)
    except Exception:  # whatever it is, the other cases are run
        return "FAILED", traceback.format_exc()
    finally:
        signal.alarm(0)


def evidence(tools):
    """The end of what a failed case leaves: the server's words and log."""
    text = ""
    for name in ("server", "log"):
        if os.path.exists(tools.path(name)):
            lines = tools.bytes_of(name).decode(errors="replace").split("\n")
            text += "\n--- %s\n%s" % (name, "\n".join(lines[-25:]))
    return text


def run_case(number, one, settings):
    tools = bench.Bench(settings, "/run/e2e/%d" % number)
    begun = time.monotonic()
    verdict, why = attempt(one, tools, settings["seconds"])
    if verdict == "FAILED":
        why += evidence(tools)
        leftovers()
    shutil.rmtree(tools.directory, ignore_errors=True)
    return {"case": one.sentence, "module": one.function.__module__,
            "verdict": verdict, "why": why, "rows": tools.rows,
            "notes": tools.notes,
            "seconds": round(time.monotonic() - begun, 3)}


def cases_for(machine, only):
    """The cases on a machine that have a text in their sentence."""
    for module in MODULES:
        importlib.import_module(module)
    return [one for one in bench.CASES
            if machine in one.machines and only in one.sentence]


def main():
    settings = json.loads(sys.argv[1])
    chosen = [one for one in cases_for(settings["machine"], settings["only"])
              if one.sentence == settings["alone"]
              or not (one.alone or settings["alone"])]
    start_udevd(settings["build"])
    with open("/out/results", "w", encoding="utf-8") as out:
        for number, one in enumerate(chosen):
            result = run_case(number, one, settings)
            out.write(json.dumps(result) + "\n")
            out.flush()
        out.write(json.dumps({"done": len(chosen)}) + "\n")


if __name__ == "__main__":
    main()
