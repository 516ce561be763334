# SPDX-License-Identifier: MIT
"""Shapes of incidents: in handlers, lifetimes and what libraries are given."""
import asyncio
import contextlib
import dataclasses
import functools
import json
import pickle
import signal
import sys

from . import case
from .common import Client, Library, Page, fetch, swallow


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
    # weak: what is right comes first
    # cataseven/Keenetic-Router-Pro#65
    # mistake 3.8-3.10: exception_before_await | unknown
    # mistake: exception_before_await | passed_to_function | unknown
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
    # weak: what is right comes first
    # python-websockets/websockets#1261
    # mistake: passed_to_function | passed_as_callback | never_scheduled | kept_in_container | kept_in_cycle
    # fix: - | loop.add_signal_handler(signal.SIGUSR2, lambda: loop.create_task(client.close()))
    # cause: frame_end | refcount | cyclic_gc | unknown
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
    # weak: what is right comes first
    # yakimka/picodi#26
    # mistake 3.8-3.8: result_discarded | kept_in_container
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
