# SPDX-License-Identifier: MIT
"""Drops a coroutine from the top level of a module, below the frozen importlib."""


async def forgotten_at_import():
    pass


forgotten_at_import()
