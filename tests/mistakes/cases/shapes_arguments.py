# SPDX-License-Identifier: MIT
"""Shapes of values that are passed on to functions of the standard library."""
import asyncio
import base64
import contextlib
import copy
import itertools
import os
import pickle
import random
import sqlite3
import subprocess
import time

from . import case
from .common import Store, fetch, swallow


async def user_of(number, *rest):
    return {"name": "x"}


@case
def item_of_a_message_in_a_loop():
    # rahiel/telegram-send#121
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: send | -
    def send(chats):
        message_ids = []
        for chat in chats:
            message_ids += [user_of(chat, "md")["name"]]  # made
        return message_ids
    swallow(send, [1])


@case
def message_over_several_lines():
    # samirsalman/AmazonOffers-TelegramBot#48
    # mistake: result_discarded
    store = Store()
    store.get(  # made
        key="a",
    )


@case
async def text_with_an_item():
    # mistake: used_as_value
    # fix: return f"Hello {(await user_of(1))['name']}"
    # cause: exception_unwinding | refcount | unknown
    # ended: greet | -
    async def greet():
        return f"Hello {user_of(1)['name']}"  # made
    try:
        await greet()
    except TypeError:
        pass


@case
async def enumerated():
    # mistake: used_as_value
    # fix: for _, row in enumerate(await fetch(1)):
    # cause: exception_unwinding | refcount | unknown
    # ended: show | -
    async def show():
        for _, row in enumerate(fetch(1)):  # made
            str(row)
    try:
        await show()
    except TypeError:
        pass


@case
async def range_of_a_count():
    # mistake: passed_to_function
    # fix: for _ in range(await fetch(3)):
    # cause: exception_unwinding | refcount | unknown
    # ended: repeat | -
    async def repeat():
        for _ in range(fetch(3)):  # made
            pass
    try:
        await repeat()
    except TypeError:
        pass


@case
async def zipped():
    # mistake: passed_to_function
    # fix: return dict(zip("ab", await fetch(1)))
    # cause: exception_unwinding | refcount | unknown
    # ended: pair | -
    async def pair():
        return dict(zip("ab", fetch(1)))  # made
    try:
        await pair()
    except TypeError:
        pass


@case
async def copied():
    # mistake: passed_to_function
    # fix: return copy.deepcopy(await fetch(1))
    # cause: exception_unwinding | refcount | unknown
    # ended: snapshot | deepcopy | -
    async def snapshot():
        return copy.deepcopy(fetch(1))  # made
    try:
        await snapshot()
    except TypeError:
        pass


@case
async def chained_lists():
    # mistake: used_as_value
    # fix: return list(itertools.chain([1], await fetch(2)))
    # cause: exception_unwinding | refcount | unknown
    # ended: join | -
    async def join():
        return list(itertools.chain([1], fetch(2)))  # made
    try:
        await join()
    except TypeError:
        pass


@case
async def slept_for():
    # mistake: passed_to_function
    # fix: await asyncio.sleep(await fetch(1))
    # cause: exception_unwinding | refcount | unknown
    # ended: rest | sleep | -
    async def rest():
        await asyncio.sleep(fetch(1))  # made
    try:
        await rest()
    except TypeError:
        pass


@case
def plain_sleep():
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount | unknown
    # ended: rest | -
    def rest():
        time.sleep(fetch(1))  # made
    swallow(rest)


@case
async def chosen():
    # mistake: passed_to_function
    # fix: return random.choice(await fetch(1))
    # cause: exception_unwinding | refcount | unknown
    # ended: pick | choice | Random.choice | -
    async def pick():
        return random.choice(fetch(1))  # made
    try:
        await pick()
    except TypeError:
        pass


@case
async def environment():
    # mistake: used_as_value
    # fix: os.environ["TOKEN"] = await fetch(1)
    # cause: exception_unwinding | refcount | unknown
    # ended: login | encode | _Environ.__setitem__ | __setitem__ | -
    async def login():
        os.environ["TOKEN"] = fetch(1)  # made
    try:
        await login()
    except TypeError:
        pass


@case
async def joined_path():
    # mistake: passed_to_function
    # fix: return os.path.join("/tmp", await fetch(1)) | -
    # cause: exception_unwinding | refcount | unknown
    # ended: path | join | _check_arg_types | -
    async def path():
        return os.path.join("/tmp", fetch(1))  # made
    try:
        await path()
    except TypeError:
        pass


@case
async def command_of_a_process():
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount | unknown
    # ended: start | __init__ | Popen.__init__ | run | _execute_child | Popen._execute_child | -
    def start():
        return subprocess.run(["true", fetch(1)])  # made
    swallow(start)


@case
async def encoded():
    # mistake: passed_to_function
    # fix: return base64.b64encode(await fetch(1))
    # cause: exception_unwinding | refcount | unknown
    # ended: encode | b64encode | -
    async def encode():
        return base64.b64encode(fetch(1))  # made
    try:
        await encode()
    except TypeError:
        pass


@case
async def rounded():
    # mistake: passed_to_function
    # fix: return round(await fetch(1), 2)
    # cause: exception_unwinding | refcount | unknown
    # ended: total | -
    async def total():
        return round(fetch(1), 2)  # made
    try:
        await total()
    except TypeError:
        pass


@case
async def written_to_a_file():
    # mistake: passed_to_function
    # fix: out.write(await fetch(1))
    # cause: exception_unwinding | refcount | unknown
    # ended: save | -
    async def save():
        with open(os.devnull, "w") as out:
            out.write(fetch(1))  # made
    try:
        await save()
    except TypeError:
        pass


@case
async def pickled():
    # mistake: passed_to_function
    # fix: return pickle.dumps(await fetch(1))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: store | -
    async def store():
        return pickle.dumps(fetch(1))  # made
    try:
        await store()
    except TypeError:
        pass


@case
async def parameter_of_a_query():
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: find | -
    async def find(db):
        return db.execute("select ?", (fetch(1),))  # made
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        try:
            await find(db)
        except sqlite3.Error:
            pass
