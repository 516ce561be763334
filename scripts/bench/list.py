#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `corotrace list` costs among thousands of processes, beside ps(1) and a bare read of each /proc/PID/stat.

usage: list.py --corotrace PROGRAM [--processes N] [--pythons N] [--rounds N]

Starts N processes that sleep and some Pythons, then takes turns with the three commands. CPU time is what the
kernel accounts to the command; the ratios hold on a busy machine too, the times on an idle one only.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

# Each waits to open a pipe that nobody writes to, which takes no exec; they end with the line that ends the shell.
SLEEPERS = """i=0; while [ $i -lt "$1" ]; do (read line <"$2") & i=$((i + 1)); done; echo ready; read line; kill $(jobs -p)"""
BARE = ("/bin/sh", "-c", "cat /proc/[0-9]*/stat >/dev/null 2>&1 || :")


def measure(command):
    """(elapsed, CPU) in seconds of one run, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    elapsed, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}")
    return elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def start(command):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if process.stdout.readline() != b"ready\n":
        sys.exit(f"{command[0]} did not start")
    return process


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--corotrace", required=True)
    parser.add_argument("--processes", type=int, default=5000)
    parser.add_argument("--pythons", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    commands = {
        "corotrace list": (options.corotrace, "list", "-f", "jsonl"),
        "ps -ef": ("ps", "-ef"),
        "reading each stat": BARE,
    }
    mark = f"bench-list-{os.getpid()}"
    folder = tempfile.TemporaryDirectory()
    os.mkfifo(os.path.join(folder.name, "pipe"))
    started = [start(("/bin/bash", "-c", SLEEPERS, mark, str(options.processes), os.path.join(folder.name, "pipe")))]
    try:
        for _ in range(options.pythons):
            started.append(start((sys.executable, "-c", "print('ready', flush=True); input()", mark)))
        taken = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                elapsed, cpu, text = measure(command)
                taken[name].append((elapsed, cpu))
                if name == "corotrace list":
                    found = sum(mark in json.loads(line)["command"] for line in text.splitlines())
                    if found != options.pythons:
                        sys.exit(f"{found} of {options.pythons} Pythons were listed")
        running = len([name for name in os.listdir("/proc") if name.isdigit()])
    finally:
        for process in started:
            process.communicate(b"\n")
        folder.cleanup()
    medians = {name: [statistics.median(values) for values in zip(*rows)] for name, rows in taken.items()}
    print(f"{running} processes, {options.pythons} Pythons started among them, medians of {options.rounds} rounds")
    for name, (elapsed, cpu) in medians.items():
        ratio = medians["corotrace list"][1] / cpu
        print(f"{name:20} {elapsed * 1000:8.0f} ms elapsed {cpu * 1000:8.0f} ms of CPU   corotrace list is {ratio:.2f} times that")
    return 0


if __name__ == "__main__":
    sys.exit(main())
