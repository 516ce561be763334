# SPDX-License-Identifier: MIT
"""What functions of the standard library are given, and what they raise."""
import asyncio
import base64
import concurrent.futures
import csv
import datetime
import io
import random
import re
import shutil
import struct
import urllib.parse

from . import case
from .common import Library, Page, Store, fetch


@case
async def sent_by_a_new_loop_or_a_thread():
    # weak: what is right comes first
    # NousResearch/hermes-agent#2317
    # mistake 3.8-3.10: loop_already_running | unknown
    # mistake: loop_already_running
    # fix: - | return await coroutine
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: send | run | -
    def send(text):
        coroutine = fetch(text)  # made
        try:
            return asyncio.run(coroutine)
        except RuntimeError:
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                return pool.submit(asyncio.run, fetch(text)).result()
    send("x")


@case
async def second_of_two_async_managers():
    # hyprland-community/pyprland#111
    # mistake: used_as_value
    # created: inferred
    # fix: async with pool() as connections, await connect(connections) as connection:
    # cause: exception_unwinding | refcount | unknown
    # ended: query | -
    class Pool:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *exception):
            return False

    def pool():
        return Pool()

    async def connect(connections):
        return connections

    async def query():
        async with pool() as connections, connect(connections) as connection:  # made
            return connection
    try:
        await query()
    except (AttributeError, TypeError):
        pass


@case
async def texts_of_a_map_joined():
    # custom-components/pyscript#633
    # mistake: async_callback | passed_to_function
    # cause: exception_unwinding | refcount | unknown
    # ended: condition | -
    async def is_on(sensor):
        return sensor + " == 'on'"

    async def condition(sensors):
        return " or ".join(map(is_on, sensors))  # made
    try:
        await condition(["a"])
    except TypeError:
        pass


@case
async def port_of_two_places():
    # mistake: passed_to_function | used_as_value
    # created: inferred
    # fix: port = int(environment.get("PORT") or await fetch(80))
    # cause: exception_unwinding | refcount | unknown
    # ended: start | -
    async def start(environment):
        port = int(environment.get("PORT") or fetch(80))  # made
        return port
    try:
        await start({})
    except TypeError:
        pass


@case
async def end_of_a_lifetime():
    # mistake: used_as_value
    # created: inferred
    # fix: until = datetime.datetime.now() + await fetch(datetime.timedelta(1))
    # cause: exception_unwinding | refcount | unknown
    # ended: renew | -
    async def renew(tokens):
        until = datetime.datetime.now() + fetch(datetime.timedelta(1))  # made
        tokens["until"] = until.isoformat()
    try:
        await renew({})
    except TypeError:
        pass


@case
async def total_by_user():
    # mistake: used_as_value
    # created: inferred
    # fix: totals[user] = totals.get(user, 0) + await ledger.balance(user)
    # cause: exception_unwinding | refcount | unknown
    # ended: add_up | -
    async def add_up(ledger, users):
        totals = {}
        for user in users:
            totals[user] = totals.get(user, 0) + ledger.balance(user)  # made
        return totals
    try:
        await add_up(Library(), ["a"])
    except TypeError:
        pass


@case
async def settings_updated():
    # mistake: passed_to_function
    # created: inferred
    # fix: settings.update(await fetch({}), debug=True)
    # cause: exception_unwinding | refcount | unknown
    # ended: configure | -
    async def configure(settings):
        settings.update(fetch({}), debug=True)  # made
        return settings
    try:
        await configure({})
    except TypeError:
        pass


@case
async def number_found_in_a_page():
    # mistake: passed_to_function
    # created: inferred
    # fix: return re.search(r"id=(\d+)", await page.content()).group(1)
    # cause: exception_unwinding | refcount | unknown
    # ended: scrape | search | -
    async def scrape(page):
        return re.search(r"id=(\d+)", page.content()).group(1)  # made
    try:
        await scrape(Page())
    except TypeError:
        pass


@case(needs="sqlite3")
async def rows_for_a_database():
    # weak: what is right comes first
    # mistake: passed_to_function | unknown
    # fix: database.executemany("insert into t values (?)", [(await fetch(row),) for row in rows]) | -
    # cause: exception_unwinding | refcount | unknown
    # ended: save | -
    import sqlite3

    async def save(database, rows):
        database.executemany("insert into t values (?)", [(fetch(row),) for row in rows])  # made
    database = sqlite3.connect(":memory:")
    database.execute("create table t (a)")
    try:
        await save(database, [1])
    except sqlite3.Error:
        pass
    finally:
        database.close()


@case
async def file_that_is_copied():
    # mistake: passed_to_function
    # created: inferred
    # fix: shutil.copy(source, await fetch("/nowhere"))
    # cause: exception_unwinding | refcount | unknown
    # ended: keep | copy | copyfile | isdir | -
    async def keep(source):
        shutil.copy(source, fetch("/nowhere"))  # made
    try:
        await keep(__file__)
    except TypeError:
        pass


@case
async def load_in_a_factory():
    # mistake: result_discarded
    # created: inferred
    # fix: await self.load()
    class Account:
        def __init__(self):
            self.rows = []

        async def load(self):
            self.rows.append(1)

        @classmethod
        async def create(cls, *arguments):
            self = cls(*arguments)
            self.load()  # made
            return self
    await Account.create()


@case
async def name_that_begins_so():
    # weak: what is right comes first
    # mistake 3.12-3.15: used_as_value
    # mistake: used_as_value | exception_before_await
    # fix: return [name for row in rows if (name := await fetch(row)).startswith("a")] | -
    # cause: exception_unwinding | refcount | unknown
    # ended: names | <listcomp> | -
    async def names(rows):
        return [name for row in rows if (name := fetch(row)).startswith("a")]  # made
    try:
        await names(["a"])
    except AttributeError:
        pass


@case
async def prefix_of_a_path():
    # mistake: passed_to_function
    # created: inferred
    # fix: if not path.startswith(await fetch("/api")):
    # cause: exception_unwinding | refcount | unknown
    # ended: route | -
    async def route(path):
        if not path.startswith(fetch("/api")):  # made
            return None
        return path
    try:
        await route("/api/users")
    except TypeError:
        pass


@case
async def name_put_into_a_text():
    # mistake: passed_to_function
    # created: inferred
    # fix: text = text.replace("{user}", await fetch("a")).strip()
    # cause: exception_unwinding | refcount | unknown
    # ended: greet | -
    async def greet(text):
        text = text.replace("{user}", fetch("a")).strip()  # made
        return text
    try:
        await greet("hello {user}")
    except TypeError:
        pass


@case
async def picture_in_base64():
    # mistake: passed_to_function
    # created: inferred
    # fix: return "data:image/png;base64," + base64.b64encode(await fetch(b"x")).decode()
    # cause: exception_unwinding | refcount | unknown
    # ended: show | b64encode | -
    async def show():
        return "data:image/png;base64," + base64.b64encode(fetch(b"x")).decode()  # made
    try:
        await show()
    except TypeError:
        pass


@case
async def row_of_a_csv_file():
    # mistake: passed_to_function
    # created: inferred
    # fix: writer.writerow([user, await ledger.balance(user)])
    async def export(ledger, users):
        writer = csv.writer(io.StringIO())
        for user in users:
            writer.writerow([user, ledger.balance(user)])  # made
    await export(Library(), ["a"])


@case
async def token_in_a_query():
    # mistake: passed_to_function
    # fix: return path + "?" + urllib.parse.urlencode({"token": await fetch("t"), "page": 1})
    # cause: frame_end | refcount | unknown
    # ended: address | urlencode | -
    async def address(path):
        return path + "?" + urllib.parse.urlencode({"token": fetch("t"), "page": 1})  # made
    await address("/users")


@case
async def sequence_of_a_packet():
    # mistake: passed_to_function
    # created: inferred
    # fix: header = struct.pack("<HI", kind, await fetch(7))
    # cause: exception_unwinding | refcount | unknown
    # ended: send | -
    async def send(kind, body):
        header = struct.pack("<HI", kind, fetch(7))  # made
        return header + body
    try:
        await send(1, b"")
    except struct.error:
        pass


@case
async def one_of_the_servers():
    # mistake: passed_to_function
    # created: inferred
    # fix: server = random.choice(await store.rows())
    # cause: exception_unwinding | refcount | unknown
    # ended: connect | choice | Random.choice | -
    async def connect(store):
        server = random.choice(store.rows())  # made
        return server
    try:
        await connect(Store())
    except TypeError:
        pass
