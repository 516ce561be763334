# SPDX-License-Identifier: MIT
"""serve: processes there are and those that come are watched, never twice, and get back what was changed."""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.corotrace import Corotrace
from support.deadline import SECONDS, Deadline
from support.live_test import LiveTest
from support.target_process import TargetProcess, proc_status
from support.tracer import TRACER

# Waits for a word, then executes Python with its own arguments.
BECOMES = "import os, sys; os.read(0, 100); os.execv(sys.executable, [sys.executable] + sys.argv[1:])"


class Serve(LiveTest):
    def setUp(self):
        # An argument that no other process of this machine has.
        self.mark = f"served-{os.getpid()}-{self._testMethodName}"

    def serve(self, *arguments, within=()):
        command = [*within, self.binary, "serve", "--match", self.mark, *arguments]
        corotrace = Corotrace(*command)
        corotrace.wait_said("watches Python processes")
        return corotrace

    def resting(self):
        target = self.target("resting.py", "0", self.mark)
        target.expect("ready")
        return target

    def wait_watched(self, corotrace, target, event="attached"):
        corotrace.wait_that(lambda line: line["event"] == event and line["pid"] == target.pid, f"{event} of {target.pid}")

    def wait_counted(self, corotrace, target):
        """What a process that is not traced drops last, just before it ends, is not counted."""
        corotrace.wait_that(lambda line: line["event"] == "finding" and line["pid"] == target.pid and
                            line["coroutine"]["qualname"] == "forgotten", f"the drops of {target.pid}")

    def terminate(self, corotrace):
        corotrace.signal(signal.SIGTERM)
        result = corotrace.finish()
        self.assertEqual(result.status, 0, result)
        self.no_differences(self.schema.faults(result.lines), result)
        return result

    def drop(self, target, times=1):
        for _ in range(times):
            target.say("drop")
            target.expect("dropped")

    def check_count(self, result, count, target=None):
        """Of what was dropped when it was told to, here or in all; at its start a target drops some others."""
        sites = [line for line in result.drops("site") if line["coroutine"]["qualname"] == "forgotten"]
        self.assertEqual(sum(site["count"] for site in sites if target is None or site["pid"] == target.pid), count,
                         result)

    def test_those_there_and_those_that_come(self):
        with self.resting() as first, self.serve() as corotrace:
            self.wait_watched(corotrace, first)
            with self.resting() as second:
                self.wait_watched(corotrace, second)
                self.drop(first, 2)
                self.drop(second)
                self.wait_counted(corotrace, second)
                self.assertEqual(second.end(), 0, second.stderr())
            self.wait_watched(corotrace, second, "summary")
            # It comes back after a restart.
            with self.resting() as third:
                self.wait_watched(corotrace, third)
                self.drop(third)
                self.wait_watched(corotrace, first, "finding")
                result = self.terminate(corotrace)
                self.assertEqual(len(result.events("attached")), 3, result)
                self.check_count(result, 200, first)
                self.check_count(result, 100, second)
                self.check_count(result, 100, third)
                for target in (first, third):
                    self.check_let_go(target)
                    self.drop(target)
                    self.assertEqual(target.end(), 0, target.stderr())

    def test_who_is_traced_is_left_alone(self):
        with self.resting() as target:
            tracer = subprocess.Popen([sys.executable, "-c", TRACER, str(target.pid)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)
            try:
                self.assertEqual(tracer.stdout.readline(), b"traced\n")
                with self.serve() as corotrace:
                    corotrace.wait_said(f"{target.pid} is left alone")
                    self.assertEqual(int(proc_status(target.pid, "TracerPid")), tracer.pid)
                    tracer.stdin.close()
                    tracer.wait()
                    self.wait_watched(corotrace, target)
                    self.terminate(corotrace)
            finally:
                tracer.kill()
                tracer.wait()
                tracer.stdout.close()
            self.check_let_go(target)

    def test_next_goes_on_with_the_counts(self):
        """serve is killed, twice; meanwhile the process counts."""
        with self.resting() as target:
            for _ in range(2):
                with self.serve() as corotrace:
                    self.wait_watched(corotrace, target)
                    self.drop(target)
                    corotrace.signal(signal.SIGKILL)
                    corotrace.finish()
                self.drop(target)
            with self.serve() as corotrace:
                self.wait_watched(corotrace, target)
                self.drop(target)
                result = self.terminate(corotrace)
            self.check_count(result, 500, target)
            (attached,) = result.events("attached")
            self.assertRegex(str(attached["notes"]), "goes on with [0-9]+ drops that were counted before")
            self.check_let_go(target)
            self.drop(target)
            self.assertEqual(target.end(), 0, target.stderr())

    def test_another_corotrace_has_it(self):
        with self.resting() as target:
            with self.attach(target, "--hold", "never") as other:
                with self.serve("--hold", "never") as corotrace:
                    corotrace.wait_said(f"{target.pid} is left alone")
                    self.drop(target)
                    other.stop()
                    self.wait_watched(corotrace, target)
                    self.drop(target)
                    result = self.terminate(corotrace)
            self.check_count(result, 100, target)
            self.assertEqual(other.result.summary["never_awaited"], 100)

    def test_without_news_of_the_kernel(self):
        """In another network namespace, where it tells nothing."""
        with self.serve(within=("unshare", "--net")) as corotrace:
            self.assertIn("by looking at /proc", corotrace.said_to_stderr())
            with self.resting() as target:
                self.wait_watched(corotrace, target)
                self.terminate(corotrace)
                self.check_let_go(target)

    def test_another_program(self):
        """A Python becomes another one."""
        resting = self.interpreter.program("resting.py")
        with self.serve() as corotrace, TargetProcess([*self.interpreter.argv, "-c", BECOMES, resting, "0", self.mark]) \
                as target:
            self.wait_watched(corotrace, target)
            target.say("go")
            target.expect("ready")
            corotrace.wait_event("attached", 2)
            self.drop(target)
            result = self.terminate(corotrace)
            self.assertEqual([(line["pid"], line["generation"]) for line in result.events("attached")],
                             [(target.pid, 1), (target.pid, 2)], result)
            self.check_count(result, 100)
            self.check_let_go(target)

    def test_options_of_a_file(self):
        """Read again at SIGHUP: then all processes are left, and watched again if they match still."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        taken = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        file = folder / "serve.toml"
        matches = f'match = "{self.mark}"\nhold = "never"\nlisten = "0"\n'
        file.write_text(matches)
        with self.resting() as target, Corotrace(self.binary, "serve", "--config", str(file)) as corotrace:
            self.wait_watched(corotrace, target)
            self.drop(target)
            file.write_text(f'match = "{self.mark}-and-more"\nlisten = "{taken.getsockname()[1]}"\n')
            corotrace.signal(signal.SIGHUP)
            corotrace.wait_said("read its options again")
            corotrace.wait_said("answers where it did")
            self.assertEqual(self.forgotten(corotrace), 100)
            self.check_let_go(target)
            file.write_text("hold = 'often'\n")
            corotrace.signal(signal.SIGHUP)
            corotrace.wait_said("goes on with the options that it had")
            self.assertIn(f"{file}:1:8: hold: ", corotrace.said_to_stderr())
            self.check_let_go(target)
            file.write_text(matches)
            corotrace.signal(signal.SIGHUP)
            corotrace.wait_event("attached", 2)
            self.drop(target, 2)
            self.wait_until(lambda: self.forgotten(corotrace), 300, "counts of both runs")
            result = self.terminate(corotrace)
            self.check_count(result, 300, target)
            self.check_let_go(target)

    def test_check_of_a_file(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        file = folder / "serve.toml"
        for text, status, said in (("quiet = true\n", 0, ""), ("\nnme = 'x'\n", 2, f"{file}:2:1: unknown option 'nme'"),
                                   ("own = [1\n", 2, f"{file}:"), ("name = '\\u001b[2J'\n[a]\n", 2, f"{file}:2:")):
            file.write_text(text)
            done = self.check_config(file)
            self.assertEqual(done.returncode, status, done)
            self.assertIn(said, done.stderr)
            self.assertNotIn("\x1b", done.stderr + done.stdout)

    def check_config(self, *words):
        return subprocess.run([self.binary, "config", "check", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)

    def test_check_of_a_file_and_what_comes_beside_it(self):
        """It is not called fine if serve would not begin with it."""
        file = Path(self.enterContext(tempfile.TemporaryDirectory())) / "serve.toml"
        file.write_text('quiet = true\nlisten = "0.0.0.0:9736"\n')
        alone = self.check_config(file)
        self.assertEqual(alone.returncode, 2, alone)
        self.assertIn(f"{file}:2:10: listen: '0.0.0.0:9736' lets other hosts read", alone.stderr)
        beside = self.check_config(file, "--", "--insecure-listen")
        self.assertEqual((beside.returncode, beside.stderr), (0, ""))
        self.assertIn(f"corotrace serve --config {file} --insecure-listen", beside.stdout)
        self.assertEqual(self.check_config(file, "--", "--insecure-lisen").returncode, 2)
        self.assertEqual(self.check_config(file, file).returncode, 2)

    def test_targets_end_with_it(self):
        for _ in range(2):
            with self.resting() as one, self.resting() as other, self.serve() as corotrace:
                self.wait_watched(corotrace, one)
                self.wait_watched(corotrace, other)
                self.drop(one)
                os.kill(one.pid, signal.SIGKILL)
                self.terminate(corotrace)
                self.check_let_go(other)
                self.drop(other)

    def test_memory_of_many(self):
        """All are traced at first, and what it takes to copy a drop is not taken for each of them, nor are the symbols
        of the file that they all are of."""
        with contextlib.ExitStack() as stack:
            targets = [stack.enter_context(self.resting())]
            with self.serve() as corotrace:
                self.wait_watched(corotrace, targets[0])
                one = int(proc_status(corotrace.pid, "VmRSS").split()[0])
                targets += [stack.enter_context(self.resting()) for _ in range(15)]
                for target in targets[1:]:
                    self.wait_watched(corotrace, target)
                deadline = Deadline()
                while any(target.tracer_pid() for target in targets):
                    deadline.left("nobody to be traced")
                    time.sleep(0.05)
                time.sleep(6)  # until it has looked at all that rest
                most, now = (int(proc_status(corotrace.pid, name).split()[0]) for name in ("VmHWM", "VmRSS"))
                self.terminate(corotrace)
        self.assertLess(most - now, 16 * 300)  # kB
        self.assertLess(now - one, 15 * 300)

    def test_many_that_come_and_go(self):
        """Memory does not grow with them."""
        def memory():
            return int(proc_status(corotrace.pid, "VmRSS").split()[0])

        with self.serve() as corotrace:
            for number in range(20):
                with self.resting() as target:
                    self.wait_watched(corotrace, target)
                    self.drop(target)
                    self.wait_counted(corotrace, target)
                    self.assertEqual(target.end(), 0, target.stderr())
                self.wait_watched(corotrace, target, "summary")
                if number == 7:
                    before = memory()
            self.assertLess(memory() - before, 4096, "KiB")
            files = len(list(Path(f"/proc/{corotrace.pid}/fd").iterdir()))
            self.assertLess(files, 20)
            result = self.terminate(corotrace)
        self.check_count(result, 20 * 100)
        self.assertEqual(result.events("total")[0]["processes"], 20, result)

    def ask(self, corotrace, path, accept="*/*"):
        """The answer's body; the address is that of its log."""
        ((host, port),) = re.findall(r"answers at http://([0-9.]+):(\d+)/", corotrace.said_to_stderr())
        connection = http.client.HTTPConnection(host, int(port), timeout=SECONDS)
        try:
            connection.request("GET", path, headers={"Accept": accept})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200, path)
            return answer.read().decode()
        finally:
            connection.close()

    def metric(self, corotrace, name):
        (value,) = re.findall(rf"(?m)^{name} (\d+)$", self.ask(corotrace, "/metrics"))
        return int(value)

    def forgotten(self, corotrace):
        return sum(site["count"] for site in json.loads(self.ask(corotrace, "/sites"))["sites"]
                   if site["coroutine"] == "forgotten")

    def wait_until(self, read, value, what):
        deadline = Deadline()
        while (now := read()) != value:
            deadline.left(f"{what} to be {value}, not {now}")

    def test_metrics(self):
        """Counts of workers that go on and of those that have ended, whichever way."""
        with self.serve("--listen", "127.0.0.1:0") as corotrace, self.resting() as stays:
            self.wait_watched(corotrace, stays)
            with self.resting() as ends, self.resting() as killed:
                self.wait_watched(corotrace, ends)
                self.wait_watched(corotrace, killed)
                for target in (stays, ends, killed):
                    self.drop(target)
                self.wait_until(lambda: self.forgotten(corotrace), 300, "drops")
                self.assertEqual(self.metric(corotrace, "corotrace_watched_processes"), 3)
                self.assertEqual(ends.end(), 0)
                killed.kill()
                killed.reap()
            self.wait_until(lambda: self.metric(corotrace, "corotrace_programs_ended_total"), 2, "ended programs")
            self.drop(stays)
            self.wait_until(lambda: self.forgotten(corotrace), 400, "drops")
            text = self.ask(corotrace, "/metrics")
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                                  check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), text)
            self.assertTrue(self.ask(corotrace, "/metrics", "application/openmetrics-text").endswith("# EOF\n"))
            for path in ("/", "/-/healthy", "/-/ready"):
                self.assertTrue(self.ask(corotrace, path))
            result = self.terminate(corotrace)
            self.check_count(result, 400)
            self.check_let_go(stays)
