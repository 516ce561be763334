# SPDX-License-Identifier: MIT
"""Tells each signal that its Python handlers get, and drops a coroutine in each of them."""
import signal
import warnings

import shim

CAUGHT = ("SIGUSR1", "SIGURG", "SIGCHLD", "SIGCONT", "SIGTERM")


async def forgotten_in_handler():
    pass


def handler(number, frame):
    forgotten_in_handler()
    shim.tell("signal", name=signal.Signals(number).name)


warnings.simplefilter("ignore")
for name in CAUGHT:
    signal.signal(getattr(signal, name), handler)
shim.ready()
shim.wait("end")
