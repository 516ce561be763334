# SPDX-License-Identifier: MIT
"""scan and tasks of core files, made by gdb's gcore and by the kernel, held against what they told of the process."""
import copy
import json
import os
import resource
import signal
import subprocess
import tempfile
from pathlib import Path

from support.deadline import SECONDS
from support.live_test import LiveTest

# What differs between two looks at the same memory.
OF_THE_LOOK = ("pid", "core", "program", "threads", "time", "took_us", "bytes", "unread_bytes", "notes")
ENOUGH = 1 << 30  # bytes; RLIM_INFINITY is below 0
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")


def forget_unshown(process, core):
    """Of a core, sources are shown that anybody may read: takes the others out of what the process told."""
    if isinstance(core, list):
        for pair in zip(process, core):
            forget_unshown(*pair)
    elif isinstance(core, dict):
        if core.get("source", "") is None:
            process["source"] = None
        for key in core:
            forget_unshown(process.get(key), core[key])


class Core(LiveTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.root = ("--root", self.interpreter.root) if self.interpreter.root else ()

    def run_verb(self, verb, *arguments):
        return subprocess.run([self.binary, verb, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=SECONDS, check=False)

    def look(self, verb, *arguments):
        done = self.run_verb(verb, *arguments, "-f", "jsonl", *(("--holder-time", "2m") if verb == "scan" else ()))
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return lines[:-1], lines[-1]

    def rest(self, limit=0):
        """held.py at rest, in a folder of its own for its core."""
        def prepare():
            if not self.interpreter.root:
                os.chdir(self.folder)
            resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
        target = self.target("held.py", preexec_fn=prepare)
        self.addCleanup(target.__exit__)
        target.__enter__()
        target.expect("ready")
        target.wait_at_rest()
        return target

    def make_core(self, target):
        done = subprocess.run(["gcore", "-o", self.folder / "made", str(target.pid)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False)
        core = self.folder / f"made.{target.pid}"
        self.assertTrue(core.exists(), done.stdout)
        return core

    def check_same(self, lives, core, pid):
        for verb, (of_process, process_summary) in lives.items():
            of_core, core_summary = self.look(verb, "--core", core, *self.root)
            self.assertEqual((core_summary["pid"], core_summary["core"], core_summary["threads"]), (pid, str(core), 1))
            self.assertEqual(core_summary["unread_bytes"], 0, core_summary)
            self.assertNotIn("missing: ", " ".join(core_summary["notes"]))
            for key in OF_THE_LOOK:
                process_summary.pop(key, None)
                core_summary.pop(key)
            self.assertEqual(core_summary, process_summary)
            forget_unshown(of_process, of_core)
            self.assertEqual(of_core, of_process)
            self.assertTrue(of_core)

    def look_at_process(self, target):
        return {verb: self.look(verb, "--pid", target.pid) for verb in ("scan", "tasks")}

    def test_gcore(self):
        target = self.rest()
        lives = self.look_at_process(target)
        core = self.make_core(target)
        target.end()
        packed = {pack: core.with_suffix(ending) for pack, ending in (("gzip", ".gz"), ("zstd", ".zst"))}
        for pack, path in packed.items():
            with open(path, "wb") as output:
                subprocess.run([pack, "-1", "-c", core], stdout=output, stderr=subprocess.PIPE, timeout=SECONDS, check=True)
        for path in (core, *packed.values()):
            with self.subTest(path.suffix):
                self.check_same(copy.deepcopy(lives), path, target.pid)

    def test_kernel(self):
        pattern = CORE_PATTERN.read_text().strip()
        if self.interpreter.root or pattern.startswith("|") or "/" in pattern:
            self.skipTest(f"the kernel's cores do not go into a test's folder here: {pattern}")
        limit = resource.getrlimit(resource.RLIMIT_CORE)[1]
        if 0 <= limit < ENOUGH:
            self.skipTest(f"cores may have {limit} bytes here")
        target = self.rest(limit)
        lives = self.look_at_process(target)
        target.kill(signal.SIGABRT)
        self.assertEqual(target.reap(), -signal.SIGABRT)
        cores = list(self.folder.iterdir())
        self.assertEqual(len(cores), 1, pattern)
        self.check_same(lives, cores[0], target.pid)

    def test_what_a_corotrace_had_counted(self):
        with self.target("watched.py") as target:
            target.expect("ready")
            with self.attach(target) as corotrace:
                # So that nobody reads what the stub notes from now on.
                corotrace.signal(signal.SIGKILL)
                corotrace.finish()
            target.say("go")
            dropped = target.expect("done")["dropped"]
            target.wait_at_rest()
            core = self.make_core(target)
            target.end()
        lines, _ = self.look("scan", "--core", core, *self.root)
        watched = [line for line in lines if line["event"] == "watched"]
        self.assertEqual([(one["never_awaited"], one["sites"], one["unnamed"]) for one in watched], [(dropped, 1, 0)])
        [site] = [line for line in lines if line["event"] == "watched_site"]
        self.assertEqual((site["count"], site["coroutine"]["name"]), (dropped, "forgotten"))
        self.assertEqual([frame["name"] for frame in site["stack"]][-1:], ["drop"])
        text = self.run_verb("scan", "--core", core, *self.root).stdout
        self.assertIn(f"had counted {dropped} never awaited", text)

    def test_while_the_collector_is_at_work(self):
        """What it is at work on is no less there, nor is what holds it."""
        if "dwarf" not in self.interpreter.traits or self.interpreter.root:
            self.skipTest("no symbols by which a debugger could stop the collector at its work")
        held = 500
        with self.target("collecting.py", held) as target:
            target.expect("ready")
            core = self.folder / "core"
            done = subprocess.run(["gdb", "-q", "-batch", "-p", str(target.pid), "-ex", "break visit_decref",
                                   "-ex", f"ignore 1 {6 * held}", "-ex", "continue", "-ex", f"gcore {core}", "-ex", "detach"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=SECONDS, check=False)
            self.assertIn("hit Breakpoint 1", done.stdout)
            self.assertEqual(target.end(), 0, target.stderr())
        groups, summary = self.look("scan", "--core", core)
        self.assertEqual([(group["coroutine"]["name"], group["count"]) for group in groups], [("hoarded", held)], summary)
        self.assertRegex(groups[0]["holder"], r"^__main__\.kept\[")
        self.assertEqual(summary["notes"], [])

    def test_what_is_missing_is_told(self):
        target = self.rest()
        core = self.make_core(target)
        target.end()
        whole = core.read_bytes()
        cut = self.folder / "cut"
        cut.write_bytes(whole[:len(whole) // 2])
        done = self.run_verb("scan", "--core", cut, *self.root)
        self.assertIn("cut off", done.stdout + done.stderr)
        cut.write_bytes(whole[:40])
        done = self.run_verb("scan", "--core", cut)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn("cannot look at core file", done.stderr)
        done = self.run_verb("tasks", "--core", self.folder / "none")
        self.assertIn("cannot be opened", done.stderr)
        self.assertNotEqual(done.returncode, 0)
        done = self.run_verb("scan", "--core", core, "/bin/true", *self.root)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("is not the program of the core", done.stderr)
        text = self.run_verb("tasks", "--core", core, *self.root)
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn(f"core file {core} of ", text.stdout)
        self.assertIn(f"(process {target.pid}, 1 thread, CPython ", text.stdout)
        self.assertIn("deadlock: ", text.stdout)


