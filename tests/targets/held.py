# SPDX-License-Identifier: MIT
"""Holds coroutines in each state and asyncio tasks in each kind of wait, and rests inside of the loop.

The truth is taken from inside: gc.get_objects() tells the coroutines by state, asyncio.all_tasks() the tasks.
"""
import asyncio
import functools
import gc
import inspect
import os
import sys
import warnings
from collections import Counter

import shim


async def hoarded(number, secret):
    await asyncio.sleep(number)


async def of_attribute(): pass
async def of_partial(): pass
async def of_frame(): pass
async def of_scheduled(): pass
async def of_ended(): pass


async def numbers():
    yield 1


class Cache:
    def __init__(self):
        self.job = of_attribute()


async def sleeper():
    await asyncio.sleep(3600)


async def locked(lock):
    async with lock:
        pass


async def queued(queue):
    await queue.get()


class DerivedTask(asyncio.Task):
    pass


async def of_class():
    await asyncio.sleep(3600)


class OutOfStock(Exception):
    pass


async def failing(number):
    if number:
        raise OutOfStock(number)


async def has_and_wants(has, wants):
    async with has:
        await asyncio.sleep(0)
        async with wants:
            pass


async def waits_for(name, tasks):
    await tasks[name]


async def gatherer(*tasks):
    await asyncio.gather(*tasks)


PENDING = []
CACHE = Cache()
PARTIAL = functools.partial(print, of_partial())


def truth(tasks):
    owned = {id(task.get_coro()) for task in tasks}
    states = Counter()
    held = Counter()
    scheduled = 0
    for thing in gc.get_objects():
        if inspect.iscoroutine(thing):
            state = inspect.getcoroutinestate(thing)
            states[{"CORO_CREATED": "created", "CORO_CLOSED": "ended"}.get(state, "started")] += 1
            if state == "CORO_CREATED" and id(thing) in owned:
                scheduled += 1
            elif state == "CORO_CREATED":
                held[thing.__qualname__] += 1
    return {"states": dict(states), "held": dict(held), "scheduled": scheduled}


async def main():
    loop = asyncio.get_running_loop() if sys.version_info >= (3, 8) else None
    held_in_frame = of_frame()
    sys.set_coroutine_origin_tracking_depth(1)
    ended = of_ended()
    await ended
    for number in range(40):
        PENDING.append(hoarded(number, "s3cret"))
    generator = numbers()
    asend = generator.asend(None)
    lock, queue = asyncio.Lock(), asyncio.Queue()
    await lock.acquire()
    named = {}
    for number in range(20):
        named["sleeper %d" % number] = loop.create_task(sleeper(), name="sleeper %d" % number)
    named["locked"] = loop.create_task(locked(lock), name="locked")
    named["queued"] = loop.create_task(queued(queue), name="queued")
    for name, other in (("one", "two"), ("two", "three"), ("three", "one")):
        named[name] = loop.create_task(waits_for(other, named), name=name)
    first, second, third, pool = asyncio.Lock(), asyncio.Lock(), asyncio.Lock(), asyncio.Semaphore(2)
    for name, has, wants in (("red", first, second), ("green", second, third), ("blue", third, first)):
        named[name] = loop.create_task(has_and_wants(has, wants), name=name)
    for number in range(4):
        named["pooled %d" % number] = loop.create_task(has_and_wants(pool, lock), name="pooled %d" % number)
    named["gatherer"] = loop.create_task(gatherer(named["locked"], named["queued"]), name="gatherer")
    named["derived"] = DerivedTask(of_class(), loop=loop, name="derived")
    named["in Python"] = asyncio.tasks._PyTask(of_class(), loop=loop, name="in Python")
    failed = [loop.create_task(failing(number), name="failed %d" % number) for number in range(4)]
    for _ in range(3):
        await asyncio.sleep(0)
    failed[1].exception()  # somebody has asked
    futures = [loop.create_future() for _ in range(3)] + [asyncio.futures._PyFuture(loop=loop) for _ in range(3)]
    for future in futures:
        future.set_exception(OutOfStock())
    futures[0].exception()
    futures[3].exception()
    gathered = asyncio.gather(loop.create_task(failing(9), name="of gather"))
    for _ in range(3):
        await asyncio.sleep(0)
    named["scheduled"] = loop.create_task(of_scheduled(), name="scheduled")
    named["scheduled, too"] = DerivedTask(of_scheduled(), loop=loop, name="scheduled, too")
    gc.collect()
    tasks = asyncio.all_tasks() | {named["in Python"]}  # that of 3.14's C module does not know it
    names = sorted(task.get_name() for task in tasks)
    shim.tell("ready", pid=os.getpid(), tasks=names, asends=1, **truth(tasks))
    shim.wait("end")
    del held_in_frame, asend, failed, futures, gathered
    os._exit(0)


warnings.simplefilter("ignore")
asyncio.run(main())
