# SPDX-License-Identifier: MIT
"""dfu-util, which nobody here wrote, takes the virtual chip for a board.

usage: test_dfu_util.py MOCK_RUN
"""
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

MOCK_RUN = os.path.abspath(sys.argv[1])
SKIPPED = 77
# Real time would be waited out: short operations and short polls.
CHIP = "stm32h743,rom=0x92,time_scale=0"


class DfuUtil(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def run_on(self, chip, script):
        return subprocess.run(
            [MOCK_RUN, "--device", chip, "--", "sh", "-ec", script],
            cwd=self.folder, stdin=subprocess.DEVNULL, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def on_a_chip(self, script):
        """Run a shell script; the chip is the same for all of it."""
        done = self.run_on(CHIP, script)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_both_memories_are_listed(self):
        out = self.on_a_chip("dfu-util -l")
        for alt, name in (("0", "@Internal Flash   /0x08000000/16*128Kg"),
                          ("1", "@Option Bytes   /0x5200201C/01*128 e")):
            self.assertRegex(out, r'Found DFU: \[0483:df11\] ver=0200, .*, '
                             r'path="1-1", alt=%s, name="%s", '
                             r'serial="200364500000"' % (
                                 alt, re.escape(name)))

    def test_what_is_written_is_read_back(self):
        content = random.Random(1).randbytes(5000)
        with open(self.path("app.bin"), "wb") as file:
            file.write(content)
        self.on_a_chip(
            "dfu-util -a 0 -s 0x08000000 -D app.bin\n"
            "dfu-util -a 0 -s 0x08000000:5000 -U back.bin\n"
            "dfu-util -a 0 -s 0x08001388:64 -U behind.bin")
        self.assertEqual(self.bytes_of("back.bin"), content)
        self.assertEqual(self.bytes_of("behind.bin"), b"\xff" * 64)

    def test_an_operation_beyond_its_five_seconds_is_a_failure(self):
        with open(self.path("app.bin"), "wb") as file:
            file.write(b"\x12" * 64)
        done = self.run_on("stm32h743,rom=0x92,erase_ms=60000",
                           "dfu-util -a 0 -s 0x08000000 -D app.bin")
        self.assertEqual(done.returncode, 74, done.stdout)  # EX_IOERR
        self.assertIn('during special command "ERASE_PAGE" get_status',
                      done.stdout)


if __name__ == "__main__":
    if not shutil.which("dfu-util"):
        print("dfu-util is not here")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
