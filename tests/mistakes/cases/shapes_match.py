# SPDX-License-Identifier: MIT
"""Shapes of match statements, which Python has from 3.10 on."""
from . import case
from .common import Store, fetch


@case
async def value_to_match():
    # mistake: compared
    # fix: match await fetch(1):
    match fetch(1):  # made
        case 1:
            return 1
        case 2:
            return 2


@case
async def mapping_to_match():
    # mistake: compared
    # fix: match await store.get("a"):
    store = Store()
    match store.get("a"):  # made
        case {"name": name}:
            return name
        case _:
            return None


@case
async def class_to_match():
    # mistake: compared
    # fix: match await fetch(1):
    match fetch(1):  # made
        case int():
            return 1
        case str() | bytes():
            return 2
    return 3


@case
async def sequence_in_a_variable():
    # mistake: assigned_never_used
    # fix: reply = await fetch([1, 2])
    # cause: frame_end | unknown
    # ended: load
    async def load():
        reply = fetch([1, 2])  # made
        match reply:
            case [first, _]:
                return first
            case []:
                return None
        return 1
    await load()


@case
async def guard_of_a_case():
    # mistake: tested_for_truth
    # fix: case number if await fetch(number):
    match 5:
        case number if fetch(number):  # made
            return number
