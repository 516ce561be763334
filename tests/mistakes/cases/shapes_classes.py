# SPDX-License-Identifier: MIT
"""Shapes of classes: properties, metaclasses, proxies, what an async method of a class forgets."""
import abc
import functools
import inspect

from . import case
from .common import fetch, swallow


class Profile:
    async def load(self, name):
        return [name]

    @property
    def tags(self):
        return self.load("tags")


class Row:
    @property
    async def total(self):
        return 1


@case
def single_dispatch_of_a_method():
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    # fix: asyncio.run(Handler().handle(1))
    class Handler:
        @functools.singledispatchmethod
        def handle(self, event):
            raise NotImplementedError

        @handle.register
        async def _(self, event: int):
            return event

    Handler().handle(1)


@case
def metaclass_with_an_async_call():
    # mistake: used_as_value
    # fix: client = asyncio.run(Client())
    # cause: exception_unwinding | unknown
    # ended: main
    class Meta(type):
        async def __call__(cls):
            return super().__call__()

    class Client(metaclass=Meta):
        def get(self):
            return 1

    def main():
        client = Client()  # made
        return client.get()
    swallow(main)


@case
async def method_of_what_a_factory_gives():
    # mistake: used_as_value
    # fix: (await Client.create()).connect()
    # cause: exception_unwinding | refcount | unknown
    # ended: - | main
    class Client:
        @classmethod
        async def create(cls):
            return cls()

        def connect(self):
            pass

    async def main():
        Client.create().connect()  # made
    try:
        await main()
    except AttributeError:
        pass


@case
async def check_by_an_object_that_is_called():
    # mistake: tested_for_truth
    # fix: if not await self.check(value):
    class Check:
        async def __call__(self, value):
            return False

    class Service:
        def __init__(self):
            self.check = Check()

        async def put(self, value):
            if not self.check(value):  # made
                raise ValueError
    await Service().put(1)


@case
async def method_by_a_proxy():
    # mistake: result_discarded
    # fix: await proxy.load("a")
    class Proxy:
        def __init__(self, target):
            self.target = target

        def __getattr__(self, name):
            return getattr(self.target, name)
    proxy = Proxy(Profile())
    proxy.load("a")  # made


@case
async def partial_method():
    # mistake: result_discarded
    # fix: await client.get("url")
    class Client:
        async def request(self, method, url):
            return url

        get = functools.partialmethod(request, "GET")
    client = Client()
    client.get("url")


@case
async def close_in_a_plain_exit():
    # pymodbus-dev/pymodbus#1892
    # mistake: result_discarded
    # fix: task = asyncio.create_task(self.close())
    # advice: keep a reference to task, or await it in an async function: await self.close()
    class Client:
        def __enter__(self):
            return self

        def __exit__(self, *exception):
            self.close()  # made

        async def close(self):
            pass
    with Client():
        pass


@case
async def close_in_an_async_exit():
    # mistake 3.8-3.8: unknown
    # mistake: awaited_result_discarded
    # fix: -
    # fix with origin 3.8-3.8: -
    # fix with origin: return await self.close()
    class Client:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *exception):
            return self.close()  # made

        async def close(self):
            pass
    async with Client():
        pass


@case
async def connect_in_an_async_enter():
    # mistake: result_discarded
    # fix: await self.connect()
    class Client:
        async def __aenter__(self):
            self.connect()  # made
            return self

        async def __aexit__(self, *exception):
            pass

        async def connect(self):
            pass
    async with Client():
        pass


@case
async def property_that_gives_one():
    # a lazy attribute: the property is plain, and what it calls is not
    # mistake: used_as_value
    # fix: for tag in await profile.tags:
    async def show(profile):
        for tag in profile.tags:
            str(tag)
    try:
        await show(Profile())
    except TypeError:
        pass


@case
async def property_that_gives_one_tested():
    # mistake: tested_for_truth
    # fix: if await profile.tags:
    profile = Profile()
    if profile.tags:
        return 1


@case
async def async_property_asked_for():
    # maxfischer2781/asyncstdlib#99
    # mistake 3.8-3.10: unknown
    # mistake: async_callback
    # fix: -
    return hasattr(Row(), "total")


@case
def async_properties_listed():
    # mistake 3.8-3.10: unknown
    # mistake: kept_in_container
    # fix: -
    inspect.getmembers(Row())


@case
def abstract_method_made_async():
    # mistake: tested_for_truth
    # fix: if asyncio.run(self.is_valid()):
    class Form(abc.ABC):
        @abc.abstractmethod
        def is_valid(self):
            pass

        def save(self):
            if self.is_valid():  # made
                return 1
            return 2

    class UserForm(Form):
        async def is_valid(self):
            return False
    UserForm().save()


@case
async def handlers_added_in_place():
    # mistake: async_special_method
    # fix: def __iadd__(self, handler):
    # cause: frame_end | unknown
    # ended: start
    class Bus:
        async def __iadd__(self, handler):
            return self

    async def start():
        bus = Bus()
        bus += print
        return bus is None
    await start()


@case
async def cached_by_hand():
    # mistake: used_as_value
    # cause: exception_unwinding | unknown
    # ended: headers | Client.headers
    class Client:
        def __init__(self):
            self.token = None

        def headers(self):
            if self.token is None:
                self.token = fetch("t")  # made
            return "Bearer " + self.token

    async def send():
        return Client().headers()
    try:
        await send()
    except TypeError:
        pass
