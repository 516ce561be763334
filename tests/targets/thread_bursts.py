# SPDX-License-Identifier: MIT
"""After `go`: a thousand threads in bursts, and a pool with many short tasks; each drops coroutines and ends. Tells
how long the threads took."""
import concurrent.futures
import threading
import time
import warnings

import shim

BURSTS, BURST, DROPS, TASKS = 20, 50, 3, 500


async def forgotten_in_thread():
    pass


async def forgotten_in_pool():
    pass


def body():
    for _ in range(DROPS):
        forgotten_in_thread()


def task(_):
    forgotten_in_pool()


def main():
    warnings.simplefilter("ignore")
    shim.ready()
    began = time.perf_counter()
    for _ in range(BURSTS):
        threads = [threading.Thread(target=body) for _ in range(BURST)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    took = time.perf_counter() - began
    for _ in range(4):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(task, range(TASKS // 4)))
    shim.done(seconds=took, counts={"forgotten_in_thread": BURSTS * BURST * DROPS, "forgotten_in_pool": TASKS})


main()
