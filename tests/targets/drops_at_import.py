# SPDX-License-Identifier: MIT
"""Drops a coroutine from the top level of a module, below the frozen importlib."""


async def orphan_at_import():
    pass


orphan_at_import()
