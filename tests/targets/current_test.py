# SPDX-License-Identifier: MIT
"""Drops coroutines under the names of tests, which it sets as pytest does; or, run with `pytest`, in real ones."""
import os
import sys
import warnings

import shim

VARIABLE = "PYTEST_CURRENT_TEST"
warnings.simplefilter("ignore")


async def forgotten():
    pass


def drop(told):
    forgotten()
    told.append(os.environ.get(VARIABLE))


def imitate():
    told = []
    os.environ[VARIABLE] = "test_a.py::test_first (setup)"
    shim.ready()
    drop(told)
    for number in range(3):
        os.environ[VARIABLE] = "test_a.py::test_number[%d] (call)" % number
        drop(told)
        os.environ["COROTRACE_OTHER_%d" % number] = "x" * number
        del os.environ[VARIABLE]
        drop(told)
    del os.environ["COROTRACE_OTHER_0"]  # the rest moves up
    for name in ("test_é.py::test_late (call)", "test_long.py::" + "x" * 2000):
        os.environ[VARIABLE] = name
        drop(told)
    shim.done(told=told)


TOLD = []


def test_first():
    shim.ready()
    drop(TOLD)


def test_second():
    drop(TOLD)
    shim.done(told=TOLD)


def main():
    if sys.argv[1:] == ["pytest"]:
        import pytest
        sys.stdout = sys.stderr  # the other one speaks to the test
        sys.exit(pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-W", "ignore", __file__]))
    imitate()


if __name__ == "__main__":
    main()
