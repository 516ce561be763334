# SPDX-License-Identifier: MIT
"""Memory, or threads, run out for corotrace amid a session: it says so, ends with the code for a lost target, and the
target goes on as if nothing had been."""
import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest
from support.target_process import TARGETS, TargetProcess

INCOMPLETE = 6
NOBODY = 65534


class Starved(LiveTest):
    def check_ended(self, target, corotrace, why):
        result = corotrace.finish()
        self.assertEqual(result.status, INCOMPLETE, result)
        told = result.stderr + "".join(note for line in result.lines for note in line.get("notes") or [])
        self.assertRegex(told, why, result)
        self.check_let_go(target)
        target.say("beat")
        first = target.expect("beat")["dropped"]
        target.say("beat")
        self.assertGreaterEqual(target.expect("beat")["dropped"], first)
        with Corotrace(self.binary, "detach", target.pid) as detach:
            self.assertIn("nothing was left", detach.finish().stderr)
        target.say("end")
        self.assertEqual(target.reap(), 0, target.stderr())

    def may_run(self, ids):
        try:
            return subprocess.run([*self.interpreter.argv, "-c", ""], check=False, cwd="/", **ids).returncode == 0
        except PermissionError:
            return False

    def test_no_more_memory(self):
        with self.target("new_sites.py") as target:
            target.expect("ready")
            with self.attach(target, "--every", *UNLIMITED) as corotrace:
                target.say("go")
                target.say("beat")
                target.expect("beat")
                resource.prlimit(corotrace.pid, resource.RLIMIT_DATA, (0, 0))
                self.check_ended(target, corotrace, "out of memory|bad_alloc|could not go on")

    def test_no_more_threads(self):
        """It begins to follow young threads with a new thread of its own. The limit is not one for root."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        os.chmod(folder, 0o755)
        shutil.copytree(TARGETS, folder / "targets", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(self.binary, folder / "corotrace")
        ids = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        command = [*self.interpreter.argv, str(folder / "targets/new_sites.py"), "threads"]
        if self.interpreter.root or not self.may_run(ids):
            self.skipTest("others than its owner may not run the interpreter")
        with TargetProcess(command, **ids) as target:
            target.expect("ready")
            with Corotrace(folder / "corotrace", "attach", "-p", target.pid, "-f", "jsonl", "--hold", "always",
                           *UNLIMITED, **ids) as corotrace:
                corotrace.wait_event("attached")
                subprocess.run(["prlimit", f"--pid={corotrace.pid}", "--nproc=0"], check=True, **ids)
                target.say("go")
                self.check_ended(target, corotrace, "no thread can be started")
