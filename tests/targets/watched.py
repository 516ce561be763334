# SPDX-License-Identifier: MIT
"""Forgets coroutines at one place each time that it is told to, and says how many."""
import os

import shim


async def forgotten():
    pass


def drop():
    forgotten()


shim.tell("ready")
shim.wait("go")
for _ in range(7):
    drop()
shim.tell("done", dropped=7)
shim.wait("end")
os._exit(0)
