# SPDX-License-Identifier: MIT
"""Shapes of statements: loops with else, try with return, code of no file, class bodies, generators."""
import code
import contextlib
import io

from . import case
from .common import Store, fetch, swallow


@case
async def else_of_a_loop():
    # mistake: result_discarded
    # fix: await fetch(number)
    for number in (1, 2):
        if number == 3:
            break
    else:
        fetch(number)  # made


@case
async def returned_out_of_a_try():
    # mistake: used_as_value
    # fix: -
    # fix with origin: return await fetch(1)
    # cause: exception_unwinding | unknown
    # ended: total
    async def load():
        try:
            return fetch(1)  # made
        finally:
            str(1)

    async def total():
        value = await load()
        return value + 1
    try:
        await total()
    except TypeError:
        pass


@case
async def given_up_after_an_error():
    # mistake: assigned_never_used
    # fix: - | work = await fetch(1)
    # cause: frame_end | unknown
    # ended: load
    async def load():
        work = fetch(1)  # made
        try:
            int("x")
        except ValueError:
            return None
        return await work
    await load()


@case
def executed_text():
    # there is no source to write a fix in
    # mistake: result_discarded
    # created: inferred
    # fix: -
    exec(compile("fetch(1)\n", "<string>", "exec"), {"fetch": fetch})


@case
def typed_at_a_prompt():
    # the prompt shows it and keeps it as _
    # mistake: unknown
    # fix: -
    with contextlib.redirect_stdout(io.StringIO()):
        prompt = code.InteractiveInterpreter({"fetch": fetch})
        prompt.runsource("fetch(1)")
        prompt.runsource("2")


@case
async def assigned_twice_over():
    # mistake: used_as_value
    # fix: first = second = await fetch(1)
    # cause: exception_unwinding | unknown
    # ended: check
    async def check():
        first = second = fetch(1)  # made
        return first > 0 or second
    try:
        await check()
    except TypeError:
        pass


@case
async def resource_of_a_context_manager():
    # mistake: used_as_value
    # cause: exception_unwinding | unknown
    # ended: work
    @contextlib.contextmanager
    def connection():
        yield fetch(1)  # made

    async def work():
        with connection() as opened:
            opened.execute("select")
    try:
        await work()
    except AttributeError:
        pass


@case
def default_of_a_parameter():
    # mistake: unknown
    # fix: -
    # cause: frame_end | unknown
    # ended: start
    def start():
        def connect(token=fetch(1)):  # made
            return token
        return connect is None
    start()


@case
async def default_of_a_lookup():
    # mistake: compared
    # fix 3.15-3.15: -
    # fix: return getattr(store, "size", await fetch(1)) is None
    store = {}
    return getattr(store, "size", fetch(1)) is None  # made


@case
async def read_until_empty():
    # mistake: compared
    # fix: while (chunk := await store.get("a")) != b"":
    store = Store()
    while (chunk := store.get("a")) != b"":  # made
        del chunk
        break


@case
async def looked_up_in_a_condition():
    # mistake 3.8-3.10: unknown
    # mistake: tested_for_truth | compared
    # fix 3.8-3.10: -
    # fix: if (user := await store.get(1)) is None:
    # cause: frame_end | unknown
    # ended: load
    async def load(store):
        if (user := store.get(1)) is None:  # made
            return None
        return "known" if user else "unknown"
    await load(Store())


@case
async def end_of_a_slice():
    # mistake: used_as_value
    # fix: return [1, 2][:await fetch(1)]
    async def head():
        return [1, 2][:fetch(1)]  # made
    try:
        await head()
    except TypeError:
        pass


@case
async def repeated_text():
    # mistake: used_as_value
    # fix: return "-" * await fetch(3)
    async def line():
        return "-" * fetch(3)  # made
    try:
        await line()
    except TypeError:
        pass


@case
async def merged_settings():
    # mistake: used_as_value
    # fix: return {**await fetch({}), "b": 1}
    async def merge():
        return {**fetch({}), "b": 1}  # made
    try:
        await merge()
    except TypeError:
        pass


@case
async def compared_in_a_generator():
    # an await would make the generator async, which any() cannot go over
    # mistake: compared
    # fix: -
    return any(value == fetch(1) for value in (2,))  # made


@case
async def lists_compared():
    # mistake: compared | kept_in_container
    # fix: - | assert [await fetch(number) for number in (1,)] != [1]
    # fix with origin: assert [await fetch(number) for number in (1,)] != [1]
    assert [fetch(number) for number in (1,)] != [1]  # made


@case
async def nested_comprehension():
    # mistake: used_as_value
    # fix: return [row for number in (1,) for row in await fetch(number)]
    async def load():
        return [row for number in (1,) for row in fetch(number)]  # made
    try:
        await load()
    except TypeError:
        pass


@case
async def filter_of_a_dict_by_value():
    # mistake: compared
    # fix: return {key: 1 for key in "ab"[:1] if await fetch(key) == "a"}
    return {key: 1 for key in "ab"[:1] if fetch(key) == "a"}  # made


@case
def body_of_a_class():
    # mistake: result_discarded
    # fix: asyncio.run(fetch(1))
    # advice: -
    class Settings:
        name = "x"
        fetch(1)  # made
    return Settings


@case
async def statement_under_a_suppress():
    # mistake: result_discarded
    # fix: await fetch(1)
    with contextlib.suppress(ValueError):
        fetch(1)  # made


@case
async def statement_in_a_handler():
    # mistake: result_discarded
    # fix: await fetch(str(error))
    try:
        int("x")
    except ValueError as error:
        fetch(str(error))  # made


@case
def first_of_a_generator():
    # mistake: used_as_value
    # fix: job = asyncio.run(next(jobs()))
    # cause: exception_unwinding | unknown
    # ended: run
    def jobs():
        yield fetch(1)  # made

    def run():
        job = next(jobs())
        return job["name"]
    swallow(run)
