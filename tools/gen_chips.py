#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compile chips/*.chip into one const table: gen_chips.py OUT.c FILE.chip...

A value without a source (a comment on its line or in its block) is refused:
what nobody can look up is not known.
"""
import os
import re
import sys

import chip_options
from chip_options import Bad

KINDS = {"flash": "FLASH", "option": "OPTION", "otp": "OTP",
         "eeprom": "EEPROM", "ram": "RAM", "bootloader-ram": "ROM_RAM",
         "system": "SYSTEM"}
ACCESS = {"ram": "S0_CAN_READ | S0_CAN_WRITE", "system": "S0_CAN_READ",
          "bootloader-ram": "0", "otp": "S0_CAN_READ | S0_CAN_WRITE",
          "eeprom": "S0_CAN_READ | S0_CAN_WRITE"}
NUMBERS = ["device_id", "shorter_layout", "flash_word", "erased", "bank_bytes", "uid_address",
           "flash_size_address", "version_address", "option_address",
           "option_length"]
TIMES = ["mass_erase_us", "mass_erase_max_us", "word_us", "turnaround_us"]
LISTS = ["layout", "uf2_family", "erase", "area", "rom", "no_mass_erase", "stack_gap",
         "shared_serial"]
TEXTS = ["name", "title", "aliases"]


def read(path):
    """-> {key: value or list of values}; every value must have a source."""
    values = {key: [] for key in LISTS}
    options = []
    block_source = False
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        where = f"{path}:{number}"
        text, hash_, source = line.strip().partition("#")
        text = text.strip()
        if not text:
            block_source = bool(hash_) and ":" in source
            continue
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise Bad(f"{where}: expected 'key = value'")
        if key not in (LISTS + TEXTS + NUMBERS + TIMES +
                       chip_options.LISTS):
            raise Bad(f"{where}: unknown key '{key}'")
        if key not in ("name", "aliases") and not source.strip() \
                and not block_source:
            raise Bad(f"{where}: '{key}' names no source")
        if key in chip_options.LISTS:
            options.append((key, (where, value)))
        elif key in LISTS:
            values[key].append((where, value))
        elif key in values:
            raise Bad(f"{where}: '{key}' is there already")
        elif key in TEXTS:
            values[key] = value
        else:
            values[key] = number_of(value, where)
    for key in TEXTS + NUMBERS + TIMES:
        if key not in values:
            raise Bad(f"{path}: '{key}' is missing")
    check(values, path)
    values["options"] = chip_options.read(options, values["option_length"])
    return values


def number_of(word, where):
    try:
        return int(word, 0)
    except ValueError:
        raise Bad(f"{where}: '{word}' is not a number") from None


def words_of(entry, form):
    """The words of a list's entry, the last one with its blanks."""
    where, text = entry
    words = text.split(None, len(form.split()) - 1)
    if len(words) < len(form.split()):
        raise Bad(f"{where}: expected '{form}'")
    return words


def check_areas(entries):
    ends = []
    for where, text in entries:
        kind, first, length, _ = words_of((where, text),
                                          "kind first length name")
        first, length = number_of(first, where), number_of(length, where)
        if kind not in KINDS:
            raise Bad(f"{where}: unknown kind '{kind}'")
        if first < 0 or length <= 0 or first + length > 1 << 32:
            raise Bad(f"{where}: no area of 32 bits")
        if kind == "ram" and (first % 4 or length % 4):
            raise Bad(f"{where}: RAM comes in words of 4 bytes")
        ends.append((first, first + length, where))
    ends.sort()
    for (_, end, _), (start, _, where) in zip(ends, ends[1:]):
        if start < end:
            raise Bad(f"{where}: overlaps another area")


# S0_ERASE_TIMES of chip.h.
ERASE_TIMES = 4


def check_erase(entries, path):
    if not 1 <= len(entries) <= ERASE_TIMES:
        raise Bad(f"{path}: {len(entries)} erase times, not 1 to "
                  f"{ERASE_TIMES}")
    last = 0
    for where, text in entries:
        size, typical, most = (number_of(n, where) for n in
                               words_of((where, text),
                                        "sector_bytes typical_us max_us"))
        if size <= last:
            raise Bad(f"{where}: sector sizes do not rise")
        if most < typical or typical <= 0:
            raise Bad(f"{where}: the typical erase is longer than the maximum")
        last = size


def check(values, path):
    """Data is tested like code: what cannot be is refused here."""
    word = values["flash_word"]
    # The plan keeps a flash word on its stack (plan/steps.c).
    if word <= 0 or word & (word - 1) or word > 256:
        raise Bad(f"{path}: a flash word of {word} bytes")
    if values["mass_erase_max_us"] < values["mass_erase_us"]:
        raise Bad(f"{path}: the typical mass erase is longer than the maximum")
    check_erase(values["erase"], path)
    for name in [values["name"], *values["aliases"].split()]:
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise Bad(f"{path}: '{name}' is no name")
    for where, text in values["layout"]:
        if not re.fullmatch("@[^/]+(/0x[0-9A-Fa-f]{8}/[^/]+)+", text):
            raise Bad(f"{where}: no memory layout")
    if not values["uf2_family"]:
        raise Bad(f"{path}: 'uf2_family' is missing")
    for where, family in values["uf2_family"]:
        if not 0 < number_of(family, where) < 1 << 32:
            raise Bad(f"{where}: no UF2 family")
    check_areas(values["area"])
    for entry in values["rom"]:
        version, _, first, _ = words_of(entry, "version name first limits")
        number_of(version, entry[0]), number_of(first, entry[0])
    versions = {text.split()[0] for _, text in values["rom"]}
    for where, version in values["no_mass_erase"]:
        number_of(version, where)
    for entry in values["stack_gap"]:
        version, gap = words_of(entry, "version bytes")
        if version not in versions:
            raise Bad(f"{entry[0]}: no version {version}")
        if not 0 < number_of(gap, entry[0]) < 256:
            raise Bad(f"{entry[0]}: a gap of {gap} bytes")


def check_names(chips, paths):
    seen = set()
    for chip, path in zip(chips, paths):
        for name in [chip["name"], *chip["aliases"].split()]:
            if name in seen:
                raise Bad(f"{path}: '{name}' is the name of two chips")
            seen.add(name)


def quote(text):
    return chip_options.quote(text)


def flash_of(chip):
    """First address and bytes of the largest part's flash, from the layouts."""
    for _, layout in chip["layout"]:
        name, *places = layout.split("/")
        if "Internal Flash" not in name:
            continue
        size = 0
        for part in places[1].split(","):
            many, one, unit = re.fullmatch(r"(\d+)\*(\d+)([KMB ]).*",
                                           part).groups()
            size += int(many) * int(one) * {"K": 1 << 10,
                                            "M": 1 << 20}.get(unit, 1)
        return int(places[0], 0), size
    return 0, 0


def emit_chip(out, chip):
    ident = chip["name"]
    for key, what in (("layout", "layouts"), ("shared_serial", "serials")):
        rows = "".join(f"\t{quote(v)},\n" for _, v in chip[key])
        out.append(f"static const char *const {ident}_{what}[] = {{\n"
                   f"{rows}\tNULL,\n}};\n")
    rows = "".join(f"{v}, " for _, v in chip["uf2_family"])
    out.append(f"static const uint32_t {ident}_uf2[] = {{ {rows}0 }};\n")
    rows = "".join(f"\t{quote(v)},\n" for v in chip["aliases"].split())
    out.append(f"static const char *const {ident}_aliases[] = {{\n{rows}"
               "\tNULL,\n};\n")
    rows = ""
    for _, text in chip["area"]:
        kind, first, length, name = text.split(None, 3)
        rows += (f"\t{{ {quote(name)}, S0_AREA_{KINDS[kind]}, {first}, "
                 f"{length}, {length}, {ACCESS[kind]}, 0, false }},\n")
    out.append(f"static const struct s0_area {ident}_areas[] = {{\n"
               f"{rows}}};\n")
    rows = ""
    for _, text in chip["rom"]:
        version, name, blind, limits = text.split(None, 3)
        broken = int(version, 0) in [int(v, 0)
                                     for _, v in chip["no_mass_erase"]]
        limits = "" if limits == "-" else limits
        gaps = dict(text.split() for _, text in chip["stack_gap"])
        gap = gaps.get(version, 0)
        rows += (f"\t{{ {version}, {quote(name)}, {quote(limits)}, {blind}, "
                 f"{'true' if broken else 'false'}, {gap} }},\n")
    out.append(f"static const struct s0_rom {ident}_roms[] = {{\n{rows}}};\n")


def count(ident, what):
    return f"sizeof {ident}_{what} / sizeof {ident}_{what}[0]"


def emit_row(out, chip, options):
    ident = chip["name"]
    fields = [f".name = {quote(ident)}", f".title = {quote(chip['title'])}"]
    fields += [f".{key} = {chip[key]:#x}" for key in NUMBERS]
    times = ", ".join(f".{key} = {chip[key]}" for key in TIMES)
    times += ", .erase = { " + ", ".join(
        "{ " + ", ".join(text.split()) + " }" for _, text in chip["erase"]) \
        + " }"
    fields.append(f".timing = {{ {times} }}")
    fields += [f".layouts = {ident}_layouts",
               f".uf2_families = {ident}_uf2",
               f".shared_serials = {ident}_serials",
               ".flash_address = {:#x}, .flash_bytes = {:#x}".format(
                   *flash_of(chip))] + options
    for what, field in (("areas", "area"), ("roms", "rom")):
        fields += [f".{what} = {ident}_{what}",
                   f".{field}_count = {count(ident, what)}"]
    body = "".join(f"\t\t{field},\n" for field in fields)
    out.append(f"\t{{ {{\n{body}\t  }},\n\t  {ident}_aliases }},\n")


def main(out_path, paths):
    chips = [read(path) for path in paths]
    check_names(chips, paths)
    out = ["/* SPDX-License-Identifier: MIT */\n"
           "/* Made by tools/gen_chips.py from: " +
           " ".join(os.path.basename(p) for p in paths) + " */\n"
           "#include \"chip/chip_table.h\"\n\n"]
    options = {}
    for chip in chips:
        emit_chip(out, chip)
        options[chip["name"]] = chip_options.emit(out, chip["name"],
                                                  chip["options"])
    out.append("const struct chip_row chip_table[] = {\n")
    for chip in chips:
        emit_row(out, chip, options[chip["name"]])
    out.append(f"}};\n\nconst size_t chip_table_length = {len(chips)};\n")
    with open(out_path, "w", encoding="utf-8") as file:
        file.write("".join(out))


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except Bad as bad:
        sys.exit(f"error: {bad}")
