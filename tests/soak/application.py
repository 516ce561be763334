# SPDX-License-Identifier: MIT
"""What the servers of servers.py serve: an ASGI application with planted bugs, each a coroutine that nobody awaits.

Each worker keeps its own truth: a file in the folder COROTRACE_SOAK_TRUTH with how often each bug was met, as 64 bit
numbers in the order of BUGS, written before the coroutine is made. A worker that is to end lets its connections end
first, of their own accord, then stays for a while: what a process drops just before its end nobody can count.
"""
import asyncio
import mmap
import os
import struct
import tempfile

from bugs import BUGS
from uvicorn.server import Server

STAY_S = float(os.environ.get("COROTRACE_SOAK_STAY_S", "3"))
QUIET_S = 0.5  # without a connection
NO_BUG = 3  # of so many more requests one meets none


async def save_order(number):
    pass


async def send_mail(number):
    pass


async def log_visit(number):
    pass


async def warm_cache(number):
    pass


class Truth:
    def __init__(self, folder):
        file, self._path = tempfile.mkstemp(prefix=f"{os.getpid()}-", dir=folder)
        os.ftruncate(file, mmap.PAGESIZE)
        self._map = mmap.mmap(file, mmap.PAGESIZE)
        os.close(file)
        self._counts = [0] * len(BUGS)

    def add(self, bug):
        self._counts[bug] += 1
        struct.pack_into("Q", self._map, 8 * bug, self._counts[bug])


class Worker:
    def __init__(self):
        self.truth = None
        self.requests = 0
        self.is_leaving = False


WORKER = Worker()


def forget(bug, number):
    WORKER.truth.add(bug)
    if bug == 0:
        save_order(number)
    elif bug == 1:
        later = send_mail(number)
        del later
    elif bug == 2:
        [log_visit(number)].clear()
    else:
        forget_below(number)


def forget_below(number):
    warm_cache(number)


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    if WORKER.truth is None:
        WORKER.truth = Truth(os.environ["COROTRACE_SOAK_TRUTH"])
    if scope["path"] != "/ready":
        WORKER.requests += 1
        bug = WORKER.requests % (len(BUGS) + NO_BUG)
        if bug < len(BUGS):
            forget(bug, WORKER.requests)
    headers = [(b"content-length", b"3")]
    if WORKER.is_leaving:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok\n"})


def let_connections_end(shutdown):
    """uvicorn closes a connection between two requests even if the next one is on its way, which then fails."""

    async def leave(self, sockets=None):
        WORKER.is_leaving = True
        for server in self.servers:
            server.close()
        quiet = 0.0
        while quiet < QUIET_S:
            await asyncio.sleep(0.05)
            if self.config.callback_notify is not None:
                await self.config.callback_notify()
            quiet = 0.0 if self.server_state.connections else quiet + 0.05
        await asyncio.sleep(STAY_S)
        await shutdown(self, sockets)

    return leave


Server.shutdown = let_connections_end(Server.shutdown)
