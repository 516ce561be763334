# SPDX-License-Identifier: MIT
"""What looks close to a forgotten await and is none. Nothing here may be counted."""
import asyncio
import types

HARMLESS = []


def harmless(function):
    HARMLESS.append(function)
    return function


async def fine():
    return 1


async def fine_pause():
    await asyncio.sleep(0)


@types.coroutine
def fine_old_style():
    yield


async def fine_async_generator():
    yield 1


def _run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        pass


@harmless
def awaited():
    async def outer():
        await fine()
    _run(outer())


async def fine_started():
    await fine_old_style()


@harmless
def started():
    coroutine = fine_started()
    coroutine.send(None)


@harmless
def closed():
    fine().close()


@harmless
def thrown():
    try:
        fine().throw(KeyError("stop"))
    except KeyError:
        pass


@harmless
def old_style():
    fine_old_style()


@harmless
def plain_generator():
    (x for x in (1, 2))


@harmless
def async_generator():
    fine_async_generator()


async def _tasks():
    await asyncio.gather(asyncio.ensure_future(fine_pause()), fine_pause())
    early = asyncio.ensure_future(fine_pause())
    early.cancel()
    late = asyncio.ensure_future(fine_pause())
    await asyncio.sleep(0)
    late.cancel()
    await asyncio.wait([early, late])
    asyncio.ensure_future(fine_pause())  # cancelled by asyncio.run


@harmless
def tasks():
    asyncio.run(_tasks())
