# SPDX-License-Identifier: MIT
"""Files of dfu-util -D beside dfu-util itself: targets and suffixes of .dfu
files, option bytes.

usage: test_dfu_files.py SECTOR0 MOCK_RUN [TEST...]
"""
import bench
from bench import FLASH, noise
from dfu_files import container, dfuse, suffix

F405 = "stm32f405,time_scale=0.01,first_status=ok"
OPTIONS = 0x1fffc000
ONE = [(0, b"ST...", [(FLASH, noise(5000))])]
TWO = [(0, b"one", [(FLASH, noise(500)), (FLASH + 0x8000, noise(100, 2))]),
       (0, b"", [(FLASH + 0xc000, noise(64, 3))])]
OTHER = [(0, b"A", [(FLASH, noise(500))]),
         (7, b"B", [(0x90000000, noise(64))])]
# File: arguments; exit status of theirs, of ours.
FILES = {
    "one": (dfuse(ONE), [], 0, 0),
    "one with its name": (dfuse(ONE), ["-s", ":leave"], 74, 0),
    "no -a": (dfuse(ONE), None, 0, 0),
    "several": (dfuse(TWO), [], 0, 0),
    "any device": (dfuse(ONE, vendor=0xffff, product=0xffff), [], 0, 0),
    "another version": (dfuse(ONE, device=0x1111), [], 0, 0),
    "an address": (dfuse(ONE), ["-s", "0x08000000"], 64, 64),
    "another alternate": (dfuse(OTHER), [], 0, 0),
    "another alternate, no -a": (dfuse(OTHER), None, 0, 65),
    "nothing for this one": (dfuse([(1, b"A", ONE[0][2])]), [], 0, 65),
    "not its memory": (dfuse([(1, b"A", ONE[0][2])]), None, 64, 64),
    "another device": (dfuse(ONE, vendor=0x1234, product=1), [], 0, 64),
    "another device, told": (dfuse(ONE, vendor=0x1234, product=1),
                             ["-d", ",0483:df11"], 64, 64),
    "another device, told without": (dfuse(ONE, vendor=0x1234, product=1),
                                     ["-d", "0483:df11"], 64, 64),
    "another device, told behind a comma": (
        dfuse(ONE, vendor=0, product=0xdf11), ["-d", ",0483:df11"], 64, 64),
    "IDs of the firmware": (dfuse(ONE, vendor=0x1234, product=1),
                            ["-d", "1234:1,0483:df11"], 0, 0),
    "wrong sum": (dfuse(ONE, crc=1), [], 64, 64),
    "no suffix": (container(ONE), [], 64, 64),
    "suffix of a plain file": (dfuse(ONE, version=0x100), [], 64, 64),
    "wrong size": (suffix(container(ONE, size=5)), [], 0, 0),
    "bytes behind": (suffix(container(ONE, tail=b"xxxx")), [], 0, 0),
    "cut": (suffix(container(ONE)[:-20]), [], 65, 65),
    "no element": (dfuse([(0, b"A", [])]), [], 65, 65),
    "an empty element": (dfuse([(0, b"A", [(FLASH, b"")])]), [], 64, 64),
}
RAW = {
    "its suffix": (suffix(noise(3000), version=0x100), 0, 0),
    "another's suffix": (suffix(noise(3000), 0x1234, 1, version=0x100), 0, 64),
    "a suffix of .dfu": (suffix(noise(3000)), 64, 64),
    "a wrong sum": (suffix(noise(3000), version=0x100, crc=7), 0, 65),
}
LINES = ("File contains", "Parsing ", "Target name", "No target name",
         "Image for", "Match ", "Done parsing", "dfu-util: No alternate",
         "dfu-util: This is", "dfu-util: Only", "dfu-util: (for")


def lines_of(run):
    return sorted(line for line in (run.out + run.err).splitlines()
                  if line.startswith(LINES))


class Files(bench.Beside):
    KIND = F405

    def compare(self, args, theirs_is, ours_is):
        self.remove("theirs", "ours")
        pair = self.both(args)
        self.assertEqual(pair.theirs.status, theirs_is, pair.theirs)
        self.assertEqual(pair.ours.status, ours_is, pair.ours)
        if ours_is in (0, 74) or theirs_is not in (0, 74):
            self.assertEqual(self.flash_of("ours"), self.flash_of("theirs"))
        else:
            self.assertIn("device: untouched" if "error:" in pair.ours.err
                          else "nothing is written", pair.ours.err)
        return pair

    def test_targets_go_where_they_say_or_the_file_is_refused(self):
        for name, (content, args, theirs, ours) in FILES.items():
            with self.subTest(name):
                self.file("a.dfu", content)
                args = (["-a", "0", *args] if args is not None else []) + \
                    ["-D", "a.dfu"]
                pair = self.compare(args, theirs, ours)
                if ours == 0 and theirs in (0, 74):
                    self.assertEqual(lines_of(pair.ours),
                                     lines_of(pair.theirs))
                self.assertEqual(self.strict(args).status, theirs)

    def test_a_suffix_of_a_raw_file_is_not_written(self):
        for name, (content, theirs, ours) in RAW.items():
            with self.subTest(name):
                self.file("a.bin", content)
                args = ["-a", "0", "-s", "0x08000000", "-D", "a.bin"]
                self.compare(args, theirs, ours)
                self.assertEqual(self.strict(args).status, theirs)

    def test_what_is_refused_is_refused_before_anything_is_written(self):
        self.file("a.dfu", dfuse([(0, b"A", [(FLASH, noise(500))]),
                                  (0, b"A", [(OPTIONS, noise(16))])]))
        run = self.once("ours", [bench.SECTOR0, "as", "dfu-util"],
                        ["-a", "0", "-D", "a.dfu"])[0]
        self.assertEqual(run.status, 64, run)
        self.assertIn("Last page at 0x1fffc00f is not writeable", run.err)
        self.assertIn("device: untouched", run.err)
        self.assertNotIn("Erase", run.out)


class Options(bench.Beside):
    KIND = F405
    OURS = ("as", "dfu-util", "-a", "1")

    def ours(self, *args, kind=None):
        return self.once("ours", [bench.SECTOR0, *self.OURS], args, b"",
                         kind)[0]

    def uploaded(self, address=OPTIONS, kind=None):
        run, content = self.once("ours", [bench.SECTOR0, *self.OURS],
                                 ["-s", f"0x{address:08x}", "-U", "up.bin"],
                                 b"", kind)
        self.assertEqual(run.status, 0, run)
        return bytearray(content)

    def test_bytes_that_are_written_back_change_nothing(self):
        for kind, address in ((F405, OPTIONS), ("stm32h743,rom=0x92,"
                              "time_scale=0.01", 0x5200201c),
                              ("stm32g474,time_scale=0.01", 0x1ffff800),
                              ("stm32h7a3,time_scale=0.01", 0x5200201c),
                              ("stm32f072,time_scale=0.01", 0x1ffff800)):
            with self.subTest(kind):
                self.remove("ours")
                self.file("ob.bin", self.uploaded(address, kind))
                before = self.options_of("ours", kind)
                run = self.ours("-s", f"0x{address:08x}:will-reset", "-D",
                                "ob.bin", kind=kind)
                self.assertEqual(run.status, 0, run)
                self.assertIn("Nothing to write", run.out)
                self.assertIn("File downloaded successfully", run.out)
                self.assertEqual(self.options_of("ours", kind), before)

    def test_bytes_become_what_dfu_util_makes_of_them(self):
        content = self.uploaded()
        content[0] &= 0xf3  # BOR_LEV: the highest threshold
        self.file("ob.bin", content)
        args = ["-a", "1", "-s", f"0x{OPTIONS:08x}:will-reset", "-D",
                "ob.bin"]
        self.remove("ours")
        pair = self.both(args)
        self.assertEqual((pair.theirs.status, pair.ours.status), (0, 0), pair)
        self.assertEqual(self.options_of("ours"), self.options_of("theirs"))
        self.assertIn(b"BOR_LEV = 0", self.options_of("ours"))
        for line in ("Erase    done.", "Download done.",
                     "File downloaded successfully"):
            self.assertIn(line, pair.ours.out)

    def test_more_bytes_than_there_are_are_refused(self):
        for kind, address in ((F405, OPTIONS), ("stm32h743,rom=0x92,"
                              "time_scale=0.01", 0x5200201c)):
            self.remove("theirs", "ours")
            self.file("ob.bin", bytes(self.uploaded(address, kind)) +
                      bytes(4))
            pair = self.both(["-a", "1", "-s", f"0x{address:08x}", "-D",
                              "ob.bin"], kind=kind)
            self.assertEqual((pair.theirs.status, pair.ours.status), (64, 64))

    def test_part_of_them_can_be_written(self):
        self.file("ob.bin", b"\xe3")
        run = self.ours("-s", f"0x{OPTIONS:08x}", "-D", "ob.bin")
        self.assertEqual(run.status, 0, run)
        self.assertIn(b"BOR_LEV = 0", self.options_of("ours"))

    def test_level_2_is_never_set(self):
        content = self.uploaded()
        content[1] = 0xcc
        self.file("ob.bin", content)
        before = self.options_of("ours")
        for modifiers in ("", ":force", ":will-reset:force:leave"):
            run = self.ours("-s", f"0x{OPTIONS:08x}{modifiers}", "-D",
                            "ob.bin")
            self.assertEqual(run.status, 74, run)
            self.assertIn("level 2 is for ever", run.err)
            self.assertIn("device: untouched", run.err)
            self.assertEqual(self.options_of("ours"), before)

    def test_what_erases_flash_needs_force(self):
        kind = "stm32h743,rom=0x92,time_scale=0.01"
        self.sector0("flash", "app.hex", "-q", "-d", "sim:stm32h743,"
                     f"file={self.path('ours')},uid={bench.UID}")
        content = self.uploaded(0x5200201c, kind)
        level_0 = bytes(content)
        content[1] = content[5] = 0xbb
        self.file("level1.bin", content)
        self.file("level0.bin", level_0)
        run = self.ours("-s", "0x5200201c", "-D", "level1.bin", kind=kind)
        self.assertEqual(run.status, 74, run)
        self.assertIn("turn read-out protection on", run.err)
        run = self.ours("-s", "0x5200201c:force", "-D", "level1.bin",
                        kind=kind)
        self.assertEqual(run.status, 0, run)
        run = self.ours("-s", "0x5200201c", "-D", "level0.bin", kind=kind)
        self.assertEqual(run.status, 74, run)
        self.assertIn("device: untouched", run.err)
        self.assertIn("':force' behind the address", run.err)
        run = self.ours("-s", "0x5200201c:force", "-D", "level0.bin",
                        kind=kind)
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.sector0("blank", "-q", "-d", "sim:stm32h743,"
                                      f"file={self.path('ours')}"), b"blank\n")

    def test_flash_is_written_before_options_of_one_file(self):
        content = self.uploaded()
        content[0] &= 0xf3
        self.file("both.dfu", dfuse([(1, b"", [(OPTIONS, bytes(content))]),
                                     (0, b"", [(FLASH, noise(5000))])]))
        run = self.once("ours", [bench.SECTOR0, "as", "dfu-util"],
                        ["-D", "both.dfu", "-s", ":will-reset:leave"])[0]
        self.assertEqual(run.status, 0, run)
        self.assertIn(b"BOR_LEV = 0", self.options_of("ours"))
        self.sector0("verify", "app.hex", "-d",
                     f"sim:stm32f405,file={self.path('ours')}")
        content[1] = 0xcc
        self.file("both.dfu", dfuse([(0, b"", [(FLASH, noise(500, 9))]),
                                     (1, b"", [(OPTIONS, bytes(content))])]))
        run = self.once("ours", [bench.SECTOR0, "as", "dfu-util"],
                        ["-D", "both.dfu"])[0]
        self.assertEqual(run.status, 74, run)
        self.sector0("verify", "app.hex", "-d",
                     f"sim:stm32f405,file={self.path('ours')}")

    def test_options_of_a_file_are_not_for_the_flash_of_a(self):
        content = self.uploaded()
        content[0] &= 0xf3
        self.remove("theirs", "ours")
        self.file("both.dfu", dfuse([(0, b"", [(FLASH, noise(5000))]),
                                     (1, b"", [(OPTIONS, bytes(content))])]))
        pair = self.both(["-a", "0", "-D", "both.dfu"])
        self.assertEqual((pair.theirs.status, pair.ours.status), (0, 0), pair)
        self.assertEqual(self.flash_of("ours"), self.flash_of("theirs"))
        self.assertEqual(self.options_of("ours"), self.options_of("theirs"))
        self.assertNotIn(b"BOR_LEV = 0", self.options_of("ours"))

    def test_bytes_of_which_nothing_is_known_are_not_dropped(self):
        """The STM32U575 names 64; registers are known for 48."""
        kind = "stm32u575,time_scale=0.01"
        content = self.uploaded(0x40022040, kind)
        content[50] ^= 1
        self.file("ob.bin", content)
        run = self.ours("-s", "0x40022040:force", "-D", "ob.bin", kind=kind)
        self.assertEqual(run.status, 74, run)
        self.assertIn("nothing is known of the bytes from 0x40022070 on",
                      run.err)
        self.assertIn("device: untouched", run.err)

    def test_otp_and_device_features_are_left_alone(self):
        self.file("few.bin", noise(4))
        for alternate, address, told in (("2", "0x1fff7800", "for ever"),
                                         ("3", "0xffff0000", "not written")):
            run = self.once("ours", [bench.SECTOR0, "as", "dfu-util"],
                            ["-a", alternate, "-s", address + ":force", "-D",
                             "few.bin"])[0]
            self.assertEqual(run.status, 64, run)
            self.assertIn(told, run.err)


if __name__ == "__main__":
    bench.main("__main__")
