#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Validates JSON lines against the schema of corotrace/1, strictly: a key that the schema does not
describe is an error too, for a key that was added has to be added there. Exits with 1 at a fault.
usage: validate.py FILE..."""
import json
import sys
from pathlib import Path

import jsonschema

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.schema import FILE, NAMES, Schema  # noqa: E402 (found by the line above)


def check_keys(schema, definition, value, where):
    """Yields each key of `value` that no part of `definition` describes."""
    if isinstance(value, list):
        items = [part["items"] for part in parts_of(schema, definition) if "items" in part]
        for index, item in enumerate(value):
            yield from check_keys(schema, {"allOf": items}, item, f"{where}[{index}]")
    elif isinstance(value, dict):
        known = {}
        for part in parts_of(schema, definition):
            for key, described in part.get("properties", {}).items():
                known.setdefault(key, described)
        for key, inner in value.items():
            if key not in known:
                yield f"{where}.{key} is not in the schema"
            else:
                yield from check_keys(schema, known[key], inner, f"{where}.{key}")


def parts_of(schema, definition):
    """The definition with its references, allOf and anyOf resolved."""
    yield definition
    if "$ref" in definition:
        yield from parts_of(schema, schema["definitions"][definition["$ref"].rsplit("/", 1)[1]])
    for part in [*definition.get("allOf", []), *definition.get("anyOf", [])]:
        yield from parts_of(schema, part)


def check_line(schema, line):
    """Yields what is wrong with one line, except what Schema.faults() finds."""
    event = json.loads(line, object_pairs_hook=check_unique)
    if not line.startswith('{"schema":"corotrace/1",'):
        yield "the first key is not the schema"
    name = event.get("event")
    definition = schema["definitions"].get(NAMES.get(name, name), {})
    yield from check_keys(schema, definition, event, name)


def check_unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key twice in {keys}")
    return dict(pairs)


def main():
    schema = json.loads(FILE.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    count, faults = 0, []
    for name in sys.argv[1:]:
        lines = Path(name).read_text(encoding="ascii").splitlines()
        count += len(lines)
        faults += [f"{name}: {fault}" for fault in Schema().faults(map(json.loads, lines))]
        for number, line in enumerate(lines):
            faults += [f"{name}: line {number + 1}: {fault}" for fault in check_line(schema, line)]
    print(*faults, f"{count} lines, {len(faults)} faults", sep="\n")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main())
