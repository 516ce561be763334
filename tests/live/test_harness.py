# SPDX-License-Identifier: MIT
"""The tests' own comparisons: they accept what is right and find each thing that is wrong."""
import copy
import os
import sys
import unittest
from pathlib import Path

from support import compare
from support.corotrace import Corotrace
from support.deadline import Deadline, DeadlineOver
from support.memory_snapshot import MemorySnapshot
from support.schema import Schema
from support.target_process import TARGETS, Interpreter, TargetProcess

FRAME = {"function": "main", "name": "main", "file": "/a.py", "line": 3, "end_line": 3, "col": 4, "end_col": 9,
         "source": "    f()"}
ARGUMENT = {"name": "x", "type": "str[6]", "value": None, "redacted": True}
FINDING = {
    "schema": "corotrace/1", "event": "finding", "kind": "coroutine_never_awaited", "fingerprint": "0" * 16, "count": 1, "tid": 7,
    "coroutine": {"qualname": "f", "arguments": [ARGUMENT]}, "dropped": {"frames": [FRAME]},
}
SUMMARY = {
    "schema": "corotrace/1", "event": "summary", "never_awaited": 2, "lost_tasks": None, "sampled": 1, "sites": 1, "stops": 1,
    "pause_total_us": 5, "pause_max_us": 5, "coverage": {"state": "exact", "dealloc": 2, "warned": 2, "why": None},
}
LINES = [{"schema": "corotrace/1", "event": "attached"}, FINDING,
         {**FINDING, "event": "site", "count": 2, "folded": 0}, SUMMARY]
# What a program prints that does as corotrace should.
ECHO = "import sys; sys.stdout.write(sys.argv[1]); sys.stderr.write('said'); sys.exit(4)"


def changed(value, *path_and_new):
    """A deep copy with one place changed."""
    *path, last, new = path_and_new
    value = copy.deepcopy(value)
    place = value
    for key in path:
        place = place[key]
    place[last] = new
    return value


class Targets(unittest.TestCase):
    def test_none_hides_a_module_of_the_standard_library(self):
        """Their folder comes first on the path: what a server loads would import the target in its place."""
        names = {path.stem for path in TARGETS.iterdir()}
        self.assertEqual(names & set(sys.stdlib_module_names), set())


class Comparisons(unittest.TestCase):
    def test_counts(self):
        self.assertEqual(compare.counts({"f": 2}, {"f": 2}), [])
        self.assertEqual(compare.counts({"f": 2}, {"f": 2, "g": 0}), [])
        for wrong in ({"f": 1}, {"f": 3}, {}, {"f": 2, "g": 1}):
            self.assertEqual(len(compare.counts({"f": 2}, wrong)), 1)

    def test_stacks(self):
        truth = [("f", [FRAME, FRAME])]
        right = changed(FINDING, "dropped", "frames", [FRAME, FRAME])
        self.assertEqual(compare.stacks(truth, [right]), [])
        for key in FRAME:
            wrong = changed(right, "dropped", "frames", 0, key, None)
            self.assertNotEqual(compare.stacks(truth, [wrong]), [], key)
        for frames in ([FRAME], [FRAME] * 3, [], None):
            self.assertNotEqual(compare.stacks(truth, [changed(FINDING, "dropped", "frames", frames)]), [])
        self.assertNotEqual(compare.stacks(truth, []), [])
        self.assertNotEqual(compare.stacks(truth, [right, right]), [])
        self.assertNotEqual(compare.stacks(truth, [changed(right, "coroutine", "qualname", "g")]), [])
        self.assertEqual(compare.stacks([("f", None)], [changed(FINDING, "dropped", "frames", [])]), [])

    def test_what_is_no_text_is_replaced(self):
        truth = [("f", [changed(FRAME, "file", "a\udcffb")])]
        reported = changed(FINDING, "dropped", "frames", 0, "file", "a\ufffdb")
        self.assertEqual(compare.stacks(truth, [reported]), [])

    def test_arguments(self):
        truth = [{"qualname": "f", "arguments": [{"name": "x", "type": "str", "length": 6, "value": "'secret'"}]}]
        shown = changed(FINDING, "coroutine", "arguments", [{**ARGUMENT, "value": "'secret'", "redacted": False}])
        self.assertEqual(compare.arguments(truth, [FINDING], shown=False), [])
        self.assertEqual(compare.arguments(truth, [shown], shown=True), [])
        self.assertNotEqual(compare.arguments(truth, [shown], shown=False), [])
        self.assertNotEqual(compare.arguments(truth, [FINDING], shown=True), [])
        for key, wrong in (("name", "y"), ("type", "str[7]"), ("value", "'secre'"), ("redacted", True)):
            bad = changed(shown, "coroutine", "arguments", 0, key, wrong)
            self.assertNotEqual(compare.arguments(truth, [bad], shown=True), [], key)
        for none in ([], None):
            wrong = changed(shown, "coroutine", "arguments", none)
            self.assertNotEqual(compare.arguments(truth, [wrong], shown=True), [])
        self.assertNotEqual(compare.arguments(truth, [], shown=False), [])

    def test_consistency(self):
        self.assertEqual(compare.consistency(LINES, every=True), [])
        for wrong in (LINES[1:], LINES[:-1], [*LINES, LINES[-1]], [],
                      changed(LINES, 0, "schema", "corotrace/2"), changed(LINES, 2, "count", 1),
                      changed(LINES, 3, "sites", 2), changed(LINES, 3, "stops", 0),
                      changed(LINES, 3, "pause_max_us", 6), changed(LINES, 3, "never_awaited", 3),
                      changed(LINES, 2, "fingerprint", "1" * 16), changed(LINES, 3, "sampled", 2),
                      changed(LINES, 3, "lost_tasks", {"destroyed_pending": 1, "exception_never_retrieved": 0}),
                      changed(LINES, 2, "kind", "task_destroyed_pending"),
                      [dict(reversed(line.items())) for line in LINES]):
            self.assertNotEqual(compare.consistency(wrong, every=True), [], wrong)

    def test_coverage(self):
        self.assertEqual(compare.coverage(SUMMARY), [])
        self.assertNotEqual(compare.coverage(changed(SUMMARY, "coverage", "state", "incomplete")), [])
        self.assertNotEqual(compare.coverage(changed(SUMMARY, "coverage", "warned", 1)), [])

    def test_filters(self):
        truth = {"forgotten_a": 1, "Service.forgotten_b": 2}
        def keep(*flags):
            return list(compare.filtered(truth, flags, lambda name: "shapes.py"))
        self.assertEqual(keep(), ["forgotten_a", "Service.forgotten_b"])
        self.assertEqual(keep("--include", "forgotten_*"), ["forgotten_a"])
        self.assertEqual(keep("--exclude", "*/shapes.py"), [])
        self.assertEqual(keep("--include", "*", "--exclude", "Service.*"), ["forgotten_a"])


class OfTheSchema(unittest.TestCase):
    def test_faults_are_found(self):
        schema = Schema()
        golden = Path(__file__).resolve().parent.parent / "golden/session.jsonl"
        lines = compare.parse_lines(golden.read_text())
        self.assertEqual({line["event"] for line in lines}, {"attached", "finding", "site", "summary", "total"})
        self.assertEqual(schema.faults(lines), [])
        for number, line in enumerate(lines):
            for key in line:
                without = {name: value for name, value in line.items() if name != key}
                self.assertNotEqual(schema.faults([without]), [], f"line {number} without {key}")
        self.assertNotEqual(schema.faults([changed(lines[0], "pid", "1")]), [])
        self.assertNotEqual(schema.faults([{**lines[-1], "new": 1}]), [])
        self.assertNotEqual(schema.faults([{"event": "other"}]), [])


class Processes(unittest.TestCase):
    def setUp(self):
        self.python = Interpreter({"id": "host", "argv": [sys.executable], "root": None, "traits": [],
                                   "version": "%d.%d.%d" % sys.version_info[:3]})

    def test_output_is_collected(self):
        with Corotrace(sys.executable, "-c", ECHO, '{"event": "a"}\n{"event": "b"}\nnoise\n') as run:
            self.assertEqual(run.wait_event("b"), {"event": "b"})
            result = run.finish()
        self.assertEqual([line["event"] for line in result.lines], ["a", "b", "not JSON"])
        self.assertEqual((result.status, result.stderr), (4, "said"))

    def test_missing_event_is_told(self):
        with Corotrace(sys.executable, "-c", ECHO, "") as run:
            with self.assertRaisesRegex(AssertionError, "without attached.*\n.*4\n.*said"):
                run.wait_event("attached")

    def test_target_that_fails_is_told(self):
        with TargetProcess([sys.executable, "-c", "1/0"]) as target:
            with self.assertRaisesRegex(AssertionError, "ZeroDivisionError"):
                target.expect("ready")

    def test_target_is_reaped(self):
        with TargetProcess.python(self.python, "resting.py") as target:
            target.expect("ready")
            self.assertEqual(target.tracer_pid(), 0)
        self.assertFalse(os.path.exists(f"/proc/{target.pid}"))

    def test_deadline(self):
        read, write = os.pipe()
        with self.assertRaises(DeadlineOver):
            Deadline(0).wait_readable(read, "nothing")
        os.close(read)
        os.close(write)

    def test_snapshot_sees_a_byte(self):
        with TargetProcess.python(self.python, "resting.py") as target:
            ready = target.expect("ready")
            objects = [(item["name"], item["address"], item["size"]) for item in ready["objects"]]
            target.wait_at_rest()
            before = MemorySnapshot(target.pid, objects, everything=True)
            self.assertEqual(before.changes(MemorySnapshot(target.pid, objects, everything=True)), [])
            for _, address, _ in objects:
                with open(f"/proc/{target.pid}/mem", "r+b", buffering=0) as memory:
                    memory.seek(address)
                    old = memory.read(1)
                    memory.seek(address)
                    memory.write(bytes([old[0] ^ 1]))
                    self.assertNotEqual(before.changes(MemorySnapshot(target.pid, objects)), [])
                    memory.seek(address)
                    memory.write(old)


class Truth(unittest.TestCase):
    """Each target's truth, without a tracer, on the interpreter that runs this."""

    setUp = Processes.setUp

    def test_exact(self):
        for arguments in (["ignore", 3], ["error", 2], ["always", 2, "automatic"]):
            with TargetProcess.python(self.python, "exact.py", *arguments) as target:
                target.expect("ready")
                target.say("go")
                done = target.expect("done")
                self.assertEqual(compare.counts(done["scripted"], done["truth"]), [])
                self.assertEqual(target.end(), 0)
