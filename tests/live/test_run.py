# SPDX-License-Identifier: MIT
"""corotrace run: every Python of a process tree is counted from its beginning to its end, and the command does
not notice. Counts are equal to those that the program keeps itself."""
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import tempfile
from pathlib import Path

from support.deadline import Deadline
from support.memory_snapshot import Memory, mappings
from support.run_case import RunCase


class Run(RunCase):
    def test_one(self):
        outcome = self.run_it(self.command("once"))
        self.check_exact(outcome)
        self.assertEqual(outcome.stdout, "")

    def test_from_the_first_line_to_interpreter_shutdown(self):
        self.check_exact(self.run_it(self.command("at_exit")))

    def test_nothing_imported(self):
        """Python warns by the module warnings; where that was never imported, nothing was warned of."""
        for flags in ((), ("-I", "-S")):
            outcome = self.run_it([*self.interpreter.argv, *flags, "-c", "pass"])
            states = [line["coverage"]["state"] for line in outcome.events("summary")]
            self.assertEqual((outcome.status, states), (0, ["exact"]), outcome)

    def test_forks(self):
        self.check_exact(self.run_it(self.command("forks_at_once")))
        (self.folder / "truth").unlink()
        self.check_exact(self.run_it(self.command("grandchildren")))

    def test_a_thousand_forks(self):
        """All of them on one version: the number is about processes, and each takes its time to start."""
        number = 1000 if self.interpreter.version == (3, 11) else 100
        self.check_exact(self.run_it(self.command("forks", str(number))))

    def test_shell_env_subprocess_and_pipe(self):
        self.needs_inside("/bin/sh")
        self.check_exact(self.run_it(self.command("spawned")))

    def test_exec(self):
        outcome = self.run_it(self.command("becomes"))
        self.check_exact(outcome)
        before, after = outcome.events("summary")
        self.assertEqual(before["ended"], "target replaced its program")
        self.assertEqual((before["never_awaited"], after["never_awaited"]), (4, 5), outcome)

    def test_exec_of_forked_processes(self):
        """By os.execv() at once and after many system calls, by os.execvpe() that looks in many folders, in C by
        subprocess, and all in C."""
        outcome = self.run_it(self.command("children_become"))
        self.check_exact(outcome)
        replaced = [line for line in outcome.events("summary") if line["ended"] == "target replaced its program"]
        self.assertEqual(len(replaced), 5, outcome)

    def test_exec_beside_other_threads(self):
        """They cannot drop anything meanwhile, unless there is no GIL."""
        outcome = self.run_it(self.command("threads_become"))
        before, after = outcome.events("summary")
        self.assertEqual((outcome.status, after["coverage"]["state"]), (0, "exact"), outcome)
        if self.interpreter.is_free_threaded:
            self.assertEqual(before["coverage"]["state"], "incomplete", outcome)
            return
        self.assertEqual(before["coverage"]["state"], "exact", outcome)
        told = sum(struct.unpack("2Q", (self.folder / "truth.threads").read_bytes()))
        # Each thread may have dropped one more than it had told.
        self.assertIn(before["never_awaited"] - 4 - told, range(3), outcome)

    def test_exec_by_code_in_c(self):
        """Nothing announces it: of the program before, the last moment may be missing, and that is told."""
        outcome = self.run_it(self.command("becomes_in_c"))
        before, after = outcome.events("summary")
        self.assertEqual(before["coverage"]["state"], "incomplete", outcome)
        self.assertRegex(before["coverage"]["why"], r"last \d\.\d s")
        self.assertEqual((after["never_awaited"], after["coverage"]["state"]), (5, "exact"), outcome)

    def test_exec_after_corotrace_left(self):
        """Nothing is left in the functions by which a program executes another one."""
        outcome = self.run_it(self.command("daemon_becomes"))
        self.assertEqual(outcome.status, 0, outcome)
        (self.folder / "truth.go").touch()
        deadline = Deadline()
        while not (self.folder / "truth").exists():
            deadline.left("the daemon's last words")
            os.sched_yield()

    def test_multiprocessing(self):
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method):
                (self.folder / "truth").unlink(missing_ok=True)
                self.check_exact(self.run_it(self.command("pool", method)))

    def test_drops_privileges(self):
        if os.geteuid() != 0:
            self.skipTest("only root has privileges to drop")
        self.check_exact(self.run_it(self.command("drops_privileges")))

    def test_set_uid(self):
        """Traced by a user it runs with his rights only, and that is told."""
        if os.geteuid() != 0:
            self.skipTest("only root can make a program set-uid")
        # Where every user can get at it.
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        folder.chmod(0o777)
        program, binary, text = folder / "whoami", folder / "corotrace", folder / "text"
        shutil.copyfile("/usr/bin/id", program)
        program.chmod(0o4755)
        shutil.copyfile(self.binary, binary)
        binary.chmod(0o755)
        words = [binary, "run", "-f", f"text:{text}", "--", program, "-u"]
        for user, seen in ((0, "0"), (65534, "65534")):
            with self.subTest(user=user):
                done = subprocess.run(words, user=user, group=user, extra_groups=[], stdout=subprocess.PIPE, text=True,
                                      stderr=subprocess.PIPE, check=True)
                self.assertEqual(done.stdout.strip(), seen, done)
                self.assertEqual("is set-uid or set-gid" in text.read_text(), user != 0, text.read_text())
                text.unlink()

    def test_exit_status(self):
        for number in (0, 1, 3, 255):
            self.assertEqual(self.run_it(self.command("status", str(number))).status, number)
        self.assertEqual(self.run_it([*self.interpreter.argv, "-c", "raise SystemExit(7)"]).status, 7)

    def test_death_by_signal(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGUSR1):
            outcome = self.run_it(self.command("killed", str(int(number))))
            self.assertEqual(outcome.status, -number, outcome)

    def test_no_such_command(self):
        outcome = self.run_it(["/no/such/command"])
        self.assertEqual(outcome.status, 127)
        self.assertIn("/no/such/command", outcome.stderr)
        self.assertEqual(self.run_it(["/etc/passwd"]).status, 126)
        self.assertEqual(self.run_it([]).status, 2)

    def test_no_python_at_all(self):
        outcome = self.run_it(["/bin/sh", "-c", "cat; exit 5"], stdin="through")
        self.assertEqual((outcome.status, outcome.stdout), (5, "through"), outcome)
        self.assertEqual(outcome.events("attached"), [])

    def test_fail_on(self):
        outcome = self.run_it(self.command("status", "0"), "--fail-on", "any")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("--fail-on any", outcome.stderr)
        self.assertEqual(self.run_it(self.command("status", "3"), "--fail-on", "any:2").status, 3)
        self.assertEqual(self.run_it(self.command("status", "3"), "--fail-on", "any", "--exclude", "forgotten").status, 3)

    def test_the_command_sees_what_it_would_see(self):
        self.needs_inside("/proc/self")
        alone = subprocess.run(self.command("facts"), env=self.environment(), stdout=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, check=True, text=True).stdout
        watched = subprocess.run(self.words(self.command("facts"), ()), env=self.environment(), text=True,
                                 stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True).stdout
        self.assertEqual(watched, alone)

    def test_a_daemon_that_outlives_the_command(self):
        outcome = self.run_it(self.command("daemon"))
        daemon = next(pid for pid, name in outcome.truth if name == "forgotten_in_child")
        try:
            self.check_exact(outcome)
            self.assertEqual(Path(f"/proc/{daemon}/status").read_text().split("TracerPid:")[1].split()[0], "0")
            self.assertTrue(any("the command ended" in line["ended"] for line in outcome.events("summary")), outcome)
        finally:
            os.kill(daemon, signal.SIGKILL)

    def test_a_python_that_is_still_starting_when_the_command_has_ended(self):
        """It waits for its configuration, which nobody writes. It is not watched, which is told."""
        self.needs_inside("/bin/sh")
        if self.interpreter.root:
            self.skipTest("a root of its own has its configuration elsewhere")
        shutil.copy(os.path.realpath(self.interpreter.argv[0]), self.folder / "python")
        os.mkfifo(self.folder / "pyvenv.cfg")
        outcome = self.run_it(["/bin/sh", "-c", f"{self.folder}/python -c '' >/dev/null 2>&1 & echo $!"], "--strict")
        pid = int(outcome.stdout)
        try:
            self.assertEqual(self.tracer(pid), 0)
            self.assertEqual(outcome.status, 6, outcome)
            total, = outcome.events("total")
            self.assertEqual((total["programs"], total["exact"]), (1, 0), outcome)
            self.assertTrue(any(f"{pid} was still starting" in note for note in total["notes"]), outcome)
        finally:
            os.kill(pid, signal.SIGKILL)

    def test_stops_and_continues_itself(self):
        self.check_exact(self.run_it(self.command("stops")))

    def test_signals_go_on_to_the_command(self):
        with self.start(self.command("signals"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            self.assertEqual(process.stdout.readline(), "ready\n")
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGWINCH):
                process.send_signal(number)
                self.assertEqual(process.stdout.readline(), f"{int(number)}\n")
            process.stdin.write("\n")
            process.stdin.close()
            self.assertEqual(process.wait(), 0)
        self.check_exact(self.outcome(0))

    def test_corotrace_is_killed(self):
        """The command lives on, and ends well."""
        with self.start(self.command("signals"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            self.assertEqual(process.stdout.readline(), "ready\n")
            children = [int(pid) for pid in
                        Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
            traced = [pid for pid in children if self.tracer(pid)]
            self.assertEqual(len(traced), 1)
            tracer = next(pid for pid in children if pid != traced[0])
            os.kill(tracer, signal.SIGKILL)
            deadline = Deadline()
            while self.tracer(traced[0]):
                deadline.left("the end of tracing")
                os.sched_yield()
            process.kill()
            process.wait()
            os.kill(traced[0], signal.SIGUSR1)
            self.assertEqual(process.stdout.readline(), f"{int(signal.SIGUSR1)}\n")
            process.stdin.write("\n")
            process.stdin.close()
            # Its standard output is closed at its end, and the truth is its last word.
            self.assertEqual(process.stdout.read(), "")
        self.assertEqual(sum(self.outcome(0).truth.values()), 1)

    def executing_functions(self, said):
        """Where the code of posix.execv and posix.execve is, by file."""
        found = []
        with Memory(said["pid"]) as memory:
            for place in said["places"]:
                definition = int.from_bytes(memory.read(place, 8), "little")
                code = int.from_bytes(memory.read(definition + 8, 8), "little")
                found += [(path, code - start + offset) for start, end, _, offset, path in mappings(said["pid"])
                          if start <= code < end]
        return found

    def test_corotrace_is_killed_before_exec(self):
        """What it put into the functions that execute programs is harmless, and `detach` puts them back."""
        with subprocess.Popen(self.command("waits_to_become"), env=self.environment(), stdout=subprocess.PIPE) as plain:
            untouched = self.executing_functions(json.loads(plain.stdout.readline()))
            plain.kill()
        for detaches in (False, True):
            with self.subTest(detaches=detaches), self.start(self.command("waits_to_become"), stdout=subprocess.PIPE) as process:
                said, deadline = json.loads(process.stdout.readline()), Deadline()
                while self.executing_functions(said) == untouched:
                    deadline.left("what announces an exec")
                    os.sched_yield()
                while not (tracer := self.tracer(said["pid"])):
                    deadline.left("a tracer")
                    os.sched_yield()
                os.kill(tracer, signal.SIGKILL)
                while self.tracer(said["pid"]):
                    deadline.left("the end of tracing")
                    os.sched_yield()
                process.kill()
                process.wait()
                self.assertNotEqual(self.executing_functions(said), untouched)
                if detaches:
                    subprocess.run([self.binary, "detach", str(said["pid"])], check=True, stderr=subprocess.PIPE)
                    self.assertEqual(self.executing_functions(said), untouched)
                (self.folder / "truth.go").touch()
                self.assertEqual(process.stdout.read(), b"")  # until the end of what it became
            self.assertEqual(sum(self.outcome(0).truth.values()), 5)
            for name in ("truth", "truth.go"):
                (self.folder / name).unlink()


class Terminal(RunCase):
    """A shell on a pty with job control, and what a person types."""

    def setUp(self):
        super().setUp()
        self.shell, self.end = pty.fork()
        if self.shell == 0:
            os.execve("/bin/bash", ["bash", "--norc", "--noediting", "-i"], {**self.environment(), "PS1": "$ "})
        self.seen = self.passed = b""
        self.addCleanup(self.close)

    def close(self):
        os.close(self.end)
        os.waitpid(self.shell, 0)

    def say(self, text):
        os.write(self.end, text)

    def expect(self, text):
        deadline = Deadline()
        while text not in self.seen:
            deadline.wait_readable(self.end, f"{text} on the terminal, not only {self.seen}")
            self.seen += os.read(self.end, 4096)
        self.passed, self.seen = self.seen.split(text, 1)

    def run_on_terminal(self, how):
        self.say(" ".join(map(str, self.words(self.command(how), ("-q",)))).encode() + b"\n")
        self.expect(b"ready")

    def end_well(self):
        self.say(b"\n")
        self.say(b"echo status=$?\n")
        self.expect(b"status=0")
        self.check_exact(self.outcome(0))

    def test_interrupt_and_window_change(self):
        self.run_on_terminal("signals")
        self.say(b"\x03")
        self.expect(b"%d\r\n" % signal.SIGINT)
        # The terminal gives it to the whole group, and what corotrace got of it does not go on to the command: it
        # passes on what it got in the order of the numbers.
        os.kill(os.tcgetpgrp(self.end), signal.SIGUSR1)
        self.expect(b"%d\r\n" % signal.SIGUSR1)
        self.assertNotIn(b"%d\r\n" % signal.SIGINT, self.passed)
        self.end_well()

    def test_interrupt_ends_the_command(self):
        """By the same signal, so that the shell says nothing of a status."""
        command = [*self.interpreter.argv, "-c", "'import time; print(\"re\" + \"ady\")\nwhile True: time.sleep(0.05)'"]
        self.say(" ".join(map(str, self.words(command, ("-q",)))).encode() + b"\n")
        self.expect(b"ready")
        self.say(b"\x03")
        self.expect(b"KeyboardInterrupt")
        self.say(b"echo status=$?\n")
        self.expect(b"status=130")

    def test_stop_and_continue(self):
        self.run_on_terminal("signals")
        for _ in range(2):
            self.say(b"\x1a")
            self.expect(b"Stopped")
            self.say(b"fg\n")
            self.expect(b"\n%d\r\n" % signal.SIGCONT)
        self.end_well()
