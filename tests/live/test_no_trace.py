# SPDX-License-Identifier: MIT
"""After corotrace has left, the target's memory is byte for byte as it was."""
import signal

from support.corotrace import Corotrace
from support.live_test import LiveTest
from support.memory_snapshot import MemorySnapshot


class NoTrace(LiveTest):
    def objects(self, ready):
        return [(item["name"], item["address"], item["size"]) for item in ready["objects"]]

    def slots(self, ready):
        """What a type or function object has of probes: nothing else in there moves while the target rests."""
        return [item for item in self.objects(ready) if item[0].startswith("slot")]

    def test_at_rest(self):
        """Nothing ran meanwhile, so everything that is private must be the same, at 20 visits."""
        with self.target("resting.py") as target:
            ready = target.expect("ready")
            target.wait_at_rest()
            before = MemorySnapshot(target.pid, self.objects(ready), everything=True)
            for _ in range(20):
                with self.attach(target) as corotrace:
                    planted = MemorySnapshot(target.pid, self.objects(ready))
                    self.check(corotrace.stop())
                self.check_let_go(target)
            target.wait_at_rest()
            after = MemorySnapshot(target.pid, self.objects(ready), everything=True)
            self.assertEqual(before.changes(after), [])
            # The comparison can fail: while attached, a slot and its stub were there.
            changes = MemorySnapshot(target.pid, self.objects(ready)).changes(planted)
            self.assertTrue(any("slot tp_finalize" in change for change in changes), changes)
            self.assertTrue(any("tail" in change for change in changes), changes)

    def test_without_a_tracer(self):
        """Then the places' notes lie in more of the unused bytes: they are the same after a visit, and after a kill."""
        with self.target("resting.py") as target:
            ready = target.expect("ready")
            before = MemorySnapshot(target.pid, self.slots(ready))
            for mode in "never", "auto":
                for kill in False, True:
                    with self.attach(target, "--hold", mode) as corotrace:
                        target.say("drop")
                        target.expect("dropped")
                        corotrace.signal(signal.SIGKILL if kill else signal.SIGINT)
                        result = corotrace.finish()
                    if kill:
                        with Corotrace(self.binary, "detach", target.pid) as detach:
                            self.assertEqual(detach.finish().status, 0, detach.result)
                    else:
                        self.check(result)
                    self.check_let_go(target)
                    changes = before.changes(MemorySnapshot(target.pid, self.slots(ready)))
                    self.assertEqual(changes, [], (mode, kill))
            self.assertEqual(target.end(), 0, target.stderr())

    def test_after_work(self):
        """Code, unused tails and slots are the same after drops; and the target goes on to count right."""
        for number in signal.SIGINT, signal.SIGTERM:
            with self.subTest(signal=number), self.target("resting.py") as target:
                ready = target.expect("ready")
                before = MemorySnapshot(target.pid, self.slots(ready))
                for _ in range(3):
                    with self.attach(target, "--every") as corotrace:
                        target.say("drop")
                        dropped = target.expect("dropped")
                        corotrace.signal(number)
                        result = corotrace.finish()
                    self.check(result, every=True)
                    self.assertEqual(result.summary["never_awaited"], dropped["count"], result)
                    self.check_let_go(target)
                    self.assertEqual(before.changes(MemorySnapshot(target.pid, self.slots(ready))), [])
                target.say("drop")
                self.assertEqual(target.expect("dropped")["total"], 4 * dropped["count"])
                target.say("depth")
                self.assertEqual(target.expect("depth")["depth"], ready["depth"])
                self.assertEqual(target.end(), 0, target.stderr())
