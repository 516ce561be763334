# SPDX-License-Identifier: MIT
"""A program as they are: it imports much, and drops coroutines when it is told to."""
import warnings

import asyncio  # which takes most of the start
import shim

DROPS = 10


async def forgotten():
    pass


def main():
    warnings.simplefilter("ignore")
    shim.ready()
    for _ in range(DROPS):
        forgotten()
    asyncio.new_event_loop().close()
    shim.done(counts={"forgotten": DROPS})


main()
