#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's gunicorn and uvicorn in a pod, with corotrace serve beside them, for minutes under load with planted bugs.

usage: servers.py --corotrace PROGRAM [--minutes M] [--windows N] [--kills N] [--quota PERCENT] [PART...]

The parts, all unless some are named:
  churn    workers come and go, gdb attaches and leaves, Debian's Prometheus scrapes: it has what serve has
  kills    kill -9 of serve N times: the servers go on, the next serve takes over with the counts, but for what is dropped
           meanwhile, and detach puts all back
  starved  serve may use so many percent of a core: workers fork, each place is found
  cost     two equal servers in turn, N windows each: one that serve watches, and one without, serve standing still; CPU
           time of the workers for a request, and the 50th and 99th percentile of the latency while a server is not full

In none of them may a request fail; serve may count no more than the servers' own truth, and hardly less. Ends with 1 if
something was not as it should be. Needs root's rights, gunicorn, uvicorn, wrk, prometheus and gdb. What is told of cost
is a measurement, and no reason to end with 1.
"""
import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bugs import BUGS
from pod import Load, Pod, Prometheus, Serve, Server, children, cpu_s_of, free_port, wait_for
from support.cpu_limit import CpuLimit

PYTHON = "/usr/bin/python3"
WINDOW_S = 3
PAUSE_MS = 20
# So much of the drops may be missing, see check_drops().
LATE_SHARE = 0.001
KILLED_SHARE = 0.005
STARVED_SHARE = 0.05


class Failures:
    def __init__(self):
        self.all = []

    def check(self, is_right, what):
        if not is_right:
            self.all.append(what)
            print("  WRONG: " + what, flush=True)


FAILURES = Failures()


def tell(text):
    print("  " + text, flush=True)


def gunicorn(pod, workers, name="gunicorn", requests=0):
    """Workers end after so many requests, 0: never."""
    port = free_port()
    return Server(pod, name, [PYTHON, "/usr/bin/gunicorn", f"--bind=127.0.0.1:{port}", f"--workers={workers}", "--timeout=120",
                              "--graceful-timeout=120", f"--max-requests={requests}", f"--max-requests-jitter={requests // 2}",
                              "--worker-class=uvicorn.workers.UvicornWorker", "application:application"], port)


def uvicorn(pod, workers):
    port = free_port()
    return Server(pod, "uvicorn", [PYTHON, "-m", "uvicorn", f"--port={port}", f"--workers={workers}", "--log-level=critical",
                                   "application:application"], port)


def sum_truth(servers):
    truths = [server.truth(BUGS) for server in servers]
    return {name: sum(truth[name] for truth in truths) for name in BUGS}


def check_loads(loads):
    for load in loads:
        done = load.finish()
        FAILURES.check(done["failed"] == 0 and done["requests"] > 0, f"of {done['requests']} requests {done['failed']} failed")
        tell(f"{done['requests']} requests, {done['failed']} failed; p50 {done['p50_us']} us, p99 {done['p99_us']} us, "
             f"worst {done['max_us'] / 1000:.0f} ms")


def wait_drops(serve, truth):
    """What serve has counted, once that is all, or does not grow any more."""
    until = time.monotonic() + 15
    while (drops := serve.drops()) != truth and time.monotonic() < until:
        time.sleep(0.2)  # it looks at one that rests four times a second
    return drops


def check_drops(drops, truth, share, what):
    """Never too much; and of a worker that drops before its stub is exchanged for one of its own, or while that of a serve that
    was killed is, some hundredths of a second are missing."""
    missing, total = sum(truth.values()) - sum(drops.values()), sum(truth.values())
    is_right = all(drops.get(name, 0) <= count for name, count in truth.items()) and missing <= total * share
    FAILURES.check(is_right, f"{what}: serve has {drops}, the servers {truth}")
    tell(f"{what}: counted were {total - missing} of {total} drops")


def wait_watching(serve, servers):
    wait_for("serve to answer", serve.answers)
    want = sum(len(server.processes()) for server in servers)
    wait_for("all to be watched", lambda: (serve.metric("corotrace_watched_processes") or 0) >= want)


def told_summaries(pod):
    """Of each process, once serve has ended."""
    events = map(json.loads, (pod.path / "serve.out").read_text().splitlines())
    return [event for event in events if event["event"] == "summary"]


def tell_each(pod, servers):
    """Of which worker something is missing."""
    counted = {}
    for summary in told_summaries(pod):
        counted[summary["pid"]] = counted.get(summary["pid"], 0) + summary["never_awaited"]
    truth = {pid: drops for server in servers for pid, drops in server.truth_of_each().items()}
    for pid, drops in truth.items():
        if counted.get(pid, 0) != drops:
            tell(f"worker {pid} dropped {drops}, counted were {counted.get(pid, 0)}")


def visit_with_gdb(pid):
    """Whether it could attach; where corotrace traces just then it cannot."""
    done = subprocess.run(["gdb", "-nx", "-batch", "-p", str(pid), "-ex", "bt 1"], capture_output=True, text=True, timeout=120,
                          check=False)
    return "#0" in done.stdout


def churn(options, pod):
    servers = [gunicorn(pod, 4, requests=4000), uvicorn(pod, 2)]
    port = free_port()
    serve = Serve(pod, options.corotrace, port)
    prometheus = None
    try:
        wait_watching(serve, servers)
        prometheus = Prometheus(pod.path, port)
        loads = [Load(pod, server.port, int(options.minutes * 60), 4) for server in servers]
        at_first = serve.resident_mb()
        visits = gdb = 0
        orders = (signal.SIGTTIN, signal.SIGTTOU, signal.SIGHUP)
        while any(load.is_on() for load in loads):
            time.sleep(3)
            servers[0].signal(orders[visits % len(orders)])
            workers = [pid for server in servers for pid in children(server.pid) if Path(f"/proc/{pid}/exe").exists()]
            gdb += visit_with_gdb(random.choice(workers))
            visits += 1
        check_loads(loads)
        truth = sum_truth(servers)
        drops = wait_drops(serve, truth)
        check_drops(drops, truth, LATE_SHARE, "churn")
        time.sleep(3)  # until it is scraped
        sums = {name: int(value) for (name,), value in
                prometheus.query('sum by (coroutine) (corotrace_site_drops_total{coroutine!=""})').items()}
        FAILURES.check(sums == drops, f"Prometheus has {sums}, serve {drops}")
        total = sum(prometheus.query("corotrace_never_awaited_coroutines_total").values())
        FAILURES.check(total == sum(drops.values()), f"Prometheus has {total:.0f} in all, the sites {sum(drops.values())}")
        FAILURES.check(gdb > 0, "gdb could never attach")
        began, ended = serve.metric("corotrace_programs_begun_total"), serve.metric("corotrace_programs_ended_total")
        tell(f"{sum(truth.values())} drops by {sum(server.workers_seen() for server in servers)} workers, {began:.0f} programs watched, "
             f"{ended:.0f} ended; Prometheus has {total:.0f}; gdb attached {gdb} of {visits} times")
        tell(f"serve: {at_first:.1f} MB at first, {serve.resident_mb():.1f} MB at last, {serve.cpu_s():.1f} s of CPU")
        FAILURES.check(serve.terminate() == 0, "serve did not end well")
        tell_each(pod, servers)
    finally:
        close(serve, servers)
        if prometheus:
            prometheus.close()


def kills(options, pod):
    servers = [gunicorn(pod, 2)]
    port = free_port()
    serve = Serve(pod, options.corotrace, port)
    try:
        wait_watching(serve, servers)
        load = Load(pod, servers[0].port, 6 * options.kills + 20)
        processes = servers[0].processes()
        for number in range(options.kills):
            # Each other one at any time of its first second: it may be at taking over just then.
            if number % 2:
                wait_watching(serve, servers)
            time.sleep(random.random())
            serve.kill()
            serve = Serve(pod, options.corotrace, port)
        wait_watching(serve, servers)
        FAILURES.check(load.is_on(), "the load ended before the last kill")
        check_loads([load])
        FAILURES.check(servers[0].processes() == processes, "a server's process ended")
        truth = sum_truth(servers)
        check_drops(wait_drops(serve, truth), truth, KILLED_SHARE, f"after {options.kills} kills")
        serve.kill()
        for pid in processes:
            for word in ("removed", "nothing"):
                done = subprocess.run([options.corotrace, "detach", str(pid)], capture_output=True, text=True, check=False)
                FAILURES.check(done.returncode == 0 and word in done.stderr, f"detach {pid} did not say {word}: {done.stderr}")
        load = Load(pod, servers[0].port, 3)
        check_loads([load])
    finally:
        close(serve, servers)


def starved(options, pod):
    limit = CpuLimit(options.quota)
    servers = [gunicorn(pod, 3, requests=4000)]
    serve = Serve(pod, options.corotrace, free_port(), preexec_fn=limit.add_myself)
    try:
        wait_watching(serve, servers)
        load = Load(pod, servers[0].port, 60)
        while load.is_on():
            time.sleep(3)
            servers[0].signal(random.choice((signal.SIGTTIN, signal.SIGTTOU)))
        check_loads([load])
        truth = sum_truth(servers)
        check_drops(wait_drops(serve, truth), truth, STARVED_SHARE, f"with {options.quota} % of a core")
        stat = dict(line.split() for line in (limit.folder / "cpu.stat").read_text().splitlines())
        stops = serve.metric("corotrace_stops_total")
        FAILURES.check(serve.terminate() == 0, "serve did not end well")
        tell_each(pod, servers)
        pauses = [summary["pause_max_us"] for summary in told_summaries(pod)]
        tell(f"{servers[0].workers_seen()} workers; throttled {stat['nr_throttled']} of {stat['nr_periods']} periods")
        tell(f"{stops:.0f} stops; worst pause {max(pauses, default=0) / 1000:.1f} ms")
    finally:
        close(serve, servers)
        limit.remove()


def is_traced(process):
    return "TracerPid:\t0\n" not in Path(f"/proc/{process}/status").read_text()


def measure(pod, server):
    """One window of full load and one of less."""
    before = {process: cpu_s_of(process) for process in server.processes()}
    done = Load(pod, server.port, WINDOW_S).finish()
    spent = sum(cpu_s_of(process) - seconds for process, seconds in before.items())
    # Where each connection asks at once, latency tells how long the others' requests wait.
    paced = Load(pod, server.port, WINDOW_S, pause_ms=PAUSE_MS).finish()
    FAILURES.check(done["failed"] + paced["failed"] == 0, f"{done['failed']} and {paced['failed']} requests failed")
    return {"CPU for a request, us": spent / done["requests"] * 1e6, "requests a second": done["requests"] / WINDOW_S,
            "p50 of a server that is not full, us": paced["p50_us"], "p99, us": paced["p99_us"]}


def tell_ratios(pairs):
    """The median of what the pairs give, and where it lies in 19 of 20 cases, by its rank among them (binomial)."""
    for name in pairs[0][0]:
        ratios = sorted(watched[name] / plain[name] for watched, plain in pairs)
        rank = max(0, round(len(ratios) / 2 - 0.98 * len(ratios) ** 0.5) - 1)
        tell(f"{name}: without {statistics.median(plain[name] for _, plain in pairs):.0f}, with serve times "
             f"{statistics.median(ratios):.3f} ({ratios[rank]:.3f} to {ratios[-1 - rank]:.3f})")


def cost(options, pod):
    # Of one worker: several share connections by chance, which makes up to twice the difference.
    servers = [gunicorn(pod, 1), gunicorn(pod, 1, "other")]
    watched, plain = servers
    pairs, own = [], []
    serve = None
    try:
        serve = Serve(pod, options.corotrace, free_port(), "--match", f"127.0.0.1:{watched.port} ")
        wait_watching(serve, [watched])
        for server in servers:
            Load(pod, server.port, WINDOW_S).finish()
        wait_for("nobody to be traced", lambda: not any(map(is_traced, watched.processes())))
        for number in range(options.windows):
            found = {}
            # Which comes first in turn, too.
            for server in servers[::-1] if number % 2 else servers:
                if server is plain:
                    serve.stand_still()
                began = serve.cpu_s()
                found[server] = measure(pod, server)
                if server is watched:
                    own.append((serve.cpu_s() - began) / (2 * WINDOW_S) * 100)
                serve.go_on()
                time.sleep(0.5)  # serve reads what it missed
            pairs.append((found[watched], found[plain]))
        tell(f"serve itself: {statistics.median(own):.1f} % of a core while its targets are at work")
        FAILURES.check(not any(map(is_traced, plain.processes())), "the server without serve was traced")
        tell_ratios(pairs)
        FAILURES.check(serve.terminate() == 0, "serve did not end well")
        serve = None
    finally:
        if serve:
            serve.go_on()
        close(serve, servers)


def close(serve, servers):
    if serve:
        serve.terminate()
    for server in servers:
        server.close()


PARTS = {"churn": churn, "kills": kills, "starved": starved, "cost": cost}


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--corotrace", required=True, type=lambda name: Path(name).resolve())
    parser.add_argument("--minutes", type=float, default=3, help="of churn")
    parser.add_argument("--windows", type=int, default=24, help="of cost, of each server")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--quota", type=int, default=5, help="percent of a core")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[], metavar="PART")
    options = parser.parse_args()
    missing = [name for name in ("gunicorn", "wrk", "prometheus", "gdb") if shutil.which(name) is None]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}")
    for name in options.parts or PARTS:
        print(f"{name}, {time.strftime('%H:%M:%S')}", flush=True)
        pod = Pod()
        try:
            PARTS[name](options, pod)
        finally:
            if FAILURES.all:
                tell("serve said: " + pod.said("serve")[-2000:])
            pod.close()
    print("all as it should be" if not FAILURES.all else f"{len(FAILURES.all)} wrong")
    return 1 if FAILURES.all else 0


if __name__ == "__main__":
    sys.exit(main())
