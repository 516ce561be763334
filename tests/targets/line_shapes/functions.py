# SPDX-License-Identifier: MIT
"""Functions, classes, decorators, comprehensions and generators, exceptions and with."""
# flake8: noqa
import contextlib
import functools

from line_shapes import orphan, shape


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
