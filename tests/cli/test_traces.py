# SPDX-License-Identifier: MIT
"""The recorded sessions of tests/traces: the program still does the same, and
the virtual chip still answers the same; and where one is changed, that is
found. Recorded anew by tests/traces/make."""
import copy
import glob
import json
import os
import shutil
import unittest

import harness
from harness import Case

TRACES = os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", "traces"))
NAMES = sorted(os.path.basename(path)[:-len(".trace")]
               for path in glob.glob(os.path.join(TRACES, "*.trace")))


class Golden(Case):
    def setUp(self):
        super().setUp()
        for image in glob.glob(os.path.join(TRACES, "*.hex")):
            shutil.copy(image, self.directory)

    def load(self, name):
        with open(os.path.join(TRACES, name + ".trace"),
                  encoding="utf-8") as source:
            return [json.loads(line) for line in source]

    def save(self, lines):
        self.file("t.trace", "".join(
            json.dumps(line) + "\n" for line in lines).encode())

    def replay(self, lines):
        self.save(lines)
        return self.call("trace", "replay", "-q", "t.trace")

    def check(self, lines, *more):
        self.save(lines)
        return self.call("trace", "check", "t.trace", *more)

    def assert_named(self, run, words):
        self.assertEqual(run.status, 1, run)
        self.assertIn(words, run.err, run)

    def test_there_are_some(self):
        self.assertGreaterEqual(len(NAMES), 9)

    def test_the_program_does_the_same(self):
        for name in NAMES:
            lines = self.load(name)
            run = self.replay(lines)
            self.assertEqual(run.status, lines[-1]["status"], run)
            count = sum(l["event"] == "transfer" for l in lines)
            self.assertEqual(run.out, "%d transfers, the same\n" % count,
                             run)
            self.assertFalse(os.path.exists(self.path("state")))

    def test_the_virtual_chip_answers_the_same_in_the_same_time(self):
        for name in NAMES:
            run = self.check(self.load(name), "--times", "0")
            self.assertEqual(run.status, 0, run)
            self.assertIn("the virtual chip answers the same", run.out)

    def test_a_changed_status_is_found(self):
        for name in NAMES:
            lines = self.load(name)
            asked = [l for l in lines if l.get("name") == "GETSTATUS" and
                     l.get("code") == "OK"]
            line = asked[len(asked) // 2]
            line["in"] = line["in"][:8] + "0a" + line["in"][10:]
            run = self.check(lines)
            self.assert_named(run, "error: transfer %d differs in its data: "
                              "recorded GETSTATUS, byte 4 is 0x0a; the "
                              "virtual chip 0x0" % line["number"])
            self.assert_named(self.replay(lines), "differs in its")

    def test_a_changed_request_is_found(self):
        for name in NAMES:
            lines = self.load(name)
            line = [l for l in lines if l.get("name") == "DNLOAD" and
                    l.get("length") == 5][-1]
            line["out"] = line["out"][:-2] + "07"
            self.assert_named(
                self.replay(lines),
                "error: transfer %d differs in its data: " % line["number"])

    def test_every_missing_step_is_found(self):
        for name in ("list", "brown-out", "reconnect"):
            lines = self.load(name)
            steps = [i for i, l in enumerate(lines) if l["event"] in
                     ("string", "transfer", "open", "wait", "outcome")]
            for i in steps[:-1:7] + steps[:-1][-1:]:
                run = self.replay(lines[:i] + lines[i + 1:])
                self.assert_named(run, "differs in its")

    def test_a_step_more_is_found(self):
        for name in ("list", "start"):
            lines = self.load(name)
            last = [l for l in lines if l["event"] == "transfer"][-1]
            more = lines[:-1] + [copy.copy(last), lines[-1]]
            self.assert_named(self.replay(more), "; now nothing more")

    def test_another_time_is_found_where_times_are_compared(self):
        lines = self.load("keep")
        slow = max((l for l in lines if l["event"] == "transfer"),
                   key=lambda l: l["end_us"] - l["start_us"])
        slow["end_us"] -= 100000
        self.assertEqual(self.check(lines).status, 0)
        self.assertEqual(self.check(lines, "--times", "20").status, 0)
        self.assert_named(self.check(lines, "--times", "5"),
                          "error: transfer %d differs in its time: recorded "
                          "GETSTATUS: 80" % slow["number"])

    def test_another_end_is_found(self):
        for name in NAMES:
            lines = self.load(name)
            lines[-1]["status"] = 3 - lines[-1]["status"] or 1
            self.assert_named(self.replay(lines), "differs in its outcome")

    def test_the_records_decide(self):
        """Without the note of the run before, the torn sector is read."""
        lines = self.load("repair")
        held = [l for l in lines if l["event"] == "records"]
        self.assertEqual(len(held), 1)
        # whose it is, and one note
        self.assertEqual(len(held[0]["held"]), 2 * (20 + 24 + 20))
        lines.remove(held[0])
        self.assert_named(self.replay(lines), "differs in its")

    def test_a_note_that_is_not_made_is_found(self):
        """Before an erase the records say so, and are safe."""
        for name in ("brown-out", "repair", "keep", "flash-bank-2"):
            lines = self.load(name)
            notes = [i for i, l in enumerate(lines)
                     if l["event"] == "records_written"]
            self.assertTrue(lines[notes[0]]["synced"])
            erase = [i for i, l in enumerate(lines)
                     if l.get("out", "").startswith("41")][0]
            self.assertLess(notes[0], erase)
            for i in notes:
                named = "; now %s the records, " % (
                    "sync" if lines[i]["synced"] else "close")
                if i + 1 in notes:  # the next one stands in its place
                    named = "differs in its "
                self.assert_named(self.replay(lines[:i] + lines[i + 1:]),
                                  named)
            lines[notes[-1]]["sha256"] = "00" * 32
            self.assert_named(self.replay(lines), "differs in its records: ")

    def test_traces_without_what_was_written_are_replayed_too(self):
        """As earlier programs recorded them."""
        for name in NAMES:
            lines = [l for l in self.load(name)
                     if l["event"] != "records_written"]
            for line in lines:
                line.pop("writes", None)
            run = self.replay(lines)
            self.assertEqual(run.status, lines[-1]["status"], run)

    def test_another_file_is_found(self):
        low = self.bytes_of("low.hex")
        self.file("low.hex", low + b"\n")
        run = self.replay(self.load("keep"))
        self.assert_named(run, "differs in its file: recorded low.hex of %d "
                          "bytes, SHA-256 " % len(low))
        self.assertIn("; now low.hex of %d bytes" % (len(low) + 1), run.err)
        os.remove(self.path("low.hex"))
        run = self.replay(self.load("keep"))
        self.assert_named(run, "; now low.hex cannot be read")

    def test_another_chip_answers_otherwise(self):
        lines = self.load("info")
        self.assert_named(self.check(lines, "stm32h743,rom=0x91"),
                          "recorded UPLOAD block 2, 4 bytes, byte 2 is 0x92; "
                          "the virtual chip 0x91")
        self.assertEqual(self.check(lines, "stm32h743").status, 0)

    def test_a_chip_is_deduced_from_what_it_told(self):
        lines = self.load("info")
        opened = [l for l in lines if l["event"] == "open"][0]
        opened["selector"], opened["path"] = None, "usb:1-1"
        run = self.check(lines)
        self.assertEqual(run.status, 0, run)
        profile = run.out.splitlines()[1]
        for key in ("profile stm32h743,", ",rom=0x92", ",rev=Y",
                    ",flash_kb=2048", ",uid=", ",wrp=0x0102"):
            self.assertIn(key, profile)


if __name__ == "__main__":
    harness.main()
