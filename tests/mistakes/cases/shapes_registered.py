# SPDX-License-Identifier: MIT
"""Shapes of what is to be called later, and is given a coroutine in place of a function."""
import asyncio
import atexit
import contextlib
import functools
import multiprocessing
import signal
import sys
import threading
import weakref

from . import case
from .common import Store, fetch, swallow


@case
def job_do_of_a_coroutine():
    # dbader/schedule#464
    # mistake: passed_as_callback
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: do | Every.do | -
    class Every:
        def do(self, job, *args):
            functools.update_wrapper(functools.partial(job, *args), job)
    swallow(lambda: Every().do(fetch("server")))  # made


@case
def startup_given_coroutines():
    # timoniq/telegrinder#96, vkbottle: on_startup=coro()
    # mistake: passed_to_function
    # cause: frame_end | refcount | unknown
    # ended: run | -
    class Bot:
        def __init__(self, on_startup):
            self.on_startup = on_startup

    def run():
        bot = Bot(on_startup=fetch("tables"))  # made
        return bot.on_startup is None
    run()


@case
def hook_given_a_coroutine():
    # Rapptz/discord.py#2079: before_loop(bot.wait_until_ready())
    # mistake: passed_as_callback
    # cause: refcount | frame_end | unknown
    # ended: start | -
    class Loop:
        def before_loop(self, hook):
            self.before = hook

    def start():
        loop = Loop()
        loop.before_loop(fetch("ready"))  # made
        return bool(loop)
    start()


@case
def listener_given_a_coroutine():
    # sebr/bhyve-home-assistant#265
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: start | fire | Bus.fire | -
    class Bus:
        def __init__(self):
            self.jobs = []

        def listen_once(self, event, job):
            self.jobs.append(job)

        def fire(self):
            for job in self.jobs:
                job("event")

    def start():
        bus = Bus()
        bus.listen_once("stop", fetch(1))  # made
        bus.fire()
    swallow(start)


@case
def call_later_given_a_coroutine():
    # home-assistant/core#27907
    # mistake: never_scheduled
    # cause: refcount | frame_end | unknown
    # ended: start | -
    def start():
        loop = asyncio.new_event_loop()
        loop.call_later(60, fetch(1))  # made
        loop.close()
    start()


@case
async def signal_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: start | add_signal_handler | _UnixSelectorEventLoop.add_signal_handler | -
    async def start():
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, fetch(1))  # made
    try:
        await start()
    except TypeError:
        pass


@case
def timer_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: - | run | Timer.run | start
    def start():
        timer = threading.Timer(0, fetch(1))  # made
        timer.start()
        timer.join()
    start()


@case
async def call_later_inside_a_loop():
    # mistake: passed_as_callback
    # fix with origin: asyncio.get_running_loop().call_later(60, lambda: asyncio.ensure_future(fetch(1))).cancel()
    async def start():
        asyncio.get_running_loop().call_later(60, fetch(1)).cancel()  # made
    await start()


@case
async def call_later_for_each():
    # mistake: passed_as_callback
    # fix with origin: loop.call_later(60, lambda number=number: asyncio.ensure_future(fetch(number))).cancel()
    async def start(loop):
        for number in (1,):
            loop.call_later(60, fetch(number)).cancel()  # made
    await start(asyncio.get_running_loop())


@case
async def call_at_inside_a_loop():
    # mistake: passed_as_callback
    # fix with origin: handle = loop.call_at(loop.time() + 60, lambda: asyncio.ensure_future(fetch(1)))
    async def start(loop):
        handle = loop.call_at(loop.time() + 60, fetch(1))  # made
        handle.cancel()
    await start(asyncio.get_running_loop())


@case
async def done_callback_given_a_coroutine():
    # mistake: passed_as_callback
    # mistake with origin: passed_as_callback
    # fix with origin: future.add_done_callback(lambda *args: asyncio.ensure_future(fetch(1)))
    # cause: refcount | frame_end | unknown
    # ended: start | -
    async def start():
        future = asyncio.get_running_loop().create_future()
        future.add_done_callback(fetch(1))  # made
        return future is None
    await start()


@case
def timer_never_started():
    # the delay is to stay
    # mistake: passed_as_callback
    # fix: timer = threading.Timer(60, lambda: asyncio.run(fetch(1)))
    # cause: frame_end | unknown
    # ended: start
    def start():
        timer = threading.Timer(60, fetch(1))  # made
        return timer is None
    start()


@case(since=(3, 9))
async def coroutine_for_a_thread():
    # on a busy machine the executor's thread lets go of it last
    # mistake: passed_as_callback | given_to_executor
    # fix: return await fetch(1) | -
    # cause: exception_unwinding | refcount | unknown
    # ended: to_thread | -
    async def load():
        return await asyncio.to_thread(fetch(1))  # made
    try:
        await load()
    except TypeError:
        pass


@case
async def coroutine_for_an_executor():
    # mistake: passed_as_callback
    # fix: return await fetch(1)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: - | BaseEventLoop.run_in_executor | WorkerContext.run
    async def load():
        return await asyncio.get_running_loop().run_in_executor(None, fetch(1))  # made
    try:
        await load()
    except TypeError:
        pass


@case
def signal_of_the_process_given_a_coroutine():
    # mistake: passed_as_callback
    # fix: signal.signal(signal.SIGUSR2, lambda *args: asyncio.run(fetch(1)))
    # cause: exception_unwinding | unknown
    # ended: signal
    def start():
        signal.signal(signal.SIGUSR2, fetch(1))  # made
    swallow(start)


@case
def exit_given_a_coroutine():
    # mistake: passed_as_callback
    # fix: atexit.register(lambda: asyncio.run(fetch(1)))
    def start():
        atexit.register(fetch(1))  # made
    swallow(start)


@case
def finalizer_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: exception_unwinding | unknown
    # ended: __call__ | finalize.__call__
    hook, sys.unraisablehook = sys.unraisablehook, lambda what: None

    def start():
        store = Store()
        weakref.finalize(store, fetch(1))  # made
    start()
    sys.unraisablehook = hook


@case
def exit_stack_given_a_coroutine():
    # mistake: kept_in_cycle
    # mistake with origin: passed_as_callback
    # fix with origin: stack.callback(lambda: asyncio.run(fetch(1)))
    # cause: cyclic_gc | unknown
    def start():
        with contextlib.ExitStack() as stack:
            stack.callback(fetch(1))  # made
    swallow(start)


@case
def partial_of_a_coroutine():
    # mistake: passed_as_callback
    def start():
        return functools.partial(fetch(1))  # made
    swallow(start)


@case
def process_given_a_coroutine():
    # mistake: passed_as_callback
    # cause: exception_unwinding | unknown
    # ended: run | BaseProcess.run
    def start():
        multiprocessing.Process(target=fetch(1)).run()  # made
    swallow(start)


@case
async def partial_never_called():
    # mistake: passed_to_function
    # cause: refcount | frame_end | unknown
    # ended: plan | -
    def plan():
        job = functools.partial(asyncio.run, fetch(1))  # made
        return bool(job)
    plan()


@case
async def thread_never_started():
    # mistake: unknown
    # cause: refcount | frame_end | cyclic_gc | unknown
    # ended: prepare | -
    def prepare():
        thread = threading.Thread(target=asyncio.run, args=(fetch(1),))  # made
        return bool(thread)
    prepare()
