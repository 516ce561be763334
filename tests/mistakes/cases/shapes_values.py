# SPDX-License-Identifier: MIT
"""Shapes of public bug reports: the coroutine is taken for its value. Each case names its report."""

from . import case
from .common import Store, fetch, swallow


@case
async def permission_in_elif():
    # vertexproject/synapse#4521
    # mistake: tested_for_truth
    # created: inferred
    # fix: elif await store.is_allowed(user):
    store, user = Store(), "ann"
    if user is None:
        return False
    elif store.is_allowed(user):  # made
        return True


@case
async def redirect_allowed():
    # theelous3/asks#185
    # mistake: tested_for_truth
    # ended: decide
    # cause: frame_end
    async def decide(store):
        allowed = True
        if store:
            allowed = store.is_allowed("ann")  # made
        return 1 if allowed else 2
    await decide(Store())


@case
async def comprehension_condition():
    # workfloworchestrator/orchestrator-core#1517
    # mistake: tested_for_truth
    # created: inferred
    store = Store()
    return [user for user in ("ann",) if store.is_allowed(user)]  # made


@case
async def dict_comprehension_condition_with_and():
    # workfloworchestrator/orchestrator-core#1517
    # mistake: tested_for_truth
    store = Store()
    return {user: 1 for user in ("ann",) if user and store.is_allowed(user)}  # made


@case
async def walrus_condition():
    # mistake 3.8-3.10: unknown
    # mistake: tested_for_truth
    # cause: frame_end
    # ended: find
    async def find(store):
        return 1 if (row := store.get(1)) else None  # made
    await find(Store())


@case
async def not_allowed_raises():
    # mistake: tested_for_truth
    # created: inferred
    # fix: if not await store.is_allowed("ann"):
    store = Store()
    if not store.is_allowed("ann"):  # made
        raise PermissionError


@case
async def asserted():
    # A test of DIRACGrid/diracx#594's kind
    # mistake: tested_for_truth
    # created: inferred
    # fix: assert await store.is_allowed("ann")
    store = Store()
    assert store.is_allowed("ann")  # made


@case
async def default_by_or():
    # mistake 3.8-3.10: unknown
    # mistake: tested_for_truth
    # ended: load
    # cause: frame_end
    async def load(store):
        row = store.get(1) or {}  # made
        return None
    await load(Store())


@case
async def compared_with_a_number():
    # mistake: compared
    # created: inferred
    # fix: return await store.get("count") == 5
    store = Store()
    return store.get("count") == 5  # made


@case
async def compared_by_size():
    # mistake: compared
    # cause: exception_unwinding | refcount | unknown
    # ended: check | -
    # fix: return await store.get("count") > 5
    async def check(store):
        return store.get("count") > 5  # made
    try:
        await check(Store())
    except TypeError:
        pass


@case
async def compared_with_none():
    # mistake: compared
    # created: inferred
    # fix: if await store.get("user") is None:
    store = Store()
    if store.get("user") is None:  # made
        return 1


@case
async def membership_in_what_it_gives():
    # mistake: compared
    # cause: exception_unwinding | refcount | unknown
    # ended: known | -
    # fix: return "ann" in await fetch(["ann"])
    async def known():
        return "ann" in fetch(["ann"])  # made
    try:
        await known()
    except TypeError:
        pass


@case
async def membership_of_a_variable():
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: known
    # fix: users = await fetch(["ann"])
    async def known():
        users = fetch(["ann"])  # made
        return "ann" in users
    try:
        await known()
    except TypeError:
        pass


@case
async def choices_of_a_completion():
    # microsoft/graphrag#393
    # mistake: used_as_value
    # mistake 3.10-3.10: used_as_value
    # created: inferred
    # fix: return (await fetch("hello")).choices[0]
    # fix 3.10-3.10: return (await fetch("hello")).choices[0] | -
    # cause: exception_unwinding | refcount
    # ended: ask | -
    async def ask():
        return fetch("hello").choices[0]  # made
    try:
        await ask()
    except AttributeError:
        pass


@case
async def show_of_a_response():
    # shroominic/codeinterpreter-api#121
    # mistake: used_as_value
    # cause: exception_unwinding
    # ended: run
    # fix: response = await fetch("plot")
    async def run():
        response = fetch("plot")  # made
        print("AI:", end="", file=None) if response is None else None
        response.show()
    try:
        await run()
    except AttributeError:
        pass


@case
async def attribute_of_an_attribute():
    # aio-libs/aiohttp-demos#44
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount
    # ended: run | Runner.setup | setup | -
    class Runner:
        def __init__(self, application):
            self.application = application

        def setup(self):
            return self.application.router

    def run():
        Runner(fetch("application")).setup()
    swallow(run)


@case
async def looped_over():
    # davidmckenzie/telebagger#11
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: run | -
    # fix: for row in await store.rows():
    async def run(store):
        for row in store.rows():  # made
            print(row)
    try:
        await run(Store())
    except TypeError:
        pass


@case
async def list_of_rows():
    # langchain-ai/langchain-mongodb#452
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: index | -
    # fix: indexes = list(await store.rows())
    async def index(store):
        indexes = list(store.rows())  # made
        return indexes
    try:
        await index(Store())
    except TypeError:
        pass


@case
async def unpacked_pair():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: read | -
    # fix: reader, writer = await fetch((1, 2))
    async def read():
        reader, writer = fetch((1, 2))  # made
        return reader
    try:
        await read()
    except TypeError:
        pass


@case
async def star_arguments():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: call | -
    async def call():
        return max(*fetch([1]))  # made
    try:
        await call()
    except TypeError:
        pass


@case
async def star_keywords():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: call | -
    async def call():
        return dict(**fetch({}))  # made
    try:
        await call()
    except TypeError:
        pass


@case
async def list_display_with_star():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: call | -
    async def call():
        return [0, *fetch([1])]  # made
    try:
        await call()
    except TypeError:
        pass


@case
async def added():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: total | -
    # fix: return 1 + await fetch(2)
    async def total():
        return 1 + fetch(2)  # made
    try:
        await total()
    except TypeError:
        pass


@case
async def added_in_place():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: total | -
    # fix: number += await fetch(number)
    async def total():
        number = 0
        for _ in range(1):
            number += fetch(number)  # made
        return number
    try:
        await total()
    except TypeError:
        pass


@case
async def sum_of_coroutines():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: total | <genexpr> | -
    async def total():
        return sum(fetch(number) for number in (1,))  # made
    try:
        await total()
    except TypeError:
        pass


@case
async def length_of_rows():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: count | -
    # fix: return len(await store.rows())
    async def count(store):
        return len(store.rows())  # made
    try:
        await count(Store())
    except TypeError:
        pass


@case
async def used_as_index():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: pick | -
    # fix: return ["a", "b"][await fetch(1)]
    async def pick():
        return ["a", "b"][fetch(1)]  # made
    try:
        await pick()
    except TypeError:
        pass
