# SPDX-License-Identifier: MIT
"""Shapes by the place in a statement where the await is missing: keys, slices, conditions, pairs."""
from . import case
from .common import Store, fetch


@case
async def source_of_a_generator():
    # mistake: used_as_value
    # fix: return sum(row for row in await store.rows())
    # cause: exception_unwinding | refcount | unknown
    # ended: <genexpr> | total | -
    async def total(store):
        return sum(row for row in store.rows())  # made
    try:
        await total(Store())
    except TypeError:
        pass


@case
async def condition_of_a_list():
    # mistake: tested_for_truth
    # fix: return [row for row in await store.rows() if await store.is_allowed(row)][:0]
    # cause: refcount | unknown
    async def visible(store):
        return [row for row in await store.rows() if store.is_allowed(row)][:0]  # made
    await visible(Store())


@case
async def name_in_a_condition():
    # mistake: used_as_value
    # fix: if (user := await store.get(1)) and user.name:
    # fix 3.8-3.10: - | if (user := await store.get(1)) and user.name:
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: check | -
    async def check(store):
        if (user := store.get(1)) and user.name:  # made
            return user
    try:
        await check(Store())
    except AttributeError:
        pass


@case
async def not_among_the_rows():
    # mistake: compared
    # fix: if "x" not in await store.rows():
    # cause: exception_unwinding | refcount | unknown
    # ended: check | -
    async def check(store):
        if "x" not in store.rows():  # made
            return 1
    try:
        await check(Store())
    except TypeError:
        pass


@case
async def slice_replaced():
    # mistake 3.14-3.15: exception_before_await
    # mistake: used_as_value
    # fix 3.14-3.15: -
    # fix: rows[0:1] = await store.rows()
    # cause: exception_unwinding | refcount | unknown
    async def fill(store):
        rows = [1]
        rows[0:1] = store.rows()  # made
        return rows
    try:
        await fill(Store())
    except TypeError:
        pass


@case
async def path_of_a_file():
    # mistake: passed_to_function
    # fix: with open(await store.get("path")) as file:
    # cause: exception_unwinding | refcount | unknown
    async def read(store):
        with open(store.get("path")) as file:  # made
            return file.read()
    try:
        await read(Store())
    except TypeError:
        pass


@case
async def key_that_is_missing():
    # mistake: used_as_value
    # fix: return cache[await fetch("a")]
    # cause: exception_unwinding | refcount | unknown
    # ended: read | -
    async def read(cache):
        return cache[fetch("a")]  # made
    try:
        await read({})
    except KeyError:
        pass


@case
async def key_that_is_deleted():
    # mistake: used_as_value
    # fix: del cache[await fetch("a")]
    # cause: exception_unwinding | refcount | unknown
    # ended: forget | -
    async def forget(cache):
        del cache[fetch("a")]  # made
    try:
        await forget({})
    except KeyError:
        pass


@case
async def key_of_a_lookup():
    # mistake: passed_to_function
    # fix: return {}.get(await fetch("a"))
    return {}.get(fetch("a"))  # made


@case
async def name_of_an_attribute():
    # mistake: passed_to_function
    # fix: return getattr(store, await fetch("seen"))
    # cause: exception_unwinding | refcount | unknown
    async def read(store):
        return getattr(store, fetch("seen"))  # made
    try:
        await read(Store())
    except TypeError:
        pass


@case
async def second_of_what_is_printed():
    # mistake: passed_to_function
    # fix: print(await fetch(1), await fetch(2), end="", file=open("/dev/null", "w"))
    print(await fetch(1), fetch(2), end="", file=open("/dev/null", "w"))  # made


@case
async def first_of_a_returned_pair():
    # mistake: kept_in_container
    # fix: -
    # fix with origin: return await store.get(1), await store.get(2)
    # cause: refcount | frame_end | unknown
    # ended: load | -
    async def load(store):
        return store.get(1), await store.get(2)  # made
    await load(Store())


@case
async def cached_attribute_used():
    # the object and the exception that names it refer to each other
    # mistake: kept_in_cycle | used_as_value
    # cause: cyclic_gc | exception_unwinding | refcount | frame_end | unknown
    # ended: items | Config.items | -
    class Config:
        cache = None

        async def load(self):
            return {}

        async def items(self):
            self.cache = self.cache or self.load()  # made
            return self.cache.items()
    try:
        await Config().items()
    except AttributeError:
        pass
