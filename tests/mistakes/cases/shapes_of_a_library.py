# SPDX-License-Identifier: MIT
"""Shapes where a library calls, keeps or wraps what the program gave it: see ../site-packages."""
import argparse
import asyncio
import code
import functools
import io

import relay

from . import case
from .common import Store, fetch, swallow


@case
async def file_of_a_delegate():
    # asantaga/wiserHomeAssistantPlatform#379: the methods of aiofiles all bear one name
    # mistake: result_discarded
    # fix: await config_file.close()
    async def save(text):
        config_file = relay.AsyncFile(io.StringIO())
        await config_file.write(text)
        config_file.close()  # made
    await save("x")


@case
async def text_of_a_delegate():
    # mistake: used_as_value
    # fix: lines = (await settings.read()).splitlines()
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load():
        settings = relay.AsyncFile(io.StringIO("a\nb"))
        lines = settings.read().splitlines()  # made
        return lines
    try:
        await load()
    except AttributeError:
        pass


@case
async def text_of_a_delegate_in_a_variable():
    # mistake: used_as_value
    # fix: text = await settings.read()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load():
        settings = relay.AsyncFile(io.StringIO("a\nb"))
        text = settings.read()  # made
        if not text:
            return []
        return text.split("\n")
    try:
        await load()
    except AttributeError:
        pass


@case
async def public_channel_of_an_exchange():
    # slazarov/python-bittrex-websocket-aio#13
    # mistake: async_callback
    class Exchange:
        def __init__(self):
            self.events = relay.Emitter()
            self.events.on("ticker", self.on_public)

        async def on_public(self, message):
            pass
    Exchange().events.emit("ticker", {"ask": 1})


@case
async def partial_of_a_callable_object():
    # wialon/gmqtt#61, jd/tenacity#657: neither it nor a partial of it is a coroutine function
    # mistake 3.8-3.10: async_callback | unknown
    # mistake: async_callback
    # cause: frame_end | refcount | unknown
    # ended: deliver | Connection.deliver | -
    class Handler:
        async def __call__(self, store, topic, payload):
            await store.get(topic)
    connection = relay.Connection()
    connection.on_message = functools.partial(Handler(), Store())
    connection.received("a", b"")


@case
def async_task_of_a_worker():
    # mistake 3.8-3.10: async_callback | unknown
    # mistake: async_callback
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: perform | Worker.perform | dumps | -
    worker = relay.Worker()

    @worker.task
    async def send_mail(to):
        return to
    swallow(worker.perform, "send_mail", "a@b")


@case
def command_of_a_tool():
    # mistake 3.8-3.10: async_callback | result_discarded | returned_and_dropped
    # mistake: async_callback | returned_and_dropped
    # fix: - | asyncio.run(relay.main(["migrate", "0001"]))
    # cause: frame_end | refcount | unknown
    @relay.command
    async def migrate(name):
        return name
    relay.main(["migrate", "0001"])


@case
def command_of_a_parser():
    # the subcommand of an ArgumentParser, by set_defaults(func=...)
    # mistake 3.8-3.10: async_callback | result_discarded
    # mistake: async_callback
    # fix: - | asyncio.run(arguments.func(arguments))
    async def deploy(arguments):
        return arguments.target

    def main(argv):
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers()
        command = commands.add_parser("deploy")
        command.add_argument("target")
        command.set_defaults(func=deploy)
        arguments = parser.parse_args(argv)
        arguments.func(arguments)  # made
    main(["deploy", "x"])


@case
def status_of_a_command():
    # mistake 3.8-3.10: async_callback | returned_and_dropped | assigned_never_used | unknown
    # mistake: async_callback | returned_and_dropped | assigned_never_used
    # cause: frame_end | refcount | unknown
    # ended: main | -
    async def deploy(arguments):
        return 0

    def main(handlers, name):
        handler = handlers.get(name)
        if handler is None:
            return 2
        status = handler([])  # made
        return 1 if status else 0
    main({"deploy": deploy}, "deploy")


@case
def action_of_an_option():
    # mistake: async_callback | async_special_method
    # fix: def __call__(self, parser, namespace, values, option_string=None): | -
    class Login(argparse.Action):
        async def __call__(self, parser, namespace, values, option_string=None):
            setattr(namespace, self.dest, values)
    parser = argparse.ArgumentParser()
    parser.add_argument("--user", action=Login)
    parser.parse_args(["--user", "a"])


@case
def code_of_a_console():
    # Wetmelon/ODrive#11
    # mistake: async_callback | result_discarded
    # fix: -
    class Console(code.InteractiveConsole):
        async def runcode(self, compiled):
            exec(compiled, self.locals)
    Console().push("x = 1")


@case
async def connection_of_a_plain_session():
    # sqlalchemy/sqlalchemy#7028: an async connection in a library that knows of plain ones only
    # mistake: async_callback | result_discarded
    # fix: -
    class AsyncConnection:
        async def execute(self, text):
            return []

        async def close(self):
            pass
    session = relay.Session(AsyncConnection())
    session.close()


@case
async def rows_of_a_plain_session():
    # mistake: used_as_value
    # fix: rows = await session.query("select 1")
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    class AsyncConnection:
        async def execute(self, text):
            return []

    async def load(session):
        rows = session.query("select 1")
        return [row["id"] for row in rows]
    try:
        await load(relay.Session(AsyncConnection()))
    except TypeError:
        pass


@case
async def rows_with_progress():
    # mistake: passed_to_function
    # fix: for row in relay.progress(await store.rows(), label="rows"):
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | progress | -
    async def show(store):
        for row in relay.progress(store.rows(), label="rows"):  # made
            str(row)
    try:
        await show(Store())
    except TypeError:
        pass


@case
async def rows_of_a_table():
    # mistake: passed_to_function
    # fix: table = relay.Table(await store.rows())
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: build | __init__ | Table.__init__ | -
    async def build(store):
        table = relay.Table(store.rows())  # made
        return table.rows
    try:
        await build(Store())
    except TypeError:
        pass


@case
async def result_of_a_retry():
    # mistake: used_as_value | async_callback
    # fix: reply = await retry(store.get, "a") | -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    retry = relay.Retry(3)

    async def load(store):
        reply = retry(store.get, "a")
        return reply["status"]
    try:
        await load(Store())
    except TypeError:
        pass


@case
async def backup_that_takes_the_place_of_another():
    # zauberzeug/nicegui#1099
    # mistake: kept_in_container
    # fix: -
    class PersistentDict(dict):
        tasks = relay.BackgroundTasks()

        def __setitem__(self, key, value):
            super().__setitem__(key, value)
            self.backup()

        def backup(self):
            async def backup():
                await asyncio.sleep(0)
            self.tasks.create_lazy(backup(), name="backup")  # made
    storage = PersistentDict()
    storage["one"] = 1
    storage["two"] = 2
    storage["three"] = 3
    for _ in range(6):
        await asyncio.sleep(0)


@case
async def timeout_that_was_not_needed():
    # pipecat-ai/pipecat#4649: cancelled before the task that wraps it took its first step
    # mistake 3.8-3.10: unknown
    # mistake: exception_before_await | unknown
    # mistake with origin: exception_before_await | unknown
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | cyclic_gc | unknown
    # ended: run | call_function | -
    manager = relay.TaskManager()

    async def timeout_handler():
        await asyncio.sleep(1)

    async def call_function():
        timeout = manager.create_task(timeout_handler(), "timeout")  # made
        timeout.cancel()
        await asyncio.sleep(0)
    await call_function()
    await asyncio.sleep(0)


@case
async def stream_of_an_instrumented_method():
    # openlit/openlit#848: the wrapper of an async generator is a coroutine function
    # mistake: used_as_value
    # fix: async for chunk in await model.stream("x"):
    # cause: exception_unwinding | refcount | unknown
    # ended: answer | -
    class Model:
        async def stream(self, text):
            yield text
    relay.instrument(Model, "stream")

    async def answer(model):
        async for chunk in model.stream("x"):  # made
            str(chunk)
    try:
        await answer(Model())
    except TypeError:
        pass


@case
async def reply_of_an_instrumented_method():
    # the wrapper forgets to await
    # mistake: used_as_value
    # fix: return await original(*arguments, **named) | -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: answer | -
    class Model:
        async def complete(self, text):
            return {"text": text}
    relay.instrument(Model, "complete")

    async def answer(model):
        reply = await model.complete("x")
        return reply["text"]
    try:
        await answer(Model())
    except TypeError:
        pass


@case
async def reply_of_a_tool_in_a_thread():
    # mistake: used_as_value | given_to_executor | unknown
    # fix: reply = await relay.run_in_thread(tools[name], text) | -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: observe | -
    async def search(text):
        return {"content": text}

    async def observe(tools, name, text):
        reply = relay.run_in_thread(tools[name], text)
        return reply["content"]
    try:
        await observe({"search": search}, "search", "x")
    except TypeError:
        pass
