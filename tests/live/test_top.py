# SPDX-License-Identifier: MIT
"""top: the live view, on a terminal that is one for it alone, and without one."""
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios

from support.deadline import Deadline, Lines
from support.live_test import LiveTest

CLEAR = b"\x1b[H\x1b[J"  # of TERM=vt100
REDRAW = b"\x0c"
FOOT = b"? help"  # the end of the last line
STYLES = re.compile(rb"\x1b\[[0-9;]*m|\x1b[()][0B]|\x0f|\x0e|\x00")
CAUSE = b"the last reference to it went away"
DOWN, RIGHT, LEFT = b"\x1bOB", b"\x1bOC", b"\x1bOD"


class Terminal:
    """A program with a terminal of its own, and what it wrote to it."""

    def __init__(self, command, rows=24, columns=100, term="vt100"):
        self.end, self.tty = os.openpty()
        self.resize(rows, columns)
        self.modes = termios.tcgetattr(self.tty)
        self.all = b""
        keep = {name: value for name, value in os.environ.items() if not name.startswith("COROTRACE_")}
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(list(map(str, command)), stdin=self.tty, stdout=self.tty, stderr=self.stderr,
                                        start_new_session=True, env={**keep, "TERM": term, "LC_ALL": "C"},
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.end)
        os.close(self.tty)
        self.stderr.close()

    def resize(self, rows, columns):
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.end, keys)

    def read(self, seconds):
        """Whether something came."""
        if not select.select([self.end], [], [], seconds)[0]:
            return False
        self.all += os.read(self.end, 65536)
        return True

    def frame(self, accept, what):
        """The first whole screen that is like that; asked for again and again."""
        deadline = Deadline()
        last = b""
        while True:
            deadline.left(f"{what} on the terminal, not only {last}")
            before = len(self.all)
            self.press(REDRAW)
            while CLEAR not in self.all[before:] or FOOT not in self.all[before:].rsplit(CLEAR, 1)[1]:
                deadline.left(f"a screen, not {self.all[before:]}")
                self.read(0.1)
                if self.process.poll() is not None:
                    raise AssertionError(f"it ended with {self.process.returncode}: {self.all} {self.said()}")
            last = STYLES.sub(b"", self.all[before:].rsplit(CLEAR, 1)[1])
            if accept(last):
                return last

    def shows(self, *texts):
        return self.frame(lambda frame: all(text in frame for text in texts), texts)

    def wait_for(self, text):
        deadline = Deadline()
        while text not in self.all:
            deadline.left(f"{text} on the terminal, not only {self.all}")
            self.read(0.1)

    def wait_end(self):
        """Its status; everything was read."""
        deadline = Deadline()
        while self.process.poll() is None:
            deadline.left("its end")
            self.read(0.1)
        while self.read(0):
            pass
        return self.process.returncode

    def said(self):
        self.stderr.seek(0)
        return self.stderr.read().decode(errors="replace")


class Top(LiveTest):
    def setUp(self):
        self.subject = self.enterContext(self.target("live_view.py"))
        self.subject.expect("ready")

    def words(self, *options):
        return [self.binary, "top", "--hold", "always", "--interval", "200ms", *options, self.subject.pid]

    def terminal(self, *options, **how):
        return self.enterContext(Terminal(self.words(*options), **how))

    def drop(self, word):
        self.subject.say(word)
        self.subject.expect("dropped")

    def check_end(self, terminal, count=None, status=0):
        self.assertEqual(terminal.wait_end(), status, terminal.said())
        self.assertEqual(termios.tcgetattr(terminal.tty), terminal.modes)
        if count is not None:
            report = STYLES.sub(b"", terminal.all.rsplit(FOOT, 1)[-1])
            self.assertIn(b"%d never-awaited coroutines" % count, report)
            self.assertIn(b"coverage: exact, %d = %d" % (count, count), report)
        self.check_let_go(self.subject)
        self.assertEqual(self.subject.end(), 0, self.subject.stderr())

    def test_keys(self):
        terminal = self.terminal(rows=50)
        terminal.shows(b"no never-awaited coroutine yet")
        for word in ("seldom", "often", "hostile"):
            self.drop(word)
        frame = terminal.shows(b"104 never-awaited coroutines", b"3 sites", b"fetch_often", b"save_seldom",
                               b"\\x1b]0;owned", b"live_view.py:27", b"result_discarded", b"sorted by rate")
        self.assertNotIn(CAUSE, frame)
        terminal.press(b"s")
        frame = terminal.shows(b"sorted by count")
        self.assertLess(frame.index(b"fetch_often"), frame.index(b"save_seldom"))
        terminal.press(b"s")
        frame = terminal.shows(b"sorted by name")
        self.assertLess(frame.index(b"owned"), frame.index(b"fetch_often"))
        # To the second, and into it.
        terminal.press(DOWN + b"\r")
        terminal.shows(b"coroutine 'fetch_often' was never awaited, 100 times", b"asyncio.run(fetch_often())", CAUSE,
                       b"Dropped at (most recent call last):")
        terminal.press(LEFT)
        terminal.frame(lambda frame: CAUSE not in frame, "the closed site")
        terminal.press(RIGHT)
        terminal.shows(CAUSE)
        terminal.press(b"\r")
        terminal.press(b"?")
        terminal.shows(b"open or close it")
        terminal.press(b"?")
        terminal.shows(b"save_seldom")
        terminal.press(b"p")
        terminal.shows(b"display paused")
        self.drop("often")
        self.assertIn(b"104 never-awaited", terminal.shows(b"display paused"))
        terminal.press(b"p")
        terminal.shows(b"204 never-awaited coroutines")
        terminal.press(b"q")
        self.check_end(terminal, 204)
        self.assertNotIn(b"\x1b]0;owned", terminal.all)
        self.assertNotIn(b"\x9b", terminal.all)

    def test_window_changes(self):
        terminal = self.terminal()
        terminal.shows(b"no never-awaited coroutine yet")
        self.drop("often")
        terminal.shows(b"fetch_often", b"result_discarded")
        terminal.resize(12, 60)
        terminal.frame(lambda frame: b"fetch_often" in frame and b"result_discarded" not in frame, "a narrow screen")
        terminal.resize(40, 200)
        frame = terminal.shows(b"fetch_often", b"result_discarded")
        self.assertIn(self.interpreter.program("live_view.py").encode() + b":27 in drop_often", frame)
        terminal.resize(2, 3)
        terminal.resize(24, 80)
        terminal.shows(b"fetch_often")
        terminal.press(b"q")
        self.check_end(terminal, 100)

    def check_signal(self, send):
        terminal = self.terminal(term="xterm")
        terminal.wait_for(b"\x1b[?1049h")
        self.drop("often")
        terminal.wait_for(b"fetch_often")
        self.assertNotEqual(termios.tcgetattr(terminal.tty), terminal.modes)
        send(terminal)
        self.check_end(terminal, 100)
        screen, report = terminal.all.split(b"\x1b[?1049l")
        self.assertIn(b"1049h", screen)
        self.assertIn(b"coroutine 'fetch_often' was never awaited, 100 times", STYLES.sub(b"", report))

    def test_terminate(self):
        self.check_signal(lambda terminal: terminal.process.terminate())

    def test_interrupt(self):
        self.check_signal(lambda terminal: terminal.press(b"\x03"))

    def test_quit_and_hangup(self):
        for number in (signal.SIGQUIT, signal.SIGHUP):
            with self.subTest(number):
                terminal = self.terminal(term="xterm")
                terminal.wait_for(b"\x1b[?1049h")
                terminal.process.send_signal(number)
                self.assertEqual(terminal.wait_end(), 0, terminal.said())
                self.assertEqual(termios.tcgetattr(terminal.tty), terminal.modes)
                self.check_let_go(self.subject)

    def test_target_ends(self):
        terminal = self.terminal(term="xterm")
        terminal.wait_for(b"\x1b[?1049h")
        self.drop("often")
        self.assertEqual(self.subject.end(), 0)
        self.assertEqual(terminal.wait_end(), 0, terminal.said())
        self.assertEqual(termios.tcgetattr(terminal.tty), terminal.modes)
        self.assertIn(b"100 never-awaited coroutines", terminal.all.split(b"\x1b[?1049l")[1])

    def test_stop_and_continue(self):
        terminal = self.enterContext(Terminal(["/bin/bash", "--norc", "--noediting", "-i"]))
        terminal.press(" ".join(map(str, self.words())).encode() + b"\n")
        terminal.shows(b"no never-awaited coroutine yet")
        self.drop("seldom")
        for _ in range(2):
            terminal.shows(b"save_seldom")
            seen = len(terminal.all)
            terminal.press(b"\x1a")
            deadline = Deadline()
            while b"Stopped" not in terminal.all[seen:] + terminal.said().encode():
                deadline.left(f"a stopped job: {terminal.all[seen:]} {terminal.said()}")
                terminal.read(0.1)
            self.assertTrue(termios.tcgetattr(terminal.tty)[3] & termios.ECHO)
            os.ftruncate(terminal.stderr.fileno(), 0)
            terminal.press(b"fg\n")
        terminal.shows(b"save_seldom")
        terminal.press(b"q")
        terminal.wait_for(b"exact, 3 = 3")
        terminal.press(b"exit $?\n")
        self.assertEqual(terminal.wait_end(), 0, terminal.all)
        self.check_let_go(self.subject)

    def test_stop_without_a_shell(self):
        """Nobody could continue it."""
        terminal = self.terminal()
        terminal.shows(b"no never-awaited coroutine yet")
        terminal.press(b"\x1a")
        self.drop("seldom")
        terminal.shows(b"save_seldom")
        terminal.press(b"q")
        self.check_end(terminal, 3)

    def test_tables(self):
        with subprocess.Popen(list(map(str, self.words())), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as top:
            lines = Lines(os.dup(top.stdout.fileno()))
            lines.wait_for(lambda line: b"no never" in line or b"0 never-awaited" in line, "the first table")
            self.drop("often")
            found, _ = lines.wait_for(lambda line: b"fetch_often" in line and b" 100  " in line, "a table")
            self.drop("seldom")
            lines.wait_for(lambda line: b"save_seldom" in line and b"result_discarded" in line, "another one", found)
            top.terminate()
            text = b"".join(lines.wait_end("the report"))
            self.assertEqual(top.wait(), 0)
        self.assertIn(b"rate/s", text)
        self.assertIn(b"coroutine 'save_seldom' was never awaited, 3 times", text)
        self.assertIn(b"coverage: exact, 103 = 103", text)
        self.assertNotIn(b"\x1b", text)

    def test_terminals_that_cannot(self):
        for term, told in (("dumb", False), ("no-such-terminal", True)):
            with self.subTest(term):
                terminal = self.terminal("--color", "never", term=term)
                seen = len(terminal.all)
                terminal.wait_for(b"never-awaited coroutine")
                self.assertNotIn(b"\x1b", terminal.all[seen:])
                terminal.process.terminate()
                self.assertEqual(terminal.wait_end(), 0, terminal.said())
                self.assertEqual("terminfo has no entry" in terminal.said(), told)

    def test_no_process(self):
        with Terminal([self.binary, "top", 2 ** 30], term="xterm") as terminal:
            self.assertEqual(terminal.wait_end(), 3)
            self.assertEqual(terminal.all, b"")
