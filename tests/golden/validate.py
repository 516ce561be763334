#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Validates JSON lines against the schema of corotrace/1, strictly: a key that the schema does not
describe is an error too, for a key that was added has to be added there. Exits with 1 at an error.
usage: validate.py SCHEMA FILE..."""
import json
import sys

import jsonschema


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
    """The definition with its references and allOf resolved."""
    yield definition
    if "$ref" in definition:
        yield from parts_of(schema, schema["definitions"][definition["$ref"].rsplit("/", 1)[1]])
    for part in definition.get("allOf", []):
        yield from parts_of(schema, part)


def check_line(schema, line):
    """Yields what is wrong with one line."""
    try:
        event = json.loads(line, object_pairs_hook=check_unique)
    except ValueError as error:
        yield f"not JSON: {error}"
        return
    if not line.startswith('{"schema":"corotrace/1",'):
        yield "the first key is not the schema"
    definition = schema["definitions"].get(event.get("event"))
    if not definition or not jsonschema.Draft7Validator(schema).is_valid(event):
        yield "matches none of the events, or more than one"
    if definition:  # once more with its own part alone, for better messages
        alone = {**definition, "definitions": schema["definitions"]}
        for error in jsonschema.Draft7Validator(alone).iter_errors(event):
            yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
        yield from check_keys(schema, definition, event, event["event"])


def check_unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key twice in {keys}")
    return dict(pairs)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    lines, wrong = 0, 0
    for name in sys.argv[2:]:
        with open(name, encoding="ascii") as file:
            for number, line in enumerate(file, 1):
                lines += 1
                for error in check_line(schema, line):
                    wrong += 1
                    print(f"{name}:{number}: {error}", file=sys.stderr)
    print(f"{lines} lines, {wrong} errors")
    return 1 if wrong or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
