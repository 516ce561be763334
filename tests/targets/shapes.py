# SPDX-License-Identifier: MIT
"""Every way to drop a coroutine without awaiting it, one function and one coroutine each.

Functions in SHAPES drop exactly one coroutine a call, which is named orphan_ and the shape.
"""
import asyncio
import gc

SHAPES = []


def shape(function):
    SHAPES.append(function)
    return function


class Thing:
    pass


async def orphan_statement(x=1, *, y="two"):
    return x, y


@shape
def statement():
    orphan_statement(3)


async def orphan_scope_end():
    pass


@shape
def scope_end():
    held = orphan_scope_end()
    return held is None


async def orphan_rebinding():
    pass


@shape
def rebinding():
    held = orphan_rebinding()
    held = None
    return held


async def orphan_del():
    pass


@shape
def del_statement():
    held = orphan_del()
    del held


async def orphan_list_clear():
    pass


@shape
def list_clear():
    held = [orphan_list_clear()]
    held.clear()


async def orphan_dict_clear():
    pass


@shape
def dict_clear():
    held = {"key": orphan_dict_clear()}
    held.clear()


async def orphan_set_clear():
    pass


@shape
def set_clear():
    held = {orphan_set_clear()}
    held.clear()


async def orphan_attribute():
    pass


@shape
def attribute():
    thing = Thing()
    thing.held = orphan_attribute()
    thing.held = None


async def orphan_instance():
    pass


@shape
def instance():
    thing = Thing()
    thing.held = orphan_instance()
    del thing


async def orphan_closure():
    pass


@shape
def closure():
    held = orphan_closure()

    def inner():
        return held

    return inner() is None


async def orphan_collected():
    pass


@shape
def collected():
    """A cycle that gc.collect() finds: the program decides when that runs."""
    thing = Thing()
    thing.me = thing
    thing.held = orphan_collected()


async def orphan_exception():
    pass


def _raise_with_coroutine():
    held = orphan_exception()
    raise ValueError(held is None)


@shape
def exception():
    try:
        _raise_with_coroutine()
    except ValueError:
        pass


async def orphan_returned():
    pass


def _return_it():
    return orphan_returned()


@shape
def returned():
    _return_it()


async def orphan_condition():
    pass


@shape
def condition():
    if orphan_condition():
        return True
    return False


async def orphan_argument():
    pass


def _ignore(unused):
    return 1


@shape
def argument():
    _ignore(orphan_argument())


async def orphan_builtin():
    pass


@shape
def builtin():
    id(orphan_builtin())


async def orphan_generator():
    pass


def _hold_in_generator():
    held = orphan_generator()
    yield 1
    yield held


@shape
def generator():
    holder = _hold_in_generator()
    next(holder)
    del holder


async def orphan_in_coroutine():
    pass


async def _hold_in_coroutine():
    held = orphan_in_coroutine()
    return held is None


@shape
def in_coroutine():
    try:
        _hold_in_coroutine().send(None)
    except StopIteration:
        pass


async def orphan_wrapped():
    pass


@shape
def wrapped():
    """Its __await__ object owns it and is dropped too."""
    orphan_wrapped().__await__()


async def orphan_unpacked():
    pass


@shape
def unpacked():
    first, _ = orphan_unpacked(), 1
    first = 2
    return first


class Service:
    async def orphan_method(self):
        pass

    @classmethod
    async def orphan_classmethod(cls):
        pass

    @staticmethod
    async def orphan_staticmethod():
        pass


@shape
def method():
    Service().orphan_method()


@shape
def classmethod_():
    Service.orphan_classmethod()


@shape
def staticmethod_():
    Service.orphan_staticmethod()


def _make_nested():
    async def orphan_nested():
        pass
    return orphan_nested


@shape
def nested():
    _make_nested()()


async def orphan_loop_closed():
    pass


def _quiet(loop, context):
    """Takes what a closing loop says about tasks that were left."""


@shape
def loop_closed():
    """A task whose loop ends before its first step: its coroutine was never started."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_quiet)
    task = loop.create_task(orphan_loop_closed())
    loop.close()
    del task


def collect():
    """Finds the cycles that `collected` left behind."""
    gc.collect()
