# SPDX-License-Identifier: MIT
"""Two programs on equal virtual boards, one after the other."""
import collections
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "cli"))
from harness import FLASH, elf, ihex, noise  # noqa: E402,F401  pylint: disable=all

SECTOR0 = MOCK_RUN = None
UID = "0123456789abcdef01234567"
Run = collections.namedtuple("Run", "status out err")


def main(module):
    global SECTOR0, MOCK_RUN
    SECTOR0, MOCK_RUN = (os.path.abspath(p) for p in sys.argv[1:3])
    unittest.main(module=module, argv=[sys.argv[0], *sys.argv[3:]])


class Boards(unittest.TestCase):
    """A folder, and a board for whoever asks."""
    KIND = "stm32h743,rom=0x92,time_scale=0.01"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.environment = dict(os.environ, XDG_STATE_HOME=self.path("state"),
                                HOME=self.folder)
        self.environment.pop("SECTOR0_DEVICE", None)
        self.file("app.bin", noise(5000))
        self.file("app.hex", ihex((FLASH, noise(5000))))

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content)

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def sector0(self, *args):
        run = subprocess.run([SECTOR0, *args], cwd=self.folder,
                             env=self.environment, capture_output=True)
        self.assertEqual(run.returncode, 0, run)
        return run.stdout

    def on_board(self, board, program, stdin=b"", kind=None):
        """Run a program beside a board that outlives it; b'' for none."""
        kind = f"{kind or self.KIND},uid={UID},file={self.path(board)}"
        for _ in range(5):
            run = subprocess.run(
                [MOCK_RUN, "--device", kind, "--", *program],
                input=stdin, cwd=self.folder, env=self.environment,
                capture_output=True, timeout=120)
            # The made-up bus tells a program of a device that has left, and
            # is aborted when that has just ended.
            if run.returncode >= 0 or b"uevent_sender" not in run.stderr:
                break
        return Run(run.returncode, run.stdout.decode(errors="replace"),
                   run.stderr.decode(errors="replace"))

    def flash_of(self, board, kind=None):
        chip = [word for word in (kind or self.KIND).split(",")
                if "=" not in word or word.startswith("flash_kb=")]
        return self.sector0("checksum", "-d", "sim:" + ",".join(chip) +
                            f",file={self.path(board)}")

    def options_of(self, board, kind=None):
        """Its option bytes by name; None: it does not tell them."""
        kind = kind or self.KIND
        run = subprocess.run(
            [SECTOR0, "option", "save", "-", "-d",
             f"sim:{kind.split(',')[0]},file={self.path(board)}"],
            cwd=self.folder, env=self.environment, capture_output=True)
        return run.stdout if run.returncode == 0 else None

    def remove(self, *names):
        for name in names:
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))


Pair = collections.namedtuple("Pair", "theirs ours got mine")


class Beside(Boards):
    """dfu-util and what stands in for it, each with a board of its own."""

    def once(self, board, program, args, stdin=b"", kind=None):
        """Its run and the file up.bin that it made; None: none."""
        self.remove("up.bin")
        run = self.on_board(board, [*program, *args], stdin, kind)
        return run, (self.bytes_of("up.bin")
                     if os.path.exists(self.path("up.bin")) else None)

    def both(self, args, stdin=b"", kind=None):
        theirs, got = self.once("theirs", ["dfu-util"], args, stdin, kind)
        ours, mine = self.once("ours", [SECTOR0, "as", "dfu-util"], args,
                               stdin, kind)
        return Pair(theirs, ours, got, mine)

    def strict(self, args, stdin=b"", kind=None):
        return self.once("ours", [SECTOR0, "as", "dfu-util",
                                  "--strict-compat"], args, stdin, kind)[0]
