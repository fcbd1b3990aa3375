# SPDX-License-Identifier: MIT
"""Tables, and the figures that have a target."""

import sys

# Where a figure comes from: who repeats the run gets the same one, or not.
VIRTUAL = "virtual time"      # the chip's own clock: exact
COUNT = "counted"             # instructions, bytes, transfers: nearly exact
WALL = "this machine"         # seconds that went by here

RATIOS = []


def say(text=""):
    print(text, flush=True)


def heading(text, kind):
    say("\n## %s (%s)\n" % (text, kind))


def table(head, rows):
    """A Markdown table that reads well as text; numbers to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head] + rows)
              for i in range(len(head))]
    say("| " + " | ".join(c.ljust(w) for c, w in zip(head, widths)) + " |")
    say("|" + "|".join("-" * (w + 2) for w in widths) + "|")
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [
            c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        say("| " + " | ".join(cells) + " |")


def target(name, value, limit, kind, at_most=True):
    """A figure that is to stay within a limit; it is shown at the end."""
    good = value <= limit if at_most else value >= limit
    RATIOS.append({"name": name, "value": value, "target": limit,
                   "at_most": at_most, "kind": kind, "good": good})
    return good


def show_targets(left_out):
    """All figures that have a target; {part: why it was not measured} too."""
    heading("Targets", "all of the above that have one")
    rows = []
    for r in RATIOS:
        rows.append([r["name"], r["kind"], "%.3f" % r["value"],
                     ("<= " if r["at_most"] else ">= ") + "%g" % r["target"],
                     "PASS" if r["good"] else "below"])
    rows += [[part + ": all of its figures", "", "", "", "NOT MEASURED"]
             for part in left_out]
    table(["figure", "from", "value", "target", ""], rows)
    missed = sum(1 for r in RATIOS if not r["good"])
    say("\n%d of %d figures are where they should be" % (
        len(RATIOS) - missed, len(RATIOS)))


def give_up(text):
    say(text)
    sys.exit(1)


def size_name(size):
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit and size % unit == 0:
            return "%d %s" % (size // unit, name)
    return "%d" % size
