# SPDX-License-Identifier: MIT
"""A thousand threads started and ended while it is attached, and pools in bursts: exact, whether new threads are found
by looking (the default) or followed from their creation (--every)."""
from pathlib import Path

from support.live_test import UNLIMITED, LiveTest


class Threads(LiveTest):
    def check_exact(self, said, result):
        self.assertEqual(result.counts(), said["counts"], result)
        self.assertEqual(result.summary["never_awaited"], sum(said["counts"].values()), result)
        self.assertEqual(result.summary["coverage"]["state"], "exact", result)

    def test_found_by_looking(self):
        said, result = self.observe("thread_bursts.py")
        self.check_exact(said, result)

    def test_followed(self):
        """Then each drop is looked at, too, in threads that lived for less than a millisecond."""
        said, result = self.observe("thread_bursts.py", flags=("--every", *UNLIMITED))
        self.check_exact(said, result)
        self.assertEqual(result.summary["sampled"], result.summary["never_awaited"], result)

    def test_killed_amid_threads(self):
        with self.target("thread_bursts.py") as target:
            target.expect("ready")
            with self.attach(target, "--every", *UNLIMITED) as corotrace:
                target.say("go")
                corotrace.wait_event("finding", 200)
                corotrace.signal(9)
                corotrace.finish()
            target.until("done")
            self.check_let_go(target)
            self.assertEqual(target.end(), 0, target.stderr())

    def test_target_that_ends_while_untraced(self):
        """Between the two ways of tracing nobody traces; what was seen until then is told all the same."""
        self.check_left_untraced("ends", "target exited")

    def test_target_that_executes_while_untraced(self):
        self.check_left_untraced("becomes", "target replaced its program")

    def check_left_untraced(self, way, ended):
        if not (Path(self.interpreter.root or "/") / "proc/self").exists():
            self.skipTest("the interpreter's root has no /proc")
        for _ in range(20):
            with self.target("leaves_untraced.py", way) as target:
                target.expect("ready")
                with self.attach(target) as corotrace:
                    target.say("go")
                    result = corotrace.finish()
                missed = target.said("missed")
                self.assertEqual(target.end() if way == "becomes" and not missed else target.reap(), 0, target.stderr())
            self.check(result)
            self.assertEqual(result.summary["never_awaited"], 20, result)
            if missed:
                continue
            self.assertEqual(result.counts(), {"forgotten_of_young_thread": 20}, result)
            self.assertTrue(result.summary["ended"].startswith(ended), result)
            return
        self.skipTest("the target did not meet the moment in which nobody traces it")
