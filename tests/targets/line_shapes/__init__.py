# SPDX-License-Identifier: MIT
"""Drops at every kind of line that a stack can show. The formatting of these files is part of the test.

A shape is a function that drops some coroutines; SHAPES has them all, in the order of the imports.
"""
SHAPES = []


def shape(function):
    SHAPES.append(function)
    return function


async def forgotten(*args, **kwargs):
    pass


class Thing:
    pass


def run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        return stop.value
