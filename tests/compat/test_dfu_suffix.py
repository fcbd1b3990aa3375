# SPDX-License-Identifier: MIT
"""dfu-suffix's command line beside dfu-suffix itself.

usage: test_dfu_suffix.py SECTOR0 MOCK_RUN [TEST...]
"""
import os
import struct
import subprocess
import zlib

import bench
from bench import noise
from dfu_files import suffix

PLAIN, WITH = noise(300), suffix(noise(300), 0xffff, 0xffff, 0xffff, 0x100)
# A suffix may be longer than it has to be.
LONG = noise(20) + WITH[300:-5] + b"\x14"
LONG += struct.pack("<I", ~zlib.crc32(LONG) & 0xffffffff)
# The file before; arguments.
ROWS = [
    (PLAIN, ["-v", "0x0483", "-p", "0xDF11", "-d", "0xffff", "-a", "f"]),
    (PLAIN, ["-a", "f"]), (PLAIN, ["--add", "f"]), (PLAIN, ["-af"]),
    (PLAIN, ["--pid=1209", "--vid", "1", "--did", "FFFE", "--spec", "011a",
             "--add=f"]),
    (PLAIN, ["-a", "f", "-p", "12"]), (b"", ["-a", "f"]),
    (PLAIN, ["--ad", "f", "--sp", "100"]),
    (WITH, ["-a", "f"]), (WITH, ["-c", "f"]), (WITH, ["--check", "f"]),
    (WITH, ["-D", "f"]), (WITH, ["--delete=f"]), (WITH, ["-c", "f", "-D",
                                                         "f"]),
    (PLAIN, ["-c", "f"]), (PLAIN, ["-D", "f"]), (b"few", ["-c", "f"]),
    (WITH[:-1] + b"x", ["-c", "f"]), (WITH[:-1] + b"x", ["-a", "f"]),
    (PLAIN, ["-c", "none"]), (PLAIN, ["-a", "none"]), (PLAIN, ["-c", "."]),
    (PLAIN, []), (PLAIN, ["f"]), (PLAIN, ["-p", "1"]), (PLAIN, ["-a"]),
    (PLAIN, ["--bogus"]), (PLAIN, ["-h"]), (PLAIN, ["-V"]),
    (PLAIN, ["-V", "-a", "f"]), (LONG, ["-c", "f"]), (LONG, ["-D", "f"]),
    (PLAIN, ["-c", "f", "more"]), (PLAIN, ["-S", "9999", "-a", "f"]),
    (PLAIN, ["-S256", "-a", "f"]),
]


class Suffix(bench.Boards):
    def once(self, program, content, args):
        self.file("f", content)
        run = subprocess.run([*program, *args], cwd=self.folder,
                             env=self.environment, capture_output=True)
        # Behind the heading; what is said about it, without the help.
        out = run.stdout.decode().split("\n\n")[-1]
        err = [line for line in run.stderr.decode().splitlines()
               if line.startswith("dfu-suffix:") and "option" not in line]
        return (run.returncode, out if "contains" in out or "success" in out
                else "", err, self.bytes_of("f"))

    def test_every_line_does_what_dfu_suffix_does(self):
        for content, args in ROWS:
            with self.subTest(" ".join(args)):
                theirs = self.once(["dfu-suffix"], content, args)
                ours = self.once([bench.SECTOR0, "as", "dfu-suffix"], content,
                                 args)
                self.assertEqual(ours[0], theirs[0])
                self.assertEqual(ours[1], theirs[1])
                self.assertEqual(ours[3], theirs[3])
                for line in theirs[2]:
                    self.assertIn(line.split(": No such")[0], ours[2]
                                  if "memory" not in line else line)

    def test_an_id_that_is_none_is_refused(self):
        for word in ("zz", "12345", "-1", "", "0xdf11x"):
            run = self.once([bench.SECTOR0, "as", "dfu-suffix"], PLAIN,
                            ["-p", word, "-a", "f"])
            self.assertEqual(run[0], 64, word)
            self.assertEqual(run[3], PLAIN)

    def test_it_is_chosen_by_the_name_of_the_program(self):
        for name in ("dfu-suffix", "sector0-dfu-suffix"):
            os.symlink(bench.SECTOR0, self.path(name))
            self.assertEqual(self.once([self.path(name)], WITH,
                                       ["-c", "f"])[0], 0)


if __name__ == "__main__":
    bench.main("__main__")
