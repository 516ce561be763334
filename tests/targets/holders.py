# SPDX-License-Identifier: MIT
"""Holds a coroutine in each kind of holder, and rests in a task. What each is held by is told as a path."""
import asyncio
import collections
import ctypes
import functools
import gc
import inspect
import os
import sys
import threading
import warnings

import shim


def make(name):
    async def body():
        pass
    body.__name__ = body.__qualname__ = name
    code = body.__code__.replace(co_name=name)
    if sys.version_info >= (3, 11):
        code = code.replace(co_qualname=name)
    body.__code__ = code
    return body()


async def of_list():
    pass


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Own:
    def __init__(self):
        self.first = None
        self.job = make("of_attribute")


class Slots:
    __slots__ = ("number", "job")

    def __init__(self):
        self.number, self.job = 1, make("of_slot")


class OfClass:
    JOB = make("of_class")


GLOBAL = make("of_global")
LIST = [of_list() for _ in range(200)]
TUPLE = (1, make("of_tuple"))
BIG_TUPLE = tuple(make("of_big_tuple") if i == 3000 else None for i in range(4000))
DICT = {number: None for number in range(50)}
DICT["secret key"] = make("of_dict")
DEFAULTS = collections.defaultdict(list)
DEFAULTS["a"].append(make("of_defaultdict"))
ORDERED = collections.OrderedDict(a=make("of_ordered_dict"))
SET = {1, 2, make("of_set")}
BIG_SET = {make("of_big_set")} | set(range(100))
FROZEN = frozenset([make("of_frozen")])
DEQUE = collections.deque([None] * 150)
DEQUE.popleft()
DEQUE.append(make("of_deque"))
DEQUE.rotate(3)
PARTIAL = functools.partial(print, 1, make("of_partial"))
KEYWORD = functools.partial(print, sep=make("of_keyword"))
METHOD = make("of_method").send
OWN = Own()
PLAIN = Plain(**{"a%d" % number: None for number in range(60)}, job=make("of_instance_dict"))
SLOTS = Slots()
NESTED = {"a": [(0, Plain(inner=[make("of_nested")]))]}


def closure():
    kept = make("of_closure")
    return lambda: kept


CLOSURE = closure()


def generator():
    kept = make("of_generator")
    yield kept is None


GENERATOR = generator()
next(GENERATOR)


def runs(begun):
    kept = make("of_running_frame")
    begun.set()
    threading.Event().wait()
    return kept


async def waits(argument):
    kept = make("of_suspended_frame")
    in_cell = make("of_frame_cell")
    (lambda: in_cell)
    await asyncio.sleep(3600)
    return kept, argument


async def not_started(argument):
    return argument


# A reference that nothing holds: as of an extension in C that keeps it for itself.
ctypes.pythonapi.Py_IncRef(ctypes.py_object(make("of_nothing")))

NOT_STARTED = not_started(make("of_argument"))


async def main():
    global FUTURE
    begun = threading.Event()
    threading.Thread(target=runs, args=(begun,), daemon=True).start()
    begun.wait()
    loop = asyncio.get_event_loop()
    task = loop.create_task(waits([make("of_task_argument")]), name="waits")
    handle = loop.call_later(3600, print, make("of_handle"))
    FUTURE = loop.create_future()
    FUTURE.set_result(make("of_future_of_module"))
    queue = asyncio.Queue()
    queue.put_nowait(make("of_queue"))
    for _ in range(3):
        await asyncio.sleep(0)
    shim.tell("ready", pid=os.getpid(), held=sum(
        inspect.iscoroutine(thing) and inspect.getcoroutinestate(thing) == "CORO_CREATED" for thing in gc.get_objects()))
    shim.wait("end")
    del task, handle, queue
    os._exit(0)


warnings.simplefilter("ignore")
asyncio.run(main())
