# SPDX-License-Identifier: MIT
"""The stack of every drop is the one a traceback would show, with columns from 3.11 on."""
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
