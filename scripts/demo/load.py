# SPDX-License-Identifier: MIT
"""Customers for the demonstration: a few connections that place, ship and refund orders until SIGTERM.

usage: load.py PORT CLIENTS. On SIGUSR1 it prints one line about the requests since the last one, as an
outsider saw them; at the end, what was asked of the shop and what the shop's books say.
"""
import asyncio
import json
import random
import signal
import statistics
import sys
import time


class Customers:
    def __init__(self, port):
        self._port = port
        self._took_ms = []
        self._failed = 0
        self._since = time.monotonic()
        self.placed = self.shipped = self.wrongly_refunded = 0

    async def one(self, number):
        """One customer with a connection of its own, at most about 25 requests a second."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        user, pick = f"customer{number}", random.Random(number)
        while True:
            order = (await self.ask(reader, writer, "POST", "/orders", {"user": user, "items": ["tea", "cup"]}))["id"]
            self.placed += 1
            await asyncio.sleep(pick.uniform(0.02, 0.06))
            if pick.random() < 0.5:
                await self.ask(reader, writer, "POST", "/orders/ship", {"id": order})
                self.shipped += 1
            elif pick.random() < 0.3:
                answer = await self.ask(reader, writer, "POST", "/orders/refund", {"user": user, "id": order})
                self.wrongly_refunded += "state" in answer
            await asyncio.sleep(pick.uniform(0.02, 0.06))

    async def ask(self, reader, writer, method, path, body):
        started = time.monotonic()
        text = json.dumps(body).encode()
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
            status = int((await reader.readline()).split()[1])
            length = 0
            while (header := await reader.readline()) != b"\r\n":
                name, _, value = header.decode().partition(":")
                length = int(value) if name.lower() == "content-length" else length
            answer = json.loads(await reader.readexactly(length))
        except (OSError, IndexError, ValueError, asyncio.IncompleteReadError):
            self._failed += 1
            raise
        if status >= 500:
            self._failed += 1
        self._took_ms.append((time.monotonic() - started) * 1000)
        return answer

    def tell(self):
        took, seconds = sorted(self._took_ms), time.monotonic() - self._since
        if took:
            print(f"{len(took) / seconds:.0f} requests/s, median {statistics.median(took):.1f} ms, "
                  f"99 % under {took[int(len(took) * 0.99)]:.1f} ms, {self._failed} failed", flush=True)
        self._took_ms, self._failed, self._since = [], 0, time.monotonic()

    async def compare_with_books(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        books = await self.ask(reader, writer, "GET", "/books", {})
        writer.close()
        print(f"orders placed: {self.placed}, of them in the audit log: {books['placements_audited']}")
        print(f"orders shipped: {self.shipped}, mails sent: {books['mails_sent']}")
        print(f"refunds to customers who may not have one: {self.wrongly_refunded}", flush=True)


async def main():
    customers = Customers(int(sys.argv[1]))
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_signal_handler(signal.SIGUSR1, customers.tell)
    tasks = [loop.create_task(customers.one(number)) for number in range(int(sys.argv[2]))]
    print("ready", flush=True)
    await ended.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await customers.compare_with_books()


asyncio.run(main())
