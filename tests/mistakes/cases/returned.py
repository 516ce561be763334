# SPDX-License-Identifier: MIT
"""A plain function returns a coroutine, and its caller drops it."""
from . import case


async def send(message=None):
    return message


def send_later(message):
    return send(message)


class Client:
    async def send(self, message):
        return message


class Proxy:
    """Its plain method has the name of the async one behind it."""

    def __init__(self):
        self.client = Client()

    def send(self, message):
        return self.client.send(message)


proxy = Proxy()


@case
async def wrapper():
    # mistake: returned_and_dropped
    # mistake 3.8-3.10: result_discarded
    # created: unknown
    # fix: await send_later("x")
    send_later("x")


@case
def wrapper_in_plain_function():
    # mistake: returned_and_dropped
    # mistake 3.8-3.10: result_discarded
    # created: unknown
    # fix: asyncio.run(send_later("x"))
    # advice: make wrapper_in_plain_function() async and write: await send_later("x")
    send_later("x")


@case
async def proxy_of_the_same_name():
    # mistake: returned_and_dropped
    # mistake 3.8-3.10: result_discarded
    # created: unknown
    # fix: await proxy.send("x")
    proxy.send("x")


@case
async def wrapper_tested():
    # mistake: tested_for_truth
    # created: unknown
    if send_later("x"):
        pass


@case
async def two_wrappers():
    # mistake: returned_and_dropped
    # mistake 3.8-3.10: result_discarded
    # created: unknown
    # fix: await outermost()
    def outer():
        return send_later("x")

    def outermost():
        return outer()
    outermost()
