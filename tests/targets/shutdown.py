# SPDX-License-Identifier: MIT
"""Leaves coroutines behind at its end, in each place that the interpreter clears at another time.

The count is scripted, because when most of them go there is no warnings module left to stand in for; gdb with
a breakpoint on _PyErr_WarnUnawaitedCoroutine sees exactly these (3.8.18, 3.11.7, 3.12.1, 3.13.0).
"""
import atexit
import builtins
import sys

import shim


async def orphan_module_level():
    pass


async def orphan_in_list():
    pass


async def orphan_in_builtins():
    pass


async def orphan_in_cycle():
    pass


async def orphan_in_sys():
    pass


async def orphan_atexit():
    pass


async def orphan_in_del():
    pass


class Thing:
    pass


class DropsAtItsEnd:
    def __del__(self, make=orphan_in_del):
        make()


atexit.register(orphan_atexit)
module_level = orphan_module_level()
in_list = [orphan_in_list() for _ in range(10)]
builtins.kept = orphan_in_builtins()
sys.kept = orphan_in_sys()
cycle = Thing()
cycle.me, cycle.held = cycle, orphan_in_cycle()
drops = DropsAtItsEnd()
shim.ready(scripted={
    "orphan_module_level": 1,
    "orphan_in_list": 10,
    "orphan_in_builtins": 1,
    "orphan_in_cycle": 1,
    "orphan_in_sys": 1,
    "orphan_atexit": 1,
    "orphan_in_del": 1,
})
