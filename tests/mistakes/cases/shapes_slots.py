# SPDX-License-Identifier: MIT
"""Shapes where the interpreter calls an async function through a slot: operators, conversions, copying, attributes."""
import copy
import math
import operator
import os
import pickle
import sys

from . import case
from .common import swallow


@case
async def sum_of_money():
    # mistake: used_as_value | async_special_method
    # created: inferred | unknown
    class Money:
        def __init__(self, amount):
            self.amount = amount

        async def __add__(self, other):
            return Money(self.amount + other.amount)
    total = Money(1) + Money(2)  # made
    try:
        print(total.amount)
    except AttributeError:
        pass
    del total


@case
async def difference_that_is_dropped():
    # mistake: async_special_method
    # created: inferred | unknown
    class Money:
        async def __neg__(self):
            return self
    -Money()  # made


@case
async def product_of_matrices():
    # mistake: async_special_method
    # created: inferred | unknown
    class Matrix:
        async def __matmul__(self, other):
            return self
    Matrix() @ Matrix()  # made


@case
async def index_into_a_list():
    # mistake: async_special_method
    # created: inferred | unknown
    class Place:
        async def __index__(self):
            return 0
    try:
        [1, 2][Place()]  # made
    except TypeError:
        pass


@case
async def number_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Price:
        async def __int__(self):
            return 5
    try:
        int(Price())  # made
    except TypeError:
        pass


@case
async def rounding_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Price:
        async def __round__(self, digits=0):
            return 5
    round(Price(), 2)  # made


@case
async def floor_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Price:
        async def __floor__(self):
            return 5
    math.floor(Price())  # made


@case
async def path_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Upload:
        async def __fspath__(self):
            return "/tmp"
    try:
        os.path.join(Upload(), "a")  # made
    except TypeError:
        pass


@case
async def bytes_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Frame:
        async def __bytes__(self):
            return b""
    try:
        bytes(Frame())  # made
    except TypeError:
        pass


@case
async def copy_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Settings:
        async def __copy__(self):
            return self
    copy.copy(Settings())  # made


@case
async def reduction_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Job:
        async def __reduce__(self):
            return (Job, ())
    swallow(pickle.dumps, Job())  # made


@case
async def attribute_that_is_set():
    # mistake: async_special_method
    # created: inferred | unknown
    class Proxy:
        async def __setattr__(self, name, value):
            pass
    Proxy().name = 1  # made


@case
async def attribute_that_is_deleted():
    # mistake: async_special_method
    # created: inferred | unknown
    class Proxy:
        name = 1

        async def __delattr__(self, name):
            pass
    del Proxy().name  # made


@case
async def item_that_is_set():
    # mistake: async_special_method
    # created: inferred | unknown
    class Table:
        async def __setitem__(self, key, value):
            pass
    Table()["a"] = 1  # made


@case
async def item_that_is_deleted():
    # mistake: async_special_method
    # created: inferred | unknown
    class Table:
        async def __delitem__(self, key):
            pass
    del Table()["a"]  # made


@case
async def item_that_is_used():
    # mistake: used_as_value | async_special_method
    # created: inferred | unknown
    # cause: exception_unwinding | refcount | unknown | frame_end
    # ended: load | -
    class Table:
        async def __getitem__(self, key):
            return {"name": key}

    async def load():
        row = Table()["a"]  # made
        return row["name"]
    try:
        await load()
    except TypeError:
        pass


@case
async def item_in_a_table():
    # mistake: async_special_method
    # created: inferred | unknown
    class Table:
        async def __contains__(self, key):
            return False
    if "a" in Table():  # made
        return


@case
async def names_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Proxy:
        async def __dir__(self):
            return []
    swallow(dir, Proxy())  # made


@case
async def size_of_an_object():
    # mistake: async_special_method
    # created: inferred | unknown
    class Cache:
        async def __sizeof__(self):
            return 1
    swallow(sys.getsizeof, Cache())  # made


@case
async def hint_of_a_length():
    # mistake: async_special_method
    # created: inferred | unknown
    class Rows:
        def __iter__(self):
            return iter(())

        async def __length_hint__(self):
            return 1
    swallow(operator.length_hint, Rows())  # made


@case
async def check_of_an_instance():
    # mistake: async_special_method
    # created: inferred | unknown
    class Kind(type):
        async def __instancecheck__(cls, other):
            return False

    class Base(metaclass=Kind):
        pass
    isinstance(1, Base)  # made


@case
async def call_of_an_object():
    # mistake: result_discarded
    # fix: await job()
    class Job:
        async def __call__(self):
            return 1
    job = Job()
    job()  # made
