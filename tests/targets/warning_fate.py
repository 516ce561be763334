# SPDX-License-Identifier: MIT
"""Drops three coroutines on one line under each of many warning filters, and tells what was seen of Python's own
warnings. The filters stay until the test says `next`."""
import contextlib
import io
import sys
import warnings

import shim

TIMES = 3
LINES = {}


def make(name):
    async def forgotten():
        pass

    forgotten.__qualname__ = name
    return forgotten


def drop(name):
    forgotten = make(name)
    for _ in range(TIMES):
        forgotten()  # the blamed line


LINES["drop"] = 1 + next(number for number, line in enumerate(open(__file__)) if line.endswith("# the blamed line\n"))


def one(*arguments, **keywords):
    return lambda: warnings.filterwarnings(*arguments, **keywords)


def both(*steps):
    return lambda: [step() for step in steps]


def own_handler():
    warnings.simplefilter("always")
    warnings.showwarning = lambda *arguments, **keywords: sys.stderr.write("handled\n")


class Own(RuntimeWarning):
    pass


Own.__name__ = "RuntimeWarning"
# Name -> what sets the filters; later ones are asked first.
SCENARIOS = {
    "none": lambda: None,
    "ignore": lambda: warnings.simplefilter("ignore"),
    "default": lambda: warnings.simplefilter("default"),
    "always": lambda: warnings.simplefilter("always"),
    "error": lambda: warnings.simplefilter("error"),
    "once": lambda: warnings.simplefilter("once"),
    "module": lambda: warnings.simplefilter("module"),
    "category": lambda: warnings.simplefilter("ignore", RuntimeWarning),
    "other_category": lambda: warnings.simplefilter("ignore", UserWarning),
    "base_category": lambda: warnings.simplefilter("always", Exception),
    "category_of_same_name": lambda: warnings.simplefilter("ignore", Own),
    "second": both(one("always", category=RuntimeWarning), one("ignore", category=DeprecationWarning)),
    "first_wins": both(one("always"), one("ignore")),
    "message": one("ignore", "coroutine '.*' was never awaited"),
    "message_case": one("ignore", "COROUTINE .* NEVER"),
    "message_start": one("ignore", "coroutine"),
    "message_inside": both(one("always"), one("ignore", "was never awaited")),
    "message_named": one("ignore", r"coroutine 'message\_named'"),
    "message_other": both(one("always"), one("ignore", "coroutine 'somebody_else'")),
    "message_end": one("ignore", r".*awaited\Z"),
    "message_plus": one("ignore", r"c+oroutine +'message_plu+s"),
    "message_too_hard": one("ignore", r"(coroutine|other) '\w+'"),
    "module_main": one("ignore", module="__main__"),
    "module_other": both(one("always"), one("ignore", module="somebody_else")),
    "line": lambda: warnings.filterwarnings("ignore", lineno=LINES["drop"]),
    "other_line": both(one("always"), one("ignore", lineno=1)),
    "default_action": lambda: setattr(warnings, "defaultaction", "ignore"),
    "handler": own_handler,
    "escaped": lambda: warnings._setoption("ignore:coroutine 'esc:RuntimeWarning:__main__"),
}


def play(name, prepare):
    text = io.StringIO()
    before = warnings.defaultaction
    with warnings.catch_warnings(), contextlib.redirect_stderr(text):
        if prepare:
            warnings.resetwarnings()
            prepare()
        drop(name)
        shim.tell("dropped", name=name, text=text.getvalue(), line=LINES["drop"])
        shim.wait("next")
    warnings.defaultaction = before


def main():
    shim.ready(scenarios=list(SCENARIOS))
    play("as_started", None)
    for name, prepare in SCENARIOS.items():
        play(name, prepare)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        drop("recorded")
        shim.tell("dropped", name="recorded", text="recorded\n" * len(seen), line=LINES["drop"])
        shim.wait("next")
    shim.wait("end")


main()
