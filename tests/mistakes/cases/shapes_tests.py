# SPDX-License-Identifier: MIT
"""Shapes of tests: assertions, fixtures, cleanups and what stands for a client there."""
import asyncio
import unittest
import unittest.mock

from . import case
from .common import Store, fetch, swallow


class ServiceTest(unittest.TestCase):
    def runTest(self):
        pass


@case
async def assert_true_of_a_coroutine():
    # mistake: passed_to_function | tested_for_truth
    # fix: self.assertTrue(await store.is_allowed(1))
    # cause: frame_end | refcount | unknown
    # ended: assertTrue | TestCase.assertTrue | -
    class Case(ServiceTest):
        async def check(self, store):
            self.assertTrue(store.is_allowed(1))  # made
    await Case().check(Store())


@case
async def assert_not_none_of_a_coroutine():
    # mistake: passed_to_function | compared
    # fix: self.assertIsNotNone(await store.get("a"))
    # cause: frame_end | refcount | unknown
    # ended: assertIsNotNone | TestCase.assertIsNotNone | -
    class Case(ServiceTest):
        async def check(self, store):
            self.assertIsNotNone(store.get("a"))  # made
    await Case().check(Store())


@case
async def assert_in_of_a_coroutine():
    # mistake: passed_to_function
    # fix: self.assertIn(1, await store.rows())
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: check | assertIn | TestCase.assertIn | Case.check | -
    class Case(ServiceTest):
        async def check(self, store):
            self.assertIn(1, store.rows())  # made
    try:
        await Case().check(Store())
    except TypeError:
        pass


@case
async def assert_equal_of_a_variable():
    # mistake: passed_to_function | compared | assigned_never_used
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: check | assertEqual | TestCase.assertEqual | Case.check | TestCase._baseAssertEqual | TestCase.fail | -
    class Case(ServiceTest):
        async def check(self, store):
            result = store.get("a")  # made
            self.assertEqual(result, None)
    try:
        await Case().check(Store())
    except AssertionError:
        pass


@case
async def assert_of_a_variable():
    # mistake: compared | assigned_never_used | used_as_value
    # fix: result = await store.get("a")
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: check | -
    async def check(store):
        result = store.get("a")  # made
        assert result == {"name": "x"}
    try:
        await check(Store())
    except AssertionError:
        pass


@case
async def assert_of_two_calls():
    # mistake: compared
    # fix: assert (await store.get("a")) == await store.get("b") | assert await store.get("a") == await store.get("b")
    # cause: exception_unwinding | refcount | unknown
    async def check(store):
        assert (await store.get("a")) == store.get("b")  # made
    try:
        await check(Store())
    except AssertionError:
        pass


@case
def fixture_compared():
    # NixOS/nixpkgs#222848
    # mistake: compared | exception_before_await
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: test | run | -
    def test(async_fixture):
        assert async_fixture == 1

    def run(function, fixtures):
        values = {name: make(1) for name, make in fixtures.items()}  # made
        return function(**values)
    try:
        run(test, {"async_fixture": fetch})
    except AssertionError:
        pass


@case
def cleanup_given_a_coroutine():
    # mistake 3.12-3.13: passed_as_callback | kept_in_cycle
    # mistake: passed_as_callback
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | cyclic_gc | unknown
    # ended: - | doCleanups | TestCase.doCleanups | _callCleanup | TestCase._callCleanup | run | TestCase.run
    class Case(unittest.TestCase):
        def test_something(self):
            self.addCleanup(fetch(1))  # made
    Case("test_something").run(unittest.TestResult())


@case
def async_set_up_of_an_async_test():
    # setUp() is plain there too; what is awaited is asyncSetUp()
    # mistake: async_test_not_run | async_callback
    # cause: frame_end | refcount | unknown
    # ended: - | _callSetUp | IsolatedAsyncioTestCase._callSetUp
    class Case(unittest.IsolatedAsyncioTestCase):
        async def setUp(self):
            self.fail()

        async def test_something(self):
            pass
    Case("test_something").run(unittest.TestResult())


@case
async def request_of_an_async_mock():
    # "async with session.get(url)" needs a plain mock whose result has __aenter__
    # mistake: mock_not_awaited
    # fix: - | async with await session.get("/") as response:
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load(session):
        async with session.get("/") as response:
            return await response.json()
    try:
        await load(unittest.mock.AsyncMock())
    except (AttributeError, TypeError):
        pass


@case
async def rows_of_an_async_mock():
    # mistake: mock_not_awaited
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load(cursor):
        await cursor.execute("select 1")
        return [row[0] for row in cursor.fetchall()]
    try:
        await load(unittest.mock.AsyncMock())
    except TypeError:
        pass


@case
async def item_of_an_async_mock_in_a_variable():
    # intelowlproject/IntelOwl#3543
    # mistake: mock_not_awaited
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(client):
        response = await client.get("/")
        data = response.json()
        if "error" in data:
            return None
        return data
    try:
        await load(unittest.mock.AsyncMock())
    except TypeError:
        pass


@case
async def attribute_of_an_async_mock_in_a_variable():
    # mistake: mock_not_awaited
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(session):
        user = session.get(1)
        if user is None:
            return None
        return user.name
    try:
        await load(unittest.mock.AsyncMock())
    except AttributeError:
        pass


@case
async def listener_that_is_an_async_mock():
    # mistake: mock_not_awaited
    class Switch:
        def __init__(self):
            self.listeners = []

        def toggle(self):
            for update in self.listeners:
                update()
    switch = Switch()
    switch.listeners.append(unittest.mock.AsyncMock())
    switch.toggle()


@case
async def user_of_a_patched_method():
    # patch() of an async method puts an AsyncMock there: what it returns is not to be a coroutine
    # mistake: used_as_value | awaited_result_discarded | held_by_mock | kept_in_cycle
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | cyclic_gc | unknown
    # ended: name_of | -
    async def name_of(store):
        user = await store.get("a")
        return user["name"]
    with unittest.mock.patch.object(Store, "get", return_value=fetch({"name": "x"})):  # made
        try:
            await name_of(Store())
        except TypeError:
            pass


@case
async def side_effect_by_a_lambda():
    # mistake: used_as_value | held_by_mock
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    async def load(store):
        rows = store.rows()
        return len(rows)
    store = unittest.mock.Mock()
    store.rows.side_effect = lambda: fetch([1])  # made
    try:
        await load(store)
    except TypeError:
        pass


@case
def loop_of_a_test_by_hand():
    # mistake: passed_to_function
    # fix: self.assertIsNotNone(asyncio.run(fetch(1))) | -
    # cause: frame_end | refcount | unknown
    # ended: check | assertIsNotNone | TestCase.assertIsNotNone | -
    class Case(ServiceTest):
        def check(self):
            with self.subTest("a"):
                self.assertIsNotNone(fetch(1))  # made
    Case().check()


@case
async def given_to_a_thread_of_a_test():
    # mistake: used_as_value | given_to_executor | unknown
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: check | -
    async def check(store):
        loop = asyncio.get_running_loop()
        user = await loop.run_in_executor(None, store.get, "a")
        assert user["name"] == "x"
    try:
        await check(Store())
    except TypeError:
        pass


@case
def refresh_swallowed():
    # mistake: result_discarded
    def refresh(store):
        try:
            store.get("a")  # made
        except Exception:
            return False
        return True
    swallow(refresh, Store())
