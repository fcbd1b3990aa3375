# SPDX-License-Identifier: MIT
"""Each public header compiles alone, twice over, with warnings as errors.
usage: headers_alone.py INCLUDE_DIRECTORY STANDARD COMPILER..."""

import os
import subprocess
import sys

# No -Wshadow: in C++ a function hides the structure of the same name.
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]


def compiles(compiler, standard, include, header):
    language = "c++" if "++" in standard else "c"
    text = "#include <sector0/%s>\n" % header
    done = subprocess.run(
        compiler + ["-std=" + standard, "-I" + include, "-fsyntax-only"] +
        WARNINGS + ["-x", language, "-"],
        input=(text + text + "typedef int something;\n").encode(),
        check=False)
    return done.returncode == 0


def main():
    include, standard, compiler = sys.argv[1], sys.argv[2], sys.argv[3:]
    headers = sorted(os.listdir(os.path.join(include, "sector0")))
    broken = [header for header in headers
              if not compiles(compiler, standard, include, header)]
    print("%d headers as %s; broken: %s"
          % (len(headers), standard, ", ".join(broken) or "none"))
    return 1 if broken or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
