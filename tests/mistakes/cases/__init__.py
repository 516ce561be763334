# SPDX-License-Identifier: MIT
"""The corpus: small programs with one mistake each, in files by kind.

What corotrace is to say stands in comments inside each case:
    # mistake: ID                 or ID | ID, if evidence that differs between builds may lead to either
    # mistake 3.8-3.10: ID        for these versions instead; so for the other keys
    # created: inferred           the creation line has to be reported (from 3.11 on); "unknown": must not be
    # fix: CODE                   "-" for none
    # advice: WORDS               "-" for none
    # cause: CAUSE                "unknown" for none; without this line: refcount, or unknown
    # fix with origin: CODE       where the interpreter notes the creating lines too: such a case is run again with these
    # ended: FUNCTION             that is reported as having just ended; "-" for none, as without this line
The line that makes the coroutine ends with "# made". A line that is reported as created must be that one, or one in
../site-packages/relay that ends so: a library of ours, where the rules look for libraries.
"""
import importlib
import sys

FILES = ("discarded", "tested", "used", "passed", "kept", "returned", "scheduled", "raised", "special", "traps",
         "ended", "reports", "shapes_values", "shapes_more_values", "shapes_awaits", "shapes_pairs",
         "shapes_expressions", "shapes_control_flow", "shapes_match", "shapes_names", "shapes_arguments",
         "shapes_callbacks", "shapes_more_callbacks", "shapes_dispatch", "shapes_registered", "shapes_hooks",
         "shapes_from_c", "shapes_special", "shapes_methods", "shapes_classes", "shapes_mocks_and_loops",
         "shapes_loops", "shapes_libraries", "shapes_more_libraries", "shapes_clients", "shapes_frameworks",
         "shapes_projects", "shapes_helpers", "shapes_wrapped", "shapes_paths",
         "shapes_siblings", "shapes_places", "shapes_more_classes", "shapes_of_a_library", "shapes_timers",
         "shapes_services", "shapes_objects", "shapes_tests", "shapes_handlers",
         "shapes_repositories", "shapes_streams", "shapes_waiting",
         "shapes_bots", "shapes_observers", "shapes_slots", "shapes_modules", "creations", "shapes_incidents",
         "shapes_standard_library", "shapes_answers", "shapes_two_at_once", "shapes_results")
SINCE = {"shapes_match": (3, 10)}  # files that older versions cannot compile
FOUND = []
MISSING = []  # cases whose library this interpreter has not


def case(function=None, since=(3, 8), until=(3, 99), needs=None):
    """Takes a function into the corpus, for interpreters from `since` on and before `until` that can import `needs`."""
    if function is None:
        return lambda later: case(later, since, until, needs)
    if not since <= sys.version_info < until:
        return function
    try:
        if needs:
            importlib.import_module(needs)
    except Exception:  # a library for other versions may fail in any way
        MISSING.append(function.__name__)
        return function
    FOUND.append((function.__module__.rsplit(".", 1)[-1], function))
    return function


def load():
    for name in FILES:
        if sys.version_info >= SINCE.get(name, (3, 8)):
            importlib.import_module("cases." + name)
    return FOUND
