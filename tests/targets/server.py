# SPDX-License-Identifier: MIT
"""usage: server.py uvicorn|aiohttp

A service on uvloop and a port of its own, with a forgotten await in its handler. It counts what it handles.
"""
import asyncio
import os
import socket
import sys
import warnings

import shim

HANDLED = []


async def save_order(number, note):
    pass


async def application(scope, receive, send):
    """ASGI."""
    if scope["type"] != "http":
        return
    path, number = scope["path"], len(HANDLED)
    HANDLED.append(number)
    save_order(number, note='from ' + path)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"ok\n"})


async def order(request):
    """aiohttp."""
    from aiohttp import web
    await asyncio.sleep(0)
    path, number = request.path, len(HANDLED)
    HANDLED.append(number)
    save_order(number, note='from ' + path)
    return web.Response(text="ok\n")


def on_word(loop, connections):
    if shim.read_word() == "count":
        tell_count(loop, connections)
    else:
        os._exit(0)


def tell_count(loop, connections):
    """What was handled since the last time, once nothing can follow: no connection, and no task but that which serves.

    A handler outlives its connection: aiohttp does not cancel it.
    """
    if connections() or len(asyncio.all_tasks(loop)) > 1:
        loop.call_soon(tell_count, loop, connections)
        return
    shim.tell("count", handled=len(HANDLED))
    HANDLED.clear()


def listen():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(128)
    return server


async def serve(kind, server):
    loop = asyncio.get_running_loop()
    if kind == "uvicorn":
        import uvicorn
        config = uvicorn.Config(application, log_level="critical", lifespan="off")
        app = uvicorn.Server(config)
        app.install_signal_handlers = lambda: None
        loop.add_reader(0, on_word, loop, lambda: app.server_state.connections)
        shim.tell("ready", pid=os.getpid(), port=server.getsockname()[1])
        await app.serve(sockets=[server])
    else:
        from aiohttp import web
        app = web.Application()
        app.router.add_get("/order", order)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, server).start()
        loop.add_reader(0, on_word, loop, lambda: runner.server.connections)
        shim.tell("ready", pid=os.getpid(), port=server.getsockname()[1])
        await asyncio.Event().wait()


def main():
    import uvloop
    warnings.simplefilter("ignore")
    uvloop.install()
    asyncio.run(serve(sys.argv[1], listen()))


main()
