# SPDX-License-Identifier: MIT
"""Shapes of names and values that go round about, and of libraries, written down before any rule was looked at."""
import asyncio
import contextvars
import operator

from . import case
from .common import Store, fetch, swallow


@case
async def result_of_it():
    # mistake: used_as_value
    # fix: return (await fetch(1)).result()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: ask | -
    async def ask():
        return fetch(1).result()  # made
    try:
        await ask()
    except AttributeError:
        pass


@case
def list_run_until_complete():
    # A loop is there, and it refuses a list.
    # mistake: passed_to_function | kept_in_container | never_scheduled | exception_before_await | unknown
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: run | run_until_complete | BaseEventLoop.run_until_complete | ensure_future | _ensure_future | -
    def run():
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete([fetch(1)])  # made
        finally:
            loop.close()
    swallow(run)


@case(until=(3, 13))
async def completed_not_awaited():
    # mistake: assigned_never_used | unknown
    # cause: refcount | frame_end | unknown
    # ended: wait | -
    async def wait():
        for done in asyncio.as_completed([asyncio.ensure_future(asyncio.sleep(0))]):
            str(done)
    await wait()
    await asyncio.sleep(0)


@case
async def set_of_them():
    # mistake: kept_in_container | unknown
    # cause: refcount | frame_end | unknown
    # ended: count | -
    def count():
        found = set(fetch(number) for number in range(2))  # made
        return len(found)
    count()


@case
async def argument_of_an_exception():
    # mistake: passed_to_function | kept_in_container
    # mistake 3.8-3.10: passed_to_function | kept_in_container | exception_before_await
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: fail | -
    def fail():
        raise ValueError(fetch(1))  # made
    swallow(fail)


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
async def conditional_statement():
    # mistake: result_discarded
    # fix: await fetch(1) if swallow else None
    fetch(1) if swallow else None  # made


@case
async def chained_comparison():
    # mistake: compared
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: inside | -
    async def inside():
        return 0 < fetch(1) < 3  # made
    try:
        await inside()
    except TypeError:
        pass


@case
async def two_names():
    # mistake: assigned_never_used
    # mistake 3.8-3.10: assigned_never_used | unknown
    # cause: refcount | frame_end | unknown
    # ended: load | -
    def load():
        first = second = fetch(1)  # made
        del first
        return bool(second)
    load()


@case
async def global_rebound():
    # mistake: assigned_never_used
    global current
    current = fetch(1)  # made
    current = None


@case
async def forwarded_by_stars():
    # mistake: passed_to_function | kept_in_container
    # cause: refcount | frame_end | unknown
    # ended: log | -
    def log(*arguments):
        pass
    log(*[fetch(1)])  # made


@case
async def sorted_results():
    # mistake: compared | used_as_value | unknown
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: order | -
    def order():
        return sorted([fetch(2), fetch(1)])  # made
    swallow(order)


@case
async def run_in_a_context():
    # mistake: async_callback | result_discarded
    contextvars.copy_context().run(fetch, 1)


@case
async def method_by_its_name():
    # mistake: result_discarded | async_callback
    store = Store()
    getattr(store, "get")("a")  # made


@case
async def method_caller():
    # mistake: result_discarded | async_callback | returned_and_dropped
    operator.methodcaller("get", "a")(Store())  # made


@case
async def evaluated_text():
    # mistake: result_discarded | returned_and_dropped
    # fix: await eval("fetch(1)")
    eval("fetch(1)")  # made


def make_request():
    from starlette.requests import Request

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}
    return Request({"type": "http", "method": "GET", "headers": [], "path": "/", "query_string": b""}, receive)


@case(since=(3, 10), needs="starlette")
async def json_of_a_request():
    # mistake: used_as_value
    # fix: return (await request.json())["user"]
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: handle | -
    async def handle(request):
        return request.json()["user"]  # made
    try:
        await handle(make_request())
    except TypeError:
        pass


@case(since=(3, 10), needs="starlette")
async def body_of_a_request_in_a_variable():
    # mistake: used_as_value
    # fix: body = await request.body()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: handle | -
    async def handle(request):
        body = request.body()  # made
        return body.decode()
    try:
        await handle(make_request())
    except AttributeError:
        pass


@case(needs="sqlalchemy.ext.asyncio")
async def scalars_of_a_session():
    # mistake: used_as_value
    # fix: return (await session.execute(text("select 1"))).scalars().all()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: find | -
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession

    async def find(session):
        return session.execute(text("select 1")).scalars().all()  # made
    session = AsyncSession()
    try:
        await find(session)
    except AttributeError:
        pass


@case(needs="sqlalchemy.ext.asyncio")
async def session_not_closed():
    # mistake: result_discarded
    # fix: await session.close()
    from sqlalchemy.ext.asyncio import AsyncSession
    session = AsyncSession()
    session.close()  # made


@case(needs="redis.asyncio")
async def cached_or_computed():
    # mistake: tested_for_truth | assigned_never_used
    # mistake 3.8-3.10: tested_for_truth | assigned_never_used | unknown
    # cause: refcount | frame_end | unknown
    # ended: load | -
    import redis.asyncio

    async def load(cache):
        found = cache.exists("a")
        if found:
            return 1
        return 2
    await load(redis.asyncio.Redis())


@case(needs="aiohttp")
async def text_of_a_response():
    # mistake: tested_for_truth | compared | used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: check | -
    async def check(request):
        if "x" in request.text():  # made
            return 1
        return 2
    from aiohttp.test_utils import make_mocked_request
    try:
        await check(make_mocked_request("GET", "/"))
    except TypeError:
        pass


@case(needs="asgiref")
def sync_to_async_not_awaited():
    # mistake: result_discarded
    # mistake 3.8-3.10: result_discarded | returned_and_dropped
    from asgiref.sync import sync_to_async
    sync_to_async(str)(1)  # made


@case(needs="discord")
async def reply_of_a_bot():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: answer | -
    import discord

    async def answer(client):
        user = client.fetch_user(1)  # made
        return user.name
    client = discord.Client.__new__(discord.Client)
    try:
        await answer(client)
    except AttributeError:
        pass
