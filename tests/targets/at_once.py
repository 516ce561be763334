# SPDX-License-Identifier: MIT
"""usage: at_once.py THREADS ROUNDS

Threads that drop a coroutine at the same instant, round by round: without a GIL, two are stopped at once.
"""
import sys
import threading
import warnings

import shim


async def forgotten_at_once(thread, turn):
    pass


def work(barrier, thread, rounds):
    for turn in range(rounds):
        barrier.wait()
        forgotten_at_once(thread, turn)


def main():
    count, rounds = int(sys.argv[1]), int(sys.argv[2])
    warnings.simplefilter("ignore")
    counter = shim.Counter()
    barrier = threading.Barrier(count)
    go = threading.Event()
    threads = [threading.Thread(target=lambda number=number: (go.wait(), work(barrier, number, rounds)))
               for number in range(count)]
    for thread in threads:
        thread.start()
    shim.ready()
    go.set()
    for thread in threads:
        thread.join()
    shim.done(truth=counter.totals(), scripted={"forgotten_at_once": count * rounds})


main()
