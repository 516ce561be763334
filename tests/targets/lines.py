# SPDX-License-Identifier: MIT
"""usage: lines.py plain|warm|traced

Tells the exact Python stack of every drop of line_shapes: cold, after the bytecode has specialised, or
under a trace function (instrumented bytecode).
"""
import gc
import sys
import threading
import warnings

import line_shapes.statements
import line_shapes.functions
import line_shapes.called_back
import line_shapes.coroutines
import shim


def tracer(frame, event, argument):
    return tracer


def in_waiting_thread(go):
    """A thread that exists before the test attaches, with a stack of its own."""
    go.wait()
    line_shapes.forgotten()
    held = line_shapes.forgotten()


def main():
    mode = sys.argv[1]
    warnings.simplefilter("ignore")
    gc.disable()
    stacks = shim.Stacks()
    go = threading.Event()
    thread = threading.Thread(target=in_waiting_thread, args=(go,))
    thread.start()
    shim.ready()
    go.set()
    thread.join()
    if mode == "traced":
        sys.settrace(tracer)
    for _ in range(12 if mode == "warm" else 1):
        for shape in line_shapes.SHAPES:
            shape()
    sys.settrace(None)
    shim.done(drops=stacks.drops)


main()
