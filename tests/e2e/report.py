# SPDX-License-Identifier: MIT
"""What a run found: lines for the terminal, and build-e2e/report.md."""

from packages import say

HEADINGS = ("program", "operation", "result", "transfers", "time")


def table(rows):
    """Rows of texts as a Markdown table that also reads well as text."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        lines.append("| " + " | ".join(cells) + " |")
        if number == 0:
            lines.append("|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def programs(results):
    """The table of programs, operations and results."""
    rows = [("machine",) + HEADINGS]
    for result in results:
        for row in result["rows"]:
            rows.append((result["machine"], row["program"], row["operation"],
                         row["result"] if row["result"] and
                         result["verdict"] == "ok" else result["verdict"],
                         str(row["transfers"]), "%.2f s" % row["seconds"]))
    return table(rows)


def cases(results):
    rows = [("machine", "case", "verdict", "time")]
    for result in results:
        rows.append((result["machine"], result["case"], result["verdict"],
                     "%.1f s" % result["seconds"]))
    return table(rows)


def count(results, verdict):
    return sum(1 for result in results if result["verdict"] == verdict)


def write(results, path):
    """Print and keep the report; 0, or 1 when something failed or nothing was
    run."""
    failed = count(results, "FAILED")
    # Nothing that ran proves nothing.
    if not failed and not count(results, "ok"):
        results = results + [{
            "case": "some case is run", "verdict": "FAILED", "rows": [],
            "machine": "all", "notes": [], "seconds": 0,
            "why": "no case was run"}]
        failed = 1
    total = "%d passed, %d failed, %d skipped" % (
        count(results, "ok"), failed, count(results, "skipped"))
    notes = ["- %s: %s" % (result["machine"], note)
             for result in results for note in result["notes"]]
    with open(path, "w", encoding="utf-8") as out:
        out.write("# Programs on a real Linux kernel\n\n%s\n\n%s\n\n"
                  "## Noted\n\n%s\n\n## Cases\n\n%s\n" % (
                      total, programs(results), "\n".join(notes),
                      cases(results)))
    for result in results:
        say("%-8s %-10s %5.1f s  %s" % (result["verdict"], result["machine"],
                                        result["seconds"], result["case"]))
        if result["verdict"] == "skipped":
            say("         " + result["why"].strip().split("\n")[-1])
    say("\n%s\n" % programs(results))
    for line in notes:
        say(line)
    for result in results:
        if result["verdict"] == "FAILED":
            say("\n==== failed on %s: %s\n%s" % (
                result["machine"], result["case"], result["why"]))
    say("\n" + total)
    return 1 if failed or not results else 0
