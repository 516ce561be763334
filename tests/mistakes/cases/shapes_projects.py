# SPDX-License-Identifier: MIT
"""Shapes of services, bots and tools: what is asked of a result that is not there yet."""
import datetime
import hashlib
import json
import logging

from . import case
from .common import Store, fetch


@case
async def attribute_in_a_text():
    # mistake: used_as_value
    # fix: return f"hello {(await fetch(1)).name}"
    # cause: exception_unwinding | refcount | unknown
    # ended: greet | -
    async def greet():
        return f"hello {fetch(1).name}"  # made
    try:
        await greet()
    except AttributeError:
        pass


@case
async def price_with_two_digits():
    # mistake: formatted
    # fix: return f"{await fetch(1):.2f}"
    # cause: exception_unwinding | refcount | unknown
    async def show():
        return f"{fetch(1):.2f}"  # made
    try:
        await show()
    except TypeError:
        pass


@case
async def expression_that_shows_itself():
    # mistake: formatted
    # fix: return f"{await fetch(1)=}"
    return f"{fetch(1)=}"  # made


@case
async def second_of_a_text():
    # mistake: formatted
    # fix: return f"{await fetch(1)} of {await fetch(2)}"
    return f"{await fetch(1)} of {fetch(2)}"  # made


@case
async def text_of_a_message_that_is_awaited():
    # mistake: formatted
    # fix: await store.get(f"user {await fetch(1)}")
    store = Store()
    await store.get(f"user {fetch(1)}")  # made


@case
async def extra_of_a_log_record():
    # mistake: passed_to_function
    # fix: logging.getLogger("x").warning("seen", extra={"user": await fetch(1)})
    # cause: frame_end | refcount | unknown
    # ended: warning | Logger.warning | -
    logging.getLogger("x").warning("seen", extra={"user": fetch(1)})  # made


@case
async def seconds_of_a_delta():
    # mistake: passed_to_function
    # fix: return datetime.timedelta(seconds=await fetch(1))
    # cause: exception_unwinding | refcount | unknown
    async def ttl():
        return datetime.timedelta(seconds=fetch(1))  # made
    try:
        await ttl()
    except TypeError:
        pass


@case
async def digest_of_a_body():
    # mistake: passed_to_function
    # fix: return hashlib.sha256(await fetch(b"x")).hexdigest()
    # cause: exception_unwinding | refcount | unknown
    async def digest():
        return hashlib.sha256(fetch(b"x")).hexdigest()  # made
    try:
        await digest()
    except TypeError:
        pass


@case
async def parsed_reply():
    # mistake: passed_to_function
    # fix: return json.loads(await fetch("{}"))
    # cause: exception_unwinding | refcount | unknown
    # ended: loads | -
    async def parse():
        return json.loads(fetch("{}"))  # made
    try:
        await parse()
    except TypeError:
        pass


@case
async def number_or_zero():
    # mistake: passed_to_function | used_as_value | tested_for_truth
    # fix: return int(await store.get("count") or 0)
    # cause: exception_unwinding | refcount | unknown
    async def count(store):
        return int(store.get("count") or 0)  # made
    try:
        await count(Store())
    except TypeError:
        pass


@case
async def one_more_if_there_is_one():
    # mistake: used_as_value
    # fix: return await store.get("a") + 1 if store else 0
    # cause: exception_unwinding | refcount | unknown
    async def following(store):
        return store.get("a") + 1 if store else 0  # made
    try:
        await following(Store())
    except TypeError:
        pass


@case
async def query_over_several_lines():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: find | -
    # fix: (await store.rows())
    async def find(store):
        return (
            store.rows()  # made
            .filter("a")
            .all()
        )
    try:
        await find(Store())
    except AttributeError:
        pass


@case
async def range_over_the_length():
    # mistake: used_as_value | passed_to_function
    # fix: for index in range(len(await store.rows())):
    # cause: exception_unwinding | refcount | unknown
    async def walk(store):
        for index in range(len(store.rows())):  # made
            str(index)
    try:
        await walk(Store())
    except TypeError:
        pass


@case
async def added_to_an_attribute():
    # mistake: used_as_value
    # fix: self.total += await self.price()
    # cause: exception_unwinding | refcount | unknown
    class Cart:
        total = 0

        async def price(self):
            return 5

        async def add(self):
            self.total += self.price()  # made
    try:
        await Cart().add()
    except TypeError:
        pass


@case
async def first_row_deleted():
    # mistake: used_as_value
    # fix: del (await store.rows())[0]
    # cause: exception_unwinding | refcount | unknown
    async def shorten(store):
        del store.rows()[0]  # made
    try:
        await shorten(Store())
    except TypeError:
        pass


@case
async def item_set_in_the_result():
    # mistake: used_as_value
    # fix: (await store.rows())["a"] = 1
    # cause: exception_unwinding | refcount | unknown
    async def configure(store):
        store.rows()["a"] = 1  # made
    try:
        await configure(Store())
    except TypeError:
        pass


@case
async def name_of_the_first_row():
    # mistake: used_as_value
    # fix: return (await store.rows())[0]["name"].upper()
    # cause: exception_unwinding | refcount | unknown
    async def first(store):
        return store.rows()[0]["name"].upper()  # made
    try:
        await first(Store())
    except TypeError:
        pass


@case
async def names_by_user():
    # mistake: used_as_value
    # fix: return {user: (await fetch(user)).name for user in (1, 2)}
    # ended: names | <dictcomp> | -
    # cause: exception_unwinding | refcount | unknown
    async def names():
        return {user: fetch(user).name for user in (1, 2)}  # made
    try:
        await names()
    except AttributeError:
        pass


@case
async def sorted_by_a_name_to_be_fetched():
    # mistake: used_as_value
    # fix: -
    # advice: await it in an async function: (await fetch(user))
    # ended: <lambda> | -
    # cause: exception_unwinding | refcount | unknown
    async def order(users):
        return sorted(users, key=lambda user: fetch(user).name)  # made
    try:
        await order([1, 2])
    except AttributeError:
        pass
