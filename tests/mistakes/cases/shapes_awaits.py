# SPDX-License-Identifier: MIT
"""Shapes of expressions in which an await stands, and takes in less or more than was meant."""
import asyncio

from . import case
from .common import Store, fetch


class Session:
    async def get(self, url):
        return self

    async def text(self):
        return " a "

    async def json(self):
        return {}

    async def execute(self, query):
        return self

    def scalars(self):
        return self

    def all(self):
        return []


async def save(record, store=None):
    return 1


async def rename(user):
    return user["name"]


async def bounded(work):
    return await asyncio.sleep(0, work)


@case
async def await_of_a_chain():
    # aiohttp: the body is read by another coroutine, of the response
    # mistake: used_as_value
    # fix: return await (await session.get("url")).json()
    # cause: exception_unwinding | refcount | unknown
    # ended: - | load
    async def load(session):
        return await session.get("url").json()  # made
    try:
        await load(Session())
    except AttributeError:
        pass


@case
async def await_of_a_plain_method():
    # what a text has is plain: no second await
    # mistake: used_as_value
    # fix: return (await session.text()).strip()
    # cause: exception_unwinding | refcount | unknown
    # ended: - | load
    async def load(session):
        return await session.text().strip()  # made
    try:
        await load(Session())
    except AttributeError:
        pass


@case
async def await_of_the_scalars():
    # SQLAlchemy: await session.execute(...).scalars().all()
    # mistake: used_as_value
    # fix: rows = (await session.execute("select")).scalars().all()
    # cause: exception_unwinding | refcount | unknown
    # ended: - | load
    async def load(session):
        rows = await session.execute("select").scalars().all()  # made
        return rows
    try:
        await load(Session())
    except AttributeError:
        pass


@case
async def await_before_or():
    # the await is that of the first operand
    # mistake: used_as_value
    # fix: -
    # fix with origin: return await fetch(None) or await fetch({"name": "x"})
    # cause: exception_unwinding | unknown
    # ended: show | -
    async def load():
        return await fetch(None) or fetch({"name": "x"})  # made

    async def show():
        user = await load()
        return user["name"]
    try:
        await show()
    except TypeError:
        pass


@case
async def await_in_one_branch():
    # mistake: used_as_value
    # fix: user = await fetch(1) if cached else await fetch(2)
    # cause: exception_unwinding | unknown
    # ended: load
    async def load(cached):
        user = await fetch(1) if cached else fetch(2)  # made
        return user["name"]
    try:
        await load(False)
    except TypeError:
        pass


@case
async def await_of_one_of_a_pair():
    # mistake: used_as_value
    # fix: -
    # fix with origin: return await fetch(1), await fetch(2)
    # cause: exception_unwinding | unknown
    # ended: total
    async def pair():
        return await fetch(1), fetch(2)  # made

    async def total():
        first, second = await pair()
        return first + second
    try:
        await total()
    except TypeError:
        pass


@case
async def await_of_one_of_a_sum():
    # mistake: used_as_value
    # fix: return await fetch(1) + await fetch(2)
    async def total():
        return await fetch(1) + fetch(2)  # made
    try:
        await total()
    except TypeError:
        pass


@case
async def await_of_the_first_condition():
    # mistake: tested_for_truth
    # fix: if await fetch(1) and await store.is_allowed(2):
    store = Store()
    if await fetch(1) and store.is_allowed(2):  # made
        return 1
    return 2


@case
async def await_in_one_of_two_braces():
    # mistake: formatted
    # fix: return f"{await fetch(1)} {await fetch(2)}"
    return f"{await fetch(1)} {fetch(2)}"  # made


@case
async def await_of_a_call_of_what_it_gives():
    # mistake: used_as_value
    # fix: return await (await fetch(save))(2)
    async def run():
        return await fetch(save)(2)  # made
    try:
        await run()
    except TypeError:
        pass


@case
async def await_outside_of_the_brackets():
    # gather() takes one, and the other is the second of a pair
    # mistake: kept_in_container
    # fix 3.8-3.10: -
    # fix: await asyncio.gather(fetch(1)), await fetch(2)
    await asyncio.gather(fetch(1)), fetch(2)  # made


@case
async def await_of_a_list():
    # a list cannot be awaited
    # mistake: kept_in_container
    # fix: -
    # advice: await what it holds: await asyncio.gather(*...)
    async def load():
        return await [fetch(number) for number in (1,)]  # made
    try:
        await load()
    except TypeError:
        pass


@case
async def await_of_a_tuple():
    # mistake: kept_in_container
    # fix: -
    # advice: await what it holds: await asyncio.gather(*...)
    async def load():
        return await (fetch(1), asyncio.sleep)  # made
    try:
        await load()
    except TypeError:
        pass


@case
async def argument_of_what_is_awaited():
    # mistake: passed_to_function
    # fix: await save(await fetch(1))
    # cause: frame_end | unknown
    # ended: save
    await save(fetch(1))  # made


@case
async def argument_by_keyword_of_what_is_awaited():
    # mistake: passed_to_function
    # fix: return await save(1, store=await fetch(2))
    # cause: frame_end | unknown
    # ended: save
    async def load():
        return await save(1, store=fetch(2))  # made
    await load()


@case
async def argument_that_is_used_where_it_goes():
    # mistake: passed_to_function
    # fix: await rename(await fetch(1))
    # cause: exception_unwinding | unknown
    # ended: rename
    async def work():
        await rename(fetch(1))  # made
    try:
        await work()
    except TypeError:
        pass


@case
async def argument_within_a_gather():
    # mistake 3.8-3.10: unknown
    # mistake: passed_to_function
    # mistake with origin: passed_to_function
    # fix: -
    # fix with origin: await asyncio.gather(save(await fetch(1)), save(2))
    # cause: frame_end | unknown
    # ended: save
    await asyncio.gather(save(fetch(1)), save(2))  # made


@case
async def request_in_an_async_with():
    # mistake: used_as_value
    # fix: async with await session.get("url") as response:
    # cause: exception_unwinding | refcount | unknown
    async def load(session):
        async with session.get("url") as response:  # made
            return response
    try:
        await load(Session())
    except (AttributeError, TypeError):
        pass
