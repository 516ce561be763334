# SPDX-License-Identifier: MIT
"""What is measured and what measures: the target, corotrace, the bare tracer and gdb as context managers."""
import contextlib
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent.parent / "tests"))

from support.cpu_limit import CpuLimit  # noqa: E402

WORKLOADS = pathlib.Path(__file__).resolve().parent / "workloads.py"
LIMIT_S = 300


def pin(core):
    """For a child: to run on that core only."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


class Target:
    """One interpreter that runs workloads.py."""

    def __init__(self, argv, *options, core=None, **environment):
        keep = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        # As text: an interpreter in a root of its own does not see our files.
        self._process = subprocess.Popen([*argv, "-W", "ignore", *options, "-c", WORKLOADS.read_text()],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
                                         env={**keep, **environment}, preexec_fn=pin(core))
        self.pid = json.loads(self._process.stdout.readline())["pid"]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._process.stdin.close()
        self._process.wait(LIMIT_S)

    def start(self, command, *numbers):
        self._process.stdin.write(" ".join([command, *map(str, numbers)]) + "\n")
        self._process.stdin.flush()

    def result(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the target ended")
        return json.loads(line)

    def run(self, command, *numbers):
        self.start(command, *numbers)
        return self.result()


class Traced:
    """corotrace, attached to a pid. `summary` is there when it has left."""

    def __init__(self, binary, pid, *options, core=None, limit=None, nice=True):
        """`limit`: a CpuLimit that it is to be in. `nice`: it may take a higher priority, if root may."""
        prefix = [] if nice else ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"]
        self._began = time.perf_counter()
        self._process = subprocess.Popen([*prefix, binary, "attach", "-p", str(pid), "-f", "jsonl", "-q", *options],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True,
                                         preexec_fn=limit.add_myself if limit else pin(core))
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("corotrace: " + self._process.stderr.read())
        self.attached = json.loads(line)
        self.attach_ms = (time.perf_counter() - self._began) * 1000
        self.pid = self._process.pid
        self.summary = None
        self.findings = []
        self.sites = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.leave()

    def leave(self):
        if self.summary is not None:
            return
        self._process.send_signal(signal.SIGINT)
        out, _ = self._process.communicate(timeout=LIMIT_S)
        events = [json.loads(line) for line in out.splitlines()]
        self.findings += [event for event in events if event["event"] == "finding"]
        self.sites = [event for event in events if event["event"] == "site"]
        self.summary = next(event for event in events if event["event"] == "summary")

    def wait_for_report(self):
        """Milliseconds from its start to the first finding that it wrote."""
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "finding":
                self.findings.append(event)
                return (time.perf_counter() - self._began) * 1000
        raise RuntimeError("corotrace: " + self._process.stderr.read())

    def reported(self):
        """How many functions were, and the seconds from the first report to that of the last of them."""
        first = {}
        for one in self.findings:
            time_of = datetime.datetime.fromisoformat(one["time"].replace("Z", "+00:00"))
            first.setdefault(one["coroutine"]["qualname"], time_of)
        return len(first), (max(first.values()) - min(first.values())).total_seconds()

    def resident_mb(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def limited(percent):
    """A CpuLimit for as long as it lasts."""
    limit = CpuLimit(percent)
    try:
        yield limit
    finally:
        limit.remove()


@contextlib.contextmanager
def busy_loop():
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


GDB_COMMANDS = """
set pagination off
set auto-load no
source {script}
break _PyErr_WarnUnawaitedCoroutine
commands
silent
py-bt
continue
end
python print("ready", flush=True)
continue
"""


class Gdb:
    """gdb with a breakpoint where CPython warns, which shows the Python stack by the script that CPython brings."""

    def __init__(self, pid, script):
        commands = tempfile.NamedTemporaryFile("w", suffix=".gdb")
        commands.write(GDB_COMMANDS.format(script=script))
        commands.flush()
        self._process = subprocess.Popen(["gdb", "-nx", "-q", "-batch", "-p", str(pid), "-x", commands.name],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, text=True)
        while (line := self._process.stdout.readline()) and line.strip() != "ready":
            pass
        self.stacks = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.stacks += line.startswith("Traceback")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._process.send_signal(signal.SIGINT)  # then gdb lets go and ends
        self._reader.join()
        self._process.wait(LIMIT_S)


@contextlib.contextmanager
def bare_tracer(binary, pid, core=None):
    process = subprocess.Popen([binary, str(pid)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               preexec_fn=pin(core))
    if process.stdout.readline().strip() != "ready":
        raise RuntimeError("bare_tracer could not seize the target")
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(LIMIT_S)
        process.stdout.close()
