# SPDX-License-Identifier: MIT
"""LAVA's action that flashes a board with dfu-util, for a made-up job.
usage: lava.py MODULES SERIAL VENDOR PRODUCT ARGUMENTS

Modules that other actions need, and that are no Python, are stood in for.
"""
import sys
import time
import types

sys.path.insert(0, sys.argv[1])
for name in ("guestfs", "magic", "netifaces"):
    sys.modules[name] = types.ModuleType(name)

from lava_dispatcher.actions.boot.dfu import FlashDFUAction  # noqa: E402

METHOD = {"parameters": {"command": "dfu-util"}, "reset_works": True}
DEVICE = {"board_id": sys.argv[2], "usb_vendor_id": sys.argv[3],
          "usb_product_id": sys.argv[4],
          "actions": {"boot": {"methods": {"dfu": METHOD}}}}
DOWNLOAD = {"firmware": {"file": "app.bin", "image_arg": sys.argv[5]}}

action = FlashDFUAction()
action.section = "boot"
action.parameters = {"namespace": "common"}
action.job = types.SimpleNamespace(
    device=DEVICE, parameters={},
    context={"common": {"download-action": DOWNLOAD}})
action.validate()
if action.errors:
    sys.exit(str(action.errors))
action.run(types.SimpleNamespace(prompt_str="", name="none"),
           time.monotonic() + 60)
