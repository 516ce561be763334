# SPDX-License-Identifier: MIT
"""A coroutine stands where its result was meant: compared, formatted, taken apart."""
from . import case


async def load(key=None):
    return {"a": 1}


class Settings:
    async def get(self, name):
        return name


settings = Settings()


@case
async def equal():
    # mistake: compared
    # created: inferred
    # fix: return await load(1) == 5
    return load(1) == 5  # made


@case
async def equal_from_the_right():
    # mistake: compared
    # created: inferred
    # fix: return 5 == await load(1)
    return 5 == load(1)  # made


@case
async def is_none():
    # mistake: compared
    # created: inferred
    # fix: if await load(1) is None:
    if load(1) is None:  # made
        pass


@case
async def is_not_none():
    # mistake: compared
    # created: inferred
    # fix: x = await settings.get("x") is not None
    x = settings.get("x") is not None  # made
    return x


@case
async def member():
    # mistake: compared
    # created: inferred
    # fix: return await load(1) in (1, 2)
    return load(1) in (1, 2)  # made


@case
async def less():
    # mistake: compared
    # fix: return await load(1) < 3
    return load(1) < 3  # made


@case
async def f_string():
    # mistake: formatted
    # created: inferred
    # fix: return f"value: {await load(1)}"
    return f"value: {load(1)}"  # made


@case
async def f_string_with_conversion():
    # mistake: formatted
    # created: inferred
    # fix: return f"{await load(1)!r:>10}" + 'x'
    return f"{load(1)!r:>10}" + 'x'  # made


@case
async def percent():
    # mistake: formatted
    # created: inferred
    # fix: return "value %s" % await load(1)
    return "value %s" % load(1)  # made


@case
async def str_call():
    # mistake: formatted
    # created: inferred
    # fix: return str(await load(1))
    return str(load(1))  # made


@case
async def format_method():
    # mistake: formatted
    # created: inferred
    # fix: return "{}".format(await load(1))
    return "{}".format(load(1))  # made


@case
async def subscript():
    # mistake: used_as_value
    # fix: return (await load(1))["a"]
    return load(1)["a"]  # made


@case
async def attribute_of_a_coroutine():
    # cause: refcount | unknown | exception_unwinding
    # ended: attribute_of_a_coroutine | -
    # mistake: used_as_value
    # fix: return (await load(1)).name | -
    # cause: exception_unwinding | refcount
    try:
        return load(1).name  # made
    except AttributeError:
        pass


@case
async def addition():
    # mistake: used_as_value
    # fix: return await load(1) + 1
    return load(1) + 1  # made


@case
async def for_loop():
    # mistake: used_as_value
    # created: inferred
    # fix: for x in await load(1):
    for x in load(1):  # made
        pass


@case
async def unpacking():
    # mistake: used_as_value
    # created: inferred
    # fix: a, b = await load(1)
    a, b = load(1)  # made


@case
async def length():
    # mistake: used_as_value
    # created: inferred
    # fix: return len(await load(1))
    return len(load(1))  # made


@case
async def with_statement():
    # cause: exception_unwinding | refcount | unknown
    # mistake: used_as_value
    with load(1):  # made
        pass


@case
async def integer():
    # mistake: used_as_value
    # created: inferred
    # fix: return int(await settings.get("port"))
    return int(settings.get("port"))  # made
