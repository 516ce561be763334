# SPDX-License-Identifier: MIT
"""A coroutine is kept in a variable or a container, and that is all."""
from . import case


async def fetch(number=None):
    return number


class Box:
    pass


@case
async def rebound():
    # mistake: assigned_never_used
    # created: inferred
    # fix: result = await fetch(1)
    result = fetch(1)  # made
    result = None
    return result


@case
async def deleted():
    # mistake: assigned_never_used
    # created: inferred
    # fix: result = await fetch(1)
    result = fetch(1)  # made
    del result


@case
async def rebound_by_other_work():
    # mistake: assigned_never_used
    # fix: result = await fetch(1)
    result = fetch(1)  # made
    print(end="")
    result = len("x")
    return result


@case
async def rebound_before_await():
    # mistake: assigned_never_used
    # fix: task = await fetch(number)
    for number in (1, 2):
        task = fetch(number)  # made
    await task


@case
async def walrus():
    # mistake: tested_for_truth
    if (found := fetch(1)):  # made
        found = None
    return found


@case
async def captured_variable():
    # mistake: assigned_never_used
    # fix: result = await fetch(1)
    result = fetch(1)  # made

    def show():
        return result
    result = None
    return show


@case
async def scope_end():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: holder
    def holder():
        result = fetch(1)  # made
        return 2
    return holder()


@case
async def scope_end_of_coroutine():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: holder
    async def holder():
        result = fetch(1)  # made
        return 2
    return await holder()


@case
async def attribute_replaced():
    # mistake: kept_in_container
    # created: unknown
    box = Box()
    box.pending = fetch(1)  # made
    box.pending = None


@case
async def attribute_deleted():
    # mistake: kept_in_container
    # created: unknown
    box = Box()
    box.pending = fetch(1)  # made
    del box.pending


@case
async def item_replaced():
    # mistake: kept_in_container
    box = [fetch(1)]  # made
    box[0] = None


@case
async def item_deleted():
    # mistake: kept_in_container
    box = {"a": fetch(1)}  # made
    del box["a"]


@case
async def list_statement():
    # mistake: kept_in_container
    # fix: [await fetch(1), 2]
    [fetch(1), 2]  # made


@case
async def tuple_statement():
    # mistake: kept_in_container
    fetch(1), 2  # made


@case
async def comprehension_never_gathered():
    # mistake: kept_in_container
    # fix: - | [await fetch(n) for n in (1,)]
    # advice: await what it holds: await asyncio.gather(*...) | -
    [fetch(n) for n in (1,)]  # made


@case
async def object_thrown_away():
    # mistake: kept_in_container
    class Job:
        def __init__(self, work):
            self.work = work
    Job(fetch(1))  # made


@case
async def list_cleared():
    # mistake: kept_in_container
    # created: unknown
    waiting = [fetch(1)]  # made
    waiting.clear()


@case
def collected():
    # mistake: kept_in_cycle
    # created: unknown
    # fix: -
    # cause: cyclic_gc
    import gc
    box = Box()
    box.me, box.work = box, fetch(1)  # made
    del box
    gc.collect()
