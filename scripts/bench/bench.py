# SPDX-License-Identifier: MIT
"""Runs the benches and prints a table; with --jsonl also a line of JSON for each figure. Every figure is a ratio
or a difference against a baseline that was measured in the same run on the same target, in rounds that
alternate; the median of the rounds is shown, with their least and greatest."""
import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

import cost
import suite
from pythons import find_debug_build, find_pythons
from session import Gdb, Target, Traced, bare_tracer, busy_loop, limited

WANTED = ("3.8", "3.11", "3.13", "3.15")
UNLIMITED = ("--max-pause-share", "100")  # so that each drop is read
HOSTILE_VALUES = 5  # kinds of them in workloads.py


class Report:
    def __init__(self, path):
        self._file = open(path, "w", encoding="utf-8") if path else None

    def machine(self, rounds):
        model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                      if line.startswith("model name")), "unknown")
        self.write(event="machine", command=" ".join(["scripts/bench.sh", *sys.argv[5:]]), rounds=rounds, cpu=model, cores=os.cpu_count(), kernel=platform.release(),
                   load=os.getloadavg()[0])
        print(f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, load {os.getloadavg()[0]:.1f}\n")
        print(f"{'python':8} {'bench':34} {'median':>9} {'least':>9} {'most':>9}  unit")

    def add(self, python, bench, values, unit):
        middle = statistics.median(values)
        self.write(event="figure", python=python, bench=bench, median=middle, least=min(values),
                   most=max(values), rounds=len(values), unit=unit)
        print(f"{python:8} {bench:34} {middle:9.3g} {min(values):9.3g} {max(values):9.3g}  {unit}", flush=True)

    def write(self, **fields):
        if self._file:
            print(json.dumps(fields), file=self._file, flush=True)


class Bench:
    def __init__(self, options, report, python, argv):
        self.options, self.report, self.python, self.argv = options, report, python, argv

    def add(self, bench, values, unit):
        self.report.add(self.python, bench, values, unit)

    def traced(self, target, *options, core=None, nice=True):
        return Traced(self.options.corotrace, target.pid, *options, core=core, nice=nice)

    def pairs(self, target, command, *numbers, options=()):
        """(untraced, traced) of each round, in an order that alternates."""
        for index in range(self.options.rounds):
            def traced():
                with self.traced(target, *options):
                    return target.run(command, *numbers)
            if index % 2:
                with_it = traced()
                yield target.run(command, *numbers), with_it
            else:
                without = target.run(command, *numbers)
                yield without, traced()

    def attach(self):
        for threads in (1, 10, 100, 1000):
            with Target(self.argv) as target:
                target.run("sleepers", threads - 1)
                walls, stops = [], 0
                for _ in range(self.options.rounds):
                    with self.traced(target) as session:
                        walls.append(session.attach_ms)
                    stops += session.summary["stops"]
                self.add(f"attach: wall, {threads} threads", walls, "ms")
                self.add(f"attach: stops, {threads} threads", [stops], "stops")
        for command, name in (("gaps", "a busy loop"), ("loop_gaps", "an event loop")):
            idle, control, seen = [], [], []
            with Target(self.argv) as target:
                for _ in range(3 * self.options.rounds):
                    idle.append(target.run(command, 300))
                    control.append(self.gap_beside(target, command, self.look_only))
                    seen.append(self.gap_beside(target, command, self.visit))
            self.add(f"attach: worst gap of {name}, alone", idle, "us")
            self.add(f"attach: worst gap of {name}, beside a --dry-run", control, "us")
            self.add(f"attach: worst gap of {name}, attached and left", seen, "us")

    def gap_beside(self, target, command, act):
        target.start(command, 300)
        time.sleep(0.05)
        act(target)
        return target.result()

    def visit(self, target):
        with self.traced(target):
            time.sleep(0.1)

    def look_only(self, target):
        """The same program doing nearly the same work, with nothing touched: what sharing the machine costs."""
        subprocess.run([self.options.corotrace, "attach", "-p", str(target.pid), "--dry-run", "-q"],
                       stdout=subprocess.DEVNULL, check=True)

    def idle(self):
        workloads = {"await": 300_000, "task": 20_000, "json": 5_000, "syscall": 300_000, "thread": 500,
                     "signal": 5_000}
        with Target(self.argv) as target:
            for name, count in workloads.items():
                target.run(f"{name}_workload", count // 10)
                ratios = [traced / bare for bare, traced in self.pairs(target, f"{name}_workload", count)]
                self.add(f"idle: {name}", ratios, "x untraced")

    def stop(self):
        """One full report against one bare stop, both as the target feels them. The kernel puts a woken tracer
        where it likes, and on another core a stop costs several times as much: so the three are told apart."""
        cores = sorted(os.sched_getaffinity(0))
        places = [("as it comes", None, None), ("same core", cores[0], cores[0]), ("other core", cores[0], cores[-1])]
        for name, core, tracer_core in places:
            warm, cold = [], []
            for _ in range(self.options.rounds):
                with Target(self.argv, core=core) as target:
                    bare, full, first = self.stops(target, tracer_core)
                self.report.write(event="stop", python=self.python, place=name, bare_ns=bare, warm_ns=full,
                                  cold_ns=first)
                warm.append(full / bare)
                cold.append(first / bare)
            self.add(f"stop, {name}: a warm report", warm, "x bare stop")
            self.add(f"stop, {name}: a cold report", cold, "x bare stop")

    def stops(self, target, core, count=300, pause_us=1000, depth=20):
        """ns of a bare stop, of a report of `depth` frames, and of one of a new site."""
        middle = statistics.median
        quiet = middle(target.run("signals_to_self", count, pause_us))
        with bare_tracer(self.options.bare_tracer, target.pid, core):
            bare = middle(target.run("signals_to_self", count, pause_us)) - quiet
        quiet = middle(target.run("drops", count, pause_us, depth))
        with self.traced(target, *UNLIMITED, core=core):
            target.run("drops", 100, pause_us, depth)
            full = middle(target.run("drops", count, pause_us, depth)) - quiet
        quiet = middle(target.run("first_drops", 100, pause_us, depth))
        with self.traced(target, *UNLIMITED, core=core):
            target.run("drops", 10, pause_us, depth)
            first = middle(target.run("first_drops", 100, pause_us, depth)) - quiet
        return bare, full, first

    def storm(self):
        for sites, name in ((1, "1 site"), (50, "50 sites"), (1000, "1000 sites")):
            first, shares, exact, functions, late = [], [], [], [], []
            with Target(self.argv) as target:
                # Other work on the machine changes rates by some percent within seconds.
                for _ in range(2 * self.options.rounds):
                    before = target.run("storm", 800, sites)
                    with self.traced(target) as session:
                        at_first = target.run("storm", 1000, sites)
                        rate = target.run("storm", 1500, sites)
                    bare = (before + target.run("storm", 800, sites)) / 2
                    first.append(at_first / bare)
                    shares.append(rate / bare)
                    exact.append(session.summary["coverage"]["state"] == "exact")
                    count, seconds = session.reported()
                    functions.append(count)
                    late.append(seconds)
            self.add(f"storm: {name}, first second", first, "x untraced rate")
            self.add(f"storm: {name}", shares, "x untraced rate")
            self.add(f"storm: {name}, exact", [sum(exact) / len(exact)], "of rounds")
            self.add(f"storm: {name}, of which reported", functions, "sites")
            self.add(f"storm: {name}, until these were", late, "s")

    def first_report(self):
        """A place that drops all the time: from corotrace's start until it is told, beside until it is armed."""
        armed, told = [], []
        with Target(self.argv) as target:
            for _ in range(5 * self.options.rounds):
                target.start("storm", 600, 1)
                time.sleep(0.1)
                with self.traced(target) as session:
                    told.append(session.wait_for_report())
                armed.append(session.attach_ms)
                target.result()
        self.add("first report of a hot place: start to armed", armed, "ms")
        self.add("first report of a hot place: start to told", told, "ms")

    def depth(self):
        """What the walk over the frames costs a place that drops as fast as it can."""
        for depth in (8, 16, 64):
            costs = []
            with Target(self.argv) as target:
                for without, traced in self.pairs(target, "deep_storm", 1000, depth):
                    costs.append(without / traced)
            self.add(f"storm: {depth} frames", costs, "x untraced time")

    def places(self):
        """Rare places behind frequent ones."""
        found, exact = [], []
        for _ in range(self.options.rounds):
            with Target(self.argv) as target:
                with self.traced(target) as session:
                    truth = target.run("places")
                counts = {site["dropped"]["frames"][-1]["name"]: site["count"] for site in session.sites
                          if site["exact"] and site["dropped"]["frames"]}
                found.append(len({name for name in truth if name in counts}))
                exact.append(sum(1 for name, count in truth.items() if counts.get(name) == count))
        self.add("places: of 154, found", found, "places")
        self.add("places: of 154, counted exactly", exact, "places")

    def quota(self):
        """Sixty first drops while corotrace itself may have a twentieth of a core, as a small sidecar."""
        for name, options in (("", ()), (", --hold always", ("--hold", "always"))):
            alone, worst, found = [], [], []
            for _ in range(self.options.rounds):
                with limited(5) as limit, Target(self.argv) as target:
                    alone.append(max(target.run("first_drops", 60, 5000, 20)) / 1e6)
                    with Traced(self.options.corotrace, target.pid, *options, limit=limit) as session:
                        worst.append(max(target.run("first_drops", 60, 5000, 20)) / 1e6)
                        time.sleep(1)
                    found.append(len({site["coroutine"]["qualname"] for site in session.sites}))
            self.add(f"quota of 5 %{name}: the longest of 60 first drops, alone", alone, "ms")
            self.add(f"quota of 5 %{name}: the longest of 60 first drops", worst, "ms")
            self.add(f"quota of 5 %{name}: of 60 places, found", found, "places")

    def starved(self):
        """The longest stop while all cores are busy, with and without the right to run first."""
        worst = {"": [], ", at the priority of others": []}
        for _ in range(self.options.rounds):
            for name, values in worst.items():
                with contextlib.ExitStack() as stack, Target(self.argv) as target:
                    for _ in range(2 * os.cpu_count()):
                        stack.enter_context(busy_loop())
                    options = ("--hold", "always", "--every", *UNLIMITED)
                    with self.traced(target, *options, nice=not name) as session:
                        target.run("drops", 300, 5000, 20)
                    values.append(session.summary["pause_max_us"] / 1000)
        for name, values in worst.items():
            self.add(f"all cores busy{name}: the longest of 300 stops", values, "ms")

    def hold(self):
        """What signals and threads cost while it is there and nobody is traced."""
        for mode, rest in (("never", 0), ("auto", 4)):
            for name, count in (("signal", 5_000), ("thread", 500)):
                ratios = []
                with Target(self.argv) as target:
                    target.run(f"{name}_workload", count // 10)
                    for _ in range(self.options.rounds):
                        bare = target.run(f"{name}_workload", count)
                        with self.traced(target, "--hold", mode):
                            time.sleep(rest)
                            ratios.append(target.run(f"{name}_workload", count) / bare)
                self.add(f"hold {mode}, at rest: {name}", ratios, "x untraced")

    def values(self):
        """The longest stop when arguments are shown, of those that cost most to look at."""
        for number in range(HOSTILE_VALUES):
            worst = []
            for _ in range(self.options.rounds):
                with Target(self.argv) as target:
                    with self.traced(target, "--show-values", *UNLIMITED) as session:
                        name = target.run("drop_hostile", number, 20)
                    worst.append(session.summary["pause_max_us"] / 1000)
            self.add(f"longest stop: {name}", worst, "ms")

    def itself(self):
        with Target(self.argv) as target:
            with self.traced(target) as session:
                began = session.cpu_seconds()
                time.sleep(5)
                self.add("corotrace: CPU idle", [(session.cpu_seconds() - began) / 5 * 100], "% of a core")
                self.add("corotrace: resident, idle", [session.resident_mb()], "MB")
                for total in (100_000, 1_000_000):
                    target.run("drop_total", total, 100)
                    self.add(f"corotrace: resident, {total} drops", [session.resident_mb()], "MB")
                target.run("drop_total", 20_000, 10_000)
                time.sleep(1)
                self.add("corotrace: resident, 10000 sites", [session.resident_mb()], "MB")
        times = []
        for _ in range(20):
            began = time.perf_counter()
            subprocess.run([self.options.corotrace, "--help"], stdout=subprocess.DEVNULL, check=True)
            times.append((time.perf_counter() - began) * 1000)
        self.add("corotrace: --help", times, "ms")

    def origin(self):
        """Each depth of origin tracking; `auto` also where a site keeps asking for it."""
        counts = {"await": 100_000, "task": 10_000, "json": 3_000}
        modes = {"off": ("--origin", "off"), "1": ("--origin", "1"), "10": ("--origin", "10"), "auto": (),
                 "auto, an unexplained site": ()}
        ratios = {}
        with Target(self.argv) as target:
            for index in range(self.options.rounds):
                bare = {name: target.run(f"{name}_workload", count) for name, count in counts.items()}
                for mode, options in sorted(modes.items(), reverse=index % 2 == 1):
                    with self.traced(target, *options):
                        if "unexplained" in mode:
                            target.run("drop_unexplained")
                        for name, count in counts.items():
                            ratio = target.run(f"{name}_workload", count) / bare[name]
                            ratios.setdefault((name, mode), []).append(ratio)
        for (name, mode), values in ratios.items():
            self.add(f"origin: {name}, {mode}", values, "x untraced")

    def peers(self):
        """What else shows where a coroutine was made: settings that need a restart. And what else attaches."""
        counts = {"await": 100_000, "task": 5_000, "json": 1_000}
        settings = {"-X tracemalloc": ("-X", "tracemalloc"), "-X tracemalloc=25": ("-X", "tracemalloc=25"),
                    "-X dev": ("-X", "dev"), "asyncio debug": ()}
        ratios = {}
        for _ in range(self.options.rounds):
            with Target(self.argv) as target:
                bare = {name: target.run(f"{name}_workload", count) for name, count in counts.items()}
                with self.traced(target):
                    for name, count in counts.items():
                        ratio = target.run(f"{name}_workload", count) / bare[name]
                        ratios.setdefault((name, "corotrace"), []).append(ratio)
            for setting, arguments in settings.items():
                debug = {"PYTHONASYNCIODEBUG": "1"} if not arguments else {}
                with Target(self.argv, *arguments, **debug) as target:
                    for name, count in counts.items():
                        ratio = target.run(f"{name}_workload", count // 10) / bare[name]
                        ratios.setdefault((name, setting), []).append(ratio)
        for (name, setting), values in ratios.items():
            self.add(f"peers: {name}, {setting}", values, "x plain")
        self.gdb()

    def suite(self):
        """A test suite of a minute, from start to end; it is to fail no test under any of them."""
        for name, values in suite.measure(self.options.corotrace, self.argv, self.options.rounds).items():
            self.add(f"a suite: {name}", values, "s" if name == "plain" else "x plain")

    def gdb(self):
        """A stack by gdb, of the -dbg build of the version, for gdb needs its symbols; and ours of the same."""
        found = find_debug_build(self.python)
        if not found or not shutil.which("gdb"):
            print(f"{self.python:8} missing: gdb, or a -dbg build with its py-bt (scripts/interpreters.sh)", flush=True)
            return
        argv, script = found
        shares = []
        with Target(argv) as target:
            for _ in range(min(self.options.rounds, 3)):
                quiet = statistics.median(target.run("drops", 50, 1000, 20))
                with self.traced(target, *UNLIMITED):
                    ours = statistics.median(target.run("drops", 100, 1000, 20)) - quiet
                with Gdb(target.pid, script) as gdb:
                    theirs = statistics.median(target.run("drops", 20, 1000, 20)) - quiet
                if gdb.stacks < 20:
                    raise RuntimeError(f"gdb showed {gdb.stacks} stacks of 20")
                shares.append(theirs / ours)
        self.add("peers: a stack by gdb's py-bt", shares, "x a report")


def main():
    names = ("attach", "idle", "stop", "values", "storm", "depth", "first_report", "places", "quota", "starved", "hold",
             "origin", "itself", "peers", "suite")
    parser = argparse.ArgumentParser(prog="bench.sh", description=__doc__)
    parser.add_argument("--corotrace", default="build/release/corotrace", help=argparse.SUPPRESS)
    parser.add_argument("--bare-tracer", default="build/release/bare_tracer", help=argparse.SUPPRESS)
    parser.add_argument("--python", action="append", metavar="VERSION", help=f"3.N (default: {' '.join(WANTED)})")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jsonl", metavar="FILE", help="the figures as JSON lines too")
    parser.add_argument("--readme", metavar="FILE", help="measure nothing: write such lines into scripts/bench/README.md")
    parser.add_argument("benches", nargs="*", metavar="BENCH", help="of " + ", ".join(names) + " (default: all)")
    options = parser.parse_args()
    if unknown := set(options.benches) - set(names):
        parser.error("no such bench: " + ", ".join(sorted(unknown)))
    if options.readme:
        cost.write(options.readme)
        return
    report = Report(options.jsonl)
    report.machine(options.rounds)
    for version, argv in find_pythons(options.python or WANTED):
        bench = Bench(options, report, version, argv)
        for name in options.benches or names:
            getattr(bench, name)()


main()
