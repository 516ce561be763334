# SPDX-License-Identifier: MIT
"""Holds a hoard and allocates wildly meanwhile: coroutines that are awaited at once or closed, containers that
grow and go, objects of the same sizes as coroutines, and the collector's rounds."""
import asyncio
import gc
import os
import threading
import warnings

import shim


async def hoarded(number):
    return number


async def flowing(number):
    return number


async def closed(number):
    return number


async def numbers():
    yield 1


class Item:
    def __init__(self, number):
        self.number, self.text = number, str(number) * 9


HOARD = [hoarded(number) for number in range(50)]


async def churn(ends):
    kept = []
    number = 0
    while not ends.is_set():
        number += 1
        await flowing(number)
        closed(number).close()
        async for _ in numbers():
            kept.append({number: [Item(number), (number, bytearray(400))]})
        HOARD.append(number)
        HOARD.pop()
        if number % 5000 == 0:
            del kept[:]
            gc.collect()


def wait_for_end(ends):
    shim.wait("end")
    ends.set()


warnings.simplefilter("ignore")
END = threading.Event()
threading.Thread(target=wait_for_end, args=(END,), daemon=True).start()
shim.tell("ready", pid=os.getpid(), held=len(HOARD))
asyncio.run(churn(END))
os._exit(0)
