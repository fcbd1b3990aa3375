# SPDX-License-Identifier: MIT
"""--record, and sector0 trace."""
import json
import os
import unittest

import harness
from harness import Case, FLASH, SIM, ihex, noise

BANK_2 = FLASH + 0x100000


class Trace(Case):
    def setUp(self):
        super().setUp()
        self.file("app.hex", ihex((FLASH, noise(3000))))

    def lines(self, name="t.trace"):
        return [json.loads(line)
                for line in self.bytes_of(name).decode().splitlines()]

    def write(self, lines, name="t.trace"):
        self.file(name, "".join(json.dumps(line) + "\n"
                                for line in lines).encode())

    def record(self, *args, status=0, env=None):
        run = self.call(*args, "--record", "t.trace", env=env)
        self.assertEqual(run.status, status, run)
        return run


class Record(Trace):
    def test_a_trace_begins_with_what_was_asked_and_ends_with_the_outcome(self):
        run = self.record("flash", "app.hex", "-d", SIM)
        self.assertIn("note: recording to 't.trace'; it will hold all that is "
                      "written and read\n", run.err)
        lines = self.lines()
        self.assertEqual(lines[0]["event"], "trace")
        self.assertEqual(lines[0]["format"], 1)
        self.assertEqual(lines[0]["command"], [
            "flash", "app.hex", "-d", SIM, "--record", "t.trace"])
        self.assertEqual(lines[1]["event"], "input")
        self.assertEqual(lines[1]["length"],
                         len(self.bytes_of("app.hex")))
        self.assertEqual(lines[2]["event"], "open")
        self.assertEqual(lines[-1]["event"], "outcome")
        self.assertEqual(lines[-1]["status"], 0)
        numbers = [l["number"] for l in lines if l["event"] == "transfer"]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_without_a_device_there_are_beginning_and_outcome(self):
        self.record("sim", "help")
        self.assertEqual([l["event"] for l in self.lines()],
                         ["trace", "outcome"])


class Replay(Trace):
    def replays(self, status=0):
        run = self.call("trace", "replay", "t.trace")
        self.assertEqual(run.status, status, run)
        self.assertRegex(run.out, r"\n?\d+ transfers, the same\n$")
        return run

    def test_commands_do_the_same_again(self):
        for args in (["list"], ["info"], ["flash", "app.hex"],
                     ["flash", "app.hex", "--keep", "--stats"],
                     ["read", "0x08000000", "100"], ["checksum"],
                     ["erase", "all"], ["write", "0x08000000", "1234"]):
            self.record(*args, "-d", SIM)
            self.replays()

    def test_a_run_that_failed_fails_again(self):
        chip = SIM + ",fault=brown-out@program2"
        self.record("flash", "app.hex", "-d", chip, status=3)
        run = self.replays(3)
        self.assertIn("error: the device left the bus", run.err)

    def test_a_changed_answer_or_request_is_named(self):
        self.record("flash", "app.hex", "-d", SIM)
        lines = self.lines()
        for line in lines:
            if line["event"] == "transfer" and line.get("value") == 3:
                line["value"] = 4
                break
        self.write(lines)
        run = self.run_bad(1, "trace", "replay", "-q", "t.trace")
        self.assertIn("transfer %d differs in its value: recorded"
                      % line["number"], run.err)


if __name__ == "__main__":
    harness.main()
