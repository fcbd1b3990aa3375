# SPDX-License-Identifier: MIT
"""dfu-util 0.11, as Debian has it: what it can do, and where it fails."""

import signal

import usbsys
from bench import BANK2, FLASH, SECTOR, case, noise
from firmware import vector_table

DFU_UTIL = "dfu-util 0.11"
BOARD = "stm32h743,rom=0x92"


def down(bench, name, address, *more, **options):
    return bench.run("dfu-util", "-a", "0", "-s",
                     "0x%08x%s" % (address, options.pop("modifier", "")),
                     "-D", name, *more, **options)


def kinds(requests):
    return [r.what for r in requests]


def after(requests, what):
    """What follows each request of a kind: its next two."""
    names = kinds(requests)
    return {tuple(names[i + 1:i + 3]) for i, name in enumerate(names)
            if name == what}


@case("dfu-util lists both memories of the board")
def lists(bench):
    with bench.serve(BOARD):
        with bench.measured(DFU_UTIL, "-l") as row:
            run = bench.run("dfu-util", "-l")
            row.result = "both memories"
        bench.same(run.status, 0, run)
        for alt, name in ((0, "@Internal Flash   /0x08000000/16*128Kg"),
                          (1, "@Option Bytes   /0x5200201C/01*128 e")):
            bench.has(run.out.replace(name, "NAME"), (
                r'^Found DFU: \[0483:df11\] ver=0200, devnum=\d+, cfg=1, '
                r'intf=0, path="1-1", alt=%d, name="NAME", '
                r'serial="200364500000"$') % alt, run)


@case("dfu-util writes 128 KiB and reads the same back")
def down_and_up(bench):
    content = noise(SECTOR)
    bench.file("app.bin", content)
    with bench.serve(BOARD) as server:
        with bench.measured(DFU_UTIL, "-D 128 KiB") as row:
            run = down(bench, "app.bin", FLASH)
            row.result = "exit 0, right"
        bench.same(run.status, 0, run)
        bench.holds(FLASH, content)
        wrote = server.dfu_log()
        with bench.measured(DFU_UTIL, "-U 128 KiB") as row:
            run = bench.run("dfu-util", "-a", "0", "-s", "0x08000000:131072",
                            "-U", "back.bin")
            row.result = "exit 0, identical"
        bench.same(run.status, 0, run)
        bench.same(bench.bytes_of("back.bin") == content, True)
        bench.sector0_ok("verify", "app.bin", "--address", "0x08000000")
    sets_address_before_each_block(bench, wrote)


def sets_address_before_each_block(bench, requests):
    """Its habit: six transfers a block, always block number 2."""
    names = kinds(requests)
    blocks = [i for i, name in enumerate(names) if name == "DATA"]
    bench.same(len(blocks), 128)
    bench.same({requests[i].value for i in blocks}, {2})
    bench.same({tuple(names[i - 3:i]) for i in blocks},
               {("SET-ADDRESS", "GETSTATUS", "GETSTATUS")})
    for what in ("DATA", "SET-ADDRESS", "ERASE"):
        bench.same(after(requests, what), {("GETSTATUS", "GETSTATUS")})
    for i in blocks:  # dfuDNBUSY when it has run, then dfuDNLOAD-IDLE
        bench.same([r.state for r in requests[i:i + 3]], [3, 3, 5],
                   requests[i + 1])
        bench.same([r.data[8:10] for r in requests[i + 1:i + 3]],
                   ["04", "05"])


@case("dfu-util writes all of bank 1 in 1 MiB")
def bank_1(bench):
    content = noise(8 * SECTOR, 3)
    bench.file("app.bin", content)
    with bench.serve("stm32h743,rom=0x91"):
        with bench.measured(DFU_UTIL, "-D bank 1, ROM 0x91") as row:
            run = down(bench, "app.bin", FLASH)
            row.result = "exit 0, right"
        bench.same(run.status, 0, run)
        bench.holds(FLASH, content)


@case("dfu-util leaves, and the firmware is started")
def leaves(bench):
    bench.file("app.bin", vector_table(2048))
    with bench.serve(BOARD) as server:
        with bench.measured(DFU_UTIL, "-D 2 KiB :leave") as row:
            run = down(bench, "app.bin", FLASH, modifier=":leave")
            row.result = "exit %d, the board left" % run.status
        bench.check(run.status in (0, 74), run)
        bench.wait("the board is gone", lambda: not usbsys.boards())
        bench.wait("the firmware runs", lambda: server.started(FLASH))
        bench.same([r.what for r in server.dfu_log() if r.what == "LEAVE"],
                   ["LEAVE"])


@case("dfu-util erases the whole chip")
def mass_erase(bench):
    content = noise(SECTOR + 100)
    with bench.serve(BOARD) as server:
        bench.sector0_ok("flash", bench.file("app.bin", content),
                         "--address", "0x08000000")
        bench.file("tiny.bin", noise(1024, 9))
        with bench.measured(DFU_UTIL, ":mass-erase:force, -D 1 KiB") as row:
            run = down(bench, "tiny.bin", FLASH,
                       modifier=":mass-erase:force")
            row.result = "exit 0, right"
        bench.same(run.status, 0, run)
        bench.check("MASS-ERASE" in kinds(server.dfu_log()), "no mass erase")
        bench.holds(FLASH, noise(1024, 9))
        bench.holds(FLASH + 1024, b"\xff" * (2 * SECTOR - 1024))


@case("dfu-util polls bank 2 of ROM 0x91 for ever; ours programs it")
def bank_2_for_ever(bench):
    content = noise(4000)
    bench.file("app.bin", content)
    with bench.serve("stm32h743,rom=0x91", scale="0.02") as server:
        with bench.measured(DFU_UTIL, "-D bank 2, ROM 0x91") as row:
            process = bench.start("dfu-util", "-a", "0", "-s", "0x08100000",
                                  "-D", "app.bin")
            bench.wait("it polls", lambda: kinds(server.dfu_log()).count(
                "GETSTATUS") > 60, 60)
            bench.same(process.poll(), None)
            process.send_signal(signal.SIGKILL)
            bench.finish(process)
            row.result = "polls for ever; killed"
        polls_in_vain(bench, server)
        with bench.measured("sector0", "flash the same board then") as row:
            bench.sector0_ok("flash", "app.bin", "--address", "0x08100000")
            row.result = "right"
        bench.holds(BANK2, content)


def polls_in_vain(bench, server):
    """The same answer each time, and never another request."""
    requests = server.dfu_log()
    names = kinds(requests)
    last = len(names) - 1 - names[::-1].index("ERASE")
    answers = {r.data for r in requests[last + 1:]}
    bench.same(set(names[last + 1:]), {"GETSTATUS"})
    bench.same(len(answers), 1, answers)
    bench.same(answers.pop()[8:10], "04")  # dfuDNBUSY
    bench.note("dfu-util asked %d times after the erase in bank 2 and got "
               "dfuDNBUSY each time" % (len(names) - last - 1))


@case("dfu-util killed in the middle of a write; ours repairs it")
def killed(bench):
    content = noise(SECTOR, 4)
    bench.file("app.bin", content)
    with bench.serve(BOARD, scale="0.05") as server:
        with bench.measured(DFU_UTIL, "killed in a write") as row:
            process = bench.start("dfu-util", "-a", "0", "-s", "0x08000000",
                                  "-D", "app.bin")
            bench.wait("it writes", lambda: kinds(server.log()).count(
                "DATA") > 15, 60)
            process.send_signal(signal.SIGKILL)
            bench.finish(process)
            row.result = "half written"
        with bench.measured("sector0", "flash after that") as row:
            bench.sector0_ok("flash", "app.bin", "--address", "0x08000000")
            row.result = "right"
        bench.holds(FLASH, content)


@case("dfu-util gets over a killed one, though not always at the first try")
def gets_over(bench):
    content = noise(20000, 5)
    bench.file("app.bin", content)
    with bench.serve(BOARD, scale="0.05") as server:
        process = bench.start("dfu-util", "-a", "0", "-s", "0x08000000",
                              "-D", "app.bin")
        bench.wait("it writes", lambda: kinds(server.log()).count("DATA") > 5,
                   60)
        process.send_signal(signal.SIGKILL)
        bench.finish(process)
        before = len(server.dfu_log())
        with bench.measured(DFU_UTIL, "-D after a killed one") as row:
            run = down(bench, "app.bin", FLASH)
            row.result = "exit %d" % run.status
        if run.status:
            # It was killed between a DNLOAD and its GETSTATUS. The next one's
            # GETSTATUS carries that out, it takes dfuDNBUSY for a good state
            # to begin in, and its first DNLOAD is refused.
            bench.same(run.status, 74, run)
            begun = server.dfu_log()[before:]
            bench.same([(r.name, r.result) for r in begun],
                       [("GETSTATUS", "ok"), ("DNLOAD", "STALL")], run)
            bench.same(begun[0].data[8:10], "04")
            with bench.measured(DFU_UTIL, "-D once more") as row:
                run = down(bench, "app.bin", FLASH)
                row.result = "exit 0, right"
        bench.same(run.status, 0, run)
        bench.holds(FLASH, content)


@case("dfu-util says success on a write-protected sector; ours does not")
def write_protected(bench):
    content = noise(2000, 6)
    bench.file("app.bin", content)
    with bench.serve(BOARD + ",wrp=0x0001"):
        with bench.measured(DFU_UTIL, "-D a protected sector") as row:
            run = down(bench, "app.bin", FLASH)
            row.result = "exit 0, nothing written"
        bench.same(run.status, 0, run)
        bench.holds(FLASH, b"\xff" * 2000)
        with bench.measured("sector0", "flash a protected sector") as row:
            run = bench.sector0("flash", "app.bin", "--address", "0x08000000")
            row.result = "exit %d, named" % run.status
        bench.same(run.status, 1, run)
        bench.has(run.err, "^error: 1 sector to be changed is write-protected")
        bench.has(run.err, "^hint: .*--lift-protection")
        bench.holds(FLASH, b"\xff" * 2000)
        with bench.measured("sector0", "flash --lift-protection") as row:
            run = bench.sector0("flash", "app.bin", "--address", "0x08000000",
                                "--lift-protection")
            row.result = "exit %d, protected again" % run.status
        bench.same(run.status, 0, run)
        bench.holds(FLASH, content)
        run = bench.sector0("erase", "0x08000000", "16")
        bench.same(run.status, 1, run)
        bench.holds(FLASH, content)


@case("dfu-util on a read-protected chip ends with the chip's error")
def read_protected(bench):
    with bench.serve(BOARD + ",rdp=1"):
        with bench.measured(DFU_UTIL, "-U, RDP level 1") as row:
            run = bench.run("dfu-util", "-a", "0", "-s", "0x08000000:1024",
                            "-U", "back.bin")
            row.result = "exit %d" % run.status
        bench.check(run.status != 0, run)
        run = bench.sector0("read", "0x08000000", "16")
        bench.check(run.status != 0, run)
        bench.has(run.err, "protect")
