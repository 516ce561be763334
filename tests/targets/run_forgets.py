# SPDX-License-Identifier: MIT
"""A program for `corotrace run`: forgets coroutines in the ways it is told, in processes of its own, and appends the
truth of each process to the file named by TRUTH: a line `pid name count`. Usage: run_forgets.py HOW [ARGUMENTS]"""
import os
import select
import signal
import subprocess
import sys
import time
import warnings

warnings.simplefilter("ignore")


async def forgotten():
    pass


async def forgotten_in_child():
    pass


async def forgotten_at_exit():
    pass


def forget(function, count):
    """Drops that many, and says so."""
    for _ in range(count):
        function()
    line = "%d %s %d\n" % (os.getpid(), function.__qualname__, count)
    descriptor = os.open(os.environ["TRUTH"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def fork(function):
    """The child's exit status is that of `function`."""
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            status = function() or 0
        finally:
            os._exit(status)
    return pid


def wait(pid):
    _, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit("a child ended with %d" % status)


def in_child(count=3):
    forget(forgotten_in_child, count)


def once():
    forget(forgotten, 5)


def at_exit():
    global kept
    kept = forgotten_at_exit()
    forget(forgotten, 2)
    line = "%d forgotten_at_exit 1\n" % os.getpid()
    with open(os.environ["TRUTH"], "a") as file:
        file.write(line)


def status(number):
    forget(forgotten, 1)
    sys.exit(int(number))


def killed(number):
    forget(forgotten, 1)
    os.kill(os.getpid(), int(number))


def forks(count):
    """One after the other; each lives for as long as it needs."""
    forget(forgotten, 1)
    for _ in range(int(count)):
        wait(fork(lambda: in_child(1)))


def forks_at_once():
    for pid in [fork(in_child) for _ in range(8)]:
        wait(pid)
    forget(forgotten, 2)


def grandchildren():
    def child():
        wait(fork(in_child))
        forget(forgotten, 1)

    wait(fork(child))


def spawned():
    command = [sys.executable, os.path.abspath(__file__), "once"]
    subprocess.run(command, check=True)
    subprocess.run(["/bin/sh", "-c", "true; exec env \"$0\" \"$@\"", *command], check=True)
    subprocess.run(" ".join(command) + " | cat", shell=True, check=True)
    forget(forgotten, 1)


def becomes():
    """The drops before are those of the program before."""
    forget(forgotten, 4)
    os.execv(sys.executable, [sys.executable, os.path.abspath(__file__), "once"])


def children_become():
    """Children that drop something just before they execute another program."""
    true = "/bin/true" if os.path.exists("/bin/true") else sys.executable
    empty = dict(os.environ, PATH="/no/such/folder:/nor/this:/nor/that:" + os.path.dirname(true))

    def at_once():
        in_child(2)
        os.execv(true, [true, "--version"])

    def late():
        for _ in range(500):
            os.stat("/")
        in_child(3)
        os.execv(true, [true, "--version"])

    def found():
        in_child(4)
        os.execvpe(os.path.basename(true), [true, "--version"], empty)

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    for how in (at_once, late, found):
        wait(fork(how))
    # Where there is no /proc, up to 3.9 it would close each descriptor that might be open first, a million calls.
    subprocess.run([true, "--version"], check=True, preexec_fn=lambda: in_child(5), close_fds=False)
    # As libraries do it, libuv for uvloop.
    import ctypes
    libc = ctypes.PyDLL(None)
    pid = libc.fork()
    if not pid:
        in_child(6)
        words = (ctypes.c_char_p * 3)(os.fsencode(true), b"--version", None)
        libc.execv(words[0], words)
        os._exit(9)
    wait(pid)
    forget(forgotten, 1)


def threads_become():
    """Other threads drop as fast as they can until then, and count in a file that outlives them."""
    import mmap
    import struct
    import threading
    with open(os.environ["TRUTH"] + ".threads", "w+b") as file:
        file.write(bytes(16))
        file.flush()
        counts = mmap.mmap(file.fileno(), 16)

    def drops(index, told):
        count = 0
        while True:
            forgotten_in_child()
            count += 1
            struct.pack_into("Q", counts, 8 * index, count)
            told.set()

    for index in range(2):
        told = threading.Event()
        threading.Thread(target=drops, args=(index, told), daemon=True).start()
        told.wait()
    becomes()


def becomes_in_c():
    import ctypes
    forget(forgotten, 4)
    words = (ctypes.c_char_p * 4)(os.fsencode(sys.executable), os.fsencode(os.path.abspath(__file__)), b"once", None)
    ctypes.CDLL(None).execv(words[0], words)


def pool(method):
    import multiprocessing
    context = multiprocessing.get_context(method)
    with context.Pool(2) as workers:
        workers.map(in_child, [1, 2, 3, 4])
        workers.close()
        workers.join()
    forget(forgotten, 1)


def daemon():
    """Double-forks, and outlives the command."""
    read_end, write_end = os.pipe()
    if os.fork():
        os.close(write_end)
        os.read(read_end, 1)
        forget(forgotten, 1)
        return
    os.setsid()
    for descriptor in range(3):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    if os.fork():
        os._exit(0)
    forget(forgotten_in_child, 2)
    os.write(write_end, b"r")
    os.close(write_end)
    time.sleep(3600)


def daemon_becomes():
    """Executes another program when it is told that nobody traces it any more."""
    if os.fork():
        return
    os.setsid()
    for descriptor in range(3):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    while not os.path.exists(os.environ["TRUTH"] + ".go"):
        time.sleep(0.01)
    os.execv(sys.executable, [sys.executable, os.path.abspath(__file__), "once"])


def waits_to_become():
    """Says where the functions are by which it executes another program when it is told."""
    import json
    import posix
    places = [id(function) + object.__basicsize__ for function in (posix.execv, posix.execve)]
    print(json.dumps({"pid": os.getpid(), "places": places}), flush=True)
    while not os.path.exists(os.environ["TRUTH"] + ".go"):
        time.sleep(0.01)
    os.execv(sys.executable, [sys.executable, os.path.abspath(__file__), "once"])


def stops():
    """A child stops itself and is continued; that it stopped is seen as a shell sees it."""
    def stop():
        os.kill(os.getpid(), signal.SIGSTOP)
        in_child()

    child = fork(stop)
    _, status = os.waitpid(child, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        raise SystemExit("the child did not stop: %d" % status)
    os.kill(child, signal.SIGCONT)
    wait(child)
    forget(forgotten, 3)


def drops_privileges():
    """Begins as root, and ends as nobody; so does its child."""
    # Nobody may open it any more.
    truth = os.open(os.environ["TRUTH"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    forget(forgotten, 2)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)

    def after(function, count):
        for _ in range(count):
            function()
        os.write(truth, b"%d %s %d\n" % (os.getpid(), function.__qualname__.encode(), count))

    wait(fork(lambda: after(forgotten_in_child, 3)))
    after(forgotten_at_exit, 4)


def signals():
    """What came, in order, on its standard output."""
    def note(number, _):
        os.write(1, b"%d\n" % number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGWINCH, signal.SIGCONT):
        signal.signal(number, note)
    os.write(1, b"ready\n")
    # A handler of Python's does not run while a read that began just after the signal came waits.
    while not select.select([0], [], [], 0.05)[0]:
        pass
    sys.stdin.readline()
    forget(forgotten, 1)


def facts():
    """What a process can know of itself and inherits."""
    with open("/proc/self/status") as file:
        # SigQ counts signals of all processes of this user.
        kept = [line for line in file if line.startswith(("SigP", "SigB", "SigI", "SigC", "Shd", "CapEff", "NoNewPrivs", "Groups"))]
    with open("/proc/self/limits") as file:
        kept += file.read().splitlines(True)
    kept.append("fds %s\n" % sorted(os.listdir("/proc/self/fd")))
    kept.append("environment %s\n" % sorted(os.environ.items()))
    kept.append("group %d session %d nice %d cwd %s umask %o\n" % (
        os.getpgrp(), os.getsid(0), os.nice(0), os.getcwd(), os.umask(0o22)))
    sys.stdout.write("".join(kept))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
