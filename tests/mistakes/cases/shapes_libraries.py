# SPDX-License-Identifier: MIT
"""Shapes of public bug reports with the real libraries, where an interpreter has them."""

from . import case
from .common import fetch, swallow


@case(needs="tenacity")
def tenacity_before_sleep():
    # jd/tenacity#412
    # mistake: async_callback
    import tenacity

    async def note(state):
        pass

    @tenacity.retry(stop=tenacity.stop_after_attempt(2), wait=tenacity.wait_none(), before_sleep=note)
    def load():
        raise OSError
    swallow(load)


@case(needs="tenacity")
def tenacity_retry_error_callback():
    # mistake: kept_in_cycle
    # cause: cyclic_gc | refcount | unknown
    import tenacity

    async def give_up(state):
        pass

    @tenacity.retry(stop=tenacity.stop_after_attempt(1), retry_error_callback=give_up)
    def load():
        raise OSError
    load()


@case(needs="tenacity")
def tenacity_retry_if_result():
    # mistake: tested_for_truth
    # fix: -
    import tenacity

    async def is_empty(value):
        return False

    @tenacity.retry(stop=tenacity.stop_after_attempt(1), retry=tenacity.retry_if_result(is_empty))
    def load():
        return 1
    swallow(load)


@case(needs="blinker")
def blinker_receiver():
    # pallets-eco/blinker#17
    # mistake: kept_in_container
    # mistake 3.8-3.10: unknown
    import blinker
    saved = blinker.Signal()

    class Receiver:  # later versions refuse async functions
        async def __call__(self, sender, **named):
            pass
    saved.connect(Receiver(), weak=False)
    saved.send("sender")


@case(needs="django")
def django_receiver():
    # django/new-features#9
    # mistake 3.8-3.10: async_callback
    # mistake: kept_in_container
    from django.dispatch import Signal
    saved = Signal()

    async def on_saved(sender, **named):
        pass
    saved.connect(on_saved, weak=False)
    saved.send("sender")


@case(needs="django")
def django_receiver_robust():
    # mistake 3.8-3.10: async_callback
    # mistake: kept_in_container
    from django.dispatch import Signal
    saved = Signal()

    async def on_saved(sender, **named):
        pass
    saved.connect(on_saved, weak=False)
    saved.send_robust("sender")


@case(needs="schedule")
def schedule_job():
    # oubeichen in dbader/schedule#239
    # mistake: async_callback
    # cause: frame_end | refcount | unknown
    # ended: Scheduler._run_job | _run_job | -
    import schedule
    scheduler = schedule.Scheduler()
    scheduler.every(10).seconds.do(fetch)
    scheduler.run_all()


@case(needs="apscheduler", since=(3, 9))
def apscheduler_blocking_job():
    # agronholm/apscheduler#568
    # mistake 3.8-3.10: async_callback
    # mistake: kept_in_container
    from apscheduler.executors.base import run_job
    from apscheduler.schedulers.background import BackgroundScheduler
    import datetime
    scheduler = BackgroundScheduler(timezone=datetime.timezone.utc)
    scheduler.start(paused=True)
    job = scheduler.add_job(fetch, "interval", hours=1, args=[1], misfire_grace_time=None)
    scheduler.shutdown()
    run_job(job, "default", [datetime.datetime.now(datetime.timezone.utc)], "apscheduler")


@case(needs="click")
def click_command():
    # mistake 3.8-3.10: async_callback
    # pallets/click#2033
    # mistake: async_callback
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: - | BaseCommand.main | main | Command.main
    import click

    @click.command()
    async def deploy():
        pass
    try:
        deploy([])
    except SystemExit:
        pass


@case(needs="click")
def click_command_not_standalone():
    # pallets/click#85
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    import click

    @click.command()
    async def deploy():
        pass
    deploy([], standalone_mode=False)


@case(needs="click")
def click_option_callback():
    # mistake: kept_in_cycle
    # cause: cyclic_gc | exception_unwinding | refcount | unknown | frame_end
    # ended: - | BaseCommand.main | BaseCommand.make_context | BaseCommand.invoke | main | Command.main
    import click

    async def check(context, option, value):
        return value

    @click.command()
    @click.option("--name", callback=check)
    def deploy(name):
        pass
    try:
        deploy([])
    except SystemExit:
        pass


@case(needs="pydantic")
def pydantic_validator():
    # mistake 3.8-3.10: unknown
    # mistake: kept_in_container
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: - | pydantic_validator
    import pydantic

    class User(pydantic.BaseModel):
        name: str

        @pydantic.validator("name")
        async def check(cls, value):
            return value
    User(name="ann")


@case(needs="attr")
def attrs_validator():
    # mistake: async_callback
    import attr

    async def check(instance, attribute, value):
        pass

    @attr.s
    class User:
        name = attr.ib(validator=check)
    User("ann")


@case(needs="flask")
def flask_before_request():
    # mistake: kept_in_cycle
    # cause: cyclic_gc | refcount | unknown
    import flask
    application = flask.Flask("application")

    class Plain:
        async def __call__(self):
            return None
    application.before_request(Plain())
    application.add_url_rule("/", view_func=lambda: "")
    application.test_client().get("/")


@case(needs="jinja2")
def jinja_filter():
    # cause: frame_end | refcount | unknown
    # ended: CodeGenerator._output_child_to_const | _output_child_to_const | -
    # mistake 3.8-3.10: unknown
    # mistake: async_callback
    import jinja2
    environment = jinja2.Environment()
    environment.filters["load"] = fetch
    environment.from_string("{{ 1 | load }}").render()
