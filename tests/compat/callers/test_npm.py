# SPDX-License-Identifier: MIT
"""Particle's command-line programs, as npm has them: their module that calls
dfu-util, unchanged, with dfu-util itself and with ours under its name.

usage: test_npm.py SECTOR0 MOCK_RUN [TEST...]; skipped where npm has nothing.
"""
import os
import re
import tempfile

import registry
from bench import FLASH, noise

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "particle.js")
AT = FLASH + 0x20000


class Particle:
    """What is the same of all versions."""
    MODULES = ()
    DFU = "lib/dfu.js"

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.script = os.path.join(
            registry.npm(cls.PACKAGE, cls.MODULES, folder.name), cls.DFU)

    def both(self, *args, kind=None):
        return self.beside("node", "--no-deprecation", DRIVER, self.script,
                           *args, kind=kind)

    def same(self, *args, kind=None):
        theirs, ours = self.both(*args, kind=kind)
        self.assertEqual(ours.status, theirs.status, (theirs, ours))
        self.assertEqual(self.verdict(ours), self.verdict(theirs))
        return ours

    def verdict(self, run):
        return re.search(r"^(resolved|rejected).*", run.out, re.M).group()

    def test_what_it_writes_it_finds_and_reads_back(self):
        self.assertEqual(self.same("find").status, 0)
        self.assertEqual(self.same("write").status, 0)
        self.assertEqual(self.flash_of("ours"), self.flash_of("theirs"))
        self.sector0("verify", f"app.bin@0x{AT:x}", "-d",
                     f"sim:stm32h743,file={self.path('ours')}")
        for name in ("theirs", "ours"):
            if os.path.exists(self.path("back.bin")):
                os.remove(self.path("back.bin"))
            run = self.called(name, ["node", DRIVER, self.script, "read"])
            self.assertEqual(run.status, 0, run)
            self.assertEqual(self.bytes_of("back.bin"), noise(5000))

    def test_a_board_that_leaves_is_a_success_with_ours(self):
        theirs, ours = self.both("write", "leave")
        self.assertEqual((theirs.status, ours.status), (1, 0), (theirs, ours))
        self.assertEqual(self.flash_of("ours"), self.flash_of("theirs"))

    def test_no_board_is_told(self):
        self.assertEqual(self.same("find", kind="none").status, 1)


class Spark(Particle, registry.Caller):
    PACKAGE = "spark-cli@0.3.0"
    MODULES = ("when", "xtend")


class Particle1(Particle, registry.Caller):
    PACKAGE = "particle-cli@1.16.0"
    MODULES = ("when", "xtend", "lodash", "chalk", "inquirer", "glob")

    def test_a_board_that_may_not_be_opened_is_told(self):
        ours = self.same("rights", kind="no-rights")
        self.assertIn("resolved true", ours.out)


class Particle2(Particle1):
    PACKAGE = "particle-cli@2.16.0"
    DFU = "dist/lib/dfu.js"
    MODULES = ("core-js", "xtend", "lodash", "chalk", "inquirer", "glob",
               "temp", "verror", "cli-spinner")


if __name__ == "__main__":
    registry.main("__main__")
