# SPDX-License-Identifier: MIT
"""STM32_Programmer_CLI's command line: what callers send, and the sessions
that have been published.

usage: test_cube.py SECTOR0 MOCK_RUN [TEST...]
"""
import os
import re
import subprocess

import bench
from bench import FLASH, Boards, ihex, noise
from cube_bench import BANNER, BAR, timeless

# The published session of version 2.22 with an F405 (gentilkiwi's README of
# st25tb_kameleon_stm32), in its order.
F405 = """\
USB speed   : Full Speed (12MBit/s)
Manuf. ID   : STMicroelectronics
Product ID  : STM32  BOOTLOADER
SN          : CE8A4602EFCD
DFU protocol: 1.1
Board       : --
Device ID   : 0x413
Device name : STM32F405xx/F407xx/F415xx/F417xx
NVM size  : 1 MBytes (default)
Device type : MCU
Revision ID : --
Device CPU  : Cortex-M4



Opening and parsing file: app.hex


Memory Programming ...
  File          : app.hex
  Size          : 83.98 KB
  Address       : 0x08000000


Erasing memory corresponding to segment 0:
Erasing internal memory sector 0
Erasing memory corresponding to segment 1:
Erasing internal memory sectors [2 4]
Download in Progress:
""" + BAR + """\

File download complete
Time elapsed during download operation: TIME

Verifying...
Read progress:
""" + BAR + """\
Time elapsed during verifying operation: TIME
Download verified successfully


RUNNING Program ...
  Address:      : 0x8000000
Start operation achieved successfully
"""


class Cube(Boards):
    maxDiff = None
    KIND = "stm32h743,rom=0x92,clock=real*0.02"

    def cube(self, *args, kind=None, status=0):
        run = self.on_board("board", [bench.SECTOR0, "as",
                                      "STM32_Programmer_CLI", *args],
                            kind=kind)
        self.assertEqual(run.status, status, run)
        self.assertTrue(run.out.startswith(BANNER), run.out)
        return run

    def holds(self, name, kind="stm32h743"):
        self.sector0("verify", name, "-d",
                     f"sim:{kind},file={self.path('board')}")

    def test_the_published_session(self):
        self.file("app.hex", ihex((FLASH, noise(4000)),
                                  (FLASH + 0x8000, noise(82000, 2))))
        run = self.cube("-c", "port=usb1", "-w", "app.hex", "-v", "-s",
                        kind="stm32f405,clock=real*0.02")
        self.assertEqual(timeless(run.out)[len(BANNER):], F405)
        self.holds("app.hex", "stm32f405")

    def test_what_callers_send(self):
        app, at = "app.bin", "0x08000000"
        for args in (
                # stm32duino: one argument or an empty one for the erase
                ["--connect", "port=usb1", "VID=0x0483", "PID=0xdf11",
                 "--erase all", "--quietMode", "--download", app, at,
                 "--start", at],
                ["--connect", "port=usb1", "VID=0x0483", "PID=0xdf11", "",
                 "--quietMode", "--download", app, at, "--start", at],
                # Zephyr: all keys in one argument, nothing behind --start
                ["--connect", "port=usb1 freq=4000 reset=HWrst",
                 "--download", "app.hex", "--start"],
                ["--connect", "port=usb1", "--download", app, at, "--start",
                 at],
                ["--connect", "port=usb1", "--erase", "all"],
                # rusEFI
                ["-c", "port=usb1", "-w", app, at, "-v", "-s"],
                ["-c", "port=usb1", "-e", "all"],
                ["-c", "port=usb1", "-e", "12"],
                ["-c", "port=usb1", "-e", "[0 3]"],
                ["-c", "port=usb1", "-e", "[0", "3]"],
                # README files
                ["-c", "port=USB1", "-e", "-w", "app.hex", "-v", "-s"],
                ["-c", "port=usb", "sn=200364500000", "-d", app, at, "-v",
                 "--skipErase"],
                ["-C", "PORT=USB1", "-OB", "displ"],
                ["-c", "port=usb1", "-r32", at, "16"],
                ["-l"], ["-l", "usb"], ["--list"], ["-version"], ["-h"], []):
            with self.subTest(args):
                if "--skipErase" in args and os.path.exists(
                        self.path("board")):
                    os.remove(self.path("board"))
                run = self.cube(*args)
                self.assertNotIn("Error", run.out)
                if "--download" in args or "-w" in args or "-d" in args:
                    self.assertIn("File download complete\n", run.out)
                    self.holds("app.hex")
                self.assertEqual("Mass erase successfully achieved" in
                                 run.out,
                                 "all" in args or "--erase all" in args or
                                 args[2:4] == ["-e", "-w"])
                if "--quietMode" in args:
                    self.assertNotIn(BAR, run.out)

    def test_the_list_has_what_programs_look_for(self):
        run = self.cube("-l", "usb")
        self.assertEqual(run.out[len(BANNER):], """\
=====  DFU Interface   =====

Total number of available STM32 device in DFU mode: 1

  Device Index           : USB1
  USB Bus Number         : 001
  USB Address Number     : 002
  Product ID             : DFU in FS Mode
  Serial number          : 200364500000
  Firmware version       : 0x011a
  Device ID              : 0x0450

""")

    def test_no_device(self):
        run = self.cube("-c", "port=usb2", "-w", "app.hex", status=1)
        self.assertTrue(run.out.endswith(
            "Error: Target device not found\nEstablishing connection with "
            "the device failed\n"))
        self.assertIn("error: no device in DFU mode fits\n", run.err)
        self.assertIn("hint: ", run.err)

    def test_devices_are_told_apart(self):
        two = ["stm32h743,clock=real*0.02", "stm32f405,clock=real*0.02",
               "runtime"]

        def run(*args, status=0):
            before = [word for device in two for word in ("--device", device)]
            run = subprocess.run(
                [bench.MOCK_RUN, *before, "--", bench.SECTOR0, "as",
                 "STM32_Programmer_CLI", *args], cwd=self.folder,
                env=self.environment, capture_output=True, timeout=300)
            self.assertEqual(run.returncode, status, run)
            return run.stdout.decode(), run.stderr.decode()
        out, _ = run("-l", "usb")
        self.assertIn("STM32 device in DFU mode: 2\n", out)
        serials = re.findall("Serial number          : (.*)", out)
        self.assertEqual(re.findall("Device Index           : (.*)", out),
                         ["USB1", "USB2"])
        self.assertEqual(re.findall("Device ID              : (.*)", out),
                         ["0x0450", "0x0413"])
        for args, device_id in ((["port=usb1"], "0x450"),
                                (["port=USB2"], "0x413"),
                                (["port=usb", f"sn={serials[1]}"], "0x413"),
                                (["port=usb1 sn=" + serials[0]], "0x450"),
                                (["sn=" + serials[1].lower(), "port=usb2",
                                  "VID=0x483", "PID=df11"], "0x413")):
            self.assertIn(f"Device ID   : {device_id}\n", run("-c", *args)[0])
        for args in (["port=usb"], ["port=usb3"], ["port=usb", "sn=1"],
                     ["port=usb1", "sn=" + serials[1]],
                     ["port=usb1", "VID=0x1234"]):
            out, err = run("-c", *args, status=1)
            text = ("several target devices" if args == ["port=usb"] else
                    "Target device not")
            self.assertTrue(out.endswith(
                f"Error: {text} found\nEstablishing connection with the "
                "device failed\n"), out)
            self.assertIn("hint: ", err)


if __name__ == "__main__":
    bench.main("__main__")
