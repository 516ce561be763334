#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds a layout table of cpython_layouts/versions against the debug information of a build, or takes it over.

A line of a table such as
    .lasti = 104,  // PyFrameObject.f_lasti
says in its comment where the number comes from: a field of a structure, the lowest bit of a bit field
(":bit"), "sizeof NAME", or "enum NAME". kAbsent stands for a field that the build must not have. Lines with
any other comment are rules, and a person's business.

A new version begins as a copy of the newest table, updated: what is then reported as not found has been
renamed or has gone, and its line needs a person. Needs gdb. BINARY is an interpreter, a libpython or a
separate debug file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

LINE = re.compile(r"(\s*\.(\w+) = )(-?\w+)(,\s*// )(sizeof \w+|enum [A-Z_]+|_?Py\w+(?:\.\w+)+(?::bit)?)$")
ABSENT = "kAbsent"
QUESTION = "COROTRACE_LAYOUT_SOURCES"  # environment variable by which gdb's half is told what to look up


def look_up_in_gdb(gdb) -> None:
    """The half that runs inside gdb: prints {source: number or null} as one JSON line."""

    def find_type(name):
        for spelling in (name, "struct " + name):
            try:
                found = gdb.lookup_type(spelling).strip_typedefs()
            except gdb.error:
                continue
            # An incomplete declaration has no fields.
            if found.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION) and found.fields():
                return found
        return None

    def find_field(kind, name, base=0):
        """(type, bit position) of a field, through structures without a name."""
        kind = kind.strip_typedefs()
        if kind.code not in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            return None
        for field in kind.fields():
            if field.name == name:
                return field.type, base + field.bitpos
            if not field.name:
                found = find_field(field.type, name, base + field.bitpos)
                if found:
                    return found
        return None

    def answer(source):
        if source.startswith("enum "):
            try:
                return int(gdb.parse_and_eval("(int)" + source[5:]))
            except gdb.error:
                return None
        if source.startswith("sizeof "):
            found = find_type(source[7:])
            return found.sizeof if found else None
        path, bit = source.replace(":bit", ""), source.endswith(":bit")
        names = path.split(".")
        kind, position = find_type(names[0]), 0
        for name in names[1:]:
            found = find_field(kind, name, position) if kind else None
            if not found:
                return None
            kind, position = found
        return position % 8 if bit else position // 8

    sources = json.loads(os.environ[QUESTION])
    print(json.dumps({source: answer(source) for source in sources}))


def look_up(binary: Path, sources: list[str]) -> dict:
    """RuntimeError: gdb cannot be run, or knows none of the structures."""
    command = ["gdb", "-q", "-nx", "-batch", "-x", __file__, str(binary)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env={**os.environ, QUESTION: json.dumps(sources)})
    except FileNotFoundError:
        raise RuntimeError("gdb is not installed; run: apt install gdb") from None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(f"gdb said nothing about {binary}: {done.stderr.strip()[-300:]}")
    found = json.loads(lines[-1])
    if all(number is None for number in found.values()):
        raise RuntimeError(f"{binary} has no debug information of CPython")
    return found


def check(table: Path, binary: Path) -> list[str]:
    """What is wrong in the table, one line each."""
    lines = list(enumerate(table.read_text().splitlines(), 1))
    matches = [(number, match) for number, line in lines if (match := LINE.match(line))]
    found = look_up(binary, [match.group(5) for _, match in matches])
    faults = []
    for number, match in matches:
        _, name, ours, _, source = match.groups()
        theirs = ABSENT if found[source] is None else str(found[source])
        if ours != theirs:
            faults.append(f"{table}:{number}: {name} is {ours}, the build has {theirs} ({source})")
    return faults


def update(table: Path, binary: Path) -> list[str]:
    """Rewrites the numbers. Returns the lines that a person has to look at."""
    lines = table.read_text().splitlines()
    matches = {index: match for index, line in enumerate(lines) if (match := LINE.match(line))}
    found = look_up(binary, [match.group(5) for match in matches.values()])
    lost = []
    for index, match in matches.items():
        head, name, ours, middle, source = match.groups()
        theirs = ABSENT if found[source] is None else str(found[source])
        lines[index] = head + theirs + middle + source
        if theirs == ABSENT and ours != ABSENT:
            lost.append(f"{table}:{index + 1}: {name}: not found: {source}")
    table.write_text("\n".join(lines) + "\n")
    return lost


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the build's numbers into the table")
    parser.add_argument("table", type=Path)
    parser.add_argument("binary", type=Path)
    options = parser.parse_args()
    try:
        faults = (update if options.update else check)(options.table, options.binary)
    except (OSError, RuntimeError) as error:
        print(f"extract_layout.py: {error}", file=sys.stderr)
        return 2
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if QUESTION in os.environ:
    import gdb as gdb_module

    look_up_in_gdb(gdb_module)
elif __name__ == "__main__":
    sys.exit(main())
