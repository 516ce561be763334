# SPDX-License-Identifier: MIT
"""A coroutine was to be scheduled, and that failed first."""
import asyncio

from . import case


async def job(number=None):
    return number


@case
def create_task_without_loop():
    # mistake: no_running_loop
    # fix: asyncio.run(job(1))
    # ended: create_task
    # cause: exception_unwinding
    try:
        asyncio.create_task(job(1))  # made
    except RuntimeError:
        pass


@case
def create_task_without_loop_named_exception():
    # mistake: no_running_loop
    # fix: asyncio.run(job(1))
    # ended: create_task
    # cause: exception_unwinding
    try:
        asyncio.create_task(job(1))  # made
    except RuntimeError as error:
        print(end="")


@case
async def run_inside_a_loop():
    # mistake: loop_already_running
    # fix: await job(1)
    # advice: await it in place of asyncio.run()
    # ended: run
    # cause: exception_unwinding
    try:
        asyncio.run(job(1))  # made
    except RuntimeError:
        pass


@case
async def run_until_complete_inside_a_loop():
    # mistake: loop_already_running
    # fix: await job(1)
    # advice: await it in place of loop.run_until_complete()
    # ended 3.8-3.10: run_until_complete | -
    # ended: BaseEventLoop.run_until_complete | run_until_complete
    # cause: exception_unwinding
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(job(1))  # made
    except RuntimeError:
        pass
    finally:
        loop.close()


@case
async def gather_of_something_else():
    # mistake: never_scheduled
    # ended: gather | -
    # cause: exception_unwinding
    try:
        await asyncio.gather(1, job(1))  # made
    except TypeError:
        pass


@case
async def closed_loop():
    # mistake: never_scheduled
    # ended 3.8-3.10: create_task | -
    # ended: BaseEventLoop.create_task | create_task
    # cause: exception_unwinding
    loop = asyncio.new_event_loop()
    loop.close()
    try:
        loop.create_task(job(1))  # made
    except RuntimeError:
        pass
