# SPDX-License-Identifier: MIT
"""Shapes of public bug reports, each named; written down before any rule was looked at."""
import asyncio
import functools
import threading

from . import case
from .common import Store, fetch, swallow


@case
def emitter_with_a_listener_object():
    # riga/pymitter#6
    # mistake: async_callback
    # mistake 3.8-3.10: async_callback | result_discarded
    class Listener:
        def __init__(self, func):
            self.func = func

        def __call__(self, *args, **kwargs):
            self.func(*args, **kwargs)  # made
    Listener(fetch)("event")


@case
async def run_inside_a_loop_without_callbacks():
    # awslabs/llmeter#96
    # mistake: loop_already_running
    # ended: run | -
    # cause: exception_unwinding | refcount | unknown
    async def process(callbacks):
        for callback in callbacks:
            await callback()

    def invoke():
        payload = asyncio.run(process([]))  # made
        return payload
    swallow(invoke)


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
async def stream_manager_of_a_request():
    # openai/openai-python#1265: the manager is awaited in place of being entered
    # mistake: passed_to_function | kept_in_container | used_as_value | assigned_never_used | unknown
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: stream | __init__ | -
    class Manager:
        def __init__(self, request):
            self.request = request

    def stream():
        request = fetch(1)  # made
        return Manager(request)
    try:
        await stream()
    except TypeError:
        pass


@case
def job_do_of_a_coroutine():
    # dbader/schedule#464
    # mistake: passed_as_callback | passed_to_function
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: do | Every.do | -
    class Every:
        def do(self, job, *args):
            functools.update_wrapper(functools.partial(job, *args), job)
    swallow(lambda: Every().do(fetch("server")))  # made


@case
def startup_given_coroutines():
    # timoniq/telegrinder#96, vkbottle: on_startup=coro()
    # mistake: kept_in_container | passed_as_callback | passed_to_function
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
def override_made_async():
    # superdesk/superdesk-core#2754
    # mistake: async_callback | result_discarded
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
async def futures_before_a_failure():
    # faust-streaming/mode#63: the coroutines are listed, and then something raises
    # mistake: exception_before_await
    # cause: exception_unwinding | frame_end | unknown
    # ended: wait_first
    stopped = asyncio.Event()

    async def wait_first(timeout):
        waiting = [stopped.wait(), fetch(1)]  # made
        seconds = float(timeout)
        await asyncio.gather(*waiting, asyncio.sleep(seconds))
    try:
        await wait_first("soon")
    except ValueError:
        pass


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
async def message_sent():
    # pocc/bga_discord#25
    # mistake: result_discarded
    # fix: await message.send("Enter a number between 1 and 3 (see embed above)")
    class Message:
        async def send(self, text):
            pass
    message = Message()
    message.send("Enter a number between 1 and 3 (see embed above)")  # made


@case
async def pipeline_of_a_plain_name():
    # NoneGG/aredis#54: pipeline() is async with transactions; its methods are called on the coroutine
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: insert | -
    class Client:
        async def pipeline(self, transaction=True):
            return self

    async def insert(client):
        pipe = client.pipeline(transaction=True)  # made
        await pipe.set("key", 1)
    try:
        await insert(Client())
    except AttributeError:
        pass


@case
async def corruption_check():
    # karpetrosyan/hishel#417
    # mistake: tested_for_truth
    # fix: if await store.is_allowed(1):
    store = Store()
    if store.is_allowed(1):  # made
        return 1
    return 2


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
def cog_unload():
    # Redjumpman/Jumper-Plugins#185
    # mistake: result_discarded
    # fix: asyncio.run(self.session.close()) | -
    class Session:
        async def close(self):
            pass

    class Cog:
        def __init__(self):
            self.session = Session()

        def cog_unload(self):
            self.session.close()  # made
    Cog().cog_unload()


@case
async def ttl_cache_hit():
    # Yelp/paasta#2394: made before it is known whether the cache has the result
    # mistake: assigned_never_used | passed_to_function
    # cause: frame_end | refcount | unknown
    # ended: cached | -
    cache = {1: "old"}

    async def cached(key):
        coroutine = fetch(key)  # made
        if key in cache:
            return cache[key]
        return await coroutine
    await cached(1)


@case
async def retrieved_by_a_client():
    # dbos-inc/dbos-transact-py#449
    # mistake: used_as_value | compared
    class Client:
        async def status(self, number):
            return None

    async def retrieve(client):
        status = client.status(1)  # made
        if status is None:
            raise LookupError
        return status
    # ended: retrieve | -
    # cause: exception_unwinding | refcount | frame_end | unknown
    try:
        (await retrieve(Client())).workflow
    except AttributeError:
        pass


@case
def button_command():
    # tkinter: command=async function, called by a wrapper in C's place
    # mistake: async_callback | returned_and_dropped
    # mistake 3.8-3.10: async_callback | returned_and_dropped | result_discarded
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
    # mistake: async_callback | given_to_executor | assigned_never_used
    # mistake 3.8-3.10: async_callback | given_to_executor | assigned_never_used | unknown
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
async def on_close_in_a_finally():
    # run-llama/llama_index#18272
    # mistake: result_discarded
    # fix: await client.close()
    class Redis:
        async def close(self):
            pass
    client = Redis()
    try:
        await fetch(1)
    finally:
        client.close()  # made


@case
async def result_appended_to_text():
    # missing await where a text is built: "..." + name()
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: greet | -
    async def greet():
        return "Hello " + fetch("you")  # made
    try:
        await greet()
    except TypeError:
        pass


@case
async def headers_of_a_token():
    # a header is given the coroutine of an async token provider
    # mistake: formatted
    # fix: headers = {"Authorization": f"Bearer {await fetch('token')}"}
    headers = {"Authorization": f"Bearer {fetch('token')}"}  # made
    return headers


@case
async def shielded_too_late():
    # the coroutine is made for a task, and the task group is closed
    # mistake: exception_before_await | never_scheduled | passed_to_function
    # cause: exception_unwinding | refcount | unknown
    # ended: start_soon | Group.start_soon | spawn | -
    class Group:
        closed = True

        def start_soon(self, coroutine):
            if self.closed:
                raise RuntimeError("closed")
            return asyncio.ensure_future(coroutine)

    def spawn(group):
        group.start_soon(fetch(1))  # made
    swallow(spawn, Group())
