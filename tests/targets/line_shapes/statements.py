# SPDX-License-Identifier: MIT
"""Statements and expressions."""
# flake8: noqa
import sys

from line_shapes import Thing, forgotten, shape


@shape
def statement():
    forgotten()


@shape
def several_on_a_line():
    forgotten(1); forgotten(2); x = 1; forgotten(3)


@shape
def multi_line_call():
    forgotten(
        1,
        [
            2,
        ],
        key=dict(
            a=3),
    )


@shape
def multi_line_expression():
    return (1 +
            len(str(
                forgotten(
                ))) +
            id(
                forgotten()
            ))


@shape
def chained_methods():
    class Chain:
        def step(self, unused=None):
            return self
    (Chain()
        .step()
        .step(forgotten(
            1))
        .step(
            forgotten(2)))


@shape
def condition():
    if forgotten():
        pass
    while not forgotten():
        pass
    x = forgotten() and None
    return 1 if forgotten() else 2


@shape
def comparison():
    return [forgotten() == 5, forgotten() is None, forgotten() in (), not forgotten()]


@shape
def formatted():
    return f"{forgotten()!r} and {1 + len(str(forgotten()))}" f"""
    {
        forgotten()
    }"""


@shape
def rebinding():
    held = forgotten()
    held = forgotten()
    held = None
    for held in (forgotten(), forgotten()):
        pass
    del held


@shape
def scope_end():
    def holder():
        held = forgotten()
        other = 2
        return other
    first = holder()
    second = (first,
              holder())


@shape
def containers():
    box = [forgotten(), forgotten(), forgotten(), forgotten()]
    box[0] = None
    del box[1]
    box.pop()
    box.clear()
    table = {"a": forgotten(), "b": forgotten()}
    table["a"] = 1
    table.update(
        b=2)
    things = {forgotten()}
    things.clear()
    a, b = forgotten(), 1
    a = b


@shape
def attributes():
    thing = Thing()
    thing.held = forgotten()
    thing.held = forgotten()
    del thing.held
    thing.held = forgotten()
    thing = None


@shape
def starred():
    args, kwargs = (1, 2), {"k": 3}
    forgotten(*args, **kwargs)
    len([*[
        forgotten()]])


@shape
def lambdas():
    (lambda: forgotten() and 0)()
    f = lambda x: (
        forgotten(x),
        1)[1]
    f(
        2
    )


@shape
def conditional_lines():
    value = (forgotten()
             if sys.argv
             else None)
    value = 2
    assert forgotten(), "always true"
