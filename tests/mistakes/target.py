# SPDX-License-Identifier: MIT
"""usage: target.py [MODULE.CASE]...

Commits every mistake of the corpus, or these, once, in order, and tells after each how many coroutines were dropped in it:
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
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "targets")]
import shim

# Programs beside the shim bear names that libraries import.
sys.path[0] = HERE
# A library of ours, where libraries are.
sys.path.append(os.path.join(HERE, "site-packages"))
# Libraries of the distribution: most of them run on other versions too.
sys.path.append("/usr/lib/python3/dist-packages")

import cases


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
    wanted = sys.argv[1:]
    if wanted:
        found = [one for one in found if f"{one[0]}.{one[1].__name__}" in wanted]
    shim.ready()
    gc.collect()
    gc.freeze()  # the libraries: a collection after each case looks at what that left only
    counts = []
    for module, function in found:
        before = len(counter.names)
        commit(function)
        gc.collect()
        counts.append([module, function.__name__, len(counter.names) - before])
    sys.stderr.close()
    shim.done(cases=counts, missing=cases.MISSING)


main()
