# SPDX-License-Identifier: MIT
"""STM32_Programmer_CLI's command line: what it takes and what it refuses.

usage: test_cube_line.py SECTOR0 MOCK_RUN [TEST...]
"""
import os
import re
import subprocess

import bench
from bench import FLASH, elf, ihex, noise
from cube_bench import Cube

A = "0x08000000"
# Every option of the fact sheet that is not done over USB DFU, and why.
ST_LINK = ("rstbl halt run step score coreReg el extload elbl regdump hf pwr "
           "swv startswv r32fast getTargetSelList w32dbgmcu debugauth "
           "setdefaultob dsecurity lockRDP1 lockRDP2 unlockRDP1 unlockRDP2 "
           "sdp pwd psrss obrss rssekw ssigfoxc wsigfoxc").split()
OTHERS = {
    "needs an ST-LINK; not supported over USB DFU": ST_LINK,
    "is secure installation, which sector0 does not do":
        "sfi ssfi rsse mcsv ecsv a hsmobtainlicense hsmgetid hsm".split(),
    "is about TrustZone, which sector0 does not take off":
        "tzenreg tzenregression".split(),
    "is about the wireless stack of an STM32WB, which sector0 does not "
    "manage":
        "getuid64 fusgetstate fwdelete fwupgrade startwirelessstack "
        "authkeyupdate authkeylock wusrkey antirollback startfus".split(),
    "is for STM32MP microprocessors, which sector0 does not program":
        "p rp detach wb pmic gc ssp otp tm".split(),
    "works on files alone, which sector0 leaves to other tools":
        "sl ms".split(),
}


class Line(Cube):
    def test_what_other_interfaces_do_is_refused_by_name(self):
        for why, names in OTHERS.items():
            for name in names:
                for word in (f"-{name}", f"--{name.upper()}"):
                    with self.subTest(word):
                        self.refused(f"{word} {why}\n", "-c", "port=usb1",
                                     "-w", "app.bin", A, word, "0x10")
        for port in ("SWD", "jlink", "COM3", "/dev/ttyS0", "I2C", "spi",
                     "CAN", "JTAG"):
            self.refused(f"port={port} needs an ST-LINK or a serial "
                         "interface; not supported over USB DFU\n", "-c",
                         f"port={port} freq=4000")
        self.refused("-ob unlockchip needs an ST-LINK", "-c", "port=usb1",
                     "-ob", "unlockchip")
        self.refused("Unknown command --bogus\n", "--bogus")

    def test_what_is_wrong_is_said_before_anything_is_done(self):
        for text, *args in (
                ("Wrong connect command use", "-c", "sn=1"),
                ("'bogus=1' is not understood behind -c", "-c", "port=usb1",
                 "bogus=1"),
                ("'usb0' is no port", "-c", "port=usb0"),
                ("'usbx' is no port", "-c", "port=usbx"),
                ("'VID=zz' is no USB ID", "-c", "port=usb1", "VID=zz"),
                ("a device is connected already", "-c", "port=usb1", "-c",
                 "port=usb2"),
                ("'rs232' is no interface", "-l", "rs232"),
                ("-w needs a connection", "-w", "app.bin", A),
                ("-rst needs a connection", "-rst"),
                ("'x' belongs to no command", "x", "-c", "port=usb1")):
            self.refused(text, *args)
        for text, *args in (
                ("Wrong write command use: a file is missing", "-w"),
                ("Wrong write command use: the binary file app.bin needs an "
                 "address", "-w", "app.bin"),
                ("'zero' is not an address", "-w", "app.bin", "zero"),
                ("'08000000' is not an address", "-w", "app.bin", "08000000"),
                ("'0x8000000' is not an address", "-w", "app.bin", A,
                 "0x8000000"),
                ("x.tsv: flash layouts are for", "-w", "x.tsv"),
                ("x.STM32: flash layouts are for", "-w", "x.STM32", "0x1"),
                ("Wrong verify command use", "-v"),
                ("Wrong verify command use", "-w", "app.hex", "-e", "all",
                 "-v"),
                ("Wrong verify command use", "-w", "app.hex", "-v", "-v"),
                ("'slow' is not understood behind -v", "-w", "app.hex", "-v",
                 "slow"),
                ("'x' is no sector", "-e", "x"),
                ("'-1x' is no sector", "-e", "-1x"),
                ("'all' is no sector", "-e", "1", "all"),
                ("'1' belongs to no command", "-e", "all", "1"),
                ("'0' is no EEPROM", "-e", "ed1", "0"),
                ("the range [3", "-e", "[3"),
                ("'1]' is no sector", "-e", "[2", "1]"),
                ("'3]' is no sector", "-e", "[1", "2", "3]"),
                ("'[]' is no sector", "-e", "[]"),
                ("'1]' is no sector", "-e", "1]"),
                ("-r: an address is missing", "-r"),
                ("0x08000000: a size is missing", "-r", A),
                ("Wrong read command use: a file is missing", "-r", A, "16"),
                ("0 bytes at 0x08000000 are no memory", "-r", A, "0", "x.bin"),
                ("17 bytes at 0xFFFFFFF0 are no memory", "-r", "0xfffffff0",
                 "17", "x.bin"),
                ("no/x.bin: there is no such folder", "-r", A, "16",
                 "no/x.bin"),
                ("memory cannot be saved as ELF", "-r", A, "16", "x.elf"),
                ("'10k' is not a size", "-r32", A, "10k"),
                ("14 bytes at 0xFFFFFFF0", "-r32", "0xfffffff0", "14"),
                ("'256' is no value of 8 bits", "-w8", A, "256"),
                ("'0x10000' is no value of 16 bits", "-w16", A, "0x10000"),
                ("'0x100000000' is no value of 32 bits", "-w32", A,
                 "0x100000000"),
                ("'0x10000000000000000' is no value of 64 bits", "-w64", A,
                 "0x10000000000000000"),
                ("Wrong write command use: there are no values", "-w32", A),
                ("the values run past 0xFFFFFFFF", "-w32", "0xfffffffd", "1"),
                ("the values run past 0xFFFFFFFF", "-w8", "0xffffffff", "1",
                 "2"),
                ("-nv belongs behind", "-nv"),
                ("Wrong verify command use", "-w8", A, "1", "-nv", "-v"),
                ("Wrong fillmemory command use", "-fillmemory", A, "size=4"),
                ("Wrong fillmemory command use", "-fillmemory", A, "size=0",
                 "pattern=1"),
                ("'7' is no data width", "-fillmemory", A, "size=4",
                 "pattern=1", "dataWidth=7"),
                ("the pattern 0x100 has more than 8 bits", "-fillmemory", A,
                 "size=4", "pattern=0x100"),
                ("5 bytes are no whole words of 16 bits", "-fillmemory", A,
                 "size=5", "pattern=1", "dataWidth=16"),
                ("'size=4' is not understood", "-fillmemory", A, "size=4",
                 "size=4", "pattern=1"),
                ("'colour=1' is not understood", "-fillmemory", A,
                 "colour=1"),
                ("4294967295 bytes are more", "-fillmemory", A,
                 "size=0xffffffff", "pattern=1"),
                ("0x08000000: a size is missing", "-checksum", A),
                ("'1' belongs to no command", "-blankcheck", "1"),
                ("Wrong fchecksum command use", "-fchecksum"),
                ("Wrong option byte command use", "-ob"),
                ("Wrong option byte command use: 'RDP' is not NAME=VALUE",
                 "-ob", "BOR_LEV=1", "RDP"),
                ("Wrong option byte command use: '=1'", "-ob", "=1"),
                ("Wrong option byte command use: 'RDP='", "-ob", "RDP="),
                ("'1' belongs to no command", "-ob", "displ", "1"),
                ("'1' belongs to no command", "-rdu", "1"),
                ("'zero' is not an address", "-s", "zero"),
                ("'2' is not understood behind -s", "-s", A, "2"),
                ("-r comes too late", "-s", "-r", A, "1", "x.bin"),
                ("-rst needs an ST-LINK", "-rst", "-w", "app.hex"),
                ("'1' belongs to no command", "-rst", "1"),
                ("Wrong verbosity command use", "-vb"),
                ("Wrong verbosity command use", "-vb", "4"),
                ("Wrong verbosity command use", "-vb", "x"),
                ("-log is there twice", "-log", "a", "-log", "b"),
                ("cannot write the log no/where", "-log", "no/where")):
            with self.subTest(args):
                self.refused(text, "-c", "port=usb1", "-e", "all", *args)

    def test_files_are_read_before_anything_is_done(self):
        self.file("bad.hex", b":00000000\n")
        self.file("empty.bin", b"")
        for name in ("missing.hex", "bad.hex", "empty.bin"):
            for args in (["-w", name, A], ["-fchecksum", name]):
                run = self.cube("-c", "port=usb1", "-e", "all", *args,
                                status=1)
                self.assertRegex(run.out, r"Error: failed to (open|parse) the "
                                 f"file {name}\n$")
                self.assertNotIn("USB speed", run.out)
                self.assertIn("error: ", run.err)
                self.assertFalse(os.path.exists(self.path("board")))

    def test_a_file_that_the_line_makes_can_be_written(self):
        # RTEdbg's batch files.
        self.on("-w", "app.bin", A)
        self.on("-q", "--read", A, "4", "f.bin", "-fillmemory", A, "size=4",
                "pattern=0", "--read", A, "0x400", "t.bin", "--write", "f.bin",
                A)
        self.assertEqual(self.bytes_of("t.bin"),
                         bytes(4) + noise(5000)[4:0x400])
        self.assertEqual(self.memory(FLASH, 4), noise(5000)[:4])

    def test_every_spelling_is_taken(self):
        pairs = (("-w", "--write", "-d", "--download", "-W", "--WRITE"),
                 ("-r", "--read", "-u", "--upload"))
        for write in pairs[0]:
            for read in pairs[1]:
                self.on("--erase", "all", write, "app.bin", A, "--verify",
                        read, A, "5000", "x.bin")
                self.assertEqual(self.bytes_of("x.bin"), noise(5000))
        for start in ("-s", "--start", "-g", "--go"):
            for more in ([], [A], ["noack"], [A, "noack"]):
                self.assertIn("Start operation achieved successfully\n",
                              self.on(start, *more).out)
        for args in (["-w", "app.bin", A, "incremental", "-v", "fast"],
                     ["-w", "app.hex", "-v", "after_programming"],
                     ["--skipErase", "-e", "all", "-w", "app.hex", "-v"],
                     ["-e", "all", "-d", "app.hex", "-v", "--skipErase"],
                     ["-ob", "displ", "-noreconnect", "-force_no_da"],
                     ["--optionbytes", "displ"], ["--readunprotect"],
                     ["-q", "--quietMode", "--yes"],
                     ["-w32", A, "1", "--noverify"],
                     ["--verbosity", "1", "--log", "l.txt"]):
            with self.subTest(args):
                self.on(*args)
        for args in (["-c", "port=usb1", "VID=", "PID=", "sn="],
                     ["-c", "port=USB1 sn=1 freq=4000 mode=UR shared"],
                     ["--connect", "port=usb", "P=EVEN", "br=115200"],
                     ["-c", "PORT=usb1", "VID=0483", "pid=0xDF11"]):
            self.cube(*args)

    def test_every_kind_of_file_is_written(self):
        data = noise(3000)
        self.file("a.bin", data)
        self.file("a.hex", ihex((FLASH, data)))
        for name in ("a.elf", "a.axf", "a.out"):
            self.file(name, elf((FLASH, data, None)))
        for name in ("a.srec", "a.s19", "a.dfu"):
            self.sector0("convert", "a.hex", name)
        for name in ("a.bin", "a.hex", "a.elf", "a.axf", "a.out", "a.srec",
                     "a.s19", "a.dfu"):
            with self.subTest(name):
                # The address of a file that has its own does not count.
                at = A if name == "a.bin" else "0x08020000"
                run = self.on("-e", "all", "-w", name, at, "-v")
                self.assertEqual("does not count" in run.err, at != A)
                self.assertIn("Download verified successfully\n", run.out)
                self.assertEqual(self.memory(FLASH, 3000), data)
                if name != "a.bin":
                    self.on("-e", "all", "-w", name)
                    self.assertEqual(self.memory(FLASH, 3000), data)

    def test_every_kind_of_file_is_read_into_and_replaced(self):
        self.on("-w", "app.bin", A)
        for name in ("x.bin", "x.hex", "x.srec", "x.s19", "x"):
            with self.subTest(name):
                self.file(name, b"old")
                self.on("-r", A, "5000", name)
                if name in ("x.bin", "x"):
                    self.assertEqual(self.bytes_of(name), noise(5000))
                else:
                    self.on("-e", "all", "-w", name, "-v")
                    self.assertEqual(self.memory(FLASH, 5000), noise(5000))

    def test_a_file_is_read_once(self):
        self.file("old.stm32.bin", noise(600, 4))
        self.on("-w", "old.stm32.bin", A)
        self.assertEqual(self.memory(FLASH, 600), noise(600, 4))
        os.mkfifo(self.path("pipe.bin"))
        with subprocess.Popen(["cp", self.path("app.bin"),
                               self.path("pipe.bin")]):
            self.on("-w", "pipe.bin", A, "-v")
        self.assertEqual(self.memory(FLASH, 5000), noise(5000))

    def test_several_files_are_written_in_one_line(self):
        self.file("b.bin", noise(700, 3))
        run = self.on("-w", "app.bin", A, "-w", "b.bin", "0x08040000", "-v",
                      "-d", "app.hex", "-v")
        self.assertEqual(run.out.count("File download complete\n"), 3)
        self.assertEqual(run.out.count("verified successfully\n"), 2)
        self.assertEqual(self.memory(FLASH + 0x40000, 700), noise(700, 3))

    def test_sectors_are_erased_by_number(self):
        for args, wanted in ((["0"], {0}), (["0", "2"], {0, 2}),
                             (["[1 3]"], {1, 2, 3}), (["[1", "3]"], {1, 2, 3}),
                             (["[", "1", "3", "]"], {1, 2, 3}),
                             (["[0 1]", "[3", "3]", "5"], {0, 1, 3, 5}),
                             (["0", "[4 5]", "2"], {0, 2, 4, 5}),
                             (["0x3"], {3}), (["[2]"], {2}),
                             (["01", "[02", "003]"], {1, 2, 3})):
            with self.subTest(args):
                fill = ["-fillmemory", A, "size=0x60000", "pattern=0x5A"]
                self.on(*fill, kind="stm32f405")
                self.on("-e", *args, kind="stm32f405")
                memory = self.memory(FLASH, 0x60000, kind="stm32f405")
                starts = [0, 0x4000, 0x8000, 0xc000, 0x10000, 0x20000,
                          0x40000]
                self.assertEqual(
                    {i for i in range(6)
                     if memory[starts[i]:starts[i + 1]] ==
                     b"\xff" * (starts[i + 1] - starts[i])}, wanted)

    def test_sectors_of_the_second_bank_go_on(self):
        self.on("-w", "app.bin", "0x08100000")
        self.on("-e", "8")
        self.assertEqual(self.memory(FLASH + 0x100000, 16), b"\xff" * 16)

    def test_flash_with_a_hole_is_worked_on_behind_it_too(self):
        kind = {"kind": "stm32h743,flash_kb=1024"}
        run = self.on("-w", "app.bin", "0x08100000", "-blankcheck",
                      "-checksum", **kind)
        self.assertIn("Erasing memory corresponding to segment 0:\nErasing "
                      "internal memory sector 8\n", run.out)
        self.assertIn("not empty at 0x08100000", run.out)
        self.assertIn("  Size          : 1048576 Bytes\n", run.out)
        for bad in (["4"], ["[0 8]"], ["12"]):
            run = self.on("-e", *bad, status=1, **kind)
            self.assertIn(f"sector {12 if bad == ['12'] else 4:04} does not "
                          "exist\n", run.out)
        self.on("-e", "[8 9]", **kind)
        self.assertIn("is empty", self.on("-blankcheck", **kind).out)
        self.assertIn("                  0011      0x08160000",
                      self.on("-vb", "2", **kind).out)

    def test_no_sector_is_erased_if_one_is_not_there(self):
        self.on("-w", "app.bin", A)
        run = self.on("-e", "0", "16", status=1)
        self.assertTrue(run.out.endswith(
            "sector 0016 does not exist\nError: failed to erase memory\n"))
        self.assertIn("error: the device has no sector 16\ndevice: "
                      "untouched\nhint: ", run.err)
        self.assertEqual(self.memory(FLASH, 5000), noise(5000))

    def test_data_eeprom_is_erased_bank_by_bank(self):
        kind = "stm32l151xe"
        both = ["-w32", "0x08080000", "0x12345678", "-w32", "0x08083ffc",
                "0x12345678"]
        for args, first, second in ((["ed1"], 0, 0x12345678),
                                    (["ed2"], 0x12345678, 0),
                                    (["ed1", "ed2"], 0, 0)):
            self.on(*both, "-e", *args, kind=kind)
            self.assertEqual(self.memory(0x08080000, 4, kind=kind),
                             first.to_bytes(4, "little"))
            self.assertEqual(self.memory(0x08083ffc, 4, kind=kind),
                             second.to_bytes(4, "little"))
        run = self.on("-e", "ed1", board="h7", status=1)
        self.assertIn("error: the device has no data EEPROM", run.err)

    def test_skip_erase_never_erases(self):
        self.on("-w", "app.bin", A)
        self.file("b.bin", noise(3000, 5))
        for args in (["--skipErase", "-w", "b.bin", A],
                     ["-w", "b.bin", A, "-v", "--skipErase"]):
            run = self.on(*args, status=1)
            self.assertIn("Error: failed to download the File\n", run.out)
            self.assertIn("\ndevice: untouched\n", run.err)
        self.assertEqual(self.memory(FLASH, 5000), noise(5000))
        self.on("-e", "0", "-w", "b.bin", A, "-v", "--skipErase")

    def test_only_nv_leaves_the_verification_out(self):
        kind = "stm32f405,cells=stuck-1@0x08000020:8"
        self.on("-w32", "0x08000020", "0", "0", kind=kind, status=1)
        self.on("-w32", "0x08000020", "0", "0", "-v", kind=kind, board="v",
                status=1)
        self.on("-w32", "0x08000020", "0", "0", "-nv", kind=kind, board="nv")

    def test_words_keep_what_is_beside_them(self):
        self.on("-w", "app.bin", A, "-w16", "0x08000011", "0x1122", "-w64",
                "0x08000100", "0x0102030405060708", "18446744073709551615",
                "-fillmemory", "0x08000200", "size=8", "pattern=0xABCD",
                "dataWidth=16")
        wanted = bytearray(noise(5000))
        wanted[0x11:0x13] = b"\x22\x11"
        wanted[0x100:0x110] = bytes(range(8, 0, -1)) + b"\xff" * 8
        wanted[0x200:0x208] = b"\xcd\xab" * 4
        self.assertEqual(self.memory(FLASH, 5000), bytes(wanted))

    def test_sums_are_those_of_the_bytes(self):
        self.file("two.hex", ihex((FLASH, noise(100)),
                                  (FLASH + 0x400, noise(50, 2))))
        run = self.on("-e", "all", "-w", "two.hex", "-checksum", A, "100",
                      "-checksum", "-fchecksum", "two.hex")
        one, two = sum(noise(100)), sum(noise(50, 2))
        self.assertEqual(re.findall("Checksum      : 0x(.*)", run.out), [
            f"{one:08X}", f"{one + two + (0x200000 - 150) * 255:08X}",
            f"{one + two:08X}"])
        self.assertIn(f"  [1] Address=0x08000400, Size=0x32, Checksum="
                      f"0x{two:08X}\n", run.out)

    def test_sectors_that_nobody_named_are_not_all(self):
        for args in (["-e", ""], ["--erase", "", "-v"], ["-E", ""]):
            run = self.on(*args, status=1)
            self.assertIn("Error: '' is no sector\n", run.out)
            self.assertNotIn("Mass erase", run.out)

    def test_another_serial_number_is_another_board(self):
        bus = ["stm32h743,rom=0x92,time_scale=0.01"]
        for key in ("sn", "serial", "SN"):
            run = self.cube("-c", "port=usb1", f"{key}=999", "-e", "0",
                            bus=bus, status=1)
            self.assertIn("Error: Target device not found\n", run.out)
            self.cube("-c", "port=usb1", f"{key}=200364500000", bus=bus)

    def test_the_readme_recipe_starts_the_firmware(self):
        self.on("-w", "app.hex")
        vectors = (0x20020000).to_bytes(4, "little") + (
            0x080002c1).to_bytes(4, "little") + noise(992)
        self.file("run.bin", vectors)
        for args in (["-hardRst", "-rst"], ["-rst"], ["--hardRst", "-q"]):
            run = self.on("-d", "run.bin", A, "-v", *args)
            self.assertEqual(run.out.count("Start operation achieved"), 1)
            self.assertIn(f"Warning: {args[0]} needs an ST-LINK; not "
                          "supported over USB DFU: the firmware is started "
                          "instead\n", run.out)
        for args in (["-hardRst"], ["--rst"], ["-ob", "displ", "-hardRst"]):
            run = self.on(*args, status=1)
            self.assertIn(f"Error: {args[-1]} needs an ST-LINK; not supported "
                          "over USB DFU: -s starts the firmware\n", run.out)
            self.assertNotIn("OPTION BYTES", run.out)

    def test_a_level_is_its_byte(self):
        for value in ("0", "2"):
            run = self.on("-ob", f"RDP={value}", status=1)
            self.assertIn(f"error: RDP={value} is the byte 0x0{value} there, "
                          f"which is level 1, and level {value} here\ndevice: "
                          "untouched\nhint: 0xAA is level 0, 0xBB level 1\n",
                          run.err)
        for value, level in (("0x0", 1), ("0x00", 1), ("1", 1), ("0x02", 1),
                             ("0xBB", 1), ("170", 0), ("0xaa", 0)):
            with self.subTest(value):
                board = f"level{value}"
                self.on("-ob", f"rdp={value}", board=board)
                run = self.cube("-c", "port=usb1", board=board,
                                status=int(level > 0))
                self.assertEqual("Read Out Protection" in run.out, level > 0)
        run = self.on("-ob", "RDP=0xCC", board="fresh", status=1)
        self.assertTrue(run.out.endswith(
            "Error: Downloading Option Bytes Data failed\n"))
        self.assertIn("\ndevice: untouched\nhint: 'sector0 option set' does "
                      "it where it is allowed, --permanent for level 2\n",
                      run.err)
        self.on("-r32", A, "4", board="fresh")
        # Its end erases all, as -rdu does, and is as plain a wish.
        self.on("-ob", "RDP=0xAA", "-r32", A, "4", board="level0x0")
        run = self.on("-ob", "RDP=0xAA", kind="stm32l476", board="l4")
        self.assertIn("was not modified", run.out)

        # Where no option bytes are told at level 1, which it is then.
        kind = "stm32f405,rdp=1"
        run = self.on("-ob", "rdp=0xAA", "-w", "app.hex", "-v", kind=kind,
                      board="f405")
        self.assertIn("\nOption Bytes successfully programmed\n", run.out)
        run = self.on("-ob", "RDP=170", "BOR_LEV=1", "-ob", "displ",
                      kind=kind, board="f405 too")
        self.assertIn("BOR_LEV      : 0x1 (", run.out)
        run = self.on("-ob", "BOR_LEV=1", kind=kind, board="f405 closed",
                      status=1)
        self.assertIn("Error: Uploading Option Bytes bank: 0 failed\n",
                      run.out)
        self.assertIn("\nhint: -rdu takes ", run.err)

    def test_what_erases_all_without_saying_so_takes_y(self):
        kind = "stm32f767"
        for args in (["nDBANK=0"], ["RDP=0xAA", "nDBANK=0"],
                     ["RDP=0xBB", "nDBANK=0"]):
            run = self.on("-ob", *args, kind=kind, status=1)
            self.assertIn("\ndevice: untouched\nhint: -y is the leave for "
                          "what erases all flash\n", run.err)
        self.on("-y", "-ob", "nDBANK=0", kind=kind)

    def test_option_bytes_are_set_in_any_case_and_base(self):
        kind = "stm32g474"
        self.on("-ob", "nboot0=0x0", "NSWBOOT0=0", "bor_lev=0x2", kind=kind)
        out = self.on("-ob", "nBoot0=1", "-ob", "displ", kind=kind).out
        for line in ("nSWBOOT0     : 0x0 (", "nBOOT0       : 0x1 (",
                     "BOR_LEV      : 0x2 ("):
            self.assertIn(f"     {line}", out)

    def test_nothing_is_set_if_one_name_is_unknown(self):
        run = self.on("-ob", "BOR_LEV=2", "bogus=1", status=1)
        self.assertTrue(run.out.endswith(
            "Warning: Option Byte: bogus, does not exist\n\nWarning: Option "
            "Bytes are unchanged, Data won't be downloaded\n"))
        self.assertIn("error: stm32h743 has no option 'bogus'", run.err)
        run = self.on("-ob", "BOR_LEV=77", status=1)
        self.assertIn("Error: Downloading Option Bytes Data failed\n",
                      run.out)
        self.assertIn("BOR_LEV      : 0x0 (", self.on("-ob", "displ").out)

    def test_sectors_are_protected_one_by_one(self):
        self.on("-ob", "nWRP1=0", "nwrp9=0", "NWRP1=0")
        out = self.on("-ob", "displ").out
        for i in range(16):
            self.assertIn(f"     {'nWRP%u' % i:13}: 0x{int(i not in (1, 9))} "
                          "(Write", out)
        self.on("-ob", "nWRP1=1", "nWRP2=0")
        run = self.on("-ob", "displ").out
        self.assertEqual([i for i in range(16)
                          if f"{'nWRP%u' % i:13}: 0x0" in run], [2, 9])
        # A bank's own field has such a name here.
        self.on("-ob", "nWRP2=0", kind="stm32f429", board="f4")
        out = self.on("-ob", "displ", kind="stm32f429", board="f4").out
        self.assertEqual(out.count(": 0x0 (Write protection active"), 1)
        self.on("-ob", "nWRP16=1", status=1)
        # The register of a bank, by its number.
        self.on("-ob", "WRPSn1=0xFE", "-ob", "WRP2=253")
        out = self.on("-ob", "displ").out
        self.assertEqual([i for i in range(16)
                          if f"{'nWRP%u' % i:13}: 0x0" in out], [0, 9])
        self.on("-ob", "WRPSn1=0x100", status=1)
        self.on("-ob", "nWRP1=2", status=1)

    def test_a_script_stands_for_its_commands(self):
        self.file("all.prg", b"# comment\n// another\n-c port=usb1\n"
                  b"  -e all\r\n#Write8(0x08000428,0xAB)\n"
                  b"#write32(0x0800042C, 0x11223344, 5);\n-w \"app.hex\"\n"
                  b"#\n# Write8(1,2)\n-v")
        self.cube("-script", "all.prg", "-q", "-r", "0x08000428", "1", "x.bin")
        self.assertEqual(self.bytes_of("x.bin"), noise(5000)[0x428:0x429])
        self.file("one.prg", b"-e all # comment\n#Write8(0x08000428,0xAB)\n"
                  b"#write16(0x0800042A, 0xCDEF);\n"
                  b"#write32(0x0800042C, 0x11223344, 5)")
        self.on("-script", "one.prg")
        self.assertEqual(self.memory(0x08000428, 12),
                         b"\xab\xff\xef\xcd\x44\x33\x22\x11\5\0\0\0")
        os.remove(self.path("board"))
        for text, script in (("too many scripts", b"-script bad.prg\n"),
                             ("'#Delay(100)' is not understood",
                              b"#Delay(100)\n"),
                             ("'#Write8(1,2) 3' is not understood",
                              b"#Write8(1,2) 3"),
                             ("Wrong script command use", b"-script"),
                             ("-halt needs an ST-LINK", b"\n-halt")):
            self.file("bad.prg", script)
            run = self.cube("-c", "port=usb1", "-e", "all", "-script",
                            "bad.prg", status=1)
            self.assertIn(text, run.out)
            self.assertFalse(os.path.exists(self.path("board")))
        self.assertIn("Error: failed to open the file no.prg\n",
                      self.cube("-script", "no.prg", status=1).out)

    def test_the_log_holds_what_the_screen_shows(self):
        for args, name in ((["-log"], ".STM32Programmer/trace.log"),
                           (["-log", "l.txt"], "l.txt")):
            first = self.cube(*args, "-c", "port=usb1", "-e", "0").out
            second = self.cube(*args, "-c", "port=usb1", "-r8", A, "1").out
            self.assertEqual(self.bytes_of(name).decode(), first + second)
        run = self.on("-log", "f.txt", "-e", "99", status=1)
        self.assertEqual(self.bytes_of("f.txt").decode(), run.out +
                         "error: the device has no sector 99\nhint: sectors "
                         "are numbered from 0; -vb 2 lists them\n")

    def test_what_cannot_be_said_is_a_failure(self):
        run = self.on("-log", "/dev/full", status=1)
        self.assertIn("error: cannot write 'the log': ", run.err)
        with open("/dev/full", "wb") as full:
            run = subprocess.run([bench.SECTOR0, "as", "STM32_Programmer_CLI",
                                  "-version"], stdout=full,
                                 stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"error: cannot write ", run.stderr)

    def test_what_is_waited_for_is_said(self):
        run = self.on("-w", "app.bin", A, "-v",
                      kind="stm32h743,cells=ecc@0x08000100", status=1)
        self.assertIn("note: ", run.err)

    def test_more_of_what_callers_send(self):
        for kind, *args in (
                # nanoff, before it had a DFU of its own
                ("stm32f405", "-c", "port=USB1", "mode=UR", "-e", "all"),
                ("stm32f405", "-c", "port=USB1", "mode=UR", "-w", "app.hex"),
                # rusEFI
                ("stm32f405", "-c", "port=usb1", "-e", "[0", "11]"),
                ("stm32f767", "-c", "port=usb1", "-w", "app.bin", A,
                 "--verify", "--start", A),
                # Portenta
                ("stm32h743", "-c", "port=usb1", "-ob",
                 "BOOT_CM7_ADD0=0x0800"),
                # an STM32WB, community.st.com m-p/591453
                ("stm32wb55", "-c", "port=usb", "-ob", "nBoot0=0x00",
                 "nSWBOOT0=0x00", "-ob", "displ"),
                ("stm32wb55", "-c", "port=usb sn=", "-r32", "0x20004000",
                 "1"),
                # Zephyr
                ("stm32f405", "--connect", "port=usb1 freq=4000 reset=HWrst",
                 "--download", "app.bin", A, "--start", A, "noack"),
                # ST's batch files and forum
                ("stm32u575", "-c", "port=usb1", "mode=UR", "-d", "app.bin",
                 A, "-v", "after_programming"),
                ("stm32g474", "-c", "port=usb1", "-ob", "RDP=170", "-d",
                 "app.hex", "-v", "--skipErase"),
                ("stm32h563", "-c", "port=usb1", "-ob", "wrpsgn1=0xfffffffe")):
            with self.subTest(args):
                run = self.cube(*args, kind=kind, board=kind)
                self.assertNotIn("Error", run.out)
        self.refused("-el needs an ST-LINK", "--connect", "port=usb1", "-el",
                     "x.stldr", "--download", "app.hex")
        self.refused("-fwdelete is about the wireless", "-c", "port=usb1",
                     "-fwdelete")
        self.refused("x.tsv: flash layouts", "-c", "port=usb1", "-w", "x.tsv",
                     "-tm", "20000")

    def test_empty_words_and_words_in_words_are_taken(self):
        # stm32duino and Zephyr.
        run = self.cube("--connect", "port=usb1", "VID=0x0483", "PID=0xdf11",
                        "--erase all", "", "--quietMode", "--download",
                        "app.bin", A, "", "-v", "")
        self.assertIn("Mass erase successfully achieved\n", run.out)
        self.assertNotIn("[====", run.out)
        self.file("a b.hex", ihex((FLASH, noise(5000))))
        self.cube("-c", "port=usb1 freq=4000 reset=HWrst", "-w", "a b.hex")
        self.file("a=1 b.hex", ihex((FLASH, noise(5000))))
        self.cube("-c", "port=usb1", "-w", "a=1 b.hex", "-ob",
                  "BOR_LEV=1 IWDG1_SW=1", "-fillmemory",
                  "0x08000000", "size=4 pattern=1")


if __name__ == "__main__":
    bench.main("__main__")
