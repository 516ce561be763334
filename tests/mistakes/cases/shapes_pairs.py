# SPDX-License-Identifier: MIT
"""Shapes of two calls that are forgotten in one expression."""
import asyncio
import json

from . import case
from .common import Store, fetch


@case
async def sum_of_two():
    # mistake: used_as_value
    # fix: return await fetch(1) + await fetch(2)
    async def total():
        return fetch(1) + fetch(2)  # made
    try:
        await total()
    except TypeError:
        pass


@case
async def equal_to_another():
    # mistake: compared
    # fix: return await fetch(1) == await fetch(2)
    return fetch(1) == fetch(2)  # made


@case
async def two_in_a_text():
    # mistake: formatted
    # fix: return f"{await fetch(1)}-{await fetch(2)}"
    return f"{fetch(1)}-{fetch(2)}"  # made


@case
async def two_conditions():
    # mistake: tested_for_truth
    # fix: if await store.is_allowed(1) and await store.is_allowed(2):
    store = Store()
    if store.is_allowed(1) and store.is_allowed(2):  # made
        return 1


@case
async def sum_of_a_list():
    # mistake: used_as_value
    # fix: return sum([await fetch(1), await fetch(2)])
    async def total():
        return sum([fetch(1), fetch(2)])  # made
    try:
        await total()
    except TypeError:
        pass


@case
async def two_of_a_document():
    # mistake: passed_to_function
    # fix 3.8-3.10: - | return json.dumps({"a": await fetch(1), "b": await fetch(2)})
    # fix: return json.dumps({"a": await fetch(1), "b": await fetch(2)})
    # cause: exception_unwinding | unknown
    # ended: default | dumps | -
    async def send():
        return json.dumps({"a": fetch(1), "b": fetch(2)})  # made
    try:
        await send()
    except TypeError:
        pass


@case
async def two_of_a_call():
    # mistake: passed_to_function
    # fix: print(await fetch(1), await fetch(2), end="", file=open("/dev/null", "w"))
    print(fetch(1), fetch(2), end="", file=open("/dev/null", "w"))  # made


@case
async def two_to_unpack():
    # mistake: used_as_value
    # fix: (a, b), c = await fetch(1), await fetch(2)
    # cause: exception_unwinding | refcount | unknown
    async def load():
        (a, b), c = fetch(1), fetch(2)  # made
        return a, b, c
    try:
        await load()
    except TypeError:
        pass


@case
async def one_within_the_other():
    # mistake: kept_in_container | result_discarded
    # fix: await fetch(await fetch(1))
    fetch(fetch(1))  # made


@case
async def same_call_twice_on_a_line():
    # mistake: compared
    # fix: return await fetch(1) == await fetch(1)
    return fetch(1) == fetch(1)  # made


@case
def two_in_a_plain_function():
    # mistake: used_as_value
    # fix: return asyncio.run(fetch(1)) + asyncio.run(fetch(2))
    def total():
        return fetch(1) + fetch(2)  # made
    try:
        total()
    except TypeError:
        pass


@case
def run_of_two():
    # mistake: never_scheduled
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: - | run
    def main():
        asyncio.run(fetch(1), fetch(2))  # made
    try:
        main()
    except (TypeError, ValueError):
        pass
