# SPDX-License-Identifier: MIT
"""Drops a coroutine in each scene, in the steps of tasks of all kinds and outside of them. What is true of the task
at that moment is taken from asyncio itself and handed over when all is done: {name of the orphan: facts or null}."""
import asyncio
import sys
import threading
import warnings

import shim

TRUTH = {}


def note(orphan):
    """Of the task that runs now. Call it where `orphan` is dropped."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop in this thread
        task = None
    if task is None:
        TRUTH[orphan.__name__] = None
        return
    coroutine = task.get_coro()
    TRUTH[orphan.__name__] = {
        "name": task.get_name(), "qualname": coroutine.__qualname__, "line": coroutine.cr_code.co_firstlineno,
        "created": [[line, function] for _, line, function in reversed(coroutine.cr_origin or ())] or None}


def drop(orphan):
    note(orphan)
    orphan()


async def orphan_of_named(): pass
async def orphan_of_unnamed(): pass
async def orphan_of_inner(): pass
async def orphan_of_generator(): pass
async def orphan_of_gathered(): pass
async def orphan_of_subclass(): pass
async def orphan_of_python_task(): pass
async def orphan_at_its_end(): pass
async def orphan_after_await(): pass
async def orphan_of_callback(): pass
async def orphan_of_first_loop(): pass
async def orphan_of_second_loop(): pass
async def orphan_of_plain_thread(): pass
async def orphan_of_no_loop(): pass


async def drops(orphan):
    drop(orphan)


async def awaits(orphan):
    await drops(orphan)


async def drops_late(orphan):
    await asyncio.sleep(0)
    drop(orphan)


async def generator(orphan):
    drop(orphan)
    yield 1


async def iterates(orphan):
    async for _ in generator(orphan):
        pass


async def drops_at_its_end(orphan):
    kept = orphan()
    note(orphan)
    return kept is None


class Service:
    async def serve(self, orphan):
        drop(orphan)


class OwnTask(asyncio.Task):
    pass


def named(coroutine, name, kind=asyncio.Task):
    return kind(coroutine, loop=asyncio.get_event_loop(), name=name)


async def main():
    await named(Service().serve(orphan_of_named), "serve orders")
    await asyncio.ensure_future(drops(orphan_of_unnamed))
    await named(awaits(orphan_of_inner), "outer")
    await named(iterates(orphan_of_generator), "iterator")
    await asyncio.gather(drops_late(orphan_of_gathered), asyncio.sleep(0))
    await named(drops(orphan_of_subclass), "own", OwnTask)
    await named(drops(orphan_of_python_task), "in python", asyncio.tasks._PyTask)
    await named(drops_at_its_end(orphan_at_its_end), "ending")
    await named(drops_late(orphan_after_await), "late")
    done = asyncio.get_event_loop().create_future()

    def call_back():
        drop(orphan_of_callback)
        done.set_result(None)

    asyncio.get_event_loop().call_soon(call_back)
    await done


def two_loops():
    """Both run, and each drops while the other is in a step, too."""
    barrier = threading.Barrier(2)

    async def step(orphan):
        barrier.wait()
        drop(orphan)
        barrier.wait()

    def run(orphan, name):
        async def body():
            await named(step(orphan), name)

        asyncio.run(body())

    threads = [threading.Thread(target=run, args=(orphan_of_first_loop, "first")),
               threading.Thread(target=run, args=(orphan_of_second_loop, "second"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run_all():
    warnings.simplefilter("ignore")
    shim.ready()
    drop(orphan_of_no_loop)
    asyncio.run(main())
    thread = threading.Thread(target=drop, args=(orphan_of_plain_thread,))
    thread.start()
    thread.join()
    two_loops()
    shim.done(truth=TRUTH, accelerated=asyncio.Task is not asyncio.tasks._PyTask, version=sys.version_info[:2])


run_all()
