# SPDX-License-Identifier: MIT
"""Functions, classes, decorators, comprehensions and generators, exceptions and with."""
# flake8: noqa
import contextlib
import functools

from line_shapes import forgotten, shape


def plain_decorator(function):
    forgotten()
    return function


def decorator_with(unused):
    return plain_decorator


@shape
def decorators():
    @plain_decorator
    @decorator_with(forgotten())
    @decorator_with(
        forgotten(
        ))
    def decorated(
            a=forgotten() and None,
            *,
            b=
            forgotten() and None):
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
        forgotten()
    inner()


@shape
def class_bodies():
    class Meta(type):
        def __new__(mcls, name, bases, space):
            forgotten()
            return type.__new__(mcls, name, bases, space)

        def __call__(cls):
            forgotten()
            return type.__call__(cls)

    class Named:
        def __set_name__(self, owner, name):
            forgotten()

    class Base:
        def __init_subclass__(cls):
            forgotten()

    class Body(Base, metaclass=Meta):
        forgotten()
        named = Named()
        forgotten(
            1)

        class Inner:
            forgotten()

        def __init__(self):
            forgotten()
    Body()


@shape
def special_methods():
    class Special:
        def __getattr__(self, name):
            forgotten()
            return 1

        def __getitem__(self, key):
            forgotten()

        def __add__(self, other):
            forgotten()
            return self

        def __eq__(self, other):
            forgotten()
            return True

        def __hash__(self):
            forgotten()
            return 1

        def __repr__(self):
            forgotten()
            return ""

        def __bool__(self):
            forgotten()
            return True

        def __len__(self):
            forgotten()
            return 1

        def __call__(self):
            forgotten()

        def __iter__(self):
            forgotten()
            return iter((1,))

        @property
        def prop(self):
            forgotten()

        def __enter__(self):
            forgotten()

        def __exit__(self, *unused):
            forgotten()
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
        forgotten()


@shape
def deleted():
    class Finalized:
        def __del__(self):
            forgotten()
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
        forgotten()
    down(50)

@shape
def comprehensions():
    [forgotten() and None for _ in range(2)]
    {None for _ in (1,) if forgotten()}
    {k: forgotten() and 1
     for k in (1,)}
    list(None for _ in (1,)
         if forgotten())
    [[forgotten() and 1 for _ in (1,)]
     for _ in (1, 2)]
    any(forgotten() is None
        for _ in (1, 2))


@shape
def generators():
    def inner():
        forgotten()
        yield 1
        try:
            yield 2
        finally:
            forgotten()

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
        held = forgotten()
        yield held is None
    dropped = holder()
    next(dropped)
    del dropped
    for _ in holder():
        pass

def raises():
    held = forgotten()
    raise KeyError(
        held is None)


@shape
def exceptions():
    try:
        raises()
    except KeyError:
        forgotten()
    finally:
        forgotten()
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
        forgotten()
        try:
            yield 1
        finally:
            forgotten()
    with managed() as a, \
            managed() as b:
        forgotten()
    with contextlib.ExitStack() as stack:
        stack.callback(forgotten)
        stack.enter_context(managed())
