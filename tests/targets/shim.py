# SPDX-License-Identifier: MIT
"""The inside view of a target: how it talks to its test, and what it knows to be true.

A target speaks over pipes only: words come in on stdin, JSON lines go out on stdout. The truth is taken by a
function that stands in for warnings._warn_unawaited_coroutine, which CPython calls once for every coroutine
that was never awaited, whatever the warning filters say. Runs on every CPython from 3.8 on, stdlib only.
"""
import json
import os
import selectors
import sys
import warnings


def tell(event, **data):
    """One JSON line to the test; written whole, also from threads and at exit."""
    data["event"] = event
    line = (json.dumps(data) + "\n").encode("ascii")
    while line:
        line = line[os.write(1, line):]


def read_word():
    """Blocks until the test says a word; the target ends quietly if the test is gone."""
    got = b""
    while not got.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            os._exit(3)
        got += byte
    return got.decode().strip()


def wait(word):
    got = read_word()
    if got != word:
        raise SystemExit("expected %r, got %r" % (word, got))


def ready(**data):
    """The handshake: the test attaches after `ready` and says `go` when it is attached."""
    tell("ready", pid=os.getpid(), version=sys.version, **data)
    wait("go")


def done(**data):
    """Hands the truth over and stays still until the test has detached and says `end`."""
    tell("done", **data)
    wait("end")


def keep_warnings(named_tuple):
    """Gives the functions of a named tuple an __import__, which warnings need (KeyError: '__import__').

    From 3.9 on they have no builtins, and CPython loses the warnings of all coroutines that a collection finds
    while such a function runs.
    """
    builtins = named_tuple.__new__.__globals__["__builtins__"]
    if isinstance(builtins, dict):
        builtins.setdefault("__import__", __import__)


def stand_in(record):
    """Calls record(coro) for each never-awaited coroutine, before the program's own warning."""
    keep_warnings(selectors.SelectorKey)  # made by every event loop
    original = warnings._warn_unawaited_coroutine

    def _warn_unawaited_coroutine(coro):
        record(coro)
        original(coro)

    warnings._warn_unawaited_coroutine = _warn_unawaited_coroutine


class Counter:
    """Never-awaited coroutines by qualified name. list.append is atomic, so threads need no lock."""

    def __init__(self):
        self.names = []
        append = self.names.append
        stand_in(lambda coro: append(coro.__qualname__))

    def totals(self):
        totals = {}
        for name in self.names:
            totals[name] = totals.get(name, 0) + 1
        return totals


def position(code, lasti, line):
    """(line, end_line, col, end_col) as co_positions() has it; unknown columns before 3.11."""
    if hasattr(code, "co_positions") and lasti >= 0:
        for index, found in enumerate(code.co_positions()):
            if index == lasti // 2:
                return (line,) + tuple(found[1:])
    return (line, None, None, None)


LINES = {}


def source(path, line):
    """The text of a line, or None where the file cannot be read."""
    if path not in LINES:
        try:
            with open(path, encoding="utf-8") as file:
                LINES[path] = file.read().split("\n")
        except (OSError, ValueError):
            LINES[path] = []
    lines = LINES[path]
    return lines[line - 1] if 0 < line <= len(lines) else None


def stack(frame):
    """What traceback.extract_stack(frame) shows, most recent call last, with columns where there are any."""
    frames = []
    while frame is not None:
        code = frame.f_code
        line, end_line, col, end_col = position(code, frame.f_lasti, frame.f_lineno)
        frames.append({
            "function": getattr(code, "co_qualname", code.co_name),
            "name": code.co_name,
            "file": code.co_filename,
            "line": line, "end_line": end_line, "col": col, "end_col": end_col,
            "source": source(code.co_filename, line),
        })
        frame = frame.f_back
    frames.reverse()
    return frames


class Stacks:
    """The stack of every drop, in order. Its own frames are left out."""

    def __init__(self):
        self.drops = []
        append = self.drops.append

        def record(coro, this=sys._getframe):
            # 0 is record, 1 the stand-in, 2 the frame that dropped the coroutine (none at exit).
            frame = this(1).f_back
            append((coro.__qualname__, frame and stack(frame)))

        stand_in(record)
