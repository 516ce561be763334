# SPDX-License-Identifier: MIT
"""Commands under `corotrace run`: their processes keep the truth in a file, and it is held against the report."""
import collections
import json
import os
import subprocess
import tempfile
from pathlib import Path

from support.compare import LOST_TASKS
from support.live_test import LiveTest
from support.target_process import environment


class Outcome:
    def __init__(self, status, stdout, stderr, report, truth):
        self.status, self.stdout, self.stderr = status, stdout, stderr
        self.lines = [json.loads(line) for line in report.splitlines()]
        self.truth = truth

    def events(self, event):
        return [line for line in self.lines if line["event"] == event]

    def counts(self):
        """(process, coroutine) -> drops."""
        counts = collections.Counter()
        for site in self.events("site"):
            if site["kind"] not in LOST_TASKS:
                counts[site["pid"], site["coroutine"]["qualname"]] += site["count"]
        return counts

    def __str__(self):
        return f"status {self.status}\n{self.stdout}\n{self.stderr}\n{self.events('summary')}"


class RunCase(LiveTest):
    def setUp(self):
        # Where a chroot's processes find it under the same name.
        root = Path(self.interpreter.root or "/")
        folder = tempfile.TemporaryDirectory(dir=root / "tmp")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o777)
        self.folder = Path(folder.name)
        self.inside = Path("/") / self.folder.relative_to(root)

    def command(self, *arguments, flags=()):
        return [*self.interpreter.argv, *flags, self.interpreter.program("run_forgets.py"), *arguments]

    def needs_inside(self, path):
        """A root made for an interpreter has little else."""
        root = Path(self.interpreter.root or "/")
        if not (root / path.lstrip("/")).exists():
            self.skipTest("the interpreter's root has no " + path)

    def words(self, command, options):
        return [self.binary, "run", "-f", f"jsonl:{self.folder}/report", *options, "--", *command]

    def environment(self, **more):
        return {**environment(), "TRUTH": f"{self.inside}/truth", **more}

    def start(self, command, *options, **popen):
        return subprocess.Popen(self.words(command, options), env=self.environment(), **popen)

    def outcome(self, status, stdout="", stderr=""):
        report, truth = self.folder / "report", collections.Counter()
        if (self.folder / "truth").exists():
            for line in (self.folder / "truth").read_text().splitlines():
                pid, name, count = line.split()
                truth[int(pid), name] += int(count)
        return Outcome(status, stdout, stderr, report.read_text() if report.exists() else "", truth)

    def run_it(self, command, *options, stdin=""):
        done = subprocess.run(self.words(command, options), env=self.environment(), input=stdin, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return self.outcome(done.returncode, done.stdout, done.stderr)

    def check_exact(self, outcome, status=0):
        self.assertEqual(outcome.status, status, outcome)
        self.assertEqual(outcome.counts(), outcome.truth, outcome)
        self.assertTrue(outcome.truth, outcome)
        for line in outcome.events("summary"):
            self.assertEqual(line["coverage"]["state"], "exact", outcome)

    @staticmethod
    def tracer(pid):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("TracerPid:"):
                return int(line.split()[1])
        return 0
