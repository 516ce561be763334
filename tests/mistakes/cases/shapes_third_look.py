# SPDX-License-Identifier: MIT
"""Shapes in hooks, overrides, registries and the standard library, written down before any rule was looked at."""
import argparse
import asyncio
import collections
import contextlib
import functools
import http.server
import io
import logging
import pickle
import socket
import sqlite3
import threading

from . import case
from .common import fetch, swallow


@case
async def exception_handler_of_a_loop():
    # mistake: async_callback
    async def on_error(loop, context):
        pass
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(on_error)
    loop.call_exception_handler({"message": "lost"})
    loop.set_exception_handler(None)


@case
def emit_of_a_logging_handler():
    # mistake: async_callback
    class Shipper(logging.Handler):
        async def emit(self, record):
            pass
    Shipper().handle(logging.makeLogRecord({"msg": "x"}))


@case
async def connection_made_of_a_protocol():
    # mistake: async_callback
    class Peer(asyncio.Protocol):
        async def connection_made(self, transport):
            pass
    one, other = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(Peer, sock=one)
    await asyncio.sleep(0)
    transport.close()
    other.close()
    await asyncio.sleep(0)


@case
def get_of_an_http_server():
    # mistake: async_callback
    class Request:
        def makefile(self, mode, *rest):
            return io.BytesIO(b"GET / HTTP/1.0\r\n\r\n")

        def sendall(self, data):
            pass

    class Handler(http.server.BaseHTTPRequestHandler):
        async def do_GET(self):
            pass
    Handler(Request(), ("", 0), None)


@case
def type_of_an_argument():
    # The parser keeps what it made; a line of the program's own lets go of it.
    # mistake: async_callback | kept_in_container
    # cause: refcount | frame_end | unknown
    # ended: - | type_of_an_argument
    parser = argparse.ArgumentParser()
    parser.add_argument("user", type=fetch)
    options = parser.parse_args(["7"])
    options.user = None


@case
async def suppressed_statement():
    # mistake: result_discarded
    # fix: await fetch(1)
    with contextlib.suppress(KeyError):
        fetch(1)  # made


@case
async def used_in_a_with_and_a_finally():
    # mistake: used_as_value
    # fix: user = await fetch(1)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load():
        with contextlib.suppress(KeyError):
            try:
                user = fetch(1)  # made
                with contextlib.suppress(KeyError):
                    return user["name"]
            finally:
                str(2)
    try:
        await load()
    except TypeError:
        pass


@case
def registry_of_a_background_thread():
    # mistake: async_callback
    # mistake 3.8-3.10: async_callback | result_discarded
    class Registry:
        def __init__(self):
            self.hooks = collections.defaultdict(list)

        def run(self, event):
            for hook in self.hooks[event]:
                hook(event)  # made
    registry = Registry()
    registry.hooks["stop"].append(fetch)
    thread = threading.Thread(target=registry.run, args=("stop",))
    thread.start()
    thread.join()


@case
def factory_of_a_default_dict():
    # mistake: used_as_value | async_callback | exception_before_await
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: count | -
    def count():
        rooms = collections.defaultdict(fetch)
        rooms["lobby"].append(1)
    swallow(count)


@case
async def single_dispatch():
    # mistake: returned_and_dropped | result_discarded
    # fix: await handle(1)
    @functools.singledispatch
    async def handle(event):
        pass
    handle(1)  # made


@case
async def partial_never_called():
    # mistake: passed_to_function | assigned_never_used | kept_in_container
    # cause: refcount | frame_end | unknown
    # ended: plan | -
    def plan():
        job = functools.partial(asyncio.run, fetch(1))  # made
        return bool(job)
    plan()


@case
async def event_not_waited_for():
    # mistake: result_discarded
    # fix: await done.wait()
    done = asyncio.Event()
    done.wait()  # made


@case
async def lock_tested():
    # mistake: tested_for_truth
    # fix: if await lock.acquire():
    lock = asyncio.Lock()
    if lock.acquire():  # made
        pass


@case
def sleep_in_a_plain_function():
    # mistake: result_discarded
    # fix: asyncio.run(asyncio.sleep(1))
    for _ in range(1):
        asyncio.sleep(1)  # made


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
async def yielded_by_a_generator():
    # mistake: kept_in_container | unknown
    # cause: refcount | frame_end | unknown
    # ended: collect | -
    def jobs():
        for number in range(2):
            yield fetch(number)  # made

    def collect():
        found = list(jobs())
        return len(found)
    collect()


@case
async def dict_of_a_map():
    # mistake: used_as_value | exception_before_await
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    def load():
        users = dict(zip("ab", map(fetch, "ab")))
        return users["a"]["name"]
    swallow(load)


@case
async def pickled():
    # mistake: passed_to_function
    # fix: return pickle.dumps(await fetch(1))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: store | -
    async def store():
        return pickle.dumps(fetch(1))  # made
    try:
        await store()
    except TypeError:
        pass


@case
async def parameter_of_a_query():
    # mistake: passed_to_function | kept_in_container
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: find | -
    async def find(db):
        return db.execute("select ?", (fetch(1),))  # made
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        try:
            await find(db)
        except sqlite3.Error:
            pass


@case
async def lesser_of_two():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: price | -
    def price():
        return min(fetch(1), fetch(2))  # made
    swallow(price)


@case
async def put_into_a_queue():
    # mistake: result_discarded
    # fix: await queue.put(1)
    queue = asyncio.Queue()
    queue.put(1)  # made


@case
async def client_of_an_object():
    # mistake: used_as_value | exception_before_await
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: ask | read | Service.read | -
    class Service:
        def __init__(self):
            self.client = fetch(1)  # made

        def read(self):
            return self.client.get("/")

    def ask():
        return Service().read()
    swallow(ask)


@case
async def thread_never_started():
    # mistake: passed_to_function | kept_in_container | kept_in_cycle | unknown
    # cause: refcount | frame_end | cyclic_gc | unknown
    # ended: prepare | -
    def prepare():
        thread = threading.Thread(target=asyncio.run, args=(fetch(1),))  # made
        return bool(thread)
    prepare()


@case
async def next_of_it():
    # mistake: passed_to_function | used_as_value
    # fix: return next(await fetch(1))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: first | -
    async def first():
        return next(fetch(1))  # made
    try:
        await first()
    except TypeError:
        pass


@case
async def attribute_set_on_it():
    # mistake: used_as_value
    # fix: (await fetch(1)).name = "x"
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: rename | -
    async def rename():
        fetch(1).name = "x"  # made
    try:
        await rename()
    except AttributeError:
        pass


@case
async def lambda_in_an_executor():
    # mistake: awaited_result_discarded | unknown
    # cause: refcount | unknown
    # ended: - | <lambda>
    await asyncio.get_running_loop().run_in_executor(None, lambda: fetch(1))  # made
