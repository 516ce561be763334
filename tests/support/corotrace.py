# SPDX-License-Identifier: MIT
"""Corotrace: the program under test in one run, and what came out of it."""
import json
import os
import signal
import subprocess
import tempfile

from .compare import LOST_TASKS
from .deadline import Deadline, Lines


class Result:
    """A run that is over. `lines` are the JSON objects of its output, in order."""

    def __init__(self, command, status, lines, stderr):
        self.command = command
        self.status = status
        self.lines = lines
        self.stderr = stderr

    def events(self, event):
        return [line for line in self.lines if line["event"] == event]

    @property
    def summary(self):
        return self.events("summary")[-1]

    def drops(self, event):
        """Those of coroutines, without lost tasks."""
        return [line for line in self.events(event) if line["kind"] not in LOST_TASKS]

    def counts(self):
        """Drops by qualified name of the coroutine, from the final sites."""
        counts = {}
        for site in self.drops("site"):
            name = site["coroutine"]["qualname"]
            counts[name] = counts.get(name, 0) + site["count"]
        return counts

    def __str__(self):
        counts = "\n".join(json.dumps(line) for line in self.events("site")[:20] + self.events("summary")[-1:])
        return f"{' '.join(self.command)}\nstatus {self.status}\n{self.stderr}\n{counts}"


class Corotrace:
    def __init__(self, binary, *arguments, output=None, **popen):
        """`output`: a descriptor for its stdout instead of the lines kept here."""
        self.command = [str(binary), *map(str, arguments)]
        self._stderr = tempfile.TemporaryFile()
        given = popen.pop("env", None)
        keep = given or {name: value for name, value in os.environ.items() if not name.startswith("COROTRACE_")}
        self._process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE if output is None else output,
                                         stderr=self._stderr, env={**keep, "LC_ALL": "C.UTF-8"}, **popen)
        self.pid = self._process.pid
        self._lines = None
        if output is None:
            self._lines = Lines(os.dup(self._process.stdout.fileno()))
            self._process.stdout.close()
        self.result = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.result is None:
            self._process.kill()
            self._reap()
        self._stderr.close()

    def wait_event(self, event, count=1):
        """Until it has said `event` that many times (in -f jsonl)."""
        start = 0
        for _ in range(count):
            start, line = self._lines.wait_for(lambda line: json.loads(line)["event"] == event,
                                               f"corotrace's {event}", start)
            if line is None:
                raise AssertionError(f"corotrace ended without {event}: {self.finish()}")
            start += 1
        return json.loads(line)

    def wait_that(self, matches, what, count=1):
        """Until that many of its lines (in -f jsonl) match."""
        start = 0
        for _ in range(count):
            start, line = self._lines.wait_for(lambda line: matches(json.loads(line)), f"corotrace's {what}", start)
            if line is None:
                raise AssertionError(f"corotrace ended without {what}: {self.finish()}")
            start += 1

    def said(self, event):
        """Each `event` that has come by now (in -f jsonl)."""
        return [line for line in map(json.loads, list(self._lines.all)) if line["event"] == event]

    def has_said(self, event):
        """The first of them, if any."""
        return next(iter(self.said(event)), None)

    def wait_line(self, event):
        """Until it has said `event` or ended; returns whether it said it."""
        return self._lines.wait_for(lambda line: event.encode() in line, f"corotrace's {event}")[1] is not None

    def signal(self, number):
        self._process.send_signal(number)

    def stop(self):
        """Ctrl-C, and what came out."""
        self.signal(signal.SIGINT)
        return self.finish()

    def has_ended(self):
        return self._process.poll() is not None

    def _reap(self):
        if self.has_ended():
            return self._process.returncode
        Deadline().wait_exit(self.pid, f"the end of {' '.join(self.command)}")
        return self._process.wait()

    def said_to_stderr(self):
        """What stands there by now."""
        return os.pread(self._stderr.fileno(), 1 << 20, 0).decode(errors="replace")

    def wait_said(self, text, times=1):
        """Until that stands so often in its stderr."""
        deadline = Deadline()
        while self.said_to_stderr().count(text) < times:
            deadline.left(f"corotrace's '{text}': {self.said_to_stderr()}")
            if self.has_ended() and self.said_to_stderr().count(text) < times:
                raise AssertionError(f"corotrace ended without '{text}': {self.finish()}")
            os.sched_yield()

    def wait_ticks(self, count=2):
        """Until it has looked at the target so often once more (with -v -v)."""
        deadline, start = Deadline(), self.said_to_stderr().count("progress ")
        while self.said_to_stderr().count("progress ") < start + count:
            deadline.left("corotrace's look at the target")
            os.sched_yield()

    def text(self):
        """After finish(): stdout as it was."""
        return b"".join(self._lines.all).decode()

    def finish(self):
        """Waits until it has ended by itself."""
        if self.result is None:
            status = self._reap()
            lines = self._lines.wait_end("the rest of corotrace's output") if self._lines else []
            self._stderr.seek(0)
            objects = []
            for line in lines:
                try:
                    objects.append(json.loads(line))
                except ValueError:
                    # Cut off by SIGKILL, or a fault that the schema will find.
                    objects.append({"event": "not JSON", "text": line.decode(errors="replace")})
            self.result = Result(self.command, status, objects, self._stderr.read().decode(errors="replace"))
        return self.result
