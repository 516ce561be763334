# SPDX-License-Identifier: MIT
"""The program that is measured: reads commands from standard input, one a line (a name and numbers), does what
they say and answers each with one line of JSON. Runs on every CPython from 3.8 on."""
import asyncio
import functools
import gc
import json
import os
import signal
import sys
import threading
import time

clock = time.perf_counter_ns


async def forgotten(record, retries=3):
    return record


async def one_line():
    return 1


@functools.lru_cache(None)
def make_sites(count):
    """Functions that drop a coroutine each, with code and coroutine of their own; of each number the same ones."""
    space = {}
    for i in range(count):
        exec(f"async def forgotten_{i}(record):\n    return record\n\ndef drop_{i}():\n    forgotten_{i}(1)\n", space)
    return [space[f"drop_{i}"] for i in range(count)]


def drop_here():
    start = clock()
    forgotten({"id": 1}, retries=2)
    return clock() - start


def nested(depth, function):
    return function() if depth <= 1 else nested(depth - 1, function)


def drops(count, pause_us, depth):
    """How long each drop takes, in ns, `depth` frames below the caller."""
    times = []
    for _ in range(count):
        time.sleep(pause_us / 1e6)
        times.append(nested(depth, drop_here))
    return times


def first_drops(count, pause_us, depth):
    """The same of drops at sites that were never seen before."""
    times = []
    for drop in make_sites(count):
        def timed():
            start = clock()
            drop()
            return clock() - start
        time.sleep(pause_us / 1e6)
        times.append(nested(depth, timed))
    return times


def self_signal():
    start = clock()
    os.kill(os.getpid(), signal.SIGURG)
    return clock() - start


def signals_to_self(count, pause_us):
    """How long an ignored signal to itself takes: under a tracer that is one bare stop."""
    times = []
    for _ in range(count):
        time.sleep(pause_us / 1e6)
        times.append(self_signal())
    return times


def storm(milliseconds, sites):
    """Drops a second, as fast as it can."""
    functions = make_sites(sites)
    end = time.perf_counter() + milliseconds / 1000
    began = time.perf_counter()
    count = 0
    while time.perf_counter() < end:
        for function in functions:
            function()
        count += sites
    return count / (time.perf_counter() - began)


def deep_storm(milliseconds, depth):
    """Drops a second at one place, `depth` frames below the caller."""
    def drop_all():
        end = time.perf_counter() + milliseconds / 1000
        began = time.perf_counter()
        count = 0
        while time.perf_counter() < end:
            for _ in range(100):
                forgotten(1)
            count += 100
        return count / (time.perf_counter() - began)
    return nested(depth, drop_all)


def places():
    """One coroutine forgotten at 154 places, some often, most once, and how often at each."""
    space = {"forgotten": forgotten}
    for i in range(154):
        exec(f"def place_{i}():\n    forgotten(1)\n", space)
    counts = {f"place_{i}": count for i, count in enumerate([30000, 3000, 30, 1] + 150 * [1])}
    for name, count in counts.items():
        for _ in range(count):
            space[name]()
    return counts


def drop_unexplained():
    """A coroutine that one function made and another one drops, through a list."""
    made = []

    def make():
        made.append(forgotten(1))

    make()
    made.clear()
    return 1


def drop_total(count, sites):
    for function in make_sites(sites):
        for _ in range(count // sites):
            function()
    return count


async def await_all(count):
    for _ in range(count):
        await one_line()


async def task_all(count):
    for _ in range(count // 100):
        await asyncio.gather(*[asyncio.ensure_future(one_line()) for _ in range(100)])


async def parse(text):
    return json.loads(text)


async def answer(value):
    return json.dumps(value)


async def handle(text):
    value = await parse(text)
    value["seen"] = {key: len(str(item)) for key, item in value.items()}
    return await answer(value)


async def json_all(count):
    text = json.dumps({"id": 7, "name": "x" * 40, "tags": list(range(20)), "nested": {"a": [1, 2, {"b": "c"}]}})
    for _ in range(count):
        await handle(text)


def timed(count, function):
    """ns for each of `count`."""
    gc.collect()
    start = clock()
    function()
    return (clock() - start) / count


def await_workload(count):
    return timed(count, lambda: asyncio.run(await_all(count)))


def task_workload(count):
    return timed(count, lambda: asyncio.run(task_all(count)))


def json_workload(count):
    return timed(count, lambda: asyncio.run(json_all(count)))


def syscall_workload(count):
    def run():
        for _ in range(count):
            os.getppid()
    return timed(count, run)


def thread_workload(count):
    def run():
        for _ in range(count):
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
    return timed(count, run)


def signal_workload(count):
    signal.signal(signal.SIGUSR1, lambda *_: None)

    def run():
        for _ in range(count):
            os.kill(os.getpid(), signal.SIGUSR1)
    return timed(count, run)


def gaps(milliseconds):
    """The largest gap in us that a busy loop sees."""
    end = clock() + milliseconds * 1_000_000
    last = clock()
    worst = 0
    while last < end:
        now = clock()
        worst = max(worst, now - last)
        last = now
    return worst / 1000


async def tick(milliseconds):
    end = clock() + milliseconds * 1_000_000
    worst = 0
    last = clock()
    while last < end:
        await asyncio.sleep(0)
        now = clock()
        worst = max(worst, now - last)
        last = now
    return worst / 1000


def loop_gaps(milliseconds):
    """The same of an event loop's turns."""
    return asyncio.run(tick(milliseconds))


def sleepers(count):
    """From now on there are `count` threads that wait."""
    for _ in range(count):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    return threading.active_count()


def nest(depth):
    value = []
    for _ in range(depth):
        value = [value] * 4
    return value


# What costs most to look at, by name.
HOSTILE = {
    "ten integers of 30000 digits": lambda: [1 << (100_000 + i) for i in range(10)],
    "six dicts of 100000 items": lambda: [{str(i): i for i in range(100_000)} for _ in range(6)],
    "lists in lists, 40 deep": lambda: [nest(40) for _ in range(6)],
    "six strings of 10 MB": lambda: ["\U0001f40d" * 2_500_000 for _ in range(6)],
    "a thousand arguments": lambda: [{"key": [i]} for i in range(1000)],
}


async def forgotten_with(*values):
    return values


def drop_hostile(number, count):
    """Drops coroutines with such arguments."""
    values = list(HOSTILE.values())[number]()
    for _ in range(count):
        time.sleep(0.001)
        forgotten_with(*values)
    return list(HOSTILE)[number]


COMMANDS = {f.__name__: f for f in (drops, first_drops, signals_to_self, storm, deep_storm, places, drop_total, drop_unexplained, await_workload,
                                    task_workload, json_workload, syscall_workload, thread_workload,
                                    signal_workload, gaps, loop_gaps, sleepers, drop_hostile)}


def main():
    print(json.dumps({"pid": os.getpid(), "python": sys.version.split()[0]}), flush=True)
    for line in sys.stdin:
        name, *numbers = line.split()
        print(json.dumps(COMMANDS[name](*map(int, numbers))), flush=True)


main()
