# SPDX-License-Identifier: MIT
"""The command lines that other programs send, as they send them (rows.py):
dfu-util itself and ours on equal boards, side by side; STM32_Programmer_CLI,
which cannot be had, with what its callers look for.

usage: test_argv.py SECTOR0 MOCK_RUN [TEST...]; docs/drop-in.md has the result
and must fit; DROP_IN=write has it written.
"""
import os
import re
import shlex
import shutil

import registry
import bench
import rows
from bench import FLASH, noise
from test_dfu_util import LEFT, parsed

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "../../../docs/drop-in.md")
CHIP = "stm32h743"
SECTOR = 0x20000
FILLED = noise(13 * SECTOR, 9)
QUICK = "stm32l476"
TABLES = {
    "dfu-util": "| caller | from | commands | its exit status | ours "
    "| ours, strict | flash and files | lines that programs look for |\n"
    "|---|---|---|---|---|---|---|---|\n",
    "STM32_Programmer_CLI": "| caller | from | arguments | exit status "
    "| flash | lines that programs look for |\n|---|---|---|---|---|---|\n",
}
TABLES["plain DFU"] = TABLES["dfu-util"].replace("flash and files", "memory")


def section(page, name, table):
    """The page with that table in its place."""
    begin, end = f"<!-- {name}: made -->\n", f"<!-- {name}: end -->\n"
    before, rest = page.split(begin)
    return before + begin + table + end + rest.split(end)[1]


def cell(text):
    return text.replace("|", "\\|")


def statuses(runs):
    return ", ".join(str(run.status) for run in runs)


def left(run):
    """A device that went at the end, with all of it done, is no failure."""
    return LEFT in run.err or run.out.endswith("Done!\n")


class Argv(registry.Caller):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.sector0("convert", "app.hex", "app.dfu", "-q")

    def page_has(self, name, lines):
        """As it should be, or made so."""
        with open(PAGE) as file:
            page = file.read()
        table = TABLES[name] + "".join(lines)
        if os.environ.get("DROP_IN") == "write":
            with open(PAGE, "w") as file:
                file.write(section(page, name, table))
        elif section(page, name, table) != page:
            self.fail("docs/drop-in.md is stale; DROP_IN=write meson test "
                      "-C BUILD 'callers argv' makes it anew")

    def all_of(self, row, board, kind):
        """Each command of a row, on one board, and what they saved."""
        self.file("app.bin", noise(5000))
        for name in (board, board + ".0", board + ".1", board + ".2",
                     "up.bin"):
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))
        if row.firmware:
            self.sector0("flash", "app.hex", "-q", "-d",
                         f"sim:{row.kind or CHIP},uid={bench.UID},"
                         f"file={self.path(board)}")
        where = self.plugged if row in rows.PLAIN else self.on_board
        runs = [where(board, self.words(board, *shlex.split(line)),
                      kind=kind) for line in row.commands]
        saved = self.bytes_of("up.bin") \
            if os.path.exists(self.path("up.bin")) else None
        return runs, saved

    def memories(self, board, _):
        """Those of a plain DFU device, or None for one that is as it was."""
        return [self.bytes_of(name) if os.path.exists(self.path(name))
                else None for name in (f"{board}.{i}" for i in range(3))]

    def words(self, board, name, *args):
        if board == "theirs":
            return [name, *args]
        strict = board == "strict" and name == "dfu-util"
        return [bench.SECTOR0, "as", name,
                *["--strict-compat"] * strict, *args]

    def beside(self, row):
        plain = row in rows.PLAIN
        kind = row.kind if plain else \
            (row.kind or CHIP + ",rom=0x92") + ",time_scale=0.01"
        theirs, got = self.all_of(row, "theirs", kind)
        ours, mine = self.all_of(row, "ours", kind)
        strict, _ = self.all_of(row, "strict", kind)
        self.assertEqual(mine, got)
        look = self.memories if plain else self.flash_of
        self.assertEqual(look("ours", kind), look("theirs", kind))
        lines = 0
        for their, our in zip(theirs, ours):
            self.assertEqual(our.status,
                             0 if left(their) else their.status, our)
            self.assertEqual(parsed(our, their), parsed(their, their))
            lines += len(parsed(their, their))
        self.assertEqual(statuses(strict), statuses(theirs))
        commands = "<br>".join(f"`{cell(c)}`" for c in row.commands)
        chip = f", on {row.kind}" if row.kind and not plain else ""
        return (f"| {row.caller}{chip} | {row.source} | {commands} | {statuses(theirs)} | "
                f"{statuses(ours)} | {statuses(strict)} | equal | "
                f"{lines} of {lines} |\n")

    def side_by_side(self, name, these):
        lines = []
        for row in these:
            with self.subTest(row.caller):
                lines.append(self.beside(row))
        if len(lines) == len(these):
            self.page_has(name, lines)

    def test_dfu_util_is_called_as_its_callers_do(self):
        self.side_by_side("dfu-util", rows.DFU_UTIL)

    def test_it_is_called_for_plain_dfu_devices(self):
        self.side_by_side("plain DFU", rows.PLAIN)

    def expected(self, row, args):
        """What flash holds then, and in words."""
        flash = bytearray(FILLED.ljust(2 << 20, b"\xff"))
        told = ("sector " + ", ".join(map(str, row.erases)) + " erased"
                if row.erases else "as it was")
        for sector in () if row.erases == rows.ALL else row.erases:
            flash[sector * SECTOR:(sector + 1) * SECTOR] = b"\xff" * SECTOR
        if row.erases == rows.ALL:
            flash = bytearray(b"\xff" * (1 << 20))
            told = "all erased"
        for word in {"-w", "-d", "--download"} & set(args) \
                if row.status == 0 else ():
            name, at = (args[args.index(word) + 1:] + [""])[:2]
            at = int(at, 16) - FLASH if name.endswith(".bin") else 0
            flash[at:at + 5000] = noise(5000)
            told = f"{told}, then the file"
        return bytes(flash), told

    def cube(self, row):
        args = shlex.split(row.command)
        chip = QUICK if row.erases == rows.ALL else CHIP
        shutil.copy(self.path(chip), self.path("board"))
        run = self.on_board("board", [bench.SECTOR0, "as",
                                      "STM32_Programmer_CLI", *args],
                            kind=chip + ",time_scale=0.01")
        self.assertEqual(run.status, row.status, run)
        self.assertEqual("Error" in run.out, row.status > 0, run)
        for line in row.looks:
            self.assertRegex(run.out, "(?m)^ *" + re.escape(line))
        flash, told = self.expected(row, args)
        there = self.sector0("read", "all", "-", "--format", "bin", "-q",
                             "-d", f"sim:{chip},file={self.path('board')}")
        self.assertTrue(there == flash, run)
        looks = "<br>".join(f"`{cell(text)}`" for text in row.looks)
        return (f"| {row.caller} | {row.source} | `{cell(row.command)}` | "
                f"{run.status} | {told} | {looks} |\n")

    def test_the_programmer_is_called_as_its_callers_do(self):
        for chip, size in (CHIP, len(FILLED)), (QUICK, 1 << 20):
            self.file("filled.bin", FILLED[:size])
            self.sector0("flash", "filled.bin@0x08000000", "-q", "-d",
                         f"sim:{chip},uid={bench.UID},file={self.path(chip)}")
        lines = []
        for row in rows.CUBE:
            with self.subTest(row.caller):
                lines.append(self.cube(row))
        if len(lines) == len(rows.CUBE):
            self.page_has("STM32_Programmer_CLI", lines)


if __name__ == "__main__":
    bench.main("__main__")
