# SPDX-License-Identifier: MIT
"""Shapes out of public reports of what went wrong: in libraries called, some levels up, under handlers."""
import asyncio
import base64
import bisect
import concurrent.futures
import contextlib
import csv
import dataclasses
import datetime
import decimal
import email.message
import functools
import heapq
import html
import io
import ipaddress
import json
import pickle
import random
import re
import shlex
import shutil
import signal
import socket
import statistics
import struct
import sys
import threading
import urllib.parse

from . import case
from .common import Store, fetch, swallow


class Library:
    async def scope_ids(self, key):
        return [key], [key]

    async def tag(self):
        return "new"

    async def search(self, words):
        return [words]

    async def balance(self, user):
        return 1

    async def tags(self):
        return ["a"]


class Page:
    async def content(self):
        return "id=5"


class Client:
    async def get(self, path):
        return self

    async def disconnect(self):
        pass

    async def close(self):
        pass


class Crawl:
    def __init__(self, rounds):
        self.rounds = rounds

    async def find(self):
        return await self.found()

    async def found(self):
        self.rounds -= 1
        if not self.rounds:
            return ["node"]
        return self.find()  # made


class Response:
    def __init__(self, *, text, status=200):
        if not isinstance(text, str):
            raise TypeError("text argument must be str (%r)" % type(text))
        self.text = text
        self.status = status


@case
async def scopes_unpacked_under_a_handler():
    # DroppedNeedle/DroppedNeedle#349
    # mistake: used_as_value
    # created: inferred
    # fix: groups, artists = await store.scope_ids(key)
    async def invalidate(store, key):
        try:
            groups, artists = store.scope_ids(key)  # made
        except Exception as error:
            return str(error)
        return groups + artists
    await invalidate(Library(), "k")


@case
async def address_in_an_async_property():
    # yshalsager/facebook2rss#10
    # mistake: used_as_value | compared
    # fix: return bool(self.checkout in await self.get_actual_url())
    # cause: exception_unwinding | refcount | unknown
    # ended: requires_code | Page.requires_code | -
    class Login:
        checkout = "checkout"

        async def get_actual_url(self):
            return "https://checkout"

        @property
        async def requires_code(self):
            return bool(self.checkout in self.get_actual_url())  # made

    async def log_in(page):
        if await page.requires_code:
            return None
        return page
    try:
        await log_in(Login())
    except TypeError:
        pass


@case
async def place_of_a_tag():
    # emersonfelipesp/netbox-proxbox#129
    # mistake: passed_to_function
    # fix: at = tags.index(await extras.tag())
    # cause: exception_unwinding | refcount | unknown
    # ended: update | -
    async def update(tags, extras):
        at = tags.index(extras.tag())  # made
        return tags[at:]
    try:
        await update(["a", "b"], Library())
    except ValueError:
        pass


@case
async def nodes_of_another_round():
    # bmuller/kademlia#38
    # mistake: used_as_value | passed_to_function
    # fix: -
    # fix with origin: return await self.find()
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: store | -
    async def store(crawl, key):
        nodes = await crawl.find()
        return "%s on %s" % (key, list(map(str, nodes)))
    try:
        await store(Crawl(2), "k")
    except TypeError:
        pass


@case
async def output_of_a_job_to_json():
    # runpod-workers/worker-vllm#3
    # mistake: passed_to_function | async_callback
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: work | dumps | default | JSONEncoder.default | -
    async def handler(job):
        return job["input"]

    def run_job(function, job):
        result = {}
        try:
            output = function(job)  # made
            if isinstance(output, dict):
                result["error"] = output.pop("error", None)
            result["output"] = output
        except Exception as error:
            result["error"] = str(error)
        return result

    def work(config, job):
        result = run_job(config["handler"], job)
        return json.dumps(result)
    swallow(work, {"handler": handler}, {"input": 1})


@case
async def bounded_and_timed_out():
    # cataseven/Keenetic-Router-Pro#65
    # mistake 3.8-3.10: exception_before_await | unknown
    # mistake: exception_before_await
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: bounded | -
    limit = asyncio.Semaphore(1)

    async def bounded(work):
        async with limit:
            return await work

    async def update():
        return await asyncio.gather(bounded(asyncio.sleep(1)), bounded(fetch(2)))  # made
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(update(), 0.01)


@case
async def wait_in_a_plain_stop():
    # xavierlesa/channels-asgi-mqtt#13
    # mistake: result_discarded
    # created: inferred
    # fix: - | task = asyncio.create_task(asyncio.wait(tasks))
    # advice: keep a reference to task, or make stop() async and write: await asyncio.wait(tasks)
    def stop(tasks):
        for task in tasks:
            task.cancel()
        asyncio.wait(tasks)  # made
    stop([asyncio.ensure_future(asyncio.sleep(0))])
    await asyncio.sleep(0)


@case
async def disconnected_in_a_handler_of_a_loop():
    # caproto/caproto#839
    # mistake: result_discarded
    # created: inferred
    # fix: await manager.disconnect()
    async def watch(managers, deadline):
        while managers:
            for name, manager in list(managers.items()):
                try:
                    managers[name].seen - deadline
                except AttributeError:
                    del managers[name]
                    manager.disconnect()  # made
                else:
                    continue
                finally:
                    deadline += 1
    await watch({"a": Client()}, 1)


@case
async def closing_for_a_signal_that_does_not_come():
    # python-websockets/websockets#1261
    # mistake: passed_to_function | passed_as_callback | never_scheduled
    # fix: - | loop.add_signal_handler(signal.SIGUSR2, lambda: loop.create_task(client.close()))
    # cause: frame_end | refcount | unknown
    # ended: serve | -
    async def serve(client):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR2, loop.create_task, client.close())  # made
        await asyncio.sleep(0)
        loop.remove_signal_handler(signal.SIGUSR2)
    await serve(Client())


@case
async def on_exit_of_an_interface():
    # beeware/toga#2706
    # mistake: async_callback | returned_and_dropped | result_discarded
    # fix: - | task = asyncio.create_task(self.interface.on_exit())
    # cause: refcount | unknown
    class App:
        def __init__(self, on_exit=None):
            self.handler = on_exit

        def on_exit(self):
            return self.handler()  # made

    class Native:
        def __init__(self, app):
            self.interface = app

        def close(self):
            self.interface.on_exit()
            return False

    class Hello(App):
        def __init__(self):
            super().__init__(on_exit=self.leave)

        async def leave(self):
            pass
    Native(Hello()).close()


@case
async def progress_of_options():
    # crossbario/autobahn-python#1172
    # mistake: async_callback | result_discarded
    # fix: await options.on_progress(number)
    @dataclasses.dataclass
    class Options:
        on_progress: object = None

    async def progress(number):
        await asyncio.sleep(0)

    async def call(options):
        for number in range(1):
            if options.on_progress is not None:
                options.on_progress(number)  # made
            await asyncio.sleep(0)
    await call(Options(on_progress=progress))


@case
async def exit_of_a_stack_by_hand():
    # yakimka/picodi#26
    # mistake: result_discarded
    # created: inferred
    # fix: await stack.__aexit__(*sys.exc_info())
    async def inject(function):
        stack = contextlib.AsyncExitStack()
        try:
            return await function()
        finally:
            stack.__aexit__(*sys.exc_info())  # made
    await inject(fetch)


@case
async def people_of_a_cache_with_a_lambda():
    # azizmazrou/ews-mcp#14
    # mistake: used_as_value
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: find | -
    class Cache:
        def __init__(self):
            self.values = {}

        async def get_or_fetch(self, key, function):
            if asyncio.iscoroutinefunction(function):
                value = await function()
            else:
                value = function()
            return value

    async def find(cache, directory, words):
        people = []
        for person in await cache.get_or_fetch(words, lambda: directory.search(words)):  # made
            people.append(person)
        return people
    try:
        await find(Cache(), Library(), "x")
    except TypeError:
        pass


@case
async def choices_in_a_plain_validator():
    # a-luna/fastapi-redis-cache#59
    # mistake: used_as_value
    # created: inferred
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: validate | Form.validate | <listcomp> | -
    async def choices():
        return [{"symbol": "EUR"}]

    class Form:
        @classmethod
        def validate(cls, value):
            allowed = [choice["symbol"] for choice in choices()]  # made
            if value not in allowed:
                raise ValueError(value)
            return value
    swallow(Form.validate, "EUR")


@case
async def result_pickled_by_a_cache():
    # long2ice/fastapi-cache#555
    # mistake: passed_to_function
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: wrapper | -
    def cached(function):
        @functools.wraps(function)
        def wrapper(*arguments):
            value = function(*arguments)  # made
            wrapper.values[arguments] = pickle.dumps(value)
            return value
        wrapper.values = {}
        return wrapper

    @cached
    async def currencies(name):
        return [name]

    async def show():
        return await currencies("EUR")
    try:
        await show()
    except TypeError:
        pass


@case
async def sent_by_a_new_loop_or_a_thread():
    # NousResearch/hermes-agent#2317
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
    # mistake: passed_to_function
    # fix: database.executemany("insert into t values (?)", [(await fetch(row),) for row in rows])
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
    # mistake: used_as_value
    # fix: return [name for row in rows if (name := await fetch(row)).startswith("a")]
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
    # mistake: passed_to_function
    # fix: return statistics.mean([await fetch(number) for number in numbers])
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
    # mistake: used_as_value
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
    # mistake: given_to_executor | used_as_value
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


@case
async def two_in_a_dict_that_is_returned():
    # mistake: used_as_value | kept_in_container
    # fix: return {"user": await store.get("a"), "rows": len(await store.rows())}
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
    # the list is not awaited; what stands before it is lost with it
    # mistake: used_as_value | exception_before_await | never_scheduled
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
    # mistake: used_as_value | kept_in_container | passed_to_function
    # fix: message["To"] = await fetch("a@b")
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
    # advice: - | give run_in_executor() and to_thread() plain functions, and await async ones in the loop
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
    # advice: - | await each in a list: sum([await fetch(...) for ...])
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
    # mistake: used_as_value | tested_for_truth
    # fix: -
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


@case
async def token_of_a_session_that_fails():
    # mistake: passed_to_function
    # fix: async with Session("a", token=await fetch("t")) as session:
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | __aenter__ | Session.__aenter__ | -
    class Session:
        def __init__(self, host, token):
            self.host = host
            self.token = token

        async def __aenter__(self):
            await asyncio.sleep(0)
            raise ConnectionError(self.host)

        async def __aexit__(self, *exception):
            return False

    async def load():
        async with Session("a", token=fetch("t")) as session:  # made
            return session
    try:
        await load()
    except ConnectionError:
        pass


@case
async def run_for_a_thread_too_early():
    # the thread is to run it, and the main thread has a loop: the result is no target
    # mistake: loop_already_running
    # fix: - | thread = threading.Thread(target=asyncio.run, args=(fetch(1),))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: start | run | -
    async def start():
        thread = threading.Thread(target=asyncio.run(fetch(1)))  # made
        thread.start()
    try:
        await start()
    except RuntimeError:
        pass


@case
async def run_by_a_timer_of_the_loop():
    # mistake: loop_already_running
    # fix: - | loop.call_later(0, lambda: asyncio.ensure_future(fetch(1)))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: run | _run | Handle._run | start | -
    async def start():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: None)
        loop.call_later(0, asyncio.run, fetch(1))  # made
        await asyncio.sleep(0.01)
    await start()


@case
async def method_of_a_remote_object():
    # mistake: used_as_value
    # fix: return (await client.users.list(page=1))[0]
    # cause: exception_unwinding | refcount | unknown
    # ended: first | -
    class Remote:
        def __init__(self, path=""):
            self.path = path

        def __getattr__(self, name):
            return Remote(self.path + "/" + name)

        async def __call__(self, **arguments):
            return [self.path]

    async def first(client):
        return client.users.list(page=1)[0]  # made
    try:
        await first(Remote())
    except TypeError:
        pass


@case
async def cheapest_of_pairs():
    # min() takes no async generator: it needs a list
    # mistake: compared | used_as_value | passed_to_function | kept_in_container
    # fix: - | return min([(await fetch(shop), shop) for shop in shops])
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: cheapest | <genexpr> | -
    async def cheapest(shops):
        return min((fetch(shop), shop) for shop in shops)  # made
    try:
        await cheapest(["a", "b"])
    except TypeError:
        pass


@case
async def two_names_at_once():
    # mistake: used_as_value
    # fix: user = self.user = await store.get("a")
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | Context.load | -
    class Context:
        user = None

        async def load(self, store):
            user = self.user = store.get("a")  # made
            return user["name"]
    try:
        await Context().load(Store())
    except TypeError:
        pass


@case
async def variable_with_a_type():
    # mistake: used_as_value
    # fix: user: dict = await store.get("a")
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(store):
        user: dict = store.get("a")  # made
        name = user.get("name", "").title()
        return name
    try:
        await load(Store())
    except AttributeError:
        pass


@case
async def pair_within_a_pair():
    # mistake: used_as_value
    # fix: (first, second), third = await store.rows(), 3
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(store):
        (first, second), third = store.rows(), 3  # made
        return first + second + third
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def any_of_an_attribute():
    # any() takes no async generator: it needs a list
    # mistake: used_as_value
    # fix: - | return any([(await fetch(row)).active for row in rows])
    # advice: - | await each in a list: any([await fetch(...) for ...])
    # cause: exception_unwinding | refcount | unknown
    # ended: check | <genexpr> | -
    async def check(rows):
        return any(fetch(row).active for row in rows)  # made
    try:
        await check([1])
    except AttributeError:
        pass


@case
async def parameter_that_is_stripped():
    # mistake: passed_to_function
    # fix: page.head(await fetch("A "))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | head | PageOfText.head | -
    class PageOfText:
        def head(self, text):
            text = text.strip()
            self.text = text

    async def show(page):
        page.head(fetch("A "))  # made
    try:
        await show(PageOfText())
    except AttributeError:
        pass


@case
async def item_of_a_row_in_a_list():
    # mistake: used_as_value | kept_in_container
    # fix: found.append(await store.get(name))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(store, names):
        found = []
        for name in names:
            found.append(store.get(name))  # made
        return found[0]["name"]
    try:
        await show(Store(), ["a"])
    except TypeError:
        pass


@case
async def two_used_one_after_the_other():
    # the second one is used as plainly as the first, behind what raises
    # mistake: used_as_value | assigned_never_used
    # fix: user = await store.get("a") | rows = await store.rows()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(store):
        user = store.get("a")  # made
        rows = store.rows()  # made
        name = user["name"]
        return name, len(rows)
    try:
        await show(Store())
    except TypeError:
        pass


@case
async def two_in_keywords():
    # mistake: used_as_value | passed_to_function
    # fix: return dict(user=await store.get("a"), rows=list(await store.rows()))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(store):
        return dict(user=store.get("a"), rows=list(store.rows()))  # made
    try:
        await show(Store())
    except TypeError:
        pass


@case
async def rows_zipped_with_their_keys():
    # mistake: used_as_value | kept_in_container
    # fix: for key, row in zip(keys, [await fetch(key) for key in keys]):
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(keys):
        names = {}
        for key, row in zip(keys, [fetch(key) for key in keys]):  # made
            names[key] = row["name"]
        return names
    try:
        await show([1, 2])
    except TypeError:
        pass


@case
async def dict_of_a_zip_and_a_map():
    # mistake: async_callback | used_as_value | kept_in_container
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(keys):
        rows = dict(zip(keys, map(fetch, keys)))  # made
        return [row["name"] for row in rows.values()]
    try:
        await show([1])
    except TypeError:
        pass


@case
async def job_of_a_queue_used():
    # mistake: used_as_value | passed_to_function
    # fix: queue.put_nowait(await fetch({"id": 1})) | job = await queue.get_nowait()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: work | -
    async def work(queue):
        queue.put_nowait(fetch({"id": 1}))  # made
        await asyncio.sleep(0)
        job = queue.get_nowait()
        return job["id"]
    try:
        await work(asyncio.Queue())
    except TypeError:
        pass


@case
async def items_of_an_order_two_calls_down():
    # mistake: passed_to_function
    # fix: return post("/orders", {"user": 1, "items": [await fetch(item) for item in items]})
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: order | post | encode | dumps | default | JSONEncoder.default | -
    def encode(document):
        return json.dumps(document, sort_keys=True)

    def post(path, document):
        body = encode(document)
        return path, body

    async def order(items):
        return post("/orders", {"user": 1, "items": [fetch(item) for item in items]})  # made
    try:
        await order([5])
    except TypeError:
        pass


@case
def row_of_a_future_of_a_pool():
    # mistake: given_to_executor | used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    def load():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            future = pool.submit(fetch, {"name": "a"})  # made
            return future.result()["name"]
    swallow(load)
