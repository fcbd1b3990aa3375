# SPDX-License-Identifier: MIT
"""Request logs as texts that can be kept and compared.

plain() has every request as it is in the server's log, but for its number
and with times from the first request on: the same run gives the same bytes.
compact() folds what repeats: "64 x" stands before the lines that come 64
times, with the differences to the request before in place of times (in tenths
of a millisecond) and block numbers; the SHA-256 of the plain text is its last
line, so that no byte of it can differ unnoticed.
"""

import hashlib
import re

LONGEST = 8  # lines that repeat together


def plain(requests):
    start = requests[0].microseconds
    lines = []
    for request in requests:
        at = request.microseconds - start
        lines.append("%d.%06d %s" % (at // 1000000, at % 1000000,
                                     request.rest))
    return "\n".join(lines) + "\n"


def tenths(microseconds):
    return "%d.%d ms" % divmod((microseconds + 50) // 100, 10)


def differences(requests):
    """Each request by what it adds to the one before."""
    lines, before, block = [], requests[0], 0
    for request in requests:
        rest = re.sub(r"data=\S+ (\d+ bytes) crc32=\S+", r"data=\1",
                      request.rest)
        rest = re.sub(r"data=21[0-9a-f]{8} ", "data=21... ", rest)
        rest = re.sub(r"(\d+) us$", lambda m: tenths(int(m[1])), rest)
        if request.name in ("DNLOAD", "UPLOAD"):
            rest = re.sub(r"value=\S+", "value=%+d" % (request.value - block),
                          rest)
            block = request.value
        lines.append("+%s %s" % (
            tenths(request.microseconds - before.microseconds), rest))
        before = request
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
    return "\n".join(fold(differences(requests)) + [
        "%d requests, sha256 %s" % (len(requests), digest)]) + "\n"
