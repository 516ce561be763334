# SPDX-License-Identifier: MIT
"""usage: agen_methods.py REPETITIONS

Drops asend(), athrow(), aclose() and __anext__() objects of asynchronous generators, which CPython warns of
from 3.13 on. The truth is taken from those warnings.
"""
import re
import sys
import warnings

import shim


async def numbers():
    while True:
        try:
            yield 1
        except KeyError:
            pass


def step(awaitable):
    try:
        awaitable.send(None)
    except (StopIteration, StopAsyncIteration):
        pass


def main():
    repetitions = int(sys.argv[1])
    seen = []

    def show(message, category, filename, line, file=None, source=None, append=seen.append):
        append(str(message))

    warnings.simplefilter("always")
    warnings.showwarning = show
    kept = [numbers() for _ in range(2)]
    shim.ready()
    for _ in range(repetitions):
        for generator in kept:
            generator.asend(None)
            generator.athrow(KeyError)
            generator.aclose()
            generator.__anext__()
            # From here on nothing counts.
            step(generator.asend(None))
            step(generator.__anext__())
            step(generator.athrow(KeyError))
            generator.asend(None).close()
            generator.aclose().close()
        fresh = numbers()
        fresh.asend(None)
        del fresh
        finished = numbers()
        step(finished.aclose())
        del finished
    truth = {}
    for message in seen:
        found = re.fullmatch(r"coroutine method '(\w+)' of '(\w+)' was never awaited", message)
        key = " ".join(found.groups()) if found else message
        truth[key] = truth.get(key, 0) + 1
    shim.done(truth=truth)


main()
