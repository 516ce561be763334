# SPDX-License-Identifier: MIT
"""run_doctor: one run of corotrace doctor, with its checks by their ids."""
import json
import os
import subprocess


class Told:
    def __init__(self, lines, done):
        self.lines = lines
        self.checks = [line for line in lines if line["event"] == "check"]
        self.verdict = lines[-1]
        self.obstacles = self.verdict["obstacles"]
        self._done = done

    def __getitem__(self, name):
        return next(check for check in self.checks if check["id"] == name)

    def __str__(self):
        return f"{self._done.args}\n{self._done.stdout}\n{self._done.stderr}"

    __repr__ = __str__


def run_doctor(test, *arguments, status=0, prefix=(), **popen):
    """`test` is the LiveTest; `prefix` a command that runs corotrace somewhere."""
    command = [*map(str, prefix), str(popen.pop("binary", test.binary)), "doctor", "-f", "jsonl", *map(str, arguments)]
    keep = {name: value for name, value in os.environ.items() if not name.startswith("COROTRACE_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env={**keep, **popen.pop("env", {}), "LC_ALL": "C.UTF-8"}, **popen)
    told = Told([json.loads(line) for line in done.stdout.splitlines()], done)
    test.assertEqual(done.returncode, status, told)
    test.no_differences(test.schema.faults(told.lines), told)
    test.assertEqual(told.verdict["exit_status"], status, told)
    test.assertEqual(told.verdict["usable"], status == 0, told)
    ids = [check["id"] for check in told.checks]
    test.assertEqual(len(ids), len(set(ids)), told)
    test.assertEqual(told.obstacles, [check["id"] for check in told.checks if check["state"] == "obstacle"])
    # Whatever hinders has its remedy.
    test.assertEqual([check["id"] for check in told.checks if check["state"] == "obstacle" and not check["fix"]], [], told)
    return told
