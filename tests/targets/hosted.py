# SPDX-License-Identifier: MIT
"""usage: hosted.py TEST...

Runs CPython's own tests (test.test_coroutines and so on) in this process, after `go`, and tells how each ended and
how many coroutines the interpreter warned about. What the tests print goes nowhere."""
import os
import sys
import types
import unittest
import warnings

import shim

WARNED = []
OUTCOMES = {}


class Result(unittest.TestResult):
    """The worst outcome of each test with its subtests."""

    def note(self, test, outcome):
        test = getattr(test, "test_case", test)
        if OUTCOMES.get(test.id()) not in ("failed", "error"):
            OUTCOMES[test.id()] = outcome

    def addSuccess(self, test):
        self.note(test, "ok")

    def addFailure(self, test, err):
        self.note(test, "failed")

    def addError(self, test, err):
        self.note(test, "error")

    def addSkip(self, test, reason):
        self.note(test, "skipped")

    def addExpectedFailure(self, test, err):
        self.note(test, "expected failure")

    def addUnexpectedSuccess(self, test):
        self.note(test, "unexpected success")

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.note(test, "failed")


def without_broken_module(suite):
    """All but the tests that take the warning function away: what is dropped then, nobody can count from inside."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from without_broken_module(test)
        elif "when_module_broken" not in test.id():
            yield test


def count_warnings():
    """Within the function itself, which stays the one that corotrace watches from the interpreter's start on."""
    function = warnings._warn_unawaited_coroutine
    then = types.FunctionType(function.__code__, function.__globals__)

    def first(coro, *, then=then, append=WARNED.append):
        append(1)
        then(coro)

    function.__kwdefaults__, function.__code__ = first.__kwdefaults__, first.__code__


def main():
    # The protocol's descriptors, before tests close, replace and write to the standard ones.
    say, hear, nothing = os.dup(1), os.dup(0), os.open(os.devnull, os.O_RDWR)
    os.write(say, b'{"event": "ready"}\n')
    while os.read(hear, 1) != b"\n":
        pass
    for number in range(3):
        os.dup2(nothing, number)
    loader = unittest.defaultTestLoader
    tests = unittest.TestSuite(without_broken_module(loader.loadTestsFromNames(sys.argv[1:])))
    warned = len(WARNED)
    tests.run(Result())
    os.dup2(say, 1)
    shim.tell("done", outcomes=OUTCOMES, warned=len(WARNED) - warned)
    while os.read(hear, 1) != b"\n":
        pass
    # What the tests left running is no concern here.
    os._exit(0)


count_warnings()
if __name__ == "__main__":
    main()
