#!/bin/sh
# SPDX-License-Identifier: MIT
# Reading and converting firmware files, beside GNU objcopy.
#
#	bench/parsers.sh BUILD_DIR [JSON]
#
# BUILD_DIR is a release build (no sanitizers) with -Dbench=true. The payload is
# 16 MiB of random bytes at 0x08000000. Times are the best of several runs:
#   parse    s0_image_read() of the text in memory
#   objcopy  a whole run of objcopy on the same file: for parse, to a raw binary;
#            else the same conversion
#   convert  a whole run that maps, parses, formats and writes a file
# The heap is the peak while parsing, all calls of malloc counted.
set -eu

build=${1:?usage: bench/parsers.sh BUILD_DIR [JSON]}
json=${2:-$build/parsers.json}
bench=$build/bench/bench_parsers
runs=${RUNS:-15}
size=16777216
# In memory where there is such a file system: disks say nothing about programs.
dir=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$bench" make $size "$dir/payload.bin"
objcopy -I binary -O ihex --change-addresses 0x08000000 "$dir/payload.bin" "$dir/in.hex"
objcopy -I binary -O srec --change-addresses 0x08000000 "$dir/payload.bin" "$dir/in.s37"

printf '%-22s %8s %8s %7s %9s\n' '' 'ours ms' objcopy ratio 'heap/pay'
printf '{"payload_bytes": %d, "runs": %d, "objcopy": "%s", "formats": [' \
	$size "$runs" "$(objcopy --version | head -n 1)" > "$json"

comma=
for ext in hex s37; do
	if [ $ext = hex ]; then
		bfd=ihex other=s37 other_bfd=srec
	else
		bfd=srec other=hex other_bfd=ihex
	fi
	in=$dir/in.$ext
	objcopy_s=$("$bench" time "$runs" objcopy -I "$bfd" -O binary "$in" "$dir/objcopy.bin")
	objcopy_text_s=$("$bench" time "$runs" objcopy -I "$bfd" -O "$other_bfd" "$in" "$dir/objcopy.$other")
	bin_s=$("$bench" time "$runs" "$bench" convert "$in" "$dir/out.bin")
	text_s=$("$bench" time "$runs" "$bench" convert "$in" "$dir/out.$other")
	# shellcheck disable=SC2046 # four words
	set -- $("$bench" parse "$in" "$runs")
	cmp "$dir/out.bin" "$dir/payload.bin"
	cmp "$dir/objcopy.bin" "$dir/payload.bin"
	[ "$2" -eq $size ]
	echo "$ext $other $1 $2 $3 $4 $objcopy_s $objcopy_text_s $bin_s $text_s $comma" | awk -v json="$json" '{
		printf "%-22s %8.1f %8.1f %6.1fx %8.2fx\n", "parse ." $1, $3 * 1e3, $7 * 1e3, $7 / $3, $6 / $4
		printf "%-22s %8.1f %8.1f %6.1fx\n", "convert ." $1 " to .bin", $9 * 1e3, $7 * 1e3, $7 / $9
		printf "%-22s %8.1f %8.1f %6.1fx\n", "convert ." $1 " to ." $2, $10 * 1e3, $8 * 1e3, $8 / $10
		printf "%s{\"format\": \"%s\", \"text_bytes\": %d, \"parse_s\": %s, \"objcopy_s\": %s, \"parse_ratio\": %.2f, ", \
			$11, $1, $5, $3, $7, $7 / $3 >> json
		printf "\"convert_bin_s\": %s, \"convert_bin_ratio\": %.2f, \"convert_text_s\": %s, \"objcopy_text_s\": %s, ", \
			$9, $7 / $9, $10, $8 >> json
		printf "\"convert_text_ratio\": %.2f, \"heap_peak_bytes\": %d, \"heap_ratio\": %.3f}", \
			$8 / $10, $6, $6 / $4 >> json
	}'
	comma=,
done
echo ']}' >> "$json"
echo "written: $json"
