# SPDX-License-Identifier: MIT
"""What is done with what a machine leaves, once it is off."""

import glob
import os
import re
import subprocess
import time


def attempt(arguments, folder):
    """Verdict, and what was said if it is a bad one."""
    done = subprocess.run(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, cwd=folder, timeout=300, text=True,
        env=dict(os.environ, XDG_STATE_HOME=os.path.join(folder, "state")))
    return done.returncode, done.stdout


def trace(sector0, path, folder):
    """Replayed, our program does the same with the recorded answers, and ends
    with the recorded status; checked, the model gives the same answers."""
    name = os.path.basename(path)[:-len(".trace")]
    with open(os.path.join(folder, name + ".profile"),
              encoding="utf-8") as file:
        profile = file.read()
    if name == "unplugged":
        # The model cannot know of it; check says what it would have to be
        # told.
        _, said = attempt([sector0, "trace", "check", path, profile], folder)
        profile += "," + "".join(re.findall(r"\((fault=unplug@\d+)\)", said))
    text = ""
    for words, wanted, told in (
            (["replay", path], 3 if name == "unplugged" else 0,
             "transfers, the same$"),
            (["check", path, profile], 0, "answers the same$")):
        status, said = attempt([sector0, "trace", *words], folder)
        if status != wanted or not re.search(told, said, re.M):
            text += "%s: status %d instead of %d, or not '%s'\n%s" % (
                " ".join(words), status, wanted, told, said[-2000:])
    return text


def traces(settings, out):
    """A result for each trace that a machine recorded."""
    results = []
    for path in sorted(glob.glob(out + "/*.trace")):
        begun = time.monotonic()
        why = trace(settings["sector0"], path, out)
        results.append({
            "case": "%s, recorded there, is replayed and checked outside"
                    % os.path.basename(path),
            "module": "afterwards", "machine": settings["machine"],
            "verdict": "FAILED" if why else "ok", "why": why, "rows": [],
            "notes": [], "seconds": time.monotonic() - begun})
    return results
