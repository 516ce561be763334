# SPDX-License-Identifier: MIT
"""Starts a thread whenever it is told `thread`; each drops two coroutines and ends."""
import threading
import warnings

import shim


async def orphan_in_thread():
    pass


def body():
    orphan_in_thread()
    orphan_in_thread()


def main():
    warnings.simplefilter("ignore")
    shim.tell("ready")
    threads = 0
    while shim.read_word() == "thread":
        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        threads += 1
        shim.tell("dropped", threads=threads)


main()
