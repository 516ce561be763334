# SPDX-License-Identifier: MIT
"""Drops at every kind of line that a stack can show. The formatting of the code below is part of the test."""
# flake8: noqa
import asyncio
import contextlib
import functools
import gc
import importlib
import signal
import sys
import threading
import weakref

SHAPES = []


def shape(function):
    SHAPES.append(function)
    return function


async def orphan(*args, **kwargs):
    pass


class Thing:
    pass


def run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        return stop.value


# Statements and expressions.

@shape
def statement():
    orphan()


@shape
def several_on_a_line():
    orphan(1); orphan(2); x = 1; orphan(3)


@shape
def multi_line_call():
    orphan(
        1,
        [
            2,
        ],
        key=dict(
            a=3),
    )


@shape
def multi_line_expression():
    return (1 +
            len(str(
                orphan(
                ))) +
            id(
                orphan()
            ))


@shape
def chained_methods():
    class Chain:
        def step(self, unused=None):
            return self
    (Chain()
        .step()
        .step(orphan(
            1))
        .step(
            orphan(2)))


@shape
def condition():
    if orphan():
        pass
    while not orphan():
        pass
    x = orphan() and None
    return 1 if orphan() else 2


@shape
def comparison():
    return [orphan() == 5, orphan() is None, orphan() in (), not orphan()]


@shape
def formatted():
    return f"{orphan()!r} and {1 + len(str(orphan()))}" f"""
    {
        orphan()
    }"""


@shape
def rebinding():
    held = orphan()
    held = orphan()
    held = None
    for held in (orphan(), orphan()):
        pass
    del held


@shape
def scope_end():
    def holder():
        held = orphan()
        other = 2
        return other
    first = holder()
    second = (first,
              holder())


@shape
def containers():
    box = [orphan(), orphan(), orphan(), orphan()]
    box[0] = None
    del box[1]
    box.pop()
    box.clear()
    table = {"a": orphan(), "b": orphan()}
    table["a"] = 1
    table.update(
        b=2)
    things = {orphan()}
    things.clear()
    a, b = orphan(), 1
    a = b


@shape
def attributes():
    thing = Thing()
    thing.held = orphan()
    thing.held = orphan()
    del thing.held
    thing.held = orphan()
    thing = None


@shape
def starred():
    args, kwargs = (1, 2), {"k": 3}
    orphan(*args, **kwargs)
    len([*[
        orphan()]])


@shape
def lambdas():
    (lambda: orphan() and 0)()
    f = lambda x: (
        orphan(x),
        1)[1]
    f(
        2
    )


@shape
def conditional_lines():
    value = (orphan()
             if sys.argv
             else None)
    value = 2
    assert orphan(), "always true"


# Functions, classes and decorators.

def plain_decorator(function):
    orphan()
    return function


def decorator_with(unused):
    return plain_decorator


@shape
def decorators():
    @plain_decorator
    @decorator_with(orphan())
    @decorator_with(
        orphan(
        ))
    def decorated(
            a=orphan() and None,
            *,
            b=
            orphan() and None):
        pass

    @plain_decorator
    class Decorated:
        pass


@shape
def wrapped():
    def wrap(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper

    @wrap
    @wrap
    def inner():
        orphan()
    inner()


@shape
def class_bodies():
    class Meta(type):
        def __new__(mcls, name, bases, space):
            orphan()
            return type.__new__(mcls, name, bases, space)

        def __call__(cls):
            orphan()
            return type.__call__(cls)

    class Named:
        def __set_name__(self, owner, name):
            orphan()

    class Base:
        def __init_subclass__(cls):
            orphan()

    class Body(Base, metaclass=Meta):
        orphan()
        named = Named()
        orphan(
            1)

        class Inner:
            orphan()

        def __init__(self):
            orphan()
    Body()


@shape
def special_methods():
    class Special:
        def __getattr__(self, name):
            orphan()
            return 1

        def __getitem__(self, key):
            orphan()

        def __add__(self, other):
            orphan()
            return self

        def __eq__(self, other):
            orphan()
            return True

        def __hash__(self):
            orphan()
            return 1

        def __repr__(self):
            orphan()
            return ""

        def __bool__(self):
            orphan()
            return True

        def __len__(self):
            orphan()
            return 1

        def __call__(self):
            orphan()

        def __iter__(self):
            orphan()
            return iter((1,))

        @property
        def prop(self):
            orphan()

        def __enter__(self):
            orphan()

        def __exit__(self, *unused):
            orphan()
    s = Special()
    s.missing
    s[1]
    (s
     + s)
    s == s
    {s: 1}
    f"{s}"
    if s:
        s()
    len(s)
    for _ in s:
        pass
    s.prop
    with s:
        orphan()


@shape
def deleted():
    class Finalized:
        def __del__(self):
            orphan()
    finalized = Finalized()
    del finalized
    Finalized()

    def holder():
        held = Finalized()
    holder()


@shape
def recursion():
    def down(depth):
        if depth:
            return (
                down(depth - 1))
        orphan()
    down(50)


# Comprehensions and generators.

@shape
def comprehensions():
    [orphan() and None for _ in range(2)]
    {None for _ in (1,) if orphan()}
    {k: orphan() and 1
     for k in (1,)}
    list(None for _ in (1,)
         if orphan())
    [[orphan() and 1 for _ in (1,)]
     for _ in (1, 2)]
    any(orphan() is None
        for _ in (1, 2))


@shape
def generators():
    def inner():
        orphan()
        yield 1
        try:
            yield 2
        finally:
            orphan()

    def outer():
        yield from inner()
        yield 3
    next(outer())
    list(outer())
    closed = inner()
    next(closed)
    next(closed)
    closed.close()
    thrown = inner()
    next(thrown)
    next(thrown)
    try:
        thrown.throw(
            KeyError())
    except KeyError:
        pass

    def holder():
        held = orphan()
        yield held is None
    dropped = holder()
    next(dropped)
    del dropped
    for _ in holder():
        pass


# Exceptions and with.

def raises():
    held = orphan()
    raise KeyError(
        held is None)


@shape
def exceptions():
    try:
        raises()
    except KeyError:
        orphan()
    finally:
        orphan()
    try:
        try:
            raises()
        except KeyError as error:
            raise ValueError from error
    except ValueError as caught:
        kept = caught
    del kept
    with contextlib.suppress(KeyError):
        raises()


@shape
def context_managers():
    @contextlib.contextmanager
    def managed():
        orphan()
        try:
            yield 1
        finally:
            orphan()
    with managed() as a, \
            managed() as b:
        orphan()
    with contextlib.ExitStack() as stack:
        stack.callback(orphan)
        stack.enter_context(managed())


# Called back from C.

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
def in_thread():
    def body():
        orphan()
        held = orphan()
    thread = threading.Thread(target=body)
    thread.start()
    thread.join()


# Code that is in no file.

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


# Coroutines that do run.

@shape
def nested_coroutines():
    async def inner():
        orphan()
        held = orphan()

    async def middle():
        await inner()
        return (await
                inner())

    async def outer():
        await middle()
        orphan()
    run(outer())


@shape
def async_for_with():
    class Async:
        def __init__(self):
            self.left = 2

        def __aiter__(self):
            orphan()
            return self

        async def __anext__(self):
            orphan()
            self.left -= 1
            if self.left < 0:
                raise StopAsyncIteration
            return orphan()

        async def __aenter__(self):
            orphan()

        async def __aexit__(self, *unused):
            orphan()

        def __await__(self):
            orphan()
            return iter(())

    async def numbers():
        orphan()
        yield 1
        orphan()
        yield orphan()

    async def main():
        async for x in Async():
            orphan()
        async with Async() as a, \
                Async():
            orphan()
        await Async()
        [orphan() and x async for x in numbers()]
        {x async for x in numbers()
         if orphan()}
        async for x in numbers():
            orphan(
            )
        return [await
                Async() for _ in (1, 2)]
    run(main())


@shape
def in_event_loop():
    async def child():
        orphan()
        await asyncio.sleep(0)
        held = orphan()
        return 1

    async def holder():
        held = orphan()
        await asyncio.sleep(0)

    async def main():
        loop = asyncio.get_running_loop()
        loop.call_soon(orphan)
        loop.call_soon(lambda: orphan() and None)
        await asyncio.gather(child(), child())
        task = asyncio.ensure_future(holder())
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        del task
        await asyncio.wait_for(child(), 60)
        future = loop.create_future()
        future.add_done_callback(lambda f: orphan() and None)
        future.set_result(1)
        await future
        await loop.run_in_executor(None, orphan)
    asyncio.run(main())
