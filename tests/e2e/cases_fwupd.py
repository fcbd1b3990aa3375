# SPDX-License-Identifier: MIT
"""fwupdtool, as far as it goes without its daemon."""

import json

from bench import FLASH, SECTOR, Skipped, case, noise

BOARD = "stm32h743,rom=0x92,flash_kb=128"
GUID = "5aea1200-2286-5819-93e6-3b5548b6c88a"  # of USB\VID_0483&PID_DF11


def program(run):
    found = [line for line in run.out.split("\n")
             if line.startswith("compile   org.freedesktop.fwupd ")]
    return "fwupdtool " + found[0].split()[-1] if found else "fwupdtool"


def version(bench):
    return program(bench.run("fwupdtool", "--version"))


def devices(bench):
    run = bench.run("fwupdtool", "get-devices", "--json", "--plugins", "dfu")
    bench.same(run.status, 0, run)
    return json.loads(run.out[run.out.index("{"):])["Devices"]


@case("fwupdtool knows the board as a device that it could update")
def lists(bench):
    name = version(bench)
    with bench.serve(BOARD):
        with bench.measured(name, "get-devices") as row:
            found = [d for d in devices(bench) if GUID in d.get("Guid", [])]
            row.result = "found, updatable"
        bench.same(len(found), 1)
        bench.same(found[0]["Serial"], "200364500000")
        bench.check("updatable" in found[0]["Flags"], found[0])
        bench.check("is-bootloader" in found[0]["Flags"], found[0])


@case("fwupdtool reads all of the flash, and one block beyond it")
def dumps(bench):
    name = version(bench)
    content = noise(SECTOR)
    with bench.serve(BOARD) as server:
        bench.sector0_ok("flash", bench.file("app.bin", content),
                         "--address", "0x08000000")
        found = [d for d in devices(bench) if GUID in d.get("Guid", [])]
        before = len(server.dfu_log())
        with bench.measured(name, "firmware-dump") as row:
            run = bench.run("fwupdtool", "firmware-dump", "dump.bin",
                            found[0]["DeviceId"], "--plugins", "dfu")
            row.result = "exit %d, no file" % run.status
        requests = server.dfu_log()[before:]
        reads = [r for r in requests if r.what == "UPLOAD"]
        # It reads on until it gets less than it asked for. AN3156's ROM has
        # no end: it refuses the first address beyond the memory.
        bench.same([r.result for r in reads], ["ok"] * 128 + ["STALL"], run)
        bench.same([r.value for r in reads], list(range(2, 131)))
        bench.same(run.status, 1, run)
        bench.has(run.out + run.err, "cannot upload data: .*Pipe error")
        bench.holds(FLASH, content)


@case("fwupdtool parses the DfuSe file that we write")
def parses(bench):
    name = version(bench)
    bench.file("app.bin", noise(20000))
    bench.sector0_ok("convert", "app.bin", "app.dfu", "--address",
                     "0x08000000")
    with bench.measured(name, "firmware-parse .dfu") as row:
        run = bench.run("fwupdtool", "firmware-parse", "app.dfu", "dfuse")
        row.result = "right address and size"
    bench.same(run.status, 0, run)
    for text in ("<vendor>0x483</vendor>", "<product>0xdf11</product>",
                 "<addr>0x8000000</addr>", '<data size="0x4e20">'):
        bench.has(run.out, text)


@case("fwupdtool cannot install without its daemon: it sees no device then")
def installs(bench):
    name = version(bench)
    bench.file("app.bin", noise(20000))
    bench.sector0_ok("convert", "app.bin", "app.dfu", "--address",
                     "0x08000000")
    with bench.serve(BOARD) as server:
        found = [d for d in devices(bench) if GUID in d.get("Guid", [])]
        before = len(server.dfu_log())
        with bench.measured(name, "install-blob") as row:
            run = bench.run("fwupdtool", "install-blob", "app.dfu",
                            found[0]["DeviceId"], "--plugins", "dfu",
                            "--force")
            row.result = "exit %d, no device" % run.status
        if run.status == 0:
            raise Skipped("this version can: its case is to be written")
        bench.has(run.out + run.err, "was not found")
        bench.same(len(server.dfu_log()), before, run)
