# SPDX-License-Identifier: MIT
"""Runs that end early: faults, Ctrl-C, output that cannot be written."""

import json
import os
import signal
import subprocess
import time

import harness
from harness import Case, main, ihex, noise, FLASH, SECTOR, SIM


class Faults(Case):
    def setUp(self):
        super().setUp()
        self.file("app.hex", ihex((FLASH, noise(3000)),
                                  (FLASH + SECTOR, noise(3000, 2))))

    def test_a_run_that_breaks_says_how_the_device_is(self):
        total = self.last("flash", "app.hex", "-d", SIM)["transfers"]
        words = {"untouched": ("untouched", 1),
                 "partial": ("partly written", 3),
                 "unknown": ("unknown", 3)}
        seen = set()
        for fault in ("silent", "torn", "unplug", "hang"):
            for at in range(20, total + 60, max(1, total // 12)):
                chip = self.chip("%s-%d.sim" % (fault, at),
                                 "fault=%s@%d" % (fault, at))
                run = self.call("flash", "app.hex", "--json", "-d", chip)
                os.unlink(self.path("%s-%d.sim" % (fault, at)))
                last = json.loads(run.out.splitlines()[-1])
                if run.status == 0:
                    self.assertEqual(last["event"], "result", run)
                    continue
                if run.status == 4:
                    continue
                state, status = words[last["aftermath"]]
                self.assertEqual(run.status, status, run)
                self.assertIn("device: %s\n" % state, run.err)
                seen.add(state)
        self.assertIn("untouched", seen)
        self.assertTrue(seen & {"partly written", "unknown"}, seen)

    def test_a_broken_run_is_repaired_by_the_same_command(self):
        total = self.last("flash", "app.hex", "-d", SIM)["transfers"]
        chip = self.chip("c.sim", "fault=torn@%d" % (total - 10))
        run = self.run_bad(3, "flash", "app.hex", "-d", chip)
        self.assertIn("device: ", run.err)
        chip = self.chip("c.sim")
        self.run_ok("flash", "app.hex", "-d", chip)
        self.run_ok("verify", "app.hex", "-d", chip)


class Killed(Case):
    """kill -9 leaves the virtual chip what a brown-out leaves."""
    MOMENTS = [0.02 + 0.11 * k for k in range(12)]

    def test_the_same_command_repairs_and_nothing_kept_is_lost(self):
        neighbours = {FLASH + 0x10000: noise(500, 7),
                      FLASH + SECTOR + 0x8000: noise(70, 8),
                      FLASH + 2 * SECTOR: noise(64, 9)}
        self.file("old.hex", ihex(*neighbours.items()))
        self.file("app.hex", ihex((FLASH, noise(3000)),
                                  (FLASH + SECTOR, noise(3001, 2))))
        cut = 0
        for moment in self.MOMENTS:
            self.run_ok("flash", "old.hex", "-d", self.chip())
            process = subprocess.Popen(
                [harness.COMMAND, "flash", "app.hex", "--keep", "-d",
                 self.chip("chip.sim", "clock=real*0.5")],
                cwd=self.directory, env=self.environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(moment)
            process.kill()
            cut += process.wait() == -signal.SIGKILL
            self.run_ok("flash", "app.hex", "--keep", "-d", self.chip())
            for file in ("app.hex", "old.hex"):
                self.run_ok("verify", file, "-d", self.chip())
            os.unlink(self.path("chip.sim"))
        self.assertGreater(cut, 6)


class CtrlC(Case):
    # slow enough to be met in mid-run, fast enough for a test
    SLOW = "clock=real*0.3"

    def begin(self, *args):
        return subprocess.Popen(
            [harness.COMMAND, "--json", *args], cwd=self.directory,
            env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def interrupt(self, process, stage, number):
        """Send the signal when the stage has begun; return what remains."""
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "progress" and event["stage"] == stage:
                process.send_signal(number)
                break
        out, err = process.communicate(timeout=200)
        last = json.loads(out.decode().splitlines()[-1])
        return process.returncode, last, err.decode()

    def test_before_anything_changed(self):
        self.file("app.bin", noise(4 * SECTOR))
        chip = self.chip("c.sim")
        self.run_ok("flash", "app.bin", "-d", chip)
        self.file("app.bin", noise(4 * SECTOR - 1) + b"\0")
        process = self.begin("flash", "app.bin", "-d",
                             chip + "," + self.SLOW)
        status, last, err = self.interrupt(process, "survey", signal.SIGINT)
        self.assertEqual((status, last["code"], last["aftermath"]),
                         (1, "E_CANCELLED", "untouched"), err)
        self.assertIn("device: untouched\n", err)

    def test_in_the_middle(self):
        self.file("app.bin", noise(3 * SECTOR))
        for number in (signal.SIGINT, signal.SIGTERM):
            name = "c%d.sim" % number
            process = self.begin("flash", "app.bin", "-d",
                                 self.chip(name, self.SLOW))
            status, last, err = self.interrupt(process, "write", number)
            self.assertEqual((status, last["code"], last["aftermath"]),
                             (3, "E_CANCELLED", "partial"), err)
            self.assertIn("device: partly written\n", err)
            self.run_ok("flash", "app.bin", "-d", self.chip(name))

    def test_the_second_one_kills(self):
        self.file("app.bin", noise(3 * SECTOR))
        process = self.begin("flash", "app.bin", "-d",
                             self.chip("c.sim", "clock=real", "erase_ms=9000"))
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "progress" and event["stage"] == "erase":
                break
        time.sleep(1)  # now the erase is under way
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        while process.poll() is None and time.monotonic() - begun < 20:
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertIn(process.returncode, (-signal.SIGINT, 3))

    def test_reading_leaves_no_half_file(self):
        process = self.begin("read", "all", "x.bin", "-d",
                             SIM + "," + self.SLOW)
        status, last, err = self.interrupt(process, "read", signal.SIGINT)
        self.assertEqual((status, last["code"]), (1, "E_CANCELLED"), err)
        self.assertEqual([name for name in os.listdir(self.directory)
                          if name.startswith("x.bin")], [])

    def test_waiting_for_standard_input(self):
        process = subprocess.Popen(
            [harness.COMMAND, "convert", "-", "x.bin"], cwd=self.directory,
            env=self.environment, stdin=subprocess.PIPE,
            stderr=subprocess.PIPE)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        err = process.stderr.read().decode()
        process.stdin.close()
        process.stderr.close()
        self.assertEqual(process.returncode, 1, err)


class Output(Case):
    def test_output_that_is_closed_is_found_before_the_erase(self):
        self.file("app.hex", ihex((FLASH, noise(100))))
        chip = self.chip()
        with open("/dev/full", "wb") as full:
            run = self.run_bad(1, "flash", "app.hex", "--json", "-d", chip,
                               stdout=full)
        self.assertIn("device: untouched\n", run.err)
        self.run_ok("blank", "-d", chip)

    def test_a_result_that_cannot_be_told_is_a_failure(self):
        self.file("app.hex", ihex((FLASH, noise(100))))
        chip = self.chip()
        with open("/dev/full", "wb") as full:
            run = self.run_bad(3, "flash", "app.hex", "-d", chip, stdout=full)
        self.assertIn("all was done, but the result cannot be written",
                      run.err)
        self.assertIn("device: changed, as asked\n", run.err)
        self.run_ok("verify", "app.hex", "-d", chip)
        for command in (("erase", "all"), ("erase", "0x08000000", "1")):
            with open("/dev/full", "wb") as full:
                run = self.run_bad(3, *command, "-d", chip, stdout=full)
            self.assertIn("device: changed, as asked\n", run.err)
            self.assertNotIn("untouched", run.err)


if __name__ == "__main__":
    main()
