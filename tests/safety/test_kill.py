# SPDX-License-Identifier: MIT
"""kill -9 of corotrace at any instant: the target lives, its own counts stay right, and what was left in it is
found and removed, byte for byte. COROTRACE_TEST_KILLS is the number of random kills (scripts/soak.sh)."""
import os
import random
import signal
import tempfile
import time
from pathlib import Path

from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest
from support.memory_snapshot import MemorySnapshot

KILLS = int(os.environ.get("COROTRACE_TEST_KILLS", "6"))
# One of these for each visit: when the kill comes, and what the target is doing.
PHASES = ("attach", "storm", "stop", "detach")


def objects(ready):
    return [(item["name"], item["address"], item["size"]) for item in ready["objects"]]


class Kill(LiveTest):
    def start(self, *arguments):
        target = self.enterContext(self.target("storm.py", *arguments))
        ready = target.expect("ready")
        self.beat(target)
        return target, ready, MemorySnapshot(target.pid, objects(ready))

    def beat(self, target):
        target.say("beat")
        said = target.expect("beat")
        self.assertEqual(said["child"], 0)
        return said["dropped"]

    def visit(self, target, *flags, env=None):
        popen = {"env": env} if env else {}
        return Corotrace(self.binary, "attach", "-p", target.pid, "-f", "jsonl", "--hold", "always", *flags,
                         **popen)

    def kill_once(self, target, phase, delay):
        """delay: 0 to 1, of the time that the phase may take."""
        flags = UNLIMITED if phase == "stop" else ()
        with self.visit(target, *flags) as corotrace:
            if phase == "attach":
                time.sleep(delay * 0.15)
            else:
                corotrace.wait_event("attached")
                time.sleep(delay * (0.03 if phase != "detach" else 0.002))
            if phase == "detach":
                corotrace.signal(signal.SIGINT)
                time.sleep(delay * 0.02)
            corotrace.signal(signal.SIGKILL)
            self.assertIn(corotrace.finish().status, (-signal.SIGKILL, 0), corotrace.result)

    def clean(self, target, before, ready, context):
        with Corotrace(self.binary, "detach", target.pid) as corotrace:
            result = corotrace.finish()
        self.assertEqual(result.status, 0, (context, result))
        changes = before.changes(MemorySnapshot(target.pid, objects(ready)))
        self.assertEqual(changes, [], (context, str(result)))
        self.assertEqual(target.tracer_pid(), 0)

    def end(self, target):
        target.say("quiet")
        said = target.expect("quiet")
        self.assertEqual(said["wrong"], 0)
        self.assertEqual(said["warned"], said["dropped"])
        self.assertEqual(target.end(), 0, target.stderr())

    def random_kills(self, count, *arguments):
        seed = int(os.environ.get("COROTRACE_TEST_SEED", random.randrange(1 << 30)))
        chance = random.Random(seed)
        target, ready, before = self.start(*arguments)
        for number in range(count):
            phase = PHASES[number % len(PHASES)]
            delay = chance.random()
            context = f"seed {seed} kill {number} {phase} {delay}"
            with self.subTest(context):
                self.kill_once(target, phase, delay)
                self.beat(target)
                if number % 3 == 2 or number + 1 == count:
                    self.clean(target, before, ready, context)
        self.end(target)

    def test_random_instants(self):
        self.random_kills(KILLS, 2)

    def test_while_the_target_forks(self):
        self.random_kills(max(KILLS // 2, 3), 1, "forks")

    def test_next_attach_adopts(self):
        """After a kill with everything planted the next attach counts exactly, and leaves nothing."""
        target = self.enterContext(self.target("resting.py"))
        ready = target.expect("ready")
        before = MemorySnapshot(target.pid, [item for item in objects(ready) if item[0].startswith("slot")])
        for _ in range(2):
            with self.visit(target) as corotrace:
                corotrace.wait_event("attached")
                corotrace.signal(signal.SIGKILL)
                corotrace.finish()
        with self.attach(target) as corotrace:
            target.say("drop")
            target.expect("dropped")
            result = corotrace.stop()
        self.check(result)
        self.assertEqual(result.summary["never_awaited"], 100, result)
        after = MemorySnapshot(target.pid, [item for item in objects(ready) if item[0].startswith("slot")])
        self.assertEqual(before.changes(after), [])
        self.assertEqual(target.end(), 0, target.stderr())

    def test_every_instant(self):
        """Before and after each call that changes the target or lets a thread of it go on."""
        preload = str(Path(self.binary).parent / "tests" / "libkill_at.so")
        self.assertTrue(os.path.exists(preload), preload)
        target = self.enterContext(self.target("resting.py"))
        ready = target.expect("ready")
        words = [item for item in objects(ready) if item[0].startswith("slot")]
        before = MemorySnapshot(target.pid, words)
        env = {**os.environ, "LD_PRELOAD": preload}
        with tempfile.TemporaryDirectory() as folder:
            calls = Path(folder) / "calls"
            with self.visit(target, env={**env, "COROTRACE_TEST_KILL_COUNT": str(calls)}) as corotrace:
                corotrace.wait_event("attached")
                self.assertEqual(corotrace.stop().status, 0)
            # Stops and ticks come on top, as many as time allows; what plants and removes is in here.
            count = int(calls.read_text())
        self.assertGreater(count, 8)
        killed = 0
        for call in range(1, count + 1):
            at = str(call) + "+" * (call % 2)
            with self.visit(target, env={**env, "COROTRACE_TEST_KILL_AT": at}) as corotrace:
                # It may die before it has said so.
                corotrace.wait_line("attached")
                corotrace.signal(signal.SIGINT)
                killed += corotrace.finish().status == -signal.SIGKILL
            target.say("drop")
            target.expect("dropped")
            with Corotrace(self.binary, "detach", target.pid) as corotrace:
                result = corotrace.finish()
            self.assertEqual(result.status, 0, (at, str(result)))
            self.assertEqual(before.changes(MemorySnapshot(target.pid, words)), [], at)
        # Some of the first run's calls were ticks, of which another run may have fewer.
        self.assertGreaterEqual(killed, count - 4)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_dry_run(self):
        """It names the bytes that change when it is attached, and changes none."""
        target = self.enterContext(self.target("resting.py"))
        ready = target.expect("ready")
        before = MemorySnapshot(target.pid, objects(ready))
        with Corotrace(self.binary, "attach", target.pid, "--dry-run") as corotrace:
            result, text = corotrace.finish(), corotrace.text()
        self.assertEqual(result.status, 0, text)
        self.assertEqual(before.changes(MemorySnapshot(target.pid, objects(ready))), [])
        slot = next(address for name, address, _ in objects(ready) if name == "slot tp_finalize of coroutine")
        self.assertRegex(text, f"0x0*{slot:x}  8 bytes: tp_finalize of the type coroutine\\n")
        self.assertRegex(text, "8 bytes: vectorcall of the function BaseEventLoop.call_exception_handler\\n")
        self.assertRegex(text, r"  [0-9]+ bytes: code, behind the code of /")
        self.assertEqual(target.end(), 0, target.stderr())

    def test_origin_depth_of_a_killed_one(self):
        """What it set in each thread state is taken back, to what the program had."""
        for own in (0, 2):
            with self.subTest(own=own):
                target = self.enterContext(self.target("resting.py", str(own)))
                self.assertEqual(target.expect("ready")["depth"], own)
                for cleaner in ("detach", "attach"):
                    with self.visit(target, "--origin", "5") as corotrace:
                        corotrace.wait_event("attached")
                        corotrace.signal(signal.SIGKILL)
                        corotrace.finish()
                    self.assertEqual(self.depth(target), 5)
                    if cleaner == "detach":
                        with Corotrace(self.binary, "detach", target.pid) as corotrace:
                            self.assertEqual(corotrace.finish().status, 0, corotrace.result)
                    else:
                        with self.visit(target, "--origin", "off") as corotrace:
                            corotrace.wait_event("attached")
                            self.assertEqual(self.depth(target), own)
                            corotrace.stop()
                    self.assertEqual(self.depth(target), own)
                self.assertEqual(target.end(), 0, target.stderr())

    def depth(self, target):
        target.say("depth")
        return target.expect("depth")["depth"]

    def test_two_at_once(self):
        """Of several only one becomes the tracer; the others are told, and take nothing from it."""
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        for _ in range(3):
            several = [self.enterContext(self.visit(target)) for _ in range(3)]
            winners = [one for one in several if one.wait_line("attached")]
            self.assertEqual(len(winners), 1)
            with Corotrace(self.binary, "detach", target.pid) as corotrace:
                self.assertEqual(corotrace.finish().status, 4, corotrace.result)
            target.say("drop")
            target.expect("dropped")
            result = winners[0].stop()
            self.check(result)
            self.assertEqual(result.summary["never_awaited"], 100, result)
            for one in several:
                if one is not winners[0]:
                    self.assertEqual(one.finish().status, 4, one.result)
        self.assertEqual(target.end(), 0, target.stderr())
