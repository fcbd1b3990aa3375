# SPDX-License-Identifier: MIT
"""What the kernel says of its USB devices."""

import fcntl
import os
import struct
import time

DEVICES = "/sys/bus/usb/devices"
PORTS = "/sys/devices/platform/vhci_hcd.0/status"


def attribute(device, name):
    try:
        with open(os.path.join(DEVICES, device, name),
                  encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def boards():
    """Devices that are ready for programs, by USB path: "1-1"."""
    found = []
    for device in sorted(os.listdir(DEVICES)):
        if ":" in device or attribute(device, "idVendor") in ("", "1d6b"):
            continue
        if attribute(device, "bConfigurationValue") == "":
            continue
        if os.path.exists(node(device)):
            found.append(device)
    return found


def node(device):
    return "/dev/bus/usb/%03d/%03d" % (int(attribute(device, "busnum") or 0),
                                       int(attribute(device, "devnum") or 0))


def ports_in_use():
    """What vhci-hcd has attached: (device number of the server, USB path)."""
    with open(PORTS, encoding="utf-8") as file:
        rows = [line.split() for line in file.read().splitlines()[1:]]
    # hub port state speed device socket local-path; 004 is a free port
    return [(int(row[4], 16), row[6]) for row in rows if row[2] != "004"]


def wait(true, seconds):
    """True when true() is so before the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return bool(true())


def claim(node_fd, interface):
    """Hold an interface as a program would (USBDEVFS_CLAIMINTERFACE)."""
    fcntl.ioctl(node_fd, 0x8004550f, struct.pack("I", interface))
