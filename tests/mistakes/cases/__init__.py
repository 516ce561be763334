# SPDX-License-Identifier: MIT
"""The corpus: small programs with one mistake each, in files by kind.

What corotrace is to say stands in comments inside each case:
    # mistake: ID                 or ID | ID, if evidence that differs between builds may lead to either
    # mistake 3.8-3.10: ID        for these versions instead; so for the other keys
    # created: inferred           the creation line has to be reported (from 3.11 on); "unknown": must not be
    # fix: TEXT                   "-" for none
    # cause: CAUSE                "unknown" for none; without this line: refcount, or unknown
    # ended: FUNCTION             that is reported as having just ended; "-" for none, as without this line
The line that makes the coroutine ends with "# made". A line that is reported as created must be that one.
"""
import importlib
import sys

FILES = ("discarded", "tested", "used", "passed", "kept", "returned", "scheduled", "raised", "special", "traps", "ended", "reports")
FOUND = []


def case(function=None, since=(3, 8)):
    """Takes a function into the corpus, for interpreters from `since` on."""
    if function is None:
        return lambda later: case(later, since)
    if sys.version_info >= since:
        FOUND.append((function.__module__.rsplit(".", 1)[-1], function))
    return function


def load():
    for name in FILES:
        importlib.import_module("cases." + name)
    return FOUND
