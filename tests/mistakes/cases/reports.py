# SPDX-License-Identifier: MIT
"""Shapes of public bug reports, each named in the case; the programs are our own."""
import asyncio
import json
import threading
import weakref

from . import case


async def fetch(value=None):
    return value


class Account:
    @classmethod
    async def register(cls, token):
        return cls()

    async def measurement(self):
        return {"consumption": 1}


def swallow(function, *arguments):
    try:
        function(*arguments)
    except Exception:
        pass


@case
def attribute_of_a_variable_in_a_plain_function():
    # kapi2289/vulcan-api#81
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: save
    # fix: account = asyncio.run(Account.register("token"))
    # advice: make save() async and write: account = await Account.register("token")
    def save():
        account = Account.register("token")  # made
        return account.as_json
    swallow(save)


@case
async def item_of_a_variable_in_a_coroutine():
    # mewhrzad/marzpy#23
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: usage
    # fix: usage = await fetch(1)
    async def usage():
        usage = fetch(1)  # made
        return usage["used_traffic"]
    try:
        await usage()
    except TypeError:
        pass


@case
async def item_before_await():
    # rafolas in hectorespert/python-oligo#18: await binds weaker than [].
    # mistake: used_as_value
    # fix: return (await account.measurement())["consumption"]
    async def read(account):
        return await account.measurement()["consumption"]  # made
    try:
        await read(Account())
    except TypeError:
        pass


@case
async def dumped_as_json():
    # amks1 in zauberzeug/nicegui#4337, luca-arch in subzeroid/aiograpi#116
    # Now and then the dying traceback is not found here; the reason is not known yet.
    # mistake: passed_to_function
    # cause: exception_unwinding
    # ended: send | -
    async def send():
        data = {"items": fetch(1)}  # made
        return json.dumps(data)
    try:
        await send()
    except TypeError:
        pass


@case
async def iterated_from_a_variable():
    # cipig in kyuupichan/electrumx#332
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: notify
    # fix: touched = await fetch([1])
    async def notify():
        touched = fetch([1])  # made
        for item in touched:
            print(item)
    try:
        await notify()
    except TypeError:
        pass


@case
async def async_with_a_variable():
    # usbpc in python-caldav/caldav#661
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: sync
    # fix: client = await fetch()
    async def sync():
        client = fetch()  # made
        async with client as opened:
            print(opened)
    try:
        await sync()
    except (TypeError, AttributeError):
        pass


@case
async def called_from_a_variable():
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: run
    # fix: handler = await fetch(print)
    async def run():
        handler = fetch(print)  # made
        handler(1)
    try:
        await run()
    except TypeError:
        pass


@case
async def several_levels_up():
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: inner
    # fix: user = await fetch(1)
    async def inner():
        user = fetch(1)  # made
        return user.name

    async def middle():
        return await inner()

    async def outer():
        try:
            return await middle()
        finally:
            str(1)
    try:
        await outer()
    except AttributeError as error:
        text = str(error)
    return text


@case
async def other_thing_raised():
    # mistake: exception_before_await
    # cause: exception_unwinding
    # ended: work
    async def work():
        first = fetch(1)  # made
        int("x")
        await first
    try:
        await work()
    except ValueError:
        pass


@case
async def list_of_a_function_that_raises():
    # mistake: exception_before_await
    # cause: exception_unwinding
    # ended: gather_all
    async def gather_all():
        pending = [fetch(1)]  # made
        int("x")
        await asyncio.gather(*pending)
    try:
        await gather_all()
    except ValueError:
        pass


@case
async def in_as_a_test():
    # kawaczek in yshalsager/facebook2rss#10
    # mistake: compared
    # cause: exception_unwinding | refcount
    try:
        "x" in fetch()  # made
    except TypeError:
        pass


@case
async def all_of_a_generator():
    # microsoft/pyright#9129
    # mistake: tested_for_truth
    # fix with origin: return all([await fetch(value) for value in (1,)])
    return all(fetch(value) for value in (1,))  # made


@case
async def all_of_a_generator_that_captures():
    # mistake: tested_for_truth
    user = "ann"
    # fix with origin: return all([await fetch((user, value)) for value in (1,)])
    return all(fetch((user, value)) for value in (1,))  # made


@case
async def any_of_a_list():
    # mistake: tested_for_truth
    # fix with origin: return any([await fetch(value) for value in (1,)])
    return any([fetch(value) for value in (1,)])  # made


@case
async def filter_by_an_async_function():
    # mistake: async_callback
    return list(filter(fetch, [1]))


@case
async def sorted_by_an_async_key():
    # mistake: async_callback
    return sorted([1], key=fetch)


@case
def async_aiter():
    # kansoadi in long2ice/meilisync#76
    # mistake: async_special_method
    # fix: def __aiter__(self):
    # advice: make it a plain function, and move what it awaits elsewhere
    class Source:
        async def __aiter__(self):
            return self

        async def __anext__(self):
            raise StopAsyncIteration

    async def start():
        async for event in Source():
            print(event)
    swallow(asyncio.run, start())


@case
def hook_called_by_an_emitter():
    # christi in riga/pymitter#6
    # mistake: async_callback
    async def on_event(value):
        return value

    class Emitter:
        def __init__(self):
            self.listeners = []

        def on(self, function):
            self.listeners.append(function)

        def emit(self, value):
            for function in self.listeners:
                function(value)
    emitter = Emitter()
    emitter.on(on_event)
    emitter.emit(1)


@case
def operand_of_and():
    # eenblam in workfloworchestrator/orchestrator-core#1293
    # mistake 3.14-3.15: unknown
    # mistake: tested_for_truth
    async def allow(user):
        return False
    retry = allow
    return bool(retry and retry(1))


@case
def create_task_without_a_loop():
    # peterhinch in micropython/micropython#6174
    # mistake: no_running_loop
    # cause: exception_unwinding
    # ended: create_task
    try:
        asyncio.create_task(fetch())  # made
    except RuntimeError:
        pass


@case
def create_task_in_a_plain_function_without_a_loop():
    # mistake: no_running_loop
    # cause: exception_unwinding
    # ended: create_task
    def start():
        asyncio.create_task(fetch())  # made
    swallow(start)


@case
def create_task_in_a_thread():
    # craibo/ha_strava#157
    # mistake: no_running_loop
    # cause: exception_unwinding | refcount
    # ended: create_task
    def update():
        asyncio.create_task(fetch())  # made
    thread = threading.Thread(target=swallow, args=(update,))
    thread.start()
    thread.join()


@case(since=(3, 11))
async def wait_of_coroutines():
    # PlaidWeb/Pushl#49
    # mistake 3.15-3.15: never_scheduled | exception_before_await
    # mistake: never_scheduled
    # cause: exception_unwinding
    # fix with origin 3.15-3.15: - | await asyncio.wait([asyncio.create_task(fetch(1))])
    # fix with origin: await asyncio.wait([asyncio.create_task(fetch(1))])
    # ended: wait
    async def shutdown():
        await asyncio.wait([fetch(1)])  # made
    try:
        await shutdown()
    except TypeError:
        pass


@case
def weakref_finalizer():
    # mistake: async_callback
    class Session:
        pass

    async def close():
        pass
    session = Session()
    weakref.finalize(session, close)
    del session


@case
async def decorator_forgets():
    # kennethreitz/responder#346
    # mistake: awaited_result_discarded
    # mistake with origin: awaited_result_discarded
    # fix with origin: return await function()
    def signed_in(function):
        async def inner():
            return function()  # made
        return inner

    @signed_in
    async def post():
        return 1
    await post()
