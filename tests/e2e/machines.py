# SPDX-License-Identifier: MIT
"""Two machines with a real Linux kernel, for programs of this host.

Both have the host's / as their root, read-only with a tmpfs laid over it, so
that every program of the host is there and nothing that they do stays; and a
directory /out that they share with the host. See docs/testing.md.
"""

import glob
import lzma
import os
import re
import shutil
import struct
import subprocess
import time

from packages import (UDEV_LIBRARIES, Unavailable, kernel_package, run, say,
                      unpack)

HERE = os.path.dirname(os.path.abspath(__file__))
# In the order in which they are loaded: what one needs stands before it.
MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "usbmon", "vhci-hcd"]
UML_TOOLS = ["make", "gcc", "flex", "bison", "bc"]


class Broken(Exception):
    """A machine that crashed, hung, or did not start."""


def shared_pieces(cache):
    """What both machines need: udevd and a shell that can switch off."""
    cache.unpacked("udev", "udev", *UDEV_LIBRARIES)
    return cache.unpacked("busybox", "busybox-static") + "/bin/busybox"


def shell(arguments, out, command):
    """A machine at this terminal, until its shell ends."""
    prepare_out(out, command)
    with open(os.path.join(out, "shell"), "w", encoding="utf-8"):
        pass
    subprocess.run(arguments, check=False)


def boot(arguments, out, seconds, console):
    """Run a machine until it is off; kill it when its time is up."""
    started = time.monotonic()
    with open(console, "wb") as log:
        machine = subprocess.Popen(arguments, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log,
                                   start_new_session=True)
        try:
            machine.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(machine.pid, 9)
            machine.wait()
            raise Broken("it was not done after %d s" % seconds)
        except BaseException:
            os.killpg(machine.pid, 9)
            raise
    try:
        with open(os.path.join(out, "status"), encoding="utf-8") as file:
            return int(file.read()), time.monotonic() - started
    except (OSError, ValueError):
        raise Broken("it ended without saying how its command ended")


def prepare_out(out, command):
    """An empty directory for /out, with what the machine is to run."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    shutil.copy(os.path.join(HERE, "guest-init"), out)
    with open(os.path.join(out, "command"), "w", encoding="utf-8") as file:
        file.write(command)


# ---- QEMU ------------------------------------------------------------------


def dependencies(modules):
    """module name -> names that modinfo says it depends on."""
    known = {}
    for path in modules:
        with open(path, "rb") as file:
            found = re.search(rb"\0depends=([^\0]*)\0", file.read())
        name = os.path.basename(path)[:-3].replace("-", "_")
        needs = found.group(1).decode() if found else ""
        known[name] = (path, [n.replace("-", "_")
                              for n in needs.split(",") if n])
    return known


def in_order(known, wanted):
    """Paths of modules and of all that they need, these first."""
    order = []

    def add(name):
        path, needs = known[name]
        for need in needs:
            add(need)
        if path not in order:
            order.append(path)

    for name in wanted:
        add(name.replace("-", "_"))
    return order


def uncompressed(image):
    """The ELF kernel inside a bzImage: it starts at once (PVH). The offsets
    are from the boot protocol, Documentation/x86/boot.rst."""
    with open(image, "rb") as file:
        data = file.read()
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (data[0x1f1] + 1) * 512 + offset
    kernel = lzma.LZMADecompressor().decompress(data[start:start + length])
    if kernel[:4] != b"\x7fELF":
        raise Unavailable("no ELF file in " + image)
    return kernel


def make_initramfs(path, busybox, modules):
    """An archive of busybox, the modules and initramfs-init."""
    tree = os.path.join(path, "tree")
    for directory in ("bin", "modules", "proc", "dev"):
        os.makedirs(os.path.join(tree, directory))
    shutil.copy(busybox, os.path.join(tree, "bin"))
    shutil.copy(os.path.join(HERE, "initramfs-init"),
                os.path.join(tree, "init"))
    os.chmod(os.path.join(tree, "init"), 0o755)
    with open(os.path.join(tree, "modules", "order"), "w",
              encoding="utf-8") as order:
        for module in modules:
            shutil.copy(module, os.path.join(tree, "modules"))
            order.write(os.path.basename(module) + "\n")
    names = [os.path.relpath(os.path.join(d, f), tree)
             for d, ds, fs in os.walk(tree) for f in ds + fs]
    with open(os.path.join(path, "initramfs"), "wb") as out:
        subprocess.run([busybox, "cpio", "-o", "-H", "newc"], cwd=tree,
                       input="\n".join(names).encode(), stdout=out,
                       stderr=subprocess.DEVNULL, check=True)
    shutil.rmtree(tree)


def make_qemu(path, busybox):
    unpack(path, [kernel_package()])
    known = dependencies(glob.glob(path + "/lib/modules/**/*.ko",
                                   recursive=True))
    make_initramfs(path, busybox, in_order(known, MODULES))
    with open(os.path.join(path, "vmlinux"), "wb") as out:
        out.write(uncompressed(glob.glob(path + "/boot/vmlinuz-*")[0]))
    for directory in ("lib", "usr", "boot"):
        shutil.rmtree(os.path.join(path, directory), ignore_errors=True)


def share(name, path, options):
    return ["-fsdev", "local,id=%s,path=%s,security_model=none,"
            "multidevs=remap%s" % (name, path, options),
            "-device", "virtio-9p-pci,fsdev=%s,mount_tag=%s" % (name, name)]


class Qemu:
    """Debian's own kernel, emulated (TCG: KVM cannot be counted on)."""
    name = "qemu"
    simulated = False

    def __init__(self, cache):
        self.program = shutil.which("qemu-system-x86_64")
        if not self.program:
            raise Unavailable("qemu-system-x86_64 is not here")
        self.busybox = shared_pieces(cache)
        self.kernel = cache.make(
            "qemu", lambda path: make_qemu(path, self.busybox))

    def arguments(self, out):
        words = ("console=ttyS0 quiet panic=-1 mitigations=off nokaslr "
                 "no_timer_check tsc=reliable cryptomgr.notests "
                 "tty=ttyS0 busybox=" + self.busybox)
        return [self.program, "-accel", "tcg", "-cpu", "max", "-smp", "1",
                "-m", "1024", "-nodefaults", "-no-reboot", "-display", "none",
                "-M", "q35,usb=off,smbus=off,sata=off,hpet=off",
                "-kernel", self.kernel + "/vmlinux",
                "-initrd", self.kernel + "/initramfs", "-append", words,
                "-serial", "stdio", *share("root", "/", ",readonly=on"),
                *share("out", out, "")]

    def run(self, out, command, seconds):
        """Run a shell script in a new machine. Its exit status and what it
        took in seconds; what it said is in out/said."""
        prepare_out(out, command)
        return boot(self.arguments(out), out, seconds, out + "/console")


# ---- User Mode Linux -------------------------------------------------------


def make_uml(path):
    for tool in UML_TOOLS:
        if not shutil.which(tool):
            raise Unavailable("%s is needed to build the kernel" % tool)
    unpack(path, ["linux-source-6.1"])
    archive = path + "/usr/src/linux-source-6.1.tar.xz"
    run(["tar", "-C", path, "-xf", archive])
    tree = path + "/linux-source-6.1"
    make = ["make", "-C", tree, "ARCH=um", "-j%d" % (os.cpu_count() or 1)]
    run([*make, "KCONFIG_ALLCONFIG=" + HERE + "/uml.config", "allnoconfig"])
    say("building a User Mode Linux kernel: some minutes, once")
    run([*make, "linux"])
    run(["strip", "-o", path + "/linux", tree + "/linux"])
    shutil.rmtree(tree)
    shutil.rmtree(path + "/usr")


class Uml:
    """A kernel that is a process: fast, and able to simulate its time."""
    name = "uml"

    def __init__(self, cache, simulated=False):
        self.simulated = simulated
        self.busybox = shared_pieces(cache)
        self.kernel = cache.make("uml", make_uml) + "/linux"

    def arguments(self, out):
        words = ["mem=768M", "rootfstype=hostfs", "ro", "quiet", "panic=-1",
                 "init=/bin/sh", "con=null", "con0=fd:0,fd:1",
                 "tty=tty0", "busybox=" + self.busybox, "out=" + out]
        if self.simulated:
            words.append("time-travel=inf-cpu")
        words += ["--", HERE + "/uml-init"]
        # On one processor its processes do not wake each other up across.
        pin = ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
        return [*(pin if shutil.which("taskset") else []), self.kernel, *words]

    def run(self, out, command, seconds):
        """As Qemu.run(); the seconds are those of the host."""
        prepare_out(out, command)
        return boot(self.arguments(out), out, seconds, out + "/console")
