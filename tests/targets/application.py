# SPDX-License-Identifier: MIT
"""What an application server loads: a WSGI and an ASGI application, each with a forgotten await in its handler.

It says from which process it serves; the server's other processes are none of the test's business.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shim  # noqa: E402


async def save_order(number, note):
    pass


def wsgi(environ, start_response):
    path = environ["PATH_INFO"]
    save_order(7, note='from ' + path)
    start_response("200 OK", [("Content-Length", "3")])
    return [b"ok\n"]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    path = scope["path"]
    save_order(7, note='from ' + path)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"ok\n"})


shim.tell("ready", pid=os.getpid())
