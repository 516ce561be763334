# SPDX-License-Identifier: MIT
"""Is warned by Python of what it never awaits, in several modules, and rests in between.

warned.py ACTION DEPTH: the filter for all warnings, and the depth of origin tracking. Each word makes it drop some
more. What it says of itself is the record that Python keeps: (module, file, text, line).
"""
import sys
import types
import warnings

import resting_objects
import shim


async def forgotten():
    pass


async def numbers():
    yield 1


class Shop:
    async def save(self, order):
        pass


def dropped_by_caller():
    return forgotten()


def drop_before():
    for _ in range(3):
        forgotten()
    Shop().save(1)
    dropped_by_caller()


def drop_later():
    for _ in range(3):
        Shop().save(2)
    numbers().asend(None)
    forgotten()


def make_modules():
    """A module with a file, one without, one under two names, and what is no module at all."""
    for name, file in (("shop.orders", "/srv/shop/orders.py"), ("nowhere", None)):
        module = types.ModuleType(name)
        module.forgotten = forgotten
        if file:
            module.__file__ = file
        sys.modules[name] = module
        exec(compile("\n" * 40 + "def drop(): forgotten()", "made.py", "exec"), module.__dict__)
    sys.modules["again"] = sys.modules["nowhere"]
    sys.modules["none"] = None
    sys.modules["text"] = "no module"


def records():
    seen, found = set(), []
    for name, module in list(sys.modules.items()):
        space = getattr(module, "__dict__", {})
        if id(space) in seen:
            continue
        seen.add(id(space))
        for key in space.get("__warningregistry__", ()):
            if isinstance(key, tuple) and len(key) == 3 and key[2]:
                found.append((name, getattr(module, "__file__", None), key[0], key[2]))
    return found


def main():
    warnings.simplefilter(sys.argv[1])
    warnings.showwarning = lambda *unused, **names: None
    sys.set_coroutine_origin_tracking_depth(int(sys.argv[2]))
    make_modules()
    drop_before()
    sys.modules["shop.orders"].drop()
    objects = resting_objects.objects()  # may warn, too
    shim.tell("ready", records=records(), objects=objects)
    while True:
        word = shim.read_word()
        if word != "drop":
            return
        drop_later()
        sys.modules["nowhere"].drop()
        shim.tell("dropped", records=records())


main()
