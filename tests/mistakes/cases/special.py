# SPDX-License-Identifier: MIT
"""Coroutines that Python itself or a test tool made."""
import asyncio
import os
import signal
import unittest
import unittest.mock

from . import case


@case
async def async_mock():
    # mistake: mock_not_awaited
    # fix: await repository.save(1)
    repository = unittest.mock.AsyncMock()
    repository.save(1)


@case
async def async_mock_in_condition():
    # mistake: mock_not_awaited
    mock = unittest.mock.AsyncMock()
    if mock(1):
        pass


@case
def async_test():
    # ended 3.14-3.15: TestCase._callTestMethod
    # cause 3.14-3.15: frame_end
    # mistake: async_test_not_run
    # created: unknown
    # fix: -
    # advice: derive the class from unittest.IsolatedAsyncioTestCase
    class Case(unittest.TestCase):
        async def test_something(self):
            self.fail()
    Case("test_something").run(unittest.TestResult())


@case
def async_set_up():
    # mistake: async_test_not_run
    class Case(unittest.TestCase):
        async def setUp(self):
            self.fail()

        def test_something(self):
            pass
    Case("test_something").run(unittest.TestResult())


@case
def async_init():
    # mistake: async_special_method
    # fix: def __init__(self):
    # advice: make it a plain function, and move what it awaits elsewhere
    class Client:
        async def __init__(self):
            pass
    Client()


@case
def async_exit():
    # mistake: async_special_method
    class Session:
        def __enter__(self):
            return self

        async def __exit__(self, *exception):
            pass
    with Session():
        pass


@case
def async_del():
    # mistake: async_special_method
    class Session:
        async def __del__(self):
            pass
    session = Session()
    session = None


@case
def async_equal():
    # mistake: async_special_method
    class Point:
        async def __eq__(self, other):
            return True
    return [Point()] == [Point()]


@case
def signal_handler():
    # mistake: async_callback
    # fix: -
    # advice: register a plain function: loop.add_signal_handler(number, lambda: asyncio.ensure_future(...))
    async def handler(number, frame):
        pass
    before = signal.signal(signal.SIGUSR1, handler)
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)
