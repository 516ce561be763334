# SPDX-License-Identifier: MIT
"""Shapes of public bug reports with the real libraries, where an interpreter has them."""
import asyncio

from . import case
from .common import fetch, swallow


@case(needs="jinja2")
def jinja_value():
    # mistake: passed_to_function
    # cause: frame_end | refcount | unknown
    # ended: Template.render | -
    import jinja2
    jinja2.Environment().from_string("{{ value }}").render(value=fetch(1))  # made


@case(needs="cachetools")
def cachetools_cached():
    # tkem/cachetools#92
    # mistake: kept_in_container
    import cachetools

    def run():
        cache = {}

        @cachetools.cached(cache)
        def load(key):
            return fetch(key)
        load(1)
        cache.clear()
    run()



@case(needs="pluggy")
def pluggy_hook():
    # mistake: kept_in_container
    import pluggy
    spec, implement = pluggy.HookspecMarker("shapes"), pluggy.HookimplMarker("shapes")

    class Spec:
        @spec
        def on_start(self):
            pass

    class Plugin:
        @implement
        async def on_start(self):
            pass
    manager = pluggy.PluginManager("shapes")
    manager.add_hookspecs(Spec)
    manager.register(Plugin())
    manager.hook.on_start()


@case(needs="backoff")
def backoff_handler():
    # mistake: async_callback
    import backoff

    async def on_backoff(details):
        pass

    @backoff.on_exception(backoff.constant, OSError, max_tries=2, interval=0, jitter=None, on_backoff=on_backoff)
    def load():
        raise OSError
    swallow(load)



@case(needs="starlette")
async def starlette_json_response():
    # Its traceback is not always found, as in reports.dumped_as_json.
    # Rohit-Thakre/FastAPI-Slack-Alert#19
    # mistake: passed_to_function | exception_before_await
    # mistake 3.8-3.10: passed_to_function
    # cause: exception_unwinding | refcount
    # ended: view | JSONResponse.render | __init__ | JSONResponse.__init__ | render | dumps | -
    from starlette.responses import JSONResponse

    async def view(request):
        return JSONResponse({"user": fetch(1)})  # made
    try:
        await view(None)
    except TypeError:
        pass


@case(needs="starlette", since=(3, 10))
async def starlette_body_not_awaited():
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: view
    # fix: data = await request.json()
    from starlette.requests import Request

    async def view(request):
        data = request.json()  # made
        return data["name"]
    try:
        await view(Request({"type": "http", "headers": []}))
    except TypeError:
        pass


@case(needs="aiohttp")
async def aiohttp_session_close():
    # nickoala/telepot#378
    # mistake: result_discarded
    # fix: await session.close()
    import aiohttp
    session = aiohttp.ClientSession()
    session.close()  # made
    await session.close()


@case(needs="aiohttp")
async def aiohttp_app_of_coroutine():
    # aio-libs/aiohttp-demos#44
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount
    # ended: start | BaseRunner.__init__ | AppRunner.__init__ | __init__ | -
    import aiohttp.web

    async def make_application():
        return aiohttp.web.Application()

    def start():
        aiohttp.web.AppRunner(make_application())  # made
    swallow(start)


@case(needs="tornado")
async def tornado_plain_write():
    # hfaran/Tornado-JSON#112
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount
    # ended: view | json_encode | dumps | -
    import tornado.escape

    def view():
        return tornado.escape.json_encode({"a": fetch(1)})  # made
    swallow(view)


@case(needs="twisted", until=(3, 13))
def twisted_call_later():
    # mistake: async_callback
    from twisted.internet.task import Clock
    clock = Clock()
    clock.callLater(1, fetch, 1)
    clock.advance(2)


@case(needs="twisted", until=(3, 13))
def twisted_deferred_callback():
    # mistake: async_callback
    # cause: frame_end | refcount | unknown
    # ended: run | -
    from twisted.internet.defer import Deferred

    def run():
        deferred = Deferred()
        deferred.addCallback(fetch)
        deferred.callback(1)
    run()



@case(needs="trio")
def trio_sleep_not_awaited():
    # mistake: result_discarded
    # fix: await trio.sleep(0)
    import trio

    async def main():
        trio.sleep(0)  # made
    trio.run(main)


@case(needs="sqlalchemy")
def sqlalchemy_listener():
    # mistake: async_callback
    import sqlalchemy
    from sqlalchemy import event
    engine = sqlalchemy.create_engine("sqlite://")

    async def on_connect(connection, record):
        pass
    event.listen(engine, "connect", on_connect)
    engine.connect().close()


@case(needs="redis")
async def redis_get_not_awaited():
    # mistake: tested_for_truth
    # fix: if await client.get("key"):
    import redis.asyncio
    client = redis.asyncio.Redis()
    if client.get("key"):  # made
        pass


@case(needs="discord")
async def discord_send_not_awaited():
    # AlexFlipnote/discord_bot.py#54
    # mistake: result_discarded
    import discord.abc

    class Channel(discord.abc.Messageable):
        async def _get_channel(self):
            return self

    async def on_message():
        Channel().send("hello")  # made
    await on_message()


@case(needs="watchdog")
def watchdog_handler():
    # mistake: async_callback
    from watchdog.events import FileModifiedEvent, FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        async def on_modified(self, event):
            pass
    Handler().dispatch(FileModifiedEvent("file"))
