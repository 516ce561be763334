# SPDX-License-Identifier: MIT
"""Which call made the coroutine, where the names in front of its brackets have to prove it."""
from . import case


async def save(row):
    pass


def checked(function):
    def run(*arguments):
        return function(*arguments)  # made
    run.__name__ = function.__name__
    return run


@checked
async def store(row):
    pass


class Base:
    async def refresh(self):
        pass


class Log(Base):
    async def record(self, text):
        pass


class Guard:
    """A plain method of the same name before the async one."""

    def __init__(self, log):
        self.log = log

    def record(self, text):
        return self.log.record(text)  # made


LOG = Log()


class Orders:
    def __init__(self):
        self.log = Log()
        self.guard = Guard(self.log)

    async def note(self):
        pass

    def by_self(self):
        self.note()  # made

    def by_attribute(self):
        self.log.record("x")  # made

    def by_the_guard(self):
        self.guard.record("x")

    def of_a_base(self):
        self.log.refresh()  # made

    def to_the_end(self):
        noted = self.note()  # made
        return bool(self)


@case
def by_a_global_function():
    # mistake: result_discarded
    # created 3.8-3.10: inferred
    # created: inferred
    save(1)  # made


@case
def by_a_global_object():
    # mistake: result_discarded
    # created 3.8-3.10: inferred
    # created: inferred
    LOG.record("x")  # made


@case
def by_a_variable():
    # mistake: used_as_value
    # created 3.8-3.10: inferred
    # created: inferred
    # cause: exception_unwinding | refcount | unknown
    # ended: -
    log = Log()
    try:
        log.record("x").text  # made
    except AttributeError:
        pass


@case
def by_self():
    # mistake: result_discarded
    # created 3.8-3.10: inferred
    # created: inferred
    Orders().by_self()


@case
def by_an_attribute_of_self():
    # mistake: result_discarded
    # created 3.8-3.10: inferred
    # created: inferred
    Orders().by_attribute()


@case
def of_a_base_class():
    # mistake: result_discarded
    # created 3.8-3.10: inferred
    # created: inferred
    Orders().of_a_base()


@case
def at_the_end_of_a_function():
    # mistake: assigned_never_used
    # created 3.8-3.10: inferred
    # created: inferred
    # cause: frame_end
    # ended: caller
    def caller():
        row = save(1)  # made
        return 0
    caller()


@case
def by_a_method_at_its_end():
    # Up to 3.10 self is gone when the end of the function drops it.
    # mistake: assigned_never_used
    # created: inferred
    # cause: frame_end
    # ended 3.8-3.10: to_the_end
    # ended: Orders.to_the_end
    Orders().to_the_end()


@case
def by_a_wrapper_of_the_same_name():
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    # created: unknown
    store(1)


@case
def by_a_plain_method_of_the_same_name():
    # mistake 3.8-3.10: result_discarded
    # mistake: returned_and_dropped
    # created: unknown
    Orders().by_the_guard()
