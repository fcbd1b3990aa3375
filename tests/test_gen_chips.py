#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/gen_chips.py refuses chip data that cannot be: test_gen_chips.py
GEN_CHIPS GOOD.chip. Each case changes the good file in one place."""

import pathlib
import subprocess
import sys
import tempfile

# name, what is replaced (None: appended), by what, words of the refusal
CASES = [
    ("a value without a source", "flash_word = 32  ", "flash_word = 32\n#",
     ": 'flash_word' names no source"),
    ("an unknown key", "word_us", "wurd_us", ": unknown key 'wurd_us'"),
    ("a missing key", "turnaround_us = 250", "#", "'turnaround_us' is missing"),
    ("a key given twice", None, "erased = 0xff # RM0399\n",
     ": 'erased' is there already"),
    ("a line that says nothing", None, "erased # RM0399\n",
     ": expected 'key = value'"),
    ("a value that is empty", None, "erased = # RM0399\n",
     ": expected 'key = value'"),
    ("a number that is none", "erased = 0xff", "erased = blank",
     ": 'blank' is not a number"),
    ("a flash word that is no power of two", "flash_word = 32",
     "flash_word = 24", ": a flash word of 24 bytes"),
    ("a flash word that is too long", "flash_word = 32", "flash_word = 512",
     ": a flash word of 512 bytes"),
    ("an erase that takes longer than its maximum", "0x20000 905000",
     "0x20000 9050000", "the typical erase is longer than the maximum"),
    ("sector sizes that do not rise", None,
     "erase = 0x20000 905000 2000000 # DS12110\n", "sizes do not rise"),
    ("no time of an erase", "erase = 0x20000", "#", "0 erase times"),
    ("an erase without a maximum", "905000 2000000", "905000",
     "expected 'sector_bytes typical_us max_us'"),
    ("a mass erase that takes longer than its maximum",
     "mass_erase_us = 5000000", "mass_erase_us = 50000000",
     "the typical mass erase is longer than the maximum"),
    ("areas that overlap", None, "area = ram 0x20010000 0x100 X # RM0399\n",
     ": overlaps another area"),
    ("an area of unknown kind", None, "area = rom 0x10000 0x100 X # RM0399\n",
     ": unknown kind 'rom'"),
    ("an area without a name", None, "area = ram 0x40000000 0x100 # RM0399\n",
     ": expected 'kind first length name'"),
    ("an area that is empty", None, "area = ram 0x40000000 0 X # RM0399\n",
     ": no area of 32 bits"),
    ("an area that wraps", None,
     "area = ram 0xffffff00 0x200 X # RM0399\n", ": no area of 32 bits"),
    ("RAM that is not in words", None,
     "area = ram 0x40000002 0x100 X # RM0399\n", ": RAM comes in words"),
    ("a word of options outside the window", "option_word = WPSN2 0x11c 0x120",
     "option_word = WPSN2 0x11c 0x134", ": 'WPSN2' lies outside the window"),
    ("a word of options that is not aligned", "option_word = WPSN2 0x11c",
     "option_word = WPSN2 0x11e", ": 'WPSN2' lies outside the window"),
    ("words of options in one place", "option_word = WPSN2 0x11c 0x120",
     "option_word = WPSN2 0x11c 0x118", ": 'WPSN2' overlaps 'SCAR2'"),
    ("a word whose copy is another's", "0x28 0x128", "0x28 0x110",
     ": 'PRAR2' overlaps 'BOOT7'"),
    ("a word of options that is there twice", None,
     "option_word = PRAR2 0x40 0x44 0 1 1 # CMSIS\n",
     ": 'PRAR2' is there already"),
    ("a bit that no field has", "0xa3fefffc 0x1bc6aaf0",
     "0xb3fefffc 0x1bc6aaf0",
     ": no field has the bits 0x10000000 of 'OPTSR'"),
    ("an option of bits that nobody sets", None,
     "option = X OPTSR 16 1 number user 0 x # CMSIS\n",
     ": 'X' has bits that nobody can set"),
    ("options that overlap", None,
     "option = X OPTSR 12 4 number user 0 x # CMSIS\n",
     ": 'X' overlaps another field"),
    ("an option wider than its word", None,
     "option = X OPTSR 30 8 number user 0 x # CMSIS\n",
     ": 'X' lies outside its word"),
    ("an option in no word", None,
     "option = X NONE 0 1 number user 0 x # CMSIS\n", ": unknown word 'NONE'"),
    ("an option of unknown kind", "8 8 rdp read", "8 8 rpd read",
     ": unknown kind 'rpd'"),
    ("an option of unknown group", "rdp read-protection", "rdp reading",
     ": unknown group 'reading'"),
    ("an option that says not what it is", None, "option = X OPTSR 0 1 # RM\n",
     ": expected 'name word shift width kind group bank about'"),
    ("an option with a name that is taken", "alias = SWAP_BANK",
     "alias = rdp", ": 'rdp' is the name of two options"),
    ("a value without a meaning", "value = 1 on - bank 2", "#",
     ": 'SWAP_BANK_OPT' has values without a meaning"),
    ("a value that is too big", "value = 1 on - bank 2",
     "value = 2 on - bank 2", ": 2 is out of range"),
    ("a value that is there twice", "value = 1 on - bank 2",
     "value = 0 on - bank 2", ": 'SWAP_BANK_OPT' has that value already"),
    ("a word for two values", "value = 1 on - bank 2",
     "value = 1 off - bank 2", ": 'SWAP_BANK_OPT' has that value already"),
    ("a guard that is none", "1 on low-voltage", "1 on low-volts",
     ": unknown guard 'low-volts'"),
    ("a role that is none", "role = swap-banks", "role = swap-bank",
     ": unknown role 'swap-bank'"),
    ("a boot address without a unit", "unit = 0x10000", "unit = 0",
     ": 'BOOT_ADD0' needs a unit"),
    ("a unit of no use", "role = swap-banks", "unit = 4",
     ": 'SWAP_BANK_OPT' needs no unit"),
    ("sectors of no bank", "8 sectors write-protection 1",
     "8 sectors write-protection 0", ": 'WRPSn1' names no bank"),
    ("a value of no option", "option = RDP", "value = 0 - - x # RM\noption = RDP",
     ": 'value' belongs to no option"),
    ("a flag outside the window", "option_error = 0x00", "option_error = 0x200",
     ": lies outside the window"),
    ("a bootloader without a name", None, "rom = 0x93 # AN2606\n",
     ": expected 'version name first limits'"),
    ("a layout that is none", None, "layout = Flash # field\n",
     ": no memory layout"),
    ("a stack gap of no known version", None,
     "stack_gap = 0x93 16 # AN2606\n", ": no version 0x93"),
    ("a stack gap that is too long", "stack_gap = 0x90 16",
     "stack_gap = 0x90 256", ": a gap of 256 bytes"),
    ("no UF2 family", "uf2_family = 0x6db66082", "#",
     "'uf2_family' is missing"),
    ("a UF2 family that is too long", "uf2_family = 0x6db66082",
     "uf2_family = 0x16db66082", ": no UF2 family"),
    ("a name that is no word", "name = stm32h743", "name = stm32-h743",
     ": 'stm32-h743' is no name"),
]


def generate(gen, folder, *contents):
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"{number}.chip")
        paths[-1].write_text(content, encoding="utf-8")
    out = folder / "out.c"
    done = subprocess.run([sys.executable, gen, out, *paths], text=True,
                          capture_output=True, check=False)
    return done.returncode, done.stderr, out


def main():
    gen, good = sys.argv[1], pathlib.Path(sys.argv[2]).read_text("utf-8")
    failed = 0

    def check(name, right, shown):
        nonlocal failed
        print("ok  " if right else "FAIL", name, "" if right else shown)
        failed += not right

    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        status, said, out = generate(gen, folder, good)
        check("good data is compiled", status == 0 and not said and
              '.flash_word = 0x20' in out.read_text("utf-8"), said)
        status, said, _ = generate(gen, folder, good, good)
        check("a chip is there once", status == 1 and
              "'stm32h743' is the name of two chips" in said, said)
        for name, old, new, words in CASES:
            assert old is None or old in good, name
            bad = good + "\n" + new if old is None else \
                good.replace(old, new, 1)
            status, said, _ = generate(gen, folder, bad)
            check(name, status == 1 and said.startswith("error: ") and
                  words in said and "0.chip" in said, said)
    return failed > 0


sys.exit(main())
