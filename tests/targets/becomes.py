# SPDX-License-Identifier: MIT
"""Drops ten coroutines, then becomes another Python process that drops more."""
import os
import sys
import warnings

import shim


async def orphan_before():
    pass


async def orphan_after():
    pass


warnings.simplefilter("ignore")
if sys.argv[1:] == ["again"]:
    for _ in range(10):
        orphan_after()
    shim.tell("became")
    shim.wait("end")
else:
    shim.ready()
    for _ in range(10):
        orphan_before()
    os.execv(sys.executable, [sys.executable, os.path.abspath(__file__), "again"])
