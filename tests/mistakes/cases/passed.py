# SPDX-License-Identifier: MIT
"""A coroutine, or an async function, is given to something that does not await it."""
import asyncio
import functools
import gc
import io
import threading

from . import case


async def notify(user=None, *more):
    return user


def log(value, level=0):
    pass


def deep(value):
    return len(str(value)) > 0


class Sink:
    def put(self, item):
        pass


sink = Sink()


@case
async def print_call():
    # mistake: passed_to_function
    # created: inferred
    # fix: print(await notify(1), file=io.StringIO())
    # cause: refcount
    print(notify(1), file=io.StringIO())  # made


@case
async def plain_function():
    # mistake: passed_to_function
    # fix: log(await notify(1))
    # cause 3.8-3.10: refcount
    # cause: frame_end
    # ended 3.8-3.10: -
    # ended: log
    log(notify(1))  # made


@case
async def plain_function_by_keyword():
    # mistake: passed_to_function
    # fix: log(level=2, value=await notify(1))
    # cause 3.8-3.10: refcount
    # cause: frame_end
    # ended 3.8-3.10: -
    # ended: log
    log(level=2, value=notify(1))  # made


@case
async def method():
    # mistake: passed_to_function
    # fix: sink.put(await notify(1))
    # cause 3.8-3.10: refcount
    # cause: frame_end
    # ended 3.8-3.10: -
    # ended: Sink.put
    sink.put(notify(1))  # made


@case
async def function_that_calls_others():
    # mistake: passed_to_function
    # fix: deep(await notify(1))
    # cause 3.8-3.10: refcount
    # cause: frame_end
    # ended 3.8-3.10: -
    # ended: deep
    deep(notify(1))  # made


@case
async def builtin():
    # mistake: passed_to_function
    # created: inferred
    # fix: id(await notify(1))
    id(notify(1))  # made


@case
async def thread_target():
    # mistake: passed_as_callback
    # created 3.8-3.10: inferred
    # created: unknown
    # fix: threading.Thread(target=lambda: asyncio.run(notify(1)))
    # advice: -
    threading.Thread(target=notify(1))  # made


@case
def thread_that_ran():
    # A free-threaded build drops it in the thread that made it, wherever that is then.
    # mistake: passed_as_callback | unknown
    # fix: -
    # advice: let the thread run it: threading.Thread(target=asyncio.run, args=(...,)) | -
    thread = threading.Thread(target=notify(1))  # made
    thread.start()
    thread.join()


@case
def thread_of_async_function():
    # mistake: async_callback
    # fix: -
    # advice: let the thread run it: threading.Thread(target=asyncio.run, args=(...,))
    thread = threading.Thread(target=notify, args=(1,))
    thread.start()
    thread.join()


@case
async def loop_callback():
    # mistake: async_callback
    # fix: -
    # advice: register lambda: asyncio.ensure_future(...), or await it where the callback is registered
    asyncio.get_running_loop().call_soon(notify, 1)
    await asyncio.sleep(0)


@case
async def loop_callback_of_a_coroutine():
    # The loop's handle of the callback and what it raised refer to each other.
    # mistake: kept_in_cycle
    # created: unknown
    # cause: cyclic_gc
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)
    loop.call_soon(notify(1))  # made
    await asyncio.sleep(0)
    gc.collect()


@case
async def done_callback():
    # mistake: async_callback
    future = asyncio.get_running_loop().create_future()
    future.add_done_callback(notify)
    future.set_result(1)
    await asyncio.sleep(0)


@case
async def sort_key():
    # mistake: async_callback
    # created: unknown
    # fix: -
    # advice: pass a plain function, or await each call of notify() yourself
    return sorted([1], key=notify)


@case
async def mapped():
    # mistake: async_callback
    # created: unknown
    # fix: -
    # advice: pass a plain function, or await each call of notify() yourself
    return any(map(callable, map(notify, [1])))


@case
async def reduced():
    # reduce() hands on what the function made: a text of that.
    # mistake 3.8-3.10: formatted
    # mistake: formatted | async_callback
    # created: unknown
    return len(str(functools.reduce(notify, [1, 2])))


@case
async def executor():
    # The future that held the result goes later than the statement.
    # mistake: unknown
    # created: unknown
    await asyncio.get_running_loop().run_in_executor(None, notify, 1)


@case
async def timer():
    # mistake: async_callback
    timer = threading.Timer(0, notify)
    timer.start()
    timer.join()
