# SPDX-License-Identifier: MIT
"""Coroutines that do run, and drop others meanwhile."""
# flake8: noqa
import asyncio

from line_shapes import forgotten, run, shape


@shape
def nested_coroutines():
    async def inner():
        forgotten()
        held = forgotten()

    async def middle():
        await inner()
        return (await
                inner())

    async def outer():
        await middle()
        forgotten()
    run(outer())


@shape
def async_for_with():
    class Async:
        def __init__(self):
            self.left = 2

        def __aiter__(self):
            forgotten()
            return self

        async def __anext__(self):
            forgotten()
            self.left -= 1
            if self.left < 0:
                raise StopAsyncIteration
            return forgotten()

        async def __aenter__(self):
            forgotten()

        async def __aexit__(self, *unused):
            forgotten()

        def __await__(self):
            forgotten()
            return iter(())

    async def numbers():
        forgotten()
        yield 1
        forgotten()
        yield forgotten()

    async def main():
        async for x in Async():
            forgotten()
        async with Async() as a, \
                Async():
            forgotten()
        await Async()
        [forgotten() and x async for x in numbers()]
        {x async for x in numbers()
         if forgotten()}
        async for x in numbers():
            forgotten(
            )
        return [await
                Async() for _ in (1, 2)]
    run(main())


@shape
def in_event_loop():
    async def child():
        forgotten()
        await asyncio.sleep(0)
        held = forgotten()
        return 1

    async def holder():
        held = forgotten()
        await asyncio.sleep(0)

    async def main():
        loop = asyncio.get_running_loop()
        loop.call_soon(forgotten)
        loop.call_soon(lambda: forgotten() and None)
        await asyncio.gather(child(), child())
        task = asyncio.ensure_future(holder())
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        del task
        await asyncio.wait_for(child(), 60)
        future = loop.create_future()
        future.add_done_callback(lambda f: forgotten() and None)
        future.set_result(1)
        await future
    asyncio.run(main())
