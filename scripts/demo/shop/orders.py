# SPDX-License-Identifier: MIT
"""Orders: placed, shipped, refunded. Three calls below lack something; corotrace names them."""
import asyncio
import itertools

from . import access
from .http import Refused


class Orders:
    def __init__(self, audit, mailer):
        self._audit = audit
        self._mailer = mailer
        self._orders = {}
        self._ids = itertools.count(1)

    async def place(self, request):
        order = {"id": next(self._ids), "user": request["user"], "items": request["items"], "state": "placed"}
        await self._store(order)
        self._audit.record("order.placed", order["id"], user=order["user"])
        return {"id": order["id"]}

    async def ship(self, request):
        order = await self._find(request["id"])
        order["state"] = "shipped"
        await self._store(order)
        await self._audit.record("order.shipped", order["id"], user=order["user"])
        # The customer need not wait for the mail.
        asyncio.get_running_loop().call_soon(
            self._mailer.send_shipping_note, order["user"] + "@example.org", order["id"])
        return {"state": order["state"]}

    async def refund(self, request):
        user = request["user"]
        order = await self._find(request["id"])
        if access.is_allowed(user, "refund"):
            order["state"] = "refunded"
            await self._store(order)
            return {"state": order["state"]}
        raise Refused(403, f"{user} may not refund")

    async def _find(self, order_id):
        await asyncio.sleep(0.001)  # the database
        if order_id not in self._orders:
            raise Refused(404, "no such order")
        return self._orders[order_id]

    async def _store(self, order):
        await asyncio.sleep(0.002)
        self._orders[order["id"]] = order
