# SPDX-License-Identifier: MIT
"""Option bytes of chips/*.chip for gen_chips.py: words, fields and what their
values mean. docs/adding-a-chip.md explains the keys."""
import re

KINDS = {"number": "NUMBER", "choice": "CHOICE", "rdp": "RDP",
         "sectors": "SECTORS", "boot": "BOOT", "area-start": "AREA_START",
         "area-end": "AREA_END"}
GROUPS = {"read-protection": "READ_PROTECTION", "brown-out": "BROWN_OUT",
          "user": "USER", "write-protection": "WRITE_PROTECTION",
          "pcrop": "PCROP", "secure-area": "SECURE_AREA",
          "boot-address": "BOOT_ADDRESS"}
ROLES = {"watchdog": "WATCHDOG", "swap-banks": "SWAP_BANKS",
         "security": "SECURITY", "erased-too": "ERASED_TOO",
         "boot-low": "BOOT_LOW", "boot-high": "BOOT_HIGH"}
GUARDS = {"-": "0", "erase": "S0_ALLOW_ERASE", "pcrop": "S0_ALLOW_PCROP",
          "secure": "S0_ALLOW_SECURE", "boot": "S0_ALLOW_BOOT",
          "low-voltage": "S0_ALLOW_LOW_VOLTAGE",
          "permanent": "S0_ALLOW_PERMANENT"}
UNITS = ("boot", "area-start", "area-end")

WORD = "name current program mirror settable factory"
FIELD = "name word shift width kind group bank about"
VALUE = "number word guard meaning"
BIT = "offset bit"
# Keys whose lines belong to the field before them.
OF_FIELD = ["alias", "role", "guard", "unit", "only", "value", "equal"]
LISTS = ["option_word", "option_busy", "option_error", "option_clear",
         "option"] + OF_FIELD


class Bad(Exception):
    pass


def number(word, where, limit=1 << 32):
    try:
        value = int(word, 0)
    except ValueError:
        raise Bad(f"{where}: '{word}' is not a number") from None
    if not 0 <= value < limit:
        raise Bad(f"{where}: {word} is out of range")
    return value


def one_of(word, known, what, where):
    if word not in known:
        raise Bad(f"{where}: unknown {what} '{word}'")
    return word


def split(entry, form):
    where, text = entry
    names = form.split()
    words = text.split(None, len(names) - 1)
    if len(words) < len(names):
        raise Bad(f"{where}: expected '{form}'")
    return where, dict(zip(names, words))


def read_word(entry, window):
    where, row = split(entry, WORD)
    word = {"where": where, "name": row["name"], "taken": 0}
    for key in ("current", "program", "mirror"):
        word[key] = number(row[key], where)
        if word[key] % 4 or word[key] + 4 > window:
            raise Bad(f"{where}: '{row['name']}' lies outside the window")
    for key in ("settable", "factory"):
        word[key] = number(row[key], where)
    return word


def read_field(entry, words):
    where, row = split(entry, FIELD)
    name = row["name"]
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
        raise Bad(f"{where}: '{name}' is no name")
    word = words.get(row["word"])
    if not word:
        raise Bad(f"{where}: unknown word '{row['word']}'")
    field = {"where": where, "name": name, "word": word, "alias": [],
             "role": None, "guard": "-", "unit": 0, "only": None, "value": [],
             "equal": None, "about": row["about"],
             "kind": one_of(row["kind"], KINDS, "kind", where),
             "group": one_of(row["group"], GROUPS, "group", where),
             "shift": number(row["shift"], where, 32),
             "width": number(row["width"], where, 33),
             "bank": number(row["bank"], where, 3)}
    end = field["shift"] + field["width"]
    if not field["width"] or end > 32:
        raise Bad(f"{where}: '{name}' lies outside its word")
    mask = (1 << end) - (1 << field["shift"])
    if mask & ~word["settable"]:
        raise Bad(f"{where}: '{name}' has bits that nobody can set")
    if mask & word["taken"]:
        raise Bad(f"{where}: '{name}' overlaps another field")
    word["taken"] |= mask
    field["factory"] = (word["factory"] & mask) >> field["shift"]
    return field


def take_value(field, entry):
    where, row = split(entry, VALUE)
    value = number(row["number"], where, 1 << field["width"])
    text = None if row["word"] == "-" else row["word"]
    if text and not re.fullmatch("[a-z][a-z-]*", text):
        raise Bad(f"{where}: '{text}' is no word")
    for other in field["value"]:
        if other["value"] == value or text and other["word"] == text:
            raise Bad(f"{where}: '{field['name']}' has that value already")
    field["value"].append({
        "value": value, "word": text, "meaning": row["meaning"],
        "guard": one_of(row["guard"], GUARDS, "guard", where)})


def take(field, key, entry):
    where, text = entry
    if not field:
        raise Bad(f"{where}: '{key}' belongs to no option")
    if key == "alias":
        field["alias"] += text.split()
    elif key == "value":
        take_value(field, entry)
    elif key == "role":
        field["role"] = one_of(text, ROLES, "role", where)
    elif key == "guard":
        field["guard"] = one_of(text, GUARDS, "guard", where)
    elif key == "unit":
        field["unit"] = number(text, where)
    elif key == "equal":
        field["equal"] = one_of(text, ("whole",), "area", where)
    else:
        field["only"] = text


def check_field(field):
    where, name, kind = field["where"], field["name"], field["kind"]
    if kind == "choice" and len(field["value"]) != 1 << field["width"]:
        raise Bad(f"{where}: '{name}' has values without a meaning")
    if kind != "choice" and field["value"]:
        raise Bad(f"{where}: '{name}' is no choice and lists values")
    if (kind in UNITS) != (field["unit"] > 0):
        raise Bad(f"{where}: '{name}' needs a unit" if kind in UNITS else
                  f"{where}: '{name}' needs no unit")
    if kind == "rdp" and field["width"] != 8:
        raise Bad(f"{where}: '{name}' is not a byte")
    if kind in ("sectors", "area-start", "area-end") and not field["bank"]:
        raise Bad(f"{where}: '{name}' names no bank")


def check_names(fields):
    seen = set()
    for field in fields:
        for name in [field["name"], *field["alias"]]:
            if name.lower() in seen:
                raise Bad(f"{field['where']}: '{name}' is the name of two "
                          "options")
            seen.add(name.lower())


def check_words(words):
    places = {}
    for word in words:
        where = word["where"]
        if word["taken"] != word["settable"]:
            left = word["settable"] & ~word["taken"]
            raise Bad(f"{where}: no field has the bits {left:#010x} of "
                      f"'{word['name']}'")
        for place in {word["current"], word["program"],
                      word["mirror"] or word["program"]}:
            if place in places:
                raise Bad(f"{where}: '{word['name']}' overlaps "
                          f"'{places[place]}'")
            places[place] = word["name"]


def read_bit(entries, window):
    if not entries:
        return 0, 0
    where, row = split(entries[-1], BIT)
    offset = number(row["offset"], where)
    if len(entries) > 1 or offset % 4 or offset + 4 > window:
        raise Bad(f"{where}: lies outside the window, or is there twice")
    return offset, 1 << number(row["bit"], where, 32)


def read(entries, window):
    """-> {words, fields, bits} of (key, (where, text)) in the file's order."""
    words, fields = {}, []
    bits = {"busy": [], "error": [], "clear": []}
    for key, entry in entries:
        if key == "option_word":
            word = read_word(entry, window)
            if word["name"] in words:
                raise Bad(f"{entry[0]}: '{word['name']}' is there already")
            words[word["name"]] = word
        elif key == "option":
            fields.append(read_field(entry, words))
        elif key in OF_FIELD:
            take(fields[-1] if fields else None, key, entry)
        else:
            bits[key.removeprefix("option_")].append(entry)
    for field in fields:
        check_field(field)
    check_names(fields)
    check_words(words.values())
    return {"words": list(words.values()), "fields": fields,
            "bits": {k: read_bit(v, window) for k, v in bits.items()}}


def quote(text):
    if text is None:
        return "NULL"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def emit_values(out, ident, field):
    rows = "".join(
        f"\t{{ {v['value']}, {quote(v['word'])}, {quote(v['meaning'])}, "
        f"{GUARDS[v['guard']]} }},\n" for v in field["value"])
    name = f"{ident}_{field['name']}"
    if rows:
        out.append(f"static const struct s0_option_value {name}_values[] = {{"
                   f"\n{rows}}};\n")
    names = "".join(quote(alias) + ", " for alias in field["alias"])
    out.append(f"static const char *const {name}_aliases[] = {{ {names}NULL "
               "};\n")


def field_row(ident, field):
    name = f"{ident}_{field['name']}"
    role = "S0_OPTION_" + ROLES.get(field["role"], "NO_ROLE")
    guard = GUARDS[field["guard"]]
    if field["only"]:
        guard = "S0_ALLOW_PART" if guard == "0" else guard + " | S0_ALLOW_PART"
    values = (f"{name}_values, sizeof {name}_values / "
              f"sizeof {name}_values[0]" if field["value"] else "NULL, 0")
    return (f"\t{{ {quote(field['name'])}, {name}_aliases, "
            f"{quote(field['about'])}, {quote(field['only'])},\n"
            f"\t  S0_OPTION_{KINDS[field['kind']]}, "
            f"S0_OPTION_{GROUPS[field['group']]}, {role}, {field['bank']},\n"
            f"\t  {field['word']['current']:#x}, "
            f"{field['word']['program']:#x}, {field['shift']}, "
            f"{field['width']}, {field['unit']:#x}, {field['factory']:#x}, "
            f"{guard}, {values}, 0, 0, false, false,\n"
            f"\t  {'true' if field['equal'] else 'false'}, NULL, 0 }},\n")


def emit(out, ident, options):
    """The tables of a chip; -> initialisers of its row."""
    for field in options["fields"]:
        emit_values(out, ident, field)
    rows = "".join(field_row(ident, field) for field in options["fields"])
    row = []
    if rows:
        out.append(f"static const struct s0_option_field {ident}_options[] = "
                   f"{{\n{rows}}};\n")
        row += [f".options = {ident}_options",
                f".option_count = {len(options['fields'])}"]
    rows = "".join(
        f"\t{{ {quote(w['name'])}, {w['current']:#x}, {w['program']:#x}, "
        f"{w['mirror']:#x}, S0_OPTION_MIRROR_COPY, {w['settable']:#x} }},\n"
        for w in options["words"])
    if rows:
        out.append(f"static const struct s0_option_word {ident}_words[] = {{\n"
                   f"{rows}}};\n")
        row += [f".option_words = {ident}_words",
                f".option_word_count = {len(options['words'])}"]
    for key, (offset, mask) in options["bits"].items():
        row.append(f".option_{key} = {{ {offset:#x}, {mask:#x} }}")
    return row
