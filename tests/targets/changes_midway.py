# SPDX-License-Identifier: MIT
"""Drops a coroutine at one place, again and again; meanwhile changes its filters of warnings, and the text of the
line that drops it."""
import os
import tempfile
import warnings

import shim

TEXT = """
async def forgotten():
    pass

def drop():
    forgotten(){}
"""


def write(path, comment):
    """As an editor does: another file takes the name."""
    with open(path + "~", "w") as file:
        file.write(TEXT.format(comment))
    os.rename(path + "~", path)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "edited.py")
        write(path, "")
        module = {}
        exec(compile(TEXT.format(""), path, "exec"), module)
        warnings.simplefilter("ignore")
        shim.ready(path=path)
        while True:
            module["drop"]()
            shim.tell("dropped")
            word = shim.read_word()
            if word == "end":
                return
            if word == "filter":
                warnings.resetwarnings()
                warnings.simplefilter("always")
            elif word == "edit":
                write(path, "  # edited")


main()
