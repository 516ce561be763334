# SPDX-License-Identifier: MIT
"""Shapes of public bug reports: the coroutine is taken for its value. Each case names its report."""
import dataclasses
import functools
import json
import logging
import string

from . import case
from .common import Store, fetch, swallow


@case
async def used_as_key():
    # cause: frame_end | refcount | unknown
    # ended: count | -
    # mistake: kept_in_container
    async def count():
        seen = {}
        seen[fetch(1)] = 1  # made
        return 0
    await count()


@case
async def format_method():
    # mistake: formatted
    # created: inferred
    # fix: return "total {}".format(await fetch(1))
    return "total {}".format(fetch(1))  # made


@case
async def f_string_with_conversion():
    # partiallywritten/Gofile2#2
    # mistake: formatted
    # created: inferred
    return f"account {fetch(1)!r}"  # made


@case
async def percent_tuple():
    # mistake 3.8-3.10: kept_in_container
    # mistake: formatted
    return "%s: %s" % ("total", fetch(1))  # made


@case
async def joined():
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount | unknown
    # ended: text | -
    async def text():
        return ", ".join([fetch("a")])  # made
    try:
        await text()
    except TypeError:
        pass


@case
async def template_substitute():
    # mistake: passed_to_function
    # cause: frame_end | refcount | unknown
    # ended: Template.substitute | -
    return string.Template("$name").substitute(name=fetch("ann"))  # made


@case
async def logged():
    # mzipay/Autologging#10
    # mistake: passed_to_function
    # cause: frame_end | refcount | unknown
    # ended: Logger.critical | -
    logging.getLogger("shapes").critical("got %s", fetch(1))  # made


@case
async def printed():
    # partiallywritten/Gofile2#2
    # mistake: passed_to_function
    with open("/dev/null", "w") as sink:
        print(fetch(1), file=sink)  # made


@case
async def json_in_a_function_below():
    # luca-arch in subzeroid/aiograpi#116
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount
    # ended: media_seen | dumps | send | iterencode | default | -
    def send(data):
        return json.dumps(data)

    async def media_seen():
        return send({"token": fetch("t")})  # made
    try:
        await media_seen()
    except TypeError:
        pass


@case
async def isinstance_of_a_result():
    # mistake: passed_to_function
    return isinstance(fetch({}), dict)  # made


@case
async def hasattr_of_a_result():
    # mosquito/aiormq#24
    # mistake: passed_to_function
    return hasattr(fetch(), "__next__")  # made


@case
async def async_property_used_plainly():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: pay | -
    # fix: return (await store.price) * 2 | return await store.price * 2
    async def pay(store):
        return store.price * 2  # made
    try:
        await pay(Store())
    except TypeError:
        pass


@case
async def async_property_in_a_condition():
    # mistake: tested_for_truth
    # fix: if await store.price:
    store = Store()
    if store.price:  # made
        return 1


@case
async def cached_property_read_once():
    # pydanny/cached-property#85
    # mistake: kept_in_cycle
    # cause: cyclic_gc
    class Client:
        @functools.cached_property
        async def session(self):
            return 1

    def read():
        client = Client()
        client.session
    read()


@case
def lru_cache_of_a_coroutine():
    # Skydio/revup#112
    # mistake: kept_in_container
    @functools.lru_cache(maxsize=1)
    def load(key):
        return fetch(key)  # made
    load(1)
    load.cache_clear()


@case
async def returned_by_lambda():
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    save = lambda value: fetch(value)  # made
    save(1)


@case
async def dataclass_default_factory():
    # mistake 3.8-3.10: unknown
    # mistake: kept_in_container
    # ended: build | -
    # cause: frame_end | refcount | unknown
    @dataclasses.dataclass
    class Job:
        result: object = dataclasses.field(default_factory=fetch)

    def build():
        Job()
    build()


@case
async def conditional_expression():
    # mistake: assigned_never_used
    # cause: frame_end
    # ended: load
    async def load(cached):
        value = cached if cached else fetch(1)  # made
        return 0
    await load(None)


@case
async def dict_get_default():
    # mistake: passed_to_function
    # fix: return {"a": 1}.get("a", await fetch(2)) | -
    return {"a": 1}.get("a", fetch(2))  # made


@case
async def setdefault_not_needed():
    # mistake: passed_to_function
    seen = {"a": 1}
    return seen.setdefault("a", fetch(2))  # made


@case
async def appended_and_forgotten():
    # mistake: kept_in_container
    # ended: start | -
    # cause: frame_end | refcount | unknown
    async def start():
        tasks = []
        for number in range(1):
            tasks.append(fetch(number))  # made
        return None
    await start()


@case
async def gather_forgotten_for_list():
    # mistake: kept_in_container
    # ended: start | -
    # cause: frame_end | refcount | unknown
    async def start():
        tasks = [fetch(number) for number in range(1)]  # made
        return None
    await start()


@case
async def awaits_the_wrong_part():
    # snowby666/poe-api-wrapper#168
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: send | -
    # fix: return (await fetch(bot))["data"][bot]
    async def send(bot):
        return await fetch(bot)["data"][bot]  # made
    try:
        await send("a")
    except TypeError:
        pass


@case
async def with_in_place_of_async_with():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: sync | -
    async def sync():
        with fetch() as opened:  # made
            return opened
    try:
        await sync()
    except (TypeError, AttributeError):
        pass


@case
async def async_for_over_a_coroutine():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount | unknown
    # ended: read | -
    async def read():
        async for row in fetch():  # made
            return row
    try:
        await read()
    except TypeError:
        pass


@case
async def yielded_by_an_async_generator():
    # mistake 3.8-3.10: unknown
    # mistake: assigned_never_used
    # cause: frame_end | refcount | unknown
    # ended: read | -
    async def rows():
        yield fetch(1)  # made

    async def read():
        async for row in rows():
            pass
    await read()


@case
async def exception_raised_with_it():
    # mistake: passed_to_function
    # cause: exception_unwinding | refcount
    # ended: fail | -
    async def fail():
        raise ValueError(fetch("text"))  # made
    try:
        await fail()
    except ValueError:
        pass


@case
async def raised_itself():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: fail | -
    async def fail():
        raise fetch("text")  # made
    try:
        await fail()
    except TypeError:
        pass
