# SPDX-License-Identifier: MIT
"""Signals of the target: each arrives once, in order, with its facts, and no system call of its own is interrupted
by us. The same scenes run without a tracer first; what they tell must be the same."""
import os
import signal
from pathlib import Path

from support.corotrace import Corotrace
from support.deadline import Deadline
from support.live_test import UNLIMITED, LiveTest

EVERY = ("--every", *UNLIMITED)
# They need something else besides a word.
ALONE = ("interrupted", "crash")


class Signals(LiveTest):
    def setUp(self):
        self.needs_module("ctypes")

    def start(self):
        target = self.enterContext(self.target("signal_truth.py"))
        scenes = [scene for scene in target.expect("ready")["scenes"] if scene not in ALONE]
        return target, scenes

    def play(self, target, scenes):
        told = {}
        for scene in scenes:
            target.say(scene)
            told[scene] = target.expect("scene")["result"]
        return told

    def untraced(self):
        target, scenes = self.start()
        told = self.play(target, scenes)
        self.assertEqual(target.end(), 0, target.stderr())
        return told

    def check_same(self, flags):
        expected = self.untraced()
        target, scenes = self.start()
        with self.attach(target, *flags) as corotrace:
            for scene in scenes:
                with self.subTest(scene):
                    self.assertEqual(self.play(target, [scene])[scene], expected[scene])
            result = corotrace.stop()
        self.check(result, every="--every" in flags)
        self.assertEqual(result.summary["coverage"]["state"], "exact", result)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_counted(self):
        self.check_same(())

    def test_each_drop_stopped(self):
        self.check_same(EVERY)

    def test_after_the_tracer_was_killed(self):
        expected = self.untraced()
        target, scenes = self.start()
        with self.attach(target, *EVERY) as corotrace:
            corotrace.wait_event("finding")
            corotrace.signal(signal.SIGKILL)
            corotrace.finish()
        # own_urgent: while nobody traces, a SIGURG sent between the stub's look and its unblocking is lost.
        scenes.remove("own_urgent")
        self.assertEqual(self.play(target, scenes), {scene: expected[scene] for scene in scenes})
        self.assertEqual(target.end(), 0, target.stderr())

    def test_no_call_is_interrupted(self):
        """Attach, stops, leave, a kill and a removal, while threads sleep in what stops would interrupt."""
        target, _ = self.start()
        target.say("interrupted")
        target.expect("sleeping")
        for _ in range(3):
            with self.attach(target, *EVERY) as corotrace:
                corotrace.wait_event("finding", 50)
                self.assertEqual(corotrace.stop().status, 0)
        with self.attach(target, *EVERY) as corotrace:
            corotrace.wait_event("finding", 50)
            corotrace.signal(signal.SIGKILL)
            corotrace.finish()
        with Corotrace(self.binary, "detach", target.pid) as corotrace:
            self.assertEqual(corotrace.finish().status, 0, corotrace.result)
        target.say("enough")
        told = target.expect("scene")["result"]
        self.assertGreater(len(told), 5)
        self.assertEqual(told, dict.fromkeys(told, 0))
        self.assertEqual(target.end(), 0, target.stderr())

    def test_crash_stays_a_crash(self):
        """SIGSEGV reaches faulthandler on its own stack, then ends the target as it would have."""
        target, _ = self.start()
        with self.attach(target) as corotrace:
            target.say("crash")
            self.assertEqual(target.reap(), -signal.SIGSEGV)
            self.assertIn("Fatal Python error: Segmentation fault", target.stderr())
            result = corotrace.finish()
        self.check(result)
        self.assertIn("signal 11", result.summary["ended"])


class JobControl(LiveTest):
    def start(self):
        # In a group of its own: to an orphaned one, which ours may be, SIGTSTP does nothing.
        target = self.enterContext(self.target("resting.py", process_group=0))
        target.expect("ready")
        return target

    def stop(self, target, number=signal.SIGSTOP):
        target.kill(number)
        pid, status = os.waitpid(target.pid, os.WUNTRACED)
        self.assertEqual((pid, os.WIFSTOPPED(status), os.WSTOPSIG(status)), (target.pid, True, number))

    def go_on(self, target):
        target.kill(signal.SIGCONT)
        pid, status = os.waitpid(target.pid, os.WCONTINUED)
        self.assertEqual((pid, os.WIFCONTINUED(status)), (target.pid, True))

    def check_stopped(self, target):
        """T, or t while the tracer listens. From one to the other the kernel wakes it for a moment."""
        deadline = Deadline()
        while Path(f"/proc/{target.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "Tt":
            deadline.left("a stopped target")
            os.sched_yield()
        target.say("drop")
        self.assertEqual(target.said("dropped"), self.before)

    def check_goes_on(self, target):
        self.before = []
        self.assertEqual(target.expect("dropped")["event"], "dropped")
        self.before = target.said("dropped")

    def test_stopped_by_each_signal_while_traced(self):
        self.before = []
        target = self.start()
        with self.attach(target) as corotrace:
            for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
                self.stop(target, number)
                self.check_stopped(target)
                self.go_on(target)
                self.check_goes_on(target)
            result = corotrace.stop()
        self.check(result)
        self.assertEqual(result.summary["never_awaited"], 400, result)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_stays_stopped_when_we_leave(self):
        self.before = []
        for number in (signal.SIGINT, signal.SIGKILL):
            with self.subTest(number):
                target = self.start()
                with self.attach(target) as corotrace:
                    self.stop(target)
                    corotrace.signal(number)
                    self.assertEqual(corotrace.finish().status, 0 if number == signal.SIGINT else -number)
                self.check_stopped(target)
                self.assertEqual(target.tracer_pid(), 0)
                self.go_on(target)
                self.check_goes_on(target)
                self.before = []
                self.assertEqual(target.end(), 0, target.stderr())

    def test_attach_to_a_stopped_one(self):
        self.before = []
        target = self.start()
        self.stop(target)
        with self.attach(target) as corotrace:
            self.check_stopped(target)
            self.go_on(target)
            self.check_goes_on(target)
            result = corotrace.stop()
        self.check(result)
        self.assertEqual(result.summary["never_awaited"], 100, result)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_leftovers_of_a_stopped_one(self):
        self.before = []
        target = self.start()
        with self.attach(target) as corotrace:
            corotrace.signal(signal.SIGKILL)
            corotrace.finish()
        self.stop(target)
        with Corotrace(self.binary, "detach", target.pid) as corotrace:
            self.assertEqual(corotrace.finish().status, 0, corotrace.result)
        self.check_stopped(target)
        self.go_on(target)
        self.check_goes_on(target)
        self.assertEqual(target.end(), 0, target.stderr())
