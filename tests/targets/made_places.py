# SPDX-License-Identifier: MIT
"""As many places that forget a coroutine as a test wants."""
import os


def make_places(number, folder, function, arguments=""):
    """Functions place_0, place_1, ... that call `function`. In a file, for what has none is no code of the program's
    own."""
    path = os.path.join(folder, "places.py")
    call = "%s(%s)" % (function.__name__, arguments)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join("def place_%d():\n    %s\n\n\n" % (i, call) for i in range(number)))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    space = {function.__name__: function}
    exec(compile(text, path, "exec"), space)
    return [space["place_%d" % i] for i in range(number)]
