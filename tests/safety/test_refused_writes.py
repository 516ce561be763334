# SPDX-License-Identifier: MIT
"""A kernel that lets nobody write code through /proc/PID/mem (proc_mem.force_override=never): a library that is
preloaded into corotrace refuses what such a kernel does. The code comes and goes by ptrace then."""
import os
import signal
import tempfile
from pathlib import Path

from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest
from support.memory_snapshot import MemorySnapshot


class RefusedWrites(LiveTest):
    def setUp(self):
        self.libraries = Path(self.binary).parent / "tests"
        self.env = self.preload("librefuse_code.so")

    def preload(self, *names):
        for name in names:
            self.assertTrue((self.libraries / name).exists(), name)
        return {**os.environ, "LD_PRELOAD": ":".join(str(self.libraries / name) for name in names)}

    def resting(self):
        target = self.enterContext(self.target("resting.py"))
        ready = target.expect("ready")
        target.wait_at_rest()
        return target, [(item["name"], item["address"], item["size"]) for item in ready["objects"]]

    def check_same(self, target, objects, before, context):
        """Code, tails and slots; of the rest the kernel itself changes a word where it woke the thread (rseq(2))."""
        target.wait_at_rest()
        after = MemorySnapshot(target.pid, objects)
        self.assertEqual(before.changes(after), [], context)
        self.check_let_go(target)

    def test_at_rest(self):
        target, objects = self.resting()
        before = MemorySnapshot(target.pid, objects)
        for _ in range(3):
            with self.attach(target, env=self.env) as corotrace:
                result = corotrace.stop()
            self.check(result)
            self.assertIn("proc_mem.force_override", str(result.events("attached")[0]["notes"]))
            self.check_same(target, objects, before, result)
        target.say("drop")
        target.expect("dropped")
        self.assertEqual(target.end(), 0, target.stderr())

    def test_at_work(self):
        """Threads that drop, start and end meanwhile: as exact as anywhere."""
        target = self.enterContext(self.target("thread_bursts.py"))
        target.expect("ready")
        with self.attach(target, *UNLIMITED, env=self.env) as corotrace:
            target.say("go")
            said = target.until("done")
            result = corotrace.stop()
        self.check(result)
        self.assertEqual(result.counts(), said["counts"], result)
        self.assertEqual(result.summary["coverage"]["state"], "exact", result)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_killed(self):
        """Whatever of the code had been written by then, `detach` removes it by the same way."""
        target, objects = self.resting()
        before = MemorySnapshot(target.pid, objects)
        env = self.preload("libkill_at.so", "librefuse_code.so")
        with tempfile.TemporaryDirectory() as folder:
            calls = Path(folder) / "calls"
            with self.attach(target, env={**env, "COROTRACE_TEST_KILL_COUNT": str(calls)}) as corotrace:
                corotrace.stop()
            count = int(calls.read_text())
        killed = 0
        for call in range(1, count + 1, 9):
            with Corotrace(self.binary, "attach", "-p", target.pid, "-f", "jsonl",
                           env={**env, "COROTRACE_TEST_KILL_AT": f"{call}+"}) as corotrace:
                corotrace.wait_line("attached")
                corotrace.signal(signal.SIGINT)
                killed += corotrace.finish().status == -signal.SIGKILL
            with Corotrace(self.binary, "detach", target.pid, env=self.env) as corotrace:
                result = corotrace.finish()
            self.assertEqual(result.status, 0, (call, result))
            self.check_same(target, objects, before, (call, result))
        self.assertGreater(killed, count // 9 // 2)
        self.assertEqual(target.end(), 0, target.stderr())
