# SPDX-License-Identifier: MIT
"""What package registries have, fetched when it is needed and kept nowhere."""
import glob
import json
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import bench  # noqa: E402  pylint: disable=all

PATIENCE_S = 120
# An answer is there at once, or the test goes without.
NPM = {"npm_config_fetch_retries": "1",
       "npm_config_fetch_retry_mintimeout": "1000",
       "npm_config_fetch_timeout": "20000"}


def run(*command, cwd):
    """Its output; whatever is wrong with a registry skips the test."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True,
                              text=True, timeout=PATIENCE_S,
                              env=dict(os.environ, **NPM))
    except FileNotFoundError:
        raise unittest.SkipTest(f"there is no {command[0]}")
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest(f"{command[0]} {command[1]}: no answer")
    if done.returncode:
        said = (done.stderr + done.stdout).strip().splitlines() or [""]
        raise unittest.SkipTest(f"{command[0]} {command[1]}: {said[0]}")
    return done.stdout


def npm(package, modules, folder):
    """Unpack PACKAGE@VERSION, and beside it those modules that the part of it
    that is run asks for, in the versions that it asks for; where it lies."""
    name = run("npm", "pack", "--loglevel=error", package, cwd=folder).split()[-1]
    run("tar", "xzf", name, cwd=folder)
    with open(os.path.join(folder, "package", "package.json")) as file:
        wanted = json.load(file)["dependencies"]
    if modules:
        # From another folder: it would take PACKAGE's whole list otherwise.
        beside = os.path.join(folder, "modules")
        os.mkdir(beside)
        run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund",
            "--loglevel=error", "--prefix", beside,
            *[f"{m}@{wanted[m]}" for m in modules], cwd=beside)
        shutil.move(os.path.join(beside, "node_modules"), folder)
    return os.path.join(folder, "package")


def debian(packages, folder):
    """Unpack packages without installing them; where they lie."""
    run("apt-get", "download", *packages, cwd=folder)
    for name in glob.glob(os.path.join(folder, "*.deb")):
        run("dpkg", "-x", name, folder, cwd=folder)
    return folder


class Caller(bench.Boards):
    """A program that calls dfu-util, with either behind that name."""

    def names(self, board):
        """A folder for PATH, with ours in it or with nothing."""
        folder = self.path("names-" + board)
        if not os.path.exists(folder):
            os.mkdir(folder)
            if board == "ours":
                self.stand_in(folder, "dfu-util")
        return folder

    def stand_in(self, folder, tool):
        """As it is installed under the tool's own name."""
        with open(os.path.join(HERE, "../../../cli/as.sh.in")) as file:
            script = file.read()
        path = os.path.join(folder, tool)
        with open(path, "w") as file:
            file.write(script.replace("@SECTOR0@", bench.SECTOR0)
                       .replace("@TOOL@", tool))
        os.chmod(path, 0o755)

    def called(self, board, command, kind=None):
        self.environment["PATH"] = (self.names(board) + os.pathsep +
                                    os.environ["PATH"])
        return self.on_board(board, command, kind=kind)

    def plugged(self, board, command, kind):
        """A program beside a plain DFU device, whose memories are files."""
        kind += f",file={self.path(board)}"
        run = subprocess.run(
            [bench.MOCK_RUN, "--device", kind, "--", *command],
            cwd=self.folder, env=self.environment, capture_output=True,
            text=True, timeout=300)
        return bench.Run(run.returncode, run.stdout, run.stderr)

    def beside(self, *command, kind=None):
        """With dfu-util itself, and with ours."""
        return [self.called(board, command, kind)
                for board in ("theirs", "ours")]


def main(module):
    """As bench.main(); one where nothing could be had is skipped."""
    bench.SECTOR0, bench.MOCK_RUN = map(os.path.abspath, sys.argv[1:3])
    result = unittest.main(module=module, exit=False,
                           argv=[sys.argv[0], *sys.argv[3:]]).result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.skipped:
        print(result.skipped[0][1])
        sys.exit(77)
