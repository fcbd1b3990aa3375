# SPDX-License-Identifier: MIT
"""Several boards at once."""

import json

import usbsys
from bench import FLASH, SECTOR, case, noise
from firmware import ihex

TWO = ("stm32h743,rom=0x92,seed=1", "stm32h743,rom=0x92,seed=2")


@case("two boards with one serial are refused without a path")
def two_are_refused(bench):
    image = bench.file("app.hex", ihex((FLASH, noise(100))))
    with bench.serve(*TWO):
        run = bench.sector0("flash", image)
        bench.same(run.status, 4, run)
        bench.has(run.err, r"^error: 2 devices are in DFU mode: usb:1-1 .*"
                  "usb:1-2 ")
        run = bench.sector0("flash", image, "-d", "serial:200364500000")
        bench.same(run.status, 4, run)
        bench.has(run.err, "2 devices share the serial number")
        bench.holds(FLASH, b"\xff" * 100, 0)
        bench.holds(FLASH, b"\xff" * 100, 1)


@case("two boards with one serial are flashed by path at the same time")
def two_at_the_same_time(bench):
    contents = [noise(3 * SECTOR // 2, seed) for seed in (11, 22)]
    with bench.serve(*TWO, scale="0.1") as server:
        with bench.measured("sector0 twice", "flash two boards at once") as row:
            running = [
                bench.start(bench.sector0_path, "flash", "-d",
                            server.path_of(i), bench.file(
                                "app%d.hex" % i, ihex((FLASH, contents[i]))))
                for i in (0, 1)]
            for process in running:
                run = bench.finish(process)
                bench.same(run.status, 0, run)
            row.result = "both right"
        for i in (0, 1):
            bench.holds(FLASH, contents[i], i)
        order = [r.board for r in server.log() if r.what == "DATA"]
        changes = sum(a != b for a, b in zip(order, order[1:]))
        bench.check(changes > 20, "only %d changes of board" % changes)


@case("eight boards are listed, each with its path and unique ID")
def eight(bench):
    profiles = ["stm32h743,rom=0x92,seed=%d" % i for i in range(1, 9)]
    with bench.serve(*profiles):
        run = bench.sector0_ok("list", "--json")
        found = [json.loads(line) for line in run.out.splitlines()]
        paths = [e["path"] for e in found if e["event"] == "device"]
        bench.same(sorted(paths), ["usb:" + b for b in usbsys.boards()], run)
        bench.same(len(set(paths)), 8, run)
        uids = set()
        for path in (paths[0], paths[3], paths[7]):
            run = bench.sector0_ok("info", "--json", "-d", path)
            uids.add(json.loads(run.out.splitlines()[0])["uid"])
        bench.same(len(uids), 3)
