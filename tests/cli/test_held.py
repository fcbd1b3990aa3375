# SPDX-License-Identifier: MIT
"""Two programs on one device: the second is told who has it."""

import fcntl
import glob
import json
import os
import subprocess
import sys

import harness
from harness import Case, main, ihex, noise, FLASH

HOLDER = """
import fcntl, sys
with open(sys.argv[1], "rb") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    print(flush=True)
    sys.stdin.read()
"""


class Held(Case):
    def setUp(self):
        super().setUp()
        self.file("app.hex", ihex((FLASH, noise(3000))))

    def told(self, holder, name, *args):
        """The error of a run that finds the device taken."""
        run = self.run_bad(1, *args)
        self.assertIn("' is in use by %s (process %d)\n" % (name, holder),
                      run.err)
        self.assertIn("hint: end the other program that uses the device",
                      run.err)
        last = self.last(*args, status=1)
        self.assertEqual(last["code"], "E_BUSY")
        return run

    def test_the_second_flash_is_told_of_the_first(self):
        chip = self.chip("c.sim")
        os.mkdir(self.path("other"))
        self.file("other/c.sim", b"")
        # Another file of that name is another file.
        other = open(self.path("other/c.sim"), "rb")
        self.addCleanup(other.close)
        fcntl.flock(other, fcntl.LOCK_EX)
        first = subprocess.Popen(
            [harness.COMMAND, "flash", "app.hex", "--json", "-d",
             chip + ",clock=real,erase_ms=60000"], cwd=self.directory,
            env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        for line in first.stdout:
            event = json.loads(line)
            if event["event"] == "progress" and event["stage"] == "erase":
                break
        for args in (("flash", "app.hex"), ("erase", "all")):
            run = self.told(first.pid, "sector0", *args, "-d", chip)
            self.assertIn("device: untouched\n", run.err)
        self.assertIsNone(first.poll())
        first.kill()
        first.communicate(timeout=60)
        self.run_ok("flash", "app.hex", "-d", chip)

    def test_whoever_locked_the_record_is_named_not_who_reads_it(self):
        chip = self.chip()
        self.run_ok("flash", "app.hex", "--rollback", "-d", chip)
        record, = glob.glob(self.path("state/sector0/*/*"))
        with open(record, "rb"):
            holder = subprocess.Popen(
                [sys.executable, "-c", HOLDER, record],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            holder.stdout.readline()
            with open("/proc/%d/comm" % holder.pid, encoding="utf-8") as comm:
                name = comm.read().rstrip("\n")
            run = self.told(holder.pid, name, "erase", "all", "-d", chip)
            self.assertIn(os.path.basename(record), run.err)
            holder.communicate()
            self.run_ok("erase", "all", "-d", chip)


if __name__ == "__main__":
    main()
