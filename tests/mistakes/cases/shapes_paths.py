# SPDX-License-Identifier: MIT
"""Shapes of ways out: what is left early, skipped, pushed out or closed before its turn."""
import asyncio
import collections
import concurrent.futures
import heapq
import threading

from . import case
from .common import Store, fetch, swallow


@case
async def early_return_before_the_gather():
    # mistake: kept_in_container
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load(ready):
        jobs = [fetch(number) for number in (1,)]  # made
        if not ready:
            return None
        return await asyncio.gather(*jobs)
    await load(False)


@case
async def skipped_by_name():
    # mistake: kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load(done):
        jobs = {"a": fetch(1), "b": fetch(2)}  # made
        for name, job in jobs.items():
            if name in done:
                continue
            await job
    await load(["a"])


@case
async def named_jobs_never_run():
    # mistake: kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: plan | -
    async def plan():
        jobs = []
        jobs.append(("first", fetch(1)))  # made
        return len(jobs)
    await plan()


@case
async def only_the_first_of_them():
    # mistake: kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load():
        jobs = [fetch(1), fetch(2)]  # made
        return [await job for job in jobs[:1]]
    await load()


@case
async def left_over_after_a_failure():
    # the first one raises: the others are never awaited
    # mistake: exception_before_await | kept_in_container
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: load | -
    async def fail():
        raise OSError

    async def load():
        jobs = [fail(), fetch(1)]  # made
        return [await job for job in jobs]
    try:
        await load()
    except OSError:
        pass


@case
async def second_one_after_a_failure():
    # mistake: exception_before_await
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: load | -
    async def fail():
        raise OSError

    async def load():
        first = fail()
        second = fetch(1)  # made
        return await first, await second
    try:
        await load()
    except OSError:
        pass


@case
async def equal_priorities():
    # mistake: compared | exception_before_await
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: plan | -
    async def plan():
        jobs = []
        heapq.heappush(jobs, (1, fetch(1)))  # made
        heapq.heappush(jobs, (1, fetch(2)))  # made
        return jobs
    try:
        await plan()
    except TypeError:
        pass


@case
async def pushed_out_of_a_deque():
    # mistake 3.8-3.10: unknown
    # mistake: kept_in_container
    # fix: -
    recent = collections.deque(maxlen=1)
    recent.append(fetch(1))  # made
    recent.append(1)


@case
async def swallowed_by_a_finally():
    # mistake: result_discarded | returned_and_dropped | unknown
    # fix: return await fetch(1) | await fetch(1) | -
    namespace = {"fetch": fetch}
    exec(compile("async def load():\n    try:\n        return fetch(1)\n    finally:\n        return None\n",
                 "<string>", "exec"), namespace)
    await namespace["load"]()


@case
def pool_that_is_shut_down():
    # mistake: never_scheduled
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: submit | ThreadPoolExecutor.submit | start | -
    def start():
        pool = concurrent.futures.ThreadPoolExecutor(1)
        pool.shutdown()
        pool.submit(asyncio.run, fetch(1))  # made
    swallow(start)


@case
def threadsafe_on_a_loop_that_never_runs():
    # mistake: never_scheduled
    # fix: -
    # cause: refcount | frame_end | cyclic_gc | unknown
    # ended: start | -
    def start():
        loop = asyncio.new_event_loop()
        asyncio.run_coroutine_threadsafe(fetch(1), loop)  # made
        loop.close()
    start()


@case
def task_of_a_loop_closed_at_once():
    # mistake: never_scheduled | kept_in_cycle | unknown
    # fix: -
    # cause: refcount | frame_end | cyclic_gc | unknown
    # ended: start | -
    def start():
        loop = asyncio.new_event_loop()
        task = loop.create_task(fetch(1))  # made
        loop.close()
        return bool(task)
    start()


@case
def task_made_in_a_thread():
    # mistake: no_running_loop
    # fix: task = asyncio.run(fetch(1)) | asyncio.run(fetch(1))
    # cause: exception_unwinding | refcount | unknown
    # ended: start | run | Thread.run | -
    def start():
        try:
            task = asyncio.Task(fetch(1))  # made
        except RuntimeError:
            return None
        return task
    thread = threading.Thread(target=start)
    thread.start()
    thread.join()


@case
async def released_by_a_failing_finally():
    # mistake: exception_before_await
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: load | -
    async def load(lock):
        try:
            work = fetch(1)  # made
        finally:
            lock.release()
        return await work
    try:
        await load(asyncio.Lock())
    except RuntimeError:
        pass


@case
async def waited_for_the_first_only():
    # mistake 3.8-3.10: unknown
    # mistake: assigned_never_used
    # fix 3.8-3.10: -
    # fix: second = await fetch(2) | -
    # cause: frame_end | refcount | unknown
    # ended: race | -
    async def race():
        first = fetch(1)
        second = fetch(2)  # made
        done = await first
        if done:
            return done
        return await second
    await race()


@case
async def kept_for_later_by_an_object():
    # mistake: passed_to_function | kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: start | -
    class Group:
        def __init__(self):
            self.jobs = []

        def add(self, job):
            self.jobs.append(job)

    async def start():
        group = Group()
        group.add(fetch(1))  # made
        return bool(group)
    await start()


@case
async def generator_closed_before_its_turn():
    # mistake: unknown | exception_before_await | kept_in_container | assigned_never_used
    # cause: frame_end | refcount | exception_unwinding | unknown
    # ended: jobs | -
    def jobs():
        for number in (1, 2):
            job = fetch(number)  # made
            yield number
            yield job
    numbers = jobs()
    next(numbers)
    numbers.close()


@case
async def result_of_a_loop_that_breaks():
    # mistake: compared
    # fix: row = await store.get(key)
    # cause: frame_end | refcount | unknown
    # ended: find | -
    async def find(store):
        row = None
        for key in ("a", "b"):
            row = store.get(key)  # made
            if row is not None:
                break
        return key
    await find(Store())


@case
async def overwritten_in_a_loop():
    # mistake: assigned_never_used
    # fix: last = await store.get(key)
    # cause: frame_end | refcount | unknown
    # ended: find | -
    async def find(store):
        for key in ("a", "b"):
            last = store.get(key)  # made
        return key
    await find(Store())
