# SPDX-License-Identifier: MIT
"""Every way in which a session ends: report and leave cleanly, with the exit code that says so."""
import os
import signal
import tempfile
from pathlib import Path

from support import compare
from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest


class LifeCycle(LiveTest):
    def dropping(self, *corotrace_arguments):
        """A target that has dropped 100 coroutines, and the corotrace that saw it; both to be closed."""
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        corotrace = self.enterContext(self.attach(target, *corotrace_arguments))
        target.say("drop")
        target.expect("dropped")
        return target, corotrace

    def check_whole(self, target, result, status=0, every=False):
        self.check(result, every, status=status)
        self.assertEqual(result.summary["never_awaited"], 100, result)
        self.no_differences(compare.coverage(result.summary), result)
        self.check_let_go(target)
        target.say("drop")
        self.assertEqual(target.expect("dropped")["total"], 200)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_interrupt(self):
        target, corotrace = self.dropping()
        result = corotrace.stop()
        self.check_whole(target, result)

    def test_terminate(self):
        target, corotrace = self.dropping()
        corotrace.signal(signal.SIGTERM)
        self.check_whole(target, corotrace.finish())

    def test_its_terminal_goes_away(self):
        target, corotrace = self.dropping()
        corotrace.signal(signal.SIGHUP)
        result = corotrace.finish()
        self.check_whole(target, result)
        self.assertIn("hung up", result.summary["ended"])

    def test_interrupted_twice(self):
        target, corotrace = self.dropping()
        corotrace.signal(signal.SIGINT)
        corotrace.signal(signal.SIGINT)
        self.check_whole(target, corotrace.finish())

    def test_deadline(self):
        target, corotrace = self.dropping("-d", "1")
        result = corotrace.finish()
        self.check_whole(target, result)
        self.assertIn("deadline", result.summary["ended"])

    def test_max_events(self):
        target, corotrace = self.dropping("--every", "--max-events", "5", *UNLIMITED)
        result = corotrace.finish()
        self.check(result, every=True)
        self.assertEqual(result.summary["sampled"], 5, result)
        self.assertEqual(len(result.events("finding")), 5, result)
        self.assertIn("max", result.summary["ended"])
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_target_ends(self):
        target, corotrace = self.dropping()
        self.assertEqual(target.end(), 0, target.stderr())
        result = corotrace.finish()
        self.check(result)
        self.assertEqual(result.summary["never_awaited"], 100, result)
        self.assertIn("exit", result.summary["ended"])

    def test_target_killed(self):
        target, corotrace = self.dropping()
        target.kill(signal.SIGKILL)
        self.assertEqual(target.reap(), -signal.SIGKILL)
        result = corotrace.finish()
        self.check(result)
        # Counters die with the target; what had been read before may be all or less.
        self.assertLessEqual(result.summary["never_awaited"], 100, result)

    def test_target_gets_a_signal(self):
        """Signals of others arrive, stops and continues included; SIGURG is one of them."""
        target = self.enterContext(self.target("signals.py"))
        target.expect("ready")
        corotrace = self.enterContext(self.attach(target, "--every", *UNLIMITED))
        target.say("go")
        for name in ("SIGUSR1", "SIGURG", "SIGUSR1", "SIGCHLD", "SIGURG"):
            target.kill(getattr(signal, name))
            self.assertEqual(target.expect("signal")["name"], name)
        target.kill(signal.SIGSTOP)
        target.kill(signal.SIGCONT)
        self.assertEqual(target.expect("signal")["name"], "SIGCONT")
        target.kill(signal.SIGTERM)
        self.assertEqual(target.expect("signal")["name"], "SIGTERM")
        result = corotrace.stop()
        self.check(result, every=True)
        # Each handler dropped one, in the midst of the rest.
        self.assertEqual(result.counts().get("forgotten_in_handler"), 7, result)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_target_executes_another(self):
        target = self.enterContext(self.target("becomes.py"))
        target.expect("ready")
        corotrace = self.enterContext(self.attach(target))
        target.say("go")
        target.expect("became")  # the new program is a Python that drops coroutines, too
        result = corotrace.finish()
        self.check(result)
        # Its memory is gone before anybody is told: what came after the last look is missing, and that is said.
        self.assertEqual(list(result.counts()), ["forgotten_before"], result)
        self.assertIn(result.counts()["forgotten_before"], range(1, 11), result)
        self.assertEqual(result.summary["coverage"]["state"], "incomplete", result)
        self.assertRegex(result.summary["coverage"]["why"], r"last \d\.\d s may be missing", result)
        self.assertIn("replaced", result.summary["ended"])
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_target_forks(self):
        """Children are not followed; they inherit the planted slot and must live on with it."""
        target = self.enterContext(self.target("forks.py"))
        target.expect("ready")
        corotrace = self.enterContext(self.attach(target, "--every", *UNLIMITED))
        target.say("go")
        said = target.expect("done")
        self.assertEqual(said["children"], [0, 0, 0])
        result = corotrace.stop()
        self.check(result, every=True)
        self.assertEqual(result.counts(), {"forgotten_in_parent": 30}, result)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_output_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "report.jsonl"
            target = self.enterContext(self.target("resting.py"))
            target.expect("ready")
            arguments = ("attach", "-p", target.pid, "-f", "jsonl", "--max-events", "1", "-o", path)
            corotrace = self.enterContext(Corotrace(self.binary, *arguments))
            # Drops until it has attached and seen one: max-events ends it.
            while not corotrace.has_ended():
                target.say("drop")
                target.expect("dropped")
            finished = corotrace.finish()
            self.assertEqual(finished.lines, [], finished)
            finished.lines = compare.parse_lines(path.read_text())
            self.check(finished)
            self.assertEqual(finished.summary["sampled"], 1)

    def test_output_file_that_cannot_be_made(self):
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        with Corotrace(self.binary, "attach", "-p", target.pid, "-o", "/no/such/folder/x") as corotrace:
            result = corotrace.finish()
        self.assertEqual(result.status, 2, result)
        self.assertIn("/no/such/folder/x", result.stderr)
        self.check_let_go(target)

    def test_reader_of_the_output_goes_away(self):
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        # The pipe's only reader is the reader of the first line.
        read, write = os.pipe()
        command = ("attach", "-p", target.pid, "-f", "jsonl", "--every")
        with Corotrace(self.binary, *command, output=write) as corotrace:
            os.close(write)
            with os.fdopen(read, "rb") as stream:
                self.assertIn(b"attached", stream.readline())
            target.say("drop")
            target.expect("dropped")
            result = corotrace.finish()
        self.assertNotIn(result.status, (0, -signal.SIGPIPE), result)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_fail_on(self):
        target, corotrace = self.dropping("--fail-on", "any")
        self.check_whole(target, corotrace.stop(), status=1)
        quiet = self.enterContext(self.target("resting.py"))
        quiet.expect("ready")
        with self.attach(quiet, "--fail-on", "any") as corotrace:
            self.check(corotrace.stop(), status=0)

    def test_filters(self):
        cases = (
            (("--include", "Service.*"), 3),
            (("--include", "forgotten_statement", "--include", "*_del"), 2),
            (("--exclude", "forgotten_*"), 4),
            (("--include", "forgotten_*", "--exclude", "*clear"), None),
            (("--exclude", "*/shapes.py"), 0),
            (("--include", "*/shapes.py", "--exclude", "*.forgotten_*"), None),
            (("--include", "nothing*"), 0),
        )
        for flags, functions in cases:
            with self.subTest(flags=flags), self.target("exact.py", "ignore", 1) as target:
                target.expect("ready")
                with self.attach(target, "--every", *flags, *UNLIMITED) as corotrace:
                    target.say("go")
                    truth = target.expect("done")["truth"]
                    result = corotrace.stop()
                self.check(result, filtered=True, every=True)
                self.assertEqual(target.end(), 0, target.stderr())
                path = {"forgotten_thread_exit": "exact.py"}
                accepted = compare.filtered(truth, flags, lambda name: path.get(name, "shapes.py"))
                self.no_differences(compare.counts(accepted, result.counts()), result)
                # exact.py has one coroutine of its own, shapes.py the rest.
                if functions is not None and "*/shapes.py" not in flags:
                    self.assertEqual(len(accepted), functions)

    def test_filters_decide_what_is_failed_on_and_not_what_is_proved(self):
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        with self.attach(target, "--exclude", "forgotten", "--fail-on", "any", "--strict") as corotrace:
            target.say("drop")
            target.expect("dropped")
            result = corotrace.stop()
        self.check(result, filtered=True, status=0)
        self.assertEqual(result.summary["never_awaited"], 0, result)
        self.assertEqual(result.summary["sites"], 0, result)
        self.assertEqual(result.summary["coverage"]["state"], "exact", result)
        self.assertEqual(result.summary["coverage"]["dealloc"], 100, result)

    def test_a_lost_warning_is_not_excused_by_drops_without_a_frame(self):
        target = self.enterContext(self.target("warnings_away.py"))
        target.expect("ready")
        with self.attach(target, "--every", *UNLIMITED) as corotrace:
            target.say("go")
            target.expect("done")
            result = corotrace.stop()
        self.check(result, every=True)
        self.assertEqual(result.summary["coverage"]["dealloc"], 6, result)
        if result.summary["coverage"]["warned"] == 6:
            self.skipTest("this Python warns with the module out of sys.modules")
        self.assertEqual(result.summary["coverage"]["state"], "incomplete", result)
        self.assertEqual(result.summary["coverage"]["warned"], 3, result)

    def test_tracer_is_killed(self):
        """The target lives on with what was left in it, and the next session starts anew, exactly."""
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        for visit in range(5):
            with self.attach(target, "--every", *UNLIMITED) as corotrace:
                # Before the first drop, and between the first and the last of a hundred.
                if visit > 0:
                    target.say("drop")
                    corotrace.wait_event("finding", visit)
                corotrace.signal(signal.SIGKILL)
                self.assertEqual(corotrace.finish().status, -signal.SIGKILL)
            if visit > 0:
                target.expect("dropped")
            target.say("drop")
            target.expect("dropped")
            self.check_let_go(target)
        with self.attach(target) as corotrace:
            target.say("drop")
            self.assertEqual(target.expect("dropped")["total"], 1000)
            result = corotrace.stop()
        self.check_let_go(target)
        self.check(result)
        self.assertEqual(result.summary["never_awaited"], 100, result)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_strict_is_content_with_exact(self):
        target, corotrace = self.dropping("--strict")
        self.check_whole(target, corotrace.stop())

    def test_text_report(self):
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        with Corotrace(self.binary, "attach", str(target.pid), "--max-events", "1") as corotrace:
            while not corotrace.has_ended():
                target.say("drop")
                target.expect("dropped")
            result = corotrace.finish()
            text = corotrace.text()
        self.assertEqual(result.status, 0, result)
        for part in ("forgotten", "resting.py", "line", "exact"):
            self.assertIn(part, text)
        self.assertNotIn("\x1b", text)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())
