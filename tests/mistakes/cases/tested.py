# SPDX-License-Identifier: MIT
"""A coroutine is tested for truth: always true."""
from . import case


async def valid(record=None):
    return False


class Guard:
    async def allows(self, user):
        return False


guard = Guard()


@case
async def if_statement():
    # mistake: tested_for_truth
    # created: inferred
    # fix: if await valid(1):
    if valid(1):  # made
        pass


@case
async def if_not():
    # mistake: tested_for_truth
    # created: inferred
    # fix: if not await guard.allows("x"):
    if not guard.allows("x"):  # made
        pass


@case
def if_in_plain_function():
    # mistake: tested_for_truth
    # created: inferred
    # fix: if asyncio.run(valid(1)):
    # advice: make if_in_plain_function() async and write: if await valid(1):
    if valid(1):  # made
        pass


@case
async def elif_branch():
    # mistake: tested_for_truth
    # created: inferred
    # fix: elif await valid(2):
    if guard is None:
        pass
    elif valid(2):  # made
        pass


@case
async def while_loop():
    # mistake: tested_for_truth
    # created: inferred
    # fix: while await valid(1):
    while valid(1):  # made
        break


@case
async def and_operator():
    # mistake: tested_for_truth
    # created: inferred
    # fix: x = await valid(1) and 5
    x = valid(1) and 5  # made
    return x


@case
async def and_in_condition():
    # mistake: tested_for_truth
    # created: inferred
    # fix: if guard and await valid(1):
    if guard and valid(1):  # made
        pass


@case
async def or_in_condition():
    # mistake: tested_for_truth
    # created: inferred
    # fix: if await valid(1) or guard:
    if valid(1) or guard:  # made
        pass


@case
async def not_operator():
    # mistake: tested_for_truth
    # created: inferred
    # fix: return not await valid(1)
    return not valid(1)  # made


@case
async def ternary():
    # mistake: tested_for_truth
    # created: inferred
    # fix: x = 1 if await valid(1) else 2
    x = 1 if valid(1) else 2  # made
    return x


@case
async def assertion():
    # mistake: tested_for_truth
    # created: inferred
    # fix: assert await guard.allows("x"), "no"
    assert guard.allows("x"), "no"  # made


@case
async def comprehension_filter():
    # mistake: tested_for_truth
    # created: inferred
    # fix: return [x for x in (1,) if await valid(x)]
    return [x for x in (1,) if valid(x)]  # made


@case
async def generator_filter():
    # mistake: tested_for_truth
    # created: inferred
    found = (x for x in (1,) if valid(x))  # made
    return list(found)


@case
async def bool_call():
    # mistake: tested_for_truth
    # created: inferred
    # fix: x = bool(await valid(1))
    x = bool(valid(1))  # made
    return x


@case
async def lambda_filter():
    # mistake: tested_for_truth
    # created: inferred
    return list(filter(lambda x: not valid(x), [1]))  # made
