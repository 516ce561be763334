# SPDX-License-Identifier: MIT
"""corotrace doctor before a Python: usable or not, and why, without a byte of the process changed."""
import signal
import subprocess
import sys

from support.corotrace import Corotrace
from support.container import ContainedTarget, can_contain
from support.doctor import run_doctor
from support.live_test import LiveTest
from support.memory_snapshot import MemorySnapshot
from support.tracer import TRACER

INSIDE = {"files", "interpreter", "layout", "leftovers", "target_seccomp", "stop_signal", "room", "probes", "coverage"}


class Doctor(LiveTest):
    def ask(self, target, status=0):
        return run_doctor(self, "--pid", target.pid, status=status)

    def test_usable(self):
        with self.target("resting.py") as target:
            ready = target.expect("ready")
            target.wait_at_rest()
            objects = [(item["name"], item["address"], item["size"]) for item in ready["objects"]]
            before = MemorySnapshot(target.pid, objects)
            told = self.ask(target)
            self.assertEqual(before.changes(MemorySnapshot(target.pid, objects)), [], told)
            self.assertEqual({check["id"] for check in told.checks if check["state"] == "unknown"} & INSIDE, set(), told)
            self.assertIn(self.interpreter.facts["version"], told["interpreter"]["found"])
            self.assertIn("tp_finalize of the type coroutine", told["probes"]["found"])
            # What is announced is what an attach then has.
            with self.attach(target) as corotrace:
                result = corotrace.stop()
            exact = told["coverage"]["state"] == "ok"
            self.assertEqual(result.summary["coverage"]["state"] == "exact", exact, (told, result))
            self.check_let_go(target)

    def test_leftovers(self):
        with self.target("resting.py") as target:
            target.expect("ready")
            with self.attach(target) as corotrace:
                corotrace.signal(signal.SIGKILL)
                corotrace.finish()
            told = self.ask(target)
            self.assertEqual(told["leftovers"]["state"], "weaker", told)
            verb, *rest = told["leftovers"]["fix"].split()[1:]
            with Corotrace(self.binary, verb, *rest) as cleaner:
                self.assertEqual(cleaner.finish().status, 0, cleaner.result)
            self.assertEqual(self.ask(target)["leftovers"]["state"], "ok")

    def test_another_tracer(self):
        # Entered first, so that the tracer ends before it: the end of a traced process is its tracer's to see.
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        tracer = subprocess.Popen([sys.executable, "-c", TRACER, str(target.pid)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        self.addCleanup(tracer.communicate)
        self.addCleanup(tracer.kill)
        self.assertEqual(tracer.stdout.readline(), b"traced\n")
        told = self.ask(target, 4)
        self.assertEqual(told.obstacles, ["tracer"])
        self.assertIn(str(tracer.pid), told["tracer"]["found"])
        # Reading goes on beside it.
        self.assertEqual(told["layout"]["state"], "ok", told)

    def test_sandboxed(self):
        self.needs_module("ctypes")
        with self.target("sandboxed.py", "before") as target:
            target.expect("ready")
            told = self.ask(target)
            self.assertEqual(told["target_seccomp"]["state"], "weaker", told)
            self.assertEqual(told["coverage"]["state"], "weaker", told)

    def test_in_a_container(self):
        if not can_contain():
            self.skipTest("no user namespaces here")
        with ContainedTarget(self.interpreter, "resting.py") as target:
            target.expect("ready")
            told = run_doctor(self, "--pid", target.host_pid)
            self.assertEqual(told["user_namespace"]["found"], "it is in another one than corotrace")
            self.assertEqual(told["interpreter"]["state"], "ok", told)
