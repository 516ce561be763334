# SPDX-License-Identifier: MIT
"""The result of a call is thrown away by an expression statement."""
import asyncio
import functools

from . import case


async def save(record=None, *more, key=None):
    return record


class Store:
    async def save(self, record=None):
        return record

    @classmethod
    async def open(cls):
        return cls

    @staticmethod
    async def ping():
        return 1

    @property
    async def size(self):
        return 0


class Service:
    def __init__(self):
        self.store = Store()


store = Store()


@case
def statement():
    # mistake: result_discarded
    # created: inferred
    # fix: asyncio.run(save(1))
    # advice: make statement() async and write: await save(1)
    # cause: refcount
    save(1)  # made


@case
async def statement_in_async():
    # mistake: result_discarded
    # created: inferred
    # fix: await save(1)
    save(1)  # made


@case
async def method_in_async():
    # mistake: result_discarded
    # created: inferred
    # fix: await store.save({"a": (1, 2)})
    store.save({"a": (1, 2)})  # made


@case
async def class_method():
    # mistake: result_discarded
    # created: inferred
    # fix: await Store.open()
    Store.open()  # made


@case
async def static_method():
    # mistake: result_discarded
    # created: inferred
    # fix: await Store.ping()
    Store.ping()  # made


@case
async def async_property():
    # mistake: result_discarded
    # created: inferred
    # fix: await store.size
    store.size  # made


@case
def plain_inside_running_loop():
    # mistake: result_discarded
    # created: inferred
    # fix: task = asyncio.create_task(save(1))
    # advice: keep a reference to task, or make helper() async and write: await save(1)
    def helper():
        save(1)  # made

    async def main():
        helper()
    asyncio.run(main())


@case
async def several_lines():
    # mistake: result_discarded
    # created: inferred
    # fix: await store.save({"a": 1, "b": 2})
    # advice: -
    store.save(  # made
        {"a": 1,
         "b": 2})


@case
async def several_on_a_line():
    # mistake: result_discarded
    # created: inferred
    # fix: x = 1; await save(x); y = 2
    x = 1; save(x); y = 2  # made


@case
async def keywords_and_stars():
    # mistake: result_discarded
    # created: inferred
    # fix: await save(*args, **kwargs)
    args, kwargs = (1, 2), {"key": 3}
    save(*args, **kwargs)  # made


@case
async def keyword():
    # mistake: result_discarded
    # created: inferred
    # fix: await save(1, key="# not a comment")
    save(1, key="# not a comment")  # made


@case
async def chained():
    # mistake: result_discarded
    # created: inferred
    # fix: await Service().store.save("x")
    Service().store.save("x")  # made


@case
async def local_function():
    # mistake: result_discarded
    # created: inferred
    # fix: await inner(1)
    async def inner(x):
        return x
    inner(1)  # made


@case
async def captured_function():
    # mistake: result_discarded
    # created: inferred
    # fix: await inner(1)
    async def inner(x):
        return x

    async def outer():
        inner(1)  # made
    await outer()


@case
async def by_another_name():
    # mistake: result_discarded
    # created: unknown
    # fix: await other(1)
    other = save
    other(1)


@case
async def partial():
    # mistake: result_discarded
    # fix: await prepared()
    prepared = functools.partial(save, 1)
    prepared()


@case
async def in_branches():
    # mistake: result_discarded
    # created: inferred
    # fix: await save(1) if store else None
    save(1) if store else None  # made


@case
async def in_a_loop_and_handler():
    # mistake: result_discarded
    # created: inferred
    # fix: await save(number)
    for number in range(1):
        try:
            raise KeyError(number)
        except KeyError:
            with open("/dev/null"):
                save(number)  # made


@case
async def awaited_gives_a_coroutine():
    # mistake: awaited_result_discarded
    # created: unknown
    # fix: -
    # advice: in the function that is awaited here, return await ...; or await its result as well: await (await ...)
    async def make():
        return save(1)
    await make()


@case
async def in_generator():
    # mistake: result_discarded
    # created: inferred
    # fix: task = asyncio.create_task(save(1))
    # advice: keep a reference to task, or make numbers() async and write: await save(1)
    def numbers():
        save(1)  # made
        yield 1
    list(numbers())


@case
async def in_async_generator():
    # mistake: result_discarded
    # created: inferred
    # fix: await save(1)
    async def numbers():
        save(1)  # made
        yield 1
    async for _ in numbers():
        pass


@case
def in_lambda_called_for_effect():
    # mistake: returned_and_dropped
    # mistake 3.8-3.10: result_discarded
    # created: unknown
    # fix: asyncio.run(notify())
    # advice: make in_lambda_called_for_effect() async and write: await notify()
    notify = lambda: save(1)
    notify()


@case
async def warm():
    # mistake: result_discarded
    # created: inferred
    # fix: await save(number)
    for number in range(60):
        save(number)  # made


@case
async def statement_in_a_finally():
    # mistake: result_discarded
    try:
        record = 1
    finally:
        save(record)  # made


@case
async def statement_in_a_finally_after_return():
    # mistake: result_discarded
    try:
        return 1
    finally:
        save(1)  # made
