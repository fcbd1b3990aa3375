# SPDX-License-Identifier: MIT
"""STM32_Programmer_CLI's command line: what callers send, and the sessions
that have been published.

usage: test_cube.py SECTOR0 MOCK_RUN [TEST...]
"""
import os
import re
import unittest

import bench
from bench import FLASH, Boards, ihex, noise

BANNER = ("      " + "-" * 67 + "\n" + " " * 23 +
          "STM32CubeProgrammer v2.22.0" + " " * 18 + "\n" + "      " +
          "-" * 67 + "\n\n")
BAR = "[" + "=" * 50 + "] 100%\n"
# The published session of version 2.22 with an F405, in its order.
F405 = """\
USB speed   : Full Speed (12MBit/s)
Manuf. ID   : STMicroelectronics
Product ID  : STM32  BOOTLOADER
SN          : CE8A4602EFCD
DFU protocol: 1.1
Board       : --
Device ID   : 0x413
Device name : STM32F405/407/415/417
NVM size  : 1 MBytes
Device type : MCU
Revision ID : --
Device CPU  : --



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
        text = re.sub(r"\d\d:\d\d:\d\d\.\d{3}", "TIME", run.out)
        self.assertEqual(text[len(BANNER):], F405)
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

    def test_what_other_interfaces_do_is_refused_by_name(self):
        for port in ("SWD", "jlink", "COM3", "/dev/ttyS0"):
            run = self.cube("-c", f"port={port} freq=4000", status=1)
            self.assertIn(f"Error: port={port} needs an ST-LINK or a serial "
                          "interface; not supported over USB DFU\n", run.out)
        for option in ("-hardRst", "-halt", "--rst", "-el", "-coreReg",
                       "-fwupgrade"):
            run = self.cube("-c", "port=usb1", option, status=1)
            self.assertIn(f"Error: {option} needs an ST-LINK or another "
                          "interface; not supported over USB DFU\n", run.out)
        self.assertIn("Error: Unknown command --bogus\n",
                      self.cube("--bogus", status=1).out)

    def test_the_founding_case_says_which_segment(self):
        self.file("app.hex", ihex((FLASH, noise(4000)),
                                  (0x24000000, noise(100, 2))))
        run = self.cube("-c", "port=usb1", "-w", "app.hex", "-v", status=1)
        self.assertIn("Error: failed to download the File\n", run.out)
        self.assertRegex(run.err, r"error: segment .* at 0x24000000\) is in "
                         r"RAM that this bootloader cannot write\ndevice: "
                         r"untouched\nhint: ")

    def test_words_are_written_and_read_in_order(self):
        run = self.cube(
            "-c", "port=usb1", "-w32", "0x08000100", "0x11223344",
            "0xAABBCCDD", "-w16", "0x08000108", "0x1234", "-w8", "0x0800010a",
            "0x56", "7", "-r32", "0x08000100", "12", "-r16", "0x08000108",
            "4", "-r8", "0x08000100", "4")
        self.assertIn("0x08000100 : 11223344 AABBCCDD 07561234\n", run.out)
        self.assertIn("0x08000108 : 1234 0756\n", run.out)
        self.assertIn("0x08000100 : 44 33 22 11\n", run.out)
        for bad in (["-w8", "0x08000100", "256"], ["-w32", "0x08000100"],
                    ["-w16", "zero", "1"], ["-r32", "0x08000000"]):
            self.assertIn("Error: ",
                          self.cube("-c", "port=usb1", *bad, status=1).out)

    def test_memory_is_filled_summed_and_checked(self):
        run = self.cube("-c", "port=usb1", "-blankcheck", "-fillmemory",
                        "0x08000000", "size=16", "pattern=0x01020304",
                        "dataWidth=32", "-checksum", "0x08000000", "16",
                        "-blankcheck", "-fchecksum", "app.bin")
        self.assertIn("memory is blank", run.out)
        self.assertIn("Checksum      : 0x00000028\n", run.out)
        self.assertIn("not blank: first address 0x08000000", run.out)
        total = sum(self.bytes_of("app.bin"))
        self.assertIn(f"Checksum      : 0x{total:08X}\n", run.out)

    def test_memory_is_saved(self):
        self.cube("-c", "port=usb1", "-w", "app.hex", "-v", "-r",
                  "0x08000000", "5000", "back.bin", "--upload", "0x08000000",
                  "0x100", "back.hex")
        self.assertEqual(self.bytes_of("back.bin"), noise(5000))
        self.holds("back.hex")

    def test_option_bytes(self):
        run = self.cube("-c", "port=usb1", "-ob", "displ")
        self.assertIn("OPTION BYTES BANK: 0\n\n   Read Out Protection:\n\n"
                      "     RDP          : 0xAA (level 0", run.out)
        run = self.cube("-c", "port=usb1", "-ob", "bor_lev=2")
        self.assertIn("OPTION BYTE PROGRAMMING VERIFICATION:\n\nOption Bytes "
                      "successfully programmed\n", run.out)
        run = self.cube("-c", "port=usb1", "-ob", "BOR_LEV=2")
        self.assertIn("Warning: Option Byte: BOR_LEV, value: 0x2, was not "
                      "modified.\nWarning: Option Bytes are unchanged, Data "
                      "won't be downloaded\n", run.out)
        run = self.cube("-c", "port=usb1", "-ob", "nwrp0=1", status=1)
        self.assertIn("Warning: Option Byte: nwrp0, does not exist\n",
                      run.out)
        run = self.cube("-c", "port=usb1", "-ob", "RDP=0xCC", status=1)
        self.assertIn("device: untouched", run.err)

    def test_read_protection_is_taken_off(self):
        run = self.cube("-c", "port=usb1", "-rdu", kind=self.KIND + ",rdp=1")
        self.assertIn("Warning: Device is under Read Out Protection", run.out)
        self.assertIn("Memory Read Protection disabled successfully\n",
                      run.out)

    def test_a_script_and_a_log(self):
        self.file("all.prg", b'# comment\n-c port=usb1\n-w "app.hex" -v\n'
                  b"// another\n-s\n")
        run = self.cube("-script", "all.prg", "-log", "log.txt")
        self.assertIn("Start operation achieved successfully\n", run.out)
        self.assertEqual(self.bytes_of("log.txt").decode(), run.out)
        self.file("bad.prg", b"-script bad.prg\n")
        self.assertIn("too many scripts",
                      self.cube("-script", "bad.prg", status=1).out)

    def test_verify_belongs_to_a_write(self):
        run = self.cube("-c", "port=usb1", "-v", status=1)
        self.assertIn("Error: Wrong verify command use\n", run.out)
        self.assertIn("needs a connection",
                      self.cube("-w", "app.hex", status=1).out)


if __name__ == "__main__":
    bench.main("__main__")
