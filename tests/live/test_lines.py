# SPDX-License-Identifier: MIT
"""The stack of every drop is the one a traceback would show, with columns from 3.11 on."""
import tempfile
from pathlib import Path

from support import compare
from support.live_test import UNLIMITED, LiveTest


class Lines(LiveTest):
    def check_stacks(self, mode, target_flags=()):
        said, result = self.observe("lines.py", mode, flags=("--every", *UNLIMITED), target_flags=target_flags)
        self.assertGreaterEqual(len(said["drops"]), 190)
        self.no_differences(compare.stacks(said["drops"], result.events("finding")), result)

    def test_plain(self):
        self.check_stacks("plain")

    def test_specialised(self):
        self.check_stacks("warm")

    def test_traced(self):
        self.check_stacks("traced")

    def test_without_columns(self):
        if self.interpreter.version < (3, 11):
            self.skipTest("no columns before 3.11")
        self.check_stacks("plain", target_flags=("-X", "no_debug_ranges"))

    def test_optimised(self):
        self.check_stacks("plain", target_flags=("-OO",))

    def test_source_around(self):
        """Two lines before, and none of those after it, which are empty; in pages only."""
        with tempfile.TemporaryDirectory() as folder, self.target("live_view.py") as target:
            target.expect("ready")
            page = Path(folder) / "page.html"
            with self.attach(target, "-f", f"html:{page}") as corotrace:
                target.say("seldom")
                target.expect("dropped")
                self.check(corotrace.stop())
            self.assertEqual(target.end(), 0, target.stderr())
            self.assertIn('<span class="around">  30 def drop_seldom():</span>\n'
                          '<span class="around">  31     for _ in range(3):</span>\n'
                          '&gt; 32         save_seldom()</pre>', page.read_text())
