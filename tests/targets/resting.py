# SPDX-License-Identifier: MIT
"""usage: resting.py [DEPTH]

Sets the depth of origin tracking. Rests in a read of its stdin; drops some coroutines whenever it is told `drop`.

It names the objects in which a tracer may plant something: coroutine types and the warning function.
"""
import gc
import os
import sys
import warnings

import resting_objects
import shim


async def forgotten():
    pass


def main():
    warnings.simplefilter("ignore")
    sys.set_coroutine_origin_tracking_depth(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    gc.collect()
    total = 0
    shim.tell("ready", pid=os.getpid(), objects=resting_objects.objects(),
              depth=sys.get_coroutine_origin_tracking_depth())
    while True:
        word = shim.read_word()
        if word == "drop":
            for _ in range(100):
                forgotten()
            total += 100
            shim.tell("dropped", count=100, total=total)
        elif word == "depth":
            shim.tell("depth", depth=sys.get_coroutine_origin_tracking_depth())
        else:
            return


main()
