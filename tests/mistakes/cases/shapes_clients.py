# SPDX-License-Identifier: MIT
"""Shapes with clients of web services, databases and bots."""

from . import case
from .common import Store, fetch, swallow


def make_request():
    from starlette.requests import Request

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}
    return Request({"type": "http", "method": "GET", "headers": [], "path": "/", "query_string": b""}, receive)


async def setup(bot):
    bot.name = "x"


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
    # mistake: assigned_never_used
    # mistake 3.8-3.10: unknown
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
    # mistake: compared
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
    # mistake 3.8-3.10: result_discarded
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


@case(needs="httpx")
async def json_of_a_client():
    # mistake: used_as_value
    # mistake 3.8-3.10: used_as_value
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


@case(needs="anyio")
async def anyio_sleep_not_awaited():
    # mistake: result_discarded
    # fix: await anyio.sleep(1)
    import anyio
    anyio.sleep(1)  # made


@case(needs="tornado.httpclient")
def handler_of_a_request():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    def load(client):
        response = client.get("a")  # made
        return response.body
    swallow(load, Store())


@case(needs="aiohttp")
async def startup_of_an_application():
    # mistake: kept_in_cycle
    # mistake with origin: kept_in_container
    # cause: cyclic_gc | unknown
    from aiohttp import web

    async def start():
        app = web.Application()
        app.on_startup.append(fetch(app))  # made
        app.freeze()
        await app.startup()
    try:
        await start()
    except TypeError:
        pass


@case(needs="aiohttp")
async def request_of_a_session():
    # session.get() is plain: what it gives holds the coroutine
    # mistake 3.10-3.10: unknown
    # mistake: result_discarded
    # fix 3.10-3.10: - | await session.get("http://localhost:1/")
    # fix: await session.get("http://localhost:1/")
    import aiohttp
    async with aiohttp.ClientSession() as session:
        session.get("http://localhost:1/")


@case(needs="aiohttp")
async def response_of_a_session():
    # mistake: used_as_value
    # fix: response = await session.get("http://localhost:1/")
    # cause: exception_unwinding | unknown
    # ended: load
    import aiohttp

    async def load(session):
        response = session.get("http://localhost:1/")
        return response.status
    async with aiohttp.ClientSession() as session:
        try:
            await load(session)
        except AttributeError:
            pass


@case(needs="sqlalchemy.ext.asyncio")
async def rows_of_a_session():
    # mistake: used_as_value
    # fix: return (await session.execute("select 1")).scalars().all()
    # cause: exception_unwinding | refcount | unknown
    # ended: - | load
    from sqlalchemy.ext.asyncio import AsyncSession

    async def load(session):
        return await session.execute("select 1").scalars().all()  # made
    try:
        await load(AsyncSession())
    except AttributeError:
        pass


@case(needs="discord.ext.commands")
def cog_of_a_bot():
    # add_cog() became async with 2.0
    # mistake: result_discarded
    # fix: asyncio.run(bot.add_cog(Greetings()))
    import discord
    from discord.ext import commands

    class Greetings(commands.Cog):
        pass

    def setup(bot):
        bot.add_cog(Greetings())  # made
    setup(commands.Bot(command_prefix="!", intents=discord.Intents.none()))


@case(needs="discord.ext.commands")
async def extension_of_a_bot():
    # mistake: result_discarded
    # fix: await bot.load_extension("greetings")
    import discord
    from discord.ext import commands
    bot = commands.Bot(command_prefix="!", intents=discord.Intents.none())
    bot.load_extension("greetings")  # made


@case(needs="redis.asyncio")
async def pipeline_not_executed():
    # mistake: result_discarded
    # fix: await pipe.execute()
    import redis.asyncio
    pipe = redis.asyncio.Redis().pipeline()
    pipe.set("a", 1)
    pipe.execute()  # made


@case(needs="janus")
async def put_into_an_async_queue():
    # mistake: result_discarded
    # fix: await queue.async_q.put(1)
    import janus
    queue = janus.Queue()
    queue.async_q.put(1)  # made
    queue.close()
    await queue.wait_closed()


@case(needs="uvicorn")
def server_of_an_application():
    # mistake: result_discarded
    # fix: asyncio.run(server.serve())
    import uvicorn
    server = uvicorn.Server(uvicorn.Config("shapes:app"))
    server.serve()  # made


@case(needs="websockets")
async def message_of_a_websocket():
    # mistake: result_discarded
    # fix: await connection.close()
    from websockets.legacy.protocol import WebSocketCommonProtocol
    connection = WebSocketCommonProtocol()
    connection.close()  # made
