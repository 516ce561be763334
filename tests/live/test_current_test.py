# SPDX-License-Identifier: MIT
"""The test that pytest was running when a coroutine was dropped."""
from support.live_test import UNLIMITED, LiveTest

MAX_BYTES = 512


def cut(name):
    """As long as corotrace reads it, with the variable's name."""
    return None if name is None else name[:MAX_BYTES - len("PYTEST_CURRENT_TEST=")]


class CurrentTest(LiveTest):
    def check_names(self, *arguments):
        said, result = self.observe("current_test.py", *arguments, flags=("--every", *UNLIMITED))
        told = [finding["test"] for finding in result.events("finding")]
        self.assertEqual(told, [cut(name) for name in said["told"]], result)
        return told

    def test_names_set_as_pytest_does(self):
        told = self.check_names()
        self.assertEqual(len(set(told)), 7)

    def test_pytest(self):
        self.needs_module("pytest")
        told = self.check_names("pytest")
        self.assertEqual([name.split("::")[1] for name in told], ["test_first (call)", "test_second (call)"])

    def test_none(self):
        _, result = self.observe("exact.py", "ignore", 1)
        self.assertEqual({finding["test"] for finding in result.events("finding")}, {None})
