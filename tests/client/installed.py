# SPDX-License-Identifier: MIT
"""A client, and the README's example, compile and run against what
`meson install` installs.
usage: installed.py BUILD_DIRECTORY CLIENT.c README MESON COMPILER..."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
EXPECTED = ["include/sector0/sector0.h", "lib*/**/libsector0.so",
            "lib*/**/pkgconfig/sector0.pc", "bin/sector0",
            "share/man/man1/sector0.1*"]


def install(meson, build, place):
    subprocess.run([meson, "install", "-C", build, "--no-rebuild", "--quiet"],
                   env=dict(os.environ, DESTDIR=place), check=True)


def find(place, pattern):
    found = glob.glob(os.path.join(place, "usr*/**", pattern), recursive=True)
    return found[0] if found else None


def flags(place, config):
    env = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=place,
               PKG_CONFIG_ALLOW_SYSTEM_CFLAGS="1",
               PKG_CONFIG_ALLOW_SYSTEM_LIBS="1")
    folders = [os.path.dirname(config), env.get("PKG_CONFIG_PATH", "")]
    env["PKG_CONFIG_PATH"] = ":".join(f for f in folders if f)
    out = subprocess.run(["pkg-config", "--cflags", "--libs", "sector0"],
                         env=env, stdout=subprocess.PIPE, check=True)
    return out.stdout.decode().split()


def example(place, readme):
    """The README's C program, as a file."""
    with open(readme, encoding="utf-8") as file:
        text = re.search(r"^```c\n(.*?)^```", file.read(), re.M | re.S).group(1)
    path = os.path.join(place, "example.c")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def run(place, compiler, client):
    program = os.path.join(place, "client")
    subprocess.run(compiler + ["-std=c17", "-Wall", "-Wextra", "-Werror",
                               client, "-o", program] +
                   flags(place, find(place, EXPECTED[2])), check=True)
    library = os.path.dirname(find(place, EXPECTED[1]))
    subprocess.run([program], check=True,
                   env=dict(os.environ, LD_LIBRARY_PATH=library))


def main():
    build, client, readme, meson = sys.argv[1:5]
    if not shutil.which("pkg-config"):
        print("there is no pkg-config")
        return SKIPPED
    with tempfile.TemporaryDirectory() as place:
        install(meson, build, place)
        missing = [e for e in EXPECTED if not find(place, e)]
        if missing:
            print("not installed: " + ", ".join(missing))
            return 1
        run(place, sys.argv[5:], client)
        run(place, sys.argv[5:], example(place, readme))
    return 0


if __name__ == "__main__":
    sys.exit(main())
