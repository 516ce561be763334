# SPDX-License-Identifier: MIT
"""Several forgotten at once, and what threads, lambdas and generators make."""
import asyncio
import email.message
import heapq
import html
import shlex
import urllib.parse

from . import case
from .common import Store, fetch


@case
async def two_in_a_dict_that_is_returned():
    # each finding repairs its own call
    # mistake: used_as_value | kept_in_container
    # fix: return {"user": await store.get("a"), "rows": len(await store.rows())} | return {"user": await store.get("a"), "rows": len(store.rows())} | return {"user": store.get("a"), "rows": len(await store.rows())}
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(store):
        return {"user": store.get("a"), "rows": len(store.rows())}  # made
    try:
        await show(Store())
    except TypeError:
        pass


@case
async def gather_of_some_and_a_list_of_others():
    # weak: what is right comes first
    # the list is not awaited; what stands before it is lost with it
    # mistake 3.8-3.8: exception_before_await | never_scheduled | kept_in_container | used_as_value
    # mistake: used_as_value | exception_before_await | never_scheduled | unknown
    # fix 3.8-3.8: - | return await asyncio.gather(fetch(1), *await others()) | return await asyncio.gather(await fetch(1), *others())
    # fix: - | return await asyncio.gather(fetch(1), *await others())
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def others():
        return []

    async def load():
        return await asyncio.gather(fetch(1), *others())  # made
    try:
        await load()
    except TypeError:
        pass


@case
async def host_of_an_address():
    # mistake: passed_to_function
    # fix: return urllib.parse.urlparse(await fetch("http://a/")).netloc
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: host | urlparse | _coerce_args | _decode_args | <genexpr> | -
    async def host():
        return urllib.parse.urlparse(fetch("http://a/")).netloc  # made
    try:
        await host()
    except (AttributeError, TypeError):
        pass


@case
async def largest_of_rows():
    # mistake: passed_to_function
    # fix: return heapq.nlargest(2, await store.rows())
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: best | nlargest | -
    async def best(store):
        return heapq.nlargest(2, store.rows())  # made
    try:
        await best(Store())
    except TypeError:
        pass


@case
async def receiver_of_a_mail():
    # weak: what is right comes first
    # mistake: used_as_value | kept_in_container | passed_to_function
    # fix: message["To"] = await fetch("a@b") | -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: send | __setitem__ | Message.__setitem__ | header_store_parse | -
    async def send():
        message = email.message.EmailMessage()
        message["To"] = fetch("a@b")  # made
        return message
    try:
        await send()
    except (AttributeError, TypeError):
        pass


@case
async def quoted_in_a_command():
    # mistake: passed_to_function
    # fix: command = f"ls -l {shlex.quote(await fetch(user))}"
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: listing | quote | -
    async def listing(user):
        command = f"ls -l {shlex.quote(fetch(user))}"  # made
        return command
    try:
        await listing("a")
    except TypeError:
        pass


@case
async def title_made_a_slug():
    # mistake: passed_to_function
    # fix: return "/posts/" + slug(await fetch("A b"), separator="-") + ".html"
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: address | slug | -
    def slug(text, separator):
        text = text.lower()
        return separator.join(text.split())

    async def address():
        return "/posts/" + slug(fetch("A b"), separator="-") + ".html"  # made
    try:
        await address()
    except AttributeError:
        pass


@case
async def connection_of_a_plain_manager():
    # mistake: used_as_value
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: query | -
    class Database:
        async def connect(self):
            return self

        def __enter__(self):
            return self.connect()  # made

        def __exit__(self, *exception):
            return False

    async def query():
        with Database() as connection:
            return connection.execute("select 1")
    try:
        await query()
    except AttributeError:
        pass


@case(since=(3, 9))
async def row_of_a_thread_used():
    # what to_thread() returns is not to be changed
    # mistake: given_to_executor | used_as_value
    # advice: - | give asyncio.to_thread() a plain function, and await async ones in the loop
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(store):
        row = await asyncio.to_thread(store.get, "a")  # made
        await asyncio.sleep(0)
        return row["name"]
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def user_given_to_listeners():
    # mistake: passed_to_function
    # fix: emitter.emit("user", await store.get("a"))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | on_user | emit | Emitter.emit | -
    class Emitter:
        def __init__(self):
            self.listeners = {}

        def on(self, event, listener):
            self.listeners.setdefault(event, []).append(listener)

        def emit(self, event, *arguments):
            for listener in self.listeners.get(event, ()):
                try:
                    listener(*arguments)
                except Exception as error:
                    str(error)

    def on_user(user):
        return user["name"]

    async def load(emitter, store):
        emitter.emit("user", store.get("a"))  # made
    emitter = Emitter()
    emitter.on("user", on_user)
    await load(emitter, Store())


@case
async def attribute_behind_an_and():
    # mistake: used_as_value
    # fix: if await fetch(True) and (await store.get("a")).active:
    # cause: exception_unwinding | refcount | unknown
    # ended: check | -
    async def check(store):
        if await fetch(True) and store.get("a").active:  # made
            return True
        return False
    try:
        await check(Store())
    except AttributeError:
        pass


@case
async def item_of_a_lambda_chosen():
    # mistake: used_as_value
    # fix: return (await get("a"))["name"]
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load(store):
        get = (lambda key: store.get(key)) if store else (lambda key: {})  # made
        return get("a")["name"]  # made
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def sorted_by_what_is_negated():
    # a lambda cannot await
    # mistake: used_as_value
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: order | <lambda> | -
    async def order(rows):
        rows.sort(key=lambda row: -fetch(row))  # made
        return rows
    try:
        await order([1, 2])
    except TypeError:
        pass


@case
async def sum_of_products_in_a_generator():
    # sum() takes no async generator: it needs a list
    # mistake: used_as_value
    # fix: - | return sum([await fetch(row) * row for row in rows])
    # advice: await each in a list, in an async function: return sum([await fetch(row) * row for row in rows]) | -
    # cause: exception_unwinding | refcount | unknown
    # ended: total | <genexpr> | -
    async def total(rows):
        return sum(fetch(row) * row for row in rows)  # made
    try:
        await total([1, 2])
    except TypeError:
        pass


@case
async def names_by_row():
    # mistake: used_as_value
    # fix: return {row: (await fetch(row))["name"] for row in rows}
    # cause: exception_unwinding | refcount | unknown
    # ended: names | <dictcomp> | -
    async def names(rows):
        return {row: fetch(row)["name"] for row in rows}  # made
    try:
        await names([1])
    except TypeError:
        pass


@case
async def names_of_a_plain_generator():
    # mistake: used_as_value
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: names | show | -
    def names(rows):
        for row in rows:
            yield fetch(row)["name"]  # made

    async def show(rows):
        return ", ".join(names(rows))
    try:
        await show([1])
    except TypeError:
        pass


@case
async def first_by_iter():
    # mistake: used_as_value | passed_to_function
    # fix: return next(iter(await store.rows()), None)
    # cause: exception_unwinding | refcount | unknown
    # ended: first | -
    async def first(store):
        return next(iter(store.rows()), None)  # made
    try:
        await first(Store())
    except TypeError:
        pass


@case
async def user_or_nobody_of_a_helper():
    # weak: what is right comes first
    # mistake: used_as_value | tested_for_truth
    # fix: - | return (await find(store, "a"))["name"]
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    def find(store, key):
        user = store.get(key)  # made
        return user or {"name": "nobody"}

    async def show(store):
        return find(store, "a")["name"]
    try:
        await show(Store())
    except TypeError:
        pass
