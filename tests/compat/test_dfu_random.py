# SPDX-License-Identifier: MIT
"""Random command lines of dfu-util, beside dfu-util itself.

usage: test_dfu_random.py SECTOR0 MOCK_RUN [TEST...]; COMPAT_SEEDS=FROM-TO has
others tried than the usual ones.
"""
import os
import random

import bench
from bench import FLASH, noise
from dfu_files import container, dfuse, suffix
from test_dfu_util import parsed

SEEDS = "0-24"
# Profile, keys; addresses; alternate settings with an address that is theirs.
CHIPS = [
    ("stm32h743,rom=0x92", 0x20000, [FLASH, 0x5200201c]),
    ("stm32f405,first_status=ok", 0x4000, [FLASH, 0x1fffc000, 0x1fff7800,
                                           0xffff0000]),
    ("stm32g474", 0x800, [FLASH, 0x1fff7800, 0x1fff7000]),
    ("stm32f072", 0x800, [FLASH, 0x1ffff800]),
    ("stm32l476", 0x800, [FLASH, 0x1fff7800, 0x1fff7000, 0xffff0000]),
    ("gd32vf103", 0x800, [FLASH, 0x1ffff800]),
    ("stm32f767", 0x8000, [FLASH, 0x1fff0000, 0x1ff0f000, 0xffff0000]),
]
LEFT = "Error during download get_status"


def files(rng):
    """Names and contents; lengths that no flash word is cut by. Without IDs:
    ours refuses what names another device."""
    content = noise(rng.choice((64, 1024, 3008, 5024)))
    anyone = {"vendor": 0xffff, "product": 0xffff}
    return {
        "a.bin": content,
        "suffix.bin": suffix(content, version=0x100, **anyone),
        "a.dfu": dfuse([(0, b"", [(FLASH, content)])], **anyone),
        "two.dfu": dfuse([(0, b"x", [(FLASH, content[:64]),
                                     (FLASH + 0x10000, content)])],
                         **anyone),
        "none.dfu": container([(0, b"", [(FLASH, content)])]),
    }


def spelt(rng, short, long, value):
    if not value:
        return ["-" + short, value]
    return rng.choice((["-" + short, value], ["-" + short + value],
                       ["--" + long, value], ["--" + long + "=" + value],
                       ["--" + long[:-1] + "=" + value]))


def address_of(rng, sector, places, alternate):
    address = places[alternate]
    if rng.random() < .1:
        address = rng.choice(places + [0x20000000, 0])
    if address == FLASH and rng.random() < .4:
        address += sector * rng.randrange(4)
    return rng.choice(("0x%08x", "0x%X", "%u")) % address


def to(rng, sector, places, alternate, upload):
    # Without an address it reads flash, whatever was chosen.
    words = ["" if rng.random() < .1 and alternate == 0 else
             address_of(rng, sector, places, alternate)]
    # What is written is started only where it is whole; ours looks.
    if rng.random() < .3 and not upload:
        words.append(rng.choice(("leave", "")))
    if upload:
        # It does not look where the memory ends.
        words.append(str(16 if alternate else
                         rng.choice((64, 100, 0x100, 2048))))
    return ":".join(words)


def line(rng, chip):
    """A command line, by what most programs give and sometimes more."""
    _, sector, places = chip
    alternate = 0 if rng.random() < .8 else rng.randrange(len(places))
    upload = alternate > 0 or rng.random() < .3
    if upload:
        mode = spelt(rng, "U", "upload", "up.bin")[:2]
    else:
        mode = spelt(rng, "D", "download", rng.choice(
            ("a.bin",) * 4 + ("suffix.bin", "a.dfu", "two.dfu", "none.dfu",
                              "missing")))
    name = mode[-1]
    parts = [mode, spelt(rng, "a", "altsetting", str(alternate))]
    # A container without its suffix is raw bytes to it.
    if not name.endswith(".dfu") or (rng.random() < .2 and
                                     not name.endswith("none.dfu")):
        parts.append(spelt(rng, "s", "dfuse-address",
                           to(rng, sector, places, alternate, upload)))
    for chance, part in (
            (.3, ["-d", rng.choice((",0483:df11", "0483:df11", ",1234:5678",
                                    "0483:df11,0483:df11"))]),
            (.1, ["-p", rng.choice(("1-1", "1-2"))]),
            (.1, ["-c", "1"]), (.1, ["-i", rng.choice("01")]),
            (.1, ["-E", rng.choice("1x")]), (.1, ["-t", "1024"]),
            (.05, ["-V"]), (.03, ["-h"]), (.03, ["more"]),
            (.1, ["-Z", "64"]), (.05, ["-n", "2"])):
        if rng.random() < chance:
            parts.append(part)
    rng.shuffle(parts)
    return [word for part in parts for word in part]


class Random(bench.Beside):
    def compare(self, seed):
        rng = random.Random(seed)
        chip = rng.choice(CHIPS)
        kind = chip[0] + ",time_scale=0.01"
        if "f072" in kind or "l476" in kind:
            kind += ",early_poll=ok"
        for name, content in files(rng).items():
            self.file(name, content)
        self.remove("theirs", "ours")
        args = line(rng, chip)
        with self.subTest(f"{seed}: {kind}: {' '.join(args)}"):
            pair = self.both(args, kind=kind)
            theirs, ours = pair.theirs, pair.ours
            told = f"\ntheirs {theirs}\nours {ours}"
            expected = 0 if LEFT in theirs.err else theirs.status
            self.assertEqual(ours.status, expected, told)
            if expected == 0:
                self.assertEqual(self.flash_of("ours", kind),
                                 self.flash_of("theirs", kind), told)
                self.assertEqual(pair.mine, pair.got, told)
                self.assertEqual(set(parsed(ours, theirs)),
                                 set(parsed(theirs, theirs)), told)
            elif os.path.exists(self.path("ours")):
                # It may have begun; ours has refused all of it.
                self.sector0("blank", "-d", f"sim:{chip[0].split(',')[0]},"
                             f"file={self.path('ours')}")
            strict = self.strict(args, kind=kind)
            self.assertEqual(strict.status, theirs.status,
                             f"{told}\nstrict {strict}")

    def test_random_lines_do_what_dfu_util_does(self):
        first, last = os.environ.get("COMPAT_SEEDS", SEEDS).split("-")
        for seed in range(int(first), int(last) + 1):
            self.compare(seed)


if __name__ == "__main__":
    bench.main("__main__")
