# SPDX-License-Identifier: MIT
"""Shapes of variables and containers that hold it for a while."""

from . import case
from .common import Store, fetch, swallow


@case
async def nonlocal_rebound():
    # mistake: kept_in_container
    # cause: refcount | unknown
    last = None

    def remember(number):
        nonlocal last
        last = fetch(number)  # made
    remember(1)
    last = None


@case
async def break_after_the_first():
    # mistake: kept_in_container
    # cause: refcount | unknown
    # ended: first | -
    async def first():
        for one in [fetch(1), fetch(2)]:  # made
            await one
            break
        return 1
    await first()


@case
async def looped_and_forgotten():
    # mistake: assigned_never_used | kept_in_container
    # mistake 3.8-3.10: kept_in_container | unknown
    # mistake 3.15-3.15: assigned_never_used | unknown
    # cause: refcount | frame_end | unknown
    # ended: start | -
    def start():
        for job in [fetch(1), fetch(2)]:  # made
            str(job)
    start()


@case
async def stored_and_tested_later():
    # mistake: tested_for_truth
    # cause: refcount | frame_end | unknown
    # ended: allowed | -
    def allowed(enabled):
        granted = enabled and fetch(1)  # made
        return "yes" if granted else "no"
    allowed(True)


@case
async def walrus_in_a_while():
    # mistake: tested_for_truth
    # cause: refcount | frame_end | unknown
    # ended: read | -
    async def read(store):
        while chunk := store.get("a"):  # made
            del chunk
            break
    await read(Store())


@case
async def comprehension_then_used():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load():
        users = {number: fetch(number) for number in (1,)}  # made
        return users[1].name
    try:
        await load()
    except AttributeError:
        pass


@case
async def two_names():
    # mistake: assigned_never_used
    # mistake 3.8-3.10: unknown
    # cause: refcount | frame_end | unknown
    # ended: load | -
    def load():
        first = second = fetch(1)  # made
        del first
        return bool(second)
    load()


@case
async def global_rebound():
    # mistake: assigned_never_used
    global current
    current = fetch(1)  # made
    current = None


@case
async def set_of_them():
    # mistake: unknown
    # cause: refcount | frame_end | unknown
    # ended: count | -
    def count():
        found = set(fetch(number) for number in range(2))  # made
        return len(found)
    count()


@case
async def sorted_results():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: order | -
    def order():
        return sorted([fetch(2), fetch(1)])  # made
    swallow(order)


@case
async def yielded_by_a_generator():
    # mistake: unknown
    # cause: refcount | frame_end | unknown
    # ended: collect | -
    def jobs():
        for number in range(2):
            yield fetch(number)  # made

    def collect():
        found = list(jobs())
        return len(found)
    collect()


@case
async def ttl_cache_hit():
    # Yelp/paasta#2394: made before it is known whether the cache has the result
    # mistake: assigned_never_used
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
    # mistake: used_as_value
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
