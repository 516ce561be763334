# SPDX-License-Identifier: MIT
"""Shapes of classes and helpers near those of other files: special methods, handlers, schedules, ways out."""
import asyncio
import threading

from . import case
from .common import Store, fetch, swallow


@case
async def started_by_a_list_of_handlers():
    # mistake: async_callback
    class App:
        def __init__(self):
            self.handlers = []

        def on_event(self, name):
            return self.handlers.append

        def startup(self):
            for handler in self.handlers:
                handler()  # made
    app = App()
    app.on_event("startup")(fetch)
    app.startup()


@case
def poller_in_a_thread():
    # mistake: result_discarded
    # fix: asyncio.run(self.poll())
    class Poller(threading.Thread):
        async def poll(self):
            pass

        def run(self):
            for _ in range(1):
                self.poll()  # made
    thread = Poller()
    thread.start()
    thread.join()


@case
def entered_and_used():
    # mistake: used_as_value
    # fix: - | return asyncio.run(self.connect())
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: ask | -
    class Client:
        def __enter__(self):
            return self.connect()  # made

        def __exit__(self, *exception):
            return None

        async def connect(self):
            return self

    def ask():
        with Client() as client:
            return client.get("/")
    swallow(ask)


@case
async def iterated_by_a_special_method():
    # mistake: used_as_value
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: - | show | __iter__ | Rows.__iter__
    class Rows:
        def __iter__(self):
            return iter(self.rows())  # made

        async def rows(self):
            return []

    async def show():
        return [row for row in Rows()]
    try:
        await show()
    except TypeError:
        pass


@case
async def shown_by_a_special_method():
    # mistake: formatted
    # fix: -
    # advice: await it in an async function: return f"{await self.rows()} rows"
    class Rows:
        def __str__(self):
            return f"{self.rows()} rows"  # made

        async def rows(self):
            return []
    str(Rows())


@case
async def summed_by_a_property():
    # mistake: used_as_value
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: - | total | Cart.total
    class Cart:
        @property
        def total(self):
            return self.price() + 1  # made

        async def price(self):
            return 5
    try:
        Cart().total
    except TypeError:
        pass


@case
async def cached_item_used():
    # mistake: used_as_value | kept_in_container
    # fix: cache[key] = await fetch(key) | -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(key):
        cache = {}
        try:
            return cache[key]
        except KeyError:
            cache[key] = fetch(key)  # made
        return cache[key].name
    try:
        await load(1)
    except AttributeError:
        pass


@case
async def first_of_a_list_used():
    # mistake: used_as_value
    # fix: - | result = [await fetch(number) for number in (1,)][0]
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load():
        result = [fetch(number) for number in (1,)][0]  # made
        return result.name
    try:
        await load()
    except AttributeError:
        pass


@case
async def task_of_a_helper_result():
    # mistake: result_discarded | returned_and_dropped
    # fix: await start(store)
    def start(store):
        return store.get("a")  # made
    store = Store()
    start(store)


@case
async def given_to_a_schedule_of_a_class():
    # mistake: passed_as_callback | passed_to_function
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: start | every | Schedule.every | -
    class Schedule:
        def every(self, seconds, job):
            self.job = job

    async def start():
        schedule = Schedule()
        schedule.every(5, fetch(1))  # made
        return bool(schedule)
    await start()


@case
async def waited_for_with_a_default():
    # mistake: used_as_value
    # fix: return (await store.get("a") or {})["name"]
    # cause: exception_unwinding | refcount | unknown
    async def load(store):
        return (store.get("a") or {})["name"]  # made
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def unpacked_into_keywords_of_a_class():
    # mistake: used_as_value | passed_to_function
    # fix: return dict(**await store.get("a"))
    # cause: exception_unwinding | refcount | unknown
    async def load(store):
        return dict(**store.get("a"))  # made
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def stopped_on_the_way_out():
    # mistake: result_discarded
    # fix: await store.get("stop")
    async def work(store):
        try:
            raise ValueError
        finally:
            store.get("stop")  # made
    try:
        await work(Store())
    except ValueError:
        pass


@case
def closed_by_a_plain_exit_handler():
    # mistake: result_discarded
    # fix: asyncio.run(self.store.get("stop"))
    class App:
        def __init__(self):
            self.store = Store()

        def shutdown(self, signum=None):
            try:
                self.store.get("stop")  # made
            except Exception:
                pass
    App().shutdown()


@case
async def gathered_and_forgotten_in_a_plain_method():
    # mistake: assigned_never_used | kept_in_container
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: start | App.start | -
    class App:
        def start(self):
            jobs = [asyncio.sleep(0), fetch(1)]  # made
            return len(jobs)
    App().start()


@case
async def callback_that_is_a_coroutine():
    # mistake: passed_as_callback
    # fix: -
    # advice: pass the function itself, without calling it: fetch
    # cause: frame_end | refcount | unknown
    # ended: connect | -
    def connect(host, on_message_callback=None):
        return host is None
    connect("localhost", on_message_callback=fetch(1))  # made


@case
async def task_that_is_data():
    # mistake: passed_to_function
    # fix: show(await fetch(1))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | work | -
    def show(task):
        return task.title

    async def work():
        show(fetch(1))  # made
    try:
        await work()
    except AttributeError:
        pass


@case
async def user_that_is_data():
    # mistake: passed_to_function
    # fix: text = render(await fetch(1), "x")
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: render | work | -
    def render(user, title):
        return f"{title} {user['name']}"

    async def work():
        text = render(fetch(1), "x")  # made
        return text
    try:
        await work()
    except TypeError:
        pass


@case
async def handler_that_is_called():
    # mistake: passed_as_callback
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: run | work | -
    def run(handler):
        return handler(1)

    async def work():
        run(fetch(1))  # made
    try:
        await work()
    except TypeError:
        pass
