# SPDX-License-Identifier: MIT
"""usage: collecting.py COUNT

Holds COUNT coroutines in a list, and collects garbage all the time.
"""
import gc
import sys
import threading

import shim


async def hoarded(number):
    pass


def main():
    global kept
    kept = [hoarded(number) for number in range(int(sys.argv[1]))]
    ended = threading.Event()
    threading.Thread(target=lambda: (shim.wait("end"), ended.set()), daemon=True).start()
    shim.tell("ready")
    while not ended.is_set():
        gc.collect()
    for one in kept:
        one.close()


main()
