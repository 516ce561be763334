# SPDX-License-Identifier: MIT
"""As much of HTTP/1.1 as the shop needs: routes, JSON bodies, connections that stay open."""
import asyncio
import json


class Refused(Exception):
    """What a handler raises to answer with an error."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Server:
    def __init__(self):
        self._routes = {}

    def route(self, method, path, handler):
        self._routes[method, path] = handler

    async def start(self):
        """Listens on a free port of the loopback interface and returns it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            while (request := await self._read_request(reader)) is not None:
                status, answer = await self._answer(*request)
                body = json.dumps(answer).encode()
                writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _read_request(self, reader):
        line = await reader.readline()
        if not line:
            return None
        method, path, _ = line.decode().split()
        length = 0
        while (header := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = header.decode().partition(":")
            if name.lower() == "content-length":
                length = int(value)
        body = json.loads(await reader.readexactly(length)) if length else {}
        return method, path, body

    async def _answer(self, method, path, body):
        handler = self._routes.get((method, path))
        if handler is None:
            return 404, {"error": "no such resource"}
        try:
            return 200, await handler(body)
        except Refused as refused:
            return refused.status, {"error": str(refused)}
