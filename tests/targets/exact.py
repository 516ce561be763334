# SPDX-License-Identifier: MIT
"""usage: exact.py FILTER REPETITIONS [automatic|early]

Drops every shape REPETITIONS times in the main thread, in threads that wait at attach and in threads that are
started later, among coroutines that must not count; under the warning filter FILTER. With `automatic` the
cycles are left to the collector's own runs; with `early` no thread is started later.
"""
import gc
import sys
import threading
import warnings

from harmless import HARMLESS
import shapes
import shim


def drop_everything(repetitions):
    for count in range(repetitions):
        for shape in shapes.SHAPES:
            shape()
        for harmless in HARMLESS[:-1]:
            harmless()
        if count % 10 == 0:
            HARMLESS[-1]()  # a whole event loop: dear


async def forgotten_thread_exit():
    pass


LOCAL = threading.local()


def in_thread(repetitions, go=None):
    if go is not None:
        go.wait()
    LOCAL.held = forgotten_thread_exit()  # dropped with the thread's dictionary
    drop_everything(repetitions)


def run_collector(counter, expected):
    """Makes garbage until the collector has found all cycles by itself, at most so often; then asks it."""
    for _ in range(20000):
        if counter.names.count("forgotten_collected") >= expected:
            break
        garbage = [[] for _ in range(100)]
        garbage.append(garbage)
    else:
        gc.collect()


def main():
    filter_name, repetitions = sys.argv[1], int(sys.argv[2])
    automatic = sys.argv[3:] == ["automatic"]
    warnings.simplefilter(filter_name)
    if not automatic:
        gc.disable()
    counter = shim.Counter()
    go = threading.Event()
    waiting = [threading.Thread(target=in_thread, args=(repetitions, go)) for _ in range(2)]
    for thread in waiting:
        thread.start()
    shim.ready()
    go.set()
    drop_everything(repetitions)
    count = 0 if sys.argv[3:] == ["early"] else 2
    later = [threading.Thread(target=in_thread, args=(repetitions,)) for _ in range(count)]
    for thread in later:
        thread.start()
    for thread in waiting + later:
        thread.join()
    del thread, waiting, later
    if automatic:
        run_collector(counter, (3 + count) * repetitions)
    else:
        shapes.collect()
    scripted = {"forgotten_thread_exit": 2 + count}
    for shape in shapes.SHAPES:
        scripted[shapes_coroutine(shape)] = (3 + count) * repetitions
    shim.done(truth=counter.totals(), scripted=scripted)


def shapes_coroutine(shape):
    """The qualified name of the coroutine that a shape drops."""
    name = "forgotten_" + shape.__name__.rstrip("_")
    special = {
        "forgotten_del_statement": "forgotten_del",
        "forgotten_method": "Service.forgotten_method",
        "forgotten_classmethod": "Service.forgotten_classmethod",
        "forgotten_staticmethod": "Service.forgotten_staticmethod",
        "forgotten_nested": "_make_nested.<locals>.forgotten_nested",
    }
    return special.get(name, name)


main()
