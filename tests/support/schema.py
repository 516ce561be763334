# SPDX-License-Identifier: MIT
"""Schema: corotrace's JSON Schema, asked about lines of output."""
import json
from pathlib import Path

import jsonschema

FILE = Path(__file__).resolve().parents[2] / "tracer/report/corotrace-1.schema.json"
EVENTS = ("attached", "finding", "site", "summary", "total")


class Schema:
    def __init__(self):
        schema = json.loads(FILE.read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        definitions = schema["definitions"]
        # A reader ignores keys that it does not know; here one that is not described is a fault.
        # allOf puts `described` together with others, so that one cannot be closed.
        for name, definition in definitions.items():
            if "properties" in definition and name != "described":
                definition["additionalProperties"] = False
        self._whole = jsonschema.Draft7Validator(schema)
        # One event's own definition is faster than trying them all, and its errors can be read.
        self._by_event = {event: jsonschema.Draft7Validator({**definitions[event], "definitions": definitions})
                          for event in EVENTS}

    def faults(self, lines):
        """What is wrong with the lines, the first fault of each of the first few."""
        faults = []
        for number, line in enumerate(lines):
            validator = self._by_event.get(line.get("event"), self._whole)
            error = next(iter(validator.iter_errors(line)), None)
            if error is not None:
                faults.append(f"line {number + 1} ({line.get('event')}): {error.json_path}: {error.message[:300]}")
            if len(faults) == 3:
                break
        return faults
