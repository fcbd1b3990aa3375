# SPDX-License-Identifier: MIT
"""STM32_Programmer_CLI's command line, by chance: a status of 0 or 1 and nothing
else, and 0 only where everything was done.

usage: test_cube_chance.py SECTOR0 MOCK_RUN [TEST...]
"""
import os
import random
import re

import bench
from bench import FLASH, noise
from cube_bench import Cube


class Lottery(Cube):
    WORDS = ("-c port=usb1 -w -v -e all -r -r32 -w8 -w16 -w32 -w64 -nv -ob "
             "displ BOR_LEV=1 RDP=0xBB nWRP1=0 -rdu -s -rst -hardRst -fillmemory "
             "size=16 pattern=0x7 dataWidth=8 -blankcheck -checksum "
             "-fchecksum -script a.prg -q -y -vb 1 3 -l usb -log l.txt "
             "-version -h 0x08000000 0x08004000 0x24000000 0xffffffff 0 16 "
             "5000 -1 [ ] [0 1] [9 app.bin app.hex x.bin x.hex ed1 -halt -p "
             "--skipErase incremental fast noack = == - -- é").split() + [
                 "", " ", "-e all", "a b", "[0 1]", "port=usb1 sn=x",
                 "\"", "-w \"app.hex\"", "%s%n", "x" * 300]

    def test_any_words_end_well(self):
        chance = random.Random(8)
        self.file("a.prg", b"-r32 0x08000000 4\n#Write8(0x08000100,1)\n")
        for _ in range(150):
            args = [chance.choice(self.WORDS)
                    for _ in range(chance.randrange(1, 9))]
            if chance.random() < 0.8:
                args = ["-c", "port=usb1"] + args
            with self.subTest(args):
                self.try_line(args)

    def try_line(self, args):
        try:
            run = self.cube(*args)
            self.assertNotIn("Error: ", run.out)
        except AssertionError:
            run = self.cube(*args, status=1)
            self.assertRegex(run.out, "Error: |does not exist")
            self.assertIn("error: ", run.err)
        if os.path.exists(self.path("board")):
            os.remove(self.path("board"))

    DONE = {"w": r"^File download complete$", "v": r"verified successfully$",
            "r": "^Data read successfully$", "e": "^Mass erase successfully",
            "f": "^The filling memory operation achieved successfully$",
            "b": "^Flash memory is empty|^Warning: Flash memory is not empty",
            "s": "^Start operation achieved successfully$",
            "o": "^Option Bytes successfully programmed$"}

    def commands(self, chance, sector):
        """A good command and what it must come to: its letter, and bytes at an
        address."""
        at = FLASH + sector * 0x20000 + chance.randrange(64)
        data = noise(chance.randrange(1, 3000), sector)
        name = f"w{sector}.bin"
        self.file(name, data)
        return chance.choice((
            ("w", ["-w", name, hex(at)], at, data),
            ("wv", ["-d", name, hex(at), "-v"], at, data),
            ("v", ["-w32", hex(at), "0x12345678"], at, b"\x78\x56\x34\x12"),
            ("", ["-w8", hex(at), "1", "2", "-nv"], at, b"\1\2"),
            ("f", ["-fillmemory", hex(at), "size=99", "pattern=0x55"], at,
             b"\x55" * 99),
            ("r", ["-r", hex(at), "17", f"r{sector}.bin"], at, None),
            ("b", ["-blankcheck"], at, None),
            ("o", ["-ob", f"BOR_LEV={1 + sector % 3}"], at, None)))

    def test_a_status_of_0_means_that_all_was_done(self):
        chance = random.Random(9)
        for turn in range(25):
            picked = [self.commands(chance, sector)
                      for sector in range(chance.randrange(1, 6))]
            # The option byte of the turn before would be right already.
            letters = "".join(p[0] for p in picked)
            fault = chance.choice(("", "", f",fault=any@{chance.randrange(400)}"))
            board = f"turn{turn}"
            args = [word for p in picked for word in p[1]]
            with self.subTest(args, fault=fault):
                self.turn(args, letters, picked, fault, board)

    def turn(self, args, letters, picked, fault, board):
        try:
            run = self.on(*args, board=board, kind=self.KIND + fault)
        except AssertionError:
            if not fault:
                raise
            return
        for letter, line in self.DONE.items():
            self.assertEqual(len(re.findall(line, run.out, re.M)),
                             letters.count(letter), (letter, run))
        for _, _, at, data in picked:
            if data:
                self.assertEqual(self.memory(at, len(data), board=board),
                                 data)


if __name__ == "__main__":
    bench.main("__main__")
