# SPDX-License-Identifier: MIT
"""What the checks in this folder share: which files there are, and C source
as tokens. Standard library only."""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

PRUNED = re.compile(r"^(\.git|build.*|__pycache__)$")


def _listed(root):
    """Paths that git does not ignore, or None where there is no git."""
    try:
        out = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    names = out.stdout.decode().split("\0")
    return [n for n in names if n and os.path.isfile(os.path.join(root, n))]


def _walked(root):
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if not PRUNED.match(f)]
        for name in files:
            found.append(os.path.relpath(os.path.join(folder, name), root))
    return found


def files(root, folders, endings):
    """Sorted paths, relative to root, below one of the folders ("" for all)
    and with one of the endings."""
    names = _listed(root)
    if not names:
        names = _walked(root)
    return sorted(
        n for n in names
        if n.endswith(tuple(endings))
        and any(not f or n.startswith(f + "/") for f in folders))


def read(root, name):
    with open(os.path.join(root, name), encoding="utf-8") as file:
        return file.read()


NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def without_comments(text, keep_strings=False):
    """C source with its comments (and what is inside strings) blanked, every
    line where it was."""
    def blank(match):
        part = match.group(0)
        if part[0] in "\"'":
            return part if keep_strings else part[0] + part[-1]
        return " " + "\n" * part.count("\n")
    return NOT_CODE.sub(blank, text)


DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.M)
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\n|->|\.\.\.|[^\s\w]")


def tokens(text):
    """(token, line) of C source; comments and directives are left out, strings
    come as two quotation marks."""
    text = without_comments(text)
    text = DIRECTIVE.sub(lambda m: "\n" * m.group(0).count("\n"), text)
    line = 1
    for match in TOKEN.finditer(text):
        if match.group(0) == "\n":
            line += 1
        else:
            yield match.group(0), line


def public_functions(root):
    """{name: (header, line)} of the functions that the public headers declare."""
    found = {}
    for name in files(root, ["include"], [".h"]):
        listed = list(tokens(read(root, name)))
        for i, (token, line) in enumerate(listed):
            if token != "S0_API":
                continue
            for j in range(i + 1, len(listed) - 1):
                if listed[j + 1][0] == "(" and listed[j][0].startswith("s0_"):
                    found[listed[j][0]] = (name, line)
                    break
                if listed[j][0] == ";":
                    break
    return found


def finish(tool, complaints, checked):
    """Print what is wrong, or what was looked at; the exit status."""
    for complaint in complaints:
        print(complaint)
    if complaints:
        print("%s: %d wrong" % (tool, len(complaints)))
        return 1
    print("%s: %s, nothing wrong" % (tool, checked))
    return 0


def main(tool, check, self_test):
    """Command line of a check: [--self-test | ROOT]."""
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        self_test()
        print("%s: finds what it is there for" % tool)
        return 0
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print("usage: %s [--self-test | ROOT]" % tool, file=sys.stderr)
        return 2
    complaints, checked = check(arguments[0] if arguments else ROOT)
    return finish(tool, complaints, checked)


class Tree:
    """A temporary tree of files, for self-tests: with Tree({...}) as root."""

    def __init__(self, contents):
        self.contents = contents

    def __enter__(self):
        import tempfile
        self.folder = tempfile.TemporaryDirectory()
        for name, text in self.contents.items():
            path = os.path.join(self.folder.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return self.folder.name

    def __exit__(self, *_):
        self.folder.cleanup()


def expect(complaints, parts):
    """Each complaint holds the part in its place, and there are no others."""
    if len(complaints) != len(parts):
        raise SystemExit("self-test: expected %d complaints, got %s"
                         % (len(parts), complaints))
    for complaint, part in zip(complaints, parts):
        if part not in complaint:
            raise SystemExit("self-test: '%s' is not in '%s'"
                             % (part, complaint))
