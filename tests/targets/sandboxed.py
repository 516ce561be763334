# SPDX-License-Identifier: MIT
"""usage: sandboxed.py before|after

Sandboxes itself by seccomp(2), before or after somebody attached: tgkill and rt_sigpending end it from then on.
Drops 100 coroutines for each `drop`, and for `lose` loses 10 tasks, 10 exceptions of tasks and 10 of futures."""
import asyncio
import ctypes
import gc
import os
import struct
import sys
import warnings

import shim

KILLED = {"x86_64": (127, 234), "aarch64": (136, 131)}


async def forgotten():
    pass


def sandbox():
    first, second = KILLED[os.uname().machine]
    # load the number; equal to one of them: kill the process; else allow (linux/filter.h, linux/seccomp.h)
    code = b"".join(struct.pack("=HBBI", *line) for line in (
        (0x20, 0, 0, 0), (0x15, 2, 0, first), (0x15, 1, 0, second), (0x06, 0, 0, 0x7fff0000),
        (0x06, 0, 0, 0x80000000)))
    buffer = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None)
    assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, program, 0, 0) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


async def waits():
    await asyncio.get_event_loop().create_future()


async def fails():
    raise ValueError


async def lose():
    asyncio.get_event_loop().set_exception_handler(lambda loop, context: None)
    for _ in range(10):
        asyncio.ensure_future(waits())
        asyncio.ensure_future(fails())
        asyncio.get_event_loop().create_future().set_exception(ValueError())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()


def main():
    warnings.simplefilter("ignore")
    if sys.argv[1] == "before":
        sandbox()
    shim.tell("ready", pid=os.getpid())
    while True:
        word = shim.read_word()
        if word == "drop":
            for _ in range(100):
                forgotten()
            shim.tell("dropped")
        elif word == "lose":
            asyncio.run(lose())
            shim.tell("lost")
        elif word == "sandbox":
            sandbox()
            shim.tell("sandboxed")
        else:
            return


main()
