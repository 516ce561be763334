# SPDX-License-Identifier: MIT
"""Shapes of public bug reports: something calls an async function as a plain one, or is given its coroutine."""
import asyncio
import concurrent.futures
import contextlib
import functools
import queue
import sched
import threading
import time

from . import case
from .common import fetch, swallow


@case
def iter_until():
    # mistake: async_callback
    # ended: run | -
    # cause: frame_end | refcount | unknown
    def run():
        for line in iter(fetch, None):
            break
    run()


@case
def thread_target_is_async():
    # mistake: async_callback
    thread = threading.Thread(target=fetch)
    thread.start()
    thread.join()


@case
def thread_target_by_lambda():
    # mistake: async_callback
    thread = threading.Thread(target=lambda: fetch(1))
    thread.start()
    thread.join()


@case
def thread_given_the_coroutine():
    # mistake: passed_as_callback
    # ended: - | run
    # cause: exception_unwinding | refcount | unknown
    thread = threading.Thread(target=fetch())  # made
    thread.start()
    thread.join()


@case
def timer_of_an_async_function():
    # mistake: async_callback
    timer = threading.Timer(0, fetch)
    timer.start()
    timer.join()


@case
def thread_subclass_with_async_run():
    # mistake: async_callback
    class Worker(threading.Thread):
        async def run(self):
            pass
    worker = Worker()
    worker.start()
    worker.join()


@case
def executor_of_an_async_function():
    # jianmaikj in agronholm/apscheduler#490
    # mistake: given_to_executor
    # ended: - | executor_of_an_async_function
    # cause: refcount | unknown | frame_end
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(fetch, 1).result()


@case
def executor_map_of_an_async_function():
    # mistake: async_callback
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        list(pool.map(fetch, [1]))


@case
async def run_in_executor_of_an_async_function():
    # mistake: unknown
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, fetch, 1)


@case
async def call_later_of_an_async_function():
    # mistake: async_callback
    asyncio.get_running_loop().call_later(0, fetch, 1)
    await asyncio.sleep(0.01)


@case
async def call_soon_of_a_coroutine():
    # mistake: kept_in_cycle
    # cause: exception_unwinding | refcount | cyclic_gc
    # ended: _run | -
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *a: None)
    loop.call_soon(fetch(1))  # made
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@case
async def done_callback_is_async():
    # mistake: async_callback
    async def finished(task):
        pass
    task = asyncio.ensure_future(fetch(1))
    task.add_done_callback(finished)
    await task
    await asyncio.sleep(0)


@case
def future_callback_is_async():
    # mistake: async_callback
    future = concurrent.futures.Future()
    future.add_done_callback(fetch)
    future.set_result(1)


@case
def sched_event_is_async():
    # mistake: async_callback
    scheduler = sched.scheduler(time.monotonic, time.sleep)
    scheduler.enter(0, 1, fetch)
    scheduler.run()


@case
def own_job_runner():
    # mistake 3.8-3.10: async_callback
    # oubeichen in dbader/schedule#239
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: run_pending
    class Job:
        def do(self, function, *arguments):
            self.job_func = functools.partial(function, *arguments)
            return self

        def run(self):
            ret = self.job_func()
            self.last_run = 1
            return ret

    def run_pending(jobs):
        for job in jobs:
            ret = job.run()
            if ret == 5:
                return
    run_pending([Job().do(fetch, 1)])


@case
def job_given_the_coroutine():
    # BillionZooms in dbader/schedule#464
    # mistake: passed_as_callback
    # cause: exception_unwinding
    # ended: do | job_given_the_coroutine | schedule_it
    def do(function, *arguments):
        return functools.partial(function, *arguments)

    def schedule_it():
        do(fetch(1))  # made
    swallow(schedule_it)


@case
def exit_stack_callback():
    # mistake: async_callback
    with contextlib.ExitStack() as stack:
        stack.callback(fetch, 1)


@case
def closing_calls_an_async_close():
    # RazAnyVision in python-consul/python-consul#275
    # mistake: async_callback
    class Session:
        async def close(self):
            pass
    with contextlib.closing(Session()):
        pass


@case
def retry_wrapper():
    # mistake 3.8-3.10: result_discarded
    # jd/tenacity#412
    # mistake: returned_and_dropped
    def retry(function):
        @functools.wraps(function)
        def inner(*arguments):
            for _ in range(3):
                try:
                    return function(*arguments)
                except OSError:
                    pass
        return inner

    @retry
    async def load(value):
        return value
    load(1)


@case
async def timing_decorator_drops():
    # mistake 3.8-3.10: unknown
    # Skazu in sighalt/logdecorator#6
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: inner
    def timed(function):
        def inner(*arguments):
            start = time.monotonic()
            result = function(*arguments)
            return time.monotonic() - start
        return inner

    @timed
    async def load(value):
        return value
    load(1)


@case
async def async_decorator_forgets():
    # kennethreitz/responder#346
    # mistake: awaited_result_discarded
    # mistake with origin: awaited_result_discarded
    # fix with origin: return await function(*arguments)
    def traced(function):
        @functools.wraps(function)
        async def inner(*arguments):
            return function(*arguments)  # made
        return inner

    @traced
    async def load(value):
        return value
    await load(1)


@case
async def middleware_forgets():
    # mistake 3.8-3.10: async_callback
    # mistake: assigned_never_used
    # ended: run
    # cause: frame_end
    async def middleware(request, handler):
        return handler(request)  # made

    async def run():
        response = await middleware(1, fetch)
        return None
    await run()


@case
async def queue_of_coroutines():
    # mistake: kept_in_container
    # ended: start | -
    # cause: frame_end | refcount | unknown
    async def start():
        jobs = queue.Queue()
        jobs.put(fetch(1))  # made
        return None
    await start()


@case
async def queue_of_coroutines_taken():
    # mistake: exception_before_await
    # ended: start
    # cause: exception_unwinding
    async def start():
        jobs = asyncio.Queue()
        jobs.put_nowait(fetch(1))  # made
        job = await jobs.get()
        job()
    try:
        await start()
    except TypeError:
        pass
