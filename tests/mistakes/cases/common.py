# SPDX-License-Identifier: MIT
"""What the shapes are made with."""


async def fetch(value=None, *rest, **named):
    return value


def swallow(function, *arguments, **named):
    """Calls it, and lets go of what it raises."""
    try:
        function(*arguments, **named)
    except Exception:
        pass


class Store:
    def __init__(self):
        self.seen = {}

    async def get(self, key):
        return self.seen.get(key)

    async def is_allowed(self, user):
        return False

    async def rows(self):
        return [1, 2]

    @property
    async def price(self):
        return 5


class Library:
    async def scope_ids(self, key):
        return [key], [key]

    async def tag(self):
        return "new"

    async def search(self, words):
        return [words]

    async def balance(self, user):
        return 1

    async def tags(self):
        return ["a"]


class Page:
    async def content(self):
        return "id=5"


class Client:
    async def get(self, path):
        return self

    async def disconnect(self):
        pass

    async def close(self):
        pass
