# SPDX-License-Identifier: MIT
"""Every way to drop a coroutine without awaiting it, one function and one coroutine each.

Functions in SHAPES drop exactly one coroutine a call, which is named forgotten_ and the shape.
"""
import asyncio
import gc

SHAPES = []


def shape(function):
    SHAPES.append(function)
    return function


class Thing:
    pass


async def forgotten_statement(x=1, *, y="two"):
    return x, y


@shape
def statement():
    forgotten_statement(3)


async def forgotten_scope_end():
    pass


@shape
def scope_end():
    held = forgotten_scope_end()
    return held is None


async def forgotten_rebinding():
    pass


@shape
def rebinding():
    held = forgotten_rebinding()
    held = None
    return held


async def forgotten_del():
    pass


@shape
def del_statement():
    held = forgotten_del()
    del held


async def forgotten_list_clear():
    pass


@shape
def list_clear():
    held = [forgotten_list_clear()]
    held.clear()


async def forgotten_dict_clear():
    pass


@shape
def dict_clear():
    held = {"key": forgotten_dict_clear()}
    held.clear()


async def forgotten_set_clear():
    pass


@shape
def set_clear():
    held = {forgotten_set_clear()}
    held.clear()


async def forgotten_attribute():
    pass


@shape
def attribute():
    thing = Thing()
    thing.held = forgotten_attribute()
    thing.held = None


async def forgotten_instance():
    pass


@shape
def instance():
    thing = Thing()
    thing.held = forgotten_instance()
    del thing


async def forgotten_closure():
    pass


@shape
def closure():
    held = forgotten_closure()

    def inner():
        return held

    return inner() is None


async def forgotten_collected():
    pass


@shape
def collected():
    """A cycle that gc.collect() finds: the program decides when that runs."""
    thing = Thing()
    thing.me = thing
    thing.held = forgotten_collected()


async def forgotten_exception():
    pass


def _raise_with_coroutine():
    held = forgotten_exception()
    raise ValueError(held is None)


@shape
def exception():
    try:
        _raise_with_coroutine()
    except ValueError:
        pass


async def forgotten_returned():
    pass


def _return_it():
    return forgotten_returned()


@shape
def returned():
    _return_it()


async def forgotten_condition():
    pass


@shape
def condition():
    if forgotten_condition():
        return True
    return False


async def forgotten_argument():
    pass


def _ignore(unused):
    return 1


@shape
def argument():
    _ignore(forgotten_argument())


async def forgotten_builtin():
    pass


@shape
def builtin():
    id(forgotten_builtin())


async def forgotten_generator():
    pass


def _hold_in_generator():
    held = forgotten_generator()
    yield 1
    yield held


@shape
def generator():
    holder = _hold_in_generator()
    next(holder)
    del holder


async def forgotten_in_coroutine():
    pass


async def _hold_in_coroutine():
    held = forgotten_in_coroutine()
    return held is None


@shape
def in_coroutine():
    try:
        _hold_in_coroutine().send(None)
    except StopIteration:
        pass


async def forgotten_wrapped():
    pass


@shape
def wrapped():
    """Its __await__ object owns it and is dropped too."""
    forgotten_wrapped().__await__()


async def forgotten_unpacked():
    pass


@shape
def unpacked():
    first, _ = forgotten_unpacked(), 1
    first = 2
    return first


class Service:
    async def forgotten_method(self):
        pass

    @classmethod
    async def forgotten_classmethod(cls):
        pass

    @staticmethod
    async def forgotten_staticmethod():
        pass


@shape
def method():
    Service().forgotten_method()


@shape
def classmethod_():
    Service.forgotten_classmethod()


@shape
def staticmethod_():
    Service.forgotten_staticmethod()


def _make_nested():
    async def forgotten_nested():
        pass
    return forgotten_nested


@shape
def nested():
    _make_nested()()


async def forgotten_loop_closed():
    pass


def _quiet(loop, context):
    """Takes what a closing loop says about tasks that were left."""


@shape
def loop_closed():
    """A task whose loop ends before its first step: its coroutine was never started."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_quiet)
    task = loop.create_task(forgotten_loop_closed())
    loop.close()
    del task


def collect():
    """Finds the cycles that `collected` left behind."""
    gc.collect()
