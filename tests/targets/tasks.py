# SPDX-License-Identifier: MIT
"""Drops a coroutine in each scene, in the steps of tasks of all kinds and outside of them. What is true of the task
at that moment is taken from asyncio itself and handed over when all is done: {name of the forgotten: facts or null}."""
import asyncio
import sys
import threading
import warnings

import shim

TRUTH = {}


def note(forgotten):
    """Of the task that runs now. Call it where `forgotten` is dropped."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop in this thread
        task = None
    if task is None:
        TRUTH[forgotten.__name__] = None
        return
    coroutine = task.get_coro()
    TRUTH[forgotten.__name__] = {
        "name": task.get_name(), "qualname": coroutine.__qualname__, "line": coroutine.cr_code.co_firstlineno,
        "created": [[line, function] for _, line, function in reversed(coroutine.cr_origin or ())] or None}


def drop(forgotten):
    note(forgotten)
    forgotten()


async def forgotten_of_named(): pass
async def forgotten_of_unnamed(): pass
async def forgotten_of_inner(): pass
async def forgotten_of_generator(): pass
async def forgotten_of_gathered(): pass
async def forgotten_of_subclass(): pass
async def forgotten_of_python_task(): pass
async def forgotten_at_its_end(): pass
async def forgotten_after_await(): pass
async def forgotten_of_callback(): pass
async def forgotten_of_first_loop(): pass
async def forgotten_of_second_loop(): pass
async def forgotten_of_plain_thread(): pass
async def forgotten_of_no_loop(): pass


async def drops(forgotten):
    drop(forgotten)


async def awaits(forgotten):
    await drops(forgotten)


async def drops_late(forgotten):
    await asyncio.sleep(0)
    drop(forgotten)


async def generator(forgotten):
    drop(forgotten)
    yield 1


async def iterates(forgotten):
    async for _ in generator(forgotten):
        pass


async def drops_at_its_end(forgotten):
    kept = forgotten()
    note(forgotten)
    return kept is None


class Service:
    async def serve(self, forgotten):
        drop(forgotten)


class OwnTask(asyncio.Task):
    pass


def named(coroutine, name, kind=asyncio.Task):
    return kind(coroutine, loop=asyncio.get_event_loop(), name=name)


async def main():
    await named(Service().serve(forgotten_of_named), "serve orders")
    await asyncio.ensure_future(drops(forgotten_of_unnamed))
    await named(awaits(forgotten_of_inner), "outer")
    await named(iterates(forgotten_of_generator), "iterator")
    await asyncio.gather(drops_late(forgotten_of_gathered), asyncio.sleep(0))
    await named(drops(forgotten_of_subclass), "own", OwnTask)
    await named(drops(forgotten_of_python_task), "in python", asyncio.tasks._PyTask)
    await named(drops_at_its_end(forgotten_at_its_end), "ending")
    await named(drops_late(forgotten_after_await), "late")
    done = asyncio.get_event_loop().create_future()

    def call_back():
        drop(forgotten_of_callback)
        done.set_result(None)

    asyncio.get_event_loop().call_soon(call_back)
    await done


def two_loops():
    """Both run, and each drops while the other is in a step, too."""
    barrier = threading.Barrier(2)

    async def step(forgotten):
        barrier.wait()
        drop(forgotten)
        barrier.wait()

    def run(forgotten, name):
        async def body():
            await named(step(forgotten), name)

        asyncio.run(body())

    threads = [threading.Thread(target=run, args=(forgotten_of_first_loop, "first")),
               threading.Thread(target=run, args=(forgotten_of_second_loop, "second"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run_all():
    warnings.simplefilter("ignore")
    shim.ready()
    drop(forgotten_of_no_loop)
    asyncio.run(main())
    thread = threading.Thread(target=drop, args=(forgotten_of_plain_thread,))
    thread.start()
    thread.join()
    two_loops()
    shim.done(truth=TRUTH, accelerated=asyncio.Task is not asyncio.tasks._PyTask, version=sys.version_info[:2])


run_all()
