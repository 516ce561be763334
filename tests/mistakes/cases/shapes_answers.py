# SPDX-License-Identifier: MIT
"""Answers of clients and stores, used some calls further down."""
import asyncio
import bisect
import decimal
import functools
import html
import ipaddress
import json
import socket
import statistics
import threading

from . import case
from .common import Client, Library, Store, fetch


class Response:
    def __init__(self, *, text, status=200):
        if not isinstance(text, str):
            raise TypeError("text argument must be str (%r)" % type(text))
        self.text = text
        self.status = status


@case
async def tags_that_are_missing():
    # mistake: passed_to_function | used_as_value
    # created: inferred
    # fix: missing = wanted - set(await store.tags())
    # cause: exception_unwinding | refcount | unknown
    # ended: check | -
    async def check(store, wanted):
        missing = wanted - set(store.tags())  # made
        if missing:
            raise KeyError(missing)
    try:
        await check(Library(), {"a"})
    except TypeError:
        pass


@case
async def row_made_a_dict_below():
    # mistake: used_as_value | passed_to_function
    # fix: row = await store.get(key)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | describe | to_dict | -
    def to_dict(row):
        return {name: row[name] for name in ("id", "name")}

    def describe(row, **extra):
        found = to_dict(row)
        found.update(extra)
        return found

    async def show(store, key):
        row = store.get(key)  # made
        if row is None:
            raise LookupError(key)
        return describe(row, kind="user")
    try:
        await show(Store(), "a")
    except TypeError:
        pass


@case
async def text_of_an_error():
    # mistake: formatted
    # created: inferred
    # fix: raise KeyError(f"no room for {await fetch(user)}")
    # cause: exception_unwinding | refcount | unknown
    # ended: add | -
    async def add(room, user):
        if len(room) > 0:
            raise KeyError(f"no room for {fetch(user)}")  # made
        room.append(user)
    try:
        await add(["a"], "b")
    except KeyError:
        pass


@case
async def answer_of_a_protocol():
    # mistake: passed_to_function
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: data_received | Echo.data_received | write | _SelectorSocketTransport.write | -
    class Echo(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport = transport

        async def answer(self, data):
            return data

        def data_received(self, data):
            try:
                self.transport.write(self.answer(data))  # made
            except TypeError:
                self.transport.abort()
    ours, theirs = socket.socketpair()
    with theirs:
        await asyncio.get_running_loop().create_connection(Echo, sock=ours)
        theirs.send(b"x")
        await asyncio.sleep(0.02)


@case
async def admin_checked_by_a_decorator():
    # mistake: used_as_value
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: wrapper | -
    async def current_user(request):
        return request["user"]

    def admins_only(view):
        @functools.wraps(view)
        def wrapper(request, *arguments):
            user = current_user(request)  # made
            if not user.is_admin:
                raise PermissionError(request)
            return view(request, *arguments)
        return wrapper

    @admins_only
    async def view(request):
        return request
    try:
        await view({"user": None})
    except AttributeError:
        pass


@case
async def text_of_a_response_that_checks_it():
    # aiohttp: text argument must be str
    # mistake: passed_to_function
    # created: inferred
    # fix: return Response(text=await fetch("<p>"), status=404)
    # cause: exception_unwinding | refcount | unknown
    # ended: view | __init__ | Response.__init__ | -
    async def view():
        return Response(text=fetch("<p>"), status=404)  # made
    try:
        await view()
    except TypeError:
        pass


@case
async def score_that_is_inserted():
    # mistake: passed_to_function
    # created: inferred
    # fix: bisect.insort(scores, await fetch(3))
    # cause: exception_unwinding | refcount | unknown
    # ended: rank | -
    async def rank(scores):
        bisect.insort(scores, fetch(3))  # made
        return scores[-3:]
    try:
        await rank([1, 2, 4])
    except TypeError:
        pass


@case
async def mean_of_what_is_loaded():
    # weak: what is right comes first
    # mistake 3.8-3.10: passed_to_function
    # mistake: passed_to_function | exception_before_await
    # fix: return statistics.mean([await fetch(number) for number in numbers]) | -
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: rate | mean | _sum | _exact_ratio | _convert | -
    async def rate(numbers):
        return statistics.mean([fetch(number) for number in numbers])  # made
    try:
        await rate([1])
    except TypeError:
        pass


@case
async def price_of_several():
    # mistake: passed_to_function | used_as_value
    # created: inferred
    # fix: total = decimal.Decimal(await fetch("1.5")) * quantity
    # cause: exception_unwinding | refcount | unknown
    # ended: order | -
    async def order(quantity):
        total = decimal.Decimal(fetch("1.5")) * quantity  # made
        return round(total, 2)
    try:
        await order(2)
    except TypeError:
        pass


@case
async def address_that_is_none():
    # the exception tells that the text is no address, and is expected
    # mistake: passed_to_function
    # created: inferred
    # fix: return ipaddress.ip_address(await fetch(host))
    # cause: exception_unwinding | refcount | unknown
    # ended: resolve | ip_address | -
    async def resolve(host):
        try:
            return ipaddress.ip_address(fetch(host))  # made
        except ValueError:
            return None
    await resolve("127.0.0.1")


@case
async def name_that_is_escaped():
    # mistake: passed_to_function
    # created: inferred
    # fix: return "<b>" + html.escape(await fetch("a"), quote=True) + "</b>"
    # cause: exception_unwinding | refcount | unknown
    # ended: render | escape | -
    async def render():
        return "<b>" + html.escape(fetch("a"), quote=True) + "</b>"  # made
    try:
        await render()
    except AttributeError:
        pass


@case
async def fields_that_are_set():
    # mistake: passed_to_function | kept_in_container
    # fix: setattr(user, name, await fetch(value))
    # cause: frame_end | refcount | unknown
    # ended: change | -
    class User:
        email = None

    async def change(changes):
        user = User()
        for name, value in changes.items():
            setattr(user, name, fetch(value))  # made
        return len(changes)
    await change({"email": "x"})


@case
async def two_that_are_shown_at_once():
    # both are wanted, and the use of the second one raises
    # mistake: used_as_value | kept_in_container | assigned_never_used
    # fix: user = await store.get("a") | rows = await store.rows()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(store):
        user = store.get("a")  # made
        rows = store.rows()  # made
        return {"user": user, "rows": len(rows)}
    try:
        await show(Store())
    except TypeError:
        pass


@case
async def response_of_a_loop_of_tries():
    # mistake: used_as_value
    # fix: response = await client.get(path)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(client, path):
        for wait in (0, 1, 2):
            try:
                response = client.get(path)  # made
            except OSError:
                await asyncio.sleep(wait)
            else:
                break
        return response.json()
    try:
        await load(Client(), "/")
    except AttributeError:
        pass


@case
async def user_read_under_a_lock():
    # mistake: used_as_value
    # fix: user = await store.get(key)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: rename_user | -
    lock = asyncio.Lock()

    async def rename_user(store, key, name):
        async with lock:
            user = store.get(key)  # made
            await fetch(key)
        user["name"] = name
        return user
    try:
        await rename_user(Store(), "a", "b")
    except TypeError:
        pass


@case
async def result_of_a_thread_used():
    # weak: what is right comes first
    # mistake: used_as_value | exception_before_await
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    def work(results):
        results.append(fetch({"name": "a"}))  # made

    async def load():
        results = []
        thread = threading.Thread(target=work, args=(results,))
        thread.start()
        thread.join()
        return results[0]["name"]
    try:
        await load()
    except TypeError:
        pass


@case
async def row_of_an_executor():
    # weak: what is right comes first
    # mistake: given_to_executor | used_as_value | unknown
    # fix: row = await fetch({"name": "a"}) | -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load():
        loop = asyncio.get_running_loop()
        row = await loop.run_in_executor(None, fetch, {"name": "a"})  # made
        return row["name"]
    try:
        await load()
    except TypeError:
        pass
