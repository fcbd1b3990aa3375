# SPDX-License-Identifier: MIT
"""LAVA, as Debian has it: its action that calls dfu-util, unchanged, with
dfu-util itself and with ours under its name, on a plain DFU device.

usage: test_debian.py SECTOR0 MOCK_RUN [TEST...]; skipped where there is no
package to be had.
"""
import os
import tempfile

import registry
from bench import noise

DRIVER = os.path.join(registry.HERE, "lava.py")
# Python that LAVA's modules ask for when they are read.
PACKAGES = ["lava-dispatcher", "lava-common", "python3-pexpect",
            "python3-ptyprocess", "python3-pyudev", "python3-tz",
            "python3-configobj", "python3-voluptuous", "python3-requests",
            "python3-urllib3", "python3-certifi", "python3-chardet",
            "python3-idna", "python3-six", "python3-yaml"]


class Lava(registry.Caller):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.modules = os.path.join(registry.debian(PACKAGES, folder.name),
                                   "usr/lib/python3/dist-packages")

    def flashed(self, board, keys=""):
        self.environment["PATH"] = (self.names(board) + os.pathsep +
                                    os.environ["PATH"])
        return self.plugged(board, [
            "/usr/bin/python3", DRIVER, self.modules, "0001", "1209", "0002",
            "--alt 0 --download {firmware}"], "dfu" + keys)

    def test_it_flashes_a_board(self):
        for board in ("theirs", "ours"):
            run = self.flashed(board)
            self.assertEqual(run.status, 0, run)
            self.assertEqual(self.bytes_of(board + ".0"), noise(5000))

    def test_it_hears_of_a_failure(self):
        for board in ("theirs", "ours"):
            run = self.flashed(board, ",error=3@4")
            self.assertEqual(run.status, 1, run)
            self.assertIn("InfrastructureError: command failed", run.err)


if __name__ == "__main__":
    registry.main("__main__")
