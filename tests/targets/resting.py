# SPDX-License-Identifier: MIT
"""Rests in a read of its stdin; drops some coroutines whenever it is told `drop`.

It names the objects in which a tracer may plant something: coroutine types and the warning function.
"""
import gc
import os
import sys
import sysconfig
import types
import warnings

import shim

WARNING_FUNCTION = warnings._warn_unawaited_coroutine
POINTER = 8
# Header of an object: the free-threaded one is longer.
HEADER = 32 if sysconfig.get_config_var("Py_GIL_DISABLED") else 16
TP_FINALIZE = 408 if HEADER == 32 else 392


async def orphan():
    pass


async def numbers():
    yield 1


def objects():
    generator = numbers()
    found = []
    for name, kind in (("coroutine", types.CoroutineType),
                       ("asend", type(generator.asend(None))),
                       ("athrow", type(generator.athrow(KeyError)))):
        found.append({"name": "type " + name, "address": id(kind), "size": TP_FINALIZE + POINTER})
        found.append({"name": "slot tp_finalize of " + name, "address": id(kind) + TP_FINALIZE, "size": POINTER})
    # All of it but its header: the vectorcall pointer is in there.
    found.append({"name": "slots of the warning function", "address": id(WARNING_FUNCTION) + HEADER,
                  "size": type(WARNING_FUNCTION).__basicsize__ - HEADER})
    return found


def main():
    warnings.simplefilter("ignore")
    gc.collect()
    total = 0
    shim.tell("ready", pid=os.getpid(), objects=objects(), depth=sys.get_coroutine_origin_tracking_depth())
    while True:
        word = shim.read_word()
        if word == "drop":
            for _ in range(100):
                orphan()
            total += 100
            shim.tell("dropped", count=100, total=total)
        elif word == "depth":
            shim.tell("depth", depth=sys.get_coroutine_origin_tracking_depth())
        else:
            return


main()
