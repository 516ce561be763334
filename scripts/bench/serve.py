#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `corotrace serve` costs beside many Python processes: its CPU time and memory.

usage: serve.py --corotrace PROGRAM [--python PROGRAM] [--processes N] [--seconds S] [--rate N] [--starts N]

Starts N processes, has serve watch them, and measures for S seconds each: at rest, while each process drops N
coroutines a second at ten places, and at rest again, also in a network namespace where the kernel tells of no start and
serve looks for itself. CPU time is what the kernel accounts to serve; its memory is the resident one and
the part of it that is serve's own (private pages). Then N processes are started, one after the other, and looked at how
long after its start serve noticed each, as a Python that matches, and had it watched: there and there. Ends with 1 if a process was not watched or a drop not counted.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

# Each reads the number of coroutines a second that it is to drop from now on.
PROGRAM = """
import select, sys, time, warnings
warnings.simplefilter("ignore")
async def forgotten(): pass
places = [eval(compile("\\n" * n + "lambda: forgotten()", f"place{n}.py", "eval"), globals()) for n in range(10)]
print("ready", flush=True)
rate = dropped = 0
while True:
    readable, _, _ = select.select([sys.stdin], [], [], 1 / rate if rate else None)
    if readable:
        line = sys.stdin.readline()
        if not line: break
        rate = int(line)
        print(dropped, flush=True)
    elif rate:
        places[dropped % 10]()
        dropped += 1
"""
WITHIN_S = 120
BY_LOOKING = ("unshare", "--net")
TICKS = os.sysconf("SC_CLK_TCK")


class Worker:
    def __init__(self, python, mark):
        self._process = subprocess.Popen([python, "-c", PROGRAM, mark], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._process.stdout.readline() != "ready\n":
            sys.exit(f"{python} did not start")

    def drop(self, rate):
        """So many a second from now on; returns how many there were."""
        self._process.stdin.write(f"{rate}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    @property
    def pid(self):
        return self._process.pid

    def close(self):
        self._process.communicate()


class Serve:
    def __init__(self, program, mark, folder, within=()):
        self._port = None
        self._lines = folder / "lines"
        self._errors = open(folder / "errors", "w", encoding="utf-8")
        with open(self._lines, "w", encoding="utf-8") as lines:
            self._process = subprocess.Popen([*within, program, "serve", "--match", f"*{mark}*", "--listen", "127.0.0.1:0"],
                                             stdin=subprocess.DEVNULL, stdout=lines, stderr=self._errors)
        wait_for("serve did not answer", lambda: self._find_port(folder / "errors"))

    def attached(self, pid):
        """When it was noticed, and when it was watched, in seconds since the epoch; null: not yet."""
        # Its last line may be cut off.
        for line in self._lines.read_text(encoding="utf-8").split("\n")[:-1]:
            event = json.loads(line)
            if event["event"] == "attached" and event["pid"] == pid:
                watched = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
                return watched - event["took_us"] / 1e6, watched
        return None

    def _find_port(self, path):
        found = re.search(r"answers at \S*?127\.0\.0\.1:(\d+)", path.read_text(encoding="utf-8"))
        self._port = found and int(found[1])
        return self._port

    def metric(self, name):
        """The sum of its samples."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(name + r"[ {]", line))

    def cpu_s(self):
        with open(f"/proc/{self._process.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self):
        """(resident, private)"""
        with open(f"/proc/{self._process.pid}/smaps_rollup", encoding="utf-8") as file:
            sizes = {line.split()[0]: int(line.split()[1]) for line in file.readlines()[1:]}
        return sizes["Rss:"] / 1024, (sizes["Private_Dirty:"] + sizes["Private_Clean:"]) / 1024

    def most_memory_mb(self):
        """The most that was resident, its beginning included, when all are traced."""
        with open(f"/proc/{self._process.pid}/status", encoding="utf-8") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._errors.close()


def wait_for(problem, condition):
    until = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > until:
            sys.exit(problem)
        time.sleep(0.05)


def count_forks():
    """Of processes and threads, on the whole machine since it started: serve looks at each process."""
    with open("/proc/stat", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("processes "))


def measure(serve, seconds):
    before, forks, began = serve.cpu_s(), count_forks(), time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - began
    return (serve.cpu_s() - before) / elapsed * 100, *serve.memory_mb(), (count_forks() - forks) / elapsed


def measure_starts(options, within, how):
    """A line of text."""
    mark = f"bench-starts-{os.getpid()}"
    noticed, watched = [], []
    with tempfile.TemporaryDirectory() as folder:
        serve = Serve(options.corotrace, mark, pathlib.Path(folder), within)
        try:
            for _ in range(options.starts):
                began = time.time()
                worker = Worker(options.python, mark)
                try:
                    wait_for("a process was not watched", lambda: serve.attached(worker.pid))
                finally:
                    worker.close()
                for times, when in zip((noticed, watched), serve.attached(worker.pid)):
                    times.append((when - began) * 1000)
        finally:
            serve.close()

    def tell(times):
        return f"{statistics.median(times):.0f} / {sorted(times)[len(times) * 95 // 100]:.0f} / {max(times):.0f}"

    return f"{how}: ms after its start a process was noticed {tell(noticed)}, watched {tell(watched)} (median / 95 % / worst of {len(noticed)})"


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--corotrace", required=True)
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=int, default=10)
    parser.add_argument("--starts", type=int, default=100)
    options = parser.parse_args()
    mark = f"bench-serve-{os.getpid()}"
    rows, workers = [], []
    with tempfile.TemporaryDirectory() as folder:
        serve = None
        try:
            workers += [Worker(options.python, mark) for _ in range(options.processes)]
            serve = Serve(options.corotrace, mark, pathlib.Path(folder))
            wait_for("not all processes were watched", lambda: serve.metric("corotrace_watched_processes") == options.processes)
            time.sleep(16)  # until nobody is traced any more
            rows.append(("at rest", measure(serve, options.seconds)))
            for worker in workers:
                worker.drop(options.rate)
            time.sleep(14)
            rows.append((f"{options.rate} drops a second each", measure(serve, options.seconds)))
            dropped = sum(worker.drop(0) for worker in workers)
            counted = lambda: serve.metric("corotrace_never_awaited_coroutines_total")  # noqa: E731
            wait_for(f"{dropped} were dropped, not {counted():.0f}", lambda: counted() == dropped)
            time.sleep(14)
            rows.append(("at rest again", measure(serve, options.seconds)))
            most = serve.most_memory_mb()
            serve.close()
            serve = Serve(options.corotrace, mark, pathlib.Path(folder), BY_LOOKING)
            for worker in workers:
                wait_for("not all processes were watched", lambda: serve.attached(worker.pid))
            time.sleep(16)
            rows.append(("at rest, by looking", measure(serve, options.seconds)))
        finally:
            if serve:
                serve.close()
            for worker in workers:
                worker.close()
    print(f"{options.processes} processes of {options.python}, {dropped} drops, all counted")
    for name, (cpu, resident, private, forks) in rows:
        print(f"{name:26} {cpu:6.2f} % of a core {resident:7.1f} MB resident {private:7.1f} MB of its own "
              f"{forks:7.1f} starts a second on the machine")
    print(f"at most {most:.1f} MB resident, from its start on")
    for within, how in (((), "the kernel tells"), (BY_LOOKING, "by looking")):
        print(measure_starts(options, within, how))
    return 0


if __name__ == "__main__":
    sys.exit(main())
