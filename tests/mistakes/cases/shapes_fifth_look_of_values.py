# SPDX-License-Identifier: MIT
"""Shapes of variables, operators, loops and tests, written down before any rule was looked at."""
import asyncio
import contextlib

from . import case
from .common import Store, fetch, swallow


@case
async def either_of_two():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load(number):
        user = fetch(number) if number else None  # made
        return user["name"]
    try:
        await load(1)
    except TypeError:
        pass


@case
async def first_and_rest():
    # mistake: used_as_value
    # fix: first, *rest = await fetch(1)
    # cause: exception_unwinding | refcount | unknown
    # ended: split | -
    async def split():
        first, *rest = fetch(1)  # made
        return first, rest
    try:
        await split()
    except TypeError:
        pass


@case
async def two_at_once():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: add | -
    async def add():
        first, second = fetch(1), fetch(2)  # made
        return first + second
    try:
        await add()
    except TypeError:
        pass


@case
async def slice_of_rows():
    # mistake: used_as_value
    # fix: return (await fetch(1))[:10]
    # cause: exception_unwinding | refcount | unknown
    # ended: page | -
    async def page():
        return fetch(1)[:10]  # made
    try:
        await page()
    except TypeError:
        pass


@case
async def counted_up():
    # mistake: used_as_value
    # fix: (await fetch(1))["a"] += 1
    # cause: exception_unwinding | refcount | unknown
    # ended: count | -
    async def count():
        fetch(1)["a"] += 1  # made
    try:
        await count()
    except TypeError:
        pass


@case
async def negated():
    # mistake: used_as_value
    # fix: return -(await fetch(1)) | return -await fetch(1)
    # cause: exception_unwinding | refcount | unknown
    # ended: debit | -
    async def debit():
        return -fetch(1)  # made
    try:
        await debit()
    except TypeError:
        pass


@case
async def asserted_equal():
    # mistake: compared
    # fix: assert await fetch(1) == 1
    # cause: exception_unwinding | refcount | unknown
    # ended: check | -
    async def check():
        assert fetch(1) == 1  # made
    try:
        await check()
    except AssertionError:
        pass


@case
def yielded_from():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: rows | -
    def rows():
        yield from fetch(1)  # made
    swallow(list, rows())


@case
async def async_comprehension_over_it():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: rows | <listcomp> | -
    store = Store()

    async def rows():
        return [row async for row in store.rows()]  # made
    try:
        await rows()
    except TypeError:
        pass


@case
async def cause_of_an_exception():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: fail | -
    async def fail():
        raise ValueError from fetch(1)  # made
    try:
        await fail()
    except TypeError:
        pass


@case
async def nonlocal_rebound():
    # mistake: assigned_never_used | kept_in_container
    # cause: refcount | unknown
    last = None

    def remember(number):
        nonlocal last
        last = fetch(number)  # made
    remember(1)
    last = None


@case
async def division_after_it():
    # mistake: exception_before_await
    # cause: exception_unwinding | refcount | unknown
    # ended: send | -
    async def send(zero):
        await asyncio.gather(fetch(1), asyncio.sleep(1 / zero))  # made
    try:
        await send(0)
    except ZeroDivisionError:
        pass


@case
async def missing_key_after_it():
    # mistake: exception_before_await
    # cause: exception_unwinding | refcount | unknown
    # ended: post | -
    async def post(client, data):
        return await client.get([fetch(1), data["missing"]])  # made
    try:
        await post(Store(), {})
    except KeyError:
        pass


@case
async def break_after_the_first():
    # mistake: kept_in_container
    # cause: refcount | unknown
    # ended: first | -
    async def first():
        for one in [fetch(1), fetch(2)]:  # made
            await one
            break
        return 1
    await first()


@case
async def looped_and_forgotten():
    # mistake: assigned_never_used | kept_in_container
    # mistake 3.8-3.10: assigned_never_used | kept_in_container | unknown
    # mistake 3.15-3.15: assigned_never_used | kept_in_container | unknown
    # cause: refcount | frame_end | unknown
    # ended: start | -
    def start():
        for job in [fetch(1), fetch(2)]:  # made
            str(job)
    start()


@case
async def stored_and_tested_later():
    # mistake: assigned_never_used | tested_for_truth
    # cause: refcount | frame_end | unknown
    # ended: allowed | -
    def allowed(enabled):
        granted = enabled and fetch(1)  # made
        return "yes" if granted else "no"
    allowed(True)


@case
async def walrus_in_a_while():
    # mistake: tested_for_truth | assigned_never_used
    # cause: refcount | frame_end | unknown
    # ended: read | -
    async def read(store):
        while chunk := store.get("a"):  # made
            del chunk
            break
    await read(Store())


@case
async def while_not_ready():
    # mistake: tested_for_truth
    # fix: while not await store.is_allowed(1):
    store = Store()
    while not store.is_allowed(1):  # made
        break


@case
async def comprehension_then_used():
    # mistake: used_as_value
    # mistake 3.8-3.11: used_as_value | exception_before_await
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load():
        users = {number: fetch(number) for number in (1,)}  # made
        return users[1].name
    try:
        await load()
    except AttributeError:
        pass


@case
async def resource_of_an_exit_stack():
    # mistake: used_as_value | passed_to_function
    # cause: exception_unwinding | refcount | unknown
    # ended: work | enter_context | _BaseExitStack.enter_context | -
    async def work():
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(fetch(1))  # made
            return connection
    try:
        await work()
    except (AttributeError, TypeError):
        pass


@case
async def async_exit_stack_not_awaited():
    # mistake: result_discarded
    # fix: await stack.enter_async_context(Managed())
    class Managed:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *exception):
            pass
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_async_context(Managed())  # made
