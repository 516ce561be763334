# SPDX-License-Identifier: MIT
"""Children of the target, made in every way: none crashes, stays stopped or is traced, and the parent's count has
nothing of theirs. Without a tracer the same target says what each way gives."""
import contextlib
import signal
from pathlib import Path

from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest

EVERY = ("--every", *UNLIMITED)


class Children(LiveTest):
    @contextlib.contextmanager
    def tree(self):
        with self.target("children.py") as target:
            ways = target.expect("ready")["ways"]
            ways.remove("stay")
            yield target, ways

    def results(self, target, ways):
        found = {}
        for way in ways:
            target.say(way)
            found[way] = target.expect("way")["result"]
        return found

    def untraced(self):
        with self.tree() as (target, ways):
            target.say("go")
            found = self.results(target, ways)
            self.assertEqual(target.end(), 0, target.stderr())
        return found

    def check_traced(self, flags):
        expected = self.untraced()
        # A chroot of an interpreter alone has no shell.
        self.assertEqual({way: result for way, result in expected.items() if result not in (0, 127, -1)}, {})
        with self.tree() as (target, ways), self.attach(target, *flags) as corotrace:
            target.say("go")
            self.assertEqual(self.results(target, ways), expected)
            result = corotrace.stop()
            self.check(result, every="--every" in flags)
            # One before each way, ten beside some of them.
            self.assertEqual(set(result.counts()), {"forgotten_in_parent"}, result)
            self.assertEqual(result.summary["never_awaited"] % 10, len(ways) % 10, result)
            self.assertEqual(result.summary["coverage"]["state"], "exact", result)
            self.check_let_go(target)
            self.assertEqual(target.end(), 0, target.stderr())

    def test_counted(self):
        self.check_traced(())

    def test_each_drop_stopped_and_threads_followed(self):
        self.check_traced(EVERY)

    def test_after_the_tracer_was_killed(self):
        """What a killed corotrace left is inherited; so it goes on to be harmless in children, too."""
        expected = self.untraced()
        with self.tree() as (target, ways):
            with self.attach(target, *EVERY) as corotrace:
                corotrace.signal(signal.SIGKILL)
                corotrace.finish()
            target.say("go")
            self.assertEqual(self.results(target, ways), expected)
            self.assertEqual(target.end(), 0, target.stderr())

    def test_child_that_stays(self):
        """It is not traced, can be attached to beside its parent, counts exactly, and is clean afterwards."""
        with self.tree() as (target, _), self.attach(target, *EVERY) as corotrace:
            target.say("go")
            target.say("stay")
            child = target.expect("child")["pid"]
            status = Path(f"/proc/{child}/status").read_text()
            self.assertIn("\nTracerPid:\t0\n", status)
            own = self.enterContext(Corotrace(self.binary, "attach", "-p", child, "-f", "jsonl", *EVERY))
            own.wait_event("attached")
            target.say("drop")
            target.expect("dropped")
            result = own.stop()
            self.check(result, every=True)
            self.assertEqual(result.counts(), {"forgotten_in_child": 100}, result)
            with Corotrace(self.binary, "detach", child) as detach:
                self.assertIn("nothing was left", detach.finish().stderr)
            target.say("end")
            self.assertEqual(target.expect("way")["result"], 0)
            result = corotrace.stop()
            self.check(result, every=True)
            self.assertEqual(result.counts(), {"forgotten_in_parent": 1}, result)
            self.assertEqual(target.end(), 0, target.stderr())
