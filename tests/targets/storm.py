# SPDX-License-Identifier: MIT
"""usage: storm.py THREADS [forks]

Drops coroutines without an end in THREADS threads while the main thread answers `beat`; with `forks` it forks
for each beat, and the child drops some too. Each thread checks its own truth: what it dropped must all have
been warned about, and coroutines that it runs to their end must give what they return. `quiet` ends the storm.
"""
import os
import sys
import threading
import warnings

import resting_objects
import shim

WARNED = []


def record(coro):
    WARNED.append(1)
    if len(WARNED) > 100000:  # the totals are kept, not the items
        fold()


FOLDED = [0]
LOCK = threading.Lock()
# A child of fork(2) has no other threads, which may have held the lock.
os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)


def fold():
    with LOCK:
        count = len(WARNED)
        del WARNED[:count]
        FOLDED[0] += count


def warned():
    fold()
    return FOLDED[0]


async def forgotten(number):
    return number


async def awaited(number):
    return number


class Worker(threading.Thread):
    def __init__(self):
        super().__init__()
        self.dropped = 0
        self.wrong = 0
        self.over = False

    def run(self):
        while not self.over:
            for number in range(20):
                forgotten(number)
            self.dropped += 20
            try:
                awaited(7).send(None)
            except StopIteration as stop:
                self.wrong += stop.value != 7


def fork_one():
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            before = warned()
            for number in range(200):
                forgotten(number)
            status = 0 if warned() - before == 200 else 2
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1]


def main():
    warnings.simplefilter("ignore")
    shim.stand_in(record)
    forgotten(0)
    threads = int(sys.argv[1])
    forks = sys.argv[2:] == ["forks"]
    workers = [Worker() for _ in range(threads)]
    shim.tell("ready", pid=os.getpid(), objects=[*resting_objects.slots(), *resting_objects.functions()])
    for worker in workers:
        worker.start()
    while True:
        word = shim.read_word()
        if word == "beat":
            shim.tell("beat", dropped=sum(worker.dropped for worker in workers),
                      child=fork_one() if forks else 0)
        elif word == "quiet":
            for worker in workers:
                worker.over = True
            for worker in workers:
                worker.join()
            shim.tell("quiet", dropped=1 + sum(worker.dropped for worker in workers), warned=warned(),
                      wrong=sum(worker.wrong for worker in workers))
        else:
            return


main()
