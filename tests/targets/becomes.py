# SPDX-License-Identifier: MIT
"""Drops ten coroutines, then becomes another Python process that drops more."""
import os
import sys
import warnings

import shim


async def forgotten_before():
    pass


async def forgotten_after():
    pass


warnings.simplefilter("ignore")
if sys.argv[1:] == ["again"]:
    for _ in range(10):
        forgotten_after()
    shim.tell("became")
    shim.wait("end")
else:
    shim.ready()
    for _ in range(10):
        forgotten_before()
    os.execv(sys.executable, [sys.executable, os.path.abspath(__file__), "again"])
