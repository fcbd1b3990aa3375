# SPDX-License-Identifier: MIT
"""STM32_Programmer_CLI's command line on virtual chips."""
import os
import re
import subprocess

import bench

BANNER = ("      " + "-" * 67 + "\n" + " " * 23 +
          "STM32CubeProgrammer v2.22.0" + " " * 18 + "\n" + "      " +
          "-" * 67 + "\n\n")
BAR = "[" + "=" * 50 + "] 100%\n"
# The blank that closes some of their lines.
SP = " "


def timeless(text):
    return re.sub(r"\d\d:\d\d:\d\d\.\d{3}", "TIME", text)


class Cube(bench.Boards):
    """On chips inside the program: no bus, and so no time that passes."""
    maxDiff = None
    KIND = "stm32h743"

    def cube(self, *args, kind=None, board="board", status=0, bus=None):
        """Or with what is on a made-up bus."""
        env = dict(self.environment)
        before = []
        if bus:
            before = [bench.MOCK_RUN, *(word for device in bus
                                        for word in ("--device", device)),
                      "--"]
        else:
            env["SECTOR0_DEVICE"] = (f"sim:{kind or self.KIND},"
                                     f"file={self.path(board)}")
        run = subprocess.run([*before, bench.SECTOR0, "as",
                              "STM32_Programmer_CLI", *args],
                             cwd=self.folder, env=env, capture_output=True,
                             timeout=300)
        run = bench.Run(run.returncode, run.stdout.decode(errors="replace"),
                        run.stderr.decode(errors="replace"))
        self.assertEqual(run.status, status, run)
        self.assertTrue(run.out.startswith(BANNER), run.out)
        self.assertNotIn("AddressSanitizer", run.err)
        self.assertNotIn("runtime error", run.err)
        return run

    def on(self, *args, **more):
        return self.cube("-c", "port=usb1", *args, **more)

    def said(self, *args, **more):
        """What is said behind the lines about the device."""
        out = timeless(self.on(*args, **more).out)
        return out[re.search("Device CPU  : .*\n", out).end():]

    def refused(self, text, *args):
        """Before anything is done: not even a device is opened."""
        run = self.cube(*args, status=1)
        self.assertIn("Error: " + text, run.out)
        self.assertNotIn("USB speed", run.out)
        self.assertIn("error: " + text.split("\n")[0], run.err)
        self.assertIn("\nhint: ", run.err)
        self.assertFalse(os.path.exists(self.path("board")), run)
        return run

    def memory(self, address, length, **more):
        self.on("-r", hex(address), str(length), "memory.bin", **more)
        return self.bytes_of("memory.bin")
