# SPDX-License-Identifier: MIT
"""Shapes of async functions that the standard library calls as plain ones."""
import argparse
import ast
import asyncio
import cmd
import html.parser
import http.server
import io
import json
import logging
import multiprocessing
import socket
import socketserver
import threading
import xmlrpc.server

from . import case
from .common import fetch, swallow


@case
async def exception_handler_of_a_loop():
    # mistake: async_callback
    async def on_error(loop, context):
        pass
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(on_error)
    loop.call_exception_handler({"message": "lost"})
    loop.set_exception_handler(None)


@case
def emit_of_a_logging_handler():
    # mistake: async_callback
    class Shipper(logging.Handler):
        async def emit(self, record):
            pass
    Shipper().handle(logging.makeLogRecord({"msg": "x"}))


@case
async def connection_made_of_a_protocol():
    # mistake: async_callback
    class Peer(asyncio.Protocol):
        async def connection_made(self, transport):
            pass
    one, other = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(Peer, sock=one)
    await asyncio.sleep(0)
    transport.close()
    other.close()
    await asyncio.sleep(0)


@case
def get_of_an_http_server():
    # mistake: async_callback
    class Request:
        def makefile(self, mode, *rest):
            return io.BytesIO(b"GET / HTTP/1.0\r\n\r\n")

        def sendall(self, data):
            pass

    class Handler(http.server.BaseHTTPRequestHandler):
        async def do_GET(self):
            pass
    Handler(Request(), ("", 0), None)


@case
def type_of_an_argument():
    # The parser keeps what it made; a line of the program's own lets go of it.
    # mistake: kept_in_container
    # cause: refcount | frame_end | unknown
    # ended: - | type_of_an_argument
    parser = argparse.ArgumentParser()
    parser.add_argument("user", type=fetch)
    options = parser.parse_args(["7"])
    options.user = None


@case
def handle_of_a_socket_server():
    # mistake: async_callback
    class Handler(socketserver.BaseRequestHandler):
        async def handle(self):
            pass
    Handler(None, ("", 0), None)


@case
def function_of_an_rpc_server():
    # mistake: async_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: - | dumps | _marshaled_dispatch | SimpleXMLRPCDispatcher._marshaled_dispatch
    server = xmlrpc.server.SimpleXMLRPCDispatcher(allow_none=True)
    server.register_function(fetch, "fetch")
    request = b"<methodCall><methodName>fetch</methodName><params/></methodCall>"
    server._marshaled_dispatch(request)


@case
def filter_of_a_logger():
    # mistake: async_callback
    # cause: refcount | frame_end | unknown
    # ended: - | filter | Filterer.filter
    async def keep(record):
        return False
    handler = logging.NullHandler()
    handler.addFilter(keep)
    handler.filter(logging.makeLogRecord({"msg": "x"}))


@case
def formatter_of_a_handler():
    # mistake 3.8-3.10: async_callback | used_as_value
    # mistake: async_callback
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: - | emit | StreamHandler.emit
    class Formatter(logging.Formatter):
        async def format(self, record):
            return "x"
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter())
    handler.handleError = lambda record: None
    handler.emit(logging.makeLogRecord({"msg": "x"}))


@case
def hook_of_json():
    # mistake: async_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: parse | -
    def parse(text):
        data = json.loads(text, object_hook=fetch)
        return data["name"]
    swallow(parse, "{}")


@case
def handler_of_an_html_parser():
    # mistake: async_callback
    class Links(html.parser.HTMLParser):
        async def handle_starttag(self, tag, attributes):
            pass
    Links().feed("<a>")


@case
def command_of_a_shell():
    # mistake 3.8-3.10: unknown
    # mistake: async_callback
    # cause: frame_end | unknown
    # ended: cmdloop | Cmd.cmdloop
    class Shell(cmd.Cmd):
        use_rawinput = False
        prompt = ""

        async def do_go(self, line):
            pass

        def do_EOF(self, line):
            return True
    Shell(stdin=io.StringIO("go\n"), stdout=io.StringIO()).cmdloop()


@case
def visitor_of_a_tree():
    # mistake: async_callback
    class Names(ast.NodeVisitor):
        async def visit_Name(self, node):
            pass
    Names().visit(ast.parse("a"))


@case
def action_of_a_barrier():
    # mistake: async_callback
    threading.Barrier(1, action=fetch).wait()


@case
def predicate_of_a_condition():
    # mistake: async_callback
    # fix: -
    def wait(condition):
        with condition:
            condition.wait_for(fetch)
    wait(threading.Condition())


@case
async def predicate_of_an_async_condition():
    # mistake: async_callback
    # fix: -
    async def wait(condition):
        async with condition:
            await condition.wait_for(fetch)
    await wait(asyncio.Condition())


@case
def process_of_an_async_function():
    # mistake: async_callback
    multiprocessing.Process(target=fetch, args=(1,)).run()


@case
async def callback_of_a_task_of_a_group():
    # mistake: async_callback
    task = asyncio.ensure_future(fetch(1))
    task.add_done_callback(fetch)
    await task
    await asyncio.sleep(0)


@case
async def reader_of_a_socket():
    # mistake: async_callback
    import os
    end, begin = os.pipe()
    loop = asyncio.get_running_loop()
    loop.add_reader(end, fetch)
    os.write(begin, b"x")
    await asyncio.sleep(0.01)
    loop.remove_reader(end)
    os.close(end)
    os.close(begin)
