# SPDX-License-Identifier: MIT
"""Shapes of handlers, managers and runners that do not know that something is async, and of patched waits."""
import asyncio
import inspect
import unittest.mock

import relay

from . import case
from .common import Store, fetch, swallow


@case
async def slot_of_a_signal():
    # pyapp-kit/psygnal#345
    # mistake: async_callback
    class Signal:
        def __init__(self):
            self.slots = []

        def connect(self, slot):
            self.slots.append(slot)

        def emit(self, *arguments):
            for slot in self.slots:
                slot(*arguments)  # made

    class Window:
        clicked = Signal()

        def __init__(self):
            self.clicked.connect(self.on_clicked)

        async def on_clicked(self, button):
            pass
    Window().clicked.emit("ok")


@case
async def handler_of_an_event_name():
    # langchain-ai/langchain#9798
    # mistake: async_callback
    class Handler:
        async def on_start(self, **named):
            pass

    def handle_event(handlers, event_name, **named):
        for handler in handlers:
            try:
                getattr(handler, event_name)(**named)  # made
            except NotImplementedError:
                pass
    handle_event([Handler()], "on_start", prompt="x")


@case
async def manager_that_is_async():
    # langchain-ai/chat-langchain#83: an async manager in a class that knows of plain ones
    # mistake: result_discarded
    # fix: task = asyncio.create_task(self.manager.on_chain_start({"name": "x"}, verbose=True,))
    class AsyncManager:
        async def on_chain_start(self, options, verbose):
            pass

    class Chain:
        def __init__(self, manager):
            self.manager = manager

        def run(self):
            self.manager.on_chain_start(  # made
                {"name": "x"},
                verbose=True,
            )
    Chain(AsyncManager()).run()


@case
async def runner_that_wants_a_function():
    # nicoddemus/qt-async-threads#41
    # mistake: passed_as_callback | passed_to_function
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: to_sync | Runner.to_sync | start | Tray.start | -
    class Runner:
        def to_sync(self, function):
            if not callable(function):
                raise TypeError("not a function")
            return function

    class Tray:
        def __init__(self):
            self.runner = Runner()

        async def scan(self):
            pass

        def start(self):
            self.runner.to_sync(self.scan())  # made
    swallow(Tray().start)


@case
async def aggregation_not_awaited():
    # mikeywhiston/ERM#205
    # mistake: used_as_value
    # fix: async for row in await collection.aggregate([{"$match": {}}]):
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    class Collection:
        async def aggregate(self, pipeline):
            return None

    async def load(collection):
        async for row in collection.aggregate([{"$match": {}}]):  # made
            str(row)
    try:
        await load(Collection())
    except TypeError:
        pass


@case
async def list_of_an_aggregation():
    # BeanieODM/beanie#1206
    # mistake: used_as_value
    # fix: cursor = await collection.aggregate([])
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    class Collection:
        async def aggregate(self, pipeline):
            return None

    async def load(collection):
        cursor = collection.aggregate([])  # made
        return await cursor.to_list(None)
    try:
        await load(Collection())
    except AttributeError:
        pass


@case
async def timeout_of_a_patched_wait_for():
    # rigplane/rigplane-core#962
    # mistake: held_by_mock | kept_in_cycle | passed_to_function
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | cyclic_gc | unknown
    # ended: wait_done | -
    async def wait_done(done):
        try:
            await asyncio.wait_for(done.wait(), 1)  # made
        except asyncio.TimeoutError:
            return False
        return True
    with unittest.mock.patch.object(asyncio, "wait_for", side_effect=asyncio.TimeoutError):
        await wait_done(asyncio.Event())


@case
async def connection_given_to_a_patched_wait_for():
    # KRoperUK/sungrow-hass#376
    # mistake: mock_not_awaited
    # cause: exception_unwinding | refcount | frame_end | cyclic_gc | unknown
    async def reachable(host):
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, 1), timeout=1)
        return reader, writer
    with unittest.mock.patch.object(asyncio, "open_connection", new_callable=unittest.mock.AsyncMock):
        with unittest.mock.patch.object(asyncio, "wait_for", new_callable=unittest.mock.AsyncMock) as wait_for:
            wait_for.return_value = (1, 2)
            await reachable("x")


@case
async def awaited_only_if_it_is_a_function():
    # mistake: assigned_never_used | async_callback
    # cause: refcount | frame_end | unknown
    # ended: call | -
    async def call(hook, *arguments):
        value = hook(*arguments)  # made
        if isinstance(value, asyncio.Future):
            value = await value
        return inspect.isawaitable(value)
    await call(fetch, 1)


@case
async def listener_of_an_emitter_that_is_wrapped():
    # mistake: async_callback
    # fix: emitter.on("ready", logged(lambda *args, **kwargs: asyncio.ensure_future(on_ready(*args, **kwargs)))) | -
    def logged(function):
        def inner(*arguments):
            return function(*arguments)  # made
        return inner

    async def on_ready(event):
        pass
    emitter = relay.Emitter()
    emitter.on("ready", logged(on_ready))
    emitter.emit("ready", 1)


@case
async def session_saved_in_a_lambda():
    # mistake: async_callback | returned_and_dropped
    # fix: -
    emitter = relay.Emitter()
    store = Store()
    emitter.on("done", lambda event: store.get(event))  # made
    emitter.emit("done", "a")


@case
async def awaited_twice_over():
    # mistake: awaited_result_discarded
    async def prepare(store):
        return store.get("a")  # made

    async def start(store):
        await prepare(store)
    await start(Store())


class Users:
    async def create_user(self, user_id):
        return user_id


@case
async def one_of_many_not_awaited():
    # mistake: result_discarded
    # fix: await users.create_user(2)
    async def fill(users):
        await users.create_user(1)
        users.create_user(2)  # made
        await users.create_user(3)
    await fill(Users())


@case
async def assigned_and_created_elsewhere():
    # mistake: compared
    # fix: second = await users.create_user(2)
    # cause: refcount | frame_end | unknown
    # ended: fill | -
    async def fill(users):
        first = await users.create_user(1)
        second = users.create_user(2)  # made
        return [first, second is None]
    await fill(Users())
