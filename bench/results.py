# SPDX-License-Identifier: MIT
"""bench/results/results.json: each part as it was measured last, with the day,
the commit and the machine of that."""

import datetime
import json
import os

from machine import RESULTS

FILE = os.path.join(RESULTS, "results.json")


def load(path=FILE):
    """{part: what was measured}; empty where nothing was yet."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found.get("parts", {}) if isinstance(found, dict) else {}


def keep(name, figures, targets, machine, path=FILE):
    """Takes one part in; the others stay."""
    kept = load(path)
    now = datetime.datetime.now(datetime.timezone.utc)
    kept[name] = {"date": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                  "machine": machine, "figures": figures, "targets": targets}
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as out:
        json.dump({"parts": kept}, out, indent=1)
    os.replace(path + ".new", path)


def ages(kept):
    """A line for each part: from when and of which commit it is."""
    return ["%-8s %s, %s" % (name, part["date"], part["machine"]["commit"])
            for name, part in kept.items()]
