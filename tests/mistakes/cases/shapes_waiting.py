# SPDX-License-Identifier: MIT
"""Shapes where a coroutine of what asyncio's tasks wait at is forgotten: queues, locks, events, conditions."""
import asyncio
import contextlib

from . import case
from .common import fetch


@case
async def put_into_a_queue():
    # mistake: result_discarded
    # fix: await queue.put(item)
    queue = asyncio.Queue()
    for item in ("a", "b"):
        queue.put(item)  # made


@case
async def join_of_a_queue():
    # mistake: result_discarded
    # fix: await jobs.join()
    jobs = asyncio.Queue()
    jobs.put_nowait(1)
    jobs.join()  # made
    jobs.get_nowait()


@case
async def item_of_a_queue():
    # mistake: used_as_value
    # fix: kind, value = await queue.get()
    # cause: exception_unwinding | refcount | unknown
    # ended: work | -
    async def work(queue):
        kind, value = queue.get()  # made
        return kind, value
    queue = asyncio.Queue()
    queue.put_nowait(("a", 1))
    try:
        await work(queue)
    except TypeError:
        pass


@case
async def item_that_is_a_sentinel():
    # mistake: compared
    # fix: item = await queue.get()
    # cause: frame_end | refcount | unknown
    # ended: work | -
    async def work(queue):
        item = queue.get()  # made
        if item is None:
            return 0
        return 1
    queue = asyncio.Queue()
    queue.put_nowait(None)
    await work(queue)


@case
async def lock_that_is_never_taken():
    # mistake: result_discarded
    # fix: await lock.acquire()
    lock = asyncio.Lock()
    lock.acquire()  # made
    try:
        await asyncio.sleep(0)
    finally:
        with contextlib.suppress(RuntimeError):
            lock.release()


@case
async def lock_that_is_taken_in_a_condition():
    # mistake: tested_for_truth
    # fix: if not await lock.acquire():
    lock = asyncio.Lock()
    if not lock.acquire():  # made
        return
    await asyncio.sleep(0)


@case
async def event_that_nobody_waits_for():
    # mistake: result_discarded
    # fix: await ready.wait()
    ready = asyncio.Event()
    asyncio.get_running_loop().call_soon(ready.set)
    ready.wait()  # made
    await asyncio.sleep(0)


@case
async def event_in_a_loop_condition():
    # mistake: tested_for_truth
    # fix: while not await stopping.wait():
    stopping = asyncio.Event()
    while not stopping.wait():  # made
        await asyncio.sleep(1)


@case
async def condition_that_is_not_waited_for():
    # mistake: result_discarded
    # fix: await changed.wait()
    changed = asyncio.Condition()
    async with changed:
        changed.wait()  # made


@case
async def condition_with_a_predicate():
    # mistake: result_discarded
    # fix: await changed.wait_for(lambda: bool(rows))
    rows = [1]
    changed = asyncio.Condition()
    async with changed:
        changed.wait_for(lambda: bool(rows))  # made


@case
async def semaphore_around_a_call():
    # mistake: result_discarded
    # fix: await fetch(url)
    limit = asyncio.Semaphore(2)

    async def load(url):
        async with limit:
            fetch(url)  # made
    await asyncio.gather(load("a"))
