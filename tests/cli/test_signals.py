# SPDX-License-Identifier: MIT
"""Stops in every part of a run: an idle device, a true report, and the next
run finishes. Each is sent when an event of the run tells where it is."""

import json
import os
import pty
import signal
import subprocess

import harness
from harness import Case, main, ihex, noise, firmware, FLASH, SECTOR

SIZE = 3 * SECTOR
ALL = 16 * SECTOR
KEPT = FLASH + 3 * SECTOR - 1000, noise(900, 9)
STOPS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
STATUS = {"untouched": 1, "partial": 3, "unknown": 3, "restored": 3}


def hear():
    """As a shell starts a program, whatever started the tests."""
    for number in STOPS:
        signal.signal(number, signal.SIG_DFL)


def stage(name, done=0):
    return lambda e: (e["event"] == "progress" and e["stage"] == name and
                      e["done"] >= done)


def waiting(event):
    return event["event"] == "waiting"


class Stop(Case):
    def setUp(self):
        super().setUp()
        self.new = firmware(SIZE - 2000)
        self.file("new.bin", self.new)
        self.file("old.hex", ihex((FLASH, noise(SIZE - 1500, 3)), KEPT))
        self.run_ok("flash", "old.hex", "-d", self.chip())
        self.before = self.flash()

    def flash(self):
        self.run_ok("read", "all", "now.bin", "-q", "-d", self.chip())
        return self.bytes_of("now.bin")

    def begin(self, *args, keys=(), before=hear, **more):
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen(
            [harness.COMMAND, *args, "-d",
             self.chip("chip.sim", *(keys or ("clock=real*0.3",)))],
            cwd=self.directory, env=self.environment, preexec_fn=before,
            **more)

    def reach(self, process, when):
        for line in process.stdout:
            event = json.loads(line)
            if when(event):
                return
            self.assertNotIn(event["event"], ("result", "error"))
        self.fail("it has ended: " + process.stderr.read().decode())

    def deliver(self, process, number):
        """Send it, until it is not pending any more: two that are pending
        would be one."""
        process.send_signal(number)
        pending = number
        while pending and process.poll() is None:
            with open("/proc/%d/status" % process.pid,
                      encoding="ascii") as status:
                pending = sum(int(line.split()[1], 16) for line in status
                              if line.startswith(("SigPnd", "ShdPnd")))

    def end(self, process):
        out, err = process.communicate(timeout=200)
        self.assertNotIn("Sanitizer", err.decode())
        return json.loads(out.splitlines()[-1]), err.decode()

    def stop(self, when, *args, numbers=(signal.SIGINT,), keys=()):
        """The error of a run that is stopped there; it must be true."""
        process = self.begin("--json", *args, keys=keys)
        self.reach(process, when)
        for number in numbers:
            self.deliver(process, number)
        last, err = self.end(process)
        self.assertEqual(last["event"], "error", err)
        self.assertEqual(process.returncode, STATUS[last["aftermath"]], err)
        words = {"untouched": "untouched", "partial": "partly written",
                 "unknown": "unknown",
                 "restored": "changed, and put back as it was"}
        words = words[last["aftermath"]]
        if args[0] != "verify":
            self.assertIn("device: %s\n" % words, err)
        if last["aftermath"] in ("untouched", "restored"):
            self.assertEqual(self.flash(), self.before)
        return last

    def finish(self):
        """The same command again: the firmware, and nothing kept is lost."""
        self.run_ok("flash", "new.bin", "--keep", "-d", self.chip())
        now = self.flash()
        self.assertEqual(now[:len(self.new)], self.new)
        self.assertEqual(now[len(self.new):], self.before[len(self.new):])
        run = self.run_ok("recover", "-d", self.chip())
        self.assertIn("nothing to put back", run.out)


class Signals(Stop):
    def idle(self, trace):
        """The last that was asked of the device found it idle."""
        run = self.run_ok("trace", "show", trace)
        statuses = [line for line in run.out.splitlines()
                    if "GETSTATUS" in line and ", dfu" in line]
        self.assertRegex(statuses[-1], "dfuIDLE")

    def cut(self, when, aftermath, message, numbers):
        last = self.stop(when, "flash", "new.bin", "--keep", "--record",
                         "t.trace", numbers=numbers)
        self.assertEqual((last["code"], last["aftermath"]),
                         ("E_CANCELLED", aftermath), last)
        self.assertIn(message, last["message"])
        self.idle("t.trace")
        self.finish()

    def test_in_the_survey(self):
        self.cut(stage("survey"), "untouched", "stopped as asked",
                 [signal.SIGTERM])

    def test_in_the_erase(self):
        self.cut(stage("erase", SECTOR), "partial", "of 3 sectors are erased",
                 [signal.SIGINT])

    def test_in_the_write(self):
        self.cut(stage("write", 1), "partial", "the firmware is not whole",
                 [signal.SIGTERM])

    def test_in_the_verification(self):
        everything = []

        def last_verify(event):
            if stage("write")(event) and event["done"] == event["total"]:
                everything.append(event)
            return len(everything) == 2 and stage("verify")(event)
        self.cut(last_verify, "partial",
                 "bytes written; not all of it is verified",
                 [signal.SIGINT])

    def doctor(self, status):
        run = self.call("doctor", "-d", self.chip())
        self.assertEqual(run.status, status, run)
        return run.out

    def test_what_a_stop_left_is_told_until_it_is_whole(self):
        for when in (stage("erase", SECTOR), stage("write", 1),
                     stage("verify")):
            self.doctor(0)
            self.stop(when, "flash", "new.bin")
            out = self.doctor(1)
            self.assertIn("D_STOPPED (likely)", out)
            self.assertIn("no whole firmware", " ".join(out.split()))
            self.run_ok("flash", "new.bin", "-d", self.chip())
            self.doctor(0)
            self.run_ok("flash", "old.hex", "-d", self.chip())

    def test_half_a_firmware_is_started_with_a_warning(self):
        self.stop(stage("verify"), "flash", "new.bin")
        run = self.run_ok("start", hex(FLASH + SECTOR), "-d", self.chip())
        self.assertIn("warning: an earlier run was stopped in ", run.err)
        self.assertIn("the firmware may not be whole", run.err)
        self.run_ok("flash", "new.bin", "-d", self.chip())
        run = self.run_ok("start", "-d", self.chip())
        self.assertNotIn("whole", run.err)

    def test_a_closed_terminal_may_say_so_twice(self):
        self.cut(stage("erase", SECTOR), "partial", "of 3 sectors are erased",
                 [signal.SIGHUP, signal.SIGHUP, signal.SIGHUP])

    def test_under_nohup_a_closed_terminal_stops_nothing(self):
        def nohup():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        process = self.begin("--json", "flash", "new.bin", "--keep",
                             keys=["clock=real*0.1"], before=nohup)
        self.reach(process, stage("erase", SECTOR))
        process.send_signal(signal.SIGHUP)
        last, err = self.end(process)
        self.assertEqual((process.returncode, last["event"]), (0, "result"),
                         err)
        self.finish()

    def test_a_terminal_that_is_closed(self):
        for where in (b"erase", b"write"):
            status = self.in_terminal(where)
            self.assertIn(status, (1, 3))
            if status == 1:
                self.assertEqual(self.flash(), self.before)
            self.finish()
            self.run_ok("flash", "old.hex", "-d", self.chip())

    def in_terminal(self, where):
        """The exit status of a run whose terminal is closed there."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.directory)
            hear()
            os.execve(harness.COMMAND,
                      [harness.COMMAND, "flash", "new.bin", "--keep", "-d",
                       self.chip("chip.sim", "clock=real*0.3")],
                      self.environment)
        seen = b""
        while where not in seen:
            seen += os.read(terminal, 4096)
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_a_stress_test_puts_back_what_it_had_erased(self):
        last = self.stop(stage("write", SECTOR), "doctor", "--stress", "--yes",
                         "0x08000000", keys=["clock=real*0.1"])
        self.assertEqual((last["code"], last["aftermath"], last["hint"]),
                         ("E_CANCELLED", "restored", None))
        self.assertIn("hold again what they held before", last["message"])
        last = self.stop(stage("survey", SECTOR), "doctor", "--stress",
                         "--yes", "0x08000000", keys=["clock=real*0.1"])
        self.assertEqual(last["aftermath"], "untouched")

    def test_an_erase_and_a_verify(self):
        last = self.stop(stage("verify"), "verify", "old.hex")
        self.assertEqual((last["code"], last["aftermath"]),
                         ("E_CANCELLED", "untouched"))
        last = self.stop(stage("erase", SECTOR), "erase", "0x08000000",
                         str(3 * SECTOR))
        self.assertEqual((last["code"], last["aftermath"]),
                         ("E_CANCELLED", "partial"))
        self.run_ok("erase", "all", "-d", self.chip())
        self.assertEqual(self.flash(), b"\xff" * ALL)


class Readers(Stop):
    def test_a_reader_that_goes_before_the_erase_is_noticed_before_it(self):
        process = self.begin("--json", "flash", "new.bin", "--keep")
        self.reach(process, stage("survey"))
        process.stdout.close()
        err = process.stderr.read().decode()
        process.stderr.close()
        self.assertEqual(process.wait(200), 1, err)
        self.assertIn("device: untouched\n", err)
        self.assertEqual(self.flash(), self.before)
        self.finish()

    def test_a_reader_that_goes_later_is_told_of_at_the_end(self):
        for where in ("erase", "write", "verify"):
            process = self.begin("--json", "flash", "new.bin", "--keep",
                                 keys=["clock=real*0.1"])
            self.reach(process, stage(where))
            process.stdout.close()
            err = process.stderr.read().decode()
            process.stderr.close()
            self.assertEqual(process.wait(200), 3, err)
            self.assertIn("error: all was done, but the result cannot be "
                          "written to standard output: Broken pipe\n"
                          "device: changed, as asked\n", err)
            self.assertEqual(self.flash()[:len(self.new)], self.new)
            self.run_ok("flash", "old.hex", "-d", self.chip())

    def test_nobody_hears_the_messages_and_all_is_done(self):
        process = self.begin("--json", "flash", "new.bin", "--keep", "-v",
                             keys=["clock=real*0.1"])
        self.reach(process, stage("erase"))
        process.stderr.close()
        out = process.stdout.read()
        process.stdout.close()
        self.assertEqual(process.wait(200), 0)
        self.assertEqual(json.loads(out.splitlines()[-1])["event"], "result")
        self.finish()


class Waits(Stop):
    def test_in_the_wait_for_a_device_that_left(self):
        for number in STOPS:
            last = self.stop(waiting, "flash", "new.bin", "--keep",
                             "--reconnect", "3600", numbers=[number],
                             keys=["clock=real*0.3", "fault=unplug@300"])
            self.assertEqual((last["code"], last["aftermath"]),
                             ("E_CANCELLED", "unknown"))
            self.assertIn("stopped as asked while the device was waited "
                          "for: ", last["message"])
            self.assertEqual(last["hint"],
                             "run the same command again to finish")
            self.finish()
            self.run_ok("flash", "old.hex", "-d", self.chip())

    def test_in_that_wait_before_anything_has_changed(self):
        for transfer in (3, 40):
            last = self.stop(waiting, "flash", "new.bin", "--reconnect",
                             "3600", keys=["clock=real*0.3",
                                           "fault=unplug@%d" % transfer])
            self.assertEqual((last["code"], last["aftermath"]),
                             ("E_CANCELLED", "untouched"))
            self.assertIn("stopped as asked while the device was waited for: "
                          "the device left the bus", last["message"])
        self.finish()

    def test_in_a_mass_erase(self):
        def begun(event):
            if stage("erase")(event):
                # What is recorded as begun and not as ended is under way.
                while '"Mass Erase"' not in lines()[-1]:
                    self.assertIsNone(process.poll())
                return True
            return False

        def lines():
            with open(self.path("t.trace"), encoding="utf-8") as trace:
                return trace.read().splitlines() or [""]
        process = self.begin("--json", "erase", "all", "--record", "t.trace",
                             keys=["clock=real*0.3"])
        self.reach(process, begun)
        self.deliver(process, signal.SIGINT)
        last, err = self.end(process)
        self.assertEqual((process.returncode, last["code"],
                          last["aftermath"]),
                         (3, "E_CANCELLED", "partial"), err)
        self.assertIn("device: partly written\n", err)
        shown = self.run_ok("trace", "show", "t.trace").out
        self.assertRegex([line for line in shown.splitlines()
                          if "GETSTATUS" in line and ", dfu" in line][-1],
                         "dfuIDLE")
        # It was not cut, so the next one may read, and repairs.
        self.run_ok("blank", "-d", self.chip())
        self.run_ok("erase", "all", "-d", self.chip())
        self.run_ok("flash", "new.bin", "-d", self.chip())
        self.assertEqual(self.flash()[:len(self.new)], self.new)

    def test_a_device_that_is_plugged_in_later(self):
        later = self.chip("chip.sim", "appears=3000")
        run = self.run_bad(4, "flash", "new.bin", "-d", later)
        self.assertNotIn("waiting", run.err)
        events = self.events("flash", "new.bin", "--wait", "--keep", "-d",
                             later)
        self.assertEqual([e["message"] for e in events if waiting(e)],
                         ["the virtual chip is not on the bus; waiting for "
                          "it (Ctrl-C ends)"])
        self.finish()
        run = self.run_ok("info", "--wait", "-d", later)
        self.assertEqual(run.err.count("note: the virtual chip is not on the "
                                       "bus; waiting for it"), 1)
        run = self.run_ok("info", "--wait", "-d", self.chip())
        self.assertNotIn("waiting", run.err)

    def test_ctrl_c_ends_the_wait_for_one_that_does_not_come(self):
        for number in STOPS:
            process = self.begin("--json", "flash", "new.bin", "--wait",
                                 keys=["clock=real", "appears=3600000"])
            self.reach(process, waiting)
            process.send_signal(number)
            last, err = self.end(process)
            self.assertEqual(process.returncode, 1, err)
            self.assertEqual((last["code"], last["aftermath"]),
                             ("E_CANCELLED", "untouched"))
            self.assertEqual(last["message"],
                             "stopped as asked while the device was waited "
                             "for: the virtual chip is not on the bus")
            self.assertIn("device: untouched\n", err)
        self.assertEqual(self.flash(), self.before)

    def test_nobody_to_tell_that_something_is_waited_for(self):
        process = self.begin("flash", "new.bin", "--keep", "--wait",
                             keys=["clock=real*0.1", "appears=3000"])
        process.stderr.close()
        out = process.stdout.read().decode()
        process.stdout.close()
        self.assertEqual(process.wait(200), 0, out)
        self.finish()


if __name__ == "__main__":
    main()
