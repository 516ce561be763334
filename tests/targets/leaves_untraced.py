# SPDX-License-Identifier: MIT
"""usage: leaves_untraced.py ends|becomes

Drops coroutines in a thread that lives too short to be traced, and looks out for the moment in which nobody traces
it, which is when corotrace begins to follow threads. At once it then ends, or executes another program; if it met no
such moment it says so and ends."""
import os
import sys
import threading
import time

import shim

DROPS = 20


async def forgotten_of_young_thread():
    pass


def work():
    for _ in range(DROPS):
        forgotten_of_young_thread()


def is_traced(status):
    return not os.pread(status, 4096, 0).split(b"\nTracerPid:\t")[1].startswith(b"0\n")


def main():
    status = os.open("/proc/self/status", os.O_RDONLY)
    shim.ready()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    enough = time.monotonic() + 0.5
    while is_traced(status):
        if time.monotonic() > enough:
            shim.tell("missed")
            return
    if sys.argv[1] == "becomes":
        os.execv(sys.executable, [sys.executable, "-c", "input()"])
    os._exit(0)


main()
