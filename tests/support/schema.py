# SPDX-License-Identifier: MIT
"""Schema: corotrace's JSON Schema, asked about lines of output."""
import functools
import json
from pathlib import Path

import fastjsonschema  # some 50 times as fast as jsonschema, and a live test reads thousands of lines

FILE = Path(__file__).resolve().parents[2] / "tracer/report/corotrace-1.schema.json"
EVENTS = ("attached", "finding", "site", "summary", "total", "process", "check", "verdict", "held_group", "held_summary",
          "task", "task_summary", "failed_tasks", "failed_futures", "watch_end", "watched", "watched_site")
NAMES = {"task": "seen_task"}  # of definitions that are not called as their event
DRAFT = "http://json-schema.org/draft-07/schema#"


class Schema:
    def __init__(self):
        self._schema = json.loads(FILE.read_text())
        # A reader ignores keys that it does not know; here one that is not described is a fault.
        # allOf puts `described` together with others, so that one cannot be closed.
        for name, definition in self._schema["definitions"].items():
            if "properties" in definition and name != "described":
                definition["additionalProperties"] = False

    @functools.lru_cache(maxsize=None)
    def _validator(self, event):
        """One event's own definition is faster than trying them all, and its errors can be read."""
        definitions = self._schema["definitions"]
        if event not in EVENTS:
            return fastjsonschema.compile(self._schema)
        definition = definitions[NAMES.get(event, event)]
        return fastjsonschema.compile({"$schema": DRAFT, **definition, "definitions": definitions})

    def faults(self, lines):
        """What is wrong with the lines, the first fault of each of the first few."""
        faults = []
        for number, line in enumerate(lines):
            try:
                self._validator(line.get("event"))(line)
            except fastjsonschema.JsonSchemaValueException as error:
                faults.append(f"line {number + 1} ({line.get('event')}): {error.message[:300]}")
            if len(faults) == 3:
                break
        return faults
