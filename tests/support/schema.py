# SPDX-License-Identifier: MIT
"""Schema: corotrace's JSON Schema, asked about lines of output."""
import json
from pathlib import Path

import jsonschema

FILE = Path(__file__).resolve().parents[2] / "tracer/report/corotrace-1.schema.json"


class Schema:
    def __init__(self):
        schema = json.loads(FILE.read_text())
        kind = jsonschema.validators.validator_for(schema, default=None)
        if kind is None:
            raise ValueError(f"{FILE} names no $schema that is known here")
        kind.check_schema(schema)
        self._validator = kind(schema)

    def faults(self, lines):
        """What is wrong with the lines, the first fault of each of the first few."""
        faults = []
        for number, line in enumerate(lines):
            error = jsonschema.exceptions.best_match(self._validator.iter_errors(line))
            if error is not None:
                faults.append(f"line {number + 1} ({line.get('event')}): {error.json_path}: {error.message[:300]}")
            if len(faults) == 3:
                break
        return faults
