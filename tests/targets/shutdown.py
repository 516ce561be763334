# SPDX-License-Identifier: MIT
"""Leaves coroutines behind at its end, in each place that the interpreter clears at another time.

The count is scripted, because when most of them go there is no warnings module left to stand in for; gdb with
a breakpoint on _PyErr_WarnUnawaitedCoroutine sees exactly these (3.8.18, 3.11.7, 3.12.1, 3.13.0).
"""
import atexit
import builtins
import sys

import shim


async def forgotten_module_level():
    pass


async def forgotten_in_list():
    pass


async def forgotten_in_builtins():
    pass


async def forgotten_in_cycle():
    pass


async def forgotten_in_sys():
    pass


async def forgotten_atexit():
    pass


async def forgotten_in_del():
    pass


class Thing:
    pass


class DropsAtItsEnd:
    def __del__(self, make=forgotten_in_del):
        make()


atexit.register(forgotten_atexit)
module_level = forgotten_module_level()
in_list = [forgotten_in_list() for _ in range(10)]
builtins.kept = forgotten_in_builtins()
sys.kept = forgotten_in_sys()
cycle = Thing()
cycle.me, cycle.held = cycle, forgotten_in_cycle()
drops = DropsAtItsEnd()
shim.ready(scripted={
    "forgotten_module_level": 1,
    "forgotten_in_list": 10,
    "forgotten_in_builtins": 1,
    "forgotten_in_cycle": 1,
    "forgotten_in_sys": 1,
    "forgotten_atexit": 1,
    "forgotten_in_del": 1,
})
