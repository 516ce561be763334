# SPDX-License-Identifier: MIT
"""The one way in which the live tests wait: on something that happens, within one deadline."""
import os
import select
import threading
import time

# Far above what anything takes on a busy machine; only a test that hangs gets here.
SECONDS = 150


class DeadlineOver(AssertionError):
    pass


class Deadline:
    def __init__(self, seconds=None):
        self._end = time.monotonic() + (SECONDS if seconds is None else seconds)

    def left(self, what):
        """Seconds left; raises if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineOver(f"waited too long for {what}")
        return left

    def wait_readable(self, fd, what):
        while not select.select([fd], [], [], self.left(what))[0]:
            pass

    def wait_exit(self, pid, what):
        """Until the child `pid` has ended; it stays to be reaped."""
        fd = os.pidfd_open(pid)
        try:
            self.wait_readable(fd, what)
        finally:
            os.close(fd)


class Lines:
    """The lines that arrive in a pipe, drained by a thread so that its writer never blocks."""

    def __init__(self, fd):
        self.all = []
        self._ended = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._drain, args=(fd,), daemon=True)
        self._thread.start()

    def _drain(self, fd):
        with os.fdopen(fd, "rb") as stream:
            for line in stream:
                with self._change:
                    self.all.append(line)
                    self._change.notify_all()
        with self._change:
            self._ended = True
            self._change.notify_all()

    def wait_for(self, accept, what, start=0, deadline=None):
        """(index, line) of the first line from `start` on that `accept` likes; index None at the end."""
        deadline = deadline or Deadline()
        with self._change:
            while True:
                while start < len(self.all):
                    if accept(self.all[start]):
                        return start, self.all[start]
                    start += 1
                if self._ended:
                    return None, None
                self._change.wait(deadline.left(what))

    def wait_end(self, what):
        self.wait_for(lambda line: False, what)
        self._thread.join()
        return self.all
