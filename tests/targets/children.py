# SPDX-License-Identifier: MIT
"""Makes children in every way that Python has, while it is traced. Each child drops coroutines, checks that all of
them were warned about, runs one to its end, and says by its exit status whether all of that was right."""
import contextlib
import multiprocessing
import os
import subprocess
import sys
import threading
import time
import warnings

import shim

try:
    import ctypes
except ImportError:  # not in every build
    ctypes = None

WARNED = []
CHILD = 300
# Own programs are quick to start: no site, and warnings as errors of no consequence.
PROGRAM = ("import sys, warnings\nwarnings.simplefilter('ignore')\nseen = []\n"
           "warnings._warn_unawaited_coroutine = seen.append\n"
           "async def forgotten_in_program(): pass\nfor _ in range(50): forgotten_in_program()\n"
           "sys.exit(0 if len(seen) == 50 else 9)\n")


async def forgotten_in_parent():
    pass


async def forgotten_in_child():
    pass


async def awaited():
    return 7


def drop(function, count):
    for _ in range(count):
        function()


def lives():
    """What a child has to be able to do; 0 if it can."""
    before = len(WARNED)
    thread = threading.Thread(target=drop, args=(forgotten_in_child, CHILD))
    thread.start()
    drop(forgotten_in_child, CHILD)
    thread.join()
    if len(WARNED) - before != 2 * CHILD:
        return 2
    try:
        awaited().send(None)
    except StopIteration as stop:
        return 0 if stop.value == 7 else 3
    return 4


def work(_):
    return lives()


def code(status):
    return status if status < 0 else os.WEXITSTATUS(status) or os.WTERMSIG(status)


def run_in_fork(end):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = end()
        finally:
            os._exit(status)
    drop(forgotten_in_parent, 10)
    return code(os.waitpid(pid, 0)[1])


def fork():
    return run_in_fork(lives)


def fork_in_thread():
    result = []
    thread = threading.Thread(target=lambda: result.append(fork()))
    thread.start()
    thread.join()
    return result[0]


def fork_twice():
    """As daemons do: a session of its own, and a parent that is gone before."""
    return run_in_fork(lambda: os.setsid() or run_in_fork(lives))


def fork_and_exec():
    return run_in_fork(lambda: lives() or os.execv(sys.executable, [sys.executable, "-c", PROGRAM]))


def clone_without_signal():
    """A child whose end sends no SIGCHLD, as container runtimes make them; the kernel calls that a thread."""
    libc = ctypes.PyDLL(None, use_errno=True)
    pid = libc.syscall({"x86_64": 56, "aarch64": 220}[os.uname().machine], 0, 0, 0, 0, 0)
    if pid == 0:
        status = 1
        try:
            drop(forgotten_in_child, CHILD)
            status = 0
        finally:
            os._exit(status)
    drop(forgotten_in_parent, 10)
    return code(os.waitpid(pid, 0x40000000)[1])  # __WALL


def posix_spawn():
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", PROGRAM], os.environ)
    return code(os.waitpid(pid, 0)[1])


def vfork():
    """subprocess uses vfork(2) from 3.10 on, where it can."""
    return subprocess.run([sys.executable, "-c", PROGRAM], check=False).returncode


def preexec():
    return subprocess.run([sys.executable, "-c", PROGRAM], preexec_fn=lambda: drop(forgotten_in_child, CHILD),
                          check=False).returncode


def shell():
    return code(os.system("exit 0"))


def pool(method):
    context = multiprocessing.get_context(method)
    with context.Pool(2) as workers:
        results = workers.map(work, range(4), chunksize=1)
        workers.close()
        workers.join()
    return max(results)


def can_pool():
    try:
        multiprocessing.get_context().Lock()
        return True
    except OSError:  # no /dev/shm, in a chroot of an older glibc
        return False


def prefork():
    """A master whose workers are replaced when they die, as servers do it."""
    workers = []
    for number in range(6):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                status = lives()
                if number < 3:
                    os.kill(os.getpid(), 9)
            finally:
                os._exit(status)
        workers.append(pid)
        drop(forgotten_in_parent, 10)
    statuses = [code(os.waitpid(pid, 0)[1]) for pid in workers]
    return 0 if statuses == [9, 9, 9, 0, 0, 0] else statuses


def stay():
    """A child that lives on and says so; it ends when its stdin does."""
    pid = os.fork()
    if pid == 0:
        shim.tell("child", pid=os.getpid())
        while True:
            word = shim.read_word()
            if word == "end":
                os._exit(lives())
            drop(forgotten_in_child, 100)
            shim.tell("dropped")
    return code(os.waitpid(pid, 0)[1])


WAYS = {"fork": fork, "fork_in_thread": fork_in_thread, "fork_twice": fork_twice, "fork_and_exec": fork_and_exec,
        "clone_without_signal": clone_without_signal, "posix_spawn": posix_spawn, "vfork": vfork,
        "preexec": preexec, "shell": shell, "prefork": prefork, "stay": stay,
        "multiprocessing_fork": lambda: pool("fork"), "multiprocessing_spawn": lambda: pool("spawn"),
        "multiprocessing_forkserver": lambda: pool("forkserver")}


def load_unwinder():
    """glibc loads this library when the first thread ends; a child forked meanwhile inherits half of it, and aborts
    when a thread of its own ends. Untraced 3.8: fork_twice right after fork_in_thread, once in 400 runs under load."""
    if ctypes:
        with contextlib.suppress(OSError):  # a libc that does without
            ctypes.CDLL("libgcc_s.so.1")


def main():
    load_unwinder()
    warnings.simplefilter("ignore")
    shim.ready(ways=[way for way in WAYS if can_pool() or not way.startswith("multiprocessing")
                     if ctypes or way != "clone_without_signal"])
    while True:
        word = shim.read_word()
        if word == "end":
            return
        began = time.perf_counter()
        drop(forgotten_in_parent, 1)
        result = WAYS[word]()
        shim.tell("way", name=word, result=result, seconds=time.perf_counter() - began)


shim.stand_in(WARNED.append)
if __name__ == "__main__":
    main()
