# SPDX-License-Identifier: MIT
"""Run with -c in any CPython from 3.8 on: drops a coroutine and stays blocked inside the drop, having told as one
JSON line where everything is and what a reader from outside should find."""
import ctypes
import json
import os
import sys
import threading
import types
import warnings


class Order:
    pass


ORDER = Order()
FACTS = {}


def stack(frame):
    """Outermost first: [function, name, file, line]."""
    frames = []
    while frame is not None:
        code = frame.f_code
        frames.append([getattr(code, "co_qualname", code.co_name), code.co_name, code.co_filename, frame.f_lineno])
        frame = frame.f_back
    return frames[::-1]


async def save(order, copies=2, *others, note="caf\xe9 \u20ac", **options):
    return lambda: (order, others)


def make():
    return save(ORDER, others=None, deep=[1, [2.5, None]])


def drop_it(count):
    for _ in range(count):
        make(
        )
        yield _


class Awaited:
    def __await__(self):
        yield next((lambda: (yield from drop_it(1)))())


async def handler():
    await Awaited()


def stand_in(coro):
    FACTS.update(
        runtime=ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime")),
        coroutine_type=id(types.CoroutineType), version=sys.version, thread_id=threading.get_ident(),
        coroutine=id(coro),
        expected={
            "qualname": coro.__qualname__, "created": True, "code_line": coro.cr_code.co_firstlineno,
            "origin": [list(frame) for frame in coro.cr_origin],
            "arguments": [["order", "__main__.Order", "<__main__.Order at %#x>" % id(ORDER)], ["copies", "int", "2"],
                          ["*others", "tuple[0]", "()"], ["note", "str[6]", "'caf\xe9 \u20ac'"],
                          ["**options", "dict[2]", "{'deep': [1, [2.5, None]], 'others': None}"]],
            "collecting": False, "warn_function": id(stand_in)})
    FACTS["expected"]["stack"] = stack(sys._getframe()); os.write(1, (json.dumps(FACTS) + "\n").encode("ascii")); os.read(0, 1)


warnings._warn_unawaited_coroutine = stand_in
sys.set_coroutine_origin_tracking_depth(2)
driven = handler()
driven.send(None)
