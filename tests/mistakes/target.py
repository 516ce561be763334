# SPDX-License-Identifier: MIT
"""usage: target.py

Commits every mistake of the corpus once, in order, and tells after each how many coroutines were dropped in it:
so the driver knows which finding belongs to which case.
"""
import asyncio
import gc
import inspect
import logging
import os
import sys
import threading
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "targets")]

import cases
import shim


def commit(function):
    """The mistake; what it raises is its own affair."""
    try:
        if inspect.iscoroutinefunction(function):
            asyncio.run(function())
        else:
            function()
    except Exception:
        pass


def main():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    threading.excepthook = lambda arguments: None
    gc.disable()
    counter = shim.Counter()
    found = cases.load()
    shim.ready()
    counts = []
    for module, function in found:
        before = len(counter.names)
        commit(function)
        counts.append([module, function.__name__, len(counter.names) - before])
    sys.stderr.close()
    shim.done(cases=counts)


main()
