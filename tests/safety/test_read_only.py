# SPDX-License-Identifier: MIT
"""--read-only: what Python's own warnings left is told, and the target is neither traced nor written to."""
import os
import re
from pathlib import Path

from support.corotrace import Corotrace
from support.live_test import LiveTest
from support.memory_snapshot import MemorySnapshot

TEXT = re.compile(r"coroutine (?:method '(\w+)' of )?'(.*?)' was never awaited(.*)", re.DOTALL)
CREATED = re.compile(r'^  File "(.*)", line (\d+), in (.*)$', re.MULTILINE)


class ReadOnly(LiveTest):
    def warned(self, action="default", depth=0):
        target = self.enterContext(self.target("warned.py", action, depth))
        return target, target.expect("ready")

    def truth(self, said):
        found = set()
        for module, file, text, line in said["records"]:
            method, name, rest = TEXT.fullmatch(text).groups()
            created = tuple((file, int(number), function) for file, number, function in CREATED.findall(rest))
            found.add((method or "coroutine", name, module, file, line, created))
        return found

    def told(self, lines):
        found = set()
        for line in lines:
            created = tuple((frame["file"], frame["line"], frame["name"]) for frame in line["created"]["frames"] or ())
            blamed = line["blamed"]
            found.add((line["kind"].split("_")[0], line["coroutine"]["qualname"], blamed["module"], blamed["file"],
                       blamed["line"], created))
            self.assertEqual(line["created"]["how"], "origin" if created else None)
        self.assertEqual(len(found), len(lines), lines)
        return found

    def read(self, target, *flags):
        return self.attach(target, "--read-only", *flags)

    def files_of_memory(self, corotrace, target):
        """How corotrace has the target's memory open: the flags of open(2), each."""
        found = []
        for number in os.listdir(f"/proc/{corotrace.pid}/fd"):
            try:
                path = os.readlink(f"/proc/{corotrace.pid}/fd/{number}")
                info = Path(f"/proc/{corotrace.pid}/fdinfo/{number}").read_text()
            except FileNotFoundError:  # it was open for a look only, and is closed again
                continue
            if path == f"/proc/{target.pid}/mem":
                found.append(int(re.search(r"^flags:\s*(\d+)", info, re.MULTILINE).group(1), 8))
        return found

    def check_records(self, depth):
        target, ready = self.warned(depth=depth)
        before = self.truth(ready)
        self.assertGreater(len(before), 3)
        with self.read(target) as corotrace:
            corotrace.wait_event("finding", len(before))
            self.assertEqual(target.tracer_pid(), 0)
            target.say("drop")
            after = self.truth(target.expect("dropped"))
            self.assertLess(before, after)
            corotrace.wait_event("finding", len(after))
            result = corotrace.stop()
        self.check(result)
        self.assertEqual(self.told(result.events("finding")), after, result)
        self.assertEqual(self.told(result.events("site")), after, result)
        for line in result.events("finding"):
            early = any("before corotrace came" in note for note in line["notes"])
            self.assertEqual(early, bool(self.told([line]) & before), line)
        self.assertEqual((result.summary["never_awaited"], result.summary["stops"]), (None, 0))
        self.assertEqual(result.summary["coverage"]["state"], None)
        self.assertIn("read-only", result.summary["coverage"]["why"])
        self.assertEqual(target.end(), 0, target.stderr())

    def test_what_was_warned_of_before_and_since(self):
        self.check_records(depth=0)

    def test_where_it_was_created_if_python_noted_that(self):
        self.check_records(depth=3)

    def test_nothing_is_written_and_nobody_traced(self):
        target, ready = self.warned()
        objects = [(item["name"], item["address"], item["size"]) for item in ready["objects"]]
        target.wait_at_rest()
        before = MemorySnapshot(target.pid, objects, everything=True)
        with self.read(target) as corotrace:
            corotrace.wait_event("finding")
            self.assertEqual(target.tracer_pid(), 0)
            opened = self.files_of_memory(corotrace, target)
            self.assertEqual([flags & os.O_ACCMODE for flags in opened], [os.O_RDONLY] * len(opened))
            self.assertGreater(len(opened), 0)
            self.assertEqual(before.changes(MemorySnapshot(target.pid, objects, everything=True)), [])
            self.check(corotrace.stop())
        self.assertEqual(before.changes(MemorySnapshot(target.pid, objects, everything=True)), [])
        # Both looks can fail: who attaches for good writes, traces, and opens the memory for writing.
        with self.attach(target) as corotrace:
            self.assertEqual([flags & os.O_ACCMODE for flags in self.files_of_memory(corotrace, target)], [os.O_RDWR])
            self.assertNotEqual(target.tracer_pid(), 0)
            self.assertNotEqual(before.changes(MemorySnapshot(target.pid, objects)), [])
            self.check(corotrace.stop())
        self.assertEqual(target.end(), 0, target.stderr())

    def test_process_that_is_traced_already(self):
        target, ready = self.warned()
        with self.attach(target) as tracer:
            traced_by = target.tracer_pid()
            with self.read(target) as corotrace:
                corotrace.wait_event("finding", len(self.truth(ready)))
                self.assertEqual(target.tracer_pid(), traced_by)
                result = corotrace.stop()
            self.check(result)
            self.assertEqual(self.told(result.events("site")), self.truth(ready), result)
            target.say("drop")
            target.expect("dropped")
            result = tracer.stop()
        self.check(result)
        self.assertEqual(result.summary["coverage"]["state"], "exact", result)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_filter_that_leaves_no_record(self):
        for action in "always", "ignore":
            target, ready = self.warned(action)
            self.assertEqual(ready["records"], [])
            with self.read(target, "-d", "100ms", "--fail-on", "any") as corotrace:
                result = corotrace.finish()
            self.check(result)
            self.assertIn(f"'{action}'", str(result.summary["notes"]))
            self.assertEqual(target.end(), 0, target.stderr())

    def test_each_line_once_under_once_and_module(self):
        for action in "once", "module":
            target, ready = self.warned(action)
            with self.read(target, "-d", "100ms") as corotrace:
                result = corotrace.finish()
            self.check(result)
            self.assertEqual(self.told(result.events("site")), self.truth(ready), result)
            self.assertEqual(result.summary["notes"], [])
            self.assertEqual(target.end(), 0, target.stderr())

    def test_for_scripts(self):
        target, _ = self.warned()
        for flag, status in (("--fail-on=any", 1), ("--strict", 6), ("--include=/srv/shop/*", 0)):
            with self.read(target, "-d", "100ms", flag) as corotrace:
                result = corotrace.finish()
            self.check(result, status=status)
        self.assertEqual({site["blamed"]["module"] for site in result.events("site")}, {"shop.orders"})
        with Corotrace(self.binary, "attach", target.pid, "--read-only", "--every") as corotrace:
            self.assertEqual(corotrace.finish().status, 2)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_end_of_the_target(self):
        target, _ = self.warned()
        with self.read(target) as corotrace:
            corotrace.wait_event("finding")
            self.assertEqual(target.end(), 0, target.stderr())
            result = corotrace.finish()
        self.check(result)
        self.assertEqual(result.summary["ended"], "target exited")
