# SPDX-License-Identifier: MIT
"""Sessions recorded here; afterwards.py replays and checks them outside,
without a machine, a kernel or a board."""

import shutil

import usbsys
from bench import FLASH, SECTOR, case, noise
from firmware import ihex

BOARD = "stm32h743,rom=0x91"


def leave_for_later(bench, name, scale):
    """The trace, the file that its command line names, and the board that it
    was recorded on."""
    for file in (name + ".trace", "recorded.hex"):
        shutil.copy(bench.path(file), "/out")
    bench.keep(name + ".profile", "%s,time_scale=%s" % (BOARD, scale))


def image(bench):
    bench.file("recorded.hex", ihex((FLASH, noise(5000)),
                                    (FLASH + SECTOR, noise(70))))


@case("a flash is recorded, for a replay without the machine")
def records(bench):
    image(bench)
    with bench.serve(BOARD):
        run = bench.sector0_ok("flash", "recorded.hex", "--record",
                               "flash.trace")
        bench.has(run.out, "^verified")
    leave_for_later(bench, "flash", "0")


@case("a flash whose board is unplugged is recorded, for a replay as well")
def records_unplugged(bench):
    image(bench)
    with bench.serve(BOARD, scale="0.2") as server:
        process = bench.start(bench.sector0_path, "flash", "recorded.hex",
                              "--record", "unplugged.trace",
                              "--reconnect", "0")
        bench.wait("it erases", lambda: any(
            r.what == "ERASE" for r in server.log()))
        server.control("unplug")
        run = bench.finish(process)
        bench.same(run.status, 3, run)
        bench.wait("the board is gone", lambda: not usbsys.boards())
    leave_for_later(bench, "unplugged", "0.2")
