# SPDX-License-Identifier: MIT
"""Drops coroutines called in every way with values of every kind, and tells what reprlib says of them.

Each string has the text "secret" in it and each number the digits 77717, so that a test can look for values
where there must be none.
"""
import enum
import inspect
import reprlib
import sys
import warnings

import shim

EXACT = (str, bytes, int, float, bool, type(None), tuple, list, dict)
SIZED = (str, bytes, tuple, list, dict)


class Preview(reprlib.Repr):
    """reprlib with its own caps; what a reader from outside cannot call repr() of is named instead."""

    def repr1(self, x, level):
        if type(x) in EXACT:
            return super().repr1(x, level)
        return "<%s at %#x>" % (type_name(x), id(x))


def type_name(x):
    # Not repr(): a metaclass may have its own.
    return type.__repr__(type(x))[len("<class '"):-len("'>")]


class Thing:
    def __init__(self):
        self.word = "secret"

    def __repr__(self):
        return "secret 77717"

    async def method(self, x, *, y=1):
        pass

    @classmethod
    async def class_method(cls, x="secret"):
        return __class__

    class Inner:
        pass


class Text(str):
    pass


class Number(int):
    pass


class Table(dict):
    pass


class Colour(enum.IntEnum):
    RED = 77717


async def nothing():
    pass


async def one(value):
    unbound = value
    return unbound


async def positional(a, b, c):
    pass


async def positional_only(a, b="secret b", /, c="secret c"):
    pass


async def keyword_only(*, first, second="secret"):
    pass


async def variable(*args):
    pass


async def keywords(**kwargs):
    pass


async def everything(a, b=77717, /, c="secret", *args, d, e=(77717,), **kwargs):
    local = 1
    return local


async def captured(a, b, *args, c="secret c", **kwargs):
    def inner():
        return b, c, args, kwargs
    return inner


async def all_captured(a, *args, **kwargs):
    later = 1
    return lambda: (a, args, kwargs, later)


async def naïve(größe, 変数=None):
    pass


def closure(free):
    async def inner(x, y="secret y"):
        return free, x
    return inner


def many():
    space = {}
    names = ", ".join("a%d" % i for i in range(300))
    exec("async def many(%s): pass" % names, space)
    return space["many"]


def strings():
    yield from ("secret", "secret 'quoted'", 'secret "double"', "secret '\"both", "secret\n\t\r\\\0\x7f\x1b")
    yield "secret \xe9\xff\x80\xa0\xad"                     # kind 1 but not ASCII
    yield "secret \u20ac\u4e2d\u200b\u2028\ufeff\ufffe"     # kind 2
    yield "secret \U0001f600\U00010400\U000e0001\U0010ffff"  # kind 4
    yield "secret \ud800 \udcff\udc80"                       # lone surrogates
    yield "secret \u0660\u0300\u1680\u3000\ue000\ufdd0"       # combining, other spaces, private, no character
    yield from ("secret" * 100, "secret" * 5, "secret" * 5 + "x", "'secret" * 6, "secret\n" * 20)
    yield from ("\xe9secret" * 10, "\u20acsecret" * 10, "\U0001f600secret" * 10, "\ud800secret" * 10)
    yield "secret" * 100000
    yield sys.intern("secret_interned")


def numbers():
    for base in (77717, 2 ** 30 - 1, 2 ** 30, 2 ** 31, 2 ** 60 - 1, 2 ** 60, 2 ** 63, 2 ** 64, 10 ** 39, 10 ** 40):
        yield base
        yield -base
    yield from (77717 ** 20, -77717 ** 20, 77717 ** 90, 2 ** 1000)
    yield from (77717.5, -0.0, 0.0, float("inf"), float("-inf"), float("nan"), 1e16, 1e15, 123456789012345680.0)
    yield from (0.1, 1e-5, 0.0001, 5e-324, 1.7976931348623157e308, 1 / 3, 1e22, 1e100, -2.5e-10, 77717.0)
    yield from (True, False, None, 0, 1, -1, 256, 257)


def containers():
    yield from ((), (77717,), (77717, "secret"), [], [77717, ["secret", (None,)]], {}, {"secret": 77717})
    yield from (tuple(range(6)), tuple(range(7)), list(range(100)))
    yield from ([[[[[[[["secret"]]]]]]]], (((((((77717,),),),),),),))
    yield {"b": "secret", "a": 1, "c": [77717]}
    yield {3: "secret", 1: 77717, 2: None}
    yield {"secret%d" % i: i for i in range(10)}
    yield {1: "secret", "a": 77717}                          # keys that cannot be sorted
    yield {(1, "secret"): {"nested": {"deep": {"deeper": {"deepest": {"bottom": {"under": 77717}}}}}}}
    yield {"secret": "secret" * 20, "b" * 40: b"secret" * 20, "n": 77717 ** 20}
    recursive = ["secret"]
    recursive.append(recursive)
    yield recursive
    table = {"secret": 77717}
    table["self"] = table
    yield table
    shrunk = {"secret%d" % i: i for i in range(100)}
    for i in range(95):
        del shrunk["secret%d" % i]
    yield shrunk
    split = Thing()
    split.other, split.number = "secret", 77717
    yield split.__dict__
    yield vars(Thing())
    yield [Thing(), {"thing": Thing()}, (Thing.Inner(),)]
    yield {True: "secret", None: 77717}
    yield {2.5: "secret", 1.5: 77717}


def others():
    yield from (b"", b"secret", b"secret'\"\\\n\0\xff", b"secret" * 100, bytearray(b"secret"))
    yield from ({"secret"}, frozenset((77717,)), 77717j, range(77717), Ellipsis, NotImplemented, slice(77717))
    yield from (Thing(), Thing, Thing.Inner(), Thing().method, Thing.class_method, int, len, sys, lambda: 1)
    yield from (Text("secret"), Number(77717), Table(secret=77717), Colour.RED, ValueError("secret"), enum)
    yield from (object(), iter(()), memoryview(b"secret"), (x for x in ()), type("Made", (), {})())
    yield from (enum.Enum("Dynamic", "secret").secret, property(), type)


def expected(name, value):
    return {
        "name": name,
        "type": type_name(value),
        "length": len(value) if type(value) in SIZED else None,
        "value": Preview().repr(value),
    }


class Calls:
    def __init__(self):
        self.truth = []

    def drop(self, function, *args, **kwargs):
        """Calls `function` and drops what it returns; the truth is what the signature binds."""
        bound = inspect.signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
        parameters = inspect.signature(function).parameters
        arguments = [expected(stars.get(parameters[name].kind, "") + name, value)
                     for name, value in bound.arguments.items()]
        self.truth.append({"qualname": function.__qualname__, "arguments": arguments})
        function(*args, **kwargs)


def main():
    warnings.simplefilter("ignore")
    shim.ready()
    calls = Calls()
    drop = calls.drop
    drop(nothing)
    drop(positional, "secret", 77717, c=None)
    drop(positional_only, 77717)
    drop(positional_only, "secret", 77717, "secret")
    drop(keyword_only, second=77717, first="secret")
    drop(variable)
    drop(variable, "secret", 77717)
    drop(keywords)
    drop(keywords, secret="secret", b=77717)
    drop(everything, "secret", d="secret")
    drop(everything, 1, 2, 3, "secret", 77717, d=5, e=6, secret=77717)
    drop(captured, "secret", 77717, "more", k="secret")
    drop(captured, 1, 2)
    drop(all_captured, "secret", 77717, k=1)
    drop(naïve, "secret", 変数=77717)
    drop(closure("secret free"), 77717)
    drop(Thing.method, Thing(), "secret", y=77717)
    drop(Thing.class_method.__func__, Thing, 77717)
    drop(many(), *range(77717, 77717 + 300))
    for values in (strings, numbers, containers, others):
        for value in values():
            drop(one, value)
    shim.done(calls=calls.truth)


main()
