# SPDX-License-Identifier: MIT
"""Shapes of objects: states, special methods, plugins, middlewares, locks; and awaits of one part only."""
import asyncio

from . import case
from .common import Store, fetch, swallow


@case
async def condition_of_an_awaited_value():
    # mistake: tested_for_truth
    # fix: return await store.get("a") if await store.is_allowed(1) else None
    async def load(store):
        return await store.get("a") if store.is_allowed(1) else None  # made
    await load(Store())


@case
async def printed_stars():
    # mistake: formatted | passed_to_function | unknown
    # fix: -
    # cause: frame_end | refcount | unknown
    import io
    print(*[fetch(number) for number in (1,)], file=io.StringIO())  # made


@case
async def state_that_is_replaced():
    # sca075/mqtt_vacuum_camera#135
    # mistake: kept_in_container
    class Connector:
        def __init__(self):
            self.state = None
            self.seen = []

        async def decode(self, payload):
            return payload.decode()

        def received(self, payload):
            self.state = self.decode(payload)  # made
            if self.state == "error":
                self.seen.append(payload)
    connector = Connector()
    connector.received(b"ok")
    connector.state = None


@case
async def clone_of_an_object():
    # its frame holds the memo, which holds it
    # mistake: used_as_value | async_special_method | async_callback | kept_in_cycle
    # cause: exception_unwinding | refcount | frame_end | cyclic_gc | unknown
    # ended: fork | -
    import copy

    class Context:
        name = "a"

        async def __deepcopy__(self, memo):
            return Context()

    def fork(context):
        clone = copy.deepcopy(context)
        return clone.name
    swallow(fork, Context())


@case
def async_less():
    # mistake: async_special_method
    # fix: def __lt__(self, other):
    class Version:
        async def __lt__(self, other):
            return True
    sorted([Version(), Version()])


@case
def async_set_of_a_descriptor():
    # mistake: async_special_method
    # fix: def __set__(self, owner, value):
    class Field:
        async def __set__(self, owner, value):
            pass

    class Model:
        name = Field()
    Model().name = "x"


@case
def async_next():
    # mistake: async_special_method | used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: names | <listcomp> | -
    class Rows:
        def __iter__(self):
            return self

        async def __next__(self):
            raise StopIteration

    def names():
        return [row.name for row in Rows()]
    swallow(names)


@case
async def tasks_of_a_plugin():
    # mistake: result_discarded | async_callback
    class Plugin:
        name = "mail"

        async def on_startup(self, app):
            pass

    class App:
        def __init__(self, plugins):
            self.plugins = {plugin.name: plugin for plugin in plugins}

        async def broadcast(self, hook):
            for plugin in self.plugins.values():
                method = getattr(plugin, hook, None)
                if callable(method):
                    method(self)  # made
    await App([Plugin()]).broadcast("on_startup")


@case
async def result_of_a_loop_of_middlewares():
    # mistake: used_as_value | async_callback
    # fix: -
    # fix with origin: request = await middleware(request)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: handle | -
    async def authenticate(request):
        return {**request, "user": "a"}

    async def handle(request, middlewares):
        for middleware in middlewares:
            request = middleware(request)  # made
        return request["user"]
    try:
        await handle({}, [authenticate])
    except TypeError:
        pass


@case
async def lock_given_back_by_hand():
    # mistake: result_discarded
    # fix: await lock.release()
    class RedisLock:
        async def acquire(self):
            return True

        async def release(self):
            pass

    async def work(lock):
        if not await lock.acquire():
            return
        try:
            await asyncio.sleep(0)
        finally:
            lock.release()  # made
    await work(RedisLock())
