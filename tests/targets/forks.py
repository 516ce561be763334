# SPDX-License-Identifier: MIT
"""Forks while it is traced: children drop coroutines of their own and end in several ways."""
import os
import subprocess
import sys
import warnings

import shim


async def forgotten_in_parent():
    pass


async def forgotten_in_child():
    pass


def drop(function, count):
    for _ in range(count):
        function()


def fork(end):
    pid = os.fork()
    if pid == 0:
        drop(forgotten_in_child, 1000)
        end()
        os._exit(1)
    drop(forgotten_in_parent, 10)
    return os.waitpid(pid, 0)[1]


def leave():
    os._exit(0)


def execute():
    os.execv(sys.executable, [sys.executable, "-c", "async def f(): pass\nf()"])


def grandchild():
    if os.fork() == 0:
        drop(forgotten_in_child, 1000)
        os._exit(0)
    os._exit(os.wait()[1])


warnings.simplefilter("ignore")
shim.ready()
subprocess.run([sys.executable, "-c", "async def f(): pass\nf()"], stderr=subprocess.DEVNULL, check=True)
shim.done(children=[fork(leave), fork(execute), fork(grandchild)])
