# SPDX-License-Identifier: MIT
"""The target in namespaces of its own: corotrace outside, beside it in the same pid namespace, and inside."""
import re
import signal
import os

from support import compare
from support.container import Bundle, ContainedTarget, can_contain, innermost_child
from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest


class Containers(LiveTest):
    def setUp(self):
        if not can_contain():
            self.skipTest("no user namespaces here")

    def attach_by(self, prefix, pid, *arguments):
        """A corotrace behind a command that enters namespaces, and how to end it."""
        corotrace = Corotrace(*prefix, "attach", "-p", pid, *arguments)
        self.addCleanup(corotrace.__exit__)
        return corotrace

    def stop(self, corotrace):
        """nsenter and unshare wait in front of it: Ctrl-C is for the last of them."""
        os.kill(innermost_child(corotrace.pid), signal.SIGINT)
        return corotrace.finish()

    def watch(self, prefix, target, pid, inner_pid):
        """Every drop of lines.py by `prefix`, which sees the target as `pid`: stacks, sources, counts, pids."""
        with self.attach_by(prefix, pid, "-f", "jsonl", "--every", *UNLIMITED) as corotrace:
            attached = corotrace.wait_event("attached")
            target.say("go")
            said = target.until("done")
            result = self.stop(corotrace)
        self.check(result, every=True)
        self.assertEqual(attached["pid"], pid)
        self.assertEqual(attached["pid_in_namespace"], inner_pid)
        self.assertEqual(attached["executable"], self.interpreter.argv[-1])
        self.assertEqual({finding["pid"] for finding in result.events("finding")}, {pid})
        # Files and source lines are the target's: paths as it sees them, read through its root.
        self.no_differences(compare.stacks(said["drops"], result.events("finding")), result)
        self.assertTrue(any(finding["dropped"]["frames"][-1]["source"] for finding in result.events("finding")))
        self.assertEqual(result.summary["never_awaited"], len(said["drops"]), result)
        self.no_differences(compare.coverage(result.summary), result)
        self.assertEqual(target.tracer_pid(), 0)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_from_the_host(self):
        with ContainedTarget(self.interpreter, "lines.py", "plain") as target:
            target.expect("ready")
            self.assertEqual(target.inner_pid, 1)
            self.watch([self.binary], target, target.host_pid, 1)

    def test_beside_it(self):
        """A sidecar: the pid namespace is shared, and pid 1 is somebody else; the root is its own."""
        with ContainedTarget(self.interpreter, "lines.py", "plain", pod=True) as target:
            target.expect("ready")
            self.assertNotEqual(target.inner_pid, 1)
            prefix = [*target.enter("user", "pid"), "unshare", "--mount", "--mount-proc", self.binary]
            self.watch(prefix, target, target.inner_pid, None)

    def test_inside(self):
        bundle = Bundle(self.binary, self.interpreter.root)
        self.addCleanup(bundle.close)
        with ContainedTarget(self.interpreter, "lines.py", "plain") as target:
            target.expect("ready")
            prefix = [*target.enter("user", "pid", "mount"), *bundle.command]
            self.watch(prefix, target, 1, None)

    def test_text_names_both_pids(self):
        with ContainedTarget(self.interpreter, "resting.py") as target:
            target.expect("ready")
            with self.attach_by([self.binary], target.host_pid, "--max-events", "1") as corotrace:
                # Its text is written at the end, so nothing says that it is attached.
                while not corotrace.has_ended():
                    target.say("drop")
                    target.expect("dropped")
                result = corotrace.finish()
                text = corotrace.text()
            self.assertEqual(result.status, 0, result)
            own_words = rf"{target.host_pid} \(1 in its own pid namespace\)"
            self.assertRegex(text, re.compile(rf"^process: {own_words}, python ", re.MULTILINE))
            self.assertRegex(result.stderr, rf"attached to {own_words}")
