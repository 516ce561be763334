# SPDX-License-Identifier: MIT
"""Shapes of special methods, awaited results, mocks and libraries, written down before any rule was looked at."""
import asyncio
import concurrent.futures
import enum
import threading
import types
from unittest import mock

from . import case
from .common import Store, fetch, swallow


@case
def async_decorator_called():
    # mistake: used_as_value | passed_as_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: work | -
    async def logged(function):
        return function

    def work():
        @logged  # made
        def save():  # made
            return 1
        return save()
    swallow(work)


@case
async def async_await_method():
    # mistake: async_special_method
    # fix: def __await__(self):
    # cause: exception_unwinding | refcount | unknown
    # ended: wait | -
    class Job:
        async def __await__(self):
            return 1

    async def wait():
        return await Job()
    try:
        await wait()
    except TypeError:
        pass


@case
async def setter_of_a_property():
    # mistake: async_special_method | async_callback
    class Account:
        @property
        def limit(self):
            return 1

        @limit.setter
        async def limit(self, value):
            pass
    Account().limit = 5


@case
async def missing_of_a_dict():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: read | -
    class Cache(dict):
        async def __missing__(self, key):
            return {}

    async def read(cache):
        return cache["a"]["name"]
    try:
        await read(Cache())
    except TypeError:
        pass


@case
async def async_operator():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: read | -
    class Query:
        async def __or__(self, other):
            return self

    async def read(query):
        both = query | query
        return both.rows
    try:
        await read(Query())
    except AttributeError:
        pass


@case
def missing_of_an_enumeration():
    # mistake: async_callback | async_special_method
    # mistake 3.8-3.10: async_callback | async_special_method | kept_in_cycle
    # cause: exception_unwinding | refcount | cyclic_gc | unknown
    # ended: - | find | __new__ | Enum.__new__ | __call__ | EnumMeta.__call__ | EnumType.__call__
    class Color(enum.Enum):
        RED = 1

        @classmethod
        async def _missing_(cls, value):
            return cls.RED

    def find():
        return Color(2)
    swallow(find)


@case
async def connect_in_an_initializer():
    # mistake: result_discarded
    # fix: task = asyncio.create_task(self.connect())
    class Client:
        def __init__(self):
            self.connect()  # made

        async def connect(self):
            pass
    Client()


@case
async def subclass_made_it_async():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: run | Base.run | -
    class Base:
        def config(self):
            return {}

        def run(self):
            return self.config()["name"]  # made

    class Derived(Base):
        async def config(self):
            return {}
    swallow(Derived().run)


@case
async def streams_of_a_connection():
    # mistake: used_as_value
    # fix: reader, writer = await asyncio.open_connection("localhost", 1)
    # cause: exception_unwinding | refcount | unknown
    # ended: connect | -
    async def connect():
        reader, writer = asyncio.open_connection("localhost", 1)  # made
        return reader, writer
    try:
        await connect()
    except TypeError:
        pass


@case
async def future_given_a_coroutine():
    # The statement that would show it is gone when its task ends.
    # mistake: awaited_result_discarded | passed_to_function | unknown
    # cause: refcount | frame_end | unknown
    # ended: future_given_a_coroutine | -
    future = asyncio.get_running_loop().create_future()
    future.set_result(fetch(1))  # made
    await future


async def allowed_later():
    return fetch(1)


@case
async def awaited_coroutine_tested():
    # mistake: tested_for_truth
    if await allowed_later():
        return 1
    return 2


@case
async def awaited_coroutine_compared():
    # mistake: compared
    # cause: exception_unwinding | refcount | unknown
    # ended: check | -
    async def check():
        return await allowed_later() == 1
    await check()


@case
async def awaited_coroutine_in_a_text():
    # mistake: formatted
    return f"{await allowed_later()}"


@case(since=(3, 9))
async def rows_of_a_thread():
    # mistake: used_as_value | given_to_executor | unknown
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load():
        rows = await asyncio.to_thread(fetch, 1)
        return rows[0]
    try:
        await load()
    except TypeError:
        pass


@case
def lambda_of_a_pool():
    # mistake: given_to_executor | returned_and_dropped | async_callback | kept_in_container
    # cause: refcount | frame_end | unknown
    # ended: - | work | Future.exception
    def work():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: fetch(1)).exception()  # made
    work()


@case
def timer_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: - | run | Timer.run | start
    def start():
        timer = threading.Timer(0, fetch(1))  # made
        timer.start()
        timer.join()
    start()


@case
def wrapped_by_a_mock():
    # mistake: async_callback | result_discarded | returned_and_dropped
    send = mock.Mock(wraps=fetch)
    send(1)  # made


@case
def side_effects_of_a_mock():
    # mistake: held_by_mock
    # cause: refcount | frame_end | cyclic_gc | unknown
    # ended: - | test
    def test():
        get = mock.Mock(side_effect=[fetch(1)])  # made
        return bool(get)
    test()


@case
async def coroutine_of_a_check():
    # mistake: passed_to_function | tested_for_truth
    # cause: refcount | frame_end | unknown
    # ended: - | iscoroutine
    if asyncio.iscoroutine(fetch(1)):  # made
        pass


@case
def class_attribute():
    # mistake: kept_in_container | kept_in_cycle
    # cause: cyclic_gc | refcount | unknown
    class Settings:
        token = fetch(1)  # made
    return bool(Settings)


@case
async def printed_map():
    # mistake: formatted | passed_to_function | async_callback
    # cause: refcount | unknown
    # ended: - | show
    def show():
        str.format(*map(fetch, ("{}", "b")))
    swallow(show)


@case(needs="httpx")
async def json_of_a_client():
    # mistake: used_as_value
    # mistake 3.8-3.10: used_as_value | exception_before_await
    # fix: return (await client.get("http://localhost:1/")).json()
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    import httpx

    async def load(client):
        return client.get("http://localhost:1/").json()  # made
    async with httpx.AsyncClient() as client:
        try:
            await load(client)
        except AttributeError:
            pass


@case(needs="django.views.decorators.http")
def decorated_async_view():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: answer | -
    from django.views.decorators.http import require_GET

    @require_GET
    async def view(request):
        return {}

    def answer(request):
        response = view(request)  # made
        response["X-Frame-Options"] = "DENY"
    swallow(answer, types.SimpleNamespace(method="GET"))


@case(needs="anyio")
async def anyio_sleep_not_awaited():
    # mistake: result_discarded
    # fix: await anyio.sleep(1)
    import anyio
    anyio.sleep(1)  # made


@case(needs="tornado.httpclient")
def handler_of_a_request():
    # mistake: used_as_value | kept_in_container
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    def load(client):
        response = client.get("a")  # made
        return response.body
    swallow(load, Store())
