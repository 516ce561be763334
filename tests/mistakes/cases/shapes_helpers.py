# SPDX-License-Identifier: MIT
"""Shapes of what is put into an object, a document or a helper, and of what ends a program."""
import asyncio
import concurrent.futures
import dataclasses
import sys
import types

from . import case
from .common import Store, fetch, swallow


class Request:
    user = None


@dataclasses.dataclass
class User:
    name: object


@case(since=(3, 11))
async def seconds_of_a_timeout():
    # mistake: passed_to_function
    # fix: async with asyncio.timeout(await fetch(1)):
    # cause: exception_unwinding | refcount | unknown
    # ended: timeout | -
    async def work():
        async with asyncio.timeout(fetch(1)):  # made
            pass
    try:
        await work()
    except TypeError:
        pass


@case
async def document_sent():
    # mistake: passed_to_function | kept_in_container
    # fix: send({"user": await fetch(1)})
    # cause: frame_end | refcount | unknown
    # ended: send | -
    def send(document):
        return bool(document)
    send({"user": fetch(1)})  # made


@case
async def field_of_a_dataclass():
    # mistake: passed_to_function | kept_in_container
    # fix: user = User(name=await fetch(1))
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load():
        user = User(name=fetch(1))  # made
        return str(user)
    await load()


@case
async def field_of_a_dataclass_used():
    # mistake: passed_to_function | used_as_value
    # fix: user = User(name=await fetch(1))
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: load | -
    async def load():
        user = User(name=fetch(1))  # made
        return user.name.upper()
    try:
        await load()
    except AttributeError:
        pass


@case
async def user_of_a_request():
    # mistake: used_as_value | kept_in_container
    # fix: request.user = await fetch(1)
    # cause: exception_unwinding | refcount | unknown
    # ended: authenticate | -
    async def authenticate(request):
        request.user = fetch(1)  # made
        return request.user.is_staff
    try:
        await authenticate(Request())
    except AttributeError:
        pass


@case
async def namespace_of_options():
    # mistake: passed_to_function | kept_in_container
    # fix: options = types.SimpleNamespace(user=await fetch(1)) | -
    # cause: frame_end | refcount | unknown
    # ended: load | -
    async def load():
        options = types.SimpleNamespace(user=fetch(1))  # made
        return bool(options)
    await load()


@case
def exit_with_an_async_main():
    # mistake: passed_to_function
    # fix: sys.exit(asyncio.run(fetch(1)))
    # cause: exception_unwinding | refcount | unknown
    # ended: start | -
    def start():
        sys.exit(fetch(1))  # made
    try:
        start()
    except SystemExit:
        pass


@case
async def stream_in_a_variable():
    # run-llama/llama_index#6835
    # mistake: used_as_value
    # fix: stream = await store.rows()
    # cause: exception_unwinding | refcount | unknown
    # ended: answer | -
    async def answer(store):
        stream = store.rows()  # made
        async for row in stream:
            str(row)
    try:
        await answer(Store())
    except TypeError:
        pass


@case
async def body_and_status():
    # flask-like: the view is plain
    # mistake: used_as_value
    # fix: -
    # fix with origin: return await fetch(1), 200
    # cause: exception_unwinding | refcount | unknown
    # ended: respond | -
    async def view():
        return fetch(1), 200  # made

    async def respond():
        body, status = await view()
        return body.encode(), status
    try:
        await respond()
    except AttributeError:
        pass


@case
async def waited_for_as_a_future():
    # what it takes is futures: an await does not make one
    # mistake: passed_to_function | never_scheduled
    # fix: -
    # cause: exception_unwinding | refcount | unknown
    # ended: wait | <genexpr> | <setcomp> | -
    async def work():
        concurrent.futures.wait([fetch(1)])  # made
    try:
        await work()
    except AttributeError:
        pass


@case
async def filtered_by_what_is_fetched():
    # mistake: kept_in_container | compared | assigned_never_used
    # fix: return [found for key in (1,) if (found := await fetch(key)) is not None] | -
    # cause: refcount | frame_end | unknown
    # ended: - | load
    async def load():
        return [found for key in (1,) if (found := fetch(key)) is not None]  # made
    await load()


@case
async def argument_of_what_a_task_runs():
    # mistake 3.8-3.10: unknown
    # mistake: passed_to_function
    # mistake with origin: passed_to_function
    # fix: -
    # fix with origin: task = asyncio.create_task(store.get(await fetch(1)))
    # cause: frame_end | refcount | unknown
    # ended: get | Store.get | -
    async def start(store):
        task = asyncio.create_task(store.get(fetch(1)))  # made
        await task
    await start(Store())


@case
def argument_of_what_a_loop_runs():
    # mistake 3.8-3.10: unknown
    # mistake: passed_to_function
    # fix: asyncio.run(store.get(asyncio.run(fetch(1)))) | -
    # cause: frame_end | refcount | unknown
    # ended: get | Store.get | -
    def start(store):
        asyncio.run(store.get(fetch(1)))  # made
    start(Store())


@case(since=(3, 9))
async def thread_not_awaited():
    # mistake: result_discarded
    # fix: await asyncio.to_thread(str, 1)
    asyncio.to_thread(str, 1)  # made


@case
async def given_to_a_helper_that_says_no():
    # mistake: passed_to_function
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: spawn | -
    def spawn(coroutine, enabled):
        if enabled:
            return asyncio.ensure_future(coroutine)
    spawn(fetch(1), False)  # made


@case
async def given_to_a_helper_that_raises():
    # mistake: passed_to_function | never_scheduled | loop_already_running
    # fix: - | value = await fetch(1)
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: run_sync | -
    def run_sync(coroutine):
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(coroutine)
        raise RuntimeError("a loop runs")

    async def work():
        value = run_sync(fetch(1))  # made
        return value
    try:
        await work()
    except RuntimeError:
        pass


@case
def command_that_returns_one():
    # mistake: passed_to_function
    # fix: sys.exit(asyncio.run(command()))
    # cause: exception_unwinding | refcount | unknown
    # ended: main | -
    def command():
        return fetch(1)  # made

    def main():
        sys.exit(command())
    try:
        main()
    except SystemExit:
        pass


@case
def result_of_a_plain_helper():
    # mistake: used_as_value
    # fix: return helper(store)["name"] | return asyncio.run(helper(store))["name"]
    # cause: exception_unwinding | refcount | unknown
    def helper(store):
        return store.get("a")  # made

    def show(store):
        return helper(store)["name"]
    swallow(show, Store())
