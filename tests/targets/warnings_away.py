# SPDX-License-Identifier: MIT
"""Six coroutines are dropped. Three end with their threads, without a Python frame, and Python warns of them; the
warnings of the other three are lost, for the module is away at that moment. No interpreter is finalizing."""
import sys
import threading
import warnings

import shim


async def forgotten():
    pass


LOCAL = threading.local()


def in_thread():
    LOCAL.held = forgotten()


def main():
    warnings.simplefilter("ignore")
    shim.ready()
    for _ in range(3):
        thread = threading.Thread(target=in_thread)
        thread.start()
        thread.join()
    module = sys.modules.pop("warnings")
    for _ in range(3):
        forgotten()
    sys.modules["warnings"] = module
    shim.done()


main()
