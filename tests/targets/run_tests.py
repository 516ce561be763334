# SPDX-License-Identifier: MIT
"""Tests that forget to await, for real runners: each leaves the name of the test that made the coroutine in the
coroutine's own name, so that a report can be checked without any other truth. Usage: run_tests.py FOLDER writes the
test files there."""
import sys
from pathlib import Path

PYTEST = '''
import asyncio
import gc
import pytest
from unittest import mock

gc.disable()
pytestmark = pytest.mark.filterwarnings("ignore")
KEPT = []


@pytest.mark.parametrize("number", [1, 2])
def test_called(number):
    async def made_in_called(): pass
    made_in_called()


def test_cycle():
    async def made_in_cycle(): pass
    cycle = [made_in_cycle()]
    cycle.append(cycle)


@pytest.fixture
def careless():
    async def made_in_fixture(): pass
    made_in_fixture()
    yield


def test_with_fixture(careless):
    pass


def test_between():
    pass


def test_mocked():
    async_mock = mock.AsyncMock()
    async_mock()


class TestInClass:
    def test_collects(self):
        async def made_in_method(): pass
        made_in_method()
        gc.collect()


@pytest.mark.asyncio
async def test_async():
    async def made_in_async(): pass
    made_in_async()
    await asyncio.sleep(0)
'''

UNITTEST = '''
import asyncio
import unittest
import warnings
BASES


class Base:
    def test_inherited(self):
        async def made_inherited(): pass
        warnings.simplefilter("ignore")
        made_inherited()


class One(Base, CASE):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        async def made_for_class(): pass
        warnings.simplefilter("ignore")
        made_for_class()

    def setUp(self):
        async def made_in_setup(): pass
        warnings.simplefilter("ignore")
        made_in_setup()

    def test_one(self):
        pass


class Two(unittest.IsolatedAsyncioTestCase):
    async def test_two(self):
        async def made_in_async(): pass
        warnings.simplefilter("ignore")
        made_in_async()
        await asyncio.sleep(0)
'''


def main():
    folder = Path(sys.argv[1])
    (folder / "test_forgets.py").write_text(PYTEST)
    (folder / "test_cases.py").write_text(UNITTEST.replace("BASES", "").replace("CASE", "unittest.TestCase", 1))
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").touch()
    (folder / "app" / "tests.py").write_text(
        UNITTEST.replace("BASES", "from django.test import SimpleTestCase").replace("CASE", "SimpleTestCase", 1))
    (folder / "settings.py").write_text("SECRET_KEY = 'x'\nINSTALLED_APPS = ['app']\nDATABASES = {}\n")


if __name__ == "__main__":
    main()
