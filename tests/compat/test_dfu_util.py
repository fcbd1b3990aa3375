# SPDX-License-Identifier: MIT
"""dfu-util's command line beside dfu-util itself.

usage: test_dfu_util.py SECTOR0 MOCK_RUN [TEST...]; COMPAT_TABLE=FILE has the
table of invocations written there, COMPAT_ONLY=REGEX takes some of them.
"""
import os
import re

import bench
from bench import FLASH, noise

A = "0x08000000"
# How it can be called; how programs call it is in callers/rows.py.
CALLERS = [
    ("start alone", ["-a", "0", "-d", "0483:DF11", "-s", A + ":leave"]),
    ("standard input", ["-a", "0", "-s", A, "-D", "-"]),
    ("mass erase", ["-a", "0", "-s", A + ":mass-erase:force", "-D",
                    "app.bin"]),
    ("mass erase alone", ["-a", "0", "-s", ":mass-erase:force"]),
    ("upload", ["-a", "0", "-s", A + ":4096", "-U", "up.bin"]),
    ("upload, glued", ["-a0", "-s0x08000100:300", "-Uup.bin"]),
    ("upload of option bytes", ["-a", "1", "-s", "0x5200201C", "-U",
                                "up.bin"]),
    ("list", ["-l"]),
    ("detach", ["-a", "0", "-e"]),
    # Spellings.
    ("shortened", ["--alt=0", "--dfuse=" + A, "--down=app.bin"]),
    ("shortened, --s", ["--al", "0", "--s", "200364500000", "--df", A,
                        "--dow", "app.bin"]),
    ("wait with its argument", ["--wait", "x", "-a", "0", "-s", A, "-D",
                                "app.bin"]),
    ("the last one counts", ["-l", "-e", "-a", "1", "-a", "0", "-s", "0", "-s",
                             A, "-D", "app.bin"]),
    ("empty modifiers", ["-a", "0", "-s", A + "::", "-D", "app.bin"]),
    ("decimal address", ["-a", "0", "-s", "134217728", "-D", "app.bin"]),
    ("upload without address", ["-a", "0", "-U", "up.bin"]),
    ("upload, expected size", ["-a", "0", "-Z", "100", "-s", "0x081fff00",
                               "-U", "up.bin"]),
    ("several sectors", ["-a", "0", "-s", A, "-D", "big.bin"]),
    ("few bytes", ["-a", "0", "-s", "0x08000020", "-D", "few.bin"]),
    ("help", ["-h", "--bogus"]),
    ("version", ["-V"]),
    # What goes wrong.
    ("no command", []),
    ("unknown option", ["--bogus"]),
    ("no address", ["-a", "0", "-D", "app.bin"]),
    ("address in RAM", ["-a", "0", "-s", "0x24000000", "-D", "app.bin"]),
    ("beyond flash", ["-a", "0", "-s", "0x081ffff0", "-D", "app.bin"]),
    ("no such alternate", ["-a", "9", "-s", A, "-D", "app.bin"]),
    ("no such path", ["-p", "3-9", "-a", "0", "-s", A, "-D", "app.bin"]),
    ("no such serial", ["-S", "nobody", "-a", "0", "-s", A, "-D", "app.bin"]),
    ("other IDs", ["-d", ",1234:5678", "-a", "0", "-s", A, "-D", "app.bin"]),
    ("no such file", ["-a", "0", "-s", A, "-D", "none.bin"]),
    ("file that is there", ["-a", "0", "-s", A + ":16", "-U", "app.bin"]),
    ("mass erase without force", ["-a", "0", "-s", A + ":mass-erase", "-D",
                                  "app.bin"]),
    ("unprotect without force", ["-a", "0", "-s", A + ":unprotect"]),
    ("unknown modifier", ["-a", "0", "-s", A + ":bogus", "-D", "app.bin"]),
    ("address of another alternate", ["-a", "1", "-s", A, "-D", "app.bin"]),
    ("address of another, read", ["-a", "1", "-s", A + ":64", "-U",
                                  "up.bin"]),
    ("a directory", ["-a", "0", "-s", A, "-D", "."]),
    ("empty file", ["-a", "0", "-s", A, "-D", "empty.bin"]),
    ("no number", ["-a", "0", "-s", A, "-t", "x", "-D", "app.bin"]),
    ("a word too many", ["-a", "0", "-s", A, "-D", "app.bin", "app.bin"]),
]
# A chip that holds a firmware.
PROGRAMMED = ("start alone",)
# Lines that programs look for (regular expressions); both have them, or none.
PARSED = [r"^Found DFU: .*$", r"^Erase    done\.$", r"^Download done\.$",
          r"^Upload done\.$",
          r"^File downloaded successfully$", r"^Done parsing DfuSe file$",
          r"^Submitting leave request\.\.\.$", r"^Device ID .*$",
          r"^Device returned transfer size .*$",
          r"^DfuSe interface name: .*$", r"^dfu-util: Last page .* is not",
          r"^dfu-util: No DFU capable USB device available$",
          r"^dfu-util: Invalid dfuse modifier: .*$",
          r"^dfu-util: The .* command"]
LEFT = "Error during download get_status"


# Bars that are at their end, as they stand between \r and \n.
BAR = r"\r(?:Erase   |Download|Upload)\t\[={25}\] 100% +\d+ bytes\n"


# What is refused is refused before the device is opened.
OPENED = ("Device ID", "Device returned", "DfuSe interface")


def parsed(run, theirs):
    lines = (run.out + run.err).replace("\r", "\n").splitlines()
    return sorted(re.sub(r"(The .* command).*", r"\1", line)
                  for line in lines
                  if any(re.search(p, line) for p in PARSED) and
                  (theirs.status in (0, 74) or
                   not line.startswith(OPENED)))


class Invocations(bench.Beside):
    def setUp(self):
        super().setUp()
        self.sector0("convert", "app.hex", "app.dfu", "-q")
        self.file("big.bin", noise(300000))
        self.file("few.bin", noise(64))
        self.file("empty.bin", b"")

    def test_every_invocation_does_what_dfu_util_does(self):
        rows = []
        only = os.environ.get("COMPAT_ONLY", "")
        for caller, args in CALLERS:
            if not re.search(only, caller):
                continue
            self.remove("theirs", "ours")
            for board in ("theirs", "ours") if caller in PROGRAMMED else ():
                self.sector0("flash", "app.hex", "-q", "-d", "sim:" +
                             f"stm32h743,file={self.path(board)},"
                             f"uid={bench.UID}")
            # All of it is read, to prove that it is blank.
            small = ",flash_kb=128" if "mass-erase" in " ".join(args) else ""
            kind = self.KIND + small
            with self.subTest(caller):
                theirs, ours, got, mine = self.both(args, noise(5000), kind)
                rows.append(f"{caller:26} {theirs.status:6} {ours.status:4}  "
                            f"dfu-util {' '.join(args)}")
                if theirs.status in (0, 74):
                    self.assertEqual(mine, got)
                self.assertEqual(self.flash_of("ours", kind),
                                 self.flash_of("theirs", kind))
                self.assertEqual(parsed(ours, theirs), parsed(theirs, theirs))
                if theirs.status == 0:
                    self.assertEqual(re.findall(BAR, ours.out),
                                     re.findall(BAR, theirs.out))
                # A device that left without a word is no failure.
                expected = 0 if LEFT in theirs.err else theirs.status
                self.assertEqual(ours.status, expected, ours)
                strict = self.strict(args, noise(5000), kind)
                self.assertEqual(strict.status, theirs.status, strict)
        if os.environ.get("COMPAT_TABLE"):
            with open(os.environ["COMPAT_TABLE"], "a") as out:
                out.write(f"{'caller':26} theirs ours  command\n" +
                          "\n".join(rows) + "\n")

    def test_what_the_original_says_done_is_done_here(self):
        """Write protection: it says nothing and writes nothing."""
        kind = self.KIND + ",wrp=1"
        args = ["-a", "0", "-s", A, "-D", "app.bin"]
        theirs = self.on_board("theirs", ["dfu-util", *args], kind=kind)
        self.assertEqual(theirs.status, 0)
        ours = self.on_board("ours", [bench.SECTOR0, "as", "dfu-util", *args],
                             kind=kind)
        self.assertEqual(ours.status, 74, ours)
        self.assertIn("device: untouched", ours.err)

    def test_a_file_is_written_when_protection_is_off(self):
        """The original stops behind the erase, and returns 0."""
        kind = self.KIND + ",rdp=1"
        args = ["-a", "0", "-s", A + ":unprotect:force", "-D", "app.bin"]
        run = self.once("ours", [bench.SECTOR0, "as", "dfu-util"], args,
                        kind=kind)[0]
        self.assertEqual(run.status, 0, run)
        self.sector0("verify", "app.hex", "-d",
                     f"sim:stm32h743,file={self.path('ours')}")
        self.remove("ours")
        run = self.strict(args, kind=kind)
        self.assertEqual(run.status, 0, run)
        self.sector0("blank", "-d",
                     f"sim:stm32h743,file={self.path('ours')}")

    def test_elements_that_go_back_to_a_page_are_not_lost(self):
        self.file("a.hex", bench.ihex((FLASH, noise(100)),
                                      (FLASH + 0x20000, noise(100, 2)),
                                      (FLASH + 0x10000, noise(100, 3))))
        self.sector0("convert", "a.hex", "a.dfu", "-q")
        run = self.on_board("ours", [bench.SECTOR0, "as", "dfu-util", "-a",
                                     "0", "-D", "a.dfu"])
        self.assertEqual(run.status, 0, run)
        self.sector0("verify", "a.hex", "-d",
                     f"sim:stm32h743,file={self.path('ours')}")

    def test_text_of_a_hex_file_is_not_written_to_flash(self):
        run = self.on_board("ours", [bench.SECTOR0, "as", "dfu-util", "-a",
                                     "0", "-s", A, "-D", "app.hex"])
        self.assertEqual(run.status, 64)
        self.assertIn("is Intel HEX, which names its own addresses", run.err)
        run = self.on_board("ours", [bench.SECTOR0, "as", "dfu-util", "-a",
                                     "0", "-D", "app.hex"])
        self.assertEqual(run.status, 0, run)

    def test_flash_that_cannot_be_written_is_refused(self):
        kind = self.KIND + (",layout=@Internal Flash   /0x08000000/"
                            "01*128Ka;15*128Kg")
        for address, line in ((A, "Last page at 0x08001387"),
                              ("0x0801fc00", "Page at 0x0801fc00")):
            pair = self.both(["-a", "0", "-s", address, "-D", "app.bin"],
                             kind=kind)
            self.assertEqual((pair.theirs.status, pair.ours.status), (64, 64))
            for run in pair.theirs, pair.ours:
                self.assertIn(f"dfu-util: {line} is not writeable\n", run.err)
            self.assertIn("device: untouched", pair.ours.err)
            self.assertEqual(self.flash_of("ours"), self.flash_of("theirs"))

    def test_with_force_it_is_the_device_that_refuses(self):
        pair = self.both(["-a", "0", "-s", "0x20000000:force", "-D",
                          "app.bin"])
        self.assertEqual((pair.theirs.status, pair.ours.status), (74, 74))
        self.assertIn("device: untouched", pair.ours.err)

    def test_a_failure_is_said_in_both_words(self):
        run = self.on_board("ours", [bench.SECTOR0, "as", "dfu-util", "-a",
                                     "0", "-s", "0x24000000", "-D",
                                     "app.bin"])
        self.assertEqual(run.status, 64)
        self.assertRegex(run.err, r"dfu-util: Last page at 0x24001387 is not "
                         r"writeable\nerror: .* is in RAM that this "
                         r"bootloader cannot write\ndevice: untouched\nhint: ")

    def test_a_bar_only_grows_and_is_there_once(self):
        """Though the first sector is written last, by itself, and some of it
        twice where the board was away."""
        for fault in ("", ",fault=replug@program100:300",
                      ",fault=replug@erase3:300"):
            self.remove("ours")
            run = self.on_board("ours", [bench.SECTOR0, "as", "dfu-util", "-a",
                                         "0", "-s", A, "-D", "big.bin"],
                                kind=self.KIND + fault)
            self.assertEqual(run.status, 0, run)
            self.assertEqual("1 reconnect" in run.err, fault != "")
            for title, steps in (("Erase   ", 2), ("Download", 20)):
                shown = [int(number) for number in re.findall(
                    r"\r" + title + r"\t\[[= ]{25}\] +\d+% +(\d+) bytes",
                    run.out)]
                self.assertEqual(shown, sorted(set(shown)))
                self.assertEqual((shown[0], shown[-1]), (0, 300000))
                self.assertGreater(len(shown), steps)
                self.assertEqual(run.out.count(title + " done."), 1)

    def test_a_device_that_was_reset_is_there_again(self):
        for args in (["-s", A, "-D", "app.bin"], ["-s", A + ":16", "-U",
                                                  "up.bin"], ["-e"]):
            self.remove("ours", "up.bin")
            run = self.on_board("ours", ["sh", "-c",
                                         f"{bench.SECTOR0} as dfu-util -R "
                                         f"-a 0 {' '.join(args)} && "
                                         f"{bench.SECTOR0} list"])
            self.assertEqual(run.status, 0, run)
            self.assertIn("Resetting USB to switch back to Run-Time mode",
                          run.out)
            self.assertIn("usb:1-1", run.out)
        # One that left is not there to be reset.
        run = self.on_board("ours", [bench.SECTOR0, "as", "dfu-util", "-R",
                                     "-a", "0", "-s", A + ":leave", "-D",
                                     "app.bin"])
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("Resetting", run.out)

    def test_a_board_that_leaves_is_waited_for_and_that_is_told(self):
        kind = self.KIND + ",fault=replug@40:300"
        run = self.on_board("ours", [bench.SECTOR0, "as", "dfu-util", "-a",
                                     "0", "-s", A, "-D", "app.bin"], kind=kind)
        self.assertEqual(run.status, 0, run)
        self.assertRegex(run.err, r"dfu-util: the device left the bus; "
                         r"waiting up to \d+ s for it")
        self.assertNotIn("failed!", run.out)
        self.assertIn("Download done.", run.out)
        self.sector0("verify", "app.hex", "-d",
                     f"sim:stm32h743,file={self.path('ours')}")

    def test_a_file_is_not_left_out_without_a_word(self):
        for behind in (["-U", "up.bin"], ["-e"], ["-D", "few.bin"], ["-l"]):
            args = ["-a", "0", "-s", A, "-D", "app.bin", *behind]
            self.remove("theirs", "ours")
            theirs, ours = self.both(args)[:2]
            self.assertEqual((theirs.status, ours.status), (0, 64), ours)
            self.assertIn("a file would be left out", ours.err)
            self.assertEqual(self.strict(args).status, 0)

    def test_no_bars_are_drawn_where_that_is_asked_for(self):
        """As in Arduino's fork."""
        run = self.once("ours", [bench.SECTOR0, "as", "dfu-util"],
                        ["-Q", "-a0", "-s", A, "-D", "app.bin"])[0]
        self.assertEqual(run.status, 0, run)
        self.assertNotIn("\r", run.out)
        self.assertIn("Download done.", run.out)

    def test_it_is_chosen_by_the_name_of_the_program(self):
        for name in ("dfu-util", "sector0-dfu-util"):
            os.symlink(bench.SECTOR0, self.path(name))
            run = self.on_board("ours", [self.path(name), "-l"])
            self.assertEqual(run.status, 0)
            self.assertEqual(run.out.count("Found DFU"), 2)


if __name__ == "__main__":
    bench.main("__main__")
