# SPDX-License-Identifier: MIT
"""Statements and expressions."""
# flake8: noqa
import sys

from line_shapes import Thing, orphan, shape


@shape
def statement():
    orphan()


@shape
def several_on_a_line():
    orphan(1); orphan(2); x = 1; orphan(3)


@shape
def multi_line_call():
    orphan(
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
                orphan(
                ))) +
            id(
                orphan()
            ))


@shape
def chained_methods():
    class Chain:
        def step(self, unused=None):
            return self
    (Chain()
        .step()
        .step(orphan(
            1))
        .step(
            orphan(2)))


@shape
def condition():
    if orphan():
        pass
    while not orphan():
        pass
    x = orphan() and None
    return 1 if orphan() else 2


@shape
def comparison():
    return [orphan() == 5, orphan() is None, orphan() in (), not orphan()]


@shape
def formatted():
    return f"{orphan()!r} and {1 + len(str(orphan()))}" f"""
    {
        orphan()
    }"""


@shape
def rebinding():
    held = orphan()
    held = orphan()
    held = None
    for held in (orphan(), orphan()):
        pass
    del held


@shape
def scope_end():
    def holder():
        held = orphan()
        other = 2
        return other
    first = holder()
    second = (first,
              holder())


@shape
def containers():
    box = [orphan(), orphan(), orphan(), orphan()]
    box[0] = None
    del box[1]
    box.pop()
    box.clear()
    table = {"a": orphan(), "b": orphan()}
    table["a"] = 1
    table.update(
        b=2)
    things = {orphan()}
    things.clear()
    a, b = orphan(), 1
    a = b


@shape
def attributes():
    thing = Thing()
    thing.held = orphan()
    thing.held = orphan()
    del thing.held
    thing.held = orphan()
    thing = None


@shape
def starred():
    args, kwargs = (1, 2), {"k": 3}
    orphan(*args, **kwargs)
    len([*[
        orphan()]])


@shape
def lambdas():
    (lambda: orphan() and 0)()
    f = lambda x: (
        orphan(x),
        1)[1]
    f(
        2
    )


@shape
def conditional_lines():
    value = (orphan()
             if sys.argv
             else None)
    value = 2
    assert orphan(), "always true"
