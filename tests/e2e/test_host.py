# SPDX-License-Identifier: MIT
"""The part of the end-to-end tests that runs on the host: a machine that
breaks is never a pass, and logs are read and folded as they should be."""

import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import e2e  # noqa: E402
import golden  # noqa: E402
import machines  # noqa: E402
import report  # noqa: E402
from server import Request  # noqa: E402

SETTINGS = {"machine": "test", "cuts": 0}
LINE = ("1-1 %d.%06d #%d UPLOAD value=0x%04x index=0 length=1024 data=%08x"
        "... 1024 bytes crc32=%08x -> ok status=0 state=9 843 us")


class Machine:
    """A shell script in a machine's place; $out is what is shared."""

    def __init__(self, script):
        self.script = script

    def run(self, out, command, seconds):
        machines.prepare_out(out, command)
        script = "out='%s'\n%s" % (out, self.script)
        return machines.boot(["sh", "-c", script], out, min(seconds, 2),
                             out + "/console")


def results(*verdicts, done=True):
    lines = [json.dumps({"case": "c%d" % i, "module": "m", "verdict": verdict,
                         "why": "", "rows": [], "notes": [], "seconds": 0})
             for i, verdict in enumerate(verdicts)]
    if done:
        lines.append(json.dumps({"done": len(verdicts)}))
    return "cat >$out/results <<'END'\n%s\nEND\n" % "\n".join(lines)


class Machines(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = os.path.join(folder.name, "out")
        self.report = os.path.join(folder.name, "report.md")
        self.addCleanup(setattr, e2e, "say", e2e.say)
        self.addCleanup(setattr, report, "say", report.say)
        e2e.say = report.say = lambda text: None

    def run_in(self, script):
        """(exit status of it all, what the last case says of its failure)"""
        found = e2e.run_machine(Machine(script), SETTINGS, self.out)
        why = found[-1]["why"] if found else ""
        return report.write(found, self.report), why

    def test_a_machine_that_ends_well_is_a_pass(self):
        script = results("ok", "skipped") + "echo 0 >$out/status"
        self.assertEqual(self.run_in(script), (0, ""))

    def test_a_failed_case_is_a_failure(self):
        script = results("ok", "FAILED", "ok") + "echo 0 >$out/status"
        self.assertEqual(self.run_in(script)[0], 1)

    def test_a_machine_that_crashes_is_a_failure_with_its_console(self):
        status, why = self.run_in(results("ok") + "echo Kernel panic; exit 1")
        self.assertEqual(status, 1)
        self.assertIn("ended without saying how", why)
        self.assertIn("Kernel panic", why)

    def test_a_machine_that_hangs_is_killed_and_a_failure(self):
        status, why = self.run_in(results("ok") + "echo tick; sleep 60")
        self.assertEqual(status, 1)
        self.assertIn("not done after 2 s", why)
        self.assertIn("tick", why)

    def test_cases_that_break_off_are_a_failure(self):
        script = results("ok", done=False) + "echo 0 >$out/status"
        self.assertEqual(self.run_in(script)[0], 1)
        self.assertEqual(self.run_in("echo 0 >$out/status")[0], 1)
        script = results("ok") + "echo 1 >$out/status"
        self.assertEqual(self.run_in(script)[0], 1)

    def test_a_status_that_is_no_number_is_a_failure(self):
        self.assertEqual(self.run_in(results("ok") + "echo >$out/status")[0],
                         1)

    def test_an_old_result_does_not_count(self):
        script = results("ok") + "echo 0 >$out/status"
        self.assertEqual(self.run_in(script)[0], 0)
        self.assertEqual(self.run_in("true")[0], 1)

    def test_nothing_at_all_is_no_pass(self):
        script = results() + "echo 0 >$out/status"
        self.assertEqual(self.run_in(script)[0], 1)


def uploads(count, start=7000000):
    return [Request(LINE % (*divmod(start + 1285 * i, 1000000), i, i + 2, i,
                            i)) for i in range(count)]


class Logs(unittest.TestCase):
    def test_a_line_is_taken_apart(self):
        found = Request(
            "1-2 0.647148 #17 DNLOAD value=0x0000 index=0 length=5 data=41000"
            "00208 -> ok status=0 state=3 74 us")
        self.assertEqual((found.board, found.what, found.microseconds),
                         ("1-2", "ERASE", 647148))
        self.assertEqual((found.length, found.data, found.state),
                         (5, "4100000208", 3))
        self.assertRaises(ValueError, Request, "1-2 0.647148 nonsense")

    def test_what_repeats_is_folded(self):
        lines = golden.compact(uploads(100)).splitlines()
        self.assertEqual(lines[1:3], [
            "99 x", "    +1.3 ms UPLOAD value=+1 index=0 length=1024 "
            "data=1024 bytes -> ok status=0 state=9 0.8 ms"])
        self.assertRegex(lines[3], "^100 requests, sha256 [0-9a-f]{64}$")

    def test_another_byte_of_data_is_another_text(self):
        other = uploads(100)
        other[50] = Request(other[50].line.replace("crc32=00000032",
                                                   "crc32=00000033"))
        self.assertNotEqual(golden.compact(uploads(100)),
                            golden.compact(other))

    def test_when_it_began_does_not_matter(self):
        self.assertEqual(golden.plain(uploads(9)),
                         golden.plain(uploads(9, 8123456)))

    def test_a_slip_of_a_microsecond_does_not_matter(self):
        slipped = uploads(5) + uploads(9, 7000001)[5:]
        self.assertEqual(golden.plain(uploads(9)), golden.plain(slipped))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
