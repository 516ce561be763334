# SPDX-License-Identifier: MIT
"""When told `more`, starts some children by fork at once, each of which waits until it is traced, drops a
coroutine and ends."""
import os
import time
import warnings

import shim

AT_ONCE, PATIENCE_S = 15, 20


async def forgotten_in_child():
    pass


def wait_until_traced():
    status = os.open("/proc/self/status", os.O_RDONLY)
    enough = time.monotonic() + PATIENCE_S
    while os.pread(status, 4096, 0).split(b"\nTracerPid:\t")[1].startswith(b"0\n"):
        if time.monotonic() > enough:
            os._exit(1)
        time.sleep(0.002)


def start():
    pid = os.fork()
    if pid == 0:
        wait_until_traced()
        forgotten_in_child()
        os._exit(0)
    return pid


def main():
    warnings.simplefilter("ignore")
    shim.tell("ready", pid=os.getpid())
    while True:
        word = shim.read_word()
        if word == "end":
            return
        statuses = [os.waitpid(pid, 0)[1] for pid in [start() for _ in range(AT_ONCE)]]
        shim.tell("had", children=len(statuses), traced=statuses.count(0))


main()
