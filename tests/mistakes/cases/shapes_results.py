# SPDX-License-Identifier: MIT
"""What is done with results: pairs, lists, keywords, parameters that are changed."""
import asyncio
import concurrent.futures
import json
import threading

from . import case
from .common import Store, fetch, swallow


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
    # weak: what is right comes first
    # the thread is to run it, and the main thread has a loop: the result is no target
    # mistake: loop_already_running
    # fix: - | thread = threading.Thread(target=asyncio.run, args=(fetch(1),)) | await fetch(1)
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
    # weak: what is right comes first
    # mistake: loop_already_running | kept_in_cycle
    # fix: - | loop.call_later(0, lambda: asyncio.ensure_future(fetch(1)))
    # cause: cyclic_gc | exception_unwinding | refcount | frame_end | unknown
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
    # advice: await each in a list, in an async function: return any([(await fetch(row)).active for row in rows]) | -
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
    # each finding repairs its own call
    # mistake: used_as_value | passed_to_function | kept_in_container
    # fix: return dict(user=await store.get("a"), rows=list(await store.rows())) | return dict(user=await store.get("a"), rows=list(store.rows())) | return dict(user=store.get("a"), rows=list(await store.rows()))
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
    # weak: what is right comes first
    # mistake: used_as_value | kept_in_container | exception_before_await | unknown
    # fix: for key, row in zip(keys, [await fetch(key) for key in keys]): | -
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
    # weak: what is right comes first
    # mistake: async_callback | used_as_value | kept_in_container | exception_before_await
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
    # weak: what is right comes first
    # mistake 3.12-3.15: passed_to_function
    # mistake: passed_to_function | exception_before_await
    # fix: return post("/orders", {"user": 1, "items": [await fetch(item) for item in items]}) | -
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
    # weak: what is right comes first
    # mistake: given_to_executor | used_as_value | exception_before_await
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    def load():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            future = pool.submit(fetch, {"name": "a"})  # made
            return future.result()["name"]
    swallow(load)
