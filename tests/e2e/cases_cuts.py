# SPDX-License-Identifier: MIT
"""A board that is taken away, or loses its power, at random moments of a
flash."""

import random
import re
import time

import usbsys
from bench import FLASH, SECTOR, case, noise
from firmware import ihex

# As fast as to fit many runs into a minute, as slow as to be met in the act.
SCALE = "0.25"
BOARD = "stm32h743,rom=0x92"
LENGTH = 6000  # of each of the image's two parts
AWAY = {"unplug": "replug", "power off": "power on"}
# Its supply fails in the middle of what a request began, and comes back: the
# words that were being erased or written are left half done.
BROWN_OUT = "brown-out"
SEED = 20


def image_of(number):
    """Two parts in two sectors; each number other bytes everywhere."""
    return {FLASH: noise(LENGTH, 1000 + number),
            FLASH + SECTOR: noise(LENGTH, 2000 + number)}


class Chip:
    """What the chip really holds where the images are."""

    def __init__(self, bench):
        self.bench = bench

    def content(self):
        return {at: self.bench.server.peek(at, LENGTH)
                for at in (FLASH, FLASH + SECTOR)}


# What a run whose board went away may say of it.
GONE = (r"^error: .*(left the bus|did not come back|is not there any more|"
        r"no STM32 in DFU mode|no device|lost the device|did not answer)")
CHANGES = ("ERASE", "MASS-ERASE", "DATA")


def judge(bench, run, before, after, image, begun):
    """How a run that lost its board ended; a lie is a failure. begun: has a
    request reached the board that changes it?"""
    errors = len(re.findall("^error: ", run.err, re.M))
    told = re.search("^device: (.*)$", run.err, re.M)
    told = told.group(1) if told else None
    if run.status == 0:
        bench.same((errors, told), (0, None), run)
        bench.check(after == image, "success, but the chip is not right")
        return "done before the cut"
    bench.same(errors, 1, run)
    bench.has(run.err, GONE, run)
    bench.has(run.err, "^hint: ", run)
    if run.status in (1, 4):
        bench.check(not begun, "'untouched', but it was told to\n%s" % run)
        bench.same(told, "untouched", run)
        bench.check(after == before, "'untouched', but it has changed\n%s"
                    % run)
        return "untouched"
    bench.same(run.status, 3, run)
    bench.check(told in ("partly written", "unknown"), run)
    # A command that was under way may not have arrived.
    return told if begun else told + ", nothing begun"


def take_away(bench, server, away, moment):
    """Unplug, or switch off; the answer undoes it."""
    time.sleep(moment)
    server.control(*away.split())

    def back():
        bench.wait("the board is gone", lambda: not usbsys.boards())
        server.control(*AWAY[away].split())

    return back


def cut(bench, server, number, away, moment):
    """Flash an image while the board is taken away; then repair. The moment
    is a time, or for a brown-out a number of requests."""
    image = image_of(number)
    file = bench.file("image.hex", ihex(*image.items()))
    chip = Chip(bench)
    before, back = chip.content(), None
    if away == BROWN_OUT:
        server.control("fault", "%s@+%d" % (BROWN_OUT, moment))
    silent, first = server.log_size(), len(server.log())
    process = bench.start(bench.sector0_path, "flash", file,
                          "--reconnect", "0")
    bench.wait("it begins", lambda: server.log_size() > silent)
    if away != BROWN_OUT:
        back = take_away(bench, server, away, moment)
    run = bench.finish(process, 60)
    if back:
        back()
    # Looked at when what ran when it was unplugged has ended.
    begun = any(r.what in CHANGES for r in server.log()[first:])
    verdict = judge(bench, run, before, chip.content(), image, begun)
    bench.wait("the board is back", server.ready)
    run = bench.sector0("flash", file)
    bench.same(run.status, 0, "the next run does not repair: %s" % run)
    bench.check(chip.content() == image, "repaired, but not right")
    return verdict


def operations(requests):
    """Which of the DFU requests, counted from 1, have the chip erase or write:
    the first GETSTATUS after each such command."""
    names = [r.what for r in requests if r.of_class]
    return [i + 2 for i, name in enumerate(names)
            if name in ("ERASE", "DATA")]


def seconds_of(requests):
    return (requests[-1].microseconds - requests[0].microseconds) / 1e6


@case("a board taken away at random moments: honest each time, and repaired")
def cuts(bench):
    draw = random.Random(SEED)
    verdicts = {}
    with bench.serve(BOARD, scale=SCALE) as server:
        for number in (0, 1):
            file = bench.file("image.hex", ihex(*image_of(number).items()))
            begun = len(server.log())
            bench.sector0_ok("flash", file)
        run = server.log()[begun:]
        at_work = operations(run)
        with bench.measured("sector0", "%d cuts, each repaired"
                            % bench.cuts) as row:
            for number in range(2, bench.cuts + 2):
                away = draw.choice([*AWAY, BROWN_OUT])
                moment = (draw.choice(at_work) if away == BROWN_OUT
                          else draw.uniform(0, 1.05 * seconds_of(run)))
                word = "%s (%s)" % (cut(bench, server, number, away, moment),
                                    away)
                verdicts[word] = verdicts.get(word, 0) + 1
            row.result = "all honest, all right"
    bench.note("%d cuts: %s" % (bench.cuts, ", ".join(
        "%d %s" % (count, word) for word, count in sorted(verdicts.items()))))
    judge_all(bench, verdicts)


def judge_all(bench, verdicts):
    def count(*words):
        return sum(number for verdict, number in verdicts.items()
                   if verdict.startswith(words))

    bench.check(count("partly written", "unknown (") * 8 >= bench.cuts,
                "hardly a cut met the board at work: %s" % verdicts)
    # To say "unknown" of everything would be no answer.
    bench.check(count("unknown, nothing begun") * 10 <= bench.cuts,
                "too often unsure for nothing: %s" % verdicts)
