# SPDX-License-Identifier: MIT
"""sector0-mock-run puts a command on a bus of virtual devices and cleans up after it.

usage: test_mock_run.py MOCK_RUN PROBE
"""
import glob
import os
import signal
import subprocess
import sys
import time
import unittest

MOCK_RUN, PROBE = sys.argv[1:3]
H743 = "0483:df11 200364500000 'DFU in FS Mode'"
MEMORY = "@Internal Flash   /0x08000000/16*128Kg"


def run(*arguments):
    done = subprocess.run([MOCK_RUN, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60)
    return done.returncode, done.stdout.splitlines(), done.stderr


def probe(*kinds):
    options = [x for kind in kinds for x in ("--device", kind)]
    return run(*options, "--", PROBE)


class MockRun(unittest.TestCase):
    def test_the_exit_status_is_the_command_s(self):
        self.assertEqual(run("sh", "-c", "exit 42")[0], 42)
        self.assertEqual(run("sh", "-c", "kill -TERM $$")[0], 128 + 15)
        self.assertEqual(run("/no/such/command")[0], 127)

    def test_what_makes_no_sense_is_trouble(self):
        self.assertEqual(run()[0], 125)
        self.assertEqual(run("--nonsense", "true")[0], 125)
        status, _, errors = run("--device", "no-such-chip", "true")
        self.assertEqual(status, 125)
        self.assertIn("no-such-chip", errors)

    def test_no_device_and_no_bus_differ(self):
        self.assertEqual(probe("none"), (0, [], ""))
        self.assertEqual(probe("no-usb"), (7, ["this host has no USB bus"], ""))

    def test_a_virtual_chip_is_a_board(self):
        self.assertEqual(probe("stm32h743,rom=0x92"), (0, [f"usb:1-1 {H743} {MEMORY}"], ""))

    def test_two_boards_share_a_serial(self):
        self.assertEqual(probe("stm32h743", "stm32h743")[1],
                         [f"usb:1-1 {H743} {MEMORY}", f"usb:1-2 {H743} {MEMORY}"])

    def test_without_rights_there_is_no_opening(self):
        self.assertEqual(probe("no-rights"),
                         (5, ["usb:1-1 0483:df11  '' cannot open the device at usb 1-1 "
                              "(0483:df11): permission denied"], ""))

    def test_without_a_node_there_is_no_opening(self):
        status, lines, _ = probe("no-node")
        self.assertEqual(status, 3)
        self.assertIn("its device node is missing", lines[0])

    def test_a_busy_board_is_listed_by_name(self):
        self.assertEqual(probe("busy"),
                         (6, [f"usb:1-1 {H743} cannot claim the device at usb 1-1 "
                              "(0483:df11): another program holds it"], ""))

    def test_what_is_not_in_dfu_mode_says_so(self):
        status, lines, _ = probe("camera", "vcp", "runtime")
        self.assertEqual(status, 3)
        self.assertEqual(len(lines), 2)
        self.assertIn("usb 1-2 (0483:5740) is not in DFU mode", lines[0])
        self.assertIn("usb 1-3 (0483:a38f) is not in DFU mode", lines[1])

    def start(self):
        server = subprocess.Popen([MOCK_RUN, "--device", "stm32h743", PROBE, "wait"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdin.close)
        self.addCleanup(server.stdout.close)
        self.assertIn(H743, server.stdout.readline())
        return server

    def children(self, server):
        found = []
        for path in glob.glob(f"/proc/{server.pid}/task/*/children"):
            with open(path) as children:
                found += children.read().split()
        return found

    def files_of(self, server):
        """The mock files of a server, by what its child was told."""
        for pid in self.children(server):
            with open(f"/proc/{pid}/environ", "rb") as environ:
                for item in environ.read().split(b"\0"):
                    if item.startswith(b"UMOCKDEV_DIR="):
                        return item.partition(b"=")[2].decode()
        self.fail("no child knows UMOCKDEV_DIR")

    def gone_soon(self, path):
        for _ in range(200):
            if not os.path.exists(path):
                return True
            time.sleep(0.05)
        return False

    def test_nothing_is_left_behind_by_any_end(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            server = self.start()
            path = self.files_of(server)
            self.assertTrue(os.path.isdir(path))
            server.send_signal(number)
            status = server.wait(30)
            self.assertEqual(status, -9 if number == signal.SIGKILL else 128 + number)
            self.assertTrue(self.gone_soon(path), path)

    def test_unplugging_from_outside_is_seen(self):
        script = f"kill -USR1 $PPID; sleep 0.3; {PROBE}; kill -USR2 $PPID; sleep 0.3; {PROBE}"
        status, lines, _ = run("--device", "stm32h743", "sh", "-c", script)
        self.assertEqual((status, lines), (0, [f"usb:1-1 {H743} {MEMORY}"]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
