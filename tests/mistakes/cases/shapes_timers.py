# SPDX-License-Identifier: MIT
"""Shapes where a coroutine is made before its time: for a timer, a group, a fallback, a sibling."""
import asyncio
import functools
import inspect

from . import case
from .common import Store, fetch


class Socket:
    def __init__(self):
        self.timer = None
        self.loop = asyncio.get_running_loop()

    async def keepalive(self):
        pass

    def start_keepalive(self):
        self.timer = self.loop.call_later(60, asyncio.create_task, self.keepalive())  # made

    def stop(self):
        self.timer.cancel()


@case
async def timer_that_was_cancelled():
    # sammchardy/python-binance#847, matter-js/python-matter-server#472
    # mistake 3.8-3.10: never_scheduled | unknown
    # mistake: never_scheduled
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: cancel | TimerHandle.cancel | -
    socket = Socket()
    socket.start_keepalive()
    socket.stop()


@case
def timer_of_a_loop_that_ended():
    # Noctem/Monocle#313
    # mistake: never_scheduled
    # fix: -
    # cause: frame_end | refcount | cyclic_gc | unknown
    # ended: - | close | BaseEventLoop.close | BaseSelectorEventLoop.close | _UnixSelectorEventLoop.close
    async def main():
        loop = asyncio.get_running_loop()
        loop.call_later(60, asyncio.ensure_future, fetch(1))  # made
    asyncio.run(main())


@case
async def resolved_before_a_sibling_failed():
    # graphql-python/graphql-core#236
    # mistake: exception_before_await
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: execute_fields | -
    def broken():
        raise ValueError("boom")

    def execute_fields(fields):
        results, awaitable = {}, []
        for name, resolve in fields.items():
            result = resolve()  # made
            if inspect.isawaitable(result):
                awaitable.append(name)
            results[name] = result
        return results, awaitable
    try:
        execute_fields({"user": fetch, "posts": broken})
    except ValueError:
        pass


@case
async def validators_before_one_is_missing():
    # ansible/apme#500
    # mistake: exception_before_await
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: validate | -
    async def validate(addresses):
        work, missing = [], []
        for name, address in addresses.items():
            if address:
                work.append(fetch(address))  # made
            else:
                missing.append(name)
        if missing:
            raise ValueError(f"missing: {missing}")
        return await asyncio.gather(*work)
    try:
        await validate({"native": "a:1", "opa": None})
    except ValueError:
        pass


@case
async def checked_by_what_it_gave():
    # a check of the result in place of the function
    # mistake: assigned_never_used | async_callback
    # cause: frame_end | refcount | unknown
    # ended: notify | -
    async def notify(handler, event):
        result = handler(event)  # made
        if inspect.iscoroutinefunction(result):
            result = await result
        return event
    await notify(fetch, 1)


@case
async def statement_with_a_deadline():
    # mistake: result_discarded
    # fix: await store.get("a")
    class Deadline:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *exception):
            return False

    async def refresh(store):
        async with Deadline():
            store.get("a")  # made
    await refresh(Store())


@case
async def item_of_a_queue_not_awaited():
    # mistake: used_as_value
    # fix: job = await queue.get()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: work | -
    async def work(queue):
        while True:
            job = queue.get()  # made
            if job is None:
                break
            job["run"]()
    queue = asyncio.Queue()
    queue.put_nowait({"run": print})
    try:
        await work(queue)
    except TypeError:
        pass


@case
async def line_of_a_stream():
    # mistake: used_as_value
    # fix: line = await reader.readline()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: greet | -
    async def greet(reader):
        line = reader.readline()  # made
        return line.decode().strip()
    reader = asyncio.StreamReader()
    reader.feed_eof()
    try:
        await greet(reader)
    except AttributeError:
        pass


@case
async def jobs_by_partial_given_up():
    # mistake: kept_in_container | assigned_never_used | exception_before_await
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: run_all | -
    async def run_all(makers, limit):
        jobs = [make() for make in makers]  # made
        done = []
        for job in jobs:
            if len(done) >= limit:
                break
            done.append(await job)
        return done
    await run_all([functools.partial(fetch, number) for number in range(2)], 1)


@case
async def fallback_that_was_not_needed():
    # mistake: passed_to_function
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: first_of | load | -
    async def first_of(primary, fallback):
        try:
            return await primary
        except OSError:
            return await fallback

    async def load(store):
        return await first_of(store.get("a"), fetch(1))  # made
    await load(Store())
