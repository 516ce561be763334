# SPDX-License-Identifier: MIT
"""Starts a thread whenever it is told `thread`; each drops two coroutines and ends."""
import threading
import warnings

import shim


async def forgotten_in_thread():
    pass


def body():
    forgotten_in_thread()
    forgotten_in_thread()


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
