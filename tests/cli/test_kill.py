# SPDX-License-Identifier: MIT
"""kill -9 at moments spread over a whole run: nothing is lost.

A killed process leaves the virtual chip what a brown-out leaves, torn erases
and writes included, and the journal what a crash of the host leaves. Half of
the kills meet a run with --keep, half one with --rollback. Every other one waits
for an event of a stage, since an erase takes most of the time.

    tests/cli/test_kill.py COMMAND [--kills 1000]
"""

import collections
import json
import os
import random
import shutil
import subprocess
import sys
import time

import harness
from harness import Case, main, ihex, noise, FLASH, SECTOR

ALL = 16 * SECTOR
OLD = [(FLASH, noise(6000, 1)), (FLASH + 2 * SECTOR, noise(3000, 3))]
NEIGHBOURS = [(FLASH + 0x10000, noise(500, 7)),
              (FLASH + SECTOR + 0x8000, noise(70, 8)),
              (FLASH + 2 * SECTOR + 4000, noise(640, 9)),
              (FLASH + 5 * SECTOR, noise(64, 10))]
NEW = [(FLASH, noise(5000, 4)), (FLASH + SECTOR, noise(3001, 5)),
       (FLASH + 2 * SECTOR, noise(3000, 6))]
SLOW = "clock=real*0.05"


def kills():
    """The number that --kills asks for; takes it off the command line."""
    if "--kills" not in sys.argv:
        return 50
    at = sys.argv.index("--kills")
    number = int(sys.argv[at + 1])
    del sys.argv[at:at + 2]
    return number


def memory(*chunks):
    flash = bytearray(b"\xff" * ALL)
    for address, data in chunks:
        flash[address - FLASH:address - FLASH + len(data)] = data
    return bytes(flash)


class Kill(Case):
    def setUp(self):
        super().setUp()
        self.file("old.hex", ihex(*OLD, *NEIGHBOURS))
        self.file("new.hex", ihex(*NEW))
        self.run_ok("flash", "old.hex", "-d", self.chip("base.sim"))
        self.before = memory(*OLD, *NEIGHBOURS)
        self.kept = memory(*OLD, *NEIGHBOURS, *NEW)
        self.plain = memory(*NEW, NEIGHBOURS[3])
        self.phases = collections.Counter()
        self.random = random.Random(20)
        shutil.rmtree(self.path("state"))

    def flash(self):
        self.run_ok("read", "all", "now.bin", "-q", "-d", self.chip())
        return self.bytes_of("now.bin")

    def start(self, *args):
        shutil.copy(self.path("base.sim"), self.path("chip.sim"))
        shutil.rmtree(self.path("state"), ignore_errors=True)
        return subprocess.Popen(
            [harness.COMMAND, "--json", *args, "-d",
             self.chip("chip.sim", SLOW)], cwd=self.directory,
            env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    def length_of(self, *args):
        """Seconds that a run takes that nobody kills."""
        begun = time.monotonic()
        out, _ = self.start(*args).communicate(timeout=250)
        self.assertEqual(json.loads(out.splitlines()[-1])["event"], "result")
        return time.monotonic() - begun

    def reach(self, process, stage, number):
        """Read up to the event of a stage that has that number; what was
        read."""
        seen = b""
        for line in process.stdout:
            seen += line
            number -= b'"stage":"%s"' % stage in line.replace(b" ", b"")
            if number < 0:
                break
        return seen

    def kill(self, moment, *args, stage=None, number=0):
        """At that many seconds, since the start or since an event."""
        process = self.start(*args)
        seen = self.reach(process, stage, number) if stage else b""
        time.sleep(moment)
        process.kill()
        out = seen + process.communicate(timeout=250)[0]
        events = []
        for line in out.decode().splitlines():
            try:
                events.append(json.loads(line))
            except ValueError:
                pass  # cut
        stages = [e["stage"] for e in events if e["event"] == "progress"]
        done = any(e["event"] == "result" for e in events)
        self.phases["after" if done else stages[-1] if stages
                    else "before"] += 1
        return done

    def spread(self, number, check, *args):
        """Kills at that many moments, from the start to a little behind the
        end."""
        length = self.length_of(*args) * 1.02
        for i in range(number):
            if i % 2:
                done = self.kill(self.random.random() * 0.005, *args,
                                 stage=(b"erase", b"write", b"verify")[
                                     i // 2 % 3],
                                 number=self.random.randrange(4))
            else:
                moment = (i + self.random.random()) / number * length
                done = self.kill(moment, *args)
            check(i, done)
            os.unlink(self.path("chip.sim"))
        print("# %d kills of %s: %s" % (number, " ".join(args), ", ".join(
            "%d %s" % (self.phases[p], p) for p in (
                "before", "survey", "read", "erase", "write", "verify",
                "after"))), file=sys.stderr)
        for phase in ("erase", "write", "verify"):
            if number >= 200:
                self.assertGreater(self.phases[phase], 0, self.phases)
        self.assertGreater(self.phases["erase"], 0, self.phases)

    def assert_is(self, expected, *what):
        now = self.flash()
        if now not in expected:
            at = [next(k for k in range(ALL) if now[k] != e[k])
                  for e in expected]
            self.fail("%s: differs at %s" % (what, [hex(a) for a in at]))
        return now

    def check_keep(self, i, done):
        keep = ("flash", "new.hex", "--keep", "-d", self.chip())
        if i % 3 == 1:
            self.run_ok("recover", "-d", self.chip())
            now = self.flash()
            for address, data in NEIGHBOURS:
                at = address - FLASH
                self.assertEqual(now[at:at + len(data)], data, i)
        if i % 3 == 2:
            run = self.call(*keep, "--rollback")
            if run.status:  # what was there before is not all there
                self.assertEqual(run.status, 1, run)
                self.assertIn("'sector0 recover' puts back", run.err)
                self.run_ok("recover", "-d", self.chip())
                self.run_ok(*keep, "--rollback")
        else:
            self.run_ok(*keep)
        self.assert_is([self.kept], "keep", i, done)

    def check_rollback(self, i, done):
        if i % 3 == 0:
            self.run_ok("recover", "-d", self.chip())
            now = self.assert_is([self.before, self.plain], "recover", i)
            if done:
                self.assertEqual(now, self.plain)
        else:
            self.run_ok("flash", "new.hex", "-d", self.chip(),
                        *(("--rollback",) if i % 3 == 1 else ()))
            self.assert_is([self.plain], "again", i)
        run = self.run_ok("recover", "-d", self.chip())
        self.assertIn("nothing to put back", run.out)

    def test_with_keep_every_neighbour_is_there_in_the_end(self):
        self.spread(KILLS // 2, self.check_keep, "flash", "new.hex", "--keep")

    def test_with_rollback_it_is_the_new_or_what_was_there(self):
        self.spread(KILLS - KILLS // 2, self.check_rollback, "flash",
                    "new.hex", "--rollback")


if __name__ == "__main__":
    KILLS = kills()
    main()
