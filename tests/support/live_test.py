# SPDX-License-Identifier: MIT
"""LiveTest: what the live tests have in common. One run of a test file has one interpreter."""
import json
import os
import subprocess
import unittest

from . import compare
from .corotrace import Corotrace
from .schema import Schema
from .target_process import Interpreter, TargetProcess

# A stop for every drop: tests want each of them read.
UNLIMITED = ("--max-pause-share", "100")


class LiveTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        # Given by run.py.
        cls.binary = os.environ["COROTRACE_TEST_BINARY"]
        cls.schema = Schema()
        cls.interpreter = Interpreter(json.loads(os.environ["COROTRACE_TEST_PYTHON"]))
        cls.addClassCleanup(cls.interpreter.close)

    def needs_module(self, name):
        """Builds may lack what their machine had no library for."""
        found = subprocess.run([*self.interpreter.argv, "-c", "import " + name], stderr=subprocess.DEVNULL, check=False)
        if found.returncode:
            self.skipTest("the interpreter has no " + name)

    def target(self, program, *arguments, **popen):
        return TargetProcess.python(self.interpreter, program, *arguments, **popen)

    def attach(self, target, *arguments, **popen):
        """A corotrace that has planted its probes, as jsonl. It looks at drops however busy the machine is, if nothing
        else is said."""
        hold = () if {"--hold", "--read-only"} & set(arguments) else ("--hold", "always")
        corotrace = Corotrace(self.binary, "attach", "-p", target.pid, "-f", "jsonl", *hold, *arguments, **popen)
        try:
            corotrace.wait_event("attached")
        except BaseException:
            corotrace.__exit__()
            raise
        return corotrace

    def no_differences(self, differences, context=""):
        if differences:
            self.fail("\n".join([*differences, str(context)]))

    def check(self, result, every=False, filtered=False, status=0):
        """What holds for the output of every session that attached."""
        self.assertEqual(result.status, status, result)
        self.no_differences(self.schema.faults(result.lines), result)
        self.no_differences(compare.consistency(result.lines, every, filtered), result)

    def check_let_go(self, target):
        self.assertEqual(target.tracer_pid(), 0)

    def observe(self, program, *arguments, flags=(), target_flags=()):
        """Attaches, lets the target do its work, detaches. Returns (what the target said, result)."""
        with self.target(program, *arguments, flags=target_flags) as target:
            target.expect("ready")
            with self.attach(target, *flags) as corotrace:
                target.say("go")
                said = target.until("done")
                said["also"] = target.said("sub")
                result = corotrace.stop()
            self.check(result, every="--every" in flags)
            self.check_let_go(target)
            self.assertEqual(target.end(), 0, target.stderr())
        return said, result
