# SPDX-License-Identifier: MIT
"""Where a rule that looks at the instruction alone would name another mistake or another line."""
import asyncio

from . import case


async def store(value=None):
    return value


async def other(value=None):
    return value


class Holder:
    def __init__(self, work):
        self.work = work


@case
async def rebound_object_that_held_it():
    # STORE_FAST drops it, but the variable never was the coroutine.
    # mistake: unknown
    # created: unknown
    holder = Holder(store(1))
    holder = None
    return holder


@case
async def popped_from_a_list():
    # POP_TOP after a call: but pop() did not make it.
    # mistake: result_discarded
    # created: unknown
    waiting = [store(1)]
    waiting.pop()


@case
async def same_name_other_object():
    # The name that is called is not the coroutine's function.
    # mistake: returned_and_dropped
    # mistake 3.8-3.10: result_discarded
    # created: unknown
    class Facade:
        def store(self, value):
            return store(value)
    Facade().store(1)


@case
async def two_on_a_line():
    # mistake: result_discarded
    # created: inferred
    # fix: await store(1), await other(2); await store(3)
    await store(1), await other(2); store(3)  # made


@case
async def awaited_beside_dropped():
    # mistake: passed_to_function
    # created: inferred
    # fix: print(await store(1), id(await store(2)), end="", file=open("/dev/null", "w"))
    print(await store(1), id(store(2)), end="", file=open("/dev/null", "w"))  # made


@case
async def tested_value_is_of_another_call():
    # TO_BOOL of len() is not where the coroutine is tested.
    # mistake: used_as_value
    # created: inferred
    try:
        if len(store(1)):  # made
            pass
    except TypeError:
        raise


@case
async def wrapped_twice():
    # The innermost call that takes it is to blame, not the outermost.
    # mistake: formatted
    # created: inferred
    # fix: return len(str(await store(1)))
    return len(str(store(1)))  # made


@case
async def word_in_a_string():
    # mistake: result_discarded
    # created: inferred
    # fix: await store("store(1)")
    store("store(1)")  # made


@case
async def longer_name_beside_it():
    # mistake: result_discarded
    # created: inferred
    # fix: restore = len("store()"); await store(restore)
    restore = len("store()"); store(restore)  # made


@case
async def deleted_parameter():
    # The function deletes what it was given; it did not make it.
    # mistake 3.8-3.10: passed_to_function
    # mistake: unknown
    # created 3.8-3.10: inferred
    # created: unknown
    def forget(work):
        del work
    forget(store(1))  # made


@case
async def rebound_after_two_makers():
    # Two calls could have made it.
    # mistake: assigned_never_used
    # created: unknown
    work = store(1) if other else store(2)
    work = None
    return work


@case
async def closed_over_loop_variable():
    # mistake: unknown
    # created: unknown
    for work in [store(1)]:
        pass
    work = None
    return work
