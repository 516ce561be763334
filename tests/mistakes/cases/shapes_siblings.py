# SPDX-License-Identifier: MIT
"""Shapes near those of other files: helpers, chains over lines, containers, and values from elsewhere."""
import asyncio
import collections
import dataclasses
import functools

from . import case
from .common import Store, fetch, swallow


@dataclasses.dataclass
class User:
    name: object


@case
async def given_to_a_method_that_starts_it():
    # mistake: passed_to_function
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: spawn | App.spawn | -
    class App:
        running = False

        def spawn(self, work):
            if not self.running:
                return None
            return asyncio.create_task(work)

        def start(self):
            self.spawn(fetch(1))  # made
    App().start()


@case
async def given_to_a_guard():
    # mistake: passed_to_function
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: guarded | -
    async def guarded(work, enabled):
        if not enabled:
            return None
        return await work
    await guarded(fetch(1), False)  # made


@case
async def equal_priorities_of_a_queue():
    # mistake: compared | exception_before_await
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: plan | put_nowait | _put | Queue.put_nowait | PriorityQueue._put | -
    async def plan():
        jobs = asyncio.PriorityQueue()
        jobs.put_nowait((1, fetch(1)))  # made
        jobs.put_nowait((1, fetch(2)))  # made
        return jobs
    try:
        await plan()
    except TypeError:
        pass


@case
async def pushed_out_at_the_left():
    # mistake 3.8-3.10: unknown
    # mistake: kept_in_container
    # fix: -
    recent = collections.deque([fetch(1)], maxlen=1)  # made
    recent.appendleft(1)


@case
async def replaced_by_an_update():
    # mistake 3.8-3.10: unknown
    # mistake: kept_in_container
    # fix: -
    jobs = {"a": fetch(1)}  # made
    jobs.update({"a": 1})


@case
async def item_on_the_next_line():
    # mistake: used_as_value
    # fix: (await store.rows())
    # cause: exception_unwinding | refcount | unknown
    async def first(store):
        return (
            store.rows()  # made
            [0]
        )
    try:
        await first(Store())
    except TypeError:
        pass


@case
async def attribute_on_a_line_of_its_own():
    # mistake: used_as_value
    # fix: (await fetch(1))
    # cause: exception_unwinding | refcount | unknown
    # ended: send | -
    async def send():
        return dict(
            name=fetch(1).name,  # made
            number=1,
        )
    try:
        await send()
    except AttributeError:
        pass


@case
async def listed_by_an_awaited_function():
    # mistake: used_as_value
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def load():
        return [fetch(number) for number in (1,)]  # made

    async def show():
        for row in await load():
            str(row.name)
    try:
        await show()
    except AttributeError:
        pass


@case
async def object_in_a_list():
    # mistake: passed_to_function | kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load():
        users = [User(fetch(1))]  # made
        return len(users)
    await load()


@case
async def second_of_two_at_once():
    # mistake: assigned_never_used
    # mistake 3.8-3.10: unknown | assigned_never_used
    # fix: a, b = fetch(1), await fetch(2) | -
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load():
        a, b = fetch(1), fetch(2)  # made
        return await a
    await load()


@case
async def json_of_a_response_in_an_async_with():
    # mistake: used_as_value
    # fix: data = await response.json()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    class Response:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *exception):
            return None

        async def json(self):
            return {}

    async def load():
        async with Response() as response:
            data = response.json()  # made
            return data["items"]
    try:
        await load()
    except TypeError:
        pass


@case
async def function_among_coroutines():
    # mistake: never_scheduled
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: load | gather | ensure_future | _ensure_future | -
    async def load(store):
        await asyncio.gather(store.rows, store.get(1))  # made
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def second_condition_only():
    # mistake: tested_for_truth
    # fix: if await store.rows() and store.seen == {} and await store.is_allowed(1):
    store = Store()
    if await store.rows() and store.seen == {} and store.is_allowed(1):  # made
        pass


@case
async def chosen_and_used():
    # mistake: used_as_value
    # fix: result = await store.get("a") if store else None
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load(store):
        result = store.get("a") if store else None  # made
        return result["x"]
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def used_in_an_else():
    # mistake: used_as_value
    # fix: value = await store.get("a")
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load(store):
        try:
            value = store.get("a")  # made
        except KeyError:
            value = None
        else:
            return value["x"]
        return value
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def used_in_an_inner_function():
    # mistake: used_as_value | exception_before_await
    # fix: value = await fetch(1) | -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | load | -
    async def load():
        value = fetch(1)  # made

        def show():
            return value.name
        return show()
    try:
        await load()
    except AttributeError:
        pass


@case
def client_of_a_fixture():
    # mistake: assigned_never_used | used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: client | test | -
    def client():
        made = fetch(1)  # made
        yield made

    def test(client):
        return client.get("/")
    fixture = client()
    swallow(test, next(fixture))
    next(fixture, None)


@case
def fixture_by_name():
    # the function that used it is gone when the dict of its caller goes
    # mistake: exception_before_await
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: test | run | -
    def test(client):
        return client.get("/")

    def run(function, fixtures):
        values = {name: make(1) for name, make in fixtures.items()}  # made
        return function(**values)
    swallow(run, test, {"client": fetch})


@case
async def status_asserted():
    # mistake: used_as_value
    # fix: assert (await fetch(1)).status == 200
    # cause: exception_unwinding | refcount | unknown
    # ended: check | -
    async def check():
        assert fetch(1).status == 200  # made
    try:
        await check()
    except AttributeError:
        pass


@case
async def item_printed():
    # mistake: used_as_value
    # fix: print((await store.get("a"))["x"], end="")
    # cause: exception_unwinding | refcount | unknown
    async def show(store):
        print(store.get("a")["x"], end="")  # made
    try:
        await show(Store())
    except TypeError:
        pass


@case
async def argument_of_a_partial():
    # mistake: passed_to_function | kept_in_container
    # fix: job = functools.partial(store.get, await fetch(1)) | -
    # cause: frame_end | refcount | unknown
    # ended: plan | -
    async def plan(store):
        job = functools.partial(store.get, fetch(1))  # made
        return job is None
    await plan(Store())


@case
async def replaced_field():
    # mistake: passed_to_function | kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: rename | -
    async def rename(user):
        user = dataclasses.replace(user, name=fetch(1))  # made
        return str(user)
    await rename(User("a"))


@case
async def one_branch_without_await():
    # mistake: used_as_value | assigned_never_used
    # fix: rows = await store.rows()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(store, cached):
        if cached:
            rows = await store.rows()
        else:
            rows = store.rows()  # made
        return len(rows)
    try:
        await load(Store(), False)
    except TypeError:
        pass


@case
async def skipped_by_a_filter():
    # mistake: kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load(wanted):
        jobs = {"a": fetch(1), "b": fetch(2)}  # made
        return [await job for name, job in jobs.items() if name in wanted]
    await load("b")


@case
async def left_in_a_queue():
    # mistake: kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load():
        jobs = collections.deque([fetch(1), fetch(2)])  # made
        return await jobs.popleft()
    await load()
