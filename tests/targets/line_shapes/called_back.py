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

from line_shapes import Thing, forgotten, shape


@shape
def callbacks():
    def key(item):
        forgotten()
        return item
    sorted([2, 1], key=key)
    max(1, 2,
        key=key)
    list(map(key, (1, 2)))
    list(map(forgotten, (1,)))
    list(filter(lambda x: forgotten(), (1,)))
    functools.reduce(lambda a, b: forgotten() and 1, (1, 2, 3))
    functools.partial(key, 1)()
    functools.partial(forgotten, 1)()
    functools.lru_cache(maxsize=None)(key)(1)
    list(iter(lambda: forgotten() and 1, 1))
    [1, 2].sort(
        key=key
    )
    "a".join(key(x) for x in "ab")
    getattr(Thing(), "missing",
            forgotten())


@shape
def weak_callbacks():
    def gone(reference):
        forgotten()
    thing = Thing()
    reference = weakref.ref(thing, gone)
    del thing
    thing = Thing()
    finalizer = weakref.finalize(thing, forgotten)
    thing = None


@shape
def single_dispatch():
    @functools.singledispatch
    def generic(x):
        forgotten()

    @generic.register(int)
    def _(x):
        forgotten()
    generic("")
    generic(1)


@shape
def collected():
    thing = Thing()
    thing.me, thing.held = thing, forgotten()
    del thing
    gc.collect()


@shape
def signalled():
    def handler(number, frame):
        forgotten()
    before = signal.signal(signal.SIGUSR1, handler)
    signal.raise_signal(
        signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)


@shape
def executed():
    exec(compile("\n\nforgotten()\ndef f():\n  forgotten(\n  )\nf()\n", "<made up>", "exec"), {"forgotten": forgotten})
    eval("(forgotten()\nand 1)")
    exec("class C:\n    forgotten()\n")


@shape
def imported():
    sys.modules.pop("drops_at_import", None)
    importlib.import_module("drops_at_import")
    sys.modules.pop("drops_at_import", None)
    import drops_at_import


@shape
def far_away():
    """Big line and column numbers, jumps back and forth, an EXTENDED_ARG and a name that is not ASCII."""
    space = {"forgotten": forgotten, "ä": forgotten, "𐐀": forgotten}
    exec(compile("\n" * 70000 + "forgotten()\n", "far", "exec"), space)
    exec(compile("def f(a):\n" + "\n" * 300 + "    forgotten()\n    return a\nf(\n" + "\n" * 500 + "f(1))\n",
                 "jumps", "exec"), space)
    exec(compile("x = [" + "1, " * 400 + "forgotten(), " + "2, " * 400 + "]\nx.clear()\n", "wide", "exec"), space)
    exec(compile("(" + " " * 300 + "forgotten()" + " " * 200 + ",)[\n\n\n0\n] == 1\n", "columns", "exec"), space)
    exec(compile("'äöü', ä(), '€𐐀', 𐐀(), forgotten(\n'𐐀')\n", "ünicode 𐐀 \udcff", "exec"), space)
    exec(compile("def f(n):\n" + "".join("    v%d = n + %d\n" % (i, i) for i in range(400))
                 + "    for i in range(3):\n        if i + v399:\n            forgotten()\nf(1)\n",
                 "long", "exec"), space)


NEWER = []
if sys.version_info >= (3, 10):
    NEWER.append("""
def matching(x):
    match x:
        case [1, y] if forgotten():
            forgotten(
            )
        case _:
            pass
with (
    contextlib.nullcontext(forgotten()) as a,
    contextlib.nullcontext(
        forgotten()) as b,
):
    a = b = None
matching([1, 2])
""")
if sys.version_info >= (3, 11):
    NEWER.append("""
try:
    raise ExceptionGroup("", [KeyError(), ValueError()])
except* KeyError:
    forgotten()
except* ValueError as group:
    forgotten(
    )
""")
if sys.version_info >= (3, 12):
    NEWER.append("""
def generic[T: (forgotten() and int)](x: T) -> T:
    forgotten()
    return x
class Generic[T](forgotten() and Thing):
    forgotten()
generic(1)
generic.__type_params__[0].__constraints__
generic.__type_params__[0].__bound__
f"{f'{forgotten()}' + f"{
    forgotten()
}"}"
""")
if sys.version_info >= (3, 14):
    NEWER.append("""
def annotated(x: forgotten() and int) -> forgotten(): pass
annotated.__annotations__
t"{forgotten()}".interpolations
""")


@shape
def newer_syntax():
    for number, source in enumerate(NEWER):
        exec(compile(source, "<newer %d>" % number, "exec"),
             {"forgotten": forgotten, "contextlib": contextlib, "Thing": Thing, "__name__": "newer"})
