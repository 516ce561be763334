# SPDX-License-Identifier: MIT
"""Shapes with frameworks: what they are given, and what they call."""
import io

from . import case
from .common import fetch, swallow


@case(needs="fastapi")
def dependency_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: exception_unwinding | unknown
    # ended: _signature_from_callable | decorator
    import fastapi

    def build():
        app = fastapi.FastAPI()

        @app.get("/")
        def index(user=fastapi.Depends(fetch(1))):  # made
            return user
    swallow(build)


@case(needs="starlette")
def background_task_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: frame_end | unknown
    # ended: answer
    from starlette.background import BackgroundTask

    def answer():
        task = BackgroundTask(fetch(1))  # made
        return task is None
    answer()


@case(needs="apscheduler", since=(3, 9))
def job_of_a_scheduler_given_a_coroutine():
    # mistake: passed_as_callback
    # mistake with origin: passed_as_callback
    # cause: cyclic_gc | exception_unwinding | refcount | unknown
    # ended: - | add_job | BaseScheduler.add_job
    from apscheduler.schedulers.background import BackgroundScheduler

    def start():
        scheduler = BackgroundScheduler(timezone="UTC")
        scheduler.add_job(fetch(1), "interval", seconds=60)  # made
    swallow(start)


@case(needs="schedule")
def job_of_a_schedule_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: exception_unwinding | unknown
    # ended: do | Job.do
    import schedule

    def start():
        schedule.every(1).seconds.do(fetch(1))  # made
    swallow(start)


@case(needs="wrapt")
async def wrapped_function():
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    # fix: await load(1)
    import wrapt

    @wrapt.decorator
    def traced(wrapped, instance, arguments, named):
        return wrapped(*arguments, **named)

    @traced
    async def load(value):
        return value
    load(1)  # made


@case(needs="tenacity")
def retried_plainly():
    # mistake: async_callback
    import tenacity
    tenacity.Retrying(stop=tenacity.stop_after_attempt(1))(fetch, 1)


@case(needs="pydantic")
async def model_given_a_coroutine():
    # mistake 3.8-3.10: kept_in_cycle
    # mistake: kept_in_cycle | passed_to_function
    # mistake with origin: passed_to_function
    # cause: exception_unwinding | cyclic_gc | unknown
    # ended: - | BaseModel.__init__
    import pydantic

    class User(pydantic.BaseModel):
        name: str

    async def build():
        return User(name=fetch("x"))  # made
    try:
        await build()
    except ValueError:
        pass


@case(needs="jinja2")
def method_in_a_template():
    # mistake: formatted
    # fix: -
    import jinja2

    class User:
        async def name(self):
            return "x"
    jinja2.Environment().from_string("{{ user.name() }}").render(user=User())


@case(needs="flask")
def view_gives_back_a_coroutine():
    # mistake: kept_in_cycle
    # cause: cyclic_gc | unknown
    import flask
    app = flask.Flask("shapes")

    @app.route("/")
    def index():
        return fetch("x")
    app.test_client().get("/")


@case(needs="blinker")
def receiver_is_a_coroutine():
    # mistake: passed_as_callback
    import blinker

    def start():
        ready = blinker.Signal()
        ready.connect(fetch("x"))  # made
        ready.send("me")
    swallow(start)


@case(needs="gi.repository.GLib")
def idle_callback_of_a_main_loop():
    # mistake: async_callback
    # fix: -
    from gi.repository import GLib

    def iterate(context):
        source = GLib.Idle()
        source.set_callback(fetch)
        source.attach(context)
        context.iteration(False)
        source.destroy()
    iterate(GLib.MainContext.default())


@case(needs="more_itertools")
def predicate_of_a_recipe():
    # mistake: async_callback
    # fix: -
    import more_itertools

    def find():
        return more_itertools.first_true([1], pred=fetch)
    find()


@case(needs="sortedcontainers")
def key_of_a_sorted_list():
    # mistake 3.8-3.10: unknown
    # mistake: unknown | async_callback
    # fix: -
    import sortedcontainers

    def build():
        return sortedcontainers.SortedList([1, 2], key=fetch)
    swallow(build)


@case(needs="twisted.internet.defer", until=(3, 13))
def yielded_to_an_inline_callback():
    # what is yielded has to be a Deferred: another thing comes back as it is
    # mistake 3.8-3.10: unknown | async_callback
    # mistake: unknown
    # fix: -
    # cause: exception_unwinding | frame_end | unknown
    # ended: _inlineCallbacks | load
    from twisted.internet import defer

    @defer.inlineCallbacks
    def load():
        user = yield fetch(1)  # made
        return user["name"]
    load().addErrback(lambda failure: None)


@case(needs="pytest")
def raises_of_an_async_function():
    # mistake: async_callback
    import pytest

    def check():
        pytest.raises(ValueError, fetch, 1)
    try:
        check()
    except BaseException:
        pass


@case(needs="pytest")
async def raises_around_a_statement():
    # mistake: result_discarded
    # fix: await fetch(1)
    import pytest
    try:
        with pytest.raises(ValueError):
            fetch(1)  # made
    except BaseException:
        pass


@case(needs="rich.console")
async def shown_by_a_console():
    # mistake: passed_to_function
    # fix: console.print(await fetch(1))
    # cause: refcount | frame_end | unknown
    # ended: - | Console.print
    from rich.console import Console
    console = Console(file=io.StringIO())
    console.print(fetch(1))  # made


@case(needs="anyio")
def run_by_anyio():
    # it wants the function
    # mistake: kept_in_cycle
    # mistake with origin: passed_as_callback
    # cause: cyclic_gc | unknown
    import anyio

    def main():
        anyio.run(fetch(1))  # made
    swallow(main)


@case(needs="anyio")
async def started_by_a_task_group():
    # mistake: kept_in_cycle
    # mistake with origin: passed_as_callback
    # cause: cyclic_gc | unknown
    import anyio

    async def main():
        async with anyio.create_task_group() as group:
            group.start_soon(fetch(1))  # made
    try:
        await main()
    except (TypeError, Exception):
        pass


@case(needs="asgiref.sync")
def coroutine_made_plain():
    # mistake: kept_in_cycle
    # mistake with origin: passed_as_callback | passed_to_function
    # cause: cyclic_gc | unknown
    from asgiref.sync import async_to_sync

    def main():
        async_to_sync(fetch(1))()  # made
    swallow(main)


@case(needs="tornado.web")
async def handler_that_is_plain():
    # mistake: result_discarded
    # fix: task = asyncio.create_task(self.answer())
    import tornado.web

    class Index(tornado.web.RequestHandler):
        def __init__(self):
            pass

        def get(self):
            self.answer()  # made

        async def answer(self):
            pass
    Index().get()
