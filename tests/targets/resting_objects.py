# SPDX-License-Identifier: MIT
"""Where a tracer may plant something in an interpreter: the exact pointers, and the objects that hold them."""
import asyncio
import sysconfig
import types
import warnings

POINTER = 8
# Header of an object: the free-threaded one is longer.
HEADER = 32 if sysconfig.get_config_var("Py_GIL_DISABLED") else 16
TP_FINALIZE = 408 if HEADER == 32 else 392


async def numbers():
    yield 1


def types_with_slots():
    generator = numbers()
    return (("coroutine", types.CoroutineType), ("asend", type(generator.asend(None))),
            ("athrow", type(generator.athrow(KeyError))))


def slots():
    return [{"name": "slot tp_finalize of " + name, "address": id(kind) + TP_FINALIZE, "size": POINTER}
            for name, kind in types_with_slots()]


def function(name, function):
    """A function as it is now, all of it but its header: vectorcall pointer and version are in there."""
    return {"name": "slots of the " + name, "address": id(function) + HEADER,
            "size": types.FunctionType.__basicsize__ - HEADER}


def functions():
    return [function("warning function", warnings._warn_unawaited_coroutine),
            function("exception handler", asyncio.BaseEventLoop.call_exception_handler)]


def objects():
    found = slots()
    for name, kind in types_with_slots():
        found.append({"name": "type " + name, "address": id(kind), "size": TP_FINALIZE + POINTER})
    return found + functions()
