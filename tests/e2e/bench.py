# SPDX-License-Identifier: MIT
"""What a case of the end-to-end tests works with, inside the machine.

A case is a function with a sentence for a name:

    @case("dfu-util lists both memories of the board")
    def lists(bench):
        with bench.serve("stm32h743"):
            run = bench.run("dfu-util", "-l")
            bench.same(run.status, 0, run)
"""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import time

import usbsys
from server import Server

CASES = []
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
EXAMPLES = os.path.join(ROOT, "examples")
FLASH, BANK2, SECTOR = 0x08000000, 0x08100000, 128 * 1024


class Failed(Exception):
    """What a case found wrong."""


class Skipped(Exception):
    """Why a case cannot run here."""


class Case:
    def __init__(self, function, sentence, machines, alone):
        self.function = function
        self.sentence = sentence
        self.machines = machines
        self.alone = alone


def case(sentence, machines=("qemu", "uml", "simulated"), alone=False):
    """Makes a function a case, on the machines named; alone: each time on a
    machine that has not done anything before."""
    def register(function):
        CASES.append(Case(function, sentence, machines, alone))
        return function
    return register


def noise(length, seed=1):
    """Bytes that look random and are the same every time."""
    return random.Random(seed).randbytes(length)


class Run:
    """A program that ended."""

    def __init__(self, arguments, status, out, err, seconds):
        self.arguments, self.status = arguments, status
        self.out = (out or b"").decode(errors="replace")
        self.err = (err or b"").decode(errors="replace")
        self.seconds = seconds

    def __str__(self):
        return "%s\nstatus %s\n--- stdout\n%s\n--- stderr\n%s" % (
            " ".join(self.arguments), self.status, self.out[-3000:],
            self.err[-3000:])


class Measure:
    """One line of the table of foreign programs."""

    def __init__(self, program, operation):
        self.program, self.operation = program, operation
        self.result, self.transfers, self.seconds = "", 0, 0.0


class Bench:
    """The tools of one case; its directory is gone afterwards."""

    def __init__(self, settings, directory):
        self.machine = settings["machine"]  # "qemu", "uml" or "simulated"
        self.sector0_path = settings["sector0"]
        self.build = settings["build"]      # what was prepared on the host
        self.cuts = settings["cuts"]        # as many as are to be made
        self.golden = settings["golden"]    # are the kept logs made anew?
        self.directory = directory
        self.rows = []
        self.notes = []
        self.server = None
        os.makedirs(directory)

    # -- files

    def path(self, name):
        return os.path.join(self.directory, name)

    def file(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content)
        return self.path(name)

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def keep(self, name, content):
        """Leave a file in the shared directory, for the report."""
        with open(os.path.join("/out", name), "w", encoding="utf-8") as out:
            out.write(content)

    # -- programs

    def environment(self):
        found = dict(os.environ, XDG_STATE_HOME=self.path("state"),
                     XDG_RUNTIME_DIR=self.directory, HOME=self.directory)
        found.pop("SECTOR0_DEVICE", None)
        return found

    def start(self, *arguments, **more):
        """Start a program; its output is collected by finish()."""
        more.setdefault("env", self.environment())
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, cwd=self.directory, **more)
        process.begun = time.monotonic()
        return process

    def finish(self, process, seconds=120):
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
            raise Failed("killed after %d s: %s" % (seconds, Run(
                process.args, process.returncode, out, err, seconds)))
        return Run(process.args, process.returncode, out, err,
                   time.monotonic() - process.begun)

    def run(self, *arguments, seconds=120, **more):
        if not shutil.which(arguments[0]):
            raise Skipped("%s is not here" % arguments[0])
        return self.finish(self.start(*arguments, **more), seconds)

    def sector0(self, *arguments, **more):
        return self.run(self.sector0_path, *arguments, **more)

    def sector0_ok(self, *arguments, **more):
        run = self.sector0(*arguments, **more)
        self.same(run.status, 0, run)
        return run

    # -- virtual boards

    @contextlib.contextmanager
    def serve(self, *profiles, scale="0"):
        """Boards on the bus of this machine; see Server."""
        server = Server(self, profiles, scale)
        self.server = server
        try:
            server.begin()
            yield server
        finally:
            self.server = None
            server.end()

    @contextlib.contextmanager
    def measured(self, program, operation):
        """What is done inside is a line of the table."""
        row = Measure(program, operation)
        before = len(self.server.log()) if self.server else 0
        begun = time.monotonic()
        try:
            yield row
        finally:
            row.seconds = time.monotonic() - begun
            if self.server:
                row.transfers = len(self.server.log()) - before
            self.rows.append(vars(row))

    # -- expectations

    def note(self, text):
        """Something worth reading in the report."""
        self.notes.append(text)

    def check(self, true, text):
        if not true:
            raise Failed(str(text))

    def same(self, found, wanted, where=""):
        if found != wanted:
            raise Failed("%r instead of %r\n%s" % (found, wanted, where))

    def has(self, text, pattern, where=""):
        if not re.search(pattern, text, re.M):
            raise Failed("nothing like %r in\n%s\n%s" % (pattern, text, where))

    def holds(self, address, content, device=0):
        """The chip has these bytes, as only the server can tell."""
        found = self.server.peek(address, len(content), device)
        if found != content:
            at = next(i for i, (a, b) in enumerate(zip(found, content))
                      if a != b)
            raise Failed("0x%08x holds %s instead of %s" % (
                address + at, found[at:at + 8].hex(),
                content[at:at + 8].hex()))

    def wait(self, what, true, seconds=20):
        """Until something is so; a case fails when it never is."""
        usbsys.wait(true, seconds) or self.check(False, "never: " + what)
