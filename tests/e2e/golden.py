# SPDX-License-Identifier: MIT
"""Request logs as texts that can be kept and compared.

Each line says how long after the request before it comes, in tenths of a
millisecond (the simulated clock of a run may slip by a microsecond), and then
the request as the server logs it. plain() has all of them. compact() folds
what repeats: "64 x" stands before the lines that come 64 times, without what
differs in their data, and with the differences of block numbers; the SHA-256
of the plain text is its last line, so that no byte of it can differ unnoticed.
"""

import hashlib
import re

LONGEST = 8  # lines that repeat together


def tenths(microseconds):
    return "%d.%d ms" % divmod((microseconds + 50) // 100, 10)


def lines_of(requests):
    lines, before = [], requests[0]
    for request in requests:
        rest = re.sub(r"(\d+) us$", lambda m: tenths(int(m[1])),
                      request.rest)
        lines.append("+%s %s" % (
            tenths(request.microseconds - before.microseconds), rest))
        before = request
    return lines


def plain(requests):
    return "\n".join(lines_of(requests)) + "\n"


def without_data(requests):
    """Each request without what differs from block to block."""
    lines, block = [], 0
    for request, line in zip(requests, lines_of(requests)):
        line = re.sub(r"data=\S+ (\d+ bytes) crc32=\S+", r"data=\1", line)
        line = re.sub(r"data=21[0-9a-f]{8} ", "data=21... ", line)
        if request.name in ("DNLOAD", "UPLOAD"):
            line = re.sub(r"value=\S+", "value=%+d" % (request.value - block),
                          line)
            block = request.value
        lines.append(line)
    return lines


def repeats(lines, start, length):
    """How often the lines from start on come in a row."""
    times = 1
    while (lines[start + times * length:start + (times + 1) * length] ==
           lines[start:start + length]):
        times += 1
    return times


def fold(lines):
    folded, at = [], 0
    while at < len(lines):
        saved, times, length = max(
            ((repeats(lines, at, n) - 1) * n, repeats(lines, at, n), n)
            for n in range(1, LONGEST + 1))
        if saved < 3:
            times, length = 1, 1
        else:
            folded.append("%d x" % times)
        folded += [("    " if times > 1 else "") + line
                   for line in lines[at:at + length]]
        at += times * length
    return folded


def compact(requests):
    digest = hashlib.sha256(plain(requests).encode()).hexdigest()
    return "\n".join(fold(without_data(requests)) + [
        "%d requests, sha256 %s" % (len(requests), digest)]) + "\n"
