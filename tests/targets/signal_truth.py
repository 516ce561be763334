# SPDX-License-Identifier: MIT
"""What arrives of the signals that a process sends itself or gets, written down by the process, while other threads
drop coroutines. Each word names a scene; what it tells must not depend on being traced."""
import asyncio
import ctypes
import errno
import faulthandler
import os
import select
import signal
import struct
import sys
import tempfile
import threading
import time
import warnings

import shim

LIBC = ctypes.CDLL(None, use_errno=True)
REAL_TIME = [signal.SIGRTMIN + number for number in range(3)]
# Threads block what the scenes wait for or handle: else it could be any of them that takes it.
WAITED_FOR = [*REAL_TIME, signal.SIGUSR2, signal.SIGCHLD]
HANDLED = [signal.SIGUSR1, signal.SIGURG, signal.SIGWINCH, signal.SIGHUP, signal.SIGALRM]
STORM_OVER = threading.Event()


async def forgotten():
    pass


def storm():
    while not STORM_OVER.is_set():
        forgotten()
        time.sleep(0.0001)


class SigInfo(ctypes.Structure):
    """siginfo_t as a queued signal has it (x86-64 and aarch64)."""
    _fields_ = [("signo", ctypes.c_int), ("errno", ctypes.c_int), ("code", ctypes.c_int), ("pad", ctypes.c_int),
                ("pid", ctypes.c_int), ("uid", ctypes.c_uint), ("value", ctypes.c_void_p),
                ("rest", ctypes.c_char * 96)]


def queue(number, value):
    assert LIBC.sigqueue(os.getpid(), int(number), ctypes.c_void_p(value)) == 0


def sigset(numbers):
    mask = ctypes.create_string_buffer(128)
    LIBC.sigemptyset(mask)
    for number in numbers:
        LIBC.sigaddset(mask, int(number))
    return mask


def sigwaitinfo(mask):
    info = SigInfo()
    while LIBC.sigwaitinfo(mask, ctypes.byref(info)) < 0:
        assert ctypes.get_errno() == errno.EINTR
    return [info.signo, info.code, info.pid == os.getpid(), info.value]


def queued():
    """Queued signals in their order with their values, taken by a thread that waits for them."""
    mask, got = sigset(REAL_TIME), []
    taker = threading.Thread(target=lambda: got.extend(sigwaitinfo(mask) for _ in range(90)))
    signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)  # inherited, for a thread that was joined may not be gone
    taker.start()
    for number in range(90):
        queue(REAL_TIME[number % 3], 1000 + number)
    taker.join()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
    # Between numbers the lower comes first whenever both wait; within one the order is that of sending.
    assert all(info[1:3] == [-1, True] for info in got)  # SI_QUEUE, from ourselves
    return [[info[3] for info in got if info[0] == number] for number in REAL_TIME]


def own_urgent():
    """SIGURG that a program blocks and takes, and drops all the while on a thread that blocks it too."""
    mask, got = sigset([signal.SIGURG]), []
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGURG])
    for number in range(40):
        queue(signal.SIGURG, 500 + number)
        for _ in range(3):
            forgotten()
        got.append(sigwaitinfo(mask))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGURG])
    assert all(info[:3] == [signal.SIGURG, -1, True] for info in got)
    return [info[3] for info in got]


def signalfd():
    mask = sigset([signal.SIGUSR2])
    fd = LIBC.signalfd(-1, mask, 0)
    got = []
    for number in range(40):
        queue(signal.SIGUSR2, number)
        forgotten()
        data = os.read(fd, 128)
        # struct signalfd_siginfo: ssi_signo, ..., ssi_pid at 12, ssi_int at 44
        assert struct.unpack_from("=I", data, 0)[0] == signal.SIGUSR2
        assert struct.unpack_from("=I", data, 12)[0] == os.getpid()
        got.append(struct.unpack_from("=i", data, 44)[0])
    os.close(fd)
    return got


def handled():
    """Each signal runs its handler once, in the order of sending; the C handler's order is the pipe's."""
    read, write = os.pipe2(os.O_NONBLOCK)
    runs = []
    numbers = HANDLED[:-1]
    before = {number: signal.signal(number, lambda number, frame: runs.append(int(number))) for number in numbers}
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    sent = []
    for turn in range(60):
        number = numbers[turn % len(numbers)]
        sent.append(int(number))
        os.kill(os.getpid(), number)
        forgotten()
    order = list(os.read(read, 1000))
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)
    os.close(read)
    os.close(write)
    return [order == sent, sorted(runs) == sorted(sent)]


def alarms():
    """A storm of SIGALRM runs its handler until it has seen enough. Handlers interrupt each other where they take
    longer than the storm's beat, so it is the handler that ends it."""
    seen = []

    def handler(*_):
        seen.append(1)
        if len(seen) >= 300:
            signal.setitimer(signal.ITIMER_REAL, 0)
        forgotten()

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    while len(seen) < 300:
        forgotten()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    return True


def children():
    """A SIGCHLD for each child, with its facts, as asyncio's loops live on them."""
    got = []
    for number in range(10):
        pid = os.fork()
        if pid == 0:
            os._exit(number)
        info = signal.sigwaitinfo([signal.SIGCHLD])
        got.append([info.si_code, info.si_pid == pid, info.si_status, os.waitpid(pid, 0)[1]])
    return got


def subprocesses():
    async def run():
        codes = []
        for number in range(5):
            process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", "import sys; sys.exit(%d)" % number)
            codes.append(await process.wait())
            forgotten()
        return codes
    return asyncio.run(run())


def dumps():
    """faulthandler's dumps on a signal, from its C handler."""
    with tempfile.TemporaryFile() as file:
        faulthandler.register(signal.SIGUSR1, file=file, all_threads=False)
        for _ in range(5):
            os.kill(os.getpid(), signal.SIGUSR1)
            forgotten()
        faulthandler.unregister(signal.SIGUSR1)
        file.seek(0)
        text = file.read().decode()
    return text.count("most recent call first")


class EventMask(ctypes.Structure):
    _fields_ = [("events", ctypes.c_uint32), ("data", ctypes.c_uint64)]
    _pack_ = 1


def interrupted():
    """System calls that signal(7) names as failing with EINTR after a stop, over and over, raw: how many did."""
    calls = {}
    epoll = select.epoll()
    read, write = os.pipe()
    epoll.register(read, select.EPOLLIN)
    events = (EventMask * 4)()
    semaphore = ctypes.create_string_buffer(32)
    LIBC.sem_init(semaphore, 0, 0)
    set_id = LIBC.semget(0, 1, 0o600)
    operation = ctypes.create_string_buffer(struct.pack("=HhH", 0, -1, 0))
    moment = ctypes.create_string_buffer(struct.pack("=qq", 0, 20_000_000))
    mask = sigset([signal.SIGUSR2])

    def soon():
        late = time.time() + 0.02
        return ctypes.create_string_buffer(struct.pack("=qq", int(late), int(late % 1 * 1e9)))

    raw = {
        "epoll_wait": lambda: LIBC.epoll_wait(epoll.fileno(), events, 4, 20),
        "poll": lambda: LIBC.poll(None, 0, 20),
        "nanosleep": lambda: LIBC.nanosleep(moment, None),
        "sem_timedwait": lambda: LIBC.sem_timedwait(semaphore, soon()),
        "semtimedop": lambda: LIBC.semtimedop(set_id, operation, 1, moment),
        "sigtimedwait": lambda: LIBC.sigtimedwait(mask, None, moment),
        "usleep": lambda: LIBC.usleep(20000),
    }

    def loop(name, call):
        calls[name] = 0
        while not over.is_set():
            ctypes.set_errno(0)
            if call() < 0 and ctypes.get_errno() == errno.EINTR:
                calls[name] += 1

    over = threading.Event()
    threads = [threading.Thread(target=loop, args=item) for item in raw.items()]
    for thread in threads:
        thread.start()
    shim.tell("sleeping")
    word = shim.read_word()
    assert word == "enough"
    over.set()
    for thread in threads:
        thread.join()
    LIBC.semctl(set_id, 0, 0)
    os.close(read)
    os.close(write)
    epoll.close()
    return calls


def crash():
    faulthandler.enable()
    faulthandler._sigsegv()


def ignored_then_default():
    """Dispositions that a program set stay what they are."""
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    for _ in range(5):
        os.kill(os.getpid(), signal.SIGUSR1)
        forgotten()
    signal.signal(signal.SIGUSR1, before)
    return [signal.getsignal(number).name if hasattr(signal.getsignal(number), "name") else "own"
            for number in (signal.SIGURG, signal.SIGWINCH, signal.SIGCHLD, signal.SIGUSR1)]


SCENES = {scene.__name__: scene for scene in (queued, own_urgent, signalfd, handled, alarms, children, subprocesses,
                                              dumps, ignored_then_default, interrupted, crash)}


def main():
    warnings.simplefilter("ignore")
    asyncio.run(asyncio.sleep(0))
    signal.pthread_sigmask(signal.SIG_BLOCK, WAITED_FOR + HANDLED)
    threads = [threading.Thread(target=storm) for _ in range(2)]
    for thread in threads:
        thread.start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
    shim.tell("ready", pid=os.getpid(), scenes=list(SCENES))
    while True:
        word = shim.read_word()
        if word == "end":
            break
        shim.tell("scene", name=word, result=SCENES[word]())
    STORM_OVER.set()
    for thread in threads:
        thread.join()


main()
