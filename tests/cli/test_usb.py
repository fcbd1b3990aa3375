# SPDX-License-Identifier: MIT
"""The built command on a mocked USB bus: real libusb, virtual boards.

usage: test_usb.py SECTOR0 MOCK_RUN
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

from harness import ihex, noise

SECTOR0, MOCK_RUN = (os.path.abspath(p) for p in sys.argv[1:3])
# A chip that is a board in everything but in how long a test would wait for it.
H743 = "stm32h743,clock=real*0.02"

# The first run has claimed the board when it erases.
TWO = """
"$0" flash "$1" --json >first 2>&1 &
until grep -qs '"stage":"erase"' first; do sleep 0.02; done
"$0" flash "$1"
echo $! $?
"$0" doctor
kill -9 $!
"""

# SIGUSR1 takes the board off the mocked bus, SIGUSR2 brings it back.
LATER = """
kill -USR1 $PPID
while "$0" list | grep -q usb:1-1; do sleep 0.02; done
"$0" flash "$1" --wait --json >events &
until grep -qs '"waiting"' events; do sleep 0.02; done
kill -$2 $3
wait $!
status=$?
cat events
exit $status
"""


class Bus(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = os.path.join(self.folder.name, "app.hex")
        with open(self.file, "wb") as out:
            out.write(ihex((0x08000000, noise(3000))))
        self.environment = dict(os.environ, XDG_STATE_HOME=self.folder.name)
        self.environment.pop("SECTOR0_DEVICE", None)

    def start(self, devices, *arguments, program=None):
        options = [x for kind in devices for x in ("--device", kind)]
        return subprocess.Popen(
            [MOCK_RUN, *options, "--", *(program or [SECTOR0, *arguments])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=self.environment,
            cwd=self.folder.name)

    def run_on(self, devices, *arguments):
        process = self.start(devices, *arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def test_nothing_attached(self):
        status, out, _ = self.run_on(["none"], "list")
        self.assertEqual((status, out), (0, ""))
        status, _, err = self.run_on(["none"], "flash", self.file)
        self.assertEqual(status, 4)
        self.assertEqual(err, "error: no device in DFU mode\n"
                         "device: untouched\n"
                         "hint: hold BOOT0 high, press reset (or power the "
                         "board off and on), and try again; at read-out "
                         "protection level 2 a chip never starts its "
                         "bootloader\n")

    def test_no_usb_on_this_host(self):
        for command in ("list", "info"):
            status, _, err = self.run_on(["no-usb"], command)
            self.assertEqual(status, 4)
            self.assertTrue(err.startswith(
                "error: this host has no USB bus\n"), err)

    def test_one_board_is_programmed_verified_and_started(self):
        board = [H743 + ",rom=0x92"]
        status, out, err = self.run_on(board, "flash", self.file, "--start")
        self.assertEqual(status, 0, err)
        self.assertIn("verified  3000 bytes", out)
        self.assertIn("started the firmware at 0x08000000", out)

    def test_bank_2_is_programmed_on_rom_0x91(self):
        with open(self.file, "wb") as out:
            out.write(ihex((0x08100000, noise(3000))))
        board = [H743 + ",rom=0x91,erase_ms=20"]
        status, out, err = self.run_on(board, "flash", self.file)
        self.assertEqual(status, 0, err)
        self.assertIn("verified  3000 bytes", out)

    def test_two_boards_that_share_a_serial(self):
        boards = [H743 + ",seed=1", H743 + ",seed=2"]
        status, _, err = self.run_on(boards, "flash", self.file)
        self.assertEqual(status, 4)
        self.assertEqual(err.splitlines()[0],
                         "error: 2 devices are in DFU mode: usb:1-1 DFU in "
                         "FS Mode, usb:1-2 DFU in FS Mode")
        status, _, err = self.run_on(boards, "flash", self.file, "-d",
                                     "serial:200364500000")
        self.assertEqual(status, 4)
        self.assertIn("2 devices share the serial number", err)
        status, _, err = self.run_on(boards, "flash", self.file, "-d",
                                     "usb:0483:df11")
        self.assertEqual(status, 4)
        status, out, err = self.run_on(boards, "flash", self.file, "-d",
                                       "usb:1-2")
        self.assertEqual(status, 0, err)
        status, out, _ = self.run_on(boards, "list", "--json")
        paths = [json.loads(line).get("path") for line in out.splitlines()]
        self.assertEqual([p for p in paths if p], ["usb:1-1", "usb:1-2"])

    def test_a_path_where_nothing_is(self):
        status, _, err = self.run_on([H743], "info", "-d", "usb:1-9")
        self.assertEqual(status, 4)
        self.assertIn("no device in DFU mode is 'usb:1-9'", err)

    def test_a_board_without_rights(self):
        status, out, _ = self.run_on(["no-rights"], "list")
        self.assertEqual(status, 0)
        self.assertIn("no permission", out)
        status, _, err = self.run_on(["no-rights"], "flash", self.file)
        self.assertEqual(status, 4)
        self.assertEqual(err.splitlines()[:2], [
            "error: cannot open the device at usb 1-1 (0483:df11): "
            "permission denied", "device: untouched"])
        self.assertIn("udev rule", err)

    def test_a_board_that_is_not_in_dfu_mode(self):
        status, _, err = self.run_on(["vcp"], "flash", self.file)
        self.assertEqual(status, 4)
        self.assertIn("no device in DFU mode; 1 device could be put there "
                      "(usb:1-1 STM32 Virtual ComPort)", err)
        self.assertIn("hint: hold BOOT0 high", err)

    def test_the_doctor_tells_what_stands_in_the_way(self):
        one = H743 + ",rom=0x92"
        for boards, status, code, words in (
                (["none"], 4, "D_NO_BOARD", "hold BOOT0 high"),
                (["no-usb"], 4, "D_NO_USB", "container"),
                (["no-rights"], 4, "D_NO_RIGHTS", "udev rule"),
                (["vcp"], 4, "D_NOT_IN_DFU_MODE", "runs its firmware"),
                (["busy"], 1, "D_HELD_BY_PROGRAM", "another program"),
                ([one + ",seed=1", one + ",seed=2"], 4, "D_SEVERAL_BOARDS",
                 "usb:1-1"),
                ([one + ",wrp=1"], 1, "D_WRITE_PROTECTED", "0x08000000")):
            status_found, out, err = self.run_on(boards, "doctor")
            self.assertEqual(status_found, status, out + err)
            heads = [line for line in out.splitlines()
                     if line.startswith("D_")]
            self.assertTrue(heads[0].startswith(code + " ("), out)
            self.assertIn(words, " ".join(out.split()))
        self.assertEqual(self.run_on([one], "doctor")[0], 0)

    def test_a_camera_is_no_board(self):
        status, out, err = self.run_on(["camera", H743 + ",rom=0x92"],
                                       "flash", self.file)
        self.assertEqual(status, 0, err)
        status, _, err = self.run_on(["camera"], "flash", self.file)
        self.assertEqual(status, 4)
        self.assertNotIn("could be put there", err)

    def test_a_board_that_another_program_holds(self):
        status, _, err = self.run_on(["busy"], "flash", self.file)
        self.assertEqual(status, 1)
        self.assertIn("another program holds it", err)

    def test_two_runs_on_one_board(self):
        process = self.start(["stm32h743,rom=0x92,erase_ms=60000"],
                             program=["sh", "-c", TWO, SECTOR0, self.file])
        out, err = process.communicate(timeout=60)
        first, status = out.split("\n", 1)[0].split()
        self.assertEqual(status, "1", out + err)
        self.assertEqual(err.splitlines()[0],
                         "error: cannot claim the device at usb 1-1 "
                         "(0483:df11): it is in use by sector0 (process %s)"
                         % first)
        self.assertIn("usb:1-1 is held by sector0 (process %s)" % first,
                      " ".join(out.split()))

    def test_a_board_that_is_plugged_in_later(self):
        program = ["sh", "-c", LATER.replace("$3", "$PPID"), SECTOR0,
                   self.file, "USR2"]
        process = self.start([H743 + ",rom=0x92"], program=program)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, err)
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([e["message"] for e in events
                          if e["event"] == "waiting"],
                         ["no device in DFU mode; waiting for it (Ctrl-C "
                          "ends)"])
        self.assertEqual(events[-1]["verified_bytes"], 3000)

    def test_a_board_that_does_not_come(self):
        program = ["sh", "-c", LATER.replace("$3", "$!"), SECTOR0, self.file,
                   "TERM"]
        process = self.start([H743 + ",rom=0x92"], program=program)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1, err)
        last = json.loads(out.splitlines()[-1])
        self.assertEqual((last["code"], last["aftermath"]),
                         ("E_CANCELLED", "untouched"))

    def test_several_boards_are_not_waited_for(self):
        boards = [H743 + ",seed=1", H743 + ",seed=2"]
        status, _, err = self.run_on(boards, "flash", self.file, "--wait")
        self.assertEqual(status, 4)
        self.assertTrue(err.startswith("error: 2 devices are in DFU mode: "),
                        err)

    def test_a_board_that_goes_in_the_middle(self):
        with open(self.file, "wb") as out:
            out.write(ihex((0x08000000, noise(1000000))))
        process = self.start([H743 + ",rom=0x92"], "flash", self.file,
                             "--json")
        while '"stage":"write"' not in process.stdout.readline():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGUSR1)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, err)
        last = json.loads(out.splitlines()[-1])
        self.assertEqual(last["event"], "error")
        self.assertEqual(last["code"], "E_GONE")
        self.assertEqual(last["aftermath"], "unknown")
        self.assertIn("device: unknown", err)

    def test_an_erase_takes_the_time_of_the_chip(self):
        status, out, err = self.run_on(["stm32h743,erase_ms=600"], "erase",
                                       "0x08000000", "1", "--json")
        self.assertEqual(status, 0, err)
        last = json.loads(out.splitlines()[-1])
        self.assertGreaterEqual(last["time_ms"], 600, out)

    def test_a_board_that_does_not_answer_in_time(self):
        board = [H743 + ",fault=nak@12:3000000"]
        status, _, err = self.run_on(board, "erase", "0x08000000", "1")
        self.assertNotEqual(status, 0)
        self.assertIn("did not answer ABORT within 5000 ms", err)

    def off_the_bus(self, *arguments):
        """Without the bus, and without the host's records."""
        environment = dict(self.environment,
                           XDG_STATE_HOME=os.path.join(self.folder.name,
                                                       "other"))
        run = subprocess.run([SECTOR0, *arguments], cwd=self.folder.name,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, env=environment, timeout=120)
        return run.returncode, run.stdout, run.stderr

    def record(self, devices, *arguments):
        status, out, err = self.run_on(devices, *arguments, "--record",
                                       "t.trace")
        again, replayed, said = self.off_the_bus("trace", "replay", "t.trace")
        self.assertEqual(again, status, said)
        self.assertRegex(replayed, r"\d+ transfers, the same\n$")
        self.assertEqual(replayed[:len(out)], out)
        return status

    def check(self):
        return self.off_the_bus("trace", "check", "t.trace")

    def test_a_recorded_session_needs_no_bus(self):
        with open(self.file, "wb") as out:
            out.write(ihex((0x08100000, noise(3000))))
        for arguments in (["list"], ["info"], ["flash", self.file]):
            self.assertEqual(self.record([H743 + ",rom=0x91,seed=9"],
                                         *arguments), 0)
            status, out, err = self.check()
            self.assertEqual(status, 0, err)
            self.assertIn("the virtual chip answers the same\nprofile "
                          "stm32h743,rom=0x91,flash_kb=2048,uid=", out)

    def test_what_was_not_to_be_had_is_not_to_be_had_again(self):
        self.assertEqual(self.record(["none"], "list"), 0)
        self.assertEqual(self.record(["none"], "info"), 4)
        self.assertEqual(self.record(["no-usb"], "info"), 4)
        self.assertEqual(self.record(["no-rights"], "info"), 4)
        self.assertEqual(self.record(["no-rights"], "list"), 0)
        two = [H743 + ",seed=1", H743 + ",seed=2"]
        self.assertEqual(self.record(two, "flash", self.file), 4)
        self.assertEqual(self.record(two, "list"), 0)
        status, out, err = self.check()
        self.assertEqual(status, 0, err)

    def test_a_board_that_went_in_the_middle_goes_again(self):
        with open(self.file, "wb") as out:
            out.write(ihex((0x08000000, noise(1000000))))
        process = self.start([H743 + ",rom=0x92"], "flash", self.file,
                             "--json", "--record", "t.trace")
        while '"stage":"write"' not in process.stdout.readline():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGUSR1)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, err)
        status, out, err = self.off_the_bus("trace", "replay", "t.trace")
        self.assertEqual(status, 3, err)
        self.assertIn("transfers, the same", out)
        status, _, err = self.check()
        self.assertEqual(status, 1)
        self.assertIn("E_GONE, which nothing asked for: unplugged, ", err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
