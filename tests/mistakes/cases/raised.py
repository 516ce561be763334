# SPDX-License-Identifier: MIT
"""An exception came between making a coroutine and awaiting it."""
from . import case


async def step(*arguments):
    return arguments


async def both(*coroutines):
    for coroutine in coroutines:
        await coroutine


def fail(*unused):
    raise KeyError("x")


@case
async def between_assignment_and_await():
    # mistake: exception_before_await
    # created: unknown
    # ended: work
    # cause: exception_unwinding
    async def work():
        first = step(1)  # made
        fail()
        await first
    try:
        await work()
    except KeyError:
        pass


@case
async def while_arguments_are_made():
    # mistake: exception_before_await
    # cause: exception_unwinding
    try:
        await both(step(1), fail())  # made
    except KeyError:
        pass


@case
async def named_exception():
    # mistake: exception_before_await
    # ended 3.8-3.10: work | -
    # ended: work
    # cause: exception_unwinding
    async def work():
        first = step(1)  # made
        fail()
        await first
    try:
        await work()
    except KeyError as error:
        text = str(error)
    return text
