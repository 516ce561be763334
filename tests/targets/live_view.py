# SPDX-License-Identifier: MIT
"""Drops what it is told to: 100 coroutines of one place with `often`, 3 of another with `seldom`, one whose name is a
command to terminals with `hostile`."""
import os
import warnings

import shim


async def fetch_often():
    pass


async def save_seldom():
    pass


async def hostile():
    pass


hostile.__qualname__ = "\x1b]0;owned\x07\x9b7mhostile"


def drop_often():
    for _ in range(100):
        fetch_often()


def drop_seldom():
    for _ in range(3):
        save_seldom()


def drop_hostile():
    hostile()


def main():
    warnings.simplefilter("ignore")
    shim.tell("ready", pid=os.getpid())
    drops = {"often": drop_often, "seldom": drop_seldom, "hostile": drop_hostile}
    while True:
        word = shim.read_word()
        if word not in drops:
            return
        drops[word]()
        shim.tell("dropped")


main()
