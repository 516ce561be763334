# SPDX-License-Identifier: MIT
"""Starts the shop on a free port, which it writes to standard output; ends on SIGTERM."""
import asyncio
import signal

from .audit import AuditLog
from .http import Server
from .mailer import Mailer
from .orders import Orders


async def main():
    audit, mailer, server = AuditLog(), Mailer(), Server()
    orders = Orders(audit, mailer)

    async def books(_request):
        """What the shop itself knows to have done."""
        placed = sum(action == "order.placed" for action, *_ in audit.entries)
        return {"placements_audited": placed, "mails_sent": mailer.sent}

    server.route("POST", "/orders", orders.place)
    server.route("POST", "/orders/ship", orders.ship)
    server.route("POST", "/orders/refund", orders.refund)
    server.route("GET", "/books", books)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    print(await server.start(), flush=True)
    await ended.wait()


asyncio.run(main())
