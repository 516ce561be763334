# SPDX-License-Identifier: MIT
"""usage: lost_warnings.py COUNT

Coroutines that a collection finds while a function without builtins runs, as those of named tuples are:
CPython fails to warn (KeyError: '__import__') and says so as an ignored exception only.
"""
import gc
import sys

import shapes
import shim


def main():
    count = int(sys.argv[1])
    gc.disable()
    counter = shim.Counter()
    sys.unraisablehook = lambda unraisable: None
    shim.ready()
    for _ in range(count):
        shapes.collected()
    eval("collect()", {"__builtins__": {}, "collect": gc.collect})
    shim.done(truth={"forgotten_collected": count}, warned=counter.totals())


main()
