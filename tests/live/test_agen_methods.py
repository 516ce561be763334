# SPDX-License-Identifier: MIT
"""asend(), athrow() and aclose() objects that were never awaited, where the version warns of them."""
from support import compare
from support.live_test import UNLIMITED, LiveTest


class AgenMethods(LiveTest):
    def by_method(self, events, one=False):
        found = {}
        for event in events:
            method = event["kind"].replace("_never_awaited", "")
            generator, _, called = event["coroutine"]["qualname"].rpartition(".")
            self.assertEqual(called, method)
            key = f"{method} {generator}"
            found[key] = found.get(key, 0) + (1 if one else event["count"])
        return found

    def test_counts(self):
        for flags in (), ("--every", *UNLIMITED):
            with self.subTest(flags=flags):
                said, result = self.observe("agen_methods.py", 10, flags=flags)
                if self.interpreter.version < (3, 13):
                    self.assertEqual(said["truth"], {})
                    self.assertEqual(result.summary["never_awaited"], 0, result)
                    continue
                self.assertEqual(sum(said["truth"].values()), 90)
                self.no_differences(compare.counts(said["truth"], self.by_method(result.events("site"))), result)
                if flags:
                    findings = self.by_method(result.events("finding"), one=True)
                    self.no_differences(compare.counts(said["truth"], findings), result)
                self.assertEqual(result.summary["never_awaited"], 90, result)
                self.no_differences(compare.coverage(result.summary), result)
