# SPDX-License-Identifier: MIT
"""Shapes where a coroutine of the standard library itself is forgotten: streams, servers, subprocesses, loops."""
import asyncio
import contextlib
import sys

from . import case
from .common import fetch


async def echo(reader, writer):
    writer.close()


async def serve():
    return await asyncio.start_server(echo, "127.0.0.1", 0)


@case
async def drain_of_a_writer():
    # mistake: result_discarded
    # fix: await writer.drain()
    server = await serve()
    host, port = server.sockets[0].getsockname()[:2]
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"x")
    writer.drain()  # made
    writer.close()
    server.close()


@case
async def closing_that_is_not_waited_for():
    # mistake: result_discarded
    # fix: await writer.wait_closed()
    server = await serve()
    host, port = server.sockets[0].getsockname()[:2]
    reader, writer = await asyncio.open_connection(host, port)
    writer.close()
    writer.wait_closed()  # made
    server.close()
    await asyncio.sleep(0)


@case
async def connection_that_is_unpacked():
    # mistake: used_as_value
    # fix: reader, writer = await asyncio.open_connection("127.0.0.1", 1)
    # cause: exception_unwinding | refcount | unknown
    # ended: connect | -
    async def connect():
        reader, writer = asyncio.open_connection("127.0.0.1", 1)  # made
        return reader, writer
    try:
        await connect()
    except TypeError:
        pass


@case
async def line_that_is_decoded():
    # mistake: used_as_value
    # fix: text = (await reader.readline()).decode().strip()
    # cause: exception_unwinding | refcount | unknown
    # ended: read_name | -
    async def read_name(reader):
        text = reader.readline().decode().strip()  # made
        return text
    reader = asyncio.StreamReader()
    reader.feed_data(b"a\n")
    try:
        await read_name(reader)
    except AttributeError:
        pass


@case
async def lines_until_there_is_none():
    # mistake: used_as_value
    # fix: line = await reader.readline()
    # cause: frame_end | refcount | exception_unwinding | unknown
    # ended: read_all | -
    async def read_all(reader):
        lines = []
        while True:
            line = reader.readline()  # made
            if not line:
                break
            lines.append(line.strip())
        return lines
    reader = asyncio.StreamReader()
    reader.feed_eof()
    try:
        await read_all(reader)
    except AttributeError:
        pass


@case
async def bytes_that_are_compared():
    # mistake: compared
    # fix: if await reader.read(1) == b"":
    reader = asyncio.StreamReader()
    reader.feed_eof()
    if reader.read(1) == b"":  # made
        return


@case
async def server_that_does_not_serve():
    # mistake: result_discarded
    # fix: await server.serve_forever()
    server = await serve()
    try:
        server.serve_forever()  # made
    finally:
        server.close()


@case
async def server_that_is_not_started():
    # mistake: used_as_value
    # fix: server = await asyncio.start_server(echo, "127.0.0.1", 0)
    # cause: exception_unwinding | refcount | unknown
    # ended: start | -
    async def start():
        server = asyncio.start_server(echo, "127.0.0.1", 0)  # made
        async with server:
            await server.serve_forever()
    try:
        await start()
    except (AttributeError, TypeError):
        pass


@case
async def process_without_await():
    # mistake: used_as_value
    # fix: process = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
    # cause: exception_unwinding | refcount | unknown
    # ended: run | -
    async def run():
        process = asyncio.create_subprocess_exec(sys.executable, "-c", "pass")  # made
        await process.wait()
        return process.returncode
    try:
        await run()
    except AttributeError:
        pass


@case
async def sleep_between_tries():
    # mistake: result_discarded
    # fix: await asyncio.sleep(0.1 * attempt)
    for attempt in range(2):
        with contextlib.suppress(KeyError):
            {}["a"]
        asyncio.sleep(0.1 * attempt)  # made


@case
async def sleep_in_an_exception_handler():
    # mistake: result_discarded
    # fix: await asyncio.sleep(delay)
    delay = 0.1
    try:
        {}["a"]
    except KeyError:
        asyncio.sleep(delay)  # made


@case
async def timeout_around_a_future():
    # mistake: result_discarded
    # fix: await asyncio.wait_for(ready, timeout=1)
    ready = asyncio.get_running_loop().create_future()
    asyncio.wait_for(ready, timeout=1)  # made


@case(since=(3, 9))
async def thread_that_is_not_awaited():
    # mistake: used_as_value
    # fix: size = await asyncio.to_thread(len, "abc")
    # cause: exception_unwinding | refcount | unknown
    # ended: measure | -
    async def measure():
        size = asyncio.to_thread(len, "abc")  # made
        return size * 2
    try:
        await measure()
    except TypeError:
        pass


@case
async def waiting_for_the_first_of_tasks():
    # mistake: used_as_value
    # fix: done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    # cause: exception_unwinding | refcount | unknown
    # ended: first | -
    async def first(tasks):
        done, pending = asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)  # made
        return done
    task = asyncio.ensure_future(asyncio.sleep(0))
    try:
        await first([task])
    except TypeError:
        pass
    await task


@case
async def generator_that_is_closed_at_last():
    # mistake: result_discarded
    # fix: await fetch(row)
    async def numbers():
        yield 1
        yield 2
    rows = numbers()
    async for row in rows:
        break
    fetch(row)  # made
    await rows.aclose()


@case
async def stack_that_is_not_entered():
    # mistake: result_discarded
    # fix: await stack.enter_async_context(resource())
    @contextlib.asynccontextmanager
    async def resource():
        yield 1
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_async_context(resource())  # made


@case
async def value_of_a_stack():
    # mistake: used_as_value
    # fix: row = await stack.enter_async_context(resource())
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    @contextlib.asynccontextmanager
    async def resource():
        yield {"a": 1}

    async def load():
        async with contextlib.AsyncExitStack() as stack:
            row = stack.enter_async_context(resource())  # made
            return row["a"]
    try:
        await load()
    except TypeError:
        pass


@case
async def ends_of_a_loop():
    # mistake: result_discarded
    # fix: await loop.shutdown_asyncgens()
    loop = asyncio.get_running_loop()
    loop.shutdown_asyncgens()  # made


@case
async def name_that_is_looked_up():
    # mistake: used_as_value
    # fix: infos = await loop.getaddrinfo("127.0.0.1", 1)
    # cause: exception_unwinding | refcount | unknown
    # ended: look_up | -
    async def look_up():
        loop = asyncio.get_running_loop()
        infos = loop.getaddrinfo("127.0.0.1", 1)  # made
        return infos[0]
    try:
        await look_up()
    except TypeError:
        pass


@case
async def bytes_that_are_sent():
    # mistake: result_discarded
    # fix: await loop.sock_sendall(sock, b"x")
    loop = asyncio.get_running_loop()
    sock = None
    loop.sock_sendall(sock, b"x")  # made
