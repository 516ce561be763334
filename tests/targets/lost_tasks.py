# SPDX-License-Identifier: MIT
"""usage: lost_tasks.py MODE [ROUNDS]

Loses tasks, and exceptions of tasks and futures, and tells what asyncio's exception handler was told of them.
"""
import gc
import sys
import time
import types

import shim

KINDS = {"Task was destroyed but it is pending!": "task_destroyed_pending",
         "Task exception was never retrieved": "task_exception_never_retrieved",
         "Lost exception was never retrieved": "task_exception_never_retrieved",
         "Future exception was never retrieved": "future_exception_never_retrieved",
         "_GatheringFuture exception was never retrieved": "future_exception_never_retrieved"}


class Program:
    """All that uses asyncio, which may be imported late."""

    def __init__(self, asyncio):
        self.asyncio = asyncio
        self.truth = {}
        self.others = 0
        self.chains = []

        class Lost(asyncio.Task):
            pass

        self.subclass = Lost

    def handle(self, _, context):
        kind = KINDS.get(context["message"])
        if kind is None:
            self.others += 1
        else:
            self.truth[kind] = self.truth.get(kind, 0) + 1

    async def inner(self, future):
        await future  # line of inner

    async def waits(self, future):
        await self.inner(future)  # line of waits

    async def spins(self):
        while True:
            await self.asyncio.sleep(0)  # line of spins

    async def fails(self):
        await self.asyncio.sleep(0)
        raise ValueError("nobody looks")  # line of fails

    async def waits_seldom(self, future):
        await future

    async def fails_seldom(self):
        raise ValueError("nobody looks here, either")

    def leave(self):
        future = self.asyncio.get_event_loop().create_future()
        self.asyncio.ensure_future(self.waits(future))  # line of leave

    def fail(self):
        self.asyncio.ensure_future(self.fails())  # line of fail

    def fail_future(self):
        future = self.asyncio.get_event_loop().create_future()
        future.set_exception(KeyError("nobody looks"))

    def fail_gathered(self):
        future = self.asyncio.get_event_loop().create_future()
        gathered = self.asyncio.gather(future)
        future.set_exception(KeyError("nobody looks"))
        return gathered

    async def lose(self, rounds):
        loop = self.asyncio.get_event_loop()
        loop.set_exception_handler(self.handle)
        for number in range(rounds):
            self.leave()
            self.fail()
            self.fail_future()
            self.fail_gathered()
            if number % 3 == 0 and rounds < 100:
                # Not ours: some other failure, and one that only looks like it.
                loop.call_soon(lambda: 1 / 0)
                loop.call_exception_handler({"message": "x", "exception": ValueError(), "future": None})
                loop.call_exception_handler({"message": "x", "exception": ValueError(), 3: None})
                loop.call_exception_handler(context={"message": "x"})
            await self.asyncio.sleep(0)
            await self.asyncio.sleep(0)
            await self.asyncio.sleep(0)
            if number % 50 == 0:
                gc.collect()
        await self.asyncio.sleep(0)
        gc.collect()

    async def lose_some_seldom(self, rounds):
        loop = self.asyncio.get_event_loop()
        loop.set_exception_handler(self.handle)
        for number in range(rounds):
            seldom = number % 10 == 9
            self.asyncio.ensure_future((self.waits_seldom if seldom else self.waits)(loop.create_future()))
            self.asyncio.ensure_future((self.fails_seldom if seldom else self.fails)())
            for _ in range(3):
                await self.asyncio.sleep(0)
            if number % 100 == 99:
                gc.collect()
        gc.collect()

    def run(self, coroutine, debug=False, factory=None):
        loop = self.asyncio.new_event_loop()
        self.asyncio.set_event_loop(loop)
        loop.set_debug(debug)
        if factory:
            loop.set_task_factory(factory)
        try:
            loop.run_until_complete(coroutine)
        finally:
            self.asyncio.set_event_loop(None)
            loop.close()
        gc.collect()

    def python_task(self, loop, coroutine, **others):
        return self.asyncio.tasks._PyTask(coroutine, loop=loop, **others)

    def own_task(self, loop, coroutine, **others):
        return self.subclass(coroutine, loop=loop, **others)

    def close_loop(self):
        """Its loop is closed while tasks are about to go on."""
        loop = self.asyncio.new_event_loop()
        loop.set_exception_handler(self.handle)
        tasks = [loop.create_task(self.spins()), loop.create_task(self.fails())]
        loop.call_soon(loop.stop)
        loop.run_forever()
        tasks.append(loop.create_task(self.spins()))
        self.chains = [chain_of(task) for task in tasks]
        del tasks
        loop.close()

    def leave_unstarted(self):
        """Its loop is closed before the task's first step: the coroutine was never awaited, either."""
        loop = self.asyncio.new_event_loop()
        loop.set_exception_handler(self.handle)
        loop.create_task(self.fails())
        loop.close()
        gc.collect()


def chain_of(task):
    """Names and lines where it waits, outermost first, as the coroutines tell it."""
    try:
        awaited = task.get_coro()
    except AttributeError:
        awaited = task._coro
    frames = []
    while hasattr(awaited, "cr_frame"):
        if awaited.cr_frame.f_lasti >= 0 and awaited.cr_await is not None:
            frames.append((awaited.cr_frame.f_code.co_name, awaited.cr_frame.f_lineno))
        awaited = awaited.cr_await
    return frames


def main():
    mode, rounds = sys.argv[1], int((sys.argv + ["10"])[2])
    if mode != "late":
        import asyncio
        program = Program(asyncio)
        program.run(asyncio.sleep(0))
    if mode == "uvloop":
        sys.modules["uvloop"] = types.ModuleType("uvloop")
        sys.modules["uvloop"].Loop = object
    shim.ready()
    if mode == "late":
        import asyncio
        program = Program(asyncio)
        time.sleep(0.5)  # until it is looked for again
    if mode == "close":
        program.close_loop()
    elif mode == "unstarted":
        program.leave_unstarted()
    elif mode == "python":
        program.run(program.lose(rounds), factory=program.python_task)
    elif mode == "seldom":
        program.run(program.lose_some_seldom(rounds))
    elif mode == "subclass":
        program.run(program.lose(rounds), factory=program.own_task)
    else:
        program.run(program.lose(rounds), debug=mode == "debug")
    shim.done(truth=program.truth, others=program.others, chains=program.chains)


main()
