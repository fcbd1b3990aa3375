# SPDX-License-Identifier: MIT
"""Foreign programs that Debian has as source only: libusb's own examples."""

import os

from packages import Unavailable, run, say, unpack_source

EXAMPLES = ["listdevs", "xusb", "testlibusb", "hotplugtest"]


def build_examples(path):
    unpack_source(path, "libusb-1.0")
    sources = os.path.join(path, "libusb-1.0", "examples")
    for name in EXAMPLES:
        run(["gcc", "-O1", "-I/usr/include/libusb-1.0", "-o",
             os.path.join(path, name), os.path.join(sources, name + ".c"),
             "-lusb-1.0"])


def make_examples(cache):
    """Where they are built; the cases without them are skipped with a word
    when the source cannot be had."""
    try:
        return cache.make("libusb-examples", build_examples)
    except Unavailable as reason:
        say("no examples of libusb: %s" % reason)
        return None
