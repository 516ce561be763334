# SPDX-License-Identifier: MIT
"""Why the last reference went. What each small program has to say stands in tests/mistakes; here is what takes a
whole process, and that the cause agrees with the native stack."""
import re

from support.live_test import UNLIMITED, LiveTest

# What collects garbage. Source: CPython Modules/gcmodule.c (3.8 to 3.12), Python/gc.c, Python/gc_free_threading.c.
COLLECTOR = re.compile(r"(gc_)?collect(_main|_generations|_with_callback)?(\.|$)|gc_collect|_Py_RunGC|delete_garbage|"
                       r"finalize_garbage")


class Causes(LiveTest):
    def test_shutdown(self):
        with self.target("shutdown.py") as target:
            target.expect("ready")
            with self.attach(target, "--every", *UNLIMITED) as corotrace:
                target.say("go")
                self.assertEqual(target.reap(), 0, target.stderr())
                result = corotrace.finish()
        causes = {}
        for finding in result.drops("finding"):
            if finding["dropped"]["frames"] == []:
                causes.setdefault(finding["coroutine"]["name"], set()).add(finding["dropped"]["cause"])
        # C code calls it, while everything still works.
        self.assertEqual(causes.pop("forgotten_atexit"), {None}, result)
        self.assertGreaterEqual(len(causes), 4)
        for name, found in causes.items():
            self.assertEqual(found, {"interpreter_shutdown"}, name)

    def test_thread_exit(self):
        _, result = self.observe("exact.py", "ignore", 1, flags=("--every", *UNLIMITED))
        causes = {}
        for finding in result.drops("finding"):
            causes.setdefault(finding["coroutine"]["name"], set()).add(finding["dropped"]["cause"])
        self.assertEqual(causes["forgotten_thread_exit"], {"thread_exit"}, result)
        self.assertEqual(causes["forgotten_collected"], {"cyclic_gc"}, result)

    def test_who_called_the_collector(self):
        """It is told from a run that the collector began by itself."""
        for mode, collector in ((), {"gc.collect"}), (("automatic",), {None, "gc.collect"}):
            with self.subTest(mode=mode):
                _, result = self.observe("exact.py", "ignore", 2, *mode, flags=("--every", *UNLIMITED))
                found = {}
                for finding in result.drops("finding"):
                    if finding["dropped"]["cause"] == "cyclic_gc":
                        line = (finding["dropped"]["frames"][-1]["source"] or "").strip()
                        found.setdefault(finding["dropped"]["collector"], set()).add(line == "gc.collect()")
                self.assertLessEqual(set(found), collector, result)
                self.assertEqual(found, {call: {call is not None} for call in found}, result)
                self.assertIn(None if mode else "gc.collect", found, result)

    def test_native_stack_agrees(self):
        if "dwarf" not in self.interpreter.traits:
            self.skipTest("the collector's functions have no names in a stripped build")
        _, result = self.observe("exact.py", "ignore", 2, "automatic", flags=("--every", "--native", *UNLIMITED))
        compared = collected = 0
        for finding in result.drops("finding"):
            native = [frame["function"] for frame in finding["dropped"]["native"] or [] if frame["function"]]
            if not any(name.startswith("_PyEval_EvalFrameDefault") for name in native):
                continue  # stripped
            # Objects freed while the collector runs have it on their stack too, and a finalizer as well.
            inner = native[:[name.startswith("_PyEval_EvalFrameDefault") for name in native].index(True)]
            in_collector = any(COLLECTOR.match(name) for name in inner)
            self.assertEqual(finding["dropped"]["cause"] == "cyclic_gc", in_collector,
                             f"{finding['coroutine']['name']} {finding['dropped']['cause']}: {inner}")
            compared += 1
            collected += in_collector
        if not compared:
            self.skipTest("no native frame has a name")
        self.assertTrue(collected and compared > collected)
