# SPDX-License-Identifier: MIT
"""The list of Python processes, and an attach that finds one by its command line."""
import json
import os
import subprocess

from support.live_test import LiveTest
from support.target_process import proc_status


class ListOfProcesses(LiveTest):
    def run_list(self, *arguments):
        done = subprocess.run([self.binary, "list", *arguments], capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.no_differences(self.schema.faults(lines), done)
        return done.returncode, lines, done

    def test_a_target_is_listed(self):
        # An argument that no other process of this machine has.
        mark = f"mark-{os.getpid()}"
        with self.target("resting.py", "0", mark) as target:
            target.expect("ready")
            status, listed, done = self.run_list("-f", "jsonl", "--match", mark)
            self.assertEqual(status, 0, done)
            mine = [line for line in listed if line["pid"] == target.pid]
            self.assertEqual(len(mine), 1, done)
            self.assertTrue(mine[0]["attachable"], mine)
            self.assertIsNone(mine[0]["tracer"], mine)
            self.assertEqual(mine[0]["uid"], int(proc_status(target.pid, "Uid").split()[0]))
            self.assertEqual(mine[0]["threads"], int(proc_status(target.pid, "Threads")))
            self.assertIn(mine[0]["python"], (None, self.interpreter.facts["version"].rsplit(".", 1)[0]))
            self.assertEqual(mine[0]["command"][-1], mark)
            self.check_let_go(target)

    def test_an_attach_by_command_line(self):
        mark = f"mark-{os.getpid()}"
        with self.target("resting.py", "0", mark) as target:
            target.expect("ready")
            command = [self.binary, "attach", "--match", mark, "--dry-run"]
            self.assertEqual(subprocess.run(command, capture_output=True, check=False).returncode, 0)
            with self.target("resting.py", "0", mark) as other:
                other.expect("ready")
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 2, done)
                self.assertRegex(done.stderr, f"(?m)^{target.pid}.*{mark}$")
                self.assertRegex(done.stderr, f"(?m)^{other.pid}.*{mark}$")

    def test_nothing_matches(self):
        status, listed, done = self.run_list("--match", f"no-process-has-{os.getpid()}-in-it[x]")
        self.assertEqual((status, listed), (3, []), done)
