# SPDX-License-Identifier: MIT
"""The audit log: who did what, in the order in which it happened."""
import asyncio


class AuditLog:
    def __init__(self):
        self.entries = []

    async def record(self, action, order_id, *, user):
        await asyncio.sleep(0.0005)  # the log's own store
        self.entries.append((action, order_id, user))
