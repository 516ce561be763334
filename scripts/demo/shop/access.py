# SPDX-License-Identifier: MIT
"""Who may do what, asked of a directory elsewhere."""
import asyncio

MANAGERS = frozenset({"ada", "grace"})


async def is_allowed(user, action):
    await asyncio.sleep(0.001)  # the directory's answer
    return action != "refund" or user in MANAGERS
