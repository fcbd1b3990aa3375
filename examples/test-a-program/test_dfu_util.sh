#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Tests of a program that we did not build and cannot change, dfu-util, with no
# board, no kernel module and no root: sector0-mock-run makes up a USB bus with
# virtual STM32s on it, which exists for one command and its children only.
#
# Put your own program in dfu-util's place. Exit status 77: skipped.
set -eu

MOCK_RUN=${MOCK_RUN:-sector0-mock-run}
for needed in "$MOCK_RUN" dfu-util cmp; do
	if ! command -v "$needed" >/dev/null; then
		echo "there is no $needed here"
		exit 77
	fi
done

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
head -c 5000 /dev/urandom >"$place/firmware.bin"

# with DEVICE COMMAND...: that command sees that device, as usb:1-1
with() {
	device=$1
	shift
	"$MOCK_RUN" --device "$device" -- "$@" >"$place/log" 2>&1
}

passed() {
	echo "ok   $1"
}

failed() {
	echo "FAIL $1"
	cat "$place/log"
	exit 1
}

# The chip's memory is a file, so that it outlives the command. Its times are a
# hundredth of the real ones.
chip="stm32h743,rom=0x92,time_scale=0.01,file=$place/chip.sim"

name="what is downloaded can be uploaded again"
with "$chip" dfu-util -a 0 -s 0x08000000 -D "$place/firmware.bin" &&
	with "$chip" dfu-util -a 0 -s 0x08000000:5000 -U "$place/back.bin" &&
	cmp "$place/firmware.bin" "$place/back.bin" || failed "$name"
passed "$name"

# A fault at the 30th request: the program must not end with success.
name="a chip that loses power is not taken for success"
if with "$chip,fault=brown-out@30" \
	dfu-util -a 0 -s 0x08020000 -D "$place/firmware.bin"; then
	failed "$name"
fi
passed "$name"

# Two boards with one serial number, as all STM32H743 have: -S cannot choose.
name="two boards with one serial number are not mixed up"
if "$MOCK_RUN" --device stm32h743 --device stm32h743,seed=2 -- \
	dfu-util -a 0 -S 200364500000 -s 0x08000000:4 -U "$place/none.bin" \
	>"$place/log" 2>&1; then
	failed "$name"
fi
passed "$name"
