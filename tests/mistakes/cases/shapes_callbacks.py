# SPDX-License-Identifier: MIT
"""Shapes of public bug reports: something calls an async function as a plain one, or is given its coroutine."""
import functools
import heapq
import itertools
import re

from . import case
from .common import fetch, swallow


@case
def method_overridden_by_async_one():
    # tornadomail#15, beeware/toga#2706
    # mistake: result_discarded
    # created: inferred
    class Service:
        """Calls its own hooks plainly."""

        def __init__(self):
            self.closed = False

        def close(self):
            self.closed = True

        def stop(self):
            self.close()

        def on_exit(self):
            pass

        def exit(self):
            self.on_exit()  # made

    class Remote(Service):
        async def on_exit(self):
            pass
    Remote().exit()


@case
def overridden_close_called_by_base():
    # FreeOpcUa/opcua-asyncio#198
    # mistake: result_discarded
    class Service:
        """Calls its own hooks plainly."""

        def __init__(self):
            self.closed = False

        def close(self):
            self.closed = True

        def stop(self):
            self.close()  # made

        def on_exit(self):
            pass

        def exit(self):
            self.on_exit()  # made

    class Remote(Service):
        async def close(self):
            pass
    Remote().stop()


@case
def handler_out_of_a_dict():
    # qwertyquerty/pypresence#233
    # mistake: async_callback
    async def on_event(data):
        pass
    handlers = {"event": on_event}

    def dispatch(name, data):
        handlers[name](data)
    dispatch("event", 1)


@case
def handler_by_get_of_a_dict():
    # mistake 3.8-3.10: async_callback
    # mistake: async_callback
    async def on_event(data):
        pass

    def dispatch(handlers, name, data):
        handler = handlers.get(name)
        if handler:
            handler(data)
    dispatch({"event": on_event}, "event", 1)


@case
def handler_by_getattr():
    # mistake 3.8-3.10: async_callback
    # mistake: async_callback
    class Plugin:
        async def on_load(self):
            pass

    def call(plugin, name):
        getattr(plugin, "on_" + name)()
    call(Plugin(), "load")


@case
def handler_in_an_attribute():
    # mistake 3.8-3.10: result_discarded
    # sander76 in prompt-toolkit/python-prompt-toolkit#759
    # mistake: async_callback
    class Button:
        def __init__(self, handler):
            self.handler = handler

        def press(self):
            if self.handler is not None:
                self.handler()
    Button(fetch).press()


@case
def handler_in_a_partial():
    # mistake 3.8-3.10: result_discarded
    # mistake: async_callback
    class Button:
        def __init__(self, command):
            self.command = command

        def press(self):
            self.command()
    Button(functools.partial(fetch, 1)).press()


@case
def handler_in_a_lambda():
    # mistake 3.8-3.10: result_discarded
    # ceccopierangiolieugenio/pyTermTk#310
    # mistake: returned_and_dropped
    class Button:
        def __init__(self, command):
            self.command = command

        def press(self):
            self.command()
    Button(lambda: fetch(1)).press()


@case
def listener_result_assigned():
    # mistake 3.8-3.10: async_callback
    # mistake: assigned_never_used
    # ended: emit
    # cause: frame_end
    def emit(listener):
        result = listener(1)
        return None
    emit(fetch)


@case
def listeners_results_in_a_list():
    # mistake 3.8-3.10: unknown
    # pallets-eco/blinker#17
    # mistake: kept_in_container
    def send(listeners):
        return [(listener, listener(1)) for listener in listeners]
    send([fetch])


@case
def predicate_of_a_filter():
    # mistake: tested_for_truth
    return [item for item in (1,) if (lambda check: check(item))(fetch)]


@case
def predicate_by_parameter():
    # mistake: tested_for_truth
    def allowed(check, user):
        if check(user):
            return True
    allowed(fetch, "ann")


@case
def validator_returns_what_it_got():
    # mistake: tested_for_truth
    def validate(validators, value):
        for validator in validators:
            if not validator(value):
                raise ValueError
    validate([fetch], 1)


@case
def map_by_an_async_function():
    # mistake: async_callback
    list(map(fetch, [1]))


@case
def map_in_a_loop():
    # mistake: async_callback
    # ended: run | -
    # cause: frame_end | refcount | unknown
    def run():
        for item in map(fetch, [1]):
            pass
    run()


@case
def reduce_by_an_async_function():
    # mistake: async_callback
    functools.reduce(fetch, [1, 2])


@case
def max_by_an_async_key():
    # mistake: async_callback
    max([1], key=fetch)


@case
def min_of_two_by_an_async_key():
    # mistake: async_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: - | pick
    def pick():
        return min([1, 2], key=fetch)
    swallow(pick)


@case
def sort_by_an_async_key():
    # mistake: async_callback
    items = [1]
    items.sort(key=fetch)


@case
def takewhile_by_an_async_predicate():
    # mistake: async_callback
    list(itertools.takewhile(fetch, [1]))


@case
def groupby_an_async_key():
    # cause: frame_end | refcount | unknown
    # ended: groupby_an_async_key | -
    # mistake: async_callback
    for key, group in itertools.groupby([1], fetch):
        pass


@case
def heapq_by_an_async_key():
    # mistake: async_callback
    # ended: nlargest | -
    # cause: frame_end | refcount | unknown
    heapq.nlargest(1, [1], key=fetch)


@case
def substitution_by_an_async_function():
    # mistake: async_callback
    # cause: exception_unwinding | refcount | unknown
    # ended: - | replace
    def replace():
        return re.sub("a", fetch, "a")
    swallow(replace)
