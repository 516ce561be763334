# SPDX-License-Identifier: MIT
"""Shapes of services: observers, clients that connect and close, permissions, texts that are put together."""
import asyncio

from . import case
from .common import Store, fetch
from .shapes_bots import Message


@case
async def notification_of_all_observers():
    # mistake: result_discarded
    # fix: await observer.update(event)
    class Observer:
        async def update(self, event):
            return event

    class Subject:
        def __init__(self):
            self.observers = [Observer(), Observer()]

        async def notify(self, event):
            for observer in self.observers:
                observer.update(event)  # made
    await Subject().notify("x")


@case
async def notification_by_a_comprehension():
    # mistake: kept_in_container
    class Observer:
        async def update(self, event):
            return event
    observers = [Observer(), Observer()]
    [observer.update("x") for observer in observers]  # made


@case
async def connection_that_is_made_in_init():
    # mistake: result_discarded
    class Client:
        def __init__(self):
            self.connected = False
            self.connect()  # made

        async def connect(self):
            self.connected = True
    Client()


@case
async def connection_in_init_used_later():
    # mistake: used_as_value | kept_in_cycle
    # advice: await it in an async function: self.connection = await self.connect()
    # cause: exception_unwinding | refcount | unknown | frame_end | cyclic_gc
    # ended: query | -
    class Client:
        def __init__(self):
            self.connection = self.connect()  # made

        async def connect(self):
            return Store()

        async def query(self):
            return await self.connection.get("a")

    async def main():
        client = Client()
        try:
            await client.query()
        except AttributeError:
            pass
    await main()


@case
async def context_manager_that_closes():
    # mistake: result_discarded
    class Client:
        async def close(self):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *args):
            self.close()  # made
    with Client():
        await asyncio.sleep(0)


@case
async def exit_that_forgets_to_close():
    # mistake: result_discarded
    # fix: await self.session.close()
    class Session:
        async def close(self):
            pass

    class Client:
        def __init__(self):
            self.session = Session()

        async def __aenter__(self):
            return self

        async def __aexit__(self, *args):
            self.session.close()  # made
    async with Client():
        pass


@case
async def plain_override_of_an_async_method():
    # mistake: result_discarded
    class Base:
        async def save(self, row):
            return row

    class Audited(Base):
        def save(self, row):
            super().save(row)  # made
    Audited().save(1)


@case
async def override_that_forgets_super():
    # mistake: result_discarded
    # fix: await super().close()
    class Base:
        async def close(self):
            pass

    class Pool(Base):
        async def close(self):
            self.closed = True
            super().close()  # made
    await Pool().close()


@case
async def permission_in_a_guard():
    # mistake: tested_for_truth
    # fix: if not await store.is_allowed(user):
    async def delete(store, user):
        if not store.is_allowed(user):  # made
            raise PermissionError(user)
        return True
    await delete(Store(), "mallory")


@case
async def permission_of_several():
    # mistake: tested_for_truth
    # fix: if user and await store.is_allowed(user) and user != "root":
    async def may(store, user):
        if user and store.is_allowed(user) and user != "root":  # made
            return True
        return False
    await may(Store(), "mallory")


@case
async def any_permission():
    # mistake: tested_for_truth
    async def may(store, users):
        return any(store.is_allowed(user) for user in users)  # made
    await may(Store(), ["a", "b"])


@case
async def count_that_is_formatted():
    # mistake: formatted
    # fix: return f"{await store.get('a')} users"
    async def title(store):
        return f"{store.get('a')} users"  # made
    await title(Store())


@case
async def count_that_is_formatted_with_a_width():
    # mistake: formatted | used_as_value
    # fix: return f"{await store.get('a'):>10}"
    # cause: exception_unwinding | refcount | unknown
    # ended: title | -
    async def title(store):
        return f"{store.get('a'):>10}"  # made
    try:
        await title(Store())
    except TypeError:
        pass


@case
async def names_that_are_joined():
    # mistake: passed_to_function | used_as_value | unknown
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: title | <genexpr> | -
    async def title(store):
        return ", ".join(store.get(key) for key in "ab")  # made
    try:
        await title(Store())
    except TypeError:
        pass


@case
async def rows_that_are_sorted():
    # mistake: async_callback
    # created: inferred | unknown
    # cause: exception_unwinding | refcount | unknown
    # ended: order | -
    async def weight(row):
        return -row

    async def order(rows):
        return sorted(rows, key=weight)  # made
    try:
        await order([1, 2, 3])
    except TypeError:
        pass


@case
async def result_of_the_wrong_gather():
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: load | -
    async def load():
        jobs = [fetch(1), fetch(2)]  # made
        return await asyncio.gather(jobs)
    try:
        await load()
    except TypeError:
        pass


@case
async def second_await_is_missing():
    # mistake: returned_and_dropped | awaited_result_discarded
    async def outer():
        return fetch(1)  # made
    await outer()


@case
async def value_of_a_conditional_await():
    # mistake: result_discarded
    # fix: await message.reply("a") if quick else await message.channel.send("b")
    async def answer(message, quick):
        message.reply("a") if quick else await message.channel.send("b")  # made
    await answer(Message("x"), True)
