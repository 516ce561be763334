# SPDX-License-Identifier: MIT
"""Starts children in the way it is told. Each says who it is, drops 100 coroutines when told `drop`, and ends when
told `finish`; the parent drops 10 then. `reload` makes the parent execute itself."""
import multiprocessing
import os
import subprocess
import sys
import warnings

import shim

DROPS = 100


async def forgotten_in_parent():
    pass


async def forgotten_in_child():
    pass


def drop(function, count):
    for _ in range(count):
        function()


def work(wait):
    """In a child. `wait` returns when the parent says so."""
    warnings.simplefilter("ignore")
    shim.tell("child", pid=os.getpid())
    wait()
    drop(forgotten_in_child, DROPS)
    shim.tell("dropped", pid=os.getpid())
    wait()


def work_by_pipe(end):
    work(lambda: os.read(end, 1))


def work_by_connection(connection):
    work(connection.recv)


def status_of(pid):
    status = os.waitpid(pid, 0)[1]
    return os.WEXITSTATUS(status) or os.WTERMSIG(status)


class Forked:
    def __init__(self, do):
        end, self.end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                do(end)
                status = 0
            finally:
                os._exit(status)
        os.close(end)

    def tell(self):
        os.write(self.end, b"x")

    def join(self):
        return status_of(self.pid)


class Started:
    """Another program; `prefix` may be a shell's."""

    def __init__(self, *prefix):
        own = [sys.executable, os.path.abspath(__file__), "child"]
        command = [*prefix, " ".join(own) + "; exit $?"] if prefix else own
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE)

    def tell(self):
        self.process.stdin.write(b"x")
        self.process.stdin.flush()

    def join(self):
        self.process.stdin.close()
        return self.process.wait()


class Multiprocessing:
    def __init__(self, method):
        context = multiprocessing.get_context(method)
        self.connection, other = context.Pipe()
        self.process = context.Process(target=work_by_connection, args=(other,))
        self.process.start()

    def tell(self):
        self.connection.send(1)

    def join(self):
        self.process.join()
        return self.process.exitcode


def become(end):
    """Works, then executes another Python that works."""
    work_by_pipe(end)
    os.dup2(end, 0)
    os.execv(sys.executable, [sys.executable, os.path.abspath(__file__), "child"])


def fork_twice(end):
    """The one in between only waits."""
    pid = os.fork()
    if pid == 0:
        work_by_pipe(end)
        os._exit(0)
    os._exit(status_of(pid))


WAYS = {
    "fork": lambda: [Forked(work_by_pipe)],
    "fork_twice": lambda: [Forked(fork_twice)],
    "prefork": lambda: [Forked(work_by_pipe) for _ in range(4)],
    "become": lambda: [Forked(become)],
    "subprocess": lambda: [Started()],
    "shell": lambda: [Started("/bin/sh", "-c")],
    "multiprocessing_fork": lambda: [Multiprocessing("fork")],
    "multiprocessing_spawn": lambda: [Multiprocessing("spawn")],
    "multiprocessing_forkserver": lambda: [Multiprocessing("forkserver")],
}


def main():
    warnings.simplefilter("ignore")
    shim.tell("ready", pid=os.getpid(), ways=[way for way in WAYS if way != "shell" or os.path.exists("/bin/sh")])
    children = []
    while True:
        word = shim.read_word()
        if word == "end":
            return
        if word == "reload":
            os.execv(sys.executable, [sys.executable, os.path.abspath(__file__)])
        elif word == "drop":
            for child in children:
                child.tell()
        elif word == "finish":
            drop(forgotten_in_parent, 10)
            for child in children:
                child.tell()
            shim.tell("finished", statuses=[child.join() for child in children])
        else:
            children = WAYS[word]()


if sys.argv[1:] == ["child"]:
    work_by_pipe(0)
elif __name__ == "__main__":
    main()
