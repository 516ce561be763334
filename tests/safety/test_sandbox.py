# SPDX-License-Identifier: MIT
"""A target whose seccomp(2) filter kills it for what a stop needs: its drops are counted and not looked at."""
from support.live_test import UNLIMITED, LiveTest


class Sandbox(LiveTest):
    def setUp(self):
        self.needs_module("ctypes")

    def drop(self, target):
        target.say("drop")
        target.expect("dropped")

    def check_end(self, target, result, never_awaited):
        self.check(result)
        self.assertEqual(result.summary["never_awaited"], never_awaited, result)
        self.assertEqual(result.summary["coverage"]["state"], "exact", result)
        self.check_let_go(target)
        self.drop(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_sandboxed_before(self):
        target = self.enterContext(self.target("sandboxed.py", "before"))
        target.expect("ready")
        with self.attach(target, *UNLIMITED) as corotrace:
            self.drop(target)
            target.say("lose")
            target.expect("lost")
            result = corotrace.stop()
        self.assertIn("seccomp", str(result.events("attached")), result)
        self.check_counted(result)
        self.check_end(target, result, 100)

    def test_target_that_ends(self):
        """What was counted has its name although the target is gone when that is told."""
        target = self.enterContext(self.target("sandboxed.py", "before"))
        target.expect("ready")
        with self.attach(target, "-v", "-v", *UNLIMITED) as corotrace:
            self.drop(target)
            target.say("lose")
            target.expect("lost")
            corotrace.wait_ticks()
            self.assertEqual(target.end(), 0, target.stderr())
            result = corotrace.finish()
        self.check(result)
        self.check_counted(result)
        self.assertEqual(result.summary["ended"], "target exited with status 0", result)

    def check_counted(self, result):
        self.assertEqual({site["kind"]: site["count"] for site in result.events("site")},
                         {"coroutine_never_awaited": 100, "task_destroyed_pending": 10,
                          "task_exception_never_retrieved": 10, "future_exception_never_retrieved": 10}, result)
        self.assertEqual(result.summary["stops"], 0, result)
        self.assertEqual(result.counts(), {"forgotten": 100}, result)
        self.check_captured(result.drops("site")[0])

    def check_captured(self, site):
        """The stub noted where it was dropped, and nothing of the object."""
        self.assertTrue(site["dropped"]["frames"], site)
        self.assertIsNotNone(site["dropped"]["frames"][-1]["line"], site)
        self.assertIsNone(site["coroutine"]["arguments"], site)
        self.assertIn("seccomp", str(site["notes"]), site)

    def test_sandboxed_while_watched(self):
        target = self.enterContext(self.target("sandboxed.py", "after"))
        target.expect("ready")
        with self.attach(target, "-v", "-v", *UNLIMITED) as corotrace:
            self.drop(target)
            target.say("sandbox")
            target.expect("sandboxed")
            corotrace.wait_ticks()
            self.drop(target)
            result = corotrace.stop()
        self.assertIn("seccomp", str(result.summary["notes"]), result)
        self.assertEqual(result.summary["stops"], 100, result)
        self.check_end(target, result, 200)
