# SPDX-License-Identifier: MIT
"""usage: lines.py plain|warm|traced

Tells the exact Python stack of every drop of line_shapes: cold, after the bytecode has specialised, or
under a trace function (instrumented bytecode).
"""
import gc
import sys
import warnings

import line_shapes.statements
import line_shapes.functions
import line_shapes.called_back
import line_shapes.coroutines
import shim


def tracer(frame, event, argument):
    return tracer


def main():
    mode = sys.argv[1]
    warnings.simplefilter("ignore")
    gc.disable()
    stacks = shim.Stacks()
    shim.ready()
    if mode == "traced":
        sys.settrace(tracer)
    for _ in range(12 if mode == "warm" else 1):
        for shape in line_shapes.SHAPES:
            shape()
    sys.settrace(None)
    shim.done(drops=stacks.drops)


main()
