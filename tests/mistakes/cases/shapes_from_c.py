# SPDX-License-Identifier: MIT
"""Shapes of async functions that code in C calls as plain ones."""
import collections
import ctypes
import functools
import gc
import sqlite3
import sys
import weakref
import xml.parsers.expat

from . import case
from .common import Store, fetch, swallow


class Thing:
    pass


@case(needs="sqlite3")
def function_of_a_database():
    # mistake: async_callback
    # fix: -
    async def double(value):
        return 2 * value

    def query():
        database = sqlite3.connect(":memory:")
        database.create_function("double", 1, double)
        database.execute("select double(2)")
    swallow(query)


@case(needs="ctypes")
def callback_of_ctypes():
    # mistake: async_callback
    # fix: -
    hook, sys.unraisablehook = sys.unraisablehook, lambda what: None

    async def compare():
        return 1

    def call():
        ctypes.CFUNCTYPE(ctypes.c_int)(compare)()
    try:
        call()
    finally:
        sys.unraisablehook = hook


@case
def handler_of_an_xml_parser():
    # mistake 3.8-3.10: unknown
    # mistake: async_callback
    # fix: -
    async def start(name, attributes):
        pass

    def parse():
        parser = xml.parsers.expat.ParserCreate()
        parser.StartElementHandler = start
        parser.Parse("<a/>")
    parse()


@case
def weak_reference_callback():
    # mistake: async_callback
    # cause: refcount | unknown
    thing = Thing()
    watch = weakref.ref(thing, fetch)
    del thing
    return watch


@case
def collector_callback():
    # mistake: async_callback
    # cause: refcount | cyclic_gc | unknown
    async def notice(phase, info):
        pass
    gc.callbacks.append(notice)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(notice)


@case
def hook_of_unraisable():
    # mistake: async_callback
    # mistake 3.8-3.10: unknown
    class Broken:
        def __del__(self):
            raise ValueError
    old, sys.unraisablehook = sys.unraisablehook, fetch
    try:
        Broken()
    finally:
        sys.unraisablehook = old


@case
def factory_of_a_default_dict():
    # mistake: exception_before_await
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: count | -
    def count():
        rooms = collections.defaultdict(fetch)
        rooms["lobby"].append(1)
    swallow(count)


@case
async def dict_of_a_map():
    # mistake: exception_before_await
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: load | -
    def load():
        users = dict(zip("ab", map(fetch, "ab")))
        return users["a"]["name"]
    swallow(load)


@case
def first_that_is_allowed():
    # mistake: async_callback
    # cause: refcount | unknown
    store = Store()
    return next(filter(store.is_allowed, ["a", "b"]), None)


@case
def sorted_by_a_lambda():
    # mistake: async_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: order | -
    def order():
        return sorted([2, 1], key=lambda number: fetch(number))  # made
    swallow(order)


@case
def compared_by_an_async_function():
    # mistake: async_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: order | -
    def order():
        return sorted([2, 1], key=functools.cmp_to_key(fetch))
    swallow(order)
