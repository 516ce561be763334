# SPDX-License-Identifier: MIT
"""Shapes of bots, gateways and pipelines: objects that hold others, events with several stages, state that is kept."""
import asyncio
import collections
import contextlib
import contextvars
import dataclasses
import functools
import json
import operator
import types
import typing
import weakref

from . import case
from .common import Store, fetch


class Channel:
    def __init__(self):
        self.sent = []

    async def send(self, text, *, silent=False):
        self.sent.append(text)
        return self

    async def history(self, limit=10):
        return list(self.sent)[-limit:]

    async def edit(self, **changes):
        return self


class Message:
    def __init__(self, content):
        self.content = content
        self.channel = Channel()

    async def reply(self, text):
        return await self.channel.send(text)

    async def delete(self):
        pass


@case
async def reply_in_one_branch():
    # mistake: result_discarded
    # fix: await message.reply("pong")
    async def on_message(message):
        if message.content == "hello":
            await message.reply("hello")
        elif message.content.startswith("ping"):
            message.reply("pong")  # made
        else:
            await message.delete()
    await on_message(Message("ping"))


@case
async def message_that_is_deleted_after_a_while():
    # mistake: result_discarded
    # fix: await message.delete()
    async def clean_up(message, after):
        await asyncio.sleep(after)
        with contextlib.suppress(KeyError):
            message.delete()  # made
    await clean_up(Message("x"), 0)


@case
async def chain_of_three_calls():
    # mistake: used_as_value
    # fix: await (await message.channel.send("a")).edit(content="b")
    # cause: exception_unwinding | refcount | unknown
    # ended: on_message | -
    async def on_message(message):
        await message.channel.send("a").edit(content="b")  # made
    try:
        await on_message(Message("x"))
    except AttributeError:
        pass


@case
async def last_of_the_history():
    # mistake: used_as_value
    # fix: last = (await message.channel.history(limit=1))[0]
    # cause: exception_unwinding | refcount | unknown
    # ended: on_message | -
    async def on_message(message):
        last = message.channel.history(limit=1)[0]  # made
        return last
    try:
        await on_message(Message("x"))
    except TypeError:
        pass


@case
async def history_that_is_gone_through():
    # mistake: used_as_value
    # fix: for text in await message.channel.history():
    # cause: exception_unwinding | refcount | unknown
    # ended: purge | -
    async def purge(message):
        for text in message.channel.history():  # made
            await fetch(text)
    try:
        await purge(Message("x"))
    except TypeError:
        pass


@case
async def history_as_async_iterator():
    # mistake: used_as_value
    # fix: async for text in await message.channel.history():
    # cause: exception_unwinding | refcount | unknown
    # ended: purge | -
    async def purge(message):
        async for text in message.channel.history():  # made
            await fetch(text)
    try:
        await purge(Message("x"))
    except TypeError:
        pass


@case
async def answer_by_a_table_of_commands():
    # mistake: async_callback
    # fix: await handler(message)
    async def ping(message):
        await message.reply("pong")

    async def dispatch(message):
        commands = {"ping": ping}
        handler = commands.get(message.content)
        if handler is not None:
            handler(message)  # made
    await dispatch(Message("ping"))


@case
async def answer_of_a_bound_partial():
    # mistake: result_discarded
    # fix: await answer("pong")
    async def dispatch(message):
        answer = functools.partial(message.channel.send, silent=True)
        answer("pong")  # made
    await dispatch(Message("ping"))


@case
async def first_answer_wins():
    # mistake 3.8-3.10: unknown
    # fix 3.8-3.10: -
    # mistake: tested_for_truth
    # cause: frame_end | refcount | unknown
    # ended: ask | -
    # fix: answer = await fetch(None) or "default"
    async def ask():
        answer = fetch(None) or "default"  # made
        return len(str(answer)) > 0
    await ask()


@case
async def state_that_is_kept_by_key():
    # mistake: kept_in_container | unknown
    # fix: self.users[key] = await fetch(key) | -
    class Cache:
        def __init__(self):
            self.users = {}

        async def load(self, key):
            if key not in self.users:
                self.users[key] = fetch(key)  # made
            return self.users[key]
    cache = Cache()
    await cache.load("a")
    del cache


@case
async def pipeline_of_steps():
    # mistake: async_callback
    # fix: await step(value)
    async def strip(value):
        return value.strip()

    async def pipeline(value):
        for step in (strip, fetch):
            value = await step(value)
        for step in (strip,):
            step(value)  # made
        return value
    await pipeline(" a ")


@case
async def value_through_a_reduce():
    # mistake: passed_to_function | used_as_value
    async def add(total, value):
        return total + value
    total = functools.reduce(lambda a, b: a + b, [1, 2, 3])
    try:
        operator.add(total, add(1, 2))  # made
    except TypeError:
        pass


@case
async def payload_of_a_request():
    # mistake: passed_to_function
    # fix: body = json.dumps({"user": await fetch(1), "at": 2})
    # cause: exception_unwinding | refcount | unknown
    # ended: post | dumps | -
    async def post():
        body = json.dumps({"user": fetch(1), "at": 2})  # made
        return body
    try:
        await post()
    except TypeError:
        pass


@case
async def field_of_a_dataclass():
    # mistake: passed_to_function
    # fix: profile = Profile(name=await store.get("a"))
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: load | -
    @dataclasses.dataclass
    class Profile:
        name: typing.Any

        def title(self):
            return self.name.title()

    async def load():
        store = Store()
        profile = Profile(name=store.get("a"))  # made
        return profile.title()
    try:
        await load()
    except AttributeError:
        pass


@case
async def field_of_a_namespace():
    # mistake: passed_to_function
    # fix: context = types.SimpleNamespace(user=await fetch({}), at=1)
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: load | -
    async def load():
        context = types.SimpleNamespace(user=fetch({}), at=1)  # made
        return context.user["name"]
    try:
        await load()
    except TypeError:
        pass


@case
async def variable_of_a_context():
    # mistake: passed_to_function | used_as_value | unknown
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: load | -
    current = contextvars.ContextVar("current")

    async def load():
        token = current.set(fetch({"a": 1}))  # made
        try:
            return current.get()["a"]
        finally:
            current.reset(token)
    try:
        await load()
    except TypeError:
        pass


@case
async def counter_of_results():
    # mistake: kept_in_container | used_as_value | passed_to_function | unknown
    # cause: frame_end | refcount | unknown
    # ended: count | -
    async def count(store):
        seen = collections.Counter()
        seen[store.get("a")] += 1  # made
        return max(seen.values())
    await count(Store())


@case
async def callback_of_a_weak_reference():
    # mistake: async_callback
    class Session:
        pass

    async def closed(reference):
        pass
    session = Session()
    reference = weakref.ref(session, closed)  # made
    # created: unknown | inferred
    del session, reference


@case
async def retry_with_a_lambda():
    # mistake: async_callback | result_discarded | returned_and_dropped
    # created: inferred | unknown
    def retry(function, times=2):
        for _ in range(times):
            try:
                function()
                return True
            except ValueError:
                continue
        return False
    retry(lambda: fetch(1))  # made


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
