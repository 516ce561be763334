# SPDX-License-Identifier: MIT
"""Arguments are shown as reprlib shows them, or not at all."""
import json
import re

from support import compare
from support.live_test import UNLIMITED, LiveTest


class Arguments(LiveTest):
    def test_values(self):
        said, result = self.observe("arguments.py", flags=("--every", "--show-values", "--show-value", "*secret*", *UNLIMITED))
        self.no_differences(compare.arguments(said["calls"], result.events("finding"), shown=True), result)

    def test_redacted(self):
        """Names, types and lengths; no byte of a value in any line, nor on stderr with -v."""
        said, result = self.observe("arguments.py", flags=("--every", "-v", *UNLIMITED))
        self.no_differences(compare.arguments(said["calls"], result.events("finding"), shown=False), result)
        for line in result.lines:
            # Sources are the program's text, not its values; times and hashes have any digits.
            for key in ("time", "fingerprint", "pid", "tid"):
                line.pop(key, None)
            for frames in (line.get("dropped"), line.get("created")):
                for frame in (frames or {}).get("frames") or []:
                    frame["source"] = None
            text = json.dumps(line)
            self.assertNotIn("secret", text.replace("--show-values", ""))
            self.assertNotIn("77717", text)
        self.assertNotIn("secret", result.stderr)
        numbers = r"fingerprint=\w+|tid=[0-9]+|attached to [0-9]+|[0-9:]+\.[0-9]+"
        self.assertNotIn("77717", re.sub(numbers, "", result.stderr))
