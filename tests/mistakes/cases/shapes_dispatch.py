# SPDX-License-Identifier: MIT
"""Shapes of code that calls whatever it finds: overrides, handlers by name, what threads and lambdas call."""
import asyncio
import collections
import concurrent.futures
import contextvars
import functools
import operator
import threading
import types

from . import case
from .common import Store, fetch, swallow


class Thing:
    pass


async def setup(bot):
    bot.name = "x"


@case
def emitter_with_a_listener_object():
    # riga/pymitter#6
    # mistake: async_callback
    # mistake 3.8-3.10: result_discarded
    class Listener:
        def __init__(self, func):
            self.func = func

        def __call__(self, *args, **kwargs):
            self.func(*args, **kwargs)  # made
    Listener(fetch)("event")


@case
def output_handler():
    # e2b-dev/code-interpreter#159
    # mistake: async_callback
    def parse(execution, on_error):
        execution["error"] = "boom"
        if on_error:
            on_error(execution["error"])  # made
    parse({}, fetch)


@case
def override_made_async():
    # superdesk/superdesk-core#2754
    # mistake: result_discarded
    class Task:
        def apply_async(self):
            return 1

        def beat(self):
            self.apply_async()  # made

    class Hybrid(Task):
        async def apply_async(self):
            return 1
    Hybrid().beat()


@case
def dispatch_of_a_file_event():
    # aio-libs/aiohttp-devtools#120
    # mistake: async_callback
    class Handler:
        def dispatch(self, event):
            {"modified": self.on_modified}[event](event)  # made

        async def on_modified(self, event):
            pass
    Handler().dispatch("modified")


@case
def handler_by_name():
    # stokbaek/simc-discord#11: getattr(self, handler)(*args)
    # mistake: async_callback
    class Addon:
        async def check(self):
            pass

        def run(self, handler, *args):
            getattr(self, handler)(*args)  # made
    Addon().run("check")


@case
def button_command():
    # tkinter: command=async function, called by a wrapper in C's place
    # mistake: returned_and_dropped
    # mistake 3.8-3.10: async_callback
    class CallWrapper:
        def __init__(self, func):
            self.func = func

        def __call__(self, *args):
            try:
                return self.func(*args)  # made
            except SystemExit:
                raise

    def mainloop(button):
        button()
    mainloop(CallWrapper(fetch))


@case
def ran_in_a_thread_pool_by_hand():
    # agronholm/apscheduler#490
    # mistake: assigned_never_used
    # mistake 3.8-3.10: unknown
    # cause: frame_end | refcount | unknown
    # ended: run_job | -
    def run_job(job):
        try:
            result = job()  # made
        except Exception:
            return None
        return ("done", result is None)
    thread = threading.Thread(target=run_job, args=(fetch,))
    thread.start()
    thread.join()


@case
async def run_in_a_context():
    # mistake: async_callback
    contextvars.copy_context().run(fetch, 1)


@case
async def method_by_its_name():
    # mistake: async_callback
    store = Store()
    getattr(store, "get")("a")  # made


@case
async def method_caller():
    # mistake: async_callback
    operator.methodcaller("get", "a")(Store())  # made


@case
def setup_of_an_extension():
    # Rapptz/discord.py#1751
    # mistake: result_discarded
    lib = types.SimpleNamespace(setup=setup)

    def load(module, bot):
        module.setup(bot)  # made
    load(lib, Thing())


@case
async def lambda_of_call_soon():
    # mistake: async_callback
    asyncio.get_running_loop().call_soon(lambda: fetch(1))  # made
    await asyncio.sleep(0)


@case
def lambda_of_a_pool():
    # mistake: given_to_executor
    # cause: refcount | frame_end | unknown
    # ended: - | work | Future.exception
    def work():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: fetch(1)).exception()  # made
    work()


@case(since=(3, 9))
async def rows_of_a_thread():
    # mistake: unknown
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load():
        rows = await asyncio.to_thread(fetch, 1)
        return rows[0]
    try:
        await load()
    except TypeError:
        pass


@case
async def lambda_in_an_executor():
    # mistake: unknown
    # cause: refcount | unknown
    # ended: - | <lambda>
    await asyncio.get_running_loop().run_in_executor(None, lambda: fetch(1))  # made


@case
def registry_of_a_background_thread():
    # mistake: async_callback
    # mistake 3.8-3.10: async_callback
    class Registry:
        def __init__(self):
            self.hooks = collections.defaultdict(list)

        def run(self, event):
            for hook in self.hooks[event]:
                hook(event)  # made
    registry = Registry()
    registry.hooks["stop"].append(fetch)
    thread = threading.Thread(target=registry.run, args=("stop",))
    thread.start()
    thread.join()


@case
async def single_dispatch():
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    # fix: await handle(1)
    @functools.singledispatch
    async def handle(event):
        pass
    handle(1)  # made


@case(needs="django.views.decorators.http")
def decorated_async_view():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: answer | -
    from django.views.decorators.http import require_GET

    @require_GET
    async def view(request):
        return {}

    def answer(request):
        response = view(request)  # made
        response["X-Frame-Options"] = "DENY"
    swallow(answer, types.SimpleNamespace(method="GET"))


@case
def async_decorator_called():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: work | -
    async def logged(function):
        return function

    def work():
        @logged  # made
        def save():  # made
            return 1
        return save()
    swallow(work)


@case
async def subclass_made_it_async():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: run | Base.run | -
    class Base:
        def config(self):
            return {}

        def run(self):
            return self.config()["name"]  # made

    class Derived(Base):
        async def config(self):
            return {}
    swallow(Derived().run)


@case
async def printed_map():
    # mistake: async_callback
    # cause: refcount | unknown
    # ended: - | show
    def show():
        str.format(*map(fetch, ("{}", "b")))
    swallow(show)


@case
async def coroutine_of_a_check():
    # mistake: passed_to_function
    # cause: refcount | frame_end | unknown
    # ended: - | iscoroutine
    if asyncio.iscoroutine(fetch(1)):  # made
        pass


@case
def cached_choices():
    # a-luna/fastapi-redis-cache#59: the decorator makes the plain function async
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: validate | -
    def cache(function):
        @functools.wraps(function)
        async def inner():
            return function()
        return inner

    @cache
    def choices():
        return [{"symbol": "x"}]

    def validate(value):
        allowed = [one["symbol"] for one in choices()]  # made
        return value in allowed
    swallow(validate, "x")


@case
async def cache_of_a_lambda():
    # azizmazrou/ews-mcp#14: iscoroutinefunction() of a lambda is false
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: find | -
    async def get_or_fetch(key, function):
        return await function() if asyncio.iscoroutinefunction(function) else function()

    async def find(store):
        found = await get_or_fetch("k", lambda: store.rows())  # made
        return [row for row in found]
    try:
        await find(Store())
    except TypeError:
        pass


@case
async def evaluated_text():
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    # fix: await eval("fetch(1)")
    eval("fetch(1)")  # made


@case
async def forwarded_by_stars():
    # mistake: passed_to_function
    # cause: refcount | frame_end | unknown
    # ended: log | -
    def log(*arguments):
        pass
    log(*[fetch(1)])  # made
