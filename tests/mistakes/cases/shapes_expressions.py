# SPDX-License-Identifier: MIT
"""Shapes of operators, tests and statements."""
import asyncio
import contextlib

from . import case
from .common import Store, fetch, swallow


async def allowed_later():
    return fetch(1)


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
async def while_not_ready():
    # mistake: tested_for_truth
    # fix: while not await store.is_allowed(1):
    store = Store()
    while not store.is_allowed(1):  # made
        break


@case
async def awaited_coroutine_tested():
    # mistake: tested_for_truth
    if await allowed_later():
        return 1
    return 2


@case
async def awaited_coroutine_compared():
    # mistake: compared
    # cause: exception_unwinding | refcount | unknown
    # ended: check | -
    async def check():
        return await allowed_later() == 1
    await check()


@case
async def awaited_coroutine_in_a_text():
    # mistake: formatted
    return f"{await allowed_later()}"


@case
async def result_of_it():
    # mistake: used_as_value
    # fix: return (await fetch(1)).result()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: ask | -
    async def ask():
        return fetch(1).result()  # made
    try:
        await ask()
    except AttributeError:
        pass


@case
async def conditional_statement():
    # mistake: result_discarded
    # fix: await fetch(1) if swallow else None
    fetch(1) if swallow else None  # made


@case
async def chained_comparison():
    # mistake: compared
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: inside | -
    async def inside():
        return 0 < fetch(1) < 3  # made
    try:
        await inside()
    except TypeError:
        pass


@case
async def result_appended_to_text():
    # missing await where a text is built: "..." + name()
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: greet | -
    async def greet():
        return "Hello " + fetch("you")  # made
    try:
        await greet()
    except TypeError:
        pass


@case
async def headers_of_a_token():
    # a header is given the coroutine of an async token provider
    # mistake: formatted
    # fix: headers = {"Authorization": f"Bearer {await fetch('token')}"}
    headers = {"Authorization": f"Bearer {fetch('token')}"}  # made
    return headers


@case
async def lesser_of_two():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: price | -
    def price():
        return min(fetch(1), fetch(2))  # made
    swallow(price)


@case
async def suppressed_statement():
    # mistake: result_discarded
    # fix: await fetch(1)
    with contextlib.suppress(KeyError):
        fetch(1)  # made


@case
async def used_in_a_with_and_a_finally():
    # mistake: used_as_value
    # fix: user = await fetch(1)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load():
        with contextlib.suppress(KeyError):
            try:
                user = fetch(1)  # made
                with contextlib.suppress(KeyError):
                    return user["name"]
            finally:
                str(2)
    try:
        await load()
    except TypeError:
        pass


@case
async def attribute_set_on_it():
    # mistake: used_as_value
    # fix: (await fetch(1)).name = "x"
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: rename | -
    async def rename():
        fetch(1).name = "x"  # made
    try:
        await rename()
    except AttributeError:
        pass


@case
async def next_of_it():
    # mistake: used_as_value
    # fix: return next(await fetch(1))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: first | -
    async def first():
        return next(fetch(1))  # made
    try:
        await first()
    except TypeError:
        pass


@case
async def argument_of_an_exception():
    # mistake: passed_to_function
    # mistake 3.8-3.10: passed_to_function
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: fail | -
    def fail():
        raise ValueError(fetch(1))  # made
    swallow(fail)


@case
async def resource_of_an_exit_stack():
    # mistake 3.8-3.10: passed_to_function
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
