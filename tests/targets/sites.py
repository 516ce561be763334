# SPDX-License-Identifier: MIT
"""usage: sites.py SCENARIO [NUMBER]

Forgets one coroutine at many places and says how often at each, by the names of the innermost functions there:
`places` at 154 of very different frequency, `many` at NUMBER places three times each, `shapes` from several
callers, depths, generators and coroutines, `ends` at the ends of functions that one call enters, `gone` (many
coroutines) in code that is freed and its memory used for other code.
"""
import asyncio
import gc
import os
import sys
import tempfile
import warnings

import shim
from made_places import make_places


async def forgotten():
    pass


def drop_at(places, frequencies):
    """The frequent ones among each other, the rare ones behind and between them."""
    left = list(frequencies)
    while any(left):
        for i, place in enumerate(places):
            for _ in range(min(left[i], 100)):
                place()
            left[i] -= min(left[i], 100)
    return {place.__name__: count for place, count in zip(places, frequencies)}


def helper():
    forgotten()


def caller_one():
    helper()


def caller_two():
    helper()


def recursion(depth):
    if depth:
        recursion(depth - 1)
    else:
        forgotten()


def generator(count):
    for i in range(count):
        forgotten()
        yield i


def consumer_one(count):
    for _ in generator(count):
        pass


def consumer_two(count):
    return list(generator(count))


async def inner():
    forgotten()
    await asyncio.sleep(0)


async def outer_one():
    await inner()


async def outer_two():
    await inner()


async def in_loop(count):
    for _ in range(count):
        await outer_one()
        await asyncio.gather(outer_two(), outer_two())


class Cycle:
    def __init__(self):
        self.me = self
        self.held = forgotten()


def cycles(count):
    for _ in range(count):
        Cycle()
        if _ % 7 == 0:
            gc.collect()
    gc.collect()


def drop_in_shapes():
    for i in range(70):
        caller_one()
        if i % 2:
            caller_two()
        recursion(i % 5)
    consumer_one(25)
    consumer_two(35)
    asyncio.run(in_loop(15))
    cycles(30)
    return {"caller_one helper": 70, "caller_two helper": 35, "recursion": 70, "consumer_one generator": 25,
            "consumer_two generator": 35, "outer_one inner": 15, "outer_two inner": 30, "collected": 30}


def end_one():
    held = forgotten()
    return held is None


def end_two():
    held = forgotten()
    return held is not None


def drop_at_ends():
    for i in range(900):
        for end in (end_one, end_two) if i % 3 == 0 else (end_one,):
            end()
    return {"end_one": 900, "end_two": 300}


def drop_in_code_that_goes(number=40):
    """Code that is freed before the next is made, at its place as a rule."""
    truth = {}
    for i in range(number):
        space = {}
        source = "async def gone_%d():\n    pass\n\ndef place_%d():\n    gone_%d()\n" % (i, i, i)
        exec(compile(source, "<gone %d>" % i, "exec"), space)
        for _ in range(50):
            space["place_%d" % i]()
        truth["gone_%d" % i] = 50
        del space
        gc.collect()
    return truth


def main():
    warnings.simplefilter("ignore")
    gc.disable()
    scenario = sys.argv[1]
    number = 154 if scenario == "places" else int(sys.argv[2]) if scenario == "many" else 0
    folder = tempfile.TemporaryDirectory()
    places = make_places(number, folder.name, forgotten)
    shim.ready()
    if scenario == "places":
        truth = drop_at(places, [30000, 3000, 30, 1] + 150 * [1])
    elif scenario == "many":
        truth = drop_at(places, number * [3])
    elif scenario == "shapes":
        truth = drop_in_shapes()
    elif scenario == "gone":
        truth = drop_in_code_that_goes()
    elif scenario == "gone_at_end":
        shim.tell("done", truth=drop_in_code_that_goes(2))
        os._exit(0)
    else:
        truth = drop_at_ends()
    shim.done(truth=truth)
    folder.cleanup()


main()
