# SPDX-License-Identifier: MIT
"""Shapes of public bug reports: special methods, mocks and tests, loops that are not there."""
import asyncio
import gc
import threading
import unittest
import unittest.mock

from . import case
from .common import fetch, swallow


@case
def mock_with_return_value():
    # asfaltboy in pytest-dev/pytest-asyncio#108
    # mistake: held_by_mock
    # mistake with origin: held_by_mock
    # cause: cyclic_gc | refcount | unknown
    client = unittest.mock.Mock(return_value=fetch(1))  # made
    del client
    gc.collect()


@case
def mock_with_side_effect():
    # mistake: kept_in_cycle
    # mistake with origin: held_by_mock
    # cause: cyclic_gc | refcount | unknown
    client = unittest.mock.Mock()
    client.get.side_effect = [fetch(1)]  # made
    del client
    gc.collect()


@case
def patched_runner_keeps_it():
    # mistake: kept_in_cycle
    # mistake with origin: held_by_mock
    # cause: cyclic_gc
    def main():
        asyncio.run(fetch(1))  # made
    with unittest.mock.patch("asyncio.run"):
        main()
    gc.collect()


@case
def patched_create_task_keeps_it():
    # mistake: kept_in_cycle
    # cause: cyclic_gc
    def start():
        asyncio.create_task(fetch(1))  # made
    with unittest.mock.patch("asyncio.create_task") as create:
        start()
        create.assert_called_once()
    del create
    gc.collect()


@case
async def async_mock_method_not_awaited():
    # mistake: mock_not_awaited
    # fix: await client.get("url")
    client = unittest.mock.AsyncMock()
    client.get("url")


@case
async def magic_mock_of_an_async_spec():
    # mistake: mock_not_awaited
    class Client:
        async def get(self, url):
            pass
    client = unittest.mock.MagicMock(spec=Client)
    client.get("url")


@case
async def autospec_of_an_async_function():
    # mistake 3.13-3.15: result_discarded
    # x0zzz in Martiusweb/asynctest#46
    # mistake: mock_not_awaited
    mocked = unittest.mock.create_autospec(fetch)
    mocked(1)


@case
async def assertion_on_an_async_mock_result():
    # mistake: mock_not_awaited
    client = unittest.mock.AsyncMock(return_value=5)
    client.count() == 5


@case
async def async_mock_json():
    # mistake: mock_not_awaited
    # cause: exception_unwinding | refcount
    # ended: read | -
    async def read(session):
        response = await session.get("url")
        return response.json()["key"]
    try:
        await read(unittest.mock.AsyncMock())
    except TypeError:
        pass


@case
async def async_side_effect_callable():
    # Chadys in python/cpython#156460
    # mistake: awaited_result_discarded
    class AsyncCallable:
        async def __call__(self):
            pass
    mock = unittest.mock.AsyncMock(side_effect=AsyncCallable())
    await mock()


@case
def async_teardown_of_a_plain_test():
    # mistake: async_test_not_run
    class Case(unittest.TestCase):
        async def tearDown(self):
            pass

        def test_one(self):
            pass
    Case("test_one").run(unittest.TestResult())


@case
def async_set_up_class():
    # mistake: async_callback
    class Case(unittest.TestCase):
        @classmethod
        async def setUpClass(cls):
            pass

        def test_one(self):
            pass
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(unittest.TestResult())


@case
def async_cleanup_of_a_plain_test():
    # mistake: async_callback
    class Case(unittest.TestCase):
        def test_one(self):
            self.addCleanup(fetch)
    Case("test_one").run(unittest.TestResult())


@case
def assert_raises_of_an_async_function():
    # mistake: async_callback
    class Case(unittest.TestCase):
        def test_one(self):
            self.assertRaises(ValueError, fetch, 1)
    Case("test_one").run(unittest.TestResult())


@case
async def assert_equal_of_a_coroutine():
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: - | assert_equal_of_a_coroutine | test_one | assertEqual | TestCase.assertEqual | TestCase._baseAssertEqual | TestCase.fail
    class Case(unittest.TestCase):
        def test_one(self):
            self.assertEqual(fetch(1), 1)  # made
    Case("test_one").run(unittest.TestResult())


@case
def task_in_a_destructor():
    # sarah-github in chassing/uplink-httpx#4
    # mistake: no_running_loop
    # cause: exception_unwinding | refcount
    # ended: create_task | -
    import sys
    hook, sys.unraisablehook = sys.unraisablehook, lambda what: None

    class Client:
        async def aclose(self):
            pass

        def __del__(self):
            asyncio.create_task(self.aclose())  # made
    Client()
    sys.unraisablehook = hook


@case
def get_running_loop_in_a_thread():
    # craibo/ha_strava#157
    # mistake: exception_before_await
    # cause: exception_unwinding | refcount
    # ended: update | -
    def update():
        work = fetch(1)  # made
        asyncio.get_running_loop().create_task(work)
    thread = threading.Thread(target=swallow, args=(update,))
    thread.start()
    thread.join()


@case
def closed_loop_runs_nothing():
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount
    # ended: run_until_complete | BaseEventLoop.run_until_complete | main | -
    loop = asyncio.new_event_loop()
    loop.close()

    def main():
        loop.run_until_complete(fetch(1))  # made
    swallow(main)


@case
def threadsafe_on_a_closed_loop():
    # disconnect in FreeOpcUa/opcua-asyncio#1461
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount
    # ended: run_coroutine_threadsafe | main | call_soon_threadsafe | BaseEventLoop.call_soon_threadsafe | BaseEventLoop._check_closed | -
    loop = asyncio.new_event_loop()
    loop.close()

    def main():
        asyncio.run_coroutine_threadsafe(fetch(1), loop)  # made
    swallow(main)


@case
async def gather_of_a_list():
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount
    # ended: run | gather | -
    async def run():
        await asyncio.gather([fetch(1)])  # made
    try:
        await run()
    except TypeError:
        pass


@case
async def wait_for_without_timeout():
    # mistake: never_scheduled
    # cause: exception_unwinding | refcount
    # ended: run | -
    async def run():
        await asyncio.wait_for(fetch(1))  # made
    try:
        await run()
    except TypeError:
        pass


@case
def async_signature_wrong():
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount
    # ended: run | -
    async def save(one):
        pass

    def run():
        asyncio.run(save(fetch(1), 2))  # made
    swallow(run)


@case
def wrapped_by_a_mock():
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    send = unittest.mock.Mock(wraps=fetch)
    send(1)  # made


@case
def side_effects_of_a_mock():
    # mistake: held_by_mock
    # cause: refcount | frame_end | cyclic_gc | unknown
    # ended: - | test
    def test():
        get = unittest.mock.Mock(side_effect=[fetch(1)])  # made
        return bool(get)
    test()
