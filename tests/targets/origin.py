# SPDX-License-Identifier: MIT
"""usage: origin.py MODE NUMBER

Drops coroutines whose creation line the drop does not give away, in the main thread and in one that starts later,
until the interpreter notes where coroutines are created, or NUMBER times. Tells the depths that it saw. MODE is
"program": it has set the depth NUMBER itself; "debug": asyncio's debug mode; "shown": the drops do give it away.
"""
import asyncio
import sys
import threading

import shim

PAUSE = threading.Event()


async def save(value):
    return value


def make(value):
    return save(value)


def drop():
    waiting = [make(1)]
    noted = len(waiting[0].cr_origin or ())
    waiting.clear()
    return noted


async def load(key):
    pass


class Log:
    async def write(self, text):
        pass


LOG = Log()


def drop_shown():
    save(1)
    LOG.write("x")
    kept = load(2)
    return 0


def drop_until_noted(rounds, drop=drop):
    """The greatest depth seen, and whether a whole stack was noted."""
    depth = 0
    deep = False
    for _ in range(rounds):
        for _ in range(10):
            deep = drop() > 1 or deep
        depth = max(depth, sys.get_coroutine_origin_tracking_depth())
        if deep:
            break
        PAUSE.wait(0.005)
    return depth, deep


async def in_debug_mode(rounds):
    return drop_until_noted(rounds)


def main():
    mode, number = (sys.argv[1:] + ["", "0"])[:2]
    rounds = int(number) if mode != "program" else 200
    if mode == "program":
        sys.set_coroutine_origin_tracking_depth(int(number))
    shim.ready()
    found = {}

    dropping = drop_shown if mode == "shown" else drop

    def in_thread():
        found["thread"] = drop_until_noted(rounds, dropping)

    if mode == "debug":
        found["main"] = asyncio.run(in_debug_mode(rounds), debug=True)
    else:
        found["main"] = drop_until_noted(rounds, dropping)
    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    shim.tell("done", **found)
    shim.wait("after")
    shim.done(after=sys.get_coroutine_origin_tracking_depth())


main()
