# SPDX-License-Identifier: MIT
"""usage: interpreters.py REPETITIONS LATE

Drops coroutines in the main interpreter and in subinterpreters, one that exists at attach and LATE that are made
later, one after the other; then in LATE at the same time, each in a thread of its own. Each interpreter has its
own warnings module, so each counts its own drops. Where a version offers an own GIL per interpreter it is used.
"""
import os
import sys
import threading

import shim

SCRIPT = """
import sys
sys.path.insert(0, {path!r})
import gc, os
import shim
counter = shim.Counter()
async def forgotten_sub():
    pass
async def forgotten_sub_cycle():
    pass
class Thing:
    pass
for _ in range({repetitions}):
    forgotten_sub()
    thing = Thing()
    thing.me, thing.held = thing, forgotten_sub_cycle()
del thing
gc.collect()
shim.tell("sub", truth=counter.totals())
"""


class Interpreters:
    """The one face of what this version calls its module."""

    def __init__(self):
        try:
            import _interpreters as module          # 3.13
        except ImportError:
            try:
                import _xxsubinterpreters as module  # 3.8 to 3.12
            except ImportError:
                module = None
        self.module = module

    def create(self):
        return self.module.create()

    def run(self, which, script):
        if hasattr(self.module, "exec"):
            failed = self.module.exec(which, script)
        else:
            failed = self.module.run_string(which, script)
        if failed is not None:
            raise SystemExit("in a subinterpreter: %s" % (failed,))

    def destroy(self, which):
        self.module.destroy(which)


async def forgotten_main():
    pass


def in_thread(interpreters, script):
    one = interpreters.create()
    interpreters.run(one, script)
    interpreters.destroy(one)


def main():
    repetitions, late = int(sys.argv[1]), int(sys.argv[2])
    interpreters = Interpreters()
    if interpreters.module is None:
        shim.ready(has_interpreters=False)
        shim.done(truth={}, scripted={})
        return
    script = SCRIPT.format(path=os.path.dirname(os.path.abspath(__file__)), repetitions=repetitions)
    counter = shim.Counter()
    early = interpreters.create()
    shim.ready(has_interpreters=True)
    for _ in range(repetitions):
        forgotten_main()
    interpreters.run(early, script)
    for _ in range(repetitions):
        forgotten_main()
    interpreters.destroy(early)
    for _ in range(late):
        one = interpreters.create()
        interpreters.run(one, script)
        interpreters.destroy(one)
    # They would wait for each other in their reads and writes before they have GILs of their own.
    at_once = late if sys.version_info >= (3, 12) else 0
    threads = [threading.Thread(target=in_thread, args=(interpreters, script)) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = 1 + late + at_once
    scripted = {"forgotten_main": 2 * repetitions,
                "forgotten_sub": runs * repetitions, "forgotten_sub_cycle": runs * repetitions}
    shim.done(truth=counter.totals(), scripted=scripted)


main()
