# SPDX-License-Identifier: MIT
"""Shapes of event loops, tasks and groups that are not there, over, or run already."""
import asyncio

from . import case
from .common import fetch, swallow


@case
async def run_inside_a_loop_without_callbacks():
    # awslabs/llmeter#96
    # mistake: loop_already_running
    # ended: run | -
    # cause: exception_unwinding | refcount | unknown
    async def process(callbacks):
        for callback in callbacks:
            await callback()

    def invoke():
        payload = asyncio.run(process([]))  # made
        return payload
    swallow(invoke)


@case
async def futures_before_a_failure():
    # faust-streaming/mode#63: the coroutines are listed, and then something raises
    # mistake: exception_before_await
    # cause: exception_unwinding | frame_end | unknown
    # ended: wait_first
    stopped = asyncio.Event()

    async def wait_first(timeout):
        waiting = [stopped.wait(), fetch(1)]  # made
        seconds = float(timeout)
        await asyncio.gather(*waiting, asyncio.sleep(seconds))
    try:
        await wait_first("soon")
    except ValueError:
        pass


@case
async def shielded_too_late():
    # the coroutine is made for a task, and the task group is closed
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount | unknown
    # ended: start_soon | Group.start_soon | spawn | -
    class Group:
        closed = True

        def start_soon(self, coroutine):
            if self.closed:
                raise RuntimeError("closed")
            return asyncio.ensure_future(coroutine)

    def spawn(group):
        group.start_soon(fetch(1))  # made
    swallow(spawn, Group())


@case
async def wait_for_not_awaited():
    # Both of its coroutines: the one that it makes holds the other one.
    # mistake: result_discarded
    # fix: await asyncio.wait_for(done.wait(), 1)
    done = asyncio.Event()
    asyncio.wait_for(done.wait(), 1)  # made


@case
def gather_without_a_loop():
    # mistake: no_running_loop
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: start | gather | ensure_future | _ensure_future | _get_event_loop | get_event_loop | -
    def start():
        asyncio.gather(fetch(1))  # made
    swallow(start)


@case
async def event_not_waited_for():
    # mistake: result_discarded
    # fix: await done.wait()
    done = asyncio.Event()
    done.wait()  # made


@case
def sleep_in_a_plain_function():
    # mistake: result_discarded
    # fix: asyncio.run(asyncio.sleep(1))
    for _ in range(1):
        asyncio.sleep(1)  # made


@case
async def put_into_a_queue():
    # mistake: result_discarded
    # fix: await queue.put(1)
    queue = asyncio.Queue()
    queue.put(1)  # made


@case
def list_run_until_complete():
    # A loop is there, and it refuses a list.
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: run | run_until_complete | BaseEventLoop.run_until_complete | ensure_future | _ensure_future | -
    def run():
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete([fetch(1)])  # made
        finally:
            loop.close()
    swallow(run)


@case(until=(3, 13))
async def completed_not_awaited():
    # mistake 3.8-3.10: unknown
    # mistake: assigned_never_used
    # cause: refcount | frame_end | unknown
    # ended: wait | -
    async def wait():
        for done in asyncio.as_completed([asyncio.ensure_future(asyncio.sleep(0))]):
            str(done)
    await wait()
    await asyncio.sleep(0)


@case
async def fallback_of_run():
    # NousResearch/hermes-agent#2317
    # mistake: loop_already_running
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: collect | run | -
    def collect():
        work = fetch(1)  # made
        try:
            return asyncio.run(work)
        except RuntimeError:
            return None
    collect()


@case(since=(3, 11))
async def runner_inside_a_loop():
    # mistake: loop_already_running
    # cause: exception_unwinding | refcount | unknown
    # ended: start | run | Runner.run | -
    def start():
        runner = asyncio.Runner()
        runner.run(fetch(1))  # made
    swallow(start)


@case(since=(3, 11), until=(3, 13))
async def task_group_that_is_over():
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount | unknown
    # ended: late | create_task | TaskGroup.create_task | -
    async def late():
        async with asyncio.TaskGroup() as group:
            pass
        group.create_task(fetch(1))  # made
    try:
        await late()
    except RuntimeError:
        pass


@case
async def gather_with_a_plain_value():
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount | unknown
    # ended: load | gather | ensure_future | _ensure_future | -
    async def load():
        await asyncio.gather(5, fetch(1))  # made
    try:
        await load()
    except TypeError:
        pass


@case
async def task_with_a_wrong_argument():
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount | unknown
    # ended: start | create_task | -
    async def start():
        asyncio.create_task(fetch(1), title="x")  # made
    try:
        await start()
    except TypeError:
        pass


@case
async def threadsafe_without_a_loop():
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount | unknown
    # ended: send | run_coroutine_threadsafe | -
    def send():
        asyncio.run_coroutine_threadsafe(fetch(1), None)  # made
    swallow(send)


@case
async def future_given_a_coroutine():
    # mistake: passed_to_function
    # cause: refcount | frame_end | unknown
    # ended: future_given_a_coroutine | -
    future = asyncio.get_running_loop().create_future()
    future.set_result(fetch(1))  # made
    await future


@case
async def future_of_a_list():
    # mistake: never_scheduled
    # cause: exception_unwinding | unknown
    # ended: ensure_future
    async def start():
        asyncio.ensure_future([fetch(1)])  # made
    try:
        await start()
    except TypeError:
        pass


@case
async def waiting_for_a_semaphore():
    # cataseven/Keenetic-Router-Pro#65: cancelled before its turn came
    # mistake 3.8-3.10: unknown
    # mistake: exception_before_await | unknown
    # mistake with origin: exception_before_await
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: bounded | start | -
    limit = asyncio.Semaphore(1)

    async def bounded(work):
        async with limit:
            return await work

    async def start():
        async with limit:
            task = asyncio.ensure_future(bounded(fetch(1)))  # made
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
    await start()


@case
async def cancelled_before_it_began():
    # mistake 3.8-3.10: unknown
    # mistake: exception_before_await | unknown
    # mistake with origin 3.8-3.10: exception_before_await | passed_to_function
    # mistake with origin: exception_before_await
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: bounded | start | -
    async def bounded(work):
        return await work

    async def start():
        task = asyncio.ensure_future(bounded(fetch(1)))  # made
        task.cancel()
        await asyncio.wait([task])
    await start()


@case
async def timeout_that_is_a_text():
    # mistake: never_scheduled
    # fix: -
    # cause: exception_unwinding | unknown
    # ended: wait_for
    async def load():
        await asyncio.wait_for(fetch(1), timeout="5")  # made
    try:
        await load()
    except TypeError:
        pass


@case
async def shielded_and_forgotten():
    # mistake: result_discarded
    # fix: await asyncio.wait_for(fetch(1), 1)
    asyncio.wait_for(fetch(1), 1)  # made


@case
async def sleep_between_attempts():
    # mistake: result_discarded
    # fix: await asyncio.sleep(0.1 * attempt)
    for attempt in range(1):
        try:
            return int("x")
        except ValueError:
            asyncio.sleep(0.1 * attempt)  # made


@case
async def lock_tested():
    # mistake: tested_for_truth
    # fix: if await lock.acquire():
    lock = asyncio.Lock()
    if lock.acquire():  # made
        pass
