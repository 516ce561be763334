# SPDX-License-Identifier: MIT
"""Does what its test says, a word a line, and answers each by what it did:

    drop K N   forgets a coroutine N times at place K
    places N   once at each of N places that were not used before: how long the longest drop took, in ms
    becomes    executes another program
    end        ends
"""
import os
import sys
import tempfile
import time
import warnings

import shim
from made_places import make_places

warnings.simplefilter("ignore")


async def forgotten(place, note):
    pass


def drop(places, place, count):
    for _ in range(int(count)):
        places[int(place)]()
    shim.tell("dropped")


def drop_at_each(places, count):
    worst = 0
    for place in places[-int(count):]:
        start = time.perf_counter()
        place()
        worst = max(worst, time.perf_counter() - start)
        time.sleep(0.005)
    shim.tell("dropped", worst_ms=worst * 1000)


def main():
    with tempfile.TemporaryDirectory() as folder:
        serve(make_places(200, folder, forgotten, "1, 'note'"))


def serve(places):
    shim.tell("ready", pid=os.getpid())
    while True:
        word = shim.read_word().split()
        if word[0] == "drop":
            drop(places, *word[1:])
        elif word[0] == "places":
            drop_at_each(places, word[1])
        elif word[0] == "becomes":
            os.execv(sys.executable, [sys.executable, "-c", "input()"])
        else:
            return


main()
