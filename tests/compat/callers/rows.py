# SPDX-License-Identifier: MIT
"""How other programs call dfu-util and STM32_Programmer_CLI: each row as it
stands in the caller, REPOSITORY:PATH@VERSION or where else it is told.

Files are named app.bin, app.hex and app.dfu; addresses and serial numbers are
those of the virtual board.
"""
import collections

Row = collections.namedtuple("Row", "caller source commands kind firmware",
                             defaults=("", False))
# What is erased: ALL (on a chip where that does not take its 12 seconds), or
# numbers of sectors.
CubeRow = collections.namedtuple("CubeRow", "caller source command erases looks "
                                 "status", defaults=((), (), 0))
ALL = "all"

_QMK = "qmk_firmware:platforms/chibios/flash.mk@2c64a58"
_FLASHERS = "qmk_firmware:lib/python/qmk/flashers.py@2c64a58"
_TOOLBOX = "qmk_toolbox:macos/QMK Toolbox/USB/Bootloader@cde76bf"
_PIO = "platform-ststm32:builder/main.py@018acc3"
_WEST = "zephyr:scripts/west_commands/runners/dfu.py@0183d02"
_KLIPPER = "klipper:scripts/flash_usb.py@84104bb"
_DAISY = "libDaisy:core/Makefile@08f2965"
_RIOT = "RIOT:makefiles/tools/dfu-util.inc.mk@c8bd52f"
_PRG = "STM32PRG-TOOLBOX-DFU:Src/DFU.cpp@0f3e69f"
_SPARK = "npm:particle-cli@1.16.0 lib/dfu.js"

DFU_UTIL = [
    Row("PlatformIO", _PIO,
        ["dfu-suffix -v 0x0483 -p 0xDF11 -d 0xffff -a app.bin",
         "dfu-util -d 0x0483:0xDF11 -a 0 -s 0x08000000:leave -D app.bin"]),
    Row("PlatformIO, two IDs", _PIO,
        ["dfu-util -d 0x0483:0xDF11,0x0483:0xDF11 -a 0 "
         "-s 0x08000000:leave -D app.bin"]),
    Row("Zephyr west", _WEST,
        ["dfu-util -d,0483:df11 -l",
         "dfu-util -d,0483:df11 -s 0x8000000:leave -a 0 -D app.bin"]),
    Row("Zephyr west, by name", _WEST,
        ["dfu-util -d,0483:df11 -s 0x8000000:leave:force "
         "-a '@Internal Flash   /0x08000000/16*128Kg' -D app.bin"]),
    Row("Zephyr west, .dfu", _WEST,
        ["dfu-util -d,0483:df11 -a 0 -D app.dfu"]),
    Row("QMK make", _QMK,
        ["dfu-util -l",
         "dfu-util -d 0483:DF11 -a 0 -s 0x08000000:leave -D app.bin"]),
    Row("QMK make, serial number", _QMK,
        ["dfu-util -d 0483:DF11 -a 0 -s 0x08000000:leave -S 200364500000 "
         "-D app.bin"]),
    Row("QMK CLI", _FLASHERS,
        ["dfu-util -a 0 -d 0483:df11 -s 0x08000000:leave -D app.bin"]),
    Row("QMK CLI, GD32V", _FLASHERS,
        ["dfu-util -a 0 -d 28e9:0189 -s 0x08000000:leave -D app.bin"],
        "gd32vf103"),
    Row("QMK Toolbox", _TOOLBOX,
        ["dfu-util -a 0 -d 0483:DF11 -s 0x08000000:leave -D app.bin"]),
    Row("QMK Toolbox, reset", _TOOLBOX,
        ["dfu-util -a 0 -d 0483:DF11 -s 0x08000000:leave"], "", True),
    Row("Klipper", _KLIPPER,
        ["dfu-util -d ,0483:df11 -R -a 0 -s 0x8020000:leave -D app.bin"]),
    Row("Klipper, path", _KLIPPER,
        ["dfu-util -p 1-1 -R -a 0 -s 0x8020000:leave -D app.bin"]),
    Row("libDaisy", _DAISY,
        ["dfu-util -a 0 -s 0x08000000:leave -D app.bin -d ,0483:df11"]),
    Row("Betaflight make", "betaflight:Makefile@301d01a",
        ["dfu-util -a 0 -D app.dfu -s :leave"]),
    Row("MicroPython make", "micropython:ports/stm32/Makefile@1c3c201",
        ["dfu-util -a 0 -d 0x0483:0xDF11 -D app.dfu -s :leave"]),
    Row("MicroPython autoflash", "micropython:ports/stm32/autoflash@1c3c201",
        ["dfu-util -a 0 -d 0483:df11 -D app.dfu"]),
    Row("OpenMV IDE", "documented",
        ["dfu-util -w -d ,0483:df11 -a 0 -s :leave -D app.dfu"]),
    Row("Arduino mbed", "ArduinoCore-mbed:platform.txt@b4ad4e7",
        ["dfu-util --device 0x0483:0xdf11 -D app.bin -a0 "
         "--dfuse-address=0x08040000:leave"]),
    Row("RIOT", _RIOT,
        ["dfu-util --device 0483:df11 --alt 0 --download app.bin "
         "--dfuse-address 0x08000000:leave --serial 200364500000"]),
    Row("RIOT, reset", _RIOT,
        ["dfu-util --device 0483:df11 --alt 0 --download app.bin --reset "
         "--dfuse-address 0x8020000:leave"]),
    Row("ArduPilot", "documented",
        ["dfu-util -a 0 --dfuse-address 0x08000000 -D app.bin"]),
    Row("panda", "panda:board/debug/dfu_util_h7.sh@d9ed70b",
        ["dfu-util -d 0483:df11 -a 0 -s 0x08020000 -D app.bin",
         "dfu-util -d 0483:df11 -a 0 -s 0x08000000:leave -D app.bin"]),
    Row("Crazyflie", "documented", ["dfu-util -a 0 -D app.dfu"]),
    Row("Particle", _SPARK,
        ["dfu-util -l",
         "dfu-util -d 0483:df11 -a 0 -i 0 -s 0x08020000 -D app.bin",
         "dfu-util -d 0483:df11 -a 0 -s 0x08020000:5000 -U up.bin"]),
    Row("ST TOOLBOX-DFU", _PRG,
        ["dfu-util -d 483:df11 -l",
         "dfu-util -d 483:df11 -a 0 -D app.dfu --serial 200364500000"]),
    Row("ST TOOLBOX-DFU, detach", _PRG,
        ["dfu-util -d 483:df11 -a 0 -e --serial 200364500000"]),
    Row("pixel projects, by name", "published scripts",
        ["dfu-util -a '@Internal Flash   /0x08000000/256*04Kg' "
         "-s 0x08000000:leave -D app.bin"], "stm32wb55"),
    Row("CANable", "published script",
        ["dfu-util -l", "dfu-util -p 1-1 -d 0483:df11 -c 1 -i 0 -a 0 "
         "-s 0x08000000:leave -D app.bin"]),
    Row("RuuviTracker", "published script",
        ["dfu-util -i 0 -a 0 -D app.bin -s 0x08000000:leave"]),
    Row("keyberon-f4", "keyberon-f4:justfile",
        ["dfu-util -w -d 0483:df11 -a 0 --dfuse-address 0x08000000:leave "
         "-D app.bin"]),
    Row("mass erase before", "published script",
        ["dfu-util -a 0 --dfuse-address 0x08000000:force:mass-erase:leave "
         "-d 0483:df11 -D app.bin"]),
]

_MAPLE = "Arduino_Tools:maple_upload.sh@8017b40"

# Plain DFU 1.1 devices.
PLAIN = [
    Row("Arduino Maple", _MAPLE,
        ["dfu-util -d 1EAF:0003 -a 2 -D app.bin -R"], "maple"),
    Row("QMK CLI, STM32duino", _FLASHERS,
        ["dfu-util -a 2 -d 1eaf:0003 -R -D app.bin"], "maple"),
    Row("QMK CLI, kiibohd", _FLASHERS,
        ["dfu-util -a 0 -d 1c11:b007 -D app.bin"], "dfu,vid=1c11,pid=b007"),
    Row("QMK Toolbox, kiibohd, reset", _TOOLBOX,
        ["dfu-util -a 0 -d 1C11:B007 -e"], "dfu,vid=1c11,pid=b007"),
    Row("Klipper, STM32F1", _KLIPPER,
        ["dfu-util -d ,1eaf:0003 -R -a 2 -D app.bin"], "maple"),
    Row("Klipper, LPC176x", _KLIPPER,
        ["dfu-util -d ,1d50:6015 -D app.bin"],
        "dfu,vid=1d50,pid=6015,names=Flash"),
    Row("Spidey", "Spidey:firmware/install.sh",
        ["dfu-util -a1 -d 1eaf:0003 -D app.bin -R"], "maple"),
    Row("HackRF", "debian:hackrf-firmware 2022.09.1 README.firmware",
        ["dfu-util --device 1fc9:000c --alt 0 --download app.bin"],
        "dfu,vid=1fc9,pid=000c"),
    Row("LAVA", "debian:lava-dispatcher 2023.01 actions/boot/dfu.py",
        ["dfu-util --serial 0001 --device 1209:0002 --alt 0 "
         "--download app.bin --reset"], "dfu"),
    Row("Zephyr west, without DfuSe", _WEST,
        ["dfu-util -d,1209:0002 -l",
         "dfu-util -d,1209:0002 -a 0 -D app.bin"], "dfu"),
]

_STM32DUINO = "Arduino_Tools:stm32CubeProg.sh@8017b40"
_CUBE_WEST = ("zephyr:scripts/west_commands/runners/stm32cubeprogrammer.py"
              "@0485c1a")
_DONE = "File download complete"
_ERASED = "Mass erase successfully achieved"
_RUNS = "Start operation achieved successfully"
_EQUAL = "Download verified successfully"

CUBE = [
    CubeRow("stm32duino", _STM32DUINO,
            "--connect port=usb1 VID=0x0483 PID=0xdf11 '' --quietMode "
            "--download app.bin 0x8000000 --start 0x8000000", (0,),
            (_DONE, _RUNS)),
    CubeRow("stm32duino, erase", _STM32DUINO,
            "--connect port=usb1 VID=0x0483 PID=0xdf11 '--erase all' "
            "--quietMode --download app.bin 0x8000000 --start 0x8000000", ALL,
            (_ERASED, _DONE, _RUNS)),
    CubeRow("stm32duino, offset", _STM32DUINO,
            "--connect port=usb1 VID=0x0483 PID=0xdf11 '' --quietMode "
            "--download app.bin 0x8020000 --start 0x8020000", (1,),
            (_DONE, _RUNS)),
    CubeRow("Zephyr west", _CUBE_WEST,
            "--connect port=usb1 --download app.hex --start", (0,),
            (_DONE, _RUNS)),
    CubeRow("Zephyr west, keys", _CUBE_WEST,
            "--connect 'port=usb1 freq=4000 reset=HWrst sn=200364500000' "
            "--download app.hex --start", (0,), (_DONE, _RUNS)),
    CubeRow("Zephyr west, erase", _CUBE_WEST,
            "--connect port=usb1 --erase all", ALL, (_ERASED,)),
    CubeRow("Zephyr west, modifiers", _CUBE_WEST,
            "--connect port=usb1 --download app.bin 0x8000000 incremental "
            "--start 0x8000000 noack", (0,), (_DONE, _RUNS)),
    CubeRow("rusEFI", "rusefi:java_console",
            "-c port=usb1 -w app.bin 0x08000000 -v -s", (0,),
            (_DONE, _EQUAL, _RUNS)),
    CubeRow("rusEFI, erase", "rusefi:java_console",
            "-c port=usb1 -e all", ALL, (_ERASED,)),
    CubeRow("rusEFI, one sector", "rusefi:java_console",
            "-c port=usb1 -e 12", (12,)),
    CubeRow("rusEFI, sectors", "rusefi:java_console",
            "-c port=usb1 -e '[0 3]'", (0, 1, 2, 3)),
    CubeRow("rusEFI, more sectors than the H743's 16", "rusefi:java_console",
            "-c port=usb1 -e '[0 19]'", (),
            ("sector 0019 does not exist", "Error: failed to erase memory"),
            1),
    CubeRow("README files, -e alone", "published",
            "-c port=USB1 -e -w app.hex -v -s", ALL,
            (_ERASED, _DONE, _EQUAL, _RUNS)),
    CubeRow("README files", "published",
            "-c port=USB1 -e all -w app.hex -v -s", ALL,
            (_ERASED, _DONE, _EQUAL, _RUNS)),
    CubeRow("README files, serial number", "published",
            "-c port=usb sn=200364500000 -w app.hex -v", (0,),
            (_DONE, _EQUAL)),
    CubeRow("README files, reset", "published",
            "-c port=usb1 -d app.hex -v -hardRst -rst", (0,),
            (_DONE, _EQUAL, _RUNS)),
    CubeRow("build script, --go", "published script",
            "-c port=USB1 -w app.hex --go", (0,), (_DONE, _RUNS)),
    CubeRow("option bytes, Portenta", "published",
            "-c port=usb1 -ob BOOT_CM7_ADD0=0x0800", (),
            ("Warning: Option Bytes are unchanged",)),
    CubeRow("option bytes, shown", "published", "-c port=usb1 -ob displ", (),
            ("OPTION BYTES BANK: 0",)),
    CubeRow("listing", "published", "-l usb", (),
            ("Total number of available STM32 device in DFU mode: 1",
             "Device Index           : USB1")),
    CubeRow("listing, all interfaces", "published", "-l", (),
            ("=====  DFU Interface   =====",)),
    CubeRow("listing, long", "published", "--list", (),
            ("=====  DFU Interface   =====",)),
    CubeRow("wireless stack", "published",
            "-c port=usb1 -fwupgrade stack.bin 0x080CA000 firstinstall=0", (),
            ("Error: -fwupgrade is about the wireless stack",), 1),
    CubeRow("wireless stack, deleted", "published", "-c port=usb1 -fwdelete",
            (), ("Error: -fwdelete is about the wireless stack",), 1),
    CubeRow("STM32MP", "published", "-c port=usb1 -w layout.tsv -tm 20000", (),
            ("Error: layout.tsv: flash layouts are for STM32MP",), 1),
    CubeRow("memory", "published", "-c port=usb1 -r32 0x08000000 16"),
    CubeRow("nanoFirmwareFlasher, erase",
            "nanoFirmwareFlasher, before its own DFU",
            "-c port=USB1 mode=UR -e all", ALL, (_ERASED,)),
    CubeRow("nanoFirmwareFlasher", "nanoFirmwareFlasher, before its own DFU",
            "-c port=USB1 mode=UR -w app.hex", (0,), (_DONE,)),
    CubeRow("nanoFirmwareFlasher, start",
            "nanoFirmwareFlasher, before its own DFU",
            "-c port=USB1 mode=UR -w app.hex --start 0x08000000", (0,),
            (_DONE, _RUNS)),
]
