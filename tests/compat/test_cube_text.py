# SPDX-License-Identifier: MIT
"""What STM32_Programmer_CLI says, line for line: sessions that have been
published, and what is worded alike.

usage: test_cube_text.py SECTOR0 MOCK_RUN [TEST...]
"""
import re

import bench
from bench import FLASH, ihex, noise
from cube_bench import BANNER, BAR, SP, Cube, timeless

BLOCK = """\
USB speed   : Full Speed (12MBit/s)
Manuf. ID   : STMicroelectronics
Product ID  : DFU in FS Mode
SN          : %s
DFU protocol: 1.1
Board       : --
"""
WINDOW = """
UPLOADING OPTION BYTES DATA ...

  Bank          : 0x00
  Address       : 0x5200201c
  Size          : 308 Bytes

""" + BAR


class Text(Cube):
    # Chips, and what is shown of them.
    CHIPS = (
        ("stm32f405", "0x413", "STM32F405xx/F407xx/F415xx/F417xx",
         "1 MBytes (default)", "Cortex-M4"),
        ("stm32l476", "0x415", "STM32L471/475/476/485/486",
         "1 MBytes (default)", "Cortex-M4"),
        ("stm32g474", "0x469", "STM32G471/473/474/483/484",
         "512 KBytes (default)", "Cortex-M4"),
        ("stm32f767", "0x451", "STM32F76x/STM32F77x",
         "2 MBytes (default)", "Cortex-M7"),
        ("stm32u575", "0x482", "STM32U575/STM32U585",
         "2 MBytes (default)", "Cortex-M33"),
        ("stm32wb55", "0x495", "STM32WB5x/35xx", "1 MBytes", "Cortex-M4"),
        ("stm32h563", "0x484", "STM32H562/563/573",
         "2 MBytes (default)", "Cortex-M33"),
        ("stm32h743", "0x450", "STM32H7xx", "2 MBytes (default)", "Cortex-M7"),
    )

    def test_a_smaller_part_has_no_default_size(self):
        run = self.on(kind="stm32f405,flash_kb=512", board="smaller")
        self.assertIn("\nNVM size  : 512 KBytes\n", run.out)

    def test_every_chip_is_told_of_and_programmed(self):
        self.file("app.hex", ihex((FLASH, noise(3000)),
                                  (FLASH + 0x10000, noise(5000, 2))))
        for kind, device_id, name, size, cpu in self.CHIPS:
            with self.subTest(kind):
                run = self.on("-e", "all", "-w", "app.hex", "-v", "-r",
                              "0x08010000", "5000", "back.bin", kind=kind,
                              board=kind)
                self.assertIn(
                    "Board       : --\n"
                    f"Device ID   : {device_id}\nDevice name : {name}\n"
                    f"NVM size  : {size}\nDevice type : MCU\n"
                    f"Revision ID : --\nDevice CPU  : {cpu}\n\n", run.out)
                for line in ("Mass erase ... \n\nMass erase successfully "
                             "achieved\n", "\nFile download complete\n",
                             "\nDownload verified successfully\n",
                             "\nData read successfully\n"):
                    self.assertEqual(run.out.count(line), 1, run.out)
                self.assertEqual(self.bytes_of("back.bin"), noise(5000, 2))
                run = self.on("-ob", "displ", kind=kind, board=kind)
                self.assertRegex(
                    run.out,
                    r"\n\nOPTION BYTES BANK: 0\n\n   Read Out Protection:\n\n"
                    r"     (RDP          : 0xAA \(Level 0, no protection\)|"
                    r"PRODUCT_STATE: 0xED \(.*\)) \n")

    def test_a_memory_is_uploaded(self):
        self.assertEqual(self.said("-r", "0x08000000", "16", "x.bin"), """

UPLOADING ...
  Size          : 16 Bytes
  Address       : 0x08000000

Read progress:
""" + BAR + """
Data read successfully
Time elapsed during the read operation is: TIME
""")

    def test_words_stand_four_a_line(self):
        self.on("-w32", "0x08000000", *(hex(i) for i in range(1, 7)))
        self.assertEqual(self.said("-r32", "0x08000000", "24"), """

Reading 32-bit memory content
  Size          : 24 Bytes
  Address:      : 0x08000000

0x08000000 : 00000001 00000002 00000003 00000004
0x08000010 : 00000005 00000006

""")

    def test_a_size_is_that_of_whole_words(self):
        self.file("x.bin", bytes(range(16)))
        self.on("-w", "x.bin", "0x08000000")
        for bits, size, shown in ((16, 7, "0100 0302 0504 0706"),
                                  (32, 5, "03020100 07060504"),
                                  (32, 1, "03020100"), (8, 3, "00 01 02")):
            said = self.said(f"-r{bits}", "0x08000000", str(size))
            whole = len(shown.replace(" ", "")) // 2
            self.assertIn(f"  Size          : {whole} Bytes\n", said)
            self.assertTrue(said.endswith(f"\n0x08000000 : {shown}\n\n"),
                            said)

    def test_bytes_are_written_as_version_2_21_says_it(self):
        self.on("-e", "all")
        verified = ("\nVerifying...\nRead progress:\n" + BAR +
                    "Time elapsed during verifying operation: TIME\n"
                    "Download verified successfully\n\n")
        for bits, value in ((8, "0x12"), (16, "0x1234"), (32, "0x12345678"),
                            (64, "0x123456789abcdef0")):
            wanted = (f"\n\nDownloading {bits}-bit data...\n\n" + BAR +
                      f"Downloading {bits}-bit data done successfully\n")
            at = hex(FLASH + bits * 64)
            self.assertEqual(self.said(f"-w{bits}", at, value),
                             wanted + verified)
            self.assertEqual(self.said(f"-w{bits}", at, value, "-v"),
                             wanted + verified)
            self.assertEqual(self.said(f"-w{bits}", at, value, "-nv"), wanted)

    def test_what_cannot_be_written_is_said_as_version_2_21_says_it(self):
        run = self.on("-w8", "0x24000000", "1", status=1)
        self.assertTrue(run.out.endswith(
            "Error: Downloading 8-bit data failed...\nIf it's a Flash "
            "memory, it may be not erased or protected\n"), run.out)
        self.assertIn("\ndevice: untouched\n", run.err)

    def test_flash_is_checked_and_filled_as_issue_1637_has_it(self):
        # stm32duino/Arduino_Core_STM32, with an STM32G031 over UART.
        self.on("-e", "all")
        said = self.said("-blankcheck", "-fillmemory", "size=4000",
                         "pattern=4", "-blankcheck", kind="stm32g474",
                         board="g")
        self.assertEqual(said, """


Flash memory blank checking...

Flash memory is empty.

The used start address is 0x08000000.
The used filling data size is 8 bits.
Filling memory operation:
  Start address           : 0x08000000
  Size(Bytes)             : 0x00000FA0
  Data value              : 0x00000004
  Filling data size(Bytes): 8 bits


Erasing internal memory sectors [0 1]

The filling memory operation achieved successfully


Flash memory blank checking...

Warning: Flash memory is not empty at 0x08000000.
""")
        said = self.said("-fillmemory", "size=4000", "pattern=5",
                         kind="stm32g474", board="g")
        self.assertIn("\n\n\nErasing internal memory sectors [0 1]\n\nThe "
                      "filling memory operation achieved successfully\n",
                      said)

    def test_protection_is_taken_off_as_version_2_23_says_it(self):
        kind = "stm32f405,rdp=1"
        run = self.on("-rdu", kind=kind)
        self.assertEqual(run.out[run.out.index("Board"):], """\
Board       : --
Device ID   : unknown

Disabling memory Read Protection...

Memory Read Protection disabled successfully
""")

    def test_what_follows_goes_on_in_the_same_connection(self):
        run = self.on("-rdu", "-w", "app.hex", "-v", "-ob", "displ",
                      kind="stm32f405,rdp=1")
        self.assertIn("Memory Read Protection disabled successfully\n",
                      run.out)
        self.assertIn("\nDownload verified successfully\n", run.out)
        self.assertIn("RDP          : 0xAA (Level 0", run.out)
        # Until then it could have been an F205 as well.
        run = self.on("-rdu", "-ob", "bogus=1", kind="stm32f405,rdp=1",
                      board="two", status=1)
        self.assertIn("error: stm32f405 has no option 'bogus'", run.err)

    def test_a_protected_chip_is_refused_as_version_2_20_says_it(self):
        run = self.on("-w", "app.hex", kind="stm32f405,rdp=1", status=1)
        self.assertTrue(run.out.endswith(
            "Device ID   : unknown\n"
            "Warning: Device is under Read Out Protection or Target is held "
            "under reset\nError: a read Operation failed, please check if any "
            "memory protection mechanism is active.\n"), run.out)
        self.assertIn("error: read-out protection level 1 is on\ndevice: "
                      "untouched\nhint: -rdu takes it off, which erases all "
                      "flash\n", run.err)

    def test_what_differs_is_said_when_it_is_verified(self):
        kind = "stm32f405,cells=stuck-1@0x08000020:8"
        self.file("zero.bin", bytes(100))
        run = self.on("-w", "zero.bin", "0x08000000", "-v", kind=kind,
                      status=1)
        self.assertRegex(timeless(run.out), re.escape(
            "\nFile download complete\nTime elapsed during download "
            "operation: TIME\n\nVerifying...\nRead progress:\n" + BAR) +
            r"Error: Data mismatch found at address 0x08000020 \(byte = "
            r"0x[0-9A-F]{2} instead of 0x00\)\nError: Download verification "
            r"failed\n$")
        self.assertRegex(run.err, r"error: the byte at 0x08000020 reads .*\n"
                         r"device: partly written\nhint: ")
        run = self.on("-w", "zero.bin", "0x08000000", kind=kind, board="b",
                      status=1)
        self.assertRegex(run.out, r"Download in Progress:\nError: Data "
                         r"mismatch found at address 0x08000020 .*\nError: "
                         r"failed to download Segment\[0\]\nError: failed to "
                         r"download the File\n$")
        self.assertNotIn("File download complete", run.out)

    def test_the_segment_that_is_refused_is_named(self):
        self.file("app.hex", ihex((FLASH, noise(4000)),
                                  (FLASH + 0x20000, noise(10)),
                                  (0x24000000, noise(100, 2))))
        run = self.on("-w", "app.hex", "-v", status=1)
        self.assertIn("  File          : app.hex\n", run.out)
        self.assertTrue(run.out.endswith(
            "Error: failed to download Segment[2]\nError: failed to download "
            "the File\n"), run.out)
        self.assertRegex(run.err, r"error: segment .* at 0x24000000\) is in "
                         r"RAM that this bootloader cannot write\ndevice: "
                         r"untouched\nhint: ")

    def test_a_failure_tells_of_what_the_line_did_before(self):
        self.file("app.hex", ihex((0x24000000, noise(100, 2))))
        for before in (["-e", "0"], ["-w", "app.bin", "0x08000000"],
                       ["-fillmemory", "size=4", "pattern=0"],
                       ["-w8", "0x08000000", "1"], ["-ob", "BOR_LEV=1"]):
            run = self.on(*before, "-w", "app.hex", board=before[0], status=1)
            self.assertIn("\ndevice: partly written\n", run.err)
        run = self.on("-e", "0", "-w", "app.hex", status=1)
        self.assertIn("\ndevice: partly written\n", run.err)

    def test_a_write_that_fails_is_told_with_its_address(self):
        run = self.on("-w", "app.bin", "0x08000000",
                      kind="stm32h743,fault=unplug@80", status=1)
        self.assertRegex(run.out, r"Download in Progress:\n(Error: Write "
                         r"failed at address: 0x80\w+\nError: failed to "
                         r"download Segment\[0\]\n)?Error: failed to download "
                         r"the File\n$")
        self.assertIn("\nhint: ", run.err)

    def test_protected_sectors_are_not_erased(self):
        self.on("-ob", "nWRP0=0", kind="stm32f405")
        run = self.on("-w", "app.bin", "0x08000000", kind="stm32f405",
                      status=1)
        self.assertIn("Error: failed to erase memory\n", run.out)
        self.assertIn("options that the hint names are those of the command "
                      "'sector0'", run.err)
        run = self.on("-e", "0", kind="stm32f405", status=1)
        self.assertTrue(run.out.endswith("Error: failed to erase memory\n"))
        run = self.on("-e", "all", kind="stm32f405", status=1)
        self.assertTrue(run.out.endswith(
            "Error: Mass erase operation failed.\nPlease verify flash "
            "protection\n"))

    def test_a_wb_that_does_not_erase_is_told_of_as_theirs(self):
        self.on("-ob", "WRP1A_STRT=0", "WRP1A_END=1", kind="stm32wb55")
        run = self.on("-e", "all", kind="stm32wb55", status=1)
        self.assertTrue(run.out.endswith(
            "Error: Mass erase command is not available for WB devices...\n"))

    def test_option_bytes_are_programmed(self):
        said = self.said("-ob", "bor_lev=2")
        self.assertEqual(said, "\n" + WINDOW + """

PROGRAMMING OPTION BYTES AREA ...

  Bank          : 0x00
  Address       : 0x5200201c
  Size          : 308 Bytes

""" + BAR + """
Reconnecting...
Reconnected !

""" + WINDOW + """
OPTION BYTE PROGRAMMING VERIFICATION:

Option Bytes successfully programmed
Time elapsed during option Bytes configuration: TIME
""")
        said = self.said("-ob", "BOR_LEV=0x2")
        self.assertEqual(said, "\n" + WINDOW + """

PROGRAMMING OPTION BYTES AREA ...
Warning: Option Byte: BOR_LEV, value: 0x2, was not modified.

Warning: Option Bytes are unchanged, Data won't be downloaded
Time elapsed during option Bytes configuration: TIME
""")

    def test_option_bytes_that_are_not_taken_are_told_one_by_one(self):
        fault = "+".join(f"lie@option{i}" for i in range(1, 9))
        run = self.on("-ob", "BOR_LEV=2", "IWDG1_SW=0",
                      kind=f"stm32h743,fault={fault}", status=1)
        self.assertTrue(run.out.endswith("""
OPTION BYTE PROGRAMMING VERIFICATION:

Error: Expected value for Option Byte "BOR_LEV": 0x2, found: 0x0
Error: Expected value for Option Byte "IWDG1_SW": 0x0, found: 0x1
Error: Option Byte Programming failed
"""), run)

    def test_a_chip_that_does_not_come_back_is_told_of_as_theirs(self):
        run = self.on("-ob", "BOR_LEV=1",
                      kind="stm32g474,fault=unplug@option1", status=1)
        self.assertTrue(run.out.endswith(
            "Unable to reconnect the target device: time out expired\nError: "
            "Downloading Option Bytes Data failed\nError: Uploading Option "
            "Bytes bank: 0 failed\n"), run.out)
        self.assertIn("\ndevice: unknown\nhint: ", run.err)

    def test_ram_is_not_erased(self):
        self.file("two.hex", ihex((FLASH, noise(1029)),
                                  (0x20008000, noise(100))))
        run = self.on("-w", "two.hex", "-v", kind="stm32f405")
        self.assertIn("  Size          : 1.10 KB\n", run.out)
        self.assertIn("""\
Erasing memory corresponding to segment 0:
Erasing internal memory sector 0
Erasing memory corresponding to segment 1:
Not flash Memory : No erase done
Download in Progress:
""", run.out)

    def test_every_window_is_a_bank(self):
        said = self.said("-ob", "displ", kind="stm32g474")
        self.assertIn("\n  Bank          : 0x00\n  Address       : 0x1fff7800"
                      "\n", said)
        self.assertIn("\n  Bank          : 0x01\n  Address       : 0x1ffff800"
                      "\n", said)
        first, second = said.split("\nOPTION BYTES BANK: 1\n")
        self.assertIn("\nOPTION BYTES BANK: 0\n", first)
        self.assertIn("     PCROP1_STRT  : ", first)
        self.assertIn("     PCROP2_STRT  : ", second)
        self.assertNotIn("PCROP1_STRT", second)

    def test_names_are_as_wide_as_theirs(self):
        said = self.said("-ob", "displ", kind="stm32f405")
        self.assertIn("\n   Write Protection:\n\n" + "".join(
            f"     {'nWRP%u' % i:13}: 0x1 (Write protection not active on "
            f"this sector){SP}\n" for i in range(12)), said)
        said = self.said("-ob", "displ", kind="stm32h563", board="h5")
        self.assertIn(f"     LOCKBL       : 0x0  (0x0){SP}\n", said)

    def test_the_areas_are_shown_from_verbosity_2_on(self):
        said = self.said("-vb", "2", kind="stm32f405")
        self.assertIn("  AREA NAME       SECT.NBR  ADDRESS     SIZE        "
                      "TYPE\n\n  Internal Flash  0000      0x08000000  0016 "
                      "KB     REW\n", said)
        self.assertIn("                  0011      0x080e0000  0128 KB     "
                      "REW\n", said)
        self.assertIn("  Option Bytes    0000      0x1fffc000  0016  B     RW"
                      "\n", said)

    def test_sectors_are_told_one_by_one_at_verbosity_3(self):
        run = self.on("-vb", "3", "-w", "app.bin", "0x08000000", "-e", "2",
                      kind="stm32f405")
        self.assertIn("Erasing memory corresponding to segment 0:\nErasing "
                      "Segment <0> Address <0x08000000> Size <5000>Bytes\n",
                      self.on("-vb", "3", "-e", "0", "-w8", "0x08000000",
                              "0", "-w", "app.bin", "0x08000000",
                              kind="stm32f405", board="b").out)
        self.assertIn("erasing sector 0002 @: 0x08008000 done\n", run.out)
        self.assertIn("debug: ", run.err)
        run = self.on("-vb", "1", "-e", "2", kind="stm32f405")
        self.assertNotIn("done", run.out)
        self.assertEqual(run.err, "")

    def test_all_interfaces_are_listed(self):
        run = self.cube("-l", kind="stm32f405")
        self.assertTrue(run.out.endswith("""\
  Firmware version       : 0x011a
  Device ID              : 0x0413

===== J-Link Interface =====
No J-Link/flasher probe detected.

===== STLink Interface =====
No ST-Link detected!

=====  UART Interface  =====

Total number of serial ports available: 0

"""), run.out)
        self.assertIn("only USB DFU is looked at", run.err)
        self.assertNotIn("DFU", self.cube("-l", "uart").out)
        self.assertIn("STLink", self.cube("--list", "st-link").out)
        self.assertEqual(self.cube("-l", "usb").err, "")

    def test_nothing_is_there(self):
        run = self.cube("-l", "usb", bus=["none"])
        self.assertTrue(run.out.endswith(
            "No STM32 device in DFU mode connected\n\n"), run.out)
        run = self.on(bus=["none"], status=1)
        self.assertTrue(run.out.endswith(
            "Error: Target device not found\nEstablishing connection with "
            "the device failed\n"), run.out)
        self.assertIn("error: ", run.err)
        for bus in ("no-rights", "no-usb", "busy"):
            run = self.on(bus=[bus], status=1)
            self.assertRegex(run.out, "Error: (DEV_USB_COMM_ERR|Target device "
                             "not found)\nEstablishing connection with the "
                             "device failed\n$")
            self.assertIn("\nhint: ", run.err)
        self.assertIn("Error: DEV_USB_COMM_ERR\n",
                      self.cube("-l", bus=["no-usb"], status=1).out)

    def test_version_and_help(self):
        self.assertEqual(self.cube("--version").out, BANNER +
                         "STM32CubeProgrammer version: 2.22.0\n")
        for args in (["-h"], ["--help"], ["-?"], []):
            self.assertIn("Usage :\n", self.cube(*args).out)


if __name__ == "__main__":
    bench.main("__main__")
