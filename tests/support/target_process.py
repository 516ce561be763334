# SPDX-License-Identifier: MIT
"""TargetProcess: a Python program under test, owned by a with block: started, spoken to, reaped."""
import json
import os
import signal
import shutil
import subprocess
import tempfile
from pathlib import Path

from .deadline import Deadline, Lines

TARGETS = Path(__file__).resolve().parent.parent / "targets"


class Interpreter:
    """One line of find_interpreters.py, with a folder where its programs can be seen from inside."""

    def __init__(self, facts):
        self.facts = facts
        self.id = facts["id"]
        self.argv = facts["argv"]
        self.root = facts["root"]
        self.traits = facts["traits"]
        self.version = tuple(int(part) for part in facts["version"].split(".")[:2])
        self.is_free_threaded = "free_threaded" in self.traits
        self._folder = None

    def program(self, name):
        """The path of a target program as the interpreter sees it."""
        if not self.root:
            return str(TARGETS / name)
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(dir=Path(self.root) / "tmp")
            shutil.copytree(TARGETS, self._folder.name, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("__pycache__"))
            os.chmod(self._folder.name, 0o755)
        return "/tmp/" + Path(self._folder.name).name + "/" + name

    def close(self):
        if self._folder is not None:
            self._folder.cleanup()


def environment():
    """What a target sees of ours: nothing that changes an interpreter."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**keep, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


def proc_status(pid, field):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return line.split(":", 1)[1].strip()
    raise KeyError(field)


class TargetProcess:
    """`command` speaks the protocol of tests/targets/shim.py."""

    def __init__(self, command, **popen):
        self._stderr = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr,
            env=environment(), cwd="/", **popen)
        self.pid = self._process.pid
        self.command = command
        # Lines owns its descriptor.
        self._lines = Lines(os.dup(self._process.stdout.fileno()))
        self._process.stdout.close()
        self._next = 0
        self.status = None

    @classmethod
    def python(cls, interpreter, program, *arguments, flags=(), **popen):
        return cls([*interpreter.argv, *flags, interpreter.program(program), *map(str, arguments)], **popen)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.status is None:
            try:
                self._process.send_signal(signal.SIGKILL)
                # A stop by a tracer that still lives holds no SIGKILL back.
                self.reap()
            except ProcessLookupError:
                pass
        if not self._process.stdin.closed:
            self._close_stdin()
        self._stderr.close()

    def _close_stdin(self):
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass

    def expect(self, event):
        """The next line that the target says; it must be `event`."""
        index, line = self._lines.wait_for(lambda _: True, f"the target's {event}", self._next)
        if index is None:
            self.reap()
            raise AssertionError(f"the target ended ({self.status}) instead of {event}: {self.stderr()}")
        self._next = index + 1
        said = json.loads(line)
        if said["event"] != event:
            raise AssertionError(f"the target said {said['event']} instead of {event}")
        return said

    def say(self, word):
        self._process.stdin.write(word.encode() + b"\n")
        self._process.stdin.flush()

    def said(self, event):
        """Everything said so far under this name, what expect() skipped included."""
        return [said for said in map(json.loads, list(self._lines.all)) if said["event"] == event]

    def until(self, event):
        """Skips what is said before `event`."""
        while True:
            index, line = self._lines.wait_for(lambda _: True, f"the target's {event}", self._next)
            if index is None or json.loads(line)["event"] == event:
                return self.expect(event)
            self._next = index + 1

    def end(self):
        """Says end and reaps; returns the exit status as Popen has it (negative: the signal)."""
        self.say("end")
        return self.reap()

    def reap(self):
        if self.status is None:
            Deadline().wait_exit(self.pid, f"the end of target {self.pid}")
            self.status = self._process.wait()
        return self.status

    def kill(self, number=signal.SIGKILL):
        self._process.send_signal(number)

    def wait_at_rest(self):
        """Until the main thread is in its read of stdin: what it says comes a little earlier."""
        deadline = Deadline()
        # Number and first argument of the system call, see proc(5): read is 0 on x86-64, 63 on aarch64.
        while Path(f"/proc/{self.pid}/syscall").read_text().split()[:2] not in (["0", "0x0"], ["63", "0x0"]):
            deadline.left("a target at rest")
            os.sched_yield()

    def tracer_pid(self):
        return int(proc_status(self.pid, "TracerPid"))

    def stderr(self):
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")[-4000:]
