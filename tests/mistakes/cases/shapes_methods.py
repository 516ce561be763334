# SPDX-License-Identifier: MIT
"""Shapes of special methods, initializers, overrides and attributes."""
import asyncio
import enum

from . import case
from .common import Store, fetch, swallow


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
    # mistake: async_special_method
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
    # mistake: async_callback
    # mistake 3.8-3.10: async_callback | kept_in_cycle
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
def class_attribute():
    # mistake: kept_in_cycle
    # cause: cyclic_gc | refcount | unknown
    class Settings:
        token = fetch(1)  # made
    return bool(Settings)


@case
async def client_of_an_object():
    # mistake: exception_before_await
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
def cog_unload():
    # Redjumpman/Jumper-Plugins#185
    # mistake: result_discarded
    # fix: asyncio.run(self.session.close()) | -
    class Session:
        async def close(self):
            pass

    class Cog:
        def __init__(self):
            self.session = Session()

        def cog_unload(self):
            self.session.close()  # made
    Cog().cog_unload()


@case
async def overridden_close():
    # mistake: result_discarded
    # fix: await super().close()
    class Base:
        async def close(self):
            pass

    class Derived(Base):
        async def close(self):
            super().close()  # made
    await Derived().close()


@case
async def on_close_in_a_finally():
    # run-llama/llama_index#18272
    # mistake: result_discarded
    # fix: await client.close()
    class Redis:
        async def close(self):
            pass
    client = Redis()
    try:
        await fetch(1)
    finally:
        client.close()  # made


@case
async def message_sent():
    # pocc/bga_discord#25
    # mistake: result_discarded
    # fix: await message.send("Enter a number between 1 and 3 (see embed above)")
    class Message:
        async def send(self, text):
            pass
    message = Message()
    message.send("Enter a number between 1 and 3 (see embed above)")  # made


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
async def pipeline_of_a_plain_name():
    # NoneGG/aredis#54: pipeline() is async with transactions; its methods are called on the coroutine
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: insert | -
    class Client:
        async def pipeline(self, transaction=True):
            return self

    async def insert(client):
        pipe = client.pipeline(transaction=True)  # made
        await pipe.set("key", 1)
    try:
        await insert(Client())
    except AttributeError:
        pass


@case
async def corruption_check():
    # karpetrosyan/hishel#417
    # mistake: tested_for_truth
    # fix: if await store.is_allowed(1):
    store = Store()
    if store.is_allowed(1):  # made
        return 1
    return 2


@case
async def stream_manager_of_a_request():
    # openai/openai-python#1265: the manager is awaited in place of being entered
    # mistake: unknown
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: stream | __init__ | -
    class Manager:
        def __init__(self, request):
            self.request = request

    def stream():
        request = fetch(1)  # made
        return Manager(request)
    try:
        await stream()
    except TypeError:
        pass
