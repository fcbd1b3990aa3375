# SPDX-License-Identifier: MIT
"""Debian's packages, unpacked into a cache: nothing is installed.

Each piece is made once and kept in build-e2e/; remove the directory to make
everything anew, with the packages of the day.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile

# What udevd is linked with and a small Debian may lack.
UDEV_LIBRARIES = ["libkmod2", "libacl1", "libblkid1", "libcap2",
                  "libselinux1", "libpcre2-8-0"]


class Unavailable(Exception):
    """What cannot be had here, and so what cannot be run; its text says why."""


def say(text):
    print(text, flush=True)


def run(arguments, **more):
    """The output of a command; its complaint is the exception's text."""
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **more)
    if done.returncode:
        raise Unavailable("%s: %s" % (
            " ".join(arguments[:3]),
            done.stderr.decode(errors="replace").strip()[-400:]))
    return done.stdout.decode(errors="replace")


class Cache:
    """The directory where made pieces are kept."""

    def __init__(self, path):
        self.root = os.path.abspath(path)

    def path(self, *names):
        return os.path.join(self.root, *names)

    def make(self, name, build):
        """The path of a piece; build(path) makes it if it is not there. What
        is half made never counts as made."""
        final, partial = self.path(name), self.path(name + ".partial")
        if os.path.exists(final):
            return final
        say("making %s" % os.path.relpath(final))
        shutil.rmtree(partial, ignore_errors=True)
        os.makedirs(partial)
        build(partial)
        os.rename(partial, final)
        return final

    def unpacked(self, name, *packages):
        """A directory that the named packages are unpacked into."""
        return self.make(name, lambda path: unpack(path, packages))


def need_debian():
    for command in ("apt-get", "dpkg-deb"):
        if not shutil.which(command):
            raise Unavailable("%s is not here: this is not a Debian" % command)


def unpack(path, packages):
    need_debian()
    fetched = os.path.join(path, "fetched")
    os.mkdir(fetched)
    run(["apt-get", "download", "-qq", *packages], cwd=fetched)
    for package in glob.glob(os.path.join(fetched, "*.deb")):
        run(["dpkg-deb", "-x", package, path])
    shutil.rmtree(fetched)


def kernel_package():
    """The package that the newest kernel of this Debian is in."""
    need_debian()
    text = run(["apt-cache", "depends", "linux-image-amd64"])
    found = re.search(r"Depends: (linux-image-\S+)", text)
    if not found:
        raise Unavailable("no package linux-image-amd64 is known here")
    return found.group(1)


def with_sources(path, kind):
    """apt's options to see source packages too, from a list of its own."""
    lists = os.path.join(path, "sources")
    os.makedirs(os.path.join(path, "lists", "partial"))
    os.mkdir(lists)
    for file in (glob.glob("/etc/apt/sources.list.d/*.sources") +
                 glob.glob("/etc/apt/sources.list.d/*.list") +
                 ["/etc/apt/sources.list"]):
        if not os.path.exists(file):
            continue
        with open(file, encoding="utf-8") as source:
            text = source.read()
        text = re.sub(r"(?m)^Types:.*", "Types: " + kind, text)
        text = re.sub(r"(?m)^deb ", kind + " ", text)
        with open(os.path.join(lists, os.path.basename(file)), "w",
                  encoding="utf-8") as out:
            out.write(text)
    return ["-o", "Dir::Etc::sourcelist=/dev/null",
            "-o", "Dir::Etc::sourceparts=" + lists,
            "-o", "Dir::State::lists=" + os.path.join(path, "lists"),
            "-o", "Dir::Cache=" + path]


def unpack_source(path, package):
    """The upstream source of a package, as path/PACKAGE."""
    need_debian()
    work = os.path.join(path, "work")
    os.mkdir(work)
    options = with_sources(work, "deb-src")
    run(["apt-get", *options, "update", "-qq"])
    run(["apt-get", *options, "source", "-qq", "--download-only", package],
        cwd=work)
    archive = glob.glob(os.path.join(work, "*.orig.tar.*"))[0]
    with tarfile.open(archive) as tar:
        tar.extractall(work)
    inside = [d for d in glob.glob(os.path.join(work, package + "*"))
              if os.path.isdir(d)]
    os.rename(inside[0], os.path.join(path, package))
    shutil.rmtree(work)


def main():
    """packages.py CACHE: have everything fetched (for a look)."""
    cache = Cache(sys.argv[1])
    cache.unpacked("udev", "udev", *UDEV_LIBRARIES)


if __name__ == "__main__":
    main()
