# SPDX-License-Identifier: MIT
"""Run with -c in any CPython from 3.8 on: builds objects of every shape, tells their addresses and what Python
itself says of them as one JSON line, then stays blocked in known stacks until its standard input ends."""
import asyncio
import ctypes
import dis
import functools
import inspect
import json
import os
import random
import reprlib
import sys
import threading
import types
import warnings

KEEP = []  # whatever is told of stays alive
PLAIN = (str, bytes, int, float, bool, type(None), tuple, list, dict)


def type_name(cls):
    if cls.__module__ == "builtins":
        return cls.__qualname__
    return cls.__module__ + "." + cls.__qualname__


class Shown(reprlib.Repr):
    def repr1(self, x, level):
        if type(x) in PLAIN:
            return super().repr1(x, level)
        return "<%s at %#x>" % (type_name(type(x)), id(x))


def maxima(level, tuples, lists, dicts, string, long, other):
    shown = Shown()
    shown.maxlevel, shown.maxtuple, shown.maxlist, shown.maxdict = level, tuples, lists, dicts
    shown.maxstring, shown.maxlong, shown.maxother = string, long, other
    return shown


CAPS = [(6, 6, 6, 4, 30, 40, 30), (2, 2, 1, 1, 5, 5, 5), (3, 20, 20, 20, 200, 400, 100), (0, 1, 1, 1, 0, 0, 0)]


def describe(x):
    if type(x) in (str, bytes, tuple, list, dict):
        return "%s[%d]" % (type(x).__name__, len(x))
    return type_name(type(x))


def clean(text):
    """Without lone surrogates, which JSON parsers refuse."""
    return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text)


def told(x):
    KEEP.append(x)
    return {"address": id(x), "type": describe(x),
            "previews": [clean(maxima(*caps).repr(x)) for caps in CAPS]}


class Plain:
    def __init__(self):
        self.b, self.a, self.c = 1, "two", [3]


class Text(str):
    pass


class Outer:
    class Inner:
        pass


class Fields(tuple):
    pass


def legacy_strings():
    """Strings as old extension modules make them: not compact, and not even ready."""
    found = []
    if sys.version_info >= (3, 12):
        return found
    make = ctypes.pythonapi.PyUnicode_FromUnicode
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_ssize_t]
    fill = ctypes.pythonapi.PyUnicode_AsUnicode
    fill.restype, fill.argtypes = ctypes.c_void_p, [ctypes.py_object]
    ready = ctypes.pythonapi._PyUnicode_Ready
    ready.argtypes = [ctypes.py_object]
    for text in ("legacy", "l\xe9gacy", "l\u0119gacy", "legac\U0001f600"):
        for make_ready in (False, True):
            made = make(None, len(text))
            KEEP.append(made)
            where = fill(made)
            ctypes.memmove(where, text.encode("utf-32-le"), 4 * len(text))
            if make_ready:
                ready(made)
            found.append({"address": id(made), "text": text})
    return found


def strings():
    texts = ["", "ascii", "caf\xe9", "\u0142\xf3d\u017a", "\U0001f600", "\ud800", "x" * 5000, Text("sub"), Text("s\u0119b")]
    KEEP.append(texts)
    return [{"address": id(text), "text": clean(text[:4096])} for text in texts] + legacy_strings()


def objects():
    random.seed(8)
    big = {"k%04d" % i: i for i in range(2000)}
    holes = {i: str(i) for i in range(40)}
    for i in range(0, 40, 2):
        del holes[i]
    plain = [Plain(), Plain()]
    KEEP.append(plain)
    loop = [1]
    loop.append(loop)
    values = [
        None, True, False, 0, 1, -1, 7, 2**30 - 1, 2**30, -2**30, 2**59, -2**60, 2**60, 2**63, -2**64, 10**39, 10**40,
        -10**39, 10**100 + 7, -10**1000 - 3, 3**2000, "", "x", "it's", 'say "hi"', "both ' and \"", "back\\slash",
        "tab\tnew\nline\rreturn\0nul\x7f\x80\xad", "na\xefve caf\xe9", "\u0142\xf3d\u017a", "\u202eright to left\u2028",
        "\U0001f600 smile", "\ud800 lone \udfff", "\ue000 private \ufeff", "a" * 28, "a" * 29, "a" * 1000,
        "\u0105" * 500 + "'", "\U0001f600" * 100, "\x01" * 40, b"", b"bytes", b"it's", b'"', bytes(range(256)),
        b"\x00" * 5000, (), (1,), (1, 2), (None, "x", b"y", 1.5), tuple(range(6)), tuple(range(7)), [], [1], list(range(100)),
        [[[[[[[[1]]]]]]]], ((((1, 2), 3), 4), 5), loop, {}, {1: 2}, {"b": 1, "a": 2}, {3: 1, 1: 2, 2: 3},
        {"a": 1, 2: "b"}, {"x": {"y": {"z": {"w": [1, 2, 3]}}}}, {(1, 2): 3}, {"e": 1, "d": 2, "c": 3, "b": 4, "a": 5},
        big, holes, {"\u0142": 1, "a": 2, "\U0001f600": 3}, {-5: 1, 10**15: 2, 0: 3}, plain[0].__dict__, vars(plain[1]),
        dict.fromkeys(range(300), "v"), object(), Plain(), Outer.Inner(), Text("sub"), Fields((1, 2)), int, Plain, len,
        {1, 2}, frozenset(), bytearray(b"abc"), 1 + 2j, range(3), [Plain(), {"p": Plain()}], sys, types.SimpleNamespace(a=1),
        asyncio.Lock, functools.partial(print), threading.Lock(), ValueError("x"), big.keys(),
    ]
    floats = [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 1e15, 1e16, 123456789012345680.0, 9999999999999998.0, 1e-4, 1e-5,
              0.00012345, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e22, 1e23, 4.35, 100.0,
              float("nan"), float("inf"), float("-inf")]
    floats += [random.uniform(-1, 1) * 10.0 ** random.randrange(-20, 20) for _ in range(200)]
    return [told(value) for value in values + floats]


def line_at(code, offset, starts):
    line = code.co_firstlineno if sys.version_info < (3, 10) else None
    for at, found in starts:
        if at > offset:
            break
        line = found
    return [line, None, None, None]


def positions(code):
    """Of every instruction, caches included: [line, end_line, col, end_col]."""
    if sys.version_info >= (3, 11):
        return [list(found) for found in code.co_positions()]
    if sys.version_info >= (3, 10):
        starts = [(begin, line) for begin, _, line in code.co_lines()]
    else:
        starts = list(dis.findlinestarts(code))
    return [line_at(code, offset, starts) for offset in range(0, len(code.co_code), 2)]


def codes():
    source = "async def one(\n  a, b=(1,\n  2)):\n\n\n  await a(\n    b)\n" + "\n" * 300 + "x = [y for y in\n (1, 2)]\n"
    found = [compile(source, "<made \u017c>", "exec"), compile("\n" * 70000 + "z = 1;w = 2", "far.py", "exec"),
             compile("a = " + "(" * 50 + "1" + ",)" * 50 + "\n" + " " * 0 + "bb = " + "b + " * 200 + "1", "wide.py", "exec")]
    for module in (asyncio.base_events, inspect, json.encoder, reprlib):
        found += [function.__code__ for _, function in sorted(vars(module).items())
                  if isinstance(function, types.FunctionType)][:25]
    for code in found:
        found.extend(const for const in code.co_consts if isinstance(const, types.CodeType))
    KEEP.append(found)
    return [{"address": id(code), "name": code.co_name, "qualname": getattr(code, "co_qualname", code.co_name),
             "file": code.co_filename, "line": code.co_firstlineno, "flags": code.co_flags,
             "positions": positions(code)} for code in found]


async def simple(a, b=2, *args, c, d=None, **kwargs):
    pass


async def only_positional(a, b, /, c):
    pass


async def captured(a, b, *args, c=3, **kwargs):
    return lambda: (a, args, c, kwargs)


async def no_arguments():
    local = 1
    return lambda: local


def closure(outer):
    async def inner(x, y):
        return outer, x, lambda: y
    return inner


class Service:
    async def handle(self, request):
        return super().__class__


async def started():
    await asyncio.sleep(0)


def coroutines():
    service = Service()
    made = [
        (simple(1, c="see"), [("a", 1), ("b", 2), ("*args", ()), ("c", "see"), ("d", None), ("**kwargs", {})]),
        (simple(1, 3, 4, 5, c=6, e="f"), [("a", 1), ("b", 3), ("*args", (4, 5)), ("c", 6), ("d", None),
                                          ("**kwargs", {"e": "f"})]),
        (only_positional(1, 2.5, c=b"x"), [("a", 1), ("b", 2.5), ("c", b"x")]),
        (captured("cell", 1, 2, c=[3], k=4), [("a", "cell"), ("b", 1), ("*args", (2,)), ("c", [3]),
                                              ("**kwargs", {"k": 4})]),
        (no_arguments(), []),
        (closure("free")(10, 20), [("x", 10), ("y", 20)]),
        (service.handle({"id": 1}), [("self", service), ("request", {"id": 1})]),
    ]
    renamed = simple(0, c=0)
    renamed.__qualname__ = "renamed.by_the_program"
    made.append((renamed, [("a", 0), ("b", 2), ("*args", ()), ("c", 0), ("d", None), ("**kwargs", {})]))
    running, finished, closed = started(), no_arguments(), no_arguments()
    running.send(None)
    closed.close()
    try:
        finished.send(None)
    except StopIteration:
        pass
    told_of = [{"address": id(coro), "name": coro.__name__, "qualname": coro.__qualname__, "created": True,
                "code": id(coro.cr_code),
                "arguments": [[name, describe(value), clean(maxima(*CAPS[0]).repr(value))] for name, value in expected]}
               for coro, expected in made]
    told_of += [{"address": id(coro), "created": False} for coro in (running, finished, closed)]
    KEEP.extend([made, running, finished, closed])
    return told_of


def origins():
    def deeper():
        return no_arguments()
    sys.set_coroutine_origin_tracking_depth(3)
    tracked = deeper()
    sys.set_coroutine_origin_tracking_depth(0)
    KEEP.append(tracked)
    untracked = no_arguments()
    KEEP.append(untracked)
    return [{"address": id(tracked), "origin": [list(frame) for frame in tracked.cr_origin]},
            {"address": id(untracked), "origin": []}]


async def numbers():
    yield 1


def agen_methods():
    made = []
    for method, call in (("asend", lambda g: g.asend(None)), ("athrow", lambda g: g.athrow(ValueError)),
                         ("aclose", lambda g: g.aclose()), ("asend", lambda g: g.__anext__())):
        generator = numbers()
        made.append((method, generator, call(generator), True))
    generator = numbers()
    begun = generator.asend(None)
    try:
        begun.send(None)
    except StopIteration:
        pass
    made.append(("asend", generator, begun, False))
    KEEP.append(made)
    return [{"method": method, "generator": id(generator), "address": id(awaitable), "created": created}
            for method, generator, awaitable, created in made]


def stack(frame):
    frames = []
    while frame is not None:
        code = frame.f_code
        found = positions(code)[frame.f_lasti // 2] if sys.version_info >= (3, 11) else [frame.f_lineno] + [None] * 3
        frames.append([getattr(code, "co_qualname", code.co_name), code.co_name, code.co_filename] + found)
        frame = frame.f_back
    return frames[::-1]


class Blocked(threading.Thread):
    """A thread whose stack is known and stays."""

    def __init__(self):
        super().__init__(daemon=True)
        self.there = threading.Event()
        self.reads, self.writes = os.pipe()
        self.stack = None
        self.start()
        self.there.wait()

    def run(self):
        return [self.deeper(1) for _ in "x"][0]

    def deeper(self, level):
        if level:
            return (lambda: self.deeper(
                level - 1,
            ))()
        self.stack = stack(sys._getframe()); self.there.set(); os.read(self.reads, 1)


class Wait:
    def __await__(self):
        yield from self.items()

    def items(self):
        yield sorted([2, 1], key=self.key)

    def key(self, value):
        namespace = {"self": self}
        exec(compile("\n\ndef made():\n  self.block(\n  )\nmade()", "<exec'd>", "exec"), namespace)
        return value

    def block(self):
        tell(stack(sys._getframe())); os.read(0, 1); os._exit(0)


async def waits():
    return await Wait()


class Body:
    async def outer(self):
        await asyncio.gather(waits())


def runtime_address():
    return ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))


def tell(main_stack):
    FACTS["threads"] = [
        {"id": threading.main_thread().ident, "native": getattr(threading.main_thread(), "native_id", None),
         "stack": main_stack},
        {"id": BLOCKED.ident, "native": getattr(BLOCKED, "native_id", None), "stack": BLOCKED.stack}]
    line = (json.dumps(FACTS) + "\n").encode("ascii")
    while line:
        line = line[os.write(1, line):]


warnings.simplefilter("ignore")
BLOCKED = Blocked()
FACTS = {
    "version": sys.version, "runtime": runtime_address(), "coroutine_type": id(types.CoroutineType),
    "warn_function": id(warnings._warn_unawaited_coroutine), "caps": CAPS, "objects": objects(),
    "strings": strings(), "codes": codes(), "coroutines": coroutines(), "origins": origins(),
    "agen_methods": agen_methods(), "free_threaded": not getattr(sys, "_is_gil_enabled", lambda: True)(),
}
asyncio.run(Body().outer())
