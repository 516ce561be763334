# SPDX-License-Identifier: MIT
"""Shapes of public bug reports: special methods, mocks and tests, loops that are not there."""
import contextlib

from . import case
from .common import swallow


@case
def async_len():
    # mistake: async_special_method
    class Box:
        async def __len__(self):
            return 0
    swallow(len, Box())


@case
def async_bool():
    # mistake: async_special_method
    class Box:
        async def __bool__(self):
            return False
    swallow(bool, Box())


@case
def async_str():
    # mistake: async_special_method
    class Box:
        async def __str__(self):
            return ""
    swallow(str, Box())


@case
def async_repr_in_f_string():
    # mistake: async_special_method
    class Box:
        async def __repr__(self):
            return ""
    swallow(lambda: f"{Box()!r}")


@case
def async_eq():
    # mistake: async_special_method
    class Box:
        async def __eq__(self, other):
            return False
    Box() == 1


@case
def async_contains():
    # mistake: async_special_method
    class Box:
        async def __contains__(self, item):
            return False
    1 in Box()


@case
def async_iter():
    # mistake: async_special_method
    class Box:
        async def __iter__(self):
            return iter(())
    swallow(list, Box())



@case
def async_enter():
    # mistake: async_special_method
    class Box:
        async def __enter__(self):
            return self

        def __exit__(self, *details):
            pass
    with Box():
        pass


@case
def async_exit():
    # mistake: async_special_method
    class Box:
        def __enter__(self):
            return self

        async def __exit__(self, *details):
            pass
    with Box():
        pass


@case
def async_del():
    # mistake: async_special_method
    class Box:
        async def __del__(self):
            pass
    Box()


@case
def async_setattr():
    # mistake: async_special_method
    class Box:
        async def __setattr__(self, name, value):
            pass
    Box().a = 1


@case
def async_setitem():
    # mistake: async_special_method
    class Box:
        async def __setitem__(self, name, value):
            pass
    Box()["a"] = 1


@case
def async_getattr():
    # ninousf in python/cpython#98665
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: use | -
    class Box:
        async def __getattr__(self, name):
            return Box()

    def use():
        Box().toto()  # made
    swallow(use)


@case
def async_getitem_used():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: use | -
    class Box:
        async def __getitem__(self, key):
            return 1

    def use():
        return Box()["a"] + 1
    swallow(use)


@case
def async_call_of_an_instance():
    # mistake: result_discarded
    class Notify:
        async def __call__(self, text):
            pass
    notify = Notify()
    notify("text")


@case
def async_descriptor():
    # mistake: result_discarded
    class Lazy:
        async def __get__(self, instance, owner):
            return 1

    class Box:
        value = Lazy()
    Box().value  # made


@case
def async_post_init():
    # mistake: async_special_method
    import dataclasses

    @dataclasses.dataclass
    class Box:
        value: int = 0

        async def __post_init__(self):
            pass
    Box()


@case
def async_init_subclass():
    # mistake: async_special_method
    class Base:
        async def __init_subclass__(cls):
            pass

    class Box(Base):
        pass


@case
def async_new():
    # mistake: async_special_method
    class Box:
        async def __new__(cls):
            return super().__new__(cls)
    Box()


@case
def aenter_of_a_plain_with():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: use | -
    class Session:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *details):
            pass

    def use():
        session = Session().__aenter__()  # made
        session.get("url")
    swallow(use)


@case
def context_manager_over_async():
    # mistake: used_as_value
    # cause: exception_unwinding | refcount
    # ended: use | - | __enter__ | _GeneratorContextManager.__enter__
    @contextlib.contextmanager
    async def opened():
        return 1

    def use():
        with opened():  # made
            pass
    swallow(use)
