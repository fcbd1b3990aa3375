# SPDX-License-Identifier: MIT
"""--record, and sector0 trace."""
import json
import os
import resource
import shutil
import signal
import subprocess
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

    def done(self):
        """Lines about something that is over."""
        trace = self.bytes_of("t.trace")
        return trace.count(b"\n") - trace.count(b'"event":"begin"')

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
        self.assertIn("ff*1024", [l.get("in") for l in lines])
        numbers = [l["number"] for l in lines if l["event"] == "transfer"]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_without_a_device_there_are_beginning_and_outcome(self):
        self.record("sim", "help")
        self.assertEqual([l["event"] for l in self.lines()],
                         ["trace", "outcome"])
        self.record("plan", "app.hex")
        self.assertEqual([l["event"] for l in self.lines()],
                         ["trace", "input", "outcome"])

    def test_a_failure_is_the_outcome(self):
        self.record("flash", "app.hex", "--reconnect=0", "-d",
                    SIM + ",fault=brown-out@program2", status=3)
        last = self.lines()[-1]
        self.assertEqual((last["status"], last["code"], last["aftermath"]),
                         (3, "E_GONE", "unknown"))
        self.assertIn("left the bus", last["message"])
        self.record("flash", "no.hex", "-d", SIM, status=1)
        self.assertEqual([l["event"] for l in self.lines()],
                         ["trace", "outcome"])

    def test_the_selector_of_the_environment_is_recorded(self):
        self.record("info", env={"SECTOR0_DEVICE": SIM})
        self.assertEqual(self.lines()[0]["selector"], SIM)
        self.record("info", "-d", SIM, env={"SECTOR0_DEVICE": "sim:no"})
        self.assertIsNone(self.lines()[0]["selector"])

    def test_an_existing_file_is_replaced_with_its_rights(self):
        self.file("t.trace", b"old " * 100000)
        os.chmod(self.path("t.trace"), 0o640)
        self.record("sim", "help")
        self.assertEqual([l["event"] for l in self.lines()],
                         ["trace", "outcome"])
        self.assertEqual(os.stat(self.path("t.trace")).st_mode & 0o777, 0o640)
        self.assertEqual(sorted(os.listdir(self.directory)),
                         ["app.hex", "t.trace"])

    def test_a_symbolic_link_stays_one(self):
        self.file("real", b"old")
        os.symlink("real", self.path("t.trace"))
        self.record("sim", "help")
        self.assertTrue(os.path.islink(self.path("t.trace")))
        self.assertEqual(len(self.bytes_of("real").splitlines()), 2)

    def test_a_file_that_cannot_be_written_is_found_before_anything(self):
        os.mkdir(self.path("folder"))
        for name, why in (("no/x.trace", "No such file or directory"),
                          ("folder", "Is a directory"),
                          ("/dev/full", "No space left on device")):
            run = self.run_bad(1, "flash", "app.hex", "-d", self.chip(),
                               "--record", name)
            self.assertIn("error: cannot write '%s': %s\n"
                          "device: untouched\n" % (name, why), run.err)
            self.assertFalse(os.path.exists(self.path("chip.sim")))

    def test_a_recording_takes_the_place_of_nothing_that_is_needed(self):
        self.run_bad(2, "info", "-d", SIM, "--record", "-")
        before = self.bytes_of("app.hex")
        for name in ("app.hex", "./app.hex"):
            run = self.run_bad(2, "flash", "app.hex", "-d", SIM, "--record",
                               name)
            self.assertIn("would take the place of", run.err)
        self.file("app.bin", b"x")
        self.run_bad(2, "flash", "app.bin@0x08000000", "-d", SIM, "--record",
                     "app.bin")
        self.run_bad(2, "read", "all", "new.bin", "-d", SIM, "--record",
                     "new.bin")
        self.assertEqual(self.bytes_of("app.hex"), before)

    def test_a_full_disk_later_is_a_warning(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        for more in ((), ("--json",)):
            run = self.call("flash", "app.hex", "-d", SIM, "--record",
                            "t.trace", *more, preexec_fn=limit)
            self.assertEqual(run.status, 0, run)
            warned = run.out if more else run.err
            self.assertEqual(warned.count("the recording in 't.trace' ends "
                                          "here, the run goes on: File too "
                                          "large"), 1, run)
            self.assertIn("verified", run.out)
            whole = self.bytes_of("t.trace")
            self.assertEqual(len(whole), 20000)
            self.replay_cut()

    def replay_cut(self):
        run = self.call("trace", "replay", "-q", "t.trace")
        self.assertEqual(run.status, 0, run)
        self.assertRegex(run.out, r"^\d+ transfers?, the same as far as they "
                         r"were recorded\n$")

    def test_a_killed_run_leaves_its_trace(self):
        # the erase, which is still to come then, takes its 0.9 s
        for kill_after in (3, 20, 40):
            process = subprocess.Popen(
                [harness.COMMAND, "flash", "app.hex", "-d",
                 SIM + ",clock=real", "--record", "t.trace"],
                cwd=self.directory, env=self.environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while not (os.path.exists(self.path("t.trace")) and
                       self.done() > kill_after):
                self.assertIsNone(process.poll())
            process.kill()
            process.wait()
            self.assertFalse(b"outcome" in self.bytes_of("t.trace"))
            self.replay_cut()
            run = self.run_ok("trace", "show", "t.trace")
            self.assertIn("the recording was cut here\n", run.out)
            os.remove(self.path("t.trace"))

    def test_what_was_never_answered_is_in_the_trace(self):
        # as of a run that is killed while the erase takes its time
        process = subprocess.Popen(
            [harness.COMMAND, "flash", "app.hex", "-d",
             SIM + ",clock=real,erase_ms=60000", "--record", "t.trace"],
            cwd=self.directory, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (os.path.exists(self.path("t.trace")) and
                   self.bytes_of("t.trace").endswith(b'0x08000000"}\n') and
                   b"Erase" in self.bytes_of("t.trace")):
            self.assertIsNone(process.poll())
        process.kill()
        process.wait()
        last = self.lines()[-1]
        self.assertEqual((last["event"], last["name"], last["count"]),
                         ("begin", "DNLOAD", 3))
        run = self.run_ok("trace", "show", "t.trace")
        self.assertRegex(run.out, r"\n +%d \+ +DNLOAD Erase 0x08000000 +never "
                         r"answered, nor what was asked with it: 2\n"
                         r"the recording was cut here\n" % last["number"])
        self.assertEqual(run.out.count("never answered"), 1)
        self.replay_cut()

    def test_each_batch_is_announced(self):
        self.record("flash", "app.hex", "-d", SIM)
        lines = [l for l in self.lines()
                 if l["event"] in ("begin", "transfer")]
        left, words = 0, set()
        for line in lines:
            if line["event"] == "begin":
                self.assertEqual(left, 0)
                left, first = line["count"], line
                continue
            if left == first["count"]:
                self.assertEqual((line["number"], line["name"]),
                                 (first["number"], first["name"]))
                words.add(first.get("words"))
            left -= 1
        self.assertEqual(left, 0)
        self.assertIn("Erase 0x08000000", words)
        run = self.run_ok("trace", "show", "t.trace")
        self.assertNotIn("never answered", run.out)
        whole = self.lines()
        batch = [i for i, l in enumerate(whole)
                 if l["event"] == "begin" and l["count"] > 1]
        if batch:
            self.write(whole[:batch[0] + 1])
            run = self.run_ok("trace", "show", "t.trace")
            self.assertIn("never answered, nor what was asked with it: %d\n"
                          % (whole[batch[0]]["count"] - 1), run.out)
        # earlier programs wrote none
        self.write([l for l in whole if l["event"] != "begin"])
        self.run_ok("trace", "replay", "t.trace")
        self.run_ok("trace", "check", "t.trace")

    def test_how_a_failure_leaves_the_device_is_told_of_failures_only(self):
        self.record("flash", "app.hex", "-d", SIM)
        self.assertEqual(self.lines()[-1]["code"], "OK")
        self.assertIsNone(self.lines()[-1]["aftermath"])
        # as earlier programs wrote it
        lines = self.lines()
        for aftermath in ("untouched", "partial"):
            lines[-1]["aftermath"] = aftermath
            self.write(lines)
            self.run_ok("trace", "replay", "t.trace")
        self.record("start", "-d", SIM, status=1)
        lines = self.lines()
        self.assertEqual(lines[-1]["aftermath"], "untouched")
        lines[-1]["aftermath"] = "partial"
        self.write(lines)
        run = self.call("trace", "replay", "t.trace")
        self.assertEqual(run.status, 1)
        self.assertIn("device partial; now status 1", run.err)

    def test_what_a_recording_will_hold_is_said(self):
        self.assertIn("it will hold all that is written and read",
                      self.record("info", "-d", SIM).err)
        run = self.record("convert", "app.hex", "x.bin")
        self.assertIn("no device is used", run.err)
        self.assertNotIn("it will hold", run.err)
        run = self.record("sim", "serve", "nosuchchip", status=2)
        self.assertIn("none of the requests that are served: --log", run.err)

    def test_json_stays_json(self):
        events = self.events("info", "-d", SIM, "--record", "t.trace")
        self.assertEqual({e["event"] for e in events},
                         {"device", "option", "result"})


class Show(Trace):
    def test_requests_are_named_and_summed_up(self):
        self.record("flash", "app.hex", "-d", SIM)
        run = self.run_ok("trace", "show", "t.trace")
        self.assertIn("recorded by sector0 ", run.out)
        self.assertIn(": sector0 flash app.hex -d " + SIM, run.out)
        self.assertIn("DNLOAD Erase 0x08000000 ", run.out)
        self.assertIn("OK, dfuDNBUSY, poll 1000 ms", run.out)
        transfers = sum(l["event"] == "transfer" for l in self.lines())
        self.assertRegex(run.out, r"\nall +%d +\d+ +[\d.]+ +0\n" % transfers)
        self.assertIn("ended with status 0\n", run.out)

    def test_control_characters_do_not_reach_the_terminal(self):
        self.record("list", "-d", SIM)
        lines = self.lines()
        lines[0]["command"] = ["x\x1b[31m", "\x07"]
        lines[-1].update(status=1, code="E_FILE", message="\x1b]0;x")
        self.write(lines)
        run = self.run_ok("trace", "show", "t.trace")
        self.assertNotIn("\x1b", run.out)
        self.assertNotIn("\x07", run.out)

    def test_json_hands_the_objects_on(self):
        self.record("start", "-d", SIM, status=1)
        run = self.run_ok("trace", "show", "--json", "t.trace")
        lines = [json.loads(line) for line in run.out.splitlines()]
        self.assertEqual(lines[:-1], self.lines())
        last = lines[-1]
        self.assertEqual(set(last), {
            "event", "ok", "transfers", "bytes", "failed", "time_us",
            "wait_us", "cut", "requests"})
        self.assertEqual(last["transfers"],
                         sum(r["transfers"] for r in last["requests"]))
        self.assertFalse(last["cut"])


class Replay(Trace):
    def replays(self, status=0):
        run = self.call("trace", "replay", "t.trace")
        self.assertEqual(run.status, status, run)
        self.assertRegex(run.out, r"\n?\d+ transfers, the same\n$")
        return run

    def test_commands_do_the_same_again(self):
        for args in (["list"], ["info"], ["flash", "app.hex"],
                     ["flash", "app.hex", "--keep", "--stats"],
                     ["flash", "app.hex", "--plan"], ["plan", "app.hex"],
                     ["read", "0x08000000", "100"], ["checksum"],
                     ["blank", "0x08000000", "1K"],
                     ["erase", "all"], ["write", "0x08000000", "1234"]):
            recorded = self.record(*args, "-d", SIM)
            self.assertTrue(self.replays().out.startswith(recorded.out))
        self.record("verify", "app.hex", "-d", SIM, status=1)
        self.replays(1)
        self.record("start", env={"SECTOR0_DEVICE": SIM}, status=1)
        self.replays(1)

    def test_a_run_that_failed_fails_again(self):
        chip = SIM + ",fault=brown-out@program2"
        recorded = self.record("flash", "app.hex", "--reconnect=0", "-d", chip,
                               status=3)
        run = self.replays(3)
        self.assertIn("error: the device left the bus", run.err)
        self.assertIn(run.err, recorded.err)

    def test_a_run_that_found_no_device_finds_none_again(self):
        self.record("info", "-d", SIM + ",rom=7", status=2)
        self.replays(2)

    def test_the_end_of_a_cut_recording_is_no_error(self):
        self.record("flash", "app.hex", "-d", SIM)
        whole = self.bytes_of("t.trace")
        for length in (900, 3000, len(whole) // 2):
            self.file("t.trace", whole[:length])
            run = self.run_ok("trace", "replay", "t.trace")
            self.assertIn("the same as far as they were recorded", run.out)
            self.assertTrue(run.err.endswith(
                "note: the recording was cut and ends there\n"), run.err)
            self.assertNotIn("error:", run.err)
            self.assertNotIn("device:", run.err)
            run = self.run_ok("trace", "check", "t.trace")
            self.assertIn("note: the recording was cut and ends there",
                          run.err)
            run = self.run_ok("trace", "check", "--json", "t.trace")
            self.assertTrue(json.loads(run.out)["cut"])
        self.file("t.trace", whole)
        for action in ("replay", "check"):
            run = self.run_ok("trace", action, "t.trace")
            self.assertNotIn("was cut", run.err)

    def test_a_failure_that_was_not_recorded_is_one_error(self):
        self.record("info", "-d", SIM)
        lines = self.lines()
        for command in ([], ["info", "x"], ["nonsense"]):
            lines[0]["command"] = command
            self.write(lines)
            run = self.call("trace", "replay", "t.trace")
            self.assertEqual(run.status, 1)
            self.assertEqual(run.err.count("error:"), 1, run.err)
            self.assertIn("line 2 differs in its step", run.err)
            self.assertNotIn("usage", run.err)

    def test_a_changed_request_is_named(self):
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
        run = self.call("trace", "replay", "--json", "t.trace")
        self.assertEqual(run.status, 1, run)
        found, error = [json.loads(l) for l in run.out.splitlines()]
        self.assertEqual(found["event"], "difference")
        self.assertEqual(found["transfer"], line["number"])
        self.assertEqual(found["field"], "value")
        self.assertEqual(error["code"], "E_DIFFERENT")

    def test_another_command_does_something_else(self):
        self.record("flash", "app.hex", "-d", SIM)
        run = self.run_bad(1, "trace", "replay", "-q", "t.trace", "--",
                           "flash", "app.hex", "--keep")
        self.assertIn(" differs in its ", run.err)
        run = self.run_ok("trace", "replay", "-q", "t.trace", "--", "flash",
                          "app.hex", "-d", "usb:1-1")
        self.assertIn(" transfers, the same\n", run.out)

    def test_a_file_that_was_not_read_is_a_difference(self):
        self.record("flash", "app.hex", "-d", SIM)
        self.file("same.hex", self.bytes_of("app.hex"))
        self.run_ok("trace", "replay", "-q", "t.trace", "--", "flash",
                    "same.hex")
        self.file("other.hex", self.bytes_of("app.hex") + b"\n")
        run = self.run_bad(1, "trace", "replay", "-q", "t.trace", "--",
                           "flash", "other.hex")
        self.assertIn("differs in its file: recorded no such file was read; "
                      "now other.hex of ", run.err)
        # one that could not be read was not recorded
        self.record("flash", "none.hex", "-d", SIM, status=1)
        self.replays(1)
        # of a run that was cut before, nothing is known
        self.record("flash", "app.hex", "-d", SIM)
        self.write(self.lines()[:1])
        self.run_ok("trace", "replay", "-q", "t.trace")

    def test_quiet_and_json_leave_out_what_the_command_says(self):
        self.record("info", "-d", SIM)
        run = self.run_ok("trace", "replay", "-q", "t.trace")
        self.assertEqual((run.out, run.err),
                         ("32 transfers, the same\n", ""))
        run = self.run_ok("trace", "replay", "--json", "t.trace")
        self.assertEqual(json.loads(run.out), {
            "event": "result", "ok": True, "transfers": 32, "cut": False,
            "status": 0})
        self.record("info", "--json", "-d", SIM)
        self.assertEqual(self.run_ok("trace", "replay", "-q", "t.trace").out,
                         "32 transfers, the same\n")

    def test_no_file_of_the_host_is_written(self):
        self.record("read", "0x08000000", "1K", "out.bin", "-d", self.chip())
        os.remove(self.path("out.bin"))
        os.remove(self.path("chip.sim"))
        state = self.path("state")
        shutil.rmtree(state, ignore_errors=True)
        run = self.replays()
        self.assertIn("note: 'out.bin' is not written in a replay\n", run.err)
        self.assertEqual(sorted(os.listdir(self.directory)),
                         ["app.hex", "t.trace"])

    def test_the_records_that_were_found_are_found_again(self):
        cut = self.chip("chip.sim", "fault=brown-out@program2")
        self.call("flash", "app.hex", "--reconnect=0", "-d", cut)
        self.record("flash", "app.hex", "-d", self.chip())
        held = [l for l in self.lines() if l["event"] == "records"]
        self.assertEqual(len(held), 1)
        self.assertTrue(held[0]["held"])
        shutil.rmtree(self.path("state"))
        self.replays()
        self.assertFalse(os.path.exists(self.path("state")))

    def stopped_after(self, lines):
        """A recorded run that is stopped when its trace has some lines."""
        process = subprocess.Popen(
            [harness.COMMAND, "flash", "app.hex", "-d", SIM +
             ",clock=real", "--record", "t.trace"],
            cwd=self.directory, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not (os.path.exists(self.path("t.trace")) and
                   self.done() > lines):
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        status = process.wait()
        self.assertIn(status, (1, 3))
        self.assertEqual(
            sum(l["event"] == "cancel" for l in self.lines()), 1)
        self.assertIn("error: stopped as asked", self.replays(status).err)

    def test_a_stop_is_replayed(self):
        self.stopped_after(40)

    def test_a_stop_while_the_device_is_opened_is_replayed(self):
        self.stopped_after(5)

    def test_some_commands_are_not_replayed(self):
        self.record("sim", "help")
        self.run_bad(2, "trace", "replay", "t.trace")
        self.record("info", "-d", SIM)
        self.run_bad(2, "trace", "replay", "t.trace", "--", "trace", "replay",
                     "t.trace")


class Check(Trace):
    def test_a_fault_strikes_again(self):
        self.record("flash", "app.hex", "-d", SIM + ",fault=torn@program2",
                    status=3)
        last = [l for l in self.lines() if l["event"] == "transfer"][-1]
        run = self.run_ok("trace", "check", "t.trace")
        self.assertRegex(run.out, r"^\d+ transfers, the virtual chip answers "
                         r"the same\nprofile stm32h743,fault=torn@program2\n$")
        run = self.run_bad(1, "trace", "check", "t.trace", "stm32h743")
        self.assertRegex(run.err, r"error: transfer (\d+) differs in its "
                         r"answer: recorded GETSTATUS: E_GONE, which nothing "
                         r"asked for: unplugged, reset or without power\? "
                         r"\(fault=unplug@\1\); the virtual chip OK\n")
        self.assertEqual(last["code"], "E_GONE")

    def test_memory_holds_what_was_read(self):
        chip = self.chip("chip.sim", "rom=0x92")
        self.run_ok("flash", "app.hex", "-d", chip)
        self.record("verify", "app.hex", "-d", chip)
        before = self.bytes_of("chip.sim")
        self.run_ok("trace", "check", "t.trace")
        self.assertEqual(self.bytes_of("chip.sim"), before)
        self.record("flash", "app.hex", "--full", "--keep", "-d", chip)
        self.run_ok("trace", "check", "t.trace")

    def test_the_result_names_the_profile(self):
        self.record("info", "-d", SIM)
        run = self.run_ok("trace", "check", "--json", "t.trace")
        self.assertEqual(json.loads(run.out), {
            "event": "result", "ok": True, "transfers": 32,
            "cut": False, "profile": "stm32h743"})
        self.record("plan", "app.hex")
        run = self.run_ok("trace", "check", "t.trace")
        self.assertIn("profile none: no device", run.out)

    def as_of_a_board(self, was, now):
        """A trace as of a real device, one UPLOAD of it changed."""
        lines = self.lines()
        lines[1].update(selector=None, path="1-1", virtual=False)
        changed = [l for l in lines if l.get("in") == was and
                   l["event"] == "transfer"]
        self.assertTrue(changed)
        changed[0]["in"] = now
        self.write(lines)
        return changed[0]["number"]

    def test_what_no_profile_takes_is_a_difference(self):
        self.record("info", "-d", SIM + ",rom=0x92,uid=" + "21" * 12)
        whole = self.bytes_of("t.trace")
        for was, now, byte in (
                ("0008ffff", "0002ffff", "byte 1 is 0x02"),
                ("0008ffff", "ffffffff", "byte 0 is 0xff"),
                ("ffff92ff", "ffff93ff", "byte 2 is 0x93")):
            self.file("t.trace", whole)
            number = self.as_of_a_board(was, now)
            run = self.call("trace", "check", "t.trace")
            self.assertEqual(run.status, 1, run)
            self.assertIn("transfer %d differs in its data" % number, run.err)
            self.assertIn(byte, run.err)
        self.file("t.trace", whole)
        self.as_of_a_board("ffff92ff", "ffff92ff")
        run = self.run_ok("trace", "check", "t.trace")
        self.assertIn("stm32h743,rom=0x92,flash_kb=2048,uid=2121", run.out)

    def test_a_smaller_chip_is_deduced_by_its_layout(self):
        for size in (512, 1024):
            self.record("info", "-d", "sim:stm32f405,flash_kb=%d" % size)
            lines = self.lines()
            lines[1].update(selector=None, path="1-1", virtual=False)
            self.write(lines)
            run = self.run_ok("trace", "check", "t.trace")
            self.assertIn("profile stm32f405,rom=0x91,flash_kb=%d,uid=" % size,
                          run.out)
        strings = [l for l in lines if l["event"] == "string" and
                   "40004900" in l["in"]]
        for string in strings:
            string["in"] = string["in"].replace("4b00", "4d00")
        self.assertTrue(strings)
        self.write(lines)
        run = self.call("trace", "check", "t.trace")
        self.assertEqual(run.status, 1, run)

    def test_a_wrong_bit_was_not_in_memory(self):
        for fault in ("bit-error@100", "bit-error@45:77", "bit-error@45:2"):
            self.record("read", "0x08000000", "100000", "x.bin", "-d",
                        SIM + ",fault=" + fault)
            self.run_ok("trace", "check", "t.trace")
        # in memory all the same, where no fault is known of
        lines = self.lines()
        lines[1]["selector"] = SIM + ",fault=bit-error@45:3"
        self.write(lines)
        self.run_ok("trace", "check", "t.trace", "stm32h743")

    def test_another_string_is_told_by_its_text(self):
        self.record("info", "-d", SIM)
        lines = self.lines()
        string = [l for l in lines if l["event"] == "string" and
                  l["index"] == 2][0]
        text = bytes.fromhex(string["in"])
        for new, quoted in ((text[:-2], '"DFU in FS Mod"'),
                            (text[:-2] + b"X\0", '"DFU in FS ModX"')):
            string["in"] = (bytes([len(new)]) + new[1:]).hex()
            self.write(lines)
            run = self.call("trace", "check", "t.trace")
            self.assertEqual(run.status, 1)
            self.assertIn("error: string 2 differs in its text: recorded "
                          '%s; the virtual chip "DFU in FS Mode"' % quoted,
                          run.err)
        # no text: the bytes tell
        string["in"] = (text[:-1] + b"\1").hex()
        self.write(lines)
        run = self.call("trace", "check", "t.trace")
        self.assertIn("string 2 differs in its data: recorded string 2, byte "
                      "%d is 0x01; the virtual chip 0x00" % (len(text) - 1),
                      run.err)

    def test_another_descriptor_is_told_by_its_first_byte(self):
        self.record("info", "-d", SIM)
        lines = self.lines()
        device = lines[1]["device_descriptor"]
        lines[1]["device_descriptor"] = device[:24] + "77" + device[26:]
        self.write(lines)
        run = self.call("trace", "check", "t.trace")
        self.assertIn("device_descriptor: recorded byte 12 is 0x77; the "
                      "virtual chip 0x%s" % device[24:26], run.err)

    def test_times_by_one_factor_are_hinted_at(self):
        for scale in ("0.1", "0.013", "3"):
            self.record("flash", "app.hex", "-d",
                        SIM + ",time_scale=" + scale)
            lines = self.lines()
            for line in lines:
                if line["event"] == "open":
                    line.update(selector=None, path="1-1")
            self.write(lines)
            run = self.call("trace", "check", "t.trace")
            self.assertEqual(run.status, 1, run)
            self.assertIn("time_scale=" + scale + "\n", run.err)
            self.run_ok("trace", "check", "t.trace",
                        "stm32h743,time_scale=" + scale)
        # not by one factor
        polls = [l for l in lines if l.get("request") == 3 and
                 l["event"] == "transfer" and l["in"][2:8] != "000000"]
        polls[-1]["in"] = polls[-1]["in"][:2] + "010000" + \
            polls[-1]["in"][8:]
        self.write(lines)
        run = self.call("trace", "check", "t.trace")
        self.assertNotIn("time_scale=", run.err)

    def test_a_profile_must_be_known(self):
        self.record("info", "-d", SIM)
        self.run_bad(2, "trace", "check", "t.trace", "stm99")
        self.run_bad(2, "trace", "check", "t.trace", "stm32h743,colour=red")
        self.run_bad(2, "trace", "check", "t.trace", "x", "y")
        for word in ("-1", "101", "x", "1%"):
            self.run_bad(2, "trace", "check", "t.trace", "--times=" + word)
        self.run_bad(2, "trace", "show", "t.trace", "--times=1")


class Wrong(Trace):
    def test_what_is_no_trace_is_refused(self):
        self.file("empty", b"")
        self.file("noise", noise(5000))
        self.file("json", b'{"a":1}\n')
        self.file("half", b'{"event":"trace","format":1,"comm')
        for what in ("show", "replay", "check"):
            for name in ("empty", "noise", "json", "half", "app.hex"):
                run = self.run_bad(1, "trace", what, name)
                self.assertIn("'%s' is no trace" % name, run.err)
            run = self.run_bad(1, "trace", what, "missing")
            self.assertIn("cannot read 'missing'", run.err)

    def test_a_damaged_line_is_named(self):
        self.record("list", "-d", SIM)
        lines = self.bytes_of("t.trace").splitlines(keepends=True)
        self.assertIn(b'"moved"', lines[10])
        lines[10] = lines[10].replace(b'"moved"', b'"mved"')
        self.file("t.trace", b"".join(lines))
        run = self.run_bad(1, "trace", "show", "t.trace")
        self.assertIn("error: t.trace:11: 'moved' is missing\n", run.err)

    def test_a_later_format_is_not_guessed_at(self):
        self.file("t.trace", b'{"event":"trace","format":2}\n')
        run = self.run_bad(1, "trace", "show", "t.trace")
        self.assertIn("later format", run.err)


if __name__ == "__main__":
    harness.main()
