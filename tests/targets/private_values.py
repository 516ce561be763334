# SPDX-License-Identifier: MIT
"""Drops coroutines whose arguments hold secrets, all of them with "hunter2" in them, and others with "harmless"."""
import warnings

import shim


class Account:
    def __init__(self, password):
        self.password = password

    async def log_in(self, user, password, api_key, *tokens, remember="harmless", **headers):
        pass


async def send(request, keyboard, X_Auth_Token):
    pass


warnings.simplefilter("ignore")
shim.ready()
# By name, for what a report quotes of a program's source is no value.
X, Y = "hunter2", "harmless"
Account(X).log_in(Y, X, X.encode(), X + " a", X + " b", Cookie=X, Accept=Y, remember=Y)
send({"url": Y, "auth": {"password": X}, "user-secret": [X], "n": {"accessToken": X}}, Y, X)
shim.done()
