# SPDX-License-Identifier: MIT
"""Shapes of what calls back, wraps or overrides, and does not know that it is async."""
import asyncio
import contextlib
import functools
import os
import signal
import threading
import unittest.mock

from . import case
from .common import Store, fetch, swallow


@case
async def lambda_that_is_no_coroutine_function():
    # crewAIInc/crewAI#7474
    # mistake: returned_and_dropped | async_callback | result_discarded
    async def dispatch(handler):
        if asyncio.iscoroutinefunction(handler):
            return await handler(1)
        handler(1)
    await dispatch(lambda value: fetch(value))  # made


@case
async def wrapper_that_is_no_coroutine_function():
    # strands-agents/harness-sdk#4410
    # mistake 3.8-3.10: async_callback
    # mistake: assigned_never_used | formatted | passed_to_function
    # cause: frame_end | refcount | unknown
    # ended: invoke | -
    def logged(function):
        @functools.wraps(function)
        def inner(*arguments):
            return function(*arguments)  # made
        return inner

    async def invoke(tool):
        if asyncio.iscoroutinefunction(tool):
            result = await tool(1)
        else:
            result = tool(1)
        return str(result)
    await invoke(logged(fetch))


@case
async def wrapper_in_an_executor():
    # the loop lets go of the last callback, and of what that held
    # mistake: unknown
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: invoke | -
    def inner():
        return fetch(1)  # made

    async def invoke(tool):
        result = await asyncio.get_running_loop().run_in_executor(None, tool)
        return str(result)
    await invoke(inner)


@case
async def manager_without_a_yield():
    # mistake: used_as_value | async_callback | unknown
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: __aenter__ | _AsyncGeneratorContextManager.__aenter__ | work | -
    @contextlib.asynccontextmanager
    async def connection():
        return 1

    async def work():
        async with connection():
            pass
    try:
        await work()
    except (AttributeError, TypeError):
        pass


@case
async def called_if_there_is_one():
    # mistake 3.8-3.10: unknown | result_discarded
    # mistake: async_callback
    class Connection:
        def __init__(self, on_close=None):
            self.on_close = on_close

        def close(self):
            self.on_close and self.on_close(self)  # made
    Connection(fetch).close()


@case
async def callback_out_of_the_keywords():
    # mistake: async_callback
    def connect(**options):
        callback = options.get("on_connect")
        if callback is not None:
            callback(1)  # made
    connect(on_connect=fetch)


@case
async def reply_to_a_pending_request():
    # mistake: async_callback
    class Client:
        def __init__(self):
            self.pending = {}

        def request(self, number, callback):
            self.pending[number] = callback

        def received(self, number, reply):
            self.pending.pop(number)(reply)  # made
    client = Client()
    client.request(1, fetch)
    client.received(1, "ok")


@case
async def put_from_another_thread():
    # mistake: async_callback
    # fix: -
    queue = asyncio.Queue()
    loop = asyncio.get_running_loop()
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(queue.put, 1))
    thread.start()
    thread.join()
    await asyncio.sleep(0)


@case
async def put_in_an_executor():
    # mistake: unknown
    # fix: -
    # cause: refcount | frame_end | unknown
    # ended: - | WorkerContext.run
    queue = asyncio.Queue()
    await asyncio.get_running_loop().run_in_executor(None, queue.put, 1)


@case
def signal_handler_by_lambda():
    # which function the interpreter called is not to be seen
    # mistake: unknown
    # fix: -
    old = signal.signal(signal.SIGUSR1, lambda *arguments: fetch(1))  # made
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, old)


@case
async def lambda_as_a_done_callback():
    # mistake: async_callback
    # fix: -
    task = asyncio.ensure_future(asyncio.sleep(0))
    task.add_done_callback(lambda done: fetch(1))  # made
    await task
    await asyncio.sleep(0)


@case
async def permission_made_async():
    # mistake: tested_for_truth
    # cause: refcount | unknown
    class Base:
        def check(self):
            if not self.has_permission():  # made
                raise PermissionError

    class View(Base):
        async def has_permission(self):
            return False
    View().check()


@case
async def plugins_set_up():
    # mistake: result_discarded
    # fix: await plugin.setup(self)
    class Plugin:
        async def setup(self, app):
            pass

    class App:
        plugins = [Plugin()]

        async def start(self):
            for plugin in self.plugins:
                plugin.setup(self)  # made
    await App().start()


@case
async def plugins_set_up_by_a_plain_method():
    # mistake: result_discarded
    # fix: task = asyncio.create_task(plugin.setup(self))
    class Plugin:
        async def setup(self, app):
            pass

    class App:
        plugins = [Plugin()]

        def start(self):
            for plugin in self.plugins:
                plugin.setup(self)  # made
    App().start()


@case
async def saved_by_a_setter():
    # mistake: result_discarded
    # fix: task = asyncio.create_task(self.save())
    class Document:
        async def save(self):
            pass

        @property
        def title(self):
            return ""

        @title.setter
        def title(self, value):
            self.save()  # made
    Document().title = "x"


@case
def async_reversed():
    # mistake: async_special_method
    # fix: def __reversed__(self):
    # cause: exception_unwinding | refcount | unknown
    # ended: - | back
    class Rows:
        async def __reversed__(self):
            return [1]

    def back():
        return [row for row in reversed(Rows())]
    swallow(back)


@case
def async_set_name():
    # mistake: async_special_method
    # fix: def __set_name__(self, owner, name):
    class Field:
        async def __set_name__(self, owner, name):
            pass

    class Model:
        field = Field()
    return Model


@case
def async_format():
    # mistake: async_special_method
    # fix: def __format__(self, spec):
    # cause: exception_unwinding | refcount | unknown
    class Price:
        async def __format__(self, spec):
            return "5"
    swallow(lambda: f"{Price()}")


@case
def async_class_getitem():
    # mistake: used_as_value | async_special_method
    # ended: <lambda> | -
    # cause: exception_unwinding | refcount | unknown
    class Table:
        async def __class_getitem__(cls, name):
            return cls
    swallow(lambda: Table["users"].rows)


@case
def async_mock_that_returns_one():
    # mistake: kept_in_cycle | held_by_mock
    # cause: cyclic_gc | refcount | unknown
    import gc

    async def work():
        client = unittest.mock.AsyncMock(return_value=fetch(1))  # made
        user = await client.get(1)
        return bool(user)
    asyncio.run(work())
    gc.collect()


@case
async def async_mock_of_a_logger():
    # mistake: mock_not_awaited
    # fix: -
    class Service:
        def __init__(self, logger):
            self.logger = logger

        def work(self):
            self.logger.info("x")
    Service(unittest.mock.AsyncMock()).work()


@case
async def async_mock_in_a_text():
    # mistake: mock_not_awaited
    client = unittest.mock.AsyncMock()
    return f"{client.name()}"


@case
async def async_mock_as_a_callback():
    # pytest-dev/pytest-mock#374
    # mistake: mock_not_awaited
    # fix: -
    asyncio.get_running_loop().call_soon(unittest.mock.AsyncMock())
    await asyncio.sleep(0)


@case
async def retry_by_hand():
    # mistake 3.8-3.10: async_callback
    # mistake: returned_and_dropped | result_discarded
    async def attempt(function, times):
        for _ in range(times):
            try:
                function()
                return True
            except OSError:
                pass
    await attempt(lambda: fetch(1), 3)  # made


@case
async def ping_in_a_condition_of_a_wrapper():
    # mistake: tested_for_truth
    # fix: if await store.is_allowed(user):
    def guarded(function):
        @functools.wraps(function)
        async def inner(store, user):
            if store.is_allowed(user):  # made
                return await function(store, user)
        return inner

    @guarded
    async def view(store, user):
        return user
    await view(Store(), 1)


@case
async def check_that_returns_one():
    # mistake: tested_for_truth
    # fix: if await check(store, "ann"):
    def check(store, user):
        return user and store.is_allowed(user)  # made
    store = Store()
    if check(store, "ann"):
        pass


@case
async def property_of_a_plain_one_shown():
    # mistake 3.14-3.15: unknown
    # mistake: passed_to_function
    # fix 3.14-3.15: -
    # fix: print("", await profile.tags, end="", file=open("/dev/null", "w"))
    class Profile:
        @property
        def tags(self):
            return fetch([])  # made
    profile = Profile()
    print("", profile.tags, end="", file=open("/dev/null", "w"))
