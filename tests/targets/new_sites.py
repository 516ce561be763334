# SPDX-License-Identifier: MIT
"""Drops coroutines at ever new places, of ever new functions with long names, while it answers `beat`; in threads of
their own, which live for one drop each, with `threads`."""
import os
import sys
import threading
import warnings

import resting_objects
import shim

SOURCE = """
async def forgotten_{0}():
    pass

def drop_{0}():
    forgotten_{0}()
"""


def drop(number):
    name = "%s_%s" % (number, "x" * 500)
    module = {}
    exec(compile(SOURCE.format(name), "made_%s.py" % name, "exec"), module)
    module["drop_" + name]()


class Worker(threading.Thread):
    def __init__(self, in_threads):
        super().__init__()
        self.in_threads = in_threads
        self.dropped = 0
        self.over = False

    def run(self):
        while not self.over:
            if self.in_threads:
                thread = threading.Thread(target=drop, args=(self.dropped,))
                thread.start()
                thread.join()
            else:
                drop(self.dropped)
            self.dropped += 1


def main():
    warnings.simplefilter("ignore")
    drop("first")
    shim.tell("ready", pid=os.getpid(), objects=[*resting_objects.slots(), *resting_objects.functions()])
    worker = Worker(sys.argv[1:] == ["threads"])
    shim.wait("go")
    worker.start()
    while True:
        word = shim.read_word()
        if word == "beat":
            shim.tell("beat", dropped=worker.dropped)
        else:
            worker.over = True
            worker.join()
            return


main()
