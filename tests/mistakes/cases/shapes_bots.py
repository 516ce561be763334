# SPDX-License-Identifier: MIT
"""Shapes of bots and pipelines: messages and channels, tables of commands, steps, state that is kept."""
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
