# SPDX-License-Identifier: MIT
"""Coroutines that do run, and drop others meanwhile."""
# flake8: noqa
import asyncio

from line_shapes import orphan, run, shape


@shape
def nested_coroutines():
    async def inner():
        orphan()
        held = orphan()

    async def middle():
        await inner()
        return (await
                inner())

    async def outer():
        await middle()
        orphan()
    run(outer())


@shape
def async_for_with():
    class Async:
        def __init__(self):
            self.left = 2

        def __aiter__(self):
            orphan()
            return self

        async def __anext__(self):
            orphan()
            self.left -= 1
            if self.left < 0:
                raise StopAsyncIteration
            return orphan()

        async def __aenter__(self):
            orphan()

        async def __aexit__(self, *unused):
            orphan()

        def __await__(self):
            orphan()
            return iter(())

    async def numbers():
        orphan()
        yield 1
        orphan()
        yield orphan()

    async def main():
        async for x in Async():
            orphan()
        async with Async() as a, \
                Async():
            orphan()
        await Async()
        [orphan() and x async for x in numbers()]
        {x async for x in numbers()
         if orphan()}
        async for x in numbers():
            orphan(
            )
        return [await
                Async() for _ in (1, 2)]
    run(main())


@shape
def in_event_loop():
    async def child():
        orphan()
        await asyncio.sleep(0)
        held = orphan()
        return 1

    async def holder():
        held = orphan()
        await asyncio.sleep(0)

    async def main():
        loop = asyncio.get_running_loop()
        loop.call_soon(orphan)
        loop.call_soon(lambda: orphan() and None)
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
        future.add_done_callback(lambda f: orphan() and None)
        future.set_result(1)
        await future
    asyncio.run(main())
