# SPDX-License-Identifier: MIT
"""Functions that end with the coroutine in a variable, and what must not be taken for that."""
import asyncio
import contextlib
import gc
import threading

from . import case


async def push(value=None):
    return value


def in_a_list():
    work = [push(1)]
    return len(work)


@case
def list_of_a_function():
    # mistake: kept_in_container
    # cause: frame_end
    # ended: in_a_list
    in_a_list()


class Box:
    def keep(self):
        work = push(1)  # made
        return bool(self)


@case
async def method_end():
    # mistake: assigned_never_used
    # created 3.8-3.10: inferred
    # created: inferred
    # cause: frame_end
    # ended 3.8-3.10: keep
    # ended: Box.keep
    # fix: -
    # advice: make keep() async and write: work = await push(1)
    Box().keep()


def last(depth):
    work = push(1) if depth == 0 else None  # made
    return depth if depth == 0 else last(depth - 1)


@case
def deepest_of_a_recursion():
    # mistake: assigned_never_used
    # created 3.8-3.10: inferred
    # created: inferred
    # cause: frame_end
    # ended: last
    return last(3)


def numbers():
    work = push(1)  # made
    yield 1
    yield 2


@case
async def generator_in_for():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: numbers
    for _ in numbers():
        pass


@case
def generator_by_next():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: numbers
    made = numbers()
    next(made)
    next(made)
    next(made, None)


@case
def generator_in_a_list():
    # mistake: assigned_never_used
    # cause: frame_end | unknown
    # ended: numbers | -
    return list(numbers())


def delegating():
    yield from numbers()


@case
def generator_below_another():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: numbers
    for _ in delegating():
        pass


async def leaf():
    work = push(1)  # made
    await asyncio.sleep(0)


async def twig():
    await leaf()


@case
async def awaited_coroutine():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: leaf
    # fix: work = await push(1)
    await twig()


@case
async def own_task():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: leaf
    await asyncio.create_task(leaf())


async def counting():
    work = push(1)  # made
    yield 1


@case
async def async_generator():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: counting
    async for _ in counting():
        pass


@contextlib.contextmanager
def managed():
    work = push(1)  # made
    yield


@case
def context_manager():
    # mistake: assigned_never_used
    # cause: frame_end | unknown
    # ended: managed | -
    with managed():
        pass


def failing():
    work = push(1)
    raise ValueError


@case
def exception_through_a_function():
    # The traceback keeps the function's variables until the handler is left.
    # mistake: assigned_never_used
    # fix: work = asyncio.run(push(1))
    # ended: failing
    # cause: exception_unwinding
    try:
        failing()
    except ValueError:
        pass


@case
def exit_stack():
    # mistake: async_callback
    with contextlib.ExitStack() as stack:
        stack.callback(push, 1)


@case
def ended_before():
    # A function that ended a moment ago is not to blame.
    # mistake: result_discarded
    in_nothing()
    push(1)  # made


def in_nothing():
    work = 1
    return work


@case
def ended_generator_kept():
    # A finished generator is still there, and may have held another coroutine at the same address.
    # mistake: assigned_never_used | result_discarded
    # cause: frame_end | refcount | unknown
    # ended: numbers | -
    for _ in range(5):
        made = numbers()
        for _ in made:
            pass
        push(1)  # made


@case
async def ended_coroutine_kept():
    # mistake: assigned_never_used | result_discarded | tested_for_truth
    # cause: frame_end | refcount
    # ended: leaf | -
    made = leaf()
    await made
    push(1)  # made
    if push(2):  # made
        pass
    return made


@case
def plain_call_of_c_code():
    # mistake: kept_in_container
    # cause: refcount | unknown
    waiting = [push(1)]
    in_nothing()
    waiting.clear()


@case
def finalizer_run_by_the_collector():
    # The collector runs it, but it is to blame.
    # mistake: result_discarded
    # cause: refcount
    class Finalized:
        def __del__(self):
            push(1)  # made
    box = Finalized()
    box.me = box
    del box
    gc.collect()


@case
def innocent_frame():
    # mistake: kept_in_cycle
    # created: unknown
    # cause: cyclic_gc
    def cycle():
        box = [push(1)]
        box.append(box)
    cycle()
    gc.enable()
    kept = [[] for _ in range(20000)]
    gc.disable()
    return kept


@case
def thread_local():
    # mistake: held_at_thread_exit
    # created: unknown
    # cause: thread_exit
    local = threading.local()

    def run():
        local.work = push(1)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
