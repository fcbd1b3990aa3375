# SPDX-License-Identifier: MIT
"""Who may open a board: our udev rule, with a real udevd."""

import grp
import os
import stat

import usbsys
from bench import EXAMPLES, case

BOARD = "stm32h743,rom=0x92"
NOBODY = 65534


def as_nobody(bench, groups, *arguments):
    """Our command as a user without rights, in these groups."""
    os.makedirs(bench.path("state"), exist_ok=True)
    for path in (bench.directory, bench.path("state")):
        os.chown(path, NOBODY, NOBODY)
    return bench.run(bench.sector0_path, *arguments, user=NOBODY,
                     group=NOBODY, extra_groups=groups)


@case("our udev rule gives the board to the group plugdev")
def rule(bench):
    with bench.serve(BOARD):
        plugdev = grp.getgrnam("plugdev").gr_gid
        bench.wait("udevd has done its part", lambda: os.stat(
            usbsys.node("1-1")).st_gid == plugdev)
        node = os.stat(usbsys.node("1-1"))
        bench.same(stat.S_IMODE(node.st_mode), 0o660)
        run = as_nobody(bench, [plugdev], "flash",
                        EXAMPLES + "/blinky/blinky.elf")
        bench.same(run.status, 0, run)


@case("a user without rights gets status 4 and is told of the udev rule")
def without_rights(bench):
    with bench.serve(BOARD) as server:
        plugdev = grp.getgrnam("plugdev").gr_gid
        bench.wait("udevd has done its part", lambda: os.stat(
            usbsys.node("1-1")).st_gid == plugdev)
        before = len(server.dfu_log())
        run = as_nobody(bench, [], "flash", EXAMPLES + "/blinky/blinky.elf")
        bench.same(run.status, 4, run)
        bench.has(run.err, "^error: .*permission denied")
        bench.has(run.err, "^device: untouched$")
        bench.has(run.err, "^hint: .*udev")
        run = as_nobody(bench, [], "list")
        bench.same(run.status, 0, run)
        bench.has(run.out, "no permission to open it: see the udev rule")
        bench.same(len(server.dfu_log()), before)
