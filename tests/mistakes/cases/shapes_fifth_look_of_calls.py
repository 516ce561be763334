# SPDX-License-Identifier: MIT
"""Shapes of callbacks, loops, special methods and libraries, written down before any rule was looked at."""
import asyncio
import functools
import gc
import json
import logging
import signal
import socketserver
import sys
import types
import weakref
import xmlrpc.server

from . import case
from .common import Store, fetch, swallow


class Thing:
    pass


async def setup(bot):
    bot.name = "x"


@case
def setup_of_an_extension():
    # Rapptz/discord.py#1751
    # mistake: result_discarded | async_callback
    lib = types.SimpleNamespace(setup=setup)

    def load(module, bot):
        module.setup(bot)  # made
    load(lib, Thing())


@case
def hook_given_a_coroutine():
    # Rapptz/discord.py#2079: before_loop(bot.wait_until_ready())
    # mistake: passed_to_function | passed_as_callback | kept_in_container
    # cause: refcount | frame_end | unknown
    # ended: start | -
    class Loop:
        def before_loop(self, hook):
            self.before = hook

    def start():
        loop = Loop()
        loop.before_loop(fetch("ready"))  # made
        return bool(loop)
    start()


@case
def listener_given_a_coroutine():
    # sebr/bhyve-home-assistant#265
    # mistake: passed_as_callback | used_as_value | passed_to_function
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: start | fire | Bus.fire | -
    class Bus:
        def __init__(self):
            self.jobs = []

        def listen_once(self, event, job):
            self.jobs.append(job)

        def fire(self):
            for job in self.jobs:
                job("event")

    def start():
        bus = Bus()
        bus.listen_once("stop", fetch(1))  # made
        bus.fire()
    swallow(start)


@case
def session_closed_by_a_destructor():
    # aio-libs/aiohttp#2800
    # mistake: result_discarded
    class Client:
        def __init__(self):
            self.store = Store()

        def __del__(self):
            self.store.get("a")  # made
    Client()


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
    # mistake: never_scheduled | passed_to_function
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
def call_later_given_a_coroutine():
    # home-assistant/core#27907
    # mistake: passed_as_callback | never_scheduled
    # cause: refcount | frame_end | unknown
    # ended: start | -
    def start():
        loop = asyncio.new_event_loop()
        loop.call_later(60, fetch(1))  # made
        loop.close()
    start()


@case
async def signal_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: start | add_signal_handler | _UnixSelectorEventLoop.add_signal_handler | -
    async def start():
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, fetch(1))  # made
    try:
        await start()
    except TypeError:
        pass


@case
async def lambda_of_call_soon():
    # mistake: async_callback | returned_and_dropped
    asyncio.get_running_loop().call_soon(lambda: fetch(1))  # made
    await asyncio.sleep(0)


@case
def weak_reference_callback():
    # mistake: async_callback
    # cause: refcount | unknown
    thing = Thing()
    watch = weakref.ref(thing, fetch)
    del thing
    return watch


@case
def collector_callback():
    # mistake: async_callback
    # cause: refcount | cyclic_gc | unknown
    async def notice(phase, info):
        pass
    gc.callbacks.append(notice)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(notice)


@case
def hook_of_unraisable():
    # mistake: async_callback
    # mistake 3.8-3.10: async_callback | unknown
    class Broken:
        def __del__(self):
            raise ValueError
    old, sys.unraisablehook = sys.unraisablehook, fetch
    try:
        Broken()
    finally:
        sys.unraisablehook = old


@case
def handle_of_a_socket_server():
    # mistake: async_callback
    class Handler(socketserver.BaseRequestHandler):
        async def handle(self):
            pass
    Handler(None, ("", 0), None)


@case
def function_of_an_rpc_server():
    # mistake: async_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: - | dumps | _marshaled_dispatch | SimpleXMLRPCDispatcher._marshaled_dispatch
    server = xmlrpc.server.SimpleXMLRPCDispatcher(allow_none=True)
    server.register_function(fetch, "fetch")
    request = b"<methodCall><methodName>fetch</methodName><params/></methodCall>"
    server._marshaled_dispatch(request)


@case
def filter_of_a_logger():
    # mistake: async_callback | tested_for_truth
    # cause: refcount | frame_end | unknown
    # ended: - | filter | Filterer.filter
    async def keep(record):
        return False
    handler = logging.NullHandler()
    handler.addFilter(keep)
    handler.filter(logging.makeLogRecord({"msg": "x"}))


@case
def formatter_of_a_handler():
    # mistake: async_callback
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: - | emit | StreamHandler.emit
    class Formatter(logging.Formatter):
        async def format(self, record):
            return "x"
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter())
    handler.handleError = lambda record: None
    handler.emit(logging.makeLogRecord({"msg": "x"}))


@case
def compared_by_an_async_function():
    # mistake: async_callback | compared
    # cause: exception_unwinding | refcount | unknown
    # ended: order | -
    def order():
        return sorted([2, 1], key=functools.cmp_to_key(fetch))
    swallow(order)


@case
def hook_of_json():
    # mistake: used_as_value | async_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: parse | -
    def parse(text):
        data = json.loads(text, object_hook=fetch)
        return data["name"]
    swallow(parse, "{}")


@case
def first_that_is_allowed():
    # mistake: async_callback | tested_for_truth
    # cause: refcount | unknown
    store = Store()
    return next(filter(store.is_allowed, ["a", "b"]), None)


@case
def sorted_by_a_lambda():
    # mistake: compared | async_callback | used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: order | -
    def order():
        return sorted([2, 1], key=lambda number: fetch(number))  # made
    swallow(order)
