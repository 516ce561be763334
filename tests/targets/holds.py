# SPDX-License-Identifier: MIT
"""Does what its test says, a word a line, and answers each by what it did:

    drop K N   forgets a coroutine N times at place K
    becomes    executes another program
    end        ends
"""
import os
import sys
import tempfile
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


def main():
    with tempfile.TemporaryDirectory() as folder:
        serve(make_places(200, folder, forgotten, "1, 'note'"))


def serve(places):
    shim.tell("ready", pid=os.getpid())
    while True:
        word = shim.read_word().split()
        if word[0] == "drop":
            drop(places, *word[1:])
        elif word[0] == "becomes":
            os.execv(sys.executable, [sys.executable, "-c", "input()"])
        else:
            return


main()
