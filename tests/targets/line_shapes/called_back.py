# SPDX-License-Identifier: MIT
"""Called back from C, or compiled from no file."""
# flake8: noqa
import contextlib
import functools
import gc
import importlib
import signal
import sys
import weakref

from line_shapes import Thing, orphan, shape


@shape
def callbacks():
    def key(item):
        orphan()
        return item
    sorted([2, 1], key=key)
    max(1, 2,
        key=key)
    list(map(key, (1, 2)))
    list(map(orphan, (1,)))
    list(filter(lambda x: orphan(), (1,)))
    functools.reduce(lambda a, b: orphan() and 1, (1, 2, 3))
    functools.partial(key, 1)()
    functools.partial(orphan, 1)()
    functools.lru_cache(maxsize=None)(key)(1)
    list(iter(lambda: orphan() and 1, 1))
    [1, 2].sort(
        key=key
    )
    "a".join(key(x) for x in "ab")
    getattr(Thing(), "missing",
            orphan())


@shape
def weak_callbacks():
    def gone(reference):
        orphan()
    thing = Thing()
    reference = weakref.ref(thing, gone)
    del thing
    thing = Thing()
    finalizer = weakref.finalize(thing, orphan)
    thing = None


@shape
def single_dispatch():
    @functools.singledispatch
    def generic(x):
        orphan()

    @generic.register(int)
    def _(x):
        orphan()
    generic("")
    generic(1)


@shape
def collected():
    thing = Thing()
    thing.me, thing.held = thing, orphan()
    del thing
    gc.collect()


@shape
def signalled():
    def handler(number, frame):
        orphan()
    before = signal.signal(signal.SIGUSR1, handler)
    signal.raise_signal(
        signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)


@shape
def executed():
    exec(compile("\n\norphan()\ndef f():\n  orphan(\n  )\nf()\n", "<made up>", "exec"), {"orphan": orphan})
    eval("(orphan()\nand 1)")
    exec("class C:\n    orphan()\n")


@shape
def imported():
    sys.modules.pop("drops_at_import", None)
    importlib.import_module("drops_at_import")
    sys.modules.pop("drops_at_import", None)
    import drops_at_import


@shape
def far_away():
    """Big line and column numbers, jumps back and forth, an EXTENDED_ARG and a name that is not ASCII."""
    space = {"orphan": orphan, "ä": orphan, "𐐀": orphan}
    exec(compile("\n" * 70000 + "orphan()\n", "far", "exec"), space)
    exec(compile("def f(a):\n" + "\n" * 300 + "    orphan()\n    return a\nf(\n" + "\n" * 500 + "f(1))\n",
                 "jumps", "exec"), space)
    exec(compile("x = [" + "1, " * 400 + "orphan(), " + "2, " * 400 + "]\nx.clear()\n", "wide", "exec"), space)
    exec(compile("(" + " " * 300 + "orphan()" + " " * 200 + ",)[\n\n\n0\n] == 1\n", "columns", "exec"), space)
    exec(compile("'äöü', ä(), '€𐐀', 𐐀(), orphan(\n'𐐀')\n", "ünicode 𐐀 \udcff", "exec"), space)
    exec(compile("def f(n):\n" + "".join("    v%d = n + %d\n" % (i, i) for i in range(400))
                 + "    for i in range(3):\n        if i + v399:\n            orphan()\nf(1)\n",
                 "long", "exec"), space)


NEWER = []
if sys.version_info >= (3, 10):
    NEWER.append("""
def matching(x):
    match x:
        case [1, y] if orphan():
            orphan(
            )
        case _:
            pass
with (
    contextlib.nullcontext(orphan()) as a,
    contextlib.nullcontext(
        orphan()) as b,
):
    a = b = None
matching([1, 2])
""")
if sys.version_info >= (3, 11):
    NEWER.append("""
try:
    raise ExceptionGroup("", [KeyError(), ValueError()])
except* KeyError:
    orphan()
except* ValueError as group:
    orphan(
    )
""")
if sys.version_info >= (3, 12):
    NEWER.append("""
def generic[T: (orphan() and int)](x: T) -> T:
    orphan()
    return x
class Generic[T](orphan() and Thing):
    orphan()
generic(1)
generic.__type_params__[0].__constraints__
generic.__type_params__[0].__bound__
f"{f'{orphan()}' + f"{
    orphan()
}"}"
""")
if sys.version_info >= (3, 14):
    NEWER.append("""
def annotated(x: orphan() and int) -> orphan(): pass
annotated.__annotations__
t"{orphan()}".interpolations
""")


@shape
def newer_syntax():
    for number, source in enumerate(NEWER):
        exec(compile(source, "<newer %d>" % number, "exec"),
             {"orphan": orphan, "contextlib": contextlib, "Thing": Thing, "__name__": "newer"})
