#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `corotrace tasks` (one look through memory) and `corotrace scan` (that, and the search for holders) cost,
beside a bare read-and-compare of the same memory, and what the process itself loses meanwhile.

usage: scan.py --corotrace PROGRAM [--mib N] [--objects N] [--held N] [--rounds N] [--python PROGRAM]

Takes turns with the three, so that the ratios hold on a busy machine too: they are of CPU time. The rates are of
CPU time as well; those of the clock are shown beside, for corotrace reads with two threads where two processors
are free. --objects 10000000 --mib 10240 is the large heap; it needs 12 GiB of memory.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent

# It counts how often it goes round in each tenth of a second of its own CPU time, as long as its input is open.
TARGET = r"""
import asyncio, gc, os, sys, threading, time, warnings
warnings.simplefilter("ignore")
mib, objects, held = map(int, sys.argv[1:])
async def hoarded(number): pass
class Item:
    def __init__(self, number): self.number = number
gc.disable()
DATA = []
for number in range(objects // 4):
    DATA += ({"a": number}, Item(number), [number], (number, None))
BLOCK = 1 << 16
size = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")
FILL = [os.urandom(1) * BLOCK for _ in range(max(0, (mib << 20) - size) // BLOCK)]
class Cache: pass
CACHE = Cache()
CACHE.jobs = {"all": [hoarded(number) for number in range(held)]}
gc.freeze()
print("ready", flush=True)
for line in sys.stdin:
    rounds, began, ends = 0, time.process_time(), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), ends.set()), daemon=True).start()
    while not ends.is_set():
        for _ in range(1000): pass
        rounds += 1
    print(rounds / (time.process_time() - began), flush=True)
"""


def measure(command):
    """(CPU seconds, elapsed, what it printed, MiB of memory at most) of one run."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, used = os.wait4(process.pid, 0)
        elapsed = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{command[0]} ended with {process.returncode}")
        output.seek(0)
        return used.ru_utime + used.ru_stime, elapsed, output.read(), used.ru_maxrss / 1024


def ask_for_speed(target, meanwhile):
    """Rounds of the target's loop in a second of its CPU time, while `meanwhile` runs."""
    target.stdin.write("go\n")
    target.stdin.flush()
    meanwhile()
    target.stdin.write("stop\n")
    target.stdin.flush()
    return float(target.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--corotrace", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--held", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bare = os.path.join(folder, "bare_scan")
        subprocess.run(["c++", "-std=c++20", "-O3", "-o", bare, str(HERE / "bare_scan.cpp")], check=True)
        target = subprocess.Popen([options.python, "-c", TARGET, str(options.mib), str(options.objects), str(options.held)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if target.stdout.readline() != "ready\n":
                sys.exit("the target did not start")
            run(options, bare, target)
        finally:
            target.kill()
            target.wait()
    return 0


def ratio(rates):
    """Of the two that took turns: the middle one of the rounds."""
    return statistics.median(one / bare for one, bare in zip(rates["tasks"], rates["bare"]))


def run(options, bare, target):
    pid = str(target.pid)
    look = [options.corotrace, "tasks", "-f", "jsonl", pid]
    scan = [options.corotrace, "scan", "-f", "jsonl", "--holder-time", "20m", pid]
    rates, elapsed_rates = {"bare": [], "tasks": []}, {"bare": [], "tasks": []}
    bare_seconds, slower, whole = [], [], []
    for _ in range(options.rounds):
        cpu, elapsed, text, _ = measure([bare, pid])
        rates["bare"].append(int(text.split()[0]) / cpu)
        elapsed_rates["bare"].append(int(text.split()[0]) / elapsed)
        bare_seconds.append(cpu)
        cpu, elapsed, text, memory = measure(look)
        summary = json.loads(text.splitlines()[-1])
        rates["tasks"].append(summary["bytes"] / cpu)
        elapsed_rates["tasks"].append(summary["bytes"] / elapsed)
        whole.append(measure(scan))
        alone = ask_for_speed(target, lambda: time.sleep(1))
        slower.append(ask_for_speed(target, lambda: measure(look)) / alone)
    lines = [json.loads(line) for line in whole[-1][2].splitlines()]
    if lines[-1]["held"] != options.held or not all(line["holder"] for line in lines[:-1]):
        sys.exit(f"of {options.held} that are held, {lines[-1]['held']} were found")
    middle = statistics.median
    print(f"{lines[-1]['bytes'] / 2**20:.0f} MiB, {options.objects} objects, {options.held} held; medians of "
          f"{options.rounds} rounds")
    print(f"bare read and compare   {middle(rates['bare']) / 1e9:6.2f} GB/s of CPU time, "
          f"{middle(elapsed_rates['bare']) / 1e9:.2f} by the clock")
    print(f"corotrace tasks         {middle(rates['tasks']) / 1e9:6.2f} GB/s of CPU time, "
          f"{middle(elapsed_rates['tasks']) / 1e9:.2f} by the clock; "
          f"{ratio(rates):.2f} and {ratio(elapsed_rates):.2f} of the bare rate")
    print(f"corotrace scan          {middle(one[0] for one in whole):6.2f} s of CPU, {middle(one[1] for one in whole):.2f} s "
          f"elapsed; {middle(one[0] for one in whole) / middle(bare_seconds):.1f} times the bare read, "
          f"{middle(one[0] for one in whole) / options.objects * 1e6:.2f} us an object")
    print(f"corotrace's memory      {memory:6.1f} MiB at most for tasks, {max(one[3] for one in whole):.1f} for scan")
    print(f"the process's own speed {middle(slower):6.2f} of that without, in its CPU time")


if __name__ == "__main__":
    sys.exit(main())
